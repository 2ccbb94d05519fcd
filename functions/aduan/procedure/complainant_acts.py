"""What the complainant's messages, and WhatsApp's word about ours, do to a complaint."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from aduan.procedure.acts import AddMessage, Delivered, Discard, Draft, SendFailed, Submit
from aduan.procedure.alarms import resume
from aduan.procedure.complaint import Status
from aduan.procedure.course import By, Course
from aduan.procedure.effects import AlertReason
from aduan.procedure.errors import NotNow
from aduan.procedure.events import EventType
from aduan.procedure.roles import reachable
from aduan.procedure.staff_acts import submit

_A_SECOND = timedelta(seconds=1)
"""WhatsApp gives whole seconds: a reply in the second of its question is not older than it."""


def _draft(course: Course, act: Draft) -> None:
    _only_a_draft(course)
    more = {"messages": course.complaint.messages + 1, "identifiers": act.identifiers}
    course.record(EventType.MESSAGE_ADDED, changes={"form": dict(act.form), "asking": act.asking, **more})


def _submit(course: Course, act: Submit) -> None:
    _only_a_draft(course)
    more = {"messages": course.complaint.messages + 1, "identifiers": act.identifiers}
    submit(course, dict(act.form), more)


def _discard(course: Course, _: Discard) -> None:
    _only_a_draft(course)
    course.leave(EventType.DISMISSED, changes={"messages": course.complaint.messages + 1})


def _only_a_draft(course: Course) -> None:
    if course.complaint.status is not Status.DRAFT:
        raise NotNow("Aduan ini sudah terdaftar.")


def _add_message(course: Course, act: AddMessage) -> None:
    """Further messages change nothing else, but that one ends a wait for the complainant.

    Not so a message that was written before the question, and only arrives now: it is no reply.
    """
    complaint = course.complaint
    if complaint.status is Status.CLOSED:
        raise NotNow("Aduan ini sudah selesai.")
    more = {"messages": complaint.messages + 1, "unread": complaint.unread + 1}
    course.record(EventType.MESSAGE_ADDED, changes=more)
    written = (act.at or course.now) + _A_SECOND
    if complaint.wait is None or written >= complaint.wait.since:
        resume(course, course.by)


def _delivered(course: Course, act: Delivered) -> None:
    """IKMT-PIAK-01-06, step 8. Late or not is judged by when it was delivered, not by when we heard of it."""
    complaint = course.complaint
    if not _is_awaited(course, act.text_sha256):
        return
    course.breach_if_late(act.at)
    arrived = {
        "step": None,
        "rung_at": None,
        "delivered_at": act.at,
        "send_failed": False,
        "holder": None,
        "holder_as": None,
        "holder_role": course.procedure.approval.at_least,
        "due_at": complaint.approval_at,
        "breaches": course.ended_breaches(complaint.entry, at=act.at),
    }
    course.record(EventType.DELIVERED, changes=arrived)
    if course.complaint.approved is not None:
        course.record(EventType.CLOSED, By(), changes=course.closing())


def _send_failed(course: Course, act: SendFailed) -> None:
    complaint = course.complaint
    newest = complaint.sending == act.sending
    if complaint.send_failed or not newest or not _is_awaited(course, act.text_sha256):
        return
    course.record(EventType.SEND_FAILED, By(), note=act.reason, changes={"send_failed": True})
    course.tell(reachable((course.step.holder_role,), course.vacant), AlertReason.SEND_FAILED)


def _is_awaited(course: Course, text_sha256: str) -> bool:
    """Whether this very answer is on its way: news of one that was refused or delivered before is old."""
    complaint = course.complaint
    same = complaint.answer is not None and complaint.answer.sha256 == text_sha256
    return same and complaint.status is Status.ANSWERED and complaint.delivered_at is None


PERFORM: Mapping[type, Callable[[Course, Any], None]] = MappingProxyType(
    {
        Draft: _draft,
        Submit: _submit,
        Discard: _discard,
        AddMessage: _add_message,
        Delivered: _delivered,
        SendFailed: _send_failed,
    }
)

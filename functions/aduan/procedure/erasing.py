"""What is personal goes, and the record stays: that something happened, when, at which step, by whose act.

The event that tells of it is the last of its complaint. UU 27/2022; the terms are the office's (`procedure.toml`).
"""

from aduan.procedure.acts import Erase
from aduan.procedure.alarms import WHOLE
from aduan.procedure.complaint import Status
from aduan.procedure.course import By, Course
from aduan.procedure.events import EventType
from aduan.procedure.personal import ERASED


def erase(course: Course, act: Erase) -> None:
    """Erase a complaint; what still runs is ended first, and says so. Nothing happens where it is not due, or done."""
    complaint = course.complaint
    if complaint.erased_at is not None or not (act.asked or _is_due(course)):
        return
    course.by = By()
    if complaint.status is Status.DRAFT:
        course.leave(EventType.DISMISSED)
    elif complaint.status is not Status.CLOSED:
        _withdraw(course)
    gone = {"citizen": ERASED, "identifiers": (), "asking": None, "erase_at": None, "erased_at": course.now}
    course.record(EventType.ERASED, changes=gone)


def _is_due(course: Course) -> bool:
    at = course.complaint.erase_at
    return at is not None and at <= course.now


def _withdraw(course: Course) -> None:
    """Nobody works on for somebody who is gone; what was late until then stays late."""
    course.breach_if_late(course.now)
    ended = course.ended_breaches(course.complaint.entry, WHOLE)
    idle = {"wait": None, "data_check": None, "breaches": ended}
    course.record(EventType.WITHDRAWN, changes={**course.closing(), **idle})

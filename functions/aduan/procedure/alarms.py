"""What happens when time is up: one function for each kind of alarm, each told once.

IKMT-PIAK-01-06 gives the minutes; what their end brings about is in the procedure file, marked as the
office's to confirm.
"""

from datetime import datetime

from aduan.procedure.complaint import Alarm, AlarmKind, Changes, Complaint, Status
from aduan.procedure.course import Course
from aduan.procedure.definition import Overrun
from aduan.procedure.effects import AlertReason, NoticeReason, TellComplainant
from aduan.procedure.events import EventType
from aduan.procedure.notes import alert_note, escalation_note
from aduan.procedure.roles import Role, reachable

WHOLE = 0
"""The step entry under which the breach of the whole complaint's time is kept; entries count from 1."""


def ring(course: Course) -> None:
    """Everything that is due by now, the earliest first, each followed by what it makes due: the program's own acts."""
    while (alarm := course.complaint.alarm) is not None and alarm.at <= course.now:
        _RINGS[alarm.kind](course, alarm)


def is_stale(complaint: Complaint, alarm: Alarm | None) -> bool:
    """Whether an alarm speaks of a step that is over: it changes nothing. The sweep's look has no alarm."""
    if alarm is None or alarm.kind is not AlarmKind.RUNG:
        return False
    return complaint.step is None or alarm.entry != complaint.entry


def _wait_limit(course: Course, _: Alarm) -> None:
    resume(course, note="Batas waktu tunggu pemohon habis.")


def _rung(course: Course, alarm: Alarm) -> None:
    overrun = course.step.overrun
    if overrun.remind_complainant:
        course.record(EventType.REMINDED, changes={"rung": alarm.rung, "rung_at": None})
        course.effects.append(TellComplainant(reason=NoticeReason.INCOMPLETE))
    elif overrun.escalate_to is not None:
        _escalate(course, overrun.escalate_to)
    elif alarm.rung <= len(overrun.rungs):
        _tell_rung(course, alarm, overrun)
    else:
        _list_daily(course, overrun.daily, "rung_at")


def _escalate(course: Course, target: str) -> None:
    complaint, step = course.complaint, course.step
    course.breach_if_standing()
    onward = course.procedure.coded(target)
    told = reachable((onward.holder_role,), course.vacant)
    ended = course.ended_breaches(complaint.entry, of=course.told_breaches(complaint.entry, 1, told))
    moved = {**course.entering(onward), "by_escalation": True, "breaches": ended}
    course.record(EventType.ESCALATED, note=escalation_note(course.procedure, complaint, step), changes=moved)
    if onward.holder_role not in course.vacant:  # else the next rung up is told, once, that nobody is there
        course.tell(told, AlertReason.ESCALATED)
    course.tell_if_vacant()


def _tell_rung(course: Course, alarm: Alarm, overrun: Overrun) -> None:
    complaint = course.complaint
    course.breach_if_standing()
    told = reachable(overrun.rungs[alarm.rung - 1], course.vacant)
    course.tell(told, AlertReason.STEP_LATE)
    changes = {
        "rung": alarm.rung,
        "rung_at": _next_rung_at(course, alarm, overrun),
        "daily": complaint.daily or (alarm.rung == len(overrun.rungs) and bool(overrun.daily)),
        "breaches": course.told_breaches(complaint.entry, alarm.rung, told),
    }
    course.record(EventType.ALERTED, note=alert_note(course.procedure, AlertReason.STEP_LATE, told), changes=changes)


def _next_rung_at(course: Course, alarm: Alarm, overrun: Overrun) -> datetime | None:
    if alarm.rung < len(overrun.rungs):
        return course.after_minutes(alarm.at, course.step.standard.minutes)
    return course.clock.next_opening(course.now) if overrun.daily else None


def _list_daily(course: Course, told: tuple[Role, ...], alarm_field: str, **changes: object) -> None:
    """After the last rung, once each service day when the office opens, until it moves."""
    told = reachable(told, course.vacant)
    course.tell(told, AlertReason.STILL_STANDING)
    note = alert_note(course.procedure, AlertReason.STILL_STANDING, told)
    again = {alarm_field: course.clock.next_opening(course.now), **changes}
    course.record(EventType.REMINDED, note=note, changes=again)


def _total(course: Course, alarm: Alarm) -> None:
    told = reachable(course.procedure.total.alert, course.vacant)
    course.breach(None, WHOLE, alarm.at)
    course.tell(told, AlertReason.TOTAL_LATE)
    changes = {"total_at": None, "breaches": course.told_breaches(WHOLE, 1, told)}
    course.record(EventType.ALERTED, note=alert_note(course.procedure, AlertReason.TOTAL_LATE, told), changes=changes)


def _approval(course: Course, alarm: Alarm) -> None:
    """A reminder, not a breach: the instruction gives approval no minutes."""
    approval = course.procedure.approval
    if alarm.rung > len(approval.reminders):
        opening = course.clock.next_opening(course.now)
        _list_daily(course, approval.daily, "approval_at", **_shown(course, opening))
        return
    told = reachable(approval.reminders[alarm.rung - 1], course.vacant)
    course.tell(told, AlertReason.APPROVAL_WAITING)
    last = alarm.rung == len(approval.reminders)
    at = course.clock.next_opening(course.now) if last else course.after_minutes(alarm.at, approval.minutes)
    changes = {"approval_rung": alarm.rung, "approval_at": at, "daily": last, **_shown(course, at)}
    note = alert_note(course.procedure, AlertReason.APPROVAL_WAITING, told)
    course.record(EventType.REMINDED, note=note, changes=changes)


def _shown(course: Course, at: datetime) -> Changes:
    """Between delivery and approval no step runs, and the deadline shown is the next reminder."""
    return {"due_at": at} if course.complaint.step is None else {}


def resume(course: Course, note: str | None = None) -> None:
    """End a wait: each budget that was running gets back what it had left. Does nothing where none runs.

    A wait is over at its limit, however late that is noticed: the clocks go on from there.
    """
    complaint, wait = course.complaint, course.complaint.wait
    if wait is None:
        return
    clock, over = course.clock, min(course.now, wait.limit_at)
    given_back: Changes = {
        "status": Status.OPEN,
        "wait": None,
        "waited": complaint.waited + clock.used(wait.since, over),
        "due_at": clock.due(over, wait.step_left) if wait.step_left is not None else wait.due_at,
        "rung_at": clock.due(over, wait.rung_left) if wait.rung_left is not None else None,
    }
    if complaint.daily:
        given_back["rung_at"] = clock.next_opening(over)
    if wait.total_left is not None:
        given_back["total_at"] = given_back["total_due_at"] = clock.due(over, wait.total_left)
    course.record(EventType.RESUMED, note=note, changes=given_back)


_RINGS = {
    AlarmKind.WAIT_LIMIT: _wait_limit,
    AlarmKind.RUNG: _rung,
    AlarmKind.TOTAL: _total,
    AlarmKind.APPROVAL: _approval,
}

"""What each act of staff does, once it is permitted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aduan.procedure.acts import StaffAct
from aduan.procedure.alarms import WHOLE, resume
from aduan.procedure.complaint import Answer, Approved, Changes, DataCheck, Status, Wait
from aduan.procedure.course import By, Course
from aduan.procedure.definition import ActName, ApprovalMoment
from aduan.procedure.effects import AlertReason, NoticeReason, SendAnswer, TellComplainant
from aduan.procedure.errors import NotNow, WrongField
from aduan.procedure.events import EventType
from aduan.procedure.roles import Role


def register(course: Course, act: StaffAct) -> None:
    """IKMT-PIAK-01-06, step 1: in the citizen's name."""
    form = {**course.complaint.form, "description": _given(act.description), "service": _given(act.category)}
    submit(course, form, {})


def submit(course: Course, form: dict[str, str], changes: Changes) -> None:
    """The complaint gets its number, its unit, and the whole instruction's time to be answered in."""
    service = course.procedure.service(form["service"])
    if service is None:
        raise WrongField({"service": "Layanan ini tidak dikenal. Pilih dari daftar."})
    complaint = course.complaint
    total = course.after_minutes(complaint.started_at, course.procedure.total.minutes)
    submitted: Changes = {
        "status": Status.OPEN,
        "number": f"ADU-{complaint.id}",
        "form": form,
        "asking": None,
        "category": service.code,
        "unit": service.unit,
        "total_due_at": total,
        "total_at": total,
    }
    course.leave(EventType.SUBMITTED, changes={**submitted, **changes})
    course.effects.append(TellComplainant(reason=NoticeReason.REGISTERED))


def dismiss(course: Course, act: StaffAct) -> None:
    """A draft that is no complaint: a thank-you, spam, a wrong number."""
    course.leave(EventType.DISMISSED, note=act.note)


def hand_on(course: Course, act: StaffAct) -> None:
    """IKMT-PIAK-01-06, steps 2 to 4: received; forwarded, 'jika tidak terselesaikan'; or verified."""
    _walk(course, course.step.ways(act.name), act.note)


def respond(course: Course, act: StaffAct) -> None:
    """IKMT-PIAK-01-06, steps 5 and 6: the result goes to the Admin WA, approved by whoever gave it."""
    answer = _written(course, act)
    changes = {"answer": answer, "approved": _approved_by_act(course, answer)}
    _walk(course, course.step.ways(act.name), act.note, changes)


def settle(course: Course, act: StaffAct) -> None:
    """IKMT-PIAK-01-06, step 3: 'jika dapat diselesaikan oleh Admin langsung membalas'."""
    answer = _written(course, act)
    approved = _approved_by_act(course, answer)
    if approved is None and course.procedure.approval.when is ApprovalMoment.BEFORE_SENDING:
        proposed: Changes = {"answer": answer, "approved": None}
        _walk(course, course.step.ways(ActName.FORWARD), act.note, proposed)
        return
    *before, _ = course.step.ways(act.name)
    _walk(course, before, act.note)
    _hand_over_for_sending(course, answer, approved)


def answer(course: Course, act: StaffAct) -> None:
    """IKMT-PIAK-01-06, step 7. What was approved stays approved as long as its text does."""
    _take_up(course)
    written, proposed = _written(course, act), course.complaint.answer
    if proposed is not None and proposed.sha256 == written.sha256 and course.complaint.approved is not None:
        _hand_over_for_sending(course, proposed, course.complaint.approved)
        return
    approved = _approved_by_act(course, written)
    if approved is None and course.procedure.approval.when is ApprovalMoment.BEFORE_SENDING:
        raise NotNow("Jawaban harus sama dengan yang disetujui. Pejabat yang menyetujui dapat mengubahnya.")
    _hand_over_for_sending(course, written, approved)


def _hand_over_for_sending(course: Course, written: Answer, approved: Approved | None) -> None:
    """The step ends with the act; the sending follows. A missing approval is waited for from here on."""
    complaint = course.complaint
    if complaint.total_at is not None and course.now > complaint.total_at:
        course.breach(None, WHOLE, complaint.total_at)
    approval = course.procedure.approval
    changes: Changes = {
        **course.read,
        "status": Status.ANSWERED,
        "answer": written,
        "answered_at": course.now,
        "sending": complaint.sending + 1,
        "send_failed": False,
        "delivered_at": None,
        "approved": approved,
        "approval_rung": 0,
        "approval_at": None if approved else course.after_minutes(course.now, approval.minutes),
        "total_at": None,
    }
    course.leave(EventType.ANSWERED, changes=changes, ends=(WHOLE,))
    _send(course, written)


def _send(course: Course, written: Answer) -> None:
    sending = course.complaint.sending
    course.effects.append(SendAnswer(text=written.text, text_sha256=written.sha256, sending=sending))


def resend(course: Course, _: StaffAct) -> None:
    """A new handing-over; an earlier one that has not left yet is superseded by it."""
    written = course.complaint.answer
    if written is None:
        raise NotNow("Belum ada jawaban yang bisa dikirim ulang.")
    course.breach_if_late(course.now)
    again: Changes = {**course.read, "sending": course.complaint.sending + 1, "send_failed": False}
    course.record(EventType.ANSWERED, note="Jawaban dikirim ulang.", changes=again)
    _send(course, written)


def approve(course: Course, _: StaffAct) -> None:
    """IKMT-PIAK-01-06: 'Penyelesaian pengaduan pelayanan harus disetujui oleh minimal Kepala Seksi'."""
    written = course.complaint.answer
    if written is None:
        raise NotNow("Belum ada jawaban yang bisa disetujui.")
    approved = _approved_by_act(course, written)
    course.record(EventType.APPROVED, changes={"approved": approved, "approval_at": None, "daily": False})
    if course.complaint.delivered_at is not None:
        course.record(EventType.CLOSED, By(), changes=course.closing())


def refuse(course: Course, act: StaffAct) -> None:
    """Back to verification; the citizen is told that a corrected answer follows."""
    complaint, now = course.complaint, course.now
    if complaint.step is not None:
        course.breach_if_late(now)
    step = course.procedure.coded(course.procedure.approval.refused_to)
    total = complaint.total_due_at
    back: Changes = {
        **course.entering(step),
        "status": Status.OPEN,
        "approval_at": None,
        "answered_at": None,
        "delivered_at": None,
        "send_failed": False,
        "total_at": total if total is not None and total > now else None,  # in time once is not late for good
        "breaches": course.ended_breaches(complaint.entry),
    }
    course.record(EventType.REFUSED, note=act.note, changes=back)
    course.effects.append(TellComplainant(reason=NoticeReason.CORRECTION_FOLLOWS))
    course.tell_if_vacant()


def ask_complainant(course: Course, act: StaffAct) -> None:
    """The step's clock, and the whole complaint's, stand still until the reply, the holder, or the limit."""
    _take_up(course)
    complaint, clock, now = course.complaint, course.clock, course.now
    limit = clock.minutes(course.procedure.waiting.minutes) - complaint.waited
    if limit.total_seconds() <= 0 or complaint.due_at is None:
        raise NotNow("Waktu tunggu untuk pemohon pada aduan ini sudah habis.")
    wait = Wait(
        since=now,
        question=_given(act.question),
        limit_at=clock.due(now, limit),
        due_at=complaint.due_at,
        step_left=_left(course, complaint.due_at),
        rung_left=clock.used(now, complaint.rung_at) if complaint.rung_at else None,
        total_left=_left(course, complaint.total_at),
    )
    still: Changes = {"due_at": None, "rung_at": None, "status": Status.WAITING, "wait": wait}
    if wait.total_left is not None:  # else it is up already, and rings whether the complaint waits or not
        still["total_at"] = None
    changes = {**_in_hand(course), **still}
    course.record(EventType.WAITING, note=act.question, changes=changes)
    course.effects.append(TellComplainant(reason=NoticeReason.QUESTION, text=wait.question))


def _left(course: Course, at: datetime | None) -> timedelta | None:
    """What is left of the time up to `at`; None where it was up before now."""
    return course.clock.used(course.now, at) if at is not None and at >= course.now else None


def ask_database_admin(course: Course, act: StaffAct) -> None:
    """The ADB is asked for a data check; the step's clock runs on."""
    _take_up(course)
    if course.complaint.data_check is not None:
        raise NotNow("Cek data sudah diminta dan belum dijawab.")
    check = DataCheck(asked_by=course.by.actor, at=course.now)
    changes = {**_in_hand(course), "data_check": check}
    course.record(EventType.DATA_CHECK_ASKED, note=act.note, changes=changes)
    course.tell((Role.DATABASE_ADMIN,), AlertReason.DATA_CHECK)


def reply_data_check(course: Course, act: StaffAct) -> None:
    """The ADB's answer is a note in the record."""
    course.record(EventType.DATA_CHECK_ANSWERED, note=act.note, changes={"data_check": None})


def take_over(course: Course, act: StaffAct) -> None:
    """The step goes on in other hands, at the same desk and with the same deadline."""
    course.breach_if_late(course.now)
    course.record(EventType.TAKEN_OVER, note=act.note, changes=_in_hand(course))


def _take_up(course: Course) -> None:
    """An act of the holder ends a wait, and notices that it is late where no check did."""
    resume(course)
    course.breach_if_late(course.now)


def _walk(course: Course, ways: Sequence[EventType], note: str | None, last: Changes | None = None) -> None:
    """Pass the steps that one act completes, each entered, completed and timed.

    The note stands at the last of them, where the work is handed over.
    """
    _take_up(course)
    for way in ways:
        is_last = way is ways[-1]
        changes = {**course.read, **(last or {})} if is_last else course.read
        course.leave(way, note=note if is_last else None, changes=changes)


def _in_hand(course: Course) -> Changes:
    return {**course.read, "holder": course.by.actor, "holder_as": course.by.role}


def _written(course: Course, act: StaffAct) -> Answer:
    return Answer.written(_given(act.answer), course.by.actor, _role(course))


def _approved_by_act(course: Course, written: Answer) -> Approved | None:
    """Whoever is of the approving rank, or above, approves what they hand over themselves."""
    role = _role(course)
    if not course.procedure.approval.is_given_by(role):
        return None
    return Approved(email=course.by.actor, role=role, at=course.now, text_sha256=written.sha256)


def _role(course: Course) -> Role:
    if course.by.role is None:
        raise LookupError("an act of staff is done in a role")
    return course.by.role


def _given(value: str | None) -> str:
    if value is None:
        raise LookupError("the act's form asks for this field")
    return value

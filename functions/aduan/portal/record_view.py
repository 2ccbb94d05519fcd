"""The record as people read it: how long each step took, what happened, what was said."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from aduan.portal.file_view import FileView, file_view
from aduan.portal.names import ATTACHMENTS, DELIVERY, EVENTS
from aduan.portal.office import Office, People
from aduan.procedure.complaint import Breach, Complaint, Status
from aduan.procedure.events import Event, EventType
from aduan.service.channel import Template
from aduan.service.model import OUTBOUND, Conversation, Message, OutboxRow

_NEWEST = 3


@dataclass(frozen=True)
class Stay:
    """One entry into a step: from when to when, who ended it, and how long it stood still for the complainant."""

    step: int
    entry: int
    since: datetime
    until: datetime | None = None
    ended_by: Event | None = None
    stood_still: float = 0.0  # minutes


@dataclass(frozen=True)
class StepRow:
    """One line of all steps: a stay, or a step where the complaint has not been."""

    number: int
    name: str
    budget: int
    used: int | None
    who: str
    state: str  # 'done', 'now', or where it has not been: 'passed' by, or 'ahead'
    is_late: bool = False
    again: bool = False


@dataclass(frozen=True)
class Happening:
    """One event in words."""

    seq: int
    at: datetime
    what: str
    who: str
    step: int | None
    note: str | None


@dataclass(frozen=True)
class Said:
    """One message of the conversation."""

    at: datetime
    from_citizen: bool
    text: str
    state: str = ""
    is_new: bool = False
    failed: bool = False
    file: FileView | None = None


def stays(office: Office, complaint: Complaint, events: Sequence[Event], *, is_whole: bool = True) -> list[Stay]:
    """The steps as they were entered and left, read off the record; `is_whole`: from its beginning."""
    first = Stay(office.workflow.procedure.first.number, 1, complaint.started_at)
    current: Stay | None = first if is_whole else None
    ended: list[Stay] = []
    waiting_since: datetime | None = None
    for event in events:
        if event.type is EventType.WAITING:
            waiting_since = event.at
        elif event.type is EventType.RESUMED and waiting_since and current:
            still = office.minutes(waiting_since, event.at)
            current, waiting_since = replace(current, stood_still=current.stood_still + still), None
        onward = _onward(event, current)
        if current and onward is not current:
            until = event.changes.get("delivered_at") or event.at
            ended.append(replace(current, until=until, ended_by=event))
        current = onward
    return [*ended, current] if current else ended


def _onward(event: Event, current: Stay | None) -> Stay | None:
    """Where the complaint stands after an event: on in the same stay, in the next one, or at no step."""
    step = event.changes.get("step", current.step if current else None)
    entry = event.changes.get("entry", current.entry if current else 0)
    if step is None:
        return None
    if current and entry == current.entry:
        return current
    return Stay(step, entry, event.changes["entered_at"])


def step_rows(
    office: Office,
    complaint: Complaint,
    events: Sequence[Event],
    people: People,
    now: datetime,
    *,
    is_whole: bool = True,
) -> list[StepRow]:
    """The instruction's table with this complaint's times in it."""
    been = stays(office, complaint, events, is_whole=is_whole)
    rows: list[StepRow] = []
    for step in office.workflow.procedure.steps:
        here = [stay for stay in been if stay.step == step.number]
        rows += [_row(office, complaint, stay, people, now, again=stay is not here[0]) for stay in here]
        if not here:
            furthest = max((stay.step for stay in been), default=0)
            over = complaint.status is Status.CLOSED or step.number < furthest
            rows.append(StepRow(step.number, step.name, step.standard.minutes, None, "", "passed" if over else "ahead"))
    return rows


def _row(office: Office, complaint: Complaint, stay: Stay, people: People, now: datetime, *, again: bool) -> StepRow:
    step = office.workflow.procedure.step(stay.step)
    until = stay.until or (complaint.wait.since if complaint.wait else now)
    overdue = stay.until is None and complaint.due_at is not None and now > complaint.due_at
    may_be_late = not step.overrun.remind_complainant
    return StepRow(
        number=step.number,
        name=step.name,
        budget=step.standard.minutes,
        used=round(max(0.0, office.minutes(stay.since, until) - stay.stood_still)),
        who=_who(stay, complaint, people),
        state="now" if stay.until is None else "done",
        is_late=may_be_late and (overdue or any(breach.entry == stay.entry for breach in complaint.breaches)),
        again=again,
    )


def _who(stay: Stay, complaint: Complaint, people: People) -> str:
    if stay.ended_by is not None:
        return people.name(stay.ended_by.actor)
    return people.name(complaint.holder) if complaint.holder else ""


def happenings(events: Iterable[Event], people: People) -> list[Happening]:
    """The record, the newest first."""
    told = [Happening(e.seq, e.at, EVENTS[e.type], people.with_role(e.actor, e.role), e.step, e.note) for e in events]
    return told[::-1]


def since_version(events: Sequence[Event], typed: object) -> Sequence[Event]:
    """What happened after the complaint had this version, as it was typed; the newest few where it never had it."""
    known = [index for index, event in enumerate(events) if str(event.changes.get("version")) == str(typed)]
    return events[known[-1] + 1 :] if known else events[-_NEWEST:]


def conversation(talk: Conversation, unread_since: AbstractSet[datetime], address: str) -> list[Said]:
    """What was said, oldest first, at a complaint's `address`. What came at one of these times is new."""
    heard = [_heard(message, address, is_new=message.received_at in unread_since) for message in talk.inbound]
    return sorted([*heard, *map(_told, talk.outbound)], key=lambda said: said.at)


def _heard(message: Message, address: str, *, is_new: bool) -> Said:
    """Its words; a file speaks for itself, and without one the kind of the message is named."""
    file = file_view(message, address)
    kind = None if file else ATTACHMENTS.get(message.kind)
    parts = [part for part in (kind, message.text) if part]
    text = "\n".join(parts) or ("" if file else "pesan kosong")
    return Said(message.at, from_citizen=True, text=text, is_new=is_new, file=file)


def _told(row: OutboxRow) -> Said:
    message = OUTBOUND.validate_json(row.message)
    text = "\n".join(message.parameters) or message.name if isinstance(message, Template) else message.body
    state = DELIVERY[row.state]
    return Said(row.created_at, from_citizen=False, text=text, state=state, failed=state == "gagal")


def breach_name(office: Office, breach: Breach) -> str:
    """Which time ran over."""
    return office.step(breach.step) if breach.step is not None else "Total waktu instruksi"

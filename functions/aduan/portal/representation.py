"""What the portal says as JSON, each field by the contract's name for it.

The shapes are types: what is written here is held to them where it is made, and `infra.openapi` describes them.
"""

from datetime import UTC, datetime
from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # pydantic reads the library's own from Python 3.12 on

from aduan.portal.addresses import draft_address
from aduan.procedure.complaint import Approved, Breach, Complaint, Status
from aduan.procedure.events import Event, EventType
from aduan.procedure.roles import Role
from aduan.service.case_files import continues_before
from aduan.service.masking import masked, summary
from aduan.service.ports import Page

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601 in UTC, as '2026-11-24T07:05:00Z'."""

_WHOLE = with_config(ConfigDict(extra="forbid"))
"""Nothing stands in an answer that its shape does not name."""


@_WHOLE
class ApprovalJson(TypedDict):
    """Who approved which text."""

    email: str
    role: Role
    at: Moment
    text_sha256: str


@_WHOLE
class RungJson(TypedDict):
    """Which desks were told, when."""

    rung: int
    at: Moment
    told: list[Role]


@_WHOLE
class BreachJson(TypedDict):
    """A step entry that ran over; `step` null: the whole complaint."""

    step: int | None
    due_at: Moment
    noticed_at: Moment
    ended_at: Moment | None
    rungs: list[RungJson]


@_WHOLE
class EventJson(TypedDict):
    """A line of the record; `actor` is an email, 'complainant' or 'system'."""

    seq: int
    type: EventType
    at: Moment
    step: int | None
    actor: str
    role: Role | None
    note: str | None


@_WHOLE
class HeadJson(TypedDict):
    """Where a complaint stands."""

    number: str | None
    status: Status
    step: int | None
    holder_role: Role | None
    holder: str | None
    due_at: Moment | None
    paused: bool
    version: int
    started_at: Moment
    category: str | None
    approved_by: ApprovalJson | None
    breaches: list[BreachJson]


@_WHOLE
class RowJson(HeadJson):
    """A complaint in a list."""

    summary: str


@_WHOLE
class DraftRowJson(RowJson):
    """What has no number yet; `id` is its address."""

    id: str


@_WHOLE
class PageJson(TypedDict):
    """A page of the list; `next` is the cursor of the following one."""

    complaints: list[RowJson | DraftRowJson]
    next: str | None


@_WHOLE
class ComplaintJson(HeadJson):
    """A complaint with its record.

    `events_before` is there only where the record is longer than one answer: the same address with
    `?events_before=` and this number has the events before the first of these.
    """

    description: str
    answer: str | None
    events: list[EventJson]
    events_before: NotRequired[int]


@_WHOLE
class UnmaskedJson(ComplaintJson):
    """What the act of looking shows, once: its repeat shows the complaint alone."""

    nik: str | None
    phone: str | None


@_WHOLE
class StaffJson(TypedDict):
    """A row of the staff list, its number masked; `units` null: all. `seen` goes back with a change of it."""

    email: str
    name: str
    role: Role
    whatsapp: str
    active: bool
    acting_for: list[Role]
    units: list[str] | None
    seen: str


@_WHOLE
class StaffListJson(TypedDict):
    """Everybody."""

    staff: list[StaffJson]


@_WHOLE
class ChannelJson(TypedDict):
    """How it goes with WhatsApp; `token_refused` and `queue_stopped` are since when, or null."""

    last_webhook: Moment | None
    last_accepted_send: Moment | None
    token_refused: Moment | None
    queue_stopped: Moment | None
    code: int | None
    detail: str
    rows_waiting: int
    waiting_since: Moment | None


def complaint_json(complaint: Complaint, events: tuple[Event, ...], *, unmasked: bool = False) -> ComplaintJson:
    """One complaint with its record; numbers that name somebody are hidden.

    Not so in the answer: it is to be approved and sent as it is. Once unmasked the description is in full, too.
    """
    told: ComplaintJson = {
        **_head(complaint),  # type: ignore[typeddict-item] # a head has no such key
        "description": complaint.description if unmasked else masked(complaint.description),
        "answer": complaint.answer.text if complaint.answer else None,
        "events": [_event(event) for event in events],
    }
    if (older := continues_before(events)) is not None:
        told["events_before"] = older
    return told


def page_json(page: Page[Complaint]) -> PageJson:
    """A page of the list."""
    return {"complaints": [row_json(complaint) for complaint in page.items], "next": page.next}


def row_json(complaint: Complaint) -> RowJson | DraftRowJson:
    """One complaint in a list; a draft has no number, so it says where it is."""
    row: RowJson = {**_head(complaint), "summary": summary(complaint.description)}
    return row if complaint.number else {**row, "id": draft_address(complaint)}


def _head(complaint: Complaint) -> HeadJson:
    return {
        "number": complaint.number,
        "status": complaint.status,
        "step": complaint.step,
        "holder_role": complaint.holder_role,
        "holder": complaint.holder,
        "due_at": _time_or_none(complaint.due_at),
        "paused": complaint.status is Status.WAITING,
        "version": complaint.version,
        "started_at": time_json(complaint.started_at),
        "category": complaint.category,
        "approved_by": _approved(complaint.approved) if complaint.approved else None,
        "breaches": [_breach(breach) for breach in complaint.breaches],
    }


def time_json(at: datetime) -> Moment:
    """A time as JSON has it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _time_or_none(at: datetime | None) -> Moment | None:
    return time_json(at) if at else None


def _approved(approved: Approved) -> ApprovalJson:
    return {
        "email": approved.email,
        "role": approved.role,
        "at": time_json(approved.at),
        "text_sha256": approved.text_sha256,
    }


def _event(event: Event) -> EventJson:
    return {
        "seq": event.seq,
        "type": event.type,
        "at": time_json(event.at),
        "step": event.step,
        "actor": event.actor,
        "role": event.role,
        "note": masked(event.note) if event.note else None,
    }


def _breach(breach: Breach) -> BreachJson:
    rungs: list[RungJson] = [
        {"rung": told.rung, "at": time_json(told.at), "told": list(told.told)} for told in breach.rungs
    ]
    return {
        "step": breach.step,
        "due_at": time_json(breach.due_at),
        "noticed_at": time_json(breach.noticed_at),
        "ended_at": _time_or_none(breach.ended_at),
        "rungs": rungs,
    }

"""A complaint as JSON: the fields of the contract, each by its name there."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aduan.portal.addresses import draft_address
from aduan.procedure.complaint import Approved, Breach, Complaint, Status
from aduan.procedure.events import Event
from aduan.service.masking import masked, summary
from aduan.service.ports import Page

Json = dict[str, Any]


def complaint_json(complaint: Complaint, events: Iterable[Event], *, unmasked: bool = False) -> Json:
    """One complaint with its record; numbers that name somebody are hidden.

    Not so in the answer: it is to be approved and sent as it is. Once unmasked the description is in full, too.
    """
    return {
        **_head(complaint),
        "description": complaint.description if unmasked else masked(complaint.description),
        "answer": complaint.answer.text if complaint.answer else None,
        "events": [_event(event) for event in events],
    }


def page_json(page: Page[Complaint]) -> Json:
    """A page of the list."""
    return {"complaints": [row_json(complaint) for complaint in page.items], "next": page.next}


def row_json(complaint: Complaint) -> Json:
    """One complaint in a list; a draft has no number, so it says where it is."""
    row = {**_head(complaint), "summary": summary(complaint.description)}
    return row if complaint.number else {**row, "id": draft_address(complaint)}


def _head(complaint: Complaint) -> Json:
    return {
        "number": complaint.number,
        "status": complaint.status.value,
        "step": complaint.step,
        "holder_role": complaint.holder_role.value if complaint.holder_role else None,
        "holder": complaint.holder,
        "due_at": time_json(complaint.due_at),
        "paused": complaint.status is Status.WAITING,
        "version": complaint.version,
        "started_at": time_json(complaint.started_at),
        "category": complaint.category,
        "approved_by": _approved(complaint.approved) if complaint.approved else None,
        "breaches": [_breach(breach) for breach in complaint.breaches],
    }


def time_json(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, as '2026-11-24T07:05:00Z'."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _approved(approved: Approved) -> Json:
    return {
        "email": approved.email,
        "role": approved.role.value,
        "at": time_json(approved.at),
        "text_sha256": approved.text_sha256,
    }


def _event(event: Event) -> Json:
    return {
        "seq": event.seq,
        "type": event.type.value,
        "at": time_json(event.at),
        "step": event.step,
        "actor": event.actor,
        "role": event.role.value if event.role else None,
        "note": masked(event.note) if event.note else None,
    }


def _breach(breach: Breach) -> Json:
    rungs = [
        {"rung": told.rung, "at": time_json(told.at), "told": [role.value for role in told.told]}
        for told in breach.rungs
    ]
    return {
        "step": breach.step,
        "due_at": time_json(breach.due_at),
        "noticed_at": time_json(breach.noticed_at),
        "ended_at": time_json(breach.ended_at),
        "rungs": rungs,
    }

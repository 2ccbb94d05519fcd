"""The record at the end, read as it is stored: whole, the sum of its events, and holding everything that was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from aduan.adapters import firestore_queries as queries
from aduan.adapters.firestore_connection import Found
from aduan.adapters.firestore_queries import COMPLAINTS, MESSAGES, OUTBOX, Query
from aduan.adapters.firestore_record import verify_chain
from aduan.procedure.complaint import Complaint, Status, replayed
from aduan.procedure.events import Event, EventType
from aduan.procedure.roles import Role
from aduan.service.case_files import TURNS
from aduan.service.model import RowState
from aduan.service.ports import Loaded
from tests.model.bench import Book, expected_of, seen
from tests.model.office import Office
from tests.model.people import RANKS, SECTION
from tests.model.tally import Tally

APPROVERS = frozenset(RANKS[RANKS.index(SECTION) :])
LEFT = frozenset(RowState) - {RowState.PENDING, RowState.SENDING}


def audit(office: Office, book: Book, tally: Tally) -> None:
    """Everything that must hold of what is stored."""
    heads = office.connection.calls.query(Query(COMPLAINTS))
    assert {head.id for head in heads} == set(book.cases), "a complaint is missing, or nobody's"
    for found in heads:
        loaded = office.store.complaint(found.id)
        assert loaded is not None
        _audit_complaint(office, book, found, loaded)
        tally.ends[str(found.document["step"] or found.document["status"])] += 1
    _audit_messages(office, book, tally)
    _audit_rows(office, tally)


def _audit_complaint(office: Office, book: Book, found: Found, loaded: Loaded[Complaint]) -> None:
    head, documents = loaded.value, _record(office, found.id)
    assert verify_chain(found.id, documents, found.document["event_hash"]) is None, "the chain is broken"
    events = office.store.events(loaded)
    assert [event.seq for event in events] == list(range(1, head.seq + 1)), "an event is missing"
    # The first tells the beginning, whatever it is; that page has it from the complaint's own 'started_at'.
    moving = {event.type for event in events[1:] if event.changes.keys() & {"step", "entry", "wait"}}
    assert moving <= TURNS, "a step is moved by what the page of a long complaint does not read"
    case = book.cases[found.id]
    have, want = seen(head), expected_of(case)
    assert have == want, f"{found.id} is not stored as it should be"
    start = Complaint(id=head.id, citizen=head.citizen, started_at=head.started_at)
    assert replayed(start, events) == head, "the complaint is not the sum of its events"
    _audit_versions(start, events)
    _audit_approval(head, events)
    entries = [breach.entry for breach in head.breaches]
    assert len(entries) == len(set(entries)), "a breach twice for one step entry"
    breached = [event for event in events if event.type is EventType.BREACHED]
    assert len(breached) == len(entries), "a breach was recorded twice"


def _record(office: Office, complaint_id: str) -> Sequence[Mapping[str, Any]]:
    return [one.document for one in reversed(office.connection.calls.query(queries.record(complaint_id)))]


def _audit_versions(start: Complaint, events: Sequence[Event]) -> None:
    """`version` moves when step, status, holder or pause moves, and by nothing else."""
    before = start
    for event in events:
        after = before.after(event)
        moved = _place(before) != _place(after)
        first = event.seq == 1  # a draft that begins has moved nowhere
        assert first or (after.version != before.version) == moved, f"{event.type} moves the version wrongly"
        before = after


def _place(complaint: Complaint) -> tuple[object, ...]:
    return complaint.step, complaint.status, complaint.holder, complaint.wait


def _audit_approval(head: Complaint, events: Sequence[Event]) -> None:
    """A settlement is closed with its approval, and never by whoever drafted it as Admin WA."""
    if head.status is not Status.CLOSED or head.number is None:
        return
    approved, answer = head.approved, head.answer
    assert approved is not None, "closed without approval"
    assert answer is not None
    assert approved.role in APPROVERS
    assert approved.text_sha256 == answer.sha256, "another text was approved"
    assert not (answer.role is Role.WHATSAPP_ADMIN and answer.by == approved.email), "approved by its own drafter"
    assert events[-1].type in (EventType.CLOSED, EventType.MESSAGE_ADDED)


def _audit_messages(office: Office, book: Book, tally: Tally) -> None:
    """Every message is kept once, with its complaint or with none."""
    stored = len(office.connection.calls.query(Query(MESSAGES)))
    kept: dict[str, tuple[str, str | None]] = {}
    for case in book.cases:
        loaded = office.store.complaint(case)
        assert loaded is not None
        for message in office.store.conversation(loaded).inbound:
            kept[message.wamid] = (message.raw, message.complaint)
    alone = {wamid for wamid, taken in book.taken.items() if taken.complaint is None}
    for wamid, taken in book.taken.items():
        if taken.complaint is not None:
            assert kept.get(wamid) == (taken.message.raw, taken.complaint), "a message is lost, or another's"
    tally.lost += max(0, len(book.taken) - stored)
    tally.doubled += max(0, stored - len(book.taken))
    assert stored == len(book.taken), "messages are lost, or kept twice"
    assert len(kept) + len(alone) == stored


def _audit_rows(office: Office, tally: Tally) -> None:
    """No row stands for ever; nothing came twice but after an unknown outcome."""
    for found in office.connection.calls.query(Query(OUTBOX)):
        assert RowState(found.document["state"]) in LEFT, f"a row stands for ever: {found.document['state']}"
        assert found.document["next_at"] is None
    copies: dict[str, list[bool]] = {}
    for attempt in office.whatsapp.attempts:
        if attempt.on_phone and not attempt.failed:
            copies.setdefault(attempt.row, []).append(attempt.sure)
    tally.doubled += sum(len(sure) > 2 for sure in copies.values())

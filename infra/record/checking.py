"""The check: each complaint's record against itself and its head, in one pass over the database.

No key is needed: the hashes run over what is stored. Read are the heads and events, each once, and of the messages
the one field that says whose they are.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from infra.record.chain import Event, first_touched
from infra.record.database import ALL_COMPLAINTS, Database, Stored, complaint_span

_HEAD_DEPTH: Final = 2  # complaints / id
_EVENT_DEPTH: Final = 4  # complaints / id / events / number


@dataclass(frozen=True)
class Record:
    """A complaint as it stands: its head, and its events in the order of their ids."""

    complaint: str
    head: Mapping[str, Any] | None
    events: list[Event]

    @property
    def name(self) -> str:
        """As staff know it."""
        return name_of(self.complaint, self.head)


@dataclass(frozen=True)
class Sworn:
    """What a backup keeps of a complaint: how many events it had, and the hash of the last."""

    complaint: str
    seq: int
    hash: str


@dataclass(frozen=True)
class Claim:
    """A message that says which complaint it belongs to."""

    complaint: str
    message: str


@dataclass(frozen=True)
class Checked:
    """What was found of one complaint: the documents read for it, its events, and what is wrong, a line for each."""

    documents: int
    events: int
    is_complaint: bool
    wrong: tuple[str, ...]


Rebuild = Callable[[Record], str | None]
"""What a head does not have from its events, in words; None if it has all from them."""


def check(
    database: Database,
    at: datetime,
    complaint_id: str | None = None,
    sworn: Iterable[Sworn] = (),
    rebuild: Rebuild | None = None,
) -> Iterator[Checked]:
    """Every complaint as of a moment, or one, in the order of their ids.

    `sworn` is what a backup keeps, in the same order: no complaint that it knows may be gone, and no event may have
    another hash now.
    """
    claims = database.claims(at) if complaint_id is None else iter(())
    merged: Iterator[Record | Claim | Sworn] = heapq.merge(
        records(database, at, complaint_id),
        (Claim(str(claim.document["complaint"]), claim.id) for claim in claims),
        sworn,
        key=lambda part: part.complaint.encode(),
    )
    for complaint, parts in itertools.groupby(merged, key=lambda part: part.complaint):
        yield _checked(complaint, list(parts), rebuild)


def name_of(complaint: str, head: Mapping[str, Any] | None) -> str:
    """A complaint's name as staff know it; what has lost its head is taken for a submitted one."""
    return f"D-{complaint}" if head is not None and head.get("number") is None else f"ADU-{complaint}"


def records(database: Database, at: datetime | None, complaint_id: str | None = None) -> Iterator[Record]:
    """Complaint after complaint; one is in memory at a time."""
    found = database.walk(complaint_span(complaint_id) if complaint_id else ALL_COMPLAINTS, at)
    for complaint, documents in itertools.groupby(found, key=lambda stored: stored.path.split("/")[1]):
        yield _record(complaint, documents)


def is_event(path: str) -> bool:
    """Whether a document belongs to a record."""
    parts = path.split("/")
    return len(parts) == _EVENT_DEPTH and (parts[0], parts[2]) == ("complaints", "events")


def is_head(path: str) -> bool:
    """Whether a document is a complaint's head."""
    parts = path.split("/")
    return len(parts) == _HEAD_DEPTH and parts[0] == "complaints"


def _record(complaint: str, documents: Iterable[Stored]) -> Record:
    head, events = None, []
    for stored in documents:
        if is_head(stored.path):
            head = stored.document
        elif is_event(stored.path):
            events.append(Event(stored.id, stored.document))
    return Record(complaint, head, events)


def _checked(complaint: str, parts: list[Record | Claim | Sworn], rebuild: Rebuild | None) -> Checked:
    record = next((part for part in parts if isinstance(part, Record)), None)
    sworn = next((part for part in parts if isinstance(part, Sworn)), None)
    claims = [part for part in parts if isinstance(part, Claim)]
    wrong = []
    if record is not None:
        wrong += [f"{record.name}: {what}" for what in _wrong_with(record, sworn, rebuild)]
    elif sworn is not None:
        wrong.append(f"ADU-{complaint}: is gone, and the backup has it")
    if record is None or record.head is None:
        wrong += [f"message {claim.message}: belongs to {complaint}, which is not there" for claim in claims]
    events = len(record.events) if record else 0
    heads = 1 if record and record.head is not None else 0
    return Checked(heads + events + len(claims), events, record is not None, tuple(wrong))


def _wrong_with(record: Record, sworn: Sworn | None, rebuild: Rebuild | None) -> Iterator[str]:
    """What is wrong with one record; where the record itself is, that alone."""
    if record.head is None:
        yield f"its head is missing, with {len(record.events)} events left"
        return
    touched = first_touched(record.complaint, record.head, record.events)
    if touched is not None:
        yield f"event {touched.event} {touched.how}"
    elif sworn is not None and not _keeps(record, sworn):
        yield f"event {sworn.seq}, or one before it, was rewritten since the backup"
    elif rebuild is not None and (difference := rebuild(record)) is not None:
        yield difference


def _keeps(record: Record, sworn: Sworn) -> bool:
    return len(record.events) >= sworn.seq and record.events[sworn.seq - 1].hash == sworn.hash

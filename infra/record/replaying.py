"""The replay: everything but the heads is copied into an empty database, where the heads are made from their events."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aduan.adapters.firestore_connection import Document
from aduan.adapters.firestore_queries import COMPLAINTS, KEYS
from aduan.adapters.sealing import OfficeKey
from aduan.procedure.events import EventType
from aduan.procedure.personal import DESTROYED_KEY
from infra.record.checking import Record, is_head, name_of, records
from infra.record.database import Database, Stored
from infra.record.heads import CannotRebuild, first_difference, rebuilt

# A commit takes ten mebibytes; a document may have one.
_COMMIT_DOCUMENTS: Final = 200
_COMMIT_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True)
class Compared:
    """A complaint by its name, and how the head made from its events differs from the one that stood, if at all."""

    complaint: str
    difference: str | None


def copy_all_but_heads(source: Database, at: datetime, target: Database) -> Iterator[int]:
    """Copy, value for value; after each commit the number of documents that were read for it."""
    read, size, batch = 0, 0, list[tuple[str, Stored]]()
    for stored in source.walk(at=at):
        read += 1
        if is_head(stored.path):
            continue
        batch.append((stored.path, stored))
        size += sum(value.ByteSize() for value in stored.fields.values())
        if len(batch) == _COMMIT_DOCUMENTS or size > _COMMIT_BYTES:
            target.create(batch)
            yield read
            read, size, batch = 0, 0, []
    target.create(batch)
    yield read


def rebuild_heads(target: Database, office_key: OfficeKey) -> Iterator[Compared]:
    """Write a head for each record, from its events and its key alone; where none can be made, why."""
    for record in records(target, target.now()):
        try:
            head = rebuilt(record.events, _key_of(target, record), office_key)
        except CannotRebuild as problem:
            yield Compared(name_of(record.complaint, None), str(problem))
            continue
        target.create([(f"{COMPLAINTS}/{record.complaint}", head)])
        yield Compared(name_of(record.complaint, head), None)


def compare_heads(source: Database, at: datetime, target: Database, office_key: OfficeKey) -> Iterator[Compared]:
    """Each complaint that has a head in either, by its id."""
    both: Iterable[tuple[bool, Stored]] = heapq.merge(
        ((True, stored) for stored in source.heads(at)),
        ((False, stored) for stored in target.heads()),
        key=lambda one: one[1].id.encode(),
    )
    for complaint, found in itertools.groupby(both, key=lambda one: one[1].id):
        heads = {is_standing: stored.document for is_standing, stored in found}
        yield Compared(name_of(complaint, heads.get(True)), _difference(heads, office_key))


def rebuild_here(record: Record, office_key: OfficeKey) -> str | None:
    """What a head does not have from its events, in words; nothing is written."""
    head = record.head or {}
    try:
        name = first_difference(head, rebuilt(record.events, str(head.get("key")), office_key), office_key)
    except CannotRebuild as problem:
        return f"its head cannot be made from its events: {problem}"
    return f"its head's {name!r} is not what the events make it" if name else None


def _difference(heads: Mapping[bool, Document], office_key: OfficeKey) -> str | None:
    if True not in heads:
        return "it had no head"
    if False not in heads:
        return "no head could be made"
    try:
        name = first_difference(heads[True], heads[False], office_key)
    except CannotRebuild as problem:
        return str(problem)
    return f"{name!r} is another" if name else None


def _key_of(database: Database, record: Record) -> str:
    """The wrapped data key of a complaint, which no event carries: it must be destroyed one day, and no event may."""
    if record.events and record.events[-1].document.get("type") == EventType.ERASED.value:
        return DESTROYED_KEY
    stored = database.get(f"{KEYS}/{record.complaint}")
    if stored is None:
        raise CannotRebuild("its key is not there")
    return str(stored.document.get("key"))

"""The record of a complaint: its events as documents, each chained to the one before by a hash.

The hash runs over what is stored, personal text sealed: so destroying a citizen's key erases the person and
leaves the chain whole. An event that was changed, removed or put in between shows; the head keeps the newest
hash, so that a missing end shows too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from aduan.adapters.firestore_connection import Create, Document, Ref
from aduan.adapters.firestore_documents import SCHEMA, model_of, stored
from aduan.adapters.firestore_queries import events_of
from aduan.procedure.complaint import Complaint
from aduan.procedure.events import Event
from aduan.procedure.personal import Personal, Seal

_FIELDS: Final[Mapping[str, TypeAdapter[Any]]] = {
    **{name: TypeAdapter(field.rebuild_annotation()) for name, field in Complaint.model_fields.items()},
    "citizen": TypeAdapter(Personal),
}
"""How each field of a complaint is written and read alone, as it stands in an event's changes.

Whose it is the head must say plainly; but events stay for good, and who has the office's key could ask them for a
number. So there it is sealed, and goes with the complaint's key.
"""


def first_hash(complaint_id: str) -> str:
    """What a complaint's first event is chained to, so that a record cannot be passed off as another's."""
    return hashlib.sha256(complaint_id.encode()).hexdigest()


def event_hash(document: Document) -> str:
    """SHA-256 over an event's document without its own hash, as canonical JSON."""
    content = {name: value for name, value in document.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_time)
    return hashlib.sha256(text.encode()).hexdigest()


def keeps_its_hash(document: Document) -> bool:
    """Whether an event is what its own hash says; not so where it holds what no event can."""
    try:
        return document.get("hash") == event_hash(document)
    except TypeError:
        return False


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"an event holds a {type(value).__name__}")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def chained(complaint_id: str, events: Iterable[Event], seal: Seal, previous: str) -> tuple[list[Create], str]:
    """The writes of these events, and the hash to which the next one will be chained."""
    writes = []
    for event in events:
        document = _document(event, seal, previous)
        previous = document["hash"]
        writes.append(Create(Ref(events_of(complaint_id), f"{event.seq:06}"), document))
    return writes, previous


def _document(event: Event, seal: Seal, previous: str) -> dict[str, Any]:
    changes = {name: _FIELDS[name].dump_python(value, context=seal) for name, value in event.changes.items()}
    document = {
        **stored(event.model_dump(exclude={"changes"}, context=seal)),
        "changes": stored(changes),
        "schema": SCHEMA,
        "previous": previous,
    }
    return {**document, "hash": event_hash(document)}


def event_of(document: Document, seal: Seal) -> Event:
    """An event as it was decided: its changes are the values that the complaint took."""
    event = model_of(Event, document, seal)
    changes = {name: _FIELDS[name].validate_python(value, context=seal) for name, value in document["changes"].items()}
    return event.model_copy(update={"changes": changes})


def verify_chain(complaint_id: str, documents: Iterable[Document], newest: str) -> int | None:
    """The number of the first event that is not as it was written; None if the record is whole.

    `documents` are in order, `newest` is the hash that the head keeps. Where the end is missing it is the
    first number that is.
    """
    previous, seq = first_hash(complaint_id), 0
    for seq, document in enumerate(documents, start=1):
        chained_here = document.get("seq") == seq and document.get("previous") == previous
        if not chained_here or not keeps_its_hash(document):
            return seq
        previous = document["hash"]
    return None if previous == newest else seq + 1

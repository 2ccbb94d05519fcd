"""What a document looks like: models to Firestore's types and back, personal text sealed on the way.

Enums are stored as their values, times as Firestore's own (UTC), durations as ISO 8601 text, which loses
nothing. Every document has the number of its `schema`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter

from aduan.adapters.firestore_connection import Document, Found
from aduan.adapters.sealing import OfficeKey
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.personal import Identifier, Seal
from aduan.service.model import Citizen, Message, OutboxRow
from aduan.service.ports import Loaded

M = TypeVar("M", bound=BaseModel)

SCHEMA: Final = 1

_PLAIN: Final = frozenset({str, int, bool, datetime, type(None)})
_DURATION: Final = TypeAdapter(timedelta)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)  # the last moment that Firestore knows, too


class UnknownSchema(Exception):
    """A document was written by a release that this one does not know."""


@dataclass(frozen=True)
class HeadMark:
    """What the next write of a complaint must still find, and the hash to which its next event is chained."""

    updated: datetime
    event_hash: str


def doc_hash(foreign_id: str) -> str:
    """The id of a document that is kept under something from the outside, whatever characters that has."""
    return hashlib.sha256(foreign_id.encode("utf-8", "surrogatepass")).hexdigest()


def stored(value: Any) -> Any:
    """A value of a model in Firestore's types."""
    if type(value) in _PLAIN:  # an enum's member has a type of its own
        return value
    match value:
        case Enum():
            return value.value
        case timedelta():
            return _DURATION.dump_python(value, mode="json")
        case Mapping():
            return {key: stored(item) for key, item in value.items()}
        case tuple() | list():
            return [stored(item) for item in value]
        case _:
            return value


def document_of(model: BaseModel, seal: Seal | None = None, **more: object) -> dict[str, Any]:
    """A model as a document, with some fields more."""
    return {**stored(model.model_dump(context=seal)), "schema": SCHEMA, **more}


def model_of(model: type[M], document: Document, seal: Seal | None = None) -> M:
    """The model that a document holds. Raises `UnknownSchema`, `CannotOpen`, pydantic's `ValidationError`."""
    if document.get("schema") != SCHEMA:
        raise UnknownSchema(f"a {model.__name__} of schema {document.get('schema')!r}")
    return model.model_validate(document, context=seal)


def sealed(model: BaseModel, key: str, office_key: OfficeKey, **more: object) -> dict[str, Any]:
    """A model as a document under a data key, which is wrapped by the newest of the office's keys from now on."""
    return document_of(model, office_key.seal_for(key), key=office_key.rewrapped(key), **more)


def head_of(complaint: Complaint, key: str, event_hash: str, office_key: OfficeKey) -> dict[str, Any]:
    """A complaint as its head document, with the fields that only queries need."""
    alarm = complaint.alarm
    return sealed(
        complaint,
        key,
        office_key,
        event_hash=event_hash,
        found_by=found_by(complaint.identifiers, office_key),
        alarm_at=alarm.at if alarm else None,
        order_at=order_at(complaint),
        check_open=complaint.data_check is not None,
    )


def found_by(identifiers: Iterable[Identifier], office_key: OfficeKey) -> list[str]:
    """The keyed hashes by which a complaint is found, under the newest key."""
    return [office_key.lookup_hash(one.kind, one.value) for one in identifiers]


def order_at(complaint: Complaint) -> datetime:
    """A complaint's place in every list: its deadline, or when something happens to it next.

    The closed ones follow all others, the newest first: theirs is the end of time less their closing, counted
    from 1970. So one ascending order serves every list.
    """
    if complaint.status is Status.CLOSED:
        return _END_OF_TIME - ((complaint.closed_at or complaint.started_at) - _EPOCH)
    if complaint.due_at is not None:
        return complaint.due_at
    if complaint.wait is not None:
        return complaint.wait.limit_at
    return complaint.alarm.at if complaint.alarm else complaint.started_at


def load_complaint(found: Found, office_key: OfficeKey) -> Loaded[Complaint]:
    """A head as it was read."""
    key = found.document["key"]
    mark = HeadMark(found.updated, found.document["event_hash"])
    return Loaded(model_of(Complaint, found.document, office_key.seal_for(key)), key, mark)


def load_citizen(found: Found, office_key: OfficeKey) -> Loaded[Citizen]:
    """A citizen as they were read."""
    key = found.document["key"]
    return Loaded(model_of(Citizen, found.document, office_key.seal_for(key)), key, found.updated)


def load_row(found: Found, office_key: OfficeKey) -> Loaded[OutboxRow]:
    """An outbox row as it was read."""
    key = found.document["key"]
    return Loaded(model_of(OutboxRow, found.document, office_key.seal_for(key)), key, found.updated)


def load_message(found: Found, office_key: OfficeKey) -> Loaded[Message]:
    """An inbound message as it was read."""
    key = found.document["key"]
    return Loaded(model_of(Message, found.document, office_key.seal_for(key)), key, found.updated)

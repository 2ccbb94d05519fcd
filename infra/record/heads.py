"""Heads made from their events again, and compared with those that stand."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from aduan.adapters.firestore_connection import Document
from aduan.adapters.firestore_documents import UnknownSchema, head_of, model_of, stored
from aduan.adapters.firestore_record import event_of
from aduan.adapters.sealing import CannotOpen, OfficeKey
from aduan.procedure.complaint import Complaint, replayed
from infra.record.chain import Event

_NOTHING = Complaint(id="", citizen="", started_at=datetime.fromtimestamp(0, UTC))


class CannotRebuild(Exception):
    """A head cannot be made from these events; the words say why, and hold nothing personal."""


def rebuilt(events: Iterable[Event], key: str, office_key: OfficeKey) -> dict[str, Any]:
    """A head as its events make it. `key` is the citizen's, wrapped: the one thing that no event carries.

    Raises `CannotRebuild`.
    """
    record = list(events)
    try:
        seal = office_key.seal_for(key)
        complaint = replayed(_NOTHING, tuple(event_of(event.document, seal) for event in record))
    except (CannotOpen, UnknownSchema, ValidationError, KeyError) as problem:
        raise CannotRebuild(_why(problem)) from problem
    return head_of(complaint, key, str(record[-1].hash) if record else "", office_key)


def first_difference(standing: Document, made: Document, office_key: OfficeKey) -> str | None:
    """The first field in which two heads differ, of all that they hold; None if they are equal.

    Personal text is compared as it reads: sealed twice it looks different. So are the data key, and the hashes by which
    it is found: while the office's key is replaced either head may have them under the older. Raises `CannotRebuild`.
    """
    one, other = _read(standing, office_key), _read(made, office_key)
    return next((name for name in sorted(one.keys() | other.keys()) if _differ(name, one, other)), None)


def _differ(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return name not in one or name not in other or one[name] != other[name] or type(one[name]) is not type(other[name])


def _read(head: Document, office_key: OfficeKey) -> dict[str, Any]:
    """Every field of a head, those of the complaint as plain text."""
    try:
        key = office_key.rewrapped(str(head.get("key")))
        complaint = model_of(Complaint, head, office_key.seal_for(key))
    except (CannotOpen, UnknownSchema, ValidationError) as problem:
        raise CannotRebuild(_why(problem)) from problem
    found_by = [_newest(hashed, complaint, office_key) for hashed in head.get("found_by", ())]
    return {**head, **stored(complaint.model_dump()), "key": key, "found_by": found_by}


def _newest(hashed: str, complaint: Complaint, office_key: OfficeKey) -> str:
    """A hash by which a complaint is found, as the newest key makes it."""
    for one in complaint.identifiers:
        newest, *older = office_key.lookup_hashes(one.kind, one.value)
        if hashed in older:
            return newest
    return hashed


def _why(problem: Exception) -> str:
    match problem:
        case CannotOpen():
            return "it was sealed under another FIELD_KEY, or its key was destroyed"
        case UnknownSchema():
            return f"another release wrote it: {problem}"
        case ValidationError():
            return f"wrong fields: {', '.join(sorted({str(error['loc'][0]) for error in problem.errors()}))}"
        case _:
            return f"a field that this release does not know: {problem}"

"""The office's key replaced: what an older one wrapped or hashed is put under the newest, while the office works.

Texts and files stay as they are, sealed under the data keys; of each document only its wrapped data key, and the
hashes by which it is found, are written anew. Every step may be repeated: what a crash left undone the next run does,
and where the program itself wrote a document meanwhile, it did so under the newest key.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter, ValidationError

from aduan.adapters.firestore_commit import alias_document, alias_refs
from aduan.adapters.firestore_connection import Document
from aduan.adapters.firestore_documents import found_by, model_of
from aduan.adapters.firestore_queries import ALIASES, CITIZENS
from aduan.adapters.sealing import CannotOpen, OfficeKey
from aduan.procedure.personal import Identifier
from aduan.service.model import Citizen
from infra.record.database import Change, Database, Stored

BATCH: Final = 200
"""Documents: as many as are in memory, and as one request changes at most."""

_IDENTIFIERS: Final = TypeAdapter(tuple[Identifier, ...])


@dataclass(frozen=True)
class Rewrapped:
    """What became of some documents: how many were read, changed, and written by somebody else meanwhile.

    `unopened` are the paths of those for which the key is not there.
    """

    read: int
    changed: int = 0
    missed: int = 0
    unopened: tuple[str, ...] = ()


def rewrap(database: Database, office_key: OfficeKey, size: int = BATCH) -> Iterator[Rewrapped]:
    """Put everything under the newest of the office's keys, `size` documents after another.

    Older hashes of names go last: until then whoever is found by one has one under the newest, too.
    """
    for collection in database.collections():
        if collection != ALIASES:
            for documents in _batches(database.top(collection, only=("key", "identifiers")), size):
                yield _data_keys(database, office_key, documents)
    for documents in _batches(database.top(ALIASES), size):
        yield _aliases(database, office_key, documents)


def _batches(documents: Iterable[Stored], size: int) -> Iterator[list[Stored]]:
    """`itertools.batched`, which Python 3.11 has not."""
    waiting = iter(documents)
    while batch := list(itertools.islice(waiting, size)):
        yield batch


def _data_keys(database: Database, office_key: OfficeKey, documents: list[Stored]) -> Rewrapped:
    changes, unopened = list[Change](), list[str]()
    for stored in documents:
        try:
            if anew := _anew(stored.document, office_key):
                changes.append(Change(stored.path, anew, stored))
        except (CannotOpen, ValidationError):
            unopened.append(stored.path)
    done = sum(database.change(changes)) if changes else 0
    return Rewrapped(len(documents), done, len(changes) - done, tuple(unopened))


def _anew(document: Document, office_key: OfficeKey) -> Document | None:
    """The fields that depend on the office's key, if an older one made them. Raises `CannotOpen`."""
    wrapped = document.get("key")
    if not isinstance(wrapped, str):
        return None  # nothing in it is sealed
    key = office_key.rewrapped(wrapped)
    if key == wrapped:
        return None
    if "identifiers" not in document:
        return {"key": key}
    identifiers = _IDENTIFIERS.validate_python(document["identifiers"], context=office_key.seal_for(key))
    return {"key": key, "found_by": found_by(identifiers, office_key)}


@dataclass
class _Followed:
    """What is to become of the older hashes of a batch: `made` must be there before they go."""

    made: list[Change] = field(default_factory=list)
    gone: list[Change] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)


def _aliases(database: Database, office_key: OfficeKey, documents: list[Stored]) -> Rewrapped:
    _, *older = office_key.names
    found = [(stored, stored.document) for stored in documents]
    unknown = [stored.path for stored, document in found if document.get("hashed_under") not in office_key.names]
    replaced = [
        (stored, str(document["citizen"])) for stored, document in found if document.get("hashed_under") in older
    ]
    if not replaced:
        return Rewrapped(len(documents), unopened=tuple(unknown))
    citizens = database.several(f"{CITIZENS}/{citizen}" for _, citizen in replaced)
    followed = _Followed(unopened=unknown)
    for stored, citizen in replaced:
        _follow(stored, citizens.get(f"{CITIZENS}/{citizen}"), office_key, followed)
    if followed.made:
        database.change(followed.made)  # one that is there already leads where the program lets it lead
    gone = sum(database.change(followed.gone)) if followed.gone else 0
    return Rewrapped(len(documents), gone, len(followed.gone) - gone, tuple(followed.unopened))


def _follow(stored: Stored, citizen: Stored | None, office_key: OfficeKey, followed: _Followed) -> None:
    """A name that its citizen still has gets its newest hash; one that was given up, or is nobody's, gets none."""
    if citizen is not None:
        try:
            newest = _newest_of(stored.id, citizen, office_key)
        except (CannotOpen, ValidationError):
            followed.unopened.append(stored.path)
            return
        if newest is not None:
            made = alias_document(citizen.id, office_key.names[0])
            followed.made.append(Change(f"{ALIASES}/{newest}", made, None))
    followed.gone.append(Change(stored.path, None, stored))


def _newest_of(hashed: str, stored: Stored, office_key: OfficeKey) -> str | None:
    document = stored.document
    citizen = model_of(Citizen, document, office_key.seal_for(str(document.get("key"))))
    for refs in alias_refs(citizen.address, office_key).values():
        newest, *older = (ref.id for ref in refs)
        if hashed in older:
            return newest
    return None

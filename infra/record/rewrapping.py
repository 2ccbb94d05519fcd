"""The office's key replaced: what an older one wrapped or hashed is put under the newest, while the office works.

Texts and files stay as they are, sealed under the data keys; of each document only its wrapped data key, and the
hashes by which it is found, are written anew. Every step may be repeated: what a crash left undone the next run does,
and where the program itself wrote a document meanwhile, it did so under the newest key.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from aduan.adapters.firestore_commit import alias_document, alias_refs
from aduan.adapters.firestore_connection import Document
from aduan.adapters.firestore_documents import found_by, model_of
from aduan.adapters.firestore_erasures import RELEASED
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


@dataclass(frozen=True)
class _Alias:
    """An older hash of a name, to whom it leads, and the path of the newest, if the name is still theirs."""

    stored: Stored
    citizen: str
    newest: str | None


def _aliases(database: Database, office_key: OfficeKey, documents: list[Stored]) -> Rewrapped:
    """A name that its citizen still has gets its newest hash; one that was given up, or is nobody's, gets none."""
    _, *others = office_key.names
    under = [(stored, stored.document.get("hashed_under")) for stored in documents]
    unopened = [stored.path for stored, name in under if name not in office_key.names]
    older = [stored for stored, name in under if name in others]
    citizens = database.several({_owner(stored) for stored in older}) if older else {}
    # Names of somebody who is being erased lead to nobody, unless they write again, and go when that is over.
    going = [stored for stored in older if _is_released(stored) and _owner(stored) not in citizens]
    aliases = list(_followed([one for one in older if one not in going], citizens, office_key, unopened))
    if anew := _made(database, office_key, aliases):
        database.change(anew)
    gone = [Change(alias.stored.path, None, alias.stored) for alias in aliases]
    done = sum(database.change(gone)) if gone else 0
    return Rewrapped(len(documents), done, len(gone) - done + len(going), tuple(unopened))


def _owner(alias: Stored) -> str:
    return f"{CITIZENS}/{alias.document['citizen']}"


def _is_released(alias: Stored) -> bool:
    return str(alias.document["citizen"]).startswith(RELEASED)


def _followed(
    older: list[Stored], citizens: Mapping[str, Stored], office_key: OfficeKey, unopened: list[str]
) -> Iterator[_Alias]:
    for stored in older:
        found = citizens.get(_owner(stored))
        try:
            newest = _newest_of(stored.id, found, office_key) if found else None
            yield _Alias(stored, str(stored.document["citizen"]), newest)
        except (CannotOpen, ValidationError):
            unopened.append(stored.path)


def _newest_of(hashed: str, stored: Stored, office_key: OfficeKey) -> str | None:
    """The path of the newest hash of a citizen's name of which this is an older one."""
    document = stored.document
    citizen = model_of(Citizen, document, office_key.seal_for(str(document.get("key"))))
    for refs in alias_refs(citizen.address, office_key).values():
        newest, *older = (ref.id for ref in refs)
        if hashed in older:
            return f"{ALIASES}/{newest}"
    return None


def _made(database: Database, office_key: OfficeKey, aliases: list[_Alias]) -> list[Change]:
    """What must be there before the older ones go. Each name once: of several older ones the last written counts."""
    wanted = {alias.newest: alias for alias in sorted(aliases, key=lambda one: _written(one.stored)) if alias.newest}
    there = database.several(wanted) if wanted else {}
    return [
        Change(path, alias_document(alias.citizen, office_key.names[0]), there.get(path))
        for path, alias in wanted.items()
        if path not in there or _is_overtaken(there[path], alias)
    ]


def _is_overtaken(newest: Stored, alias: _Alias) -> bool:
    """Whether a release that did not have the newest key moved the name after it was written under that."""
    return newest.document["citizen"] != alias.citizen and _written(newest) < _written(alias.stored)


def _written(stored: Stored) -> tuple[int, int]:
    return stored.updated.seconds, stored.updated.nanos

"""What a backup says of itself, so that a restore can be compared with it, and a later check sworn to it."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from infra.record.checking import Sworn
from infra.record.database import Database
from infra.record.folder import Files, Folder

MANIFEST: Final = "manifest.json"
SWORN: Final = "heads.jsonl"


class NoBackup(Exception):
    """What was named is no whole backup; one line says why."""


class Figures(BaseModel):
    """A database in few figures: the documents of each collection, and one hash over the newest of each complaint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    documents: dict[str, int]
    heads_sha256: str


class Manifest(BaseModel):
    """A backup's own page. `at` is the moment whose state of the database it holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    at: AwareDatetime
    project: str
    figures: Figures
    media: Files


def figures_of(database: Database, at: datetime, heads: Iterable[str]) -> Figures:
    """The figures as of a moment; `heads` are `sworn_lines` of it, which are consumed. A read for each thousand."""
    collections = sorted({*database.collections(at), "events"})
    digest = hashlib.sha256()
    for line in heads:
        digest.update(line.encode())
    documents = {name: database.count(name, at) for name in collections}
    return Figures(documents={name: n for name, n in documents.items() if n}, heads_sha256=digest.hexdigest())


def sworn_lines(database: Database, at: datetime) -> Iterator[str]:
    """A line for each complaint, by its id: its events' number and the newest hash. A read for each."""
    for head in database.heads(at, only=("seq", "event_hash")):
        document = head.document
        yield json.dumps([head.id, document.get("seq"), document.get("event_hash")]) + "\n"


def read_manifest(folder: Folder) -> Manifest:
    """Raises `NoBackup`."""
    try:
        return Manifest.model_validate_json(folder.read(MANIFEST))
    except FileNotFoundError as error:
        raise NoBackup(f"there is no backup in {folder.url}: it has no {MANIFEST}") from error
    except ValidationError as error:
        raise NoBackup(f"{folder.url}/{MANIFEST} is not this program's, or was changed") from error


def read_sworn(folder: Folder) -> Iterator[Sworn]:
    """What a backup keeps of each complaint, by its id. Raises `NoBackup` at the end, if it is not what was written."""
    digest = hashlib.sha256()
    for line in folder.lines(SWORN):
        digest.update(line.encode())
        complaint, seq, newest = json.loads(line)
        yield Sworn(complaint, seq, newest)
    if digest.hexdigest() != read_manifest(folder).figures.heads_sha256:
        raise NoBackup(f"{folder.url}/{SWORN} does not belong to its {MANIFEST}: one of the two was changed")


def differences(written: Figures, there: Figures) -> Iterator[str]:
    """Where what is there is not what a backup says."""
    for name in sorted(written.documents.keys() | there.documents.keys()):
        expected, found = written.documents.get(name, 0), there.documents.get(name, 0)
        if expected != found:
            yield f"{name}: {found} documents, and the backup has {expected}"
    if written.heads_sha256 != there.heads_sha256:
        yield "the newest hashes of the complaints are not those of the backup"


def first_other_head(folder: Folder, there: Iterable[str]) -> str | None:
    """The first complaint whose newest hash is not the backup's."""
    for written, found in itertools.zip_longest(folder.lines(SWORN), there):
        if written != found:
            return str(json.loads(written or found)[0])
    return None

"""Everything, put aside and brought back: the database by Firestore's own export, the media, and a manifest."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from infra.record.database import Database
from infra.record.exports import Exports
from infra.record.folder import Folder
from infra.record.manifest import (
    MANIFEST,
    SWORN,
    Figures,
    Manifest,
    NoBackup,
    differences,
    figures_of,
    first_other_head,
    read_manifest,
    sworn_lines,
)

MEDIA: Final = "media"
_ATTEMPTS: Final = 5


class Refused(Exception):
    """It would overwrite something, or cannot be whole; one line says what to do."""


def back_up(database: Database, exports: Exports, folder: Folder, media: Folder) -> Manifest:
    """Write a backup into a folder that has none. The manifest comes last: what has one is whole.

    Raises `Refused`, `ExportFailure`.
    """
    if folder.has(MANIFEST):
        raise Refused(f"there is a backup in {folder.url} already: name another folder")
    at, figures = _exported(database, exports, folder)
    copied = media.copy_to(Folder(f"{folder.url}/{MEDIA}"))
    manifest = Manifest(at=at, project=database.project, figures=figures, media=copied)
    folder.write(MANIFEST, [manifest.model_dump_json(indent=2) + "\n"])
    return manifest


def _exported(database: Database, exports: Exports, folder: Folder) -> tuple[datetime, Figures]:
    """An export, and figures that are true of it.

    An emulator exports as it stands when it comes to it: its export is known where nothing changed meanwhile.
    """
    for _ in range(_ATTEMPTS):
        at = exports.moment(database.now())
        folder.write(SWORN, sworn_lines(database, at))
        figures = figures_of(database, at, folder.lines(SWORN))
        exports.export(folder.url, at)
        if exports.is_of_a_moment or figures == _figures_now(database):
            return at, figures
    raise Refused("the record changed at every attempt: try again when less is happening")


def restore(database: Database, exports: Exports, folder: Folder, media: Folder, over: str | None) -> Iterator[str]:
    """Bring a backup back, and say in what the result is not what it was; nothing if it is.

    The database must be empty, or `over` name its project: then it is emptied first. Written over what stands it
    would be two records in one.

    Raises `NoBackup`, `Refused`, `ExportFailure`.
    """
    manifest = read_manifest(folder)
    if not folder.has(SWORN):
        raise NoBackup(f"the backup in {folder.url} is not whole: it has no {SWORN}")
    if not database.is_empty():
        if over != database.project:
            raise Refused(
                f"{database.project} is not empty: to delete all that it holds first, say OVER={database.project}"
            )
        exports.clear()
        if not database.is_empty():
            raise Refused(f"{database.project} is not empty even after deleting: is something still writing to it?")
    exports.bring_in(folder.url)
    yield from _compared(database, folder, manifest)
    copied = Folder(f"{folder.url}/{MEDIA}").copy_to(media)
    if copied != manifest.media:
        yield f"media: {copied} were brought back, and the backup was made with {manifest.media}"


def _compared(database: Database, folder: Folder, manifest: Manifest) -> Iterator[str]:
    there = _figures_now(database)
    yield from differences(manifest.figures, there)
    if there.heads_sha256 != manifest.figures.heads_sha256:
        other = first_other_head(folder, sworn_lines(database, database.now()))
        if other is not None:
            yield f"the first of them is {other}"


def _figures_now(database: Database) -> Figures:
    at = database.now()
    return figures_of(database, at, sworn_lines(database, at))

"""`make check-record`, `backup`, `restore`, `replay` and `rewrap`: what they are told, and what they say."""

import argparse
import os
import sys
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from tqdm import tqdm

from aduan.adapters.sealing import OfficeKey
from aduan.service.errors import NotYet
from infra.record.backup import Refused, back_up, restore
from infra.record.checking import Checked, check
from infra.record.database import DEFAULT, Database
from infra.record.exports import ExportFailure, exports_of
from infra.record.folder import Folder
from infra.record.manifest import NoBackup, read_sworn
from infra.record.people import Done, erase, export
from infra.record.place import NoPlace, Place, found
from infra.record.replaying import compare_heads, copy_all_but_heads, rebuild_heads, rebuild_here
from infra.record.rewrapping import rewrap

CHECKED_COLLECTIONS: Final = ("complaints", "events", "messages")
_NOBODY: Final = "Nothing is kept of anybody with this number"
_FORGOTTEN: Final = (
    "They are forgotten; the record without them is whole. What could not be read is under no name "
    "and goes at its own term, as infra/privacy.md says"
)
_WHOSE: Final = "a phone number, WhatsApp's own id of a person, or the id that a citizen has here"
_ANOTHER: Final = (
    "Citizen {0} was first met under the same name, and is not in this: the same person, or one who had the number "
    "before. Read their copy (make export PHONE={0}); if it is the same person, it is theirs, and make erase PHONE={0}"
)
_PROBLEMS: Final = (NoPlace, NoBackup, Refused, NotYet, ExportFailure, GoogleAPIError, GoogleAuthError, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if all is well, 1 if something was found, 2 if it could not be looked at."""
    asked = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace, Place], int] = asked.command
    try:
        place = found(os.environ, Path(os.environ.get("ADUAN_RUN_DIR", ".run")))
        print(f"The record of {place.words}", flush=True)
        if place.emulator:
            os.environ["FIRESTORE_EMULATOR_HOST"] = place.emulator
        return command(asked, place)
    except _PROBLEMS as problem:
        print(problem, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.record", description="Keep the record of complaints.")
    commands = parser.add_subparsers(required=True, metavar="command")

    checking = commands.add_parser("check", help="is every record as it was written?")
    checking.add_argument("complaints", nargs="*", metavar="ADU-…", help="these only; all if none is named")
    checking.add_argument("--against", metavar="FOLDER", help="a backup: nothing that it has may be gone or rewritten")
    checking.add_argument("--heads", action="store_true", help="each head too must be what its events make it")
    checking.set_defaults(command=_check)

    backup = commands.add_parser("backup", help="put everything aside")
    backup.add_argument("--to", required=True, metavar="FOLDER", help="a new folder; in the cloud gs://bucket/folder")
    backup.set_defaults(command=_back_up)

    restoring = commands.add_parser("restore", help="bring a backup back")
    restoring.add_argument("--from", dest="origin", required=True, metavar="FOLDER", help="a backup's folder")
    restoring.add_argument("--over", metavar="PROJECT", help="delete first all that this project's database holds")
    restoring.set_defaults(command=_restore)

    exporting = commands.add_parser("export", help="write everything that is kept of one citizen into one page")
    exporting.add_argument("citizen", metavar="PHONE", help=_WHOSE)
    exporting.add_argument("--to", required=True, metavar="FILE", help="a new file, which only you may read")
    exporting.set_defaults(command=_export)

    erasing = commands.add_parser("erase", help="destroy one citizen's keys, with all that is personal")
    erasing.add_argument("citizen", metavar="PHONE", help=_WHOSE)
    erasing.add_argument("--of", required=True, metavar="PROJECT", help="the project: nothing brings it back")
    erasing.set_defaults(command=_erase)

    replaying = commands.add_parser("replay", help="make the heads from the events, in an empty database")
    replaying.add_argument("--into", metavar="PROJECT[/DATABASE]", help="another database; on an emulator one is made")
    replaying.set_defaults(command=_replay)

    rewrapping = commands.add_parser("rewrap", help="put everything under the newest of the office's keys")
    rewrapping.set_defaults(command=_rewrap)
    return parser


def _check(asked: argparse.Namespace, place: Place) -> int:
    ids = [number.removeprefix("ADU-").removeprefix("D-") for number in asked.complaints]
    if ids and asked.against:
        raise Refused("against a backup all complaints are checked: name none")
    key = place.office_key if asked.heads else None
    rebuild = partial(rebuild_here, office_key=key) if key else None
    tally = Tally()
    with place.database() as database:
        at = database.now()
        if not ids:
            total = sum(database.count(name, at) for name in CHECKED_COLLECTIONS)
            sworn = read_sworn(Folder(asked.against)) if asked.against else ()
            tally.take(check(database, at, None, sworn, rebuild), total)
        for complaint_id in ids:
            before = tally.complaints
            tally.take(check(database, at, complaint_id, (), rebuild), None)
            if tally.complaints == before:
                raise Refused(f"there is no complaint {complaint_id}")
    print(f"{tally.complaints} complaints, {tally.events} events, {tally.touched} touched")
    return 1 if tally.touched else 0


@dataclass
class Tally:
    """What was looked at, and how much of it is wrong."""

    complaints: int = 0
    events: int = 0
    touched: int = 0

    def take(self, looked: Iterable[Checked], total: int | None) -> None:
        """Count, and say what is wrong while it goes on. `total` is the number of documents."""
        with _bar("Checking", total) as bar:
            for one in looked:
                bar.update(one.documents)
                self.complaints += one.is_complaint
                self.events += one.events
                self.touched += bool(one.wrong)
                for line in one.wrong:
                    bar.write(line, file=sys.stdout)


def _back_up(asked: argparse.Namespace, place: Place) -> int:
    with place.database() as database:
        manifest = back_up(database, exports_of(database), Folder(asked.to), place.media)
    documents = sum(manifest.figures.documents.values())
    print(f"{documents} documents and {manifest.media}, as of {manifest.at:%Y-%m-%d %H:%M:%S} UTC, are in {asked.to}")
    return 0


def _restore(asked: argparse.Namespace, place: Place) -> int:
    with place.database() as database:
        different = list(restore(database, exports_of(database), Folder(asked.origin), place.media, asked.over))
    for line in different:
        print(line)
    print("The result is not the backup." if different else "All is as the backup says; now check the record.")
    return 1 if different else 0


def _export(asked: argparse.Namespace, place: Place) -> int:
    done = export(place, asked.citizen, Path(asked.to))
    words = f"Everything that is kept of them is in {asked.to}: give it to them alone, then delete it"
    return _told(done, words)


def _erase(asked: argparse.Namespace, place: Place) -> int:
    if asked.of != place.project:
        raise Refused(f"this is {place.project}, not {asked.of}")
    return _told(erase(place, asked.citizen), _FORGOTTEN)


def _told(done: Done, words: str) -> int:
    if done.known or not done.others:
        print(words if done.known else _NOBODY)
    for other in done.others:
        print(_ANOTHER.format(other))
    return 0 if done.known and not done.others else 1


def _replay(asked: argparse.Namespace, place: Place) -> int:
    key = place.office_key
    with place.database() as source, _replay_database(asked.into, place) as target:
        if not target.is_empty():
            raise Refused(f"{target.name} is not empty: a replay needs a database of its own")
        at = source.now()
        try:
            return _replayed(source, at, target, key)
        finally:
            if asked.into is None:
                exports_of(target).clear()


def _replayed(source: Database, at: datetime, target: Database, key: OfficeKey) -> int:
    total = sum(source.count(name, at) for name in {*source.collections(at), "events"})
    with _bar("Copying", total) as bar:
        for read in copy_all_but_heads(source, at, target):
            bar.update(read)
    heads = source.count("complaints", at)
    reasons = {}
    with _bar("Rebuilding", heads) as bar:
        for one in rebuild_heads(target, key):
            bar.update()
            reasons[one.complaint] = one.difference
    equal = different = 0
    with _bar("Comparing", heads) as bar:
        for one in compare_heads(source, at, target, key):
            bar.update()
            equal, different = equal + (one.difference is None), different + (one.difference is not None)
            if one.difference is not None:
                bar.write(f"{one.complaint}: {reasons.get(one.complaint) or one.difference}", file=sys.stdout)
    print(f"{equal} heads are equal, {different} are not")
    return 1 if different else 0


def _rewrap(asked: argparse.Namespace, place: Place) -> int:
    del asked
    key = place.office_key
    changed = missed = unopened = 0
    with place.database() as database:
        total = sum(database.count(name) for name in database.collections())
        with _bar("Re-wrapping", total) as bar:
            for done in rewrap(database, key):
                bar.update(done.read)
                changed, missed, unopened = changed + done.changed, missed + done.missed, unopened + len(done.unopened)
                for path in done.unopened:
                    bar.write(f"{path} is under none of these keys", file=sys.stdout)
    print(f"{changed} documents were put under key {key.names[0]}, {missed} are to be looked at again, {unopened} stay")
    return 1 if missed or unopened else 0


def _replay_database(named: str | None, place: Place) -> Database:
    if named is None:
        if place.emulator is None:
            raise Refused("name an empty database for the replay: INTO=project, or INTO=project/database")
        return place.database(f"{place.project}-replay-{uuid.uuid4().hex[:8]}")
    project, _, database = named.partition("/")
    return place.database(project, database or DEFAULT)


def _bar(words: str, total: int | None) -> "tqdm[NoReturn]":
    """Shown to a person only."""
    return tqdm(total=total, unit="", desc=words, disable=None)


if __name__ == "__main__":
    sys.exit(main())

"""What a whole day's work leaves behind: nothing personal in plain, in the database, in a task, a log or an alert."""

import gzip
import json
import os
import re
import sqlite3
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import pytest
from google.cloud import firestore

from aduan.service.ports import Store
from aduan.settings import MEDIA_STORE
from infra.local.firestore import FirestoreEmulator
from infra.record.database import Database
from infra.record.exports import EmulatorExports
from tests.end_to_end import long_day
from tests.end_to_end.leaks import Scan, values_in
from tests.end_to_end.long_day import NIK, NUMBERS, PHONE, SET_FORMAT, STORY, WORDS
from tests.end_to_end.scenes import submitted
from tests.end_to_end.world import STAFF, World, a_world


@pytest.fixture
def tasks_file(tmp_path: Path) -> Path:
    return tmp_path / "tasks.sqlite"


@pytest.fixture
def world(
    firestore_emulator: FirestoreEmulator, project_id: str, firestore_client: firestore.Client, tasks_file: Path
) -> Iterator[World]:
    """One whose tasks can be read, also those that are done."""
    with a_world(firestore_emulator.host, project_id, firestore_client, tasks_file=tasks_file) as world:
        yield world


def look_into_everything(scan: Scan, world: World, tasks_file: Path, export: Path) -> None:
    """All that is kept anywhere: documents one by one, the whole database as it is exported, tasks, and files."""
    with Database(world.client.project, emulator=world.environment["FIRESTORE_EMULATOR_HOST"]) as record:
        for stored in record.walk():
            for name, value in stored.fields.items():
                place = f"{stored.path} {name}"
                scan.look("firestore", place, value.SerializeToString(), values_in(stored.document[name]))
        EmulatorExports(record).export(str(export), record.now())
    for path in export.rglob("*"):
        if path.is_file():
            scan.look("export", path.name, path.read_bytes())
    with sqlite3.connect(f"file:{tasks_file}?mode=ro", uri=True) as kept:
        for name, message in kept.execute("SELECT name, message FROM tasks"):
            scan.look("tasks", name, bytes(message))
    media = Path(urlsplit(world.house.settings[MEDIA_STORE]).path)
    for path in media.rglob("*"):
        if path.is_file():
            scan.look("media", str(path.relative_to(media)), path.read_bytes())


def look_at_the_logs(scan: Scan, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    out, err = capfd.readouterr()
    lines = (*out.splitlines(), *err.splitlines(), *(one.getMessage() for one in caplog.records))
    for number, line in enumerate(lines):
        scan.look("logs", str(number), line)


def look_at_what_was_sent(to_staff: Scan, to_citizens: Scan, world: World) -> None:
    """Without to whom: a citizen's number must stand in what is sent to them."""
    phones = {phone for _, _, phone in STAFF.values()}
    for sent in world.whatsapp.sent:
        content = {name: value for name, value in sent.payload.items() if name not in {"to", "recipient"}}
        scan, surface = (to_staff, "alerts") if sent.to in phones else (to_citizens, "messages")
        scan.look(surface, "", json.dumps(content, ensure_ascii=False))


def look_at_the_pages(addresses: Scan, texts: Scan, world: World) -> None:
    """A number that somebody types into an address is led away from it; what a page says, and leads to, has none."""
    typed = (NIK, f"{NIK}x", PHONE, f"%2B{long_day.NEW_PHONE}", "3402%200141%200790%200001")
    for answer in long_day.pages(world, *typed):
        if "/lampiran/" in str(answer.request.url):
            continue  # the picture itself, on its complaint
        texts.look("pages", "", answer.text)
        addresses.look("titles", "", " ".join(re.findall(r"<title>(.*?)</title>", answer.text, re.DOTALL)))
        addresses.look("addresses", "", " ".join((answer.headers.get("Location", ""), *_addresses(answer.text))))


def test_after_a_day_of_everything_nothing_personal_stands_where_it_may_not(
    world: World, tasks_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    numbers = long_day.live_through(world)
    long_day.pages(world)
    everything, hidden = Scan((*NUMBERS, *WORDS)), Scan(NUMBERS)
    look_at_the_logs(everything, capfd, caplog)
    look_into_everything(everything, world, tasks_file, tmp_path / "export")
    look_at_what_was_sent(everything, hidden, world)
    look_at_the_pages(everything, hidden, world)

    with capfd.disabled():
        print(f"\n{everything.figures()}; numbers only: {hidden.figures()}")  # noqa: T201 - to be read
    if folder := os.environ.get("ADUAN_PROMISES"):
        write_figures(Path(folder), everything, hidden)
    assert (everything.found, hidden.found) == ([], [])
    assert len(set(numbers)) == 3
    looked = everything.places + hidden.places
    assert {name: looked[name] for name, least in LEAST.items() if looked[name] < least} == {}
    collections = {path.split("/")[0] for path, _ in _documents(world.client)}
    assert collections >= COLLECTIONS


def write_figures(folder: Path, *scans: Scan) -> None:
    """What was looked at, by surface, and how much was found: `leaks.json`."""
    figures = {
        "places": {name: n for scan in scans for name, n in scan.places.items()},
        "values": {name: n for scan in scans for name, n in scan.fields.items()},
        "bytes": {name: n for scan in scans for name, n in scan.sizes.items()},
        "secrets": len(scans[0].secrets),
        "found": sum(len(scan.found) for scan in scans),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leaks.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


LEAST = {
    "firestore": 2_000, "export": 2, "tasks": 50, "media": 5, "logs": 100, "alerts": 12, "messages": 30, "pages": 40,
    "titles": 40, "addresses": 40,
}  # fmt: skip
"""Places that a day leaves at least, so that no surface is left out unnoticed."""
COLLECTIONS = {
    "complaints", "messages", "citizens", "citizen_aliases", "outbox", "unreadable", "requests", "staff", "channel",
}  # fmt: skip


def _addresses(page: str) -> list[str]:
    return re.findall(r'(?:href|src|action)="([^"]*)"', page)


def _documents(client: firestore.Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every document there is, in every collection and below every document."""
    waiting: list[Any] = list(client.collections())
    while waiting:
        for reference in waiting.pop().list_documents():
            waiting += reference.collections()
            snapshot = reference.get()
            if snapshot.exists:
                yield reference.path, snapshot.to_dict()


# The search itself can fail


SPELLED: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in capitals": str.upper,
    "within a sentence": lambda text: f"Nama saya {text}, terima kasih.",
    "percent-encoded": lambda text: quote(f"?q={text} dan lain"),
    "in base64": lambda text: b64encode(text.encode()).decode(),
    "in base64, begun one byte before": lambda text: b64encode(f"x{text}y".encode()).decode(),
    "in base64, begun two bytes before": lambda text: urlsafe_b64encode(f"xx{text}yy".encode()).decode(),
    "in hex": lambda text: text.encode().hex(),
    "backwards": lambda text: text[::-1],
}
WRITTEN: dict[str, Callable[[str], str]] = {
    "spaced": lambda digits: " ".join(digits[at : at + 4] for at in range(0, 16, 4)),
    "dotted": lambda digits: ".".join(digits[at : at + 4] for at in range(0, 16, 4)),
    "with letters for digits": lambda digits: digits.replace("0", "O").replace("1", "I"),
    "spaced, in base64": lambda digits: b64encode(
        " ".join((digits[:4], digits[4:8], digits[8:12], digits[12:])).encode()
    ).decode(),
    "as a bare hash": lambda digits: sha256(digits.encode()).hexdigest(),
}
SPELT = (long_day.NAME.split()[0], "kelurahanpringgolayan", NIK, PHONE)
LEAKS = [
    *((f"{word}, {how}", spell(word)) for word in SPELT for how, spell in SPELLED.items()),
    *((f"NIK, {how}", write(NIK)) for how, write in WRITTEN.items()),
    ("phone as at home, a bare hash", sha256(f"0{PHONE[2:]}".encode()).hexdigest()),
    ("phone in groups", "+62 857-9998-8877"),
]


@pytest.fixture(scope="module")
def scan_of_all() -> Scan:
    """Made once: its needles are many."""
    return Scan((*NUMBERS, *WORDS))


@pytest.mark.parametrize(("how", "leak"), LEAKS, ids=[how for how, _ in LEAKS])
def test_a_leak_is_seen_however_it_is_written(scan_of_all: Scan, how: str, leak: str) -> None:
    for content in (leak, f"\0{leak}\xff".encode("latin-1", "replace"), gzip.compress(leak.encode())):
        scan_of_all.found.clear()
        scan_of_all.look("somewhere", "", content)
        assert scan_of_all.found, how
    scan_of_all.found.clear()
    scan_of_all.look("somewhere", leak, b"")
    assert scan_of_all.found, how


def test_what_is_none_is_not_taken_for_a_leak(scan_of_all: Scan) -> None:
    scan_of_all.found.clear()
    for harmless in ("Siti", "ADU-261124-AB3DE", "3402", "2026-11-24T02:00:00Z", sha256(b"x").hexdigest() * 100, ""):
        scan_of_all.look("somewhere", "", harmless)
    assert scan_of_all.found == []


def seed_a_field(world: World) -> None:
    world.client.document("complaints/X/events/000001").set({"deep": {"in": [{"here": f"x{STORY}"}]}})


def seed_a_field_name(world: World) -> None:
    world.client.document("outbox/x").set({f"n{NIK}": 1})


def seed_an_id(world: World) -> None:
    world.client.document(f"new_collection/of-{PHONE}").set({"x": 1})


def seed_bytes(world: World) -> None:
    world.client.document("messages/x").set({"raw": b64encode(NIK.encode())})


def seed_a_file(world: World) -> None:
    path = Path(urlsplit(world.house.settings[MEDIA_STORE]).path) / "ab"
    path.mkdir(parents=True)
    (path / f"{PHONE}.jpg").write_bytes(b"")
    (path / "x").write_bytes(b"\xff\xd8" + STORY.encode())


SEEDS: list[tuple[Callable[[World], None], set[str]]] = [
    (seed_a_field, {"firestore", "export"}),
    (seed_a_field_name, {"firestore", "export"}),
    (seed_an_id, {"firestore", "export"}),
    (seed_bytes, {"firestore", "export"}),
    (seed_a_file, {"media"}),
]


@pytest.mark.parametrize(("seed", "surfaces"), SEEDS)
def test_a_leak_that_is_sown_anywhere_is_found_there(
    world: World, tasks_file: Path, tmp_path: Path, seed: Callable[[World], None], surfaces: set[str]
) -> None:
    submitted(world)
    scan = Scan((*NUMBERS, *WORDS))
    seed(world)
    look_into_everything(scan, world, tasks_file, tmp_path / "export")
    assert {found.surface for found in scan.found} == surfaces


def test_a_leak_in_a_task_is_found(world: World, tasks_file: Path, tmp_path: Path) -> None:
    scan = Scan((*NUMBERS, *WORDS))
    world.house.tasks.send((), fetch=[f"x{PHONE}"])
    look_into_everything(scan, world, tasks_file, tmp_path / "export")
    assert {found.surface for found in scan.found} == {"tasks"}


def test_what_was_sealed_can_still_be_read_by_the_office(world: World) -> None:
    number = submitted(world, f"+{PHONE}")
    stored = " ".join(str(document) for path, document in _documents(world.client) if not path.startswith("staff/"))
    complaint = world.complaint(number)
    assert complaint["description"] not in stored
    assert complaint["description"] == "KTP saya belum jadi sejak dua bulan lalu."


class RepeatingStore:
    """A store that breaks, with the text that it met in its error's words, as many a library does."""

    def __init__(self, store: Store, words: str) -> None:
        """Whatever is committed breaks."""
        self._store = store
        self._words = words

    def commit(self, *_: object) -> None:
        raise ValueError(f"cannot store {self._words!r}") from KeyError(self._words)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_an_error_that_repeats_what_a_citizen_wrote_is_logged_without_it(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    world.house.store = cast("Store", RepeatingStore(world.house.store, SET_FORMAT))
    assert world.citizen(f"+{PHONE}").write(SET_FORMAT) == 500
    out, err = capfd.readouterr()
    (line,) = [line for line in out.splitlines() if "item_not_kept" in line]
    assert "Traceback (most recent call last)" in json.loads(line)["stack_trace"]
    assert "ValueError" in line
    scan = Scan((*NUMBERS, *WORDS))
    scan.look("logs", "", out + err)
    assert scan.found == []

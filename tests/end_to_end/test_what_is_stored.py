"""What a whole day's work leaves behind: nothing personal in plain, in the database, in a task, a log or an alert."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from google.cloud import firestore

from aduan.service.ports import Store
from aduan.settings import MEDIA_STORE
from tests.end_to_end.scenes import numbers_in, submitted
from tests.end_to_end.world import ADB, ADMIN, KABID, KASI, STAFF, World

NAME, NICKNAME, NIK, PHONE = "Siti Aminah Wulandari", "Mbak Wulan", "3402014107900001", "6285799988877"
STORY = "Berkas almarhum ayah hilang di kelurahan"
LATER = "Kemarin saya sudah ke Jetis"
NOTE = f"Sudah dicek ke arsip Jetis, NIK {NIK} terdaftar atas nama Wulandari."
ANSWER = "Silakan ambil di loket sebelas"
QUESTION = "Apakah ada fotokopi dari Imogiri"
UNREADABLE = f"bukan webhook, dari {PHONE}"
PERSONAL = (NAME, NICKNAME, NIK, PHONE, STORY, LATER, NOTE, ANSWER, QUESTION)
MARKS = (
    "wulan", "aminah", "3402014107", "340201410790", "99988877", "almarhum", "jetis", "sebelas", "imogiri", "wamid.",
)  # fmt: skip
"""What shows where any of it stands as it was written. A wamid holds the sender's number, in base64."""

SET_FORMAT = f"Layanan: KTP\nNama: {NAME}\nNIK: {NIK}\nAduan: {STORY}"


def _documents(client: firestore.Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every document there is, in every collection and below every document."""
    waiting: list[Any] = list(client.collections())
    while waiting:
        for reference in waiting.pop().list_documents():
            waiting += reference.collections()
            snapshot = reference.get()
            if snapshot.exists:
                yield reference.path, snapshot.to_dict()


def _showing(text: str) -> list[str]:
    """The marks that a text shows, however its digits are spaced."""
    folded = text.casefold()
    spaceless = re.sub(r"(?<=\d)[ .\-](?=\d)", "", folded)
    return [mark for mark in MARKS if mark in folded or mark in spaceless]


def _a_day_of_work(world: World) -> None:
    """The three ways, and the guided conversation, with notes that say too much."""
    citizen = world.citizen(f"+{PHONE}", name=NICKNAME)
    by_admin = _submit(world)
    world.did(by_admin, "receive", ADMIN)
    world.did(by_admin, "ask_complainant", ADMIN, question=QUESTION)
    citizen.write(LATER)
    citizen.send_image(b"\xff\xd8", caption=LATER)
    citizen.send_document(b"%PDF-1.7 " + STORY.encode(), f"KK {NAME} {NIK}.pdf", caption=LATER)
    world.did(by_admin, "ask_database_admin", ADMIN, note=NOTE)
    world.did(by_admin, "reply_data_check", ADB, note=NOTE)
    world.did(by_admin, "settle", ADMIN, note=NOTE, answer=ANSWER)
    world.did(by_admin, "refuse", KASI, note=NOTE)
    world.did(by_admin, "respond", KASI, note=NOTE, answer=ANSWER)
    world.did(by_admin, "answer", ADMIN, answer=ANSWER)

    by_division = _submit(world)
    world.did(by_division, "forward", ADMIN, note=NOTE)
    world.did(by_division, "forward", KASI, note=NOTE)
    world.did(by_division, "respond", KABID, note=NOTE, answer=ANSWER)
    assert world.act(by_division, "unmask", ADMIN).status_code in (200, 409)
    world.did(by_division, "answer", ADMIN, answer=ANSWER)
    assert world.get("/aduan", html=True).status_code == 200
    assert world.get(f"/aduan/{by_division}", html=True).status_code == 200

    for text in (
        "Assalamualaikum",
        STORY,
        "KTP",
        f"nama saya {NAME}",
        "NIK 3402.0141.0790.0001",
        "ubah nama",
        NAME,
        "ya",
    ):
        world.advance(seconds=10)
        assert citizen.write(text) == 200
        world.settle()
    world.whatsapp.post_body(UNREADABLE.encode())
    world.advance(minutes=40)
    world.sweep()


def _submit(world: World) -> str:
    citizen = world.citizen(f"+{PHONE}", name=NICKNAME)
    assert citizen.write("ADUAN BARU") == 200
    assert citizen.write(SET_FORMAT) == 200
    world.settle()
    return numbers_in(citizen.inbox[-1].text)[0]


def test_nothing_personal_is_left_in_plain_anywhere(
    world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert all(_showing(text) for text in PERSONAL)  # else the search would find nothing anywhere
    caplog.set_level("INFO")
    _a_day_of_work(world)

    stored = {path: str(document) for path, document in _documents(world.client) if not path.startswith("staff/")}
    collections = {path.split("/")[0] for path in stored}
    assert collections >= {"complaints", "messages", "citizens", "citizen_aliases", "outbox", "unreadable", "requests"}
    assert any("/events/" in path for path in stored)
    assert {path: shown for path, text in stored.items() if (shown := _showing(path + text))} == {}

    files = [path for path in Path(urlsplit(world.house.settings[MEDIA_STORE]).path).rglob("*") if path.is_file()]
    assert len(files) == 2
    assert [path for path in files if _showing(f"{path} {path.read_bytes()!r}")] == []

    assert world.citizen(f"+{PHONE}").send_image(b"\xff\xd8", caption=LATER) == 200
    tasks = [str(task) for queue in ("messages", "media", "sla-checks") for task in world.tasks.pending(queue)]
    assert any("messages" in task for task in tasks)
    assert any("media" in task for task in tasks)
    assert any("sla-checks" in task for task in tasks)
    assert [task for task in tasks if _showing(task)] == []

    out, err = capfd.readouterr()
    lines = [*out.splitlines(), *err.splitlines(), *(record.getMessage() for record in caplog.records)]
    assert any("message_sent" in line for line in lines)
    assert [line for line in lines if _showing(line)] == []

    phones = {phone for _, _, phone in STAFF.values()}
    alerts = [json.dumps(sent.payload) for sent in world.whatsapp.sent if sent.to in phones]
    assert len(alerts) > 5
    assert [alert for alert in alerts if _showing(alert)] == []


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
    assert "Traceback (most recent call last)" in json.loads(line)["message"]
    assert "ValueError" in line
    assert _showing(out + err) == []

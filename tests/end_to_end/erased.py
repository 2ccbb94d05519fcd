"""What is left of somebody: every document and file of a world, as whoever has the office's key could read it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aduan import settings as names
from aduan.adapters.firestore_connection import Document
from aduan.adapters.sealing import CannotOpen
from infra.record.database import Database
from tests.end_to_end.scenes import ANSWER, submitted
from tests.end_to_end.world import ADMIN, KASI, World

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF a family card"
CITIZEN = "+6281234567890"
NAME, NIK = "Siti Aminah", "3402014107900001"
MARKS = (NAME, NIK, CITIZEN, "KTP saya belum jadi", ANSWER, "Arsip ada di Jetis", "foto KK")
"""All that the scene's citizen and the staff wrote of her."""


def closed_complaint(world: World, phone: str = CITIZEN) -> str:
    """A complaint with a picture and a note, answered, approved and delivered; its number."""
    number = submitted(world, phone)
    assert world.citizen(phone).send_image(JPEG, caption="foto KK") == HTTPStatus.OK
    world.settle()
    world.did(number, "forward", ADMIN, note="Arsip ada di Jetis.")
    world.did(number, "respond", KASI, note="Arsip ada di Jetis.", answer=ANSWER)
    world.did(number, "answer", ADMIN, answer=ANSWER)
    assert world.complaint(number)["status"] == "closed"
    return number


def days_later(world: World, days: float) -> None:
    """Time passes, and the sweep comes by twice: what the first one did must leave nothing to the second."""
    world.clock.now += timedelta(days=days)
    for _ in range(2):
        assert world.sweep().status_code == HTTPStatus.OK


def documents(world: World) -> dict[str, Document]:
    """Every document, by path."""
    with Database(world.client.project, emulator=world.environment["FIRESTORE_EMULATOR_HOST"]) as database:
        return {stored.path: stored.document for stored in database.walk()}


def count(world: World, collection: str) -> int:
    return sum(path.startswith(f"{collection}/") for path in documents(world))


def files(world: World) -> list[Path]:
    """The media that are kept."""
    folder = Path(urlsplit(world.house.settings[names.MEDIA_STORE].replace("file://", "file:", 1)).path)
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def readable(world: World) -> list[str]:
    """Every text in the whole database that somebody with the office's key, and each key that is left, can read."""
    stored = documents(world)
    keys = {document["key"] for document in stored.values() if "key" in document} - {"destroyed"}
    seals = [world.house.office_key.seal_for(key) for key in sorted(keys)]
    texts = []
    for text in (text for document in stored.values() for text in _texts(document)):
        texts.append(text)
        for seal in seals if text.startswith("s1.") else ():
            try:
                texts.append(seal.open(text))
            except CannotOpen:
                continue
    return texts


def traces(world: World) -> list[str]:
    """What of the scene's citizen can still be read."""
    texts = readable(world)
    return [mark for mark in MARKS if any(mark in text for text in texts)]


def leads(world: World, phone: str = CITIZEN, nik: str = NIK) -> list[str]:
    """The documents, and fields, that somebody who asks for a number by its keyed hash would find."""
    key = world.house.office_key
    hashes = {key.lookup_hash("phone", phone), key.lookup_hash("nik", nik)}
    stored = documents(world)
    return sorted(
        path
        for path, document in stored.items()
        if path.rpartition("/")[2] in hashes or any(one in text for text in _texts(document) for one in hashes)
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)

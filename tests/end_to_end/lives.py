"""Citizens with their complaints, over several releases; and a look at whether all of it is still theirs."""

import base64
import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aduan.bootstrap import House
from aduan.settings import Settings
from infra.record.checking import check
from infra.record.database import Database, Stored
from infra.record.replaying import rebuild_here
from tests.end_to_end.scenes import NOTE, numbers_in
from tests.end_to_end.world import ADMIN, World

Ring = tuple[bytes, ...]
OLD, NEW = (hashlib.sha256(name.encode()).digest() for name in ("the old key", "the new key"))

NIK = "3402014107900001"
STORY = "KTP saya belum jadi sejak dua bulan lalu."
SET_FORMAT = f"Layanan: KTP\nNama: Siti Aminah\nNIK: {NIK}\nAduan: {STORY}"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF a family card"


def ring_text(*keys: bytes) -> str:
    """A ring as `FIELD_KEY` says it."""
    return ",".join(base64.b64encode(key).decode() for key in keys)


def use(world: World, *keys: bytes, **more: str) -> None:
    """The next release: new processes, which have these keys and write with the first."""
    world.house = House(Settings({**world.environment, "FIELD_KEY": ring_text(*keys), **more}), world.clock)


@dataclass
class Lives:
    """What was begun: each citizen's phone, and the number of their complaint. `looks` counts what was looked at."""

    world: World
    numbers: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    _last_digits: Iterator[int] = field(default_factory=lambda: itertools.count(100))

    def begin(self) -> str:
        """A new citizen complains, with a picture; the number of the complaint."""
        phone = f"+628123456{next(self._last_digits)}"
        citizen = self.world.citizen(phone, name="Siti")
        assert citizen.write(SET_FORMAT) == HTTPStatus.OK
        assert citizen.send_image(JPEG + phone.encode()) == HTTPStatus.OK
        self.world.settle()
        (self.numbers[phone], *_) = numbers_in(" ".join(message.text for message in citizen.inbox))
        return self.numbers[phone]

    def go_on(self) -> None:
        """Everybody writes once more, and a desk acts on what is new."""
        for phone, number in self.numbers.items():
            assert self.world.citizen(phone).write("Mohon dibantu.") == HTTPStatus.OK
            self.world.settle()
            if self.world.complaint(number)["step"] == 2:
                self.world.did(number, "forward", ADMIN, note=NOTE)

    def expect_all(self) -> None:
        """Each complaint reads as it was written, its picture opens, it is found, and its citizen is known."""
        assert self._found(NIK) == set(self.numbers.values())
        for phone, number in self.numbers.items():
            complaint = self.world.complaint(number)
            assert complaint["description"] == STORY
            assert self._found(phone) == {number}
            assert self._picture(number) == JPEG + phone.encode()
            citizen = self.world.citizen(phone)
            assert citizen.write("STATUS") == HTTPStatus.OK
            self.world.settle()
            assert number in citizen.inbox[-1].text
            self.looks += 1
        assert len(list(self.world.client.collection("citizens").list_documents())) == len(self.numbers)

    def _found(self, wanted: str) -> set[str]:
        answer = self.world.http.get(
            f"{self.world.urls['staff_portal']}/aduan",
            params={"q": wanted},
            headers=self.world.headers(ADMIN, Accept="application/json"),
        )
        assert answer.status_code == HTTPStatus.OK, answer.text
        return {str(row["number"]) for row in answer.json()["complaints"]}

    def _picture(self, number: str) -> bytes:
        page = self.world.get(f"/aduan/{number}", html=True).text
        (address,) = set(re.findall(r"/aduan/[^/\"]+/lampiran/[0-9a-f]{64}", page))
        return self.world.get(address, html=True).content


def record_of(world: World) -> Database:
    """The world's database, as operators reach it."""
    return Database(world.client.project, emulator=world.environment["FIRESTORE_EMULATOR_HOST"])


def stored(world: World) -> list[Stored]:
    """Every document."""
    with record_of(world) as record:
        return list(record.walk())


def events(world: World) -> Mapping[str, Any]:
    """Every event, as it is stored, by its path."""
    return {one.path: one.document for one in stored(world) if "/events/" in one.path}


def keys_in_use(world: World) -> set[str]:
    """The names of the office's keys that wrapped a data key, or hashed a name, of anything that is stored."""
    documents = [one.document for one in stored(world)]
    wrapped = {str(document["key"]).split(".")[1] for document in documents if "key" in document}
    return wrapped | {str(document["hashed_under"]) for document in documents if "hashed_under" in document}


def expect_a_sound_record(world: World) -> int:
    """Every chain is whole and every head is what its events make it; the number of complaints."""
    key, complaints = world.house.office_key, 0
    with record_of(world) as record:
        for one in check(record, record.now(), rebuild=lambda found: rebuild_here(found, key)):
            assert one.wrong == ()
            complaints += one.is_complaint
    return complaints

"""Where the cases are tried: the real handler over a Firestore in memory, and the same over HTTP and the emulator."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from flask import Flask
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from aduan import handlers
from aduan.adapters.firestore_documents import load_citizen, load_complaint, load_message, load_row
from aduan.adapters.firestore_queries import CITIZENS, COMPLAINTS, MESSAGES, OUTBOX, UNREADABLE, Query
from aduan.bootstrap import House
from aduan.procedure.definition import ActName
from aduan.service.channel import Address
from aduan.service.fields import ActFields
from aduan.service.model import RowKind
from aduan.settings import Settings
from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.world import ADMIN, CONTINUOUS, STAFF, SteeredClock, World, a_world, served
from tests.fuzz.cases import SECRET, signature
from tests.fuzz.damage import written
from tests.fuzz.expected import Stored
from tests.fuzz.memory import ConnectionInMemory, MemoryFirestore
from tests.fuzz.payloads import NUMBER_ID, SET_FORMAT, Sender, message, value, webhook
from tests.service.fakes import RecordingTasks

HONEST, NEWCOMER, WITH_ANSWER = "6281300000001", "6281300000002", "6281300000003"
"""Numbers that no case names."""

HONEST_PEOPLE: Final = 2
"""Who write after each batch: one who is new, and one who is known."""

_SETTINGS: Final[Mapping[str, str]] = {
    "GOOGLE_CLOUD_PROJECT": "fuzz",
    "WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID,
    "WHATSAPP_APP_SECRET": SECRET,
    "STAFF_URL": "https://staff.office.test",
    "CALENDAR_FILE": str(CONTINUOUS),
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",  # nobody is there: it lets the development keys hold
}


@dataclass
class Ground:
    """An office to which webhooks are posted. `post` gives the status; `wipe` empties its database."""

    name: str
    house: House
    clock: SteeredClock
    post: Callable[[bytes, str | None], int]
    wipe: Callable[[], None]
    calls: Callable[[], int]
    row: str = ""

    def begin(self) -> None:
        """An empty office with its staff, one open complaint, and one with an answer on its way: `row`."""
        self.wipe()
        for number in (HONEST, WITH_ANSWER):
            if self.says(number, f"wamid.begin.{number}", SET_FORMAT) != 200:
                raise AssertionError("an honest complaint was refused before anything was damaged")
        complaint = self.house.store.inbound("", Address(phone=f"+{WITH_ANSWER}")).complaint
        admin = self.house.staff.member(ADMIN)
        if complaint is None or admin is None:
            raise AssertionError("the office did not open")
        act = ActFields(
            request_id="0" * 32, version=complaint.value.version, note="Data benar.", answer="Silakan diambil."
        )
        self.house.desk.act(admin, complaint.value.id, ActName.SETTLE, act)
        sent = self.house.store.conversation(complaint).outbound
        self.row = next(row.id for row in sent if row.kind is RowKind.ANSWER)

    def says(self, number: str, wamid: str, text: str) -> int:
        """Somebody writes; the status."""
        sent = message("text", Sender({"from": number}, ()), wamid, self.seconds()) | {"text": {"body": text}}
        body = written(webhook(value(messages=[sent])))
        return self.post(body, signature(body))

    def seconds(self) -> int:
        """Unix time, of a moment ago."""
        return int(self.clock.now.timestamp()) - 3

    def later(self) -> None:
        """A second passes."""
        self.clock.now += timedelta(seconds=1)

    def serves(self, mark: str) -> Iterator[str]:
        """What is wrong with how two honest people are served now: one who is new, and one who is known."""
        for number, text in ((NEWCOMER, SET_FORMAT), (HONEST, "Apakah sudah ada kabar?")):
            self.clock.now += timedelta(minutes=11)  # whoever was told the same ten minutes ago is not told again
            wamid = f"wamid.honest.{mark}.{number}"
            status = self.says(number, wamid, text)
            found = self.house.store.inbound(wamid, Address(phone=f"+{number}"))
            said = self.house.store.conversation(found.complaint) if found.complaint else None
            if status != 200 or said is None or not found.claimed:
                yield f"an honest message was answered {status}, and kept: {found.claimed}"
            elif wamid not in {one.wamid for one in said.inbound}:
                yield "an honest message is in no complaint"
            elif not any(row.created_at == self.clock.now for row in said.outbound):
                yield "an honest message was not answered"

    def stored(self) -> Stored:
        """All that is kept, opened. Whatever cannot be read back raises."""
        key = self.house.office_key
        messages = (load_message(one, key).value for one in self._all(MESSAGES))
        for collection, load in ((COMPLAINTS, load_complaint), (CITIZENS, load_citizen), (OUTBOX, load_row)):
            for one in self._all(collection):
                load(one, key)
        parts: dict[str, dict[int, str]] = {}
        for one in self._all(UNREADABLE):
            opened = key.seal_for(one.document["key"]).open(one.document["raw"])
            parts.setdefault(one.id.partition("-")[0], {})[one.document["part"]] = opened
        whole = ("".join(part for _, part in sorted(each.items())) for each in parts.values())
        return Stored.of({one.wamid: one.raw for one in messages}, frozenset(whole))

    def _all(self, collection: str) -> tuple[Any, ...]:
        return self.house.store._connection.calls.query(Query(collection))  # type: ignore[attr-defined, no-any-return]  # noqa: SLF001 - the port has no way to read everything


def in_memory() -> Ground:
    """The real handler, house and adapters in this process; Firestore in memory, and tasks that are noted."""
    clock, database = SteeredClock(), MemoryFirestore()
    house = House(Settings(_SETTINGS), clock)
    vars(house).update(connection=ConnectionInMemory(database), tasks=RecordingTasks())
    app = served(handlers.whatsapp_webhook, lambda: house)

    def wipe() -> None:
        database.clear()
        database.put_all({f"staff/{email}": _staff_row(*row) for email, row in STAFF.items()})
        tasks = house.tasks
        for noted in vars(tasks).values():
            noted.clear()

    return Ground("memory", house, clock, _posting(app), wipe, lambda: database.calls)


def _posting(app: Flask) -> Callable[[bytes, str | None], int]:
    client = app.test_client()

    def post(body: bytes, signed: str | None) -> int:
        headers = {} if signed is None else {"X-Hub-Signature-256": signed}
        return client.post("/", data=body, headers=headers).status_code

    return post


def _staff_row(name: str, role: str, phone: str) -> Mapping[str, Any]:
    return {"name": name, "role": role, "whatsapp": phone, "active": True}


@contextmanager
def over_http(emulator: FirestoreEmulator, project: str, client: firestore.Client) -> Iterator[Ground]:
    """All of it over HTTP, on the Firestore emulator, with the stand-in for Cloud Tasks."""
    with a_world(emulator.host, project, client) as world:
        yield Ground("emulator", world.house, world.clock, _over(world), _wiping(world, emulator.host), _counted(world))


@contextmanager
def of_its_own() -> Iterator[Ground]:
    """The same, with an emulator of its own."""
    with FirestoreEmulator() as emulator, pytest.MonkeyPatch.context() as environment:
        # Google's client reads the emulator's address from the environment, whenever it is made.
        environment.setenv("FIRESTORE_EMULATOR_HOST", emulator.host)
        client = firestore.Client(project="fuzz", credentials=AnonymousCredentials())
        with over_http(emulator, "fuzz", client) as ground:
            yield ground
        client.close()


def _over(world: World) -> Callable[[bytes, str | None], int]:
    def post(body: bytes, signed: str | None) -> int:
        headers = {} if signed is None else {b"X-Hub-Signature-256": signed.encode("latin-1")}
        return world.http.post(world.urls["whatsapp_webhook"], content=body, headers=headers).status_code

    return post


def _wiping(world: World, host: str) -> Callable[[], None]:
    documents = f"http://{host}/emulator/v1/projects/{world.client.project}/databases/(default)/documents"

    def wipe() -> None:
        httpx.delete(documents, timeout=30).raise_for_status()
        for email, row in STAFF.items():
            world.put_staff(email, **_staff_row(*row))

    return wipe


def _counted(world: World) -> Callable[[], int]:
    return lambda: len(world.calls.firestore)

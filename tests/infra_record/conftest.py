"""An office that was lived in once, put aside, and brought back for each test into a project of its own."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from aduan.settings import Settings
from infra.local.firestore import FirestoreEmulator
from infra.record.database import Database
from infra.record.exports import EmulatorExports
from infra.record.folder import Folder
from infra.record.place import Place
from tests.end_to_end.scenes import ANSWER, NOTE, another_world, standing_at
from tests.end_to_end.world import ADMIN, KASI, World

SMALL_PAGE = 10
"""Documents: so that every walk turns several pages, some of them within one complaint."""


@dataclass(frozen=True)
class Office:
    """A database that was lived in, and the ids of its complaints by how they stand."""

    database: Database
    client: firestore.Client
    ids: dict[str, str]

    def events(self, complaint: str) -> list[dict[str, Any]]:
        found = self.client.collection(f"complaints/{complaint}/events").order_by("__name__").stream()
        return [event.to_dict() or {} for event in found]

    def documents(self) -> dict[str, Any]:
        """Everything, with the types of its values, by path."""
        return {stored.path: {n: str(v) for n, v in stored.fields.items()} for stored in self.database.walk()}

    @property
    def exports(self) -> EmulatorExports:
        return EmulatorExports(self.database)


@pytest.fixture(autouse=True, scope="session")
def _emulator_host(firestore_emulator: FirestoreEmulator) -> Iterator[None]:
    """Google's client for documents reads the emulator's address from the environment, whenever it is made."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        yield


@pytest.fixture(scope="session")
def lived(
    firestore_emulator: FirestoreEmulator, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, str]]:
    """The folder of an export of the office, and the complaints in it."""
    folder = str(tmp_path_factory.mktemp("lived"))
    with another_world(firestore_emulator.host) as world:
        ids = _a_day(world)
        with Database(world.client.project, emulator=firestore_emulator.host) as database:
            EmulatorExports(database).export(folder, database.now())
    return folder, ids


def _a_day(world: World) -> dict[str, str]:
    """Complaints at several steps: one escalated, one closed, one a draft."""
    escalated = standing_at(world, 3)
    world.advance(minutes=31)
    waiting = standing_at(world, 5)
    world.did(waiting.address, "ask_complainant", KASI, question="Nomor KK berapa?")
    closed = standing_at(world, 7)
    world.did(closed.address, "answer", ADMIN, answer=ANSWER)
    alone = standing_at(world, 2)
    world.did(alone.address, "settle", ADMIN, note=NOTE, answer=ANSWER)
    draft = standing_at(world, 1)
    assert world.complaint(closed.address)["status"] == "closed"
    assert world.complaint(escalated.address)["step"] == 4
    return {
        "escalated": escalated.known_as, "waiting": waiting.known_as, "closed": closed.known_as,
        "alone": alone.known_as, "draft": draft.known_as,
    }  # fmt: skip


@pytest.fixture
def office(
    lived: tuple[str, dict[str, str]], project_id: str, firestore_emulator: FirestoreEmulator
) -> Iterator[Office]:
    """The office as it was at the end of its day; whatever is done to it harms nobody else."""
    folder, ids = lived
    with (
        Database(project_id, emulator=firestore_emulator.host, page=SMALL_PAGE) as database,
        closing(firestore.Client(project=project_id, credentials=AnonymousCredentials())) as client,
    ):
        EmulatorExports(database).bring_in(folder)
        yield Office(database, client, ids)


@pytest.fixture
def place(office: Office, tmp_path: Path, firestore_emulator: FirestoreEmulator) -> Place:
    """The same office as a command finds it, with a file in its store."""
    media = Folder(f"{tmp_path}/media")
    media.write("3f", [])
    media.write("in/4a", ["sealed"])
    settings = Settings(
        {
            "GOOGLE_CLOUD_PROJECT": office.database.project,
            "FIRESTORE_EMULATOR_HOST": firestore_emulator.host,
            "MEDIA_STORE": f"file://{tmp_path}/media",
        }
    )
    return Place(settings, office.database.project, firestore_emulator.host)

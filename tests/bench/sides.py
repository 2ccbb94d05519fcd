"""The two sides of the comparison: our webhook and the bare function, each served as in the cloud, on one emulator.

Each has a project: neither meets the other's documents. The tasks are taken and never run.
"""

import json
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from infra.local import office
from infra.local.cloud_tasks import CloudTasksEmulator
from infra.local.firestore import FirestoreEmulator, free_port
from infra.local.functions import FUNCTIONS, THREADS
from infra.local.identity import LocalIdentity
from infra.local.tether import Tethered
from tests.bench import bare, traffic

OURS, BARE = "bench-ours", "bench-bare"
"""The projects, and the two sides by name."""

START_SECONDS = 60.0
NOBODY = "http://127.0.0.1:9"  # tasks are never sent, and nothing is asked there


@dataclass(frozen=True)
class Sides:
    """Where both listen, and where both write."""

    ports: Mapping[str, int]
    databases: Mapping[str, firestore.Client]
    tasks: CloudTasksEmulator

    def work(self, side: str) -> Counter[str]:
        """How many documents of each kind a side has written until now, and how many tasks it has set."""
        database = self.databases[side]
        kinds = [kind.id for kind in database.collections() if kind.id != "staff"]
        queries = {kind: database.collection(kind) for kind in kinds} | {"events": database.collection_group("events")}
        documents = {kind: sum(1 for _ in query.select([]).stream()) for kind, query in queries.items()}
        return Counter(documents) + Counter(tasks=len(self.tasks.created(project=side)))


@contextmanager
def served(citizens: traffic.Citizens, logs: Path) -> Iterator[Sides]:
    """Both, until the block ends. The bare function learns from ours how large the documents are."""
    with ExitStack() as stack:
        emulator = stack.enter_context(FirestoreEmulator())
        tasks = stack.enter_context(CloudTasksEmulator(LocalIdentity(), autostart=False))
        databases = {
            project: stack.enter_context(closing(_database(emulator.host, project))) for project in (OURS, BARE)
        }
        for database in databases.values():
            office.seat(database)
        shared = {**environment(), "FIRESTORE_EMULATOR_HOST": emulator.host, "CLOUD_TASKS_EMULATOR_HOST": tasks.address}
        ours = stack.enter_context(
            function(FUNCTIONS / "main.py", "whatsapp_webhook", {**shared, "GOOGLE_CLOUD_PROJECT": OURS}, logs)
        )
        sizes = _sizes(databases[OURS], ours, citizens)
        theirs = {**shared, "GOOGLE_CLOUD_PROJECT": BARE, "BENCH_SIZES": json.dumps(sizes)}
        other = stack.enter_context(function(Path(bare.__file__), "bare", theirs, logs))
        yield Sides({OURS: ours, BARE: other}, databases, tasks)


def environment() -> dict[str, str]:
    """What the webhook asks of its surroundings, beside the emulators."""
    return {
        "GOOGLE_CLOUD_PROJECT": OURS,
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",
        "SLA_CHECK_URL": NOBODY,
        "SEND_MESSAGE_URL": NOBODY,
        "FETCH_MEDIA_URL": NOBODY,
        "TASKS_SERVICE_ACCOUNT": "tasks@office.test",
        "WHATSAPP_PHONE_NUMBER_ID": traffic.NUMBER_ID,
        "WHATSAPP_APP_SECRET": traffic.SECRET,
        "WHATSAPP_VERIFY_TOKEN": traffic.VERIFY,
        "STAFF_URL": NOBODY,
        "PUBLIC_URL": NOBODY,
        "NO_PROXY": "127.0.0.1,localhost",
    }


@contextmanager
def function(source: Path, target: str, settings: Mapping[str, str], logs: Path) -> Iterator[int]:
    """A function, served by functions-framework with one worker on a port of this machine."""
    port = free_port()
    command = [
        sys.executable, "-m", "functions_framework", "--target", target,
        "--source", str(source), "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    log = logs / f"{target}.log"
    with log.open("wb") as output:
        program = Tethered(command, output=output, environment={**os.environ, "THREADS": THREADS, **settings})
    try:
        _wait_for(port, program, log)
        yield port
    finally:
        program.stop()


def _wait_for(port: int, program: Tethered, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while program.exit_code is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{log.stem} did not start: {log.read_text('utf-8', 'replace')[-2000:]}")


def _database(host: str, project: str) -> firestore.Client:
    os.environ["FIRESTORE_EMULATOR_HOST"] = host  # the client has no argument for it
    return firestore.Client(project=project, credentials=AnonymousCredentials())


def _sizes(database: firestore.Client, port: int, citizens: traffic.Citizens) -> dict[str, dict[str, int]]:
    """How large each document is that our function writes: after a first message, and after one more turn."""
    person = citizens.new(1)
    traffic.post_all(port, citizens.write(person, traffic.SET_FORMAT), clients=1)
    first = _documents(database)
    other = citizens.new(1)
    traffic.post_all(port, citizens.write(other, traffic.HELLO), clients=1)
    before = _documents(database)
    traffic.post_all(port, citizens.write(other, traffic.TURNS[0]), clients=1)
    after = _documents(database)
    turn = {path: size for path, size in after.items() if before.get(path) != size or path not in before}
    return {bare.FIRST: _by_kind(first), bare.NEXT: _by_kind(turn)}


def _documents(database: firestore.Client) -> dict[str, int]:
    """The size in characters of all documents, by path."""
    found = [shot for kind in database.collections() if kind.id != "staff" for shot in kind.stream()]
    events = list(database.collection_group("events").stream())
    return {shot.reference.path: len(json.dumps(shot.to_dict(), default=str)) for shot in (*found, *events)}


def _by_kind(sizes: Mapping[str, int]) -> dict[str, int]:
    """The size of each kind of document; the largest, where one message writes several of a kind."""
    return {path.split("/")[-2]: size for path, size in sorted(sizes.items(), key=lambda item: item[1])}

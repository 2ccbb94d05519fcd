"""What each message and each act asks of Firestore and of Cloud Tasks before it is answered, and a whole complaint.

Counted in the steered world, over HTTP: these are no timings, and come out the same on every machine.
"""

import io
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from aduan.adapters.cloud_tasks import CloudTasks
from aduan.bootstrap import House
from infra.local.whatsapp_phone import Phone
from infra.local.whatsapp_state import MessageState
from tests.bench.report import Table, verdict
from tests.bench.traffic import HELLO, SET_FORMAT, TURNS
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, KABID, KASI, World, a_world

MOST_CALLS = 3
"""Calls to Firestore for a message before its 200."""
MOST_TASKS, MOST_TASKS_WHERE_A_STEP_BEGINS = 1, 2
MOST_WRITES, MOST_READS = 40, 100
"""For a whole complaint: in the set format, on time, on the longest way."""

A_DAY = 24 * 60
NOTE = "Perlu cek arsip."
ANSWER = "Silakan ambil hari Senin."
STATES = (MessageState.SENT, MessageState.DELIVERED, MessageState.READ)


@dataclass(frozen=True)
class Cost:
    """Calls to Firestore, documents read and written there, and tasks asked for."""

    calls: int
    reads: int
    writes: int
    tasks: int


def cost(world: World, act: Callable[[], object]) -> Cost:
    """What an act costs until it returns."""
    world.calls.clear()
    act()
    calls = world.calls
    return Cost(len(calls.firestore), calls.reads, calls.writes, len(calls.tasks))


@contextmanager
def silent_world(firestore_host: str) -> Iterator[World]:
    """A world in a project of its own, whose WhatsApp reports only what it is told to."""
    project = f"costs-{uuid.uuid4().hex[:12]}"
    with (
        closing(firestore.Client(project=project, credentials=AnonymousCredentials())) as client,
        a_world(firestore_host, project, client, auto_status=None) as world,
    ):
        try:
            yield world
        finally:
            _close(world.house)


def _close(house: House) -> None:
    """A client whose emulator goes first complains of it on stderr."""
    house.connection.close()
    if isinstance(house.tasks, CloudTasks):
        house.tasks.close()


# Messages

FIRST, TURN = "first message, set format", "turn of the guided conversation"
PICTURED, PICTURE = "picture added to an open complaint", b"\xff\xd8\xff a family card"
BEGINNING_A_STEP = {FIRST, "first message, free text", "confirmation of the guided conversation"}


def messages(world: World) -> dict[str, Cost]:
    """Each kind of message, before its 200."""
    writer, talker = world.citizen("+6281234500001", name="Siti"), world.citizen("+6281234500002", name="Budi")
    first = cost(world, lambda: _write(writer, SET_FORMAT))
    added = cost(world, lambda: _write(writer, "Mohon dipercepat."))
    pictured = cost(world, lambda: _expect(200, writer.send_image(PICTURE)))
    hello = cost(world, lambda: _write(talker, HELLO))
    turns = [cost(world, partial(_write, talker, turn)) for turn in TURNS]
    confirmed = cost(world, lambda: _write(talker, "ya"))
    return {
        FIRST: first,
        "first message, free text": hello,
        TURN: max(turns, key=lambda turn: (turn.calls, turn.reads, turn.writes, turn.tasks)),
        "confirmation of the guided conversation": confirmed,
        "message added to an open complaint": added,
        PICTURED: pictured,
    }


def _write(phone: Phone, text: str) -> None:
    _expect(200, phone.write(text))


def _expect(wanted: object, got: object) -> None:
    if got != wanted:
        raise RuntimeError(f"answered {got}, not {wanted}")


# Acts

_Way = tuple[tuple[str, str, Mapping[str, str]], ...]
_NOTE, _BOTH = {"note": NOTE}, {"note": NOTE, "answer": ANSWER}
LONGEST: _Way = (
    ("receive", ADMIN, {}),
    ("forward", ADMIN, _NOTE),
    ("forward", KASI, _NOTE),
    ("respond", KABID, _BOTH),
    ("answer", ADMIN, {"answer": ANSWER}),
)
_WAYS: tuple[_Way, ...] = (
    LONGEST,
    (("receive", ADMIN, {}), ("take_over", ADMIN2, {}), ("settle", ADMIN2, _BOTH), ("approve", KASI, {})),
    (("settle", ADMIN, _BOTH), ("refuse", KASI, _NOTE), ("verify", KASI, _NOTE)),
    (
        ("receive", ADMIN, {}),
        ("ask_database_admin", ADMIN, _NOTE),
        ("reply_data_check", ADB, _NOTE),
        ("ask_complainant", ADMIN, {"question": "Mohon kirim foto KK Anda."}),
        ("unmask", ADMIN, {}),
    ),
)


def acts(world: World) -> dict[str, Cost]:
    """Each act over JSON, before its answer; the dearest where it is done in several places."""
    found: dict[str, Cost] = {}
    reported: set[str] = set()
    for number, way in enumerate(_WAYS):
        case = Case.submitted(world, f"+62812345100{number:02}")
        for act, email, fields in way:
            case.look()
            spent = cost(world, partial(case.act, act, email, **fields))
            found[act] = max(found.get(act, spent), spent, key=lambda each: (each.calls, each.reads, each.writes))
            world.settle()
            _report(world, reported)
    return dict(sorted(found.items()))


@dataclass
class Case:
    """A complaint, acted on at the version that was seen last."""

    world: World
    number: str
    version: int = 0

    @classmethod
    def submitted(cls, world: World, phone: str) -> "Case":
        """A complaint in the set format, by a citizen who never wrote before."""
        _write(world.citizen(phone, name="Siti"), SET_FORMAT)
        world.settle()
        return cls.of(world, phone)

    @classmethod
    def of(cls, world: World, phone: str) -> "Case":
        """The complaint of which a citizen was told the number."""
        number = re.findall(r"ADU-\d{6}-[0-9A-Z]{5}", world.citizen(phone).inbox[-1].text)[0]
        case = cls(world, number)
        case.look()
        return case

    def look(self) -> None:
        """See how it stands."""
        self.version = int(self.world.complaint(self.number)["version"])

    def act(self, act: str, email: str, **fields: Any) -> None:
        """One act, which must work."""
        answer = self.world.act(self.number, act, email, self.version, **fields)
        _expect(200, answer.status_code)
        self.version = int(answer.json()["version"])


def _report(world: World, reported: set[str]) -> None:
    """WhatsApp tells of everything that was sent how far it came, to the last, and of what is sent because of it."""
    while new := [sent.id for sent in world.whatsapp.sent if sent.id not in reported]:
        for message in new:
            for state in STATES:
                world.whatsapp.status(message, state)
        reported.update(new)
        world.settle()


# A whole complaint


def whole(world: World) -> Cost:
    """In the set format, on time, by every step of the longest way, until it is closed and its last alarm has rung.

    With everything that is sent meanwhile, each reported sent, delivered and read; without anybody looking at a page.
    """
    phone = "+6281234520001"
    spent = [cost(world, lambda: _write(world.citizen(phone, name="Siti"), SET_FORMAT)), cost(world, world.settle)]
    case = Case.of(world, phone)
    reported: set[str] = set()
    spent.append(cost(world, lambda: _report(world, reported)))
    for act, email, fields in LONGEST:
        spent.append(cost(world, partial(case.act, act, email, **fields)))
        spent += [cost(world, world.settle), cost(world, lambda: _report(world, reported))]
    _expect(["closed", []], [world.complaint(case.number)[name] for name in ("status", "breaches")])
    spent.append(cost(world, lambda: world.advance(A_DAY)))
    return Cost(
        sum(each.calls for each in spent),
        sum(each.reads for each in spent),
        sum(each.writes for each in spent),
        sum(each.tasks for each in spent),
    )


# The table


def measure(firestore_host: str) -> list[Table]:
    """Messages, acts, and the whole."""
    with redirect_stdout(io.StringIO()):  # the functions' own log
        with silent_world(firestore_host) as world:
            by_message = messages(world)
        with silent_world(firestore_host) as world:
            by_act = acts(world)
        with silent_world(firestore_host) as world:
            in_all = whole(world)
    return [_messages_table(by_message), _acts_table(by_act), _whole_table(in_all)]


_COLUMNS = ("calls to Firestore", "reads", "writes", "tasks")


def _cells(spent: Cost) -> list[str]:
    return [str(spent.calls), str(spent.reads), str(spent.writes), str(spent.tasks)]


def most_tasks(message: str) -> int:
    """A message that begins a step sets its alarm as well, and one with a file asks for its fetching."""
    begins = MOST_TASKS_WHERE_A_STEP_BEGINS if message in BEGINNING_A_STEP else MOST_TASKS
    return begins + (message == PICTURED)


def _messages_table(costs: Mapping[str, Cost]) -> Table:
    rows = []
    for message, spent in costs.items():
        limit = f"{MOST_CALLS} calls, tasks {most_tasks(message)}"
        reached = spent.calls <= MOST_CALLS and spent.tasks <= most_tasks(message)
        rows.append([message, *_cells(spent), f"{limit}: {verdict(reached=reached)}"])
    note = "In a process that has served the citizen lately; in another it is one call more, for the same documents."
    return Table("Before a message's 200", ("message", *_COLUMNS, "at most"), rows, (note,))


def _acts_table(costs: Mapping[str, Cost]) -> Table:
    rows = [[act, *_cells(spent)] for act, spent in costs.items()]
    return Table("Before an act's answer (JSON)", ("act", *_COLUMNS), rows)


def _whole_table(spent: Cost) -> Table:
    reached = spent.writes <= MOST_WRITES and spent.reads <= MOST_READS
    limit = f"{MOST_READS} reads, {MOST_WRITES} writes"
    row = ["longest way", *_cells(spent), f"{limit}: {verdict(reached=reached)}"]
    note = "Set format, on time, the division settles; with all sends and statuses, and every alarm that rings later."
    return Table("A whole complaint", ("way", *_COLUMNS, "at most"), [row], (note,))

"""One complaint on each way that it may take, counted to its last alarm and to the end of its terms.

Counted in the steered world, over HTTP: these are no timings, and come out the same on every machine.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from aduan import logs
from aduan.adapters.firestore_connection import Delete, Write
from infra.cost.data import Ending, Page, Sweep, Way
from tests.bench import sizes
from tests.bench.journeys import A_DAY, ANSWER, LONGEST, NOTE, PICTURE, STATES, Case, silent_world
from tests.bench.traffic import HELLO, SET_FORMAT, TURNS
from tests.end_to_end.world import ADMIN, KABID, KASI, World

PHONE: Final = "+6281234520001"
_BOTH: Final = {"note": NOTE, "answer": ANSWER}
_JUST_OVER: Final = 1.0  # minutes beyond a step's own
_TERMS: Final = (31, 91, 366, 731)
IN_THE_CLOUD: Final = {
    "GOOGLE_CLOUD_PROJECT": "disdukcapil-contoh",
    "K_SERVICE": "whatsapp-webhook",
    "K_REVISION": "whatsapp-webhook-00042-abc",
}
"""What Cloud Run and Terraform tell a function of itself: a part of its lines."""

"""Days after which something is past its term: marks of acts, rows, messages with files, the complaint."""


@dataclass
class Ledger:
    """What was spent while `spend` ran; everything else in the world is nobody's."""

    world: World
    out: io.StringIO
    spent: Counter[tuple[str, ...]] = field(default_factory=Counter)
    reported: set[str] = field(default_factory=set)
    _written: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        calls = self.world.house.connection.calls
        commit = calls.commit

        def tallied(writes: Sequence[Write]) -> None:
            commit(writes)
            for write in writes:
                self._written["" if isinstance(write, Delete) else write.ref.collection.split("/")[-1]] += 1

        calls.commit = tallied  # type: ignore[method-assign] # the observer is told no collections

    def spend(self, act: Callable[[], object]) -> None:
        """Do it, and count what it takes."""
        self.world.calls.clear()
        self._written.clear()
        told, sent = len(self.out.getvalue()), len(self.world.whatsapp.sent)
        act()
        calls, lines = self.world.calls, self.out.getvalue()[told:]
        now = Counter[tuple[str, ...]]({("reads",): calls.reads, ("round trips",): len(calls.firestore)})
        now["deletes",] = self._written.pop("", 0)
        now["writes",] = calls.writes - now["deletes",]
        now["commits",] = sum(kind == "commit" for kind, _, _ in calls.firestore)
        now["log lines",], now["log bytes",] = lines.count("\n"), len(lines.encode())
        now.update(("writes to", collection) for collection in self._written.elements())
        now.update(
            ("sent", "template" if one.type == "template" else "reply") for one in self.world.whatsapp.sent[sent:]
        )
        for invocation in calls.invocations:
            now["invocations", invocation.target] += 1
            now["round trips", invocation.target] += invocation.firestore
            now["tasks", invocation.target] += invocation.tasks
        self.spent += now

    def write(self, text: str) -> None:
        """The citizen writes, and is answered."""
        self._receive(lambda: self.world.citizen(PHONE, name="Siti").write(text))

    def send_picture(self) -> None:
        """The citizen sends a picture, which is fetched."""
        self._receive(lambda: self.world.citizen(PHONE, name="Siti").send_image(PICTURE))

    def _receive(self, message: Callable[[], object]) -> None:
        self.spent["messages in",] += 1
        self.spend(message)
        self.come_to_rest()

    def act(self, case: Case, act: str, email: str, fields: Mapping[str, Any]) -> None:
        """A member of staff acts, and everything follows."""
        case.look()
        self.spend(partial(case.act, act, email, **fields))
        self.come_to_rest()

    def wait(self, minutes: float) -> None:
        """Time passes, and alarms ring."""
        self.spend(lambda: self.world.advance(minutes))
        self.come_to_rest()

    def come_to_rest(self) -> None:
        """What is due is done, and WhatsApp reports each message sent, delivered and read."""
        self.spend(self.world.settle)
        while new := [sent.id for sent in self.world.whatsapp.sent if sent.id not in self.reported]:
            self.reported.update(new)
            for message, state in ((message, state) for message in new for state in STATES):
                self.spend(partial(self.world.whatsapp.status, message, state))
            self.spend(self.world.settle)

    def of(self, *what: str) -> int:
        return self.spent[what]

    def each(self, what: str) -> dict[str, int]:
        return {key[1]: count for key, count in sorted(self.spent.items()) if key[0] == what and key[1:] and count}


# The ways


def _short(ledger: Ledger) -> Case:
    """In the set format; the first desk answers at once, and it is approved."""
    ledger.write(SET_FORMAT)
    case = Case.of(ledger.world, PHONE)
    ledger.act(case, "settle", ADMIN, _BOTH)
    ledger.act(case, "approve", KASI, {})
    return case


def _guided(ledger: Ledger) -> Case:
    """By questions, with a picture; the first desk takes it and answers, and it is approved."""
    for text in (HELLO, *TURNS, "ya"):
        ledger.write(text)
    case = Case.of(ledger.world, PHONE)
    ledger.wait(minutes=1)
    ledger.send_picture()
    for act, email, fields in (("receive", ADMIN, {}), ("settle", ADMIN, _BOTH), ("approve", KASI, {})):
        ledger.act(case, act, email, fields)
    return case


def _longest(ledger: Ledger) -> Case:
    """In the set format, on time, by every desk."""
    ledger.write(SET_FORMAT)
    case = Case.of(ledger.world, PHONE)
    for act, email, fields in LONGEST:
        ledger.act(case, act, email, fields)
    return case


def _late(ledger: Ledger) -> Case:
    """In the set format; each desk acts a minute after its time, or not at all where the program then passes it on."""
    ledger.write(SET_FORMAT)
    case = Case.of(ledger.world, PHONE)
    ledger.wait(10 + _JUST_OVER)
    ledger.act(case, "receive", ADMIN, {})
    ledger.wait(30 + _JUST_OVER)
    ledger.wait(30 + _JUST_OVER)
    ledger.wait(30 + _JUST_OVER)
    ledger.act(case, "respond", KABID, _BOTH)
    ledger.wait(10 + _JUST_OVER)
    ledger.act(case, "answer", ADMIN, {"answer": ANSWER})
    return case


WAYS: Final[Mapping[str, Callable[[Ledger], Case]]] = {
    "short": _short,
    "guided": _guided,
    "longest": _longest,
    "late": _late,
}


def way(firestore_host: str, name: str) -> Way:
    """One complaint in a world of its own."""
    with _told() as out, silent_world(firestore_host) as world:
        ledger = Ledger(world, out)
        case = WAYS[name](ledger)
        ledger.wait(A_DAY)
        if (status := world.complaint(case.number)["status"]) != "closed":
            raise RuntimeError(f"the way {name} ends as {status}")
        documents = _documents(world)
        ending = _ending(ledger)
    return Way(
        reads=ledger.of("reads"), writes=ledger.of("writes"), deletes=ledger.of("deletes"),
        commits=ledger.of("commits"), messages_in=ledger.of("messages in"), replies=ledger.of("sent", "reply"),
        templates=ledger.of("sent", "template"), log_lines=ledger.of("log lines"), log_bytes=ledger.of("log bytes"),
        invocations=ledger.each("invocations"), round_trips=ledger.each("round trips"), tasks=ledger.each("tasks"),
        writes_to=ledger.each("writes to"), stored=_bytes(documents, sizes.stored),
        indexed=_bytes(documents, sizes.indexed), ending=ending,
    )  # fmt: skip


def _ending(ledger: Ledger) -> Ending:
    """What the sweeps do at the end of each term, beyond what they ask where nothing is due."""
    after, idle = Ledger(ledger.world, ledger.out), Ledger(ledger.world, ledger.out)
    idle.spend(ledger.world.sweep)
    closed = ledger.world.clock.now - timedelta(days=1)
    for days in _TERMS:
        ledger.world.clock.now = closed + timedelta(days=days)
        after.spend(ledger.world.sweep)
    return Ending(
        reads=after.of("reads") - idle.of("reads") * len(_TERMS),
        writes=after.of("writes"),
        deletes=after.of("deletes"),
        round_trips=after.of("round trips") - idle.of("round trips") * len(_TERMS),
    )


def _documents(world: World) -> dict[str, dict[str, Any]]:
    """Everything that is kept of the one complaint and its citizen."""
    kinds = [kind for kind in world.client.collections() if kind.id != "staff"]
    found = [shot for kind in kinds for shot in kind.stream()]
    events = world.client.collection_group("events").stream()
    return {shot.reference.path: shot.to_dict() or {} for shot in (*found, *events)}


def _bytes(documents: Mapping[str, dict[str, Any]], size: Callable[[str, dict[str, Any]], int]) -> dict[str, int]:
    by_collection: Counter[str] = Counter()
    for path, document in documents.items():
        by_collection[path.split("/")[-2]] += size(path, document)
    return dict(sorted(by_collection.items()))


# What staff look at, and what comes by itself


def pages(firestore_host: str) -> dict[str, Page]:
    """Each page as an Admin WA opens it: of one complaint, of two, and with one name more on the staff list."""
    with _told(), silent_world(firestore_host) as world:
        number = Case.submitted(world, "+6281234530001").number
        paths = {"work": "/", "list": "/aduan", "complaint": f"/aduan/{number}"}
        one = {name: _look(world, path) for name, path in paths.items()}
        Case.submitted(world, "+6281234530002")
        two = {name: _look(world, path) for name, path in paths.items()}
        world.put_staff("new@office.test", name="Gita", role="database_admin", whatsapp="+6281100000007", active=True)
        member = {name: _look(world, path) for name, path in paths.items()}
    return {
        name: Page(
            reads=reads,
            per_complaint=two[name][0] - reads,
            per_member=member[name][0] - two[name][0],
            round_trips=round_trips,
            bytes=size,
            bytes_per_complaint=two[name][2] - size,
        )
        for name, (reads, round_trips, size) in one.items()
    }


def _look(world: World, path: str) -> tuple[int, int, int]:
    """Reads, round trips, and bytes of the page."""
    world.calls.clear()
    answer = world.get(path, html=True)
    answer.raise_for_status()
    return world.calls.reads, len(world.calls.firestore), len(answer.content)


def sweep(firestore_host: str) -> Sweep:
    """One that finds nothing due."""
    with _told() as out, silent_world(firestore_host) as world:
        ledger = Ledger(world, out)
        ledger.spend(world.sweep)
    return Sweep(
        reads=ledger.of("reads"), round_trips=ledger.of("round trips"),
        log_lines=ledger.of("log lines"), log_bytes=ledger.of("log bytes"),
    )  # fmt: skip


@contextmanager
def _told() -> Iterator[io.StringIO]:
    """What the functions write, as lines of JSON like in the cloud."""
    before = structlog.get_config()
    structlog.configure(processors=logs.processors(IN_THE_CLOUD))
    try:
        with redirect_stdout(io.StringIO()) as out:
            yield out
    finally:
        structlog.configure(**before)

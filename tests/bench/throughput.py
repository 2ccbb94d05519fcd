"""Messages a second, and how long each takes: ours and the bare function in turns, so that both meet one machine."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.bench.report import Table, at_least
from tests.bench.sides import BARE, OURS, Sides, served
from tests.bench.traffic import HELLO, SET_FORMAT, TURNS, Citizens, Measured, median_of, post_all

REQUESTS: Mapping[int, int] = {1: 40, 8: 160}
"""By clients at once: how many messages a round has."""

WARM_UP = 200
LEAST_SHARE = 0.7
"""Of the bare function's throughput."""

FIRST, TURN = "first message, set format", "turn of the guided conversation"

Rounds = dict[tuple[str, int, str], list[Measured]]


def measure(logs: Path) -> Table:
    """One table: each kind of message, by one and by eight clients."""
    citizens = Citizens()
    with served(citizens, logs) as sides:
        before = {side: sides.work(side) for side in (OURS, BARE)}
        rounds = _rounds(sides, citizens)
        _expect_equal_work(sides, before)
    rows = [_row(rounds, kind, clients) for kind in (FIRST, TURN) for clients in REQUESTS]
    return Table("Inbound message, served by functions-framework: ours | bare", _COLUMNS, rows, _NOTES)


_COLUMNS = ("message", "clients", "p50 ms", "p95 ms", "per second", "share", f"at least {LEAST_SHARE}")
_NOTES = (
    f"Medians of {len(TURNS)} rounds, in turns; one worker of 16 threads. Both make the same calls.",
    "Firestore's emulator, the stand-in for Cloud Tasks and the clients share the machine with them.",
)


def _rounds(sides: Sides, citizens: Citizens) -> Rounds:
    """Each round has the next turn of conversations that were opened before, and first messages of new citizens."""
    for side in (OURS, BARE):
        post_all(sides.ports[side], citizens.write(citizens.new(WARM_UP), SET_FORMAT), clients=8)
    talking = {clients: citizens.new(count) for clients, count in REQUESTS.items()}
    for clients, phones in talking.items():
        hello = citizens.write(phones, HELLO)
        for side in (OURS, BARE):
            post_all(sides.ports[side], hello, clients)
    rounds: Rounds = {}
    for turn in TURNS:
        for clients, count in REQUESTS.items():
            posts = {
                FIRST: citizens.write(citizens.new(count), SET_FORMAT),
                TURN: citizens.write(talking[clients], turn),
            }
            for kind, same in posts.items():
                for side in (OURS, BARE):
                    measured = post_all(sides.ports[side], same, clients)
                    rounds.setdefault((kind, clients, side), []).append(measured)
    return rounds


def _expect_equal_work(sides: Sides, before: Mapping[str, Counter[str]]) -> None:
    """A comparison of unequal work would be none: as many documents of each kind, and as many tasks."""
    ours, other = (sides.work(side) - before[side] for side in (OURS, BARE))
    if ours != other:
        raise RuntimeError(f"the two did not do the same: {ours} and {other}")


def _row(rounds: Rounds, kind: str, clients: int) -> list[str]:
    ours, bare = (median_of(rounds[kind, clients, side]) for side in (OURS, BARE))
    share = ours.per_second / bare.per_second
    reach = at_least(share, LEAST_SHARE)
    return [
        kind,
        str(clients),
        f"{ours.p50:.1f} | {bare.p50:.1f}",
        f"{ours.p95:.1f} | {bare.p95:.1f}",
        f"{ours.per_second:.0f} | {bare.per_second:.0f}",
        f"{share:.2f}",
        "reached" if reach.reached else "NOT REACHED",
    ]

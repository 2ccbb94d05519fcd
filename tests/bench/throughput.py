"""Messages a second, and how long each takes: ours and the bare function in turns, so that both meet one machine."""

import statistics
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from infra.local.whatsapp_phone import Phone
from tests.bench.report import Table, verdict
from tests.bench.sides import BARE, OURS, Sides, served
from tests.bench.traffic import HELLO, SET_FORMAT, TURNS, Citizens, Measured, Post, median_of, post_all

REQUESTS: Mapping[int, int] = {1: 25, 8: 96}
"""By clients at once: how many messages a round has."""

GROUPS = 2
"""Of citizens; each has a round for each turn of the conversation."""

WARM_UP = 200
LEAST_SHARE = 0.7
"""Of the bare function's throughput."""

FIRST, TURN = "first message, set format", "turn of the guided conversation"

Rounds = dict[tuple[str, int], list[dict[str, Measured]]]
"""By kind of message and number of clients: each round's figures, by side."""


def measure(logs: Path) -> Table:
    """One table: each kind of message, by one and by eight clients."""
    citizens = Citizens()
    with served(citizens, logs) as sides:
        before = {side: sides.work(side) for side in (OURS, BARE)}
        rounds = _rounds(sides, citizens)
        _expect_equal_work(sides, before)
    rows = [_row(rounds, kind, clients) for kind in (FIRST, TURN) for clients in REQUESTS]
    return Table("Inbound message, served by functions-framework: ours / bare", _COLUMNS, rows, _NOTES)


_COLUMNS = ("message", "clients", "p50 ms", "p95 ms", "per second", "share", f"share at least {LEAST_SHARE}")
_NOTES = (
    f"Medians of {GROUPS * len(TURNS)} rounds; one worker of 16 threads. Both make the same calls, in turns.",
    "Firestore's emulator, the stand-in for Cloud Tasks and the clients share the machine with them.",
)


def _rounds(sides: Sides, citizens: Citizens) -> Rounds:
    """Each round has the next turn of conversations that were opened before, and first messages of new citizens."""
    for side in (OURS, BARE):
        post_all(sides.ports[side], citizens.write(citizens.new(WARM_UP), SET_FORMAT), clients=8)
    rounds: Rounds = {}
    for _ in range(GROUPS):
        talking = {clients: _talking(sides, citizens, count) for clients, count in REQUESTS.items()}
        for turn in TURNS:
            for clients, phones in talking.items():
                new = citizens.write(citizens.new(len(phones)), SET_FORMAT)
                _round(sides, rounds, FIRST, clients, new)
                _round(sides, rounds, TURN, clients, citizens.write(phones, turn))
    return rounds


def _talking(sides: Sides, citizens: Citizens, count: int) -> list[Phone]:
    """Citizens with an open draft on both sides."""
    phones = citizens.new(count)
    hello = citizens.write(phones, HELLO)
    for side in (OURS, BARE):
        post_all(sides.ports[side], hello, clients=8)
    return phones


def _round(sides: Sides, rounds: Rounds, kind: str, clients: int, posts: list[Post]) -> None:
    """The same messages to both; who begins changes from round to round."""
    done = rounds.setdefault((kind, clients), [])
    order = (OURS, BARE) if len(done) % 2 == 0 else (BARE, OURS)
    done.append({side: post_all(sides.ports[side], posts, clients) for side in order})


def _expect_equal_work(sides: Sides, before: Mapping[str, Counter[str]]) -> None:
    """A comparison of unequal work would be none: as many documents of each kind, and as many tasks."""
    ours, other = (sides.work(side) - before[side] for side in (OURS, BARE))
    if ours != other:
        raise RuntimeError(f"the two did not do the same: {ours} and {other}")


def _row(rounds: Rounds, kind: str, clients: int) -> list[str]:
    done = rounds[kind, clients]
    ours, bare = (median_of([each[side] for each in done]) for side in (OURS, BARE))
    share = statistics.median(each[OURS].per_second / each[BARE].per_second for each in done)
    return [
        kind,
        str(clients),
        f"{ours.p50:.1f} / {bare.p50:.1f}",
        f"{ours.p95:.1f} / {bare.p95:.1f}",
        f"{ours.per_second:.0f} / {bare.per_second:.0f}",
        f"{share:.2f}",
        verdict(reached=share >= LEAST_SHARE),
    ]

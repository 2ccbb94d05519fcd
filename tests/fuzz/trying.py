"""Batches of cases are tried on a ground; what came of each is held against what was to come."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from aduan.handlers import LARGEST_BODY
from tests.fuzz.cases import Case, case
from tests.fuzz.expected import Expected, expected, lost
from tests.fuzz.grounds import HONEST_PEOPLE, Ground

BATCH: Final = 100
"""Cases between one empty database and the next; a failure is tried again by its batch."""

_TAKEN, _REFUSED, _TOO_LARGE = 200, 401, 413


@dataclass(frozen=True)
class Failure:
    """A case that went wrong, and how to see it again."""

    case: Case
    why: str
    batch: int

    def __str__(self) -> str:
        return f"batch {self.batch}, case {self.case.number} ({self.case.base}: {self.case.kind}): {self.why}"


@dataclass
class Tried:
    """What came of it, so far."""

    seed: int
    ground: str
    cases: int = 0
    served: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    bases: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


def batch(ground: Ground, seed: int, number: int, tried: Tried, *, whole_list: bool = True) -> None:
    """Try the cases of one batch, in an office of their own, and then two honest people."""
    numbers = range(number * BATCH, (number + 1) * BATCH)
    attempt(ground, number, [case(seed, one, ground.seconds(), whole_list=whole_list) for one in numbers], tried)


def attempt(ground: Ground, number: int, cases: Sequence[Case], tried: Tried) -> None:
    """Try these cases, one after the other, and then two honest people."""
    ground.begin()
    wanted: list[tuple[Case, Expected]] = []
    for one in cases:
        ground.later()
        body, signed = one.sent(ground.row)
        before = ground.calls()
        status = ground.post(body, signed)
        due = _TOO_LARGE if len(body) > LARGEST_BODY else _REFUSED if one.forged else _TAKEN
        if status != due:
            tried.failures.append(Failure(one, f"answered {status}, and not {due}", number))
        if due == _TAKEN:
            wanted.append((one, expected(body)))
        elif ground.calls() != before:
            tried.failures.append(Failure(one, "a refused webhook reached the database", number))
        _count(tried, one)
    for one, why in _lost(ground, wanted):
        tried.failures.append(Failure(one, f"lost: {why}", number))
    wrong = list(ground.serves(f"{tried.seed}.{number}"))
    tried.failures += [Failure(cases[-1], f"afterwards {why}", number) for why in wrong]
    tried.served += HONEST_PEOPLE - len(wrong)


def _lost(ground: Ground, wanted: Sequence[tuple[Case, Expected]]) -> Iterator[tuple[Case, str]]:
    came: dict[str, set[str]] = defaultdict(set)
    for _, each in wanted:
        for wamid, part in (*each.messages, *each.somewhere):
            came[wamid].add(part)
    stored = ground.stored()
    for one, each in wanted:
        for why in lost(each, stored, came):
            yield one, why


def _count(tried: Tried, one: Case) -> None:
    tried.cases += 1
    tried.kinds[one.kind] += 1
    tried.bases[one.base] += 1

"""`make fuzz`: 100,000 damaged webhooks. Ends with 1 where one was not answered as it must be, or was lost.

Most of them go to the real handler in this process, over a Firestore in memory; a share goes over HTTP to the Firestore
emulator. A case follows from the seed and its number: `--seed S --batch N` tries a batch again, with its log.
`ADUAN_PROMISES` names a folder for the figures (fuzz.json).
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from tqdm import tqdm

from tests.fuzz.cases import listed_count
from tests.fuzz.grounds import Ground, in_memory, of_its_own
from tests.fuzz.trying import BATCH, Tried, batch

CASES: Final = 100_000
OVER_HTTP: Final = 1_000
LONGEST_BODY_SHOWN: Final = 2_000
FAILURES_SHOWN: Final = 20


def main(arguments: Sequence[str]) -> int:
    """Try them, say what came of it, keep the figures."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="how many in this process (%(default)s)")
    parser.add_argument("--over-http", type=int, default=OVER_HTTP, help="how many over HTTP (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="another time's, to try the same again")
    parser.add_argument("--seconds", type=float, default=None, help="begin no batch after so many")
    parser.add_argument("--batch", type=int, default=None, help="this batch alone, with its log")
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    if chosen.batch is not None:
        return _again(seed, chosen.batch)
    structlog.configure(processors=[_said_nothing])
    sys.stdout.write(f"seed {seed}; {listed_count():,} cases can be listed\n")
    until = time.monotonic() + chosen.seconds if chosen.seconds else None
    tried = [_try(in_memory(), seed, chosen.cases, until)]
    if chosen.over_http:
        with of_its_own() as ground:
            # The list would take long: here it is chance from the start.
            tried.append(_try(ground, seed, chosen.over_http, until, whole_list=False))
    return _told(tried)


def _try(ground: Ground, seed: int, cases: int, until: float | None, *, whole_list: bool = True) -> Tried:
    tried = Tried(seed, ground.name)
    for number in tqdm(range(-(-cases // BATCH)), desc=ground.name, unit="batch", mininterval=1):
        if until is not None and time.monotonic() > until:
            break
        batch(ground, seed, number, tried, whole_list=whole_list)
    return tried


def _again(seed: int, number: int) -> int:
    tried = Tried(seed, "memory")
    batch(in_memory(), seed, number, tried)
    return _told([tried], keep=False)


def _told(tried: Sequence[Tried], *, keep: bool = True) -> int:
    failures = [failure for each in tried for failure in each.failures]
    for failure in failures[:FAILURES_SHOWN]:
        body = failure.case.body
        shown = body if len(body) <= LONGEST_BODY_SHOWN else body[:LONGEST_BODY_SHOWN] + b"..."
        sys.stderr.write(f"FAILED {failure}\n  {shown!r}\n")
        sys.stderr.write(f"  again: python -m tests.fuzz --seed {tried[0].seed} --batch {failure.batch}\n")
    text = json.dumps(_figures(tried), indent=2)
    sys.stdout.write(f"fuzz: {text}\n")
    folder = os.environ.get("ADUAN_PROMISES")
    if keep and folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "fuzz.json").write_text(f"{text}\n", "utf-8")
    return 1 if failures else 0


def _figures(tried: Sequence[Tried]) -> dict[str, Any]:
    kinds = sum((each.kinds for each in tried), Counter[str]())
    bases = sum((each.bases for each in tried), Counter[str]())
    return {
        "seed": tried[0].seed,
        "cases": sum(each.cases for each in tried),
        "in_memory": sum(each.cases for each in tried if each.ground == "memory"),
        "over_http": sum(each.cases for each in tried if each.ground != "memory"),
        "listed": min(listed_count(), tried[0].cases),
        "failures": sum(len(each.failures) for each in tried),
        "honest_messages_served": sum(each.served for each in tried),
        "seconds": round(sum(each.seconds for each in tried), 1),
        "by_kind": dict(kinds.most_common()),
        "by_base": dict(bases.most_common()),
    }


def _said_nothing(_logger: object, _method: str, _event: object) -> dict[str, Any]:
    raise structlog.DropEvent


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

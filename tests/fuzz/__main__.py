"""`make fuzz`: 100,000 damaged webhooks. Ends with 1 where one was not answered as it must be, or was lost.

Most of them go to the real handler in this process, over a Firestore in memory; a share goes over HTTP to the Firestore
emulator. A case follows from the seed and its number: `--seed S --batch N` tries a batch again, with its log.
`ADUAN_PROMISES` names a folder for the figures (fuzz.json).
"""

import argparse
import json
import math
import multiprocessing
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from tests.fuzz.cases import listed_count
from tests.fuzz.grounds import in_memory, of_its_own
from tests.fuzz.trying import BATCH, Tried, batch
from tests.fuzz.workers import be_silent, try_in_memory

CASES: Final = 100_000
OVER_HTTP: Final = 1_000
LONGEST_BODY_SHOWN: Final = 2_000
FAILURES_SHOWN: Final = 20


def main(arguments: Sequence[str]) -> int:
    """Try them, say what came of it, keep the figures."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="how many in this process (%(default)s)")
    parser.add_argument("--over-http", type=int, default=OVER_HTTP, help="how many over HTTP (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="another time's, to try the same again")
    parser.add_argument("--seconds", type=float, default=None, help="begin no batch after so many")
    parser.add_argument("--batch", type=int, default=None, help="this batch alone, with its log")
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    if chosen.batch is not None:
        return _again(seed, chosen.batch)
    sys.stdout.write(f"seed {seed}; {listed_count():,} cases can be listed\n")
    started = time.monotonic()
    until = started + (chosen.seconds or math.inf)
    # Processes begun anew: to copy one that has gRPC's threads is not safe.
    anew = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(chosen.jobs, mp_context=anew, initializer=be_silent) as workers:
        try_one = partial(try_in_memory, seed, until)
        numbers = range(-(-chosen.cases // BATCH))
        tried = list(tqdm(workers.map(try_one, numbers), total=len(numbers), unit="batch", mininterval=1))
    be_silent()
    tried += _over_http(seed, -(-chosen.over_http // BATCH), until)
    return _told(seed, tried, time.monotonic() - started)


def _over_http(seed: int, batches: int, until: float) -> list[Tried]:
    """The list would take long: here it is chance from the start."""
    tried: list[Tried] = []
    if batches and time.monotonic() < until:
        with of_its_own() as ground:
            for number in tqdm(range(batches), unit="batch", mininterval=1):
                tried.append(Tried(seed, ground.name))
                batch(ground, seed, number, tried[-1], whole_list=False)
    return tried


def _again(seed: int, number: int) -> int:
    tried = Tried(seed, "memory")
    started = time.monotonic()
    batch(in_memory(), seed, number, tried)
    return _told(seed, [tried], time.monotonic() - started, keep=False)


def _told(seed: int, tried: Sequence[Tried], seconds: float, *, keep: bool = True) -> int:
    failures = [failure for each in tried for failure in each.failures]
    for failure in failures[:FAILURES_SHOWN]:
        body = failure.case.body
        shown = body if len(body) <= LONGEST_BODY_SHOWN else body[:LONGEST_BODY_SHOWN] + b"..."
        sys.stderr.write(f"FAILED {failure}\n  {shown!r}\n")
        sys.stderr.write(f"  again: python -m tests.fuzz --seed {seed} --batch {failure.batch}\n")
    text = json.dumps(_figures(seed, tried, seconds), indent=2)
    sys.stdout.write(f"fuzz: {text}\n")
    folder = os.environ.get("ADUAN_PROMISES")
    if keep and folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "fuzz.json").write_text(f"{text}\n", "utf-8")
    return 1 if failures else 0


def _figures(seed: int, tried: Sequence[Tried], seconds: float) -> dict[str, Any]:
    kinds = sum((each.kinds for each in tried), Counter[str]())
    bases = sum((each.bases for each in tried), Counter[str]())
    tried_in_memory = sum(each.cases for each in tried if each.ground == "memory")
    return {
        "seed": seed,
        "cases": sum(each.cases for each in tried),
        "in_memory": tried_in_memory,
        "over_http": sum(each.cases for each in tried if each.ground != "memory"),
        "listed": min(listed_count(), tried_in_memory),
        "failures": sum(len(each.failures) for each in tried),
        "honest_messages_served": sum(each.served for each in tried),
        "seconds": round(seconds, 1),
        "by_kind": dict(kinds.most_common()),
        "by_base": dict(bases.most_common()),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

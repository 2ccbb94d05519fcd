"""`make bench`: measure, and say of each figure whether it reaches what it should. `--markdown` for the README."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.local.firestore import FirestoreEmulator
from tests.bench import journeys, starting, throughput
from tests.bench.report import Table


def main(arguments: Sequence[str]) -> None:
    """Print each table when it is known."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="tables for the README")
    chosen = parser.parse_args(arguments)
    begun = time.monotonic()
    for table in _tables():
        sys.stdout.write(f"{table.markdown() if chosen.markdown else table.plain()}\n\n")
        sys.stdout.flush()
    sys.stderr.write(f"{time.monotonic() - begun:.0f} s in all\n")


def _tables() -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="aduan-bench-") as logs:
        yield throughput.measure(Path(logs))
    with FirestoreEmulator() as emulator:
        os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.host  # Google's client has no argument for it
        yield from journeys.measure(emulator.host)
    yield from starting.measure()


if __name__ == "__main__":
    main(sys.argv[1:])

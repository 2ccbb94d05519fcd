"""`python -m tests.bench.costs`: count what complaints, pages and sweeps ask, and write `infra/cost/measured.toml`.

With `--processor` the processor's time is taken too, which wants a quiet machine; without, the times stay as they are.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from infra.cost.data import MEASURED, Measured, Processor, as_toml, read
from infra.local.firestore import FirestoreEmulator
from tests.bench import processor, throughput, ways
from tests.end_to_end.world import STAFF

COMMAND: Final = "make cost MEASURE=1"
PROCESSOR_COMMAND: Final = "make cost MEASURE=all"


def main(arguments: Sequence[str]) -> None:
    """Measure, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.costs", description=__doc__)
    parser.add_argument("--processor", action="store_true", help="take processor times too: five minutes, nothing else")
    chosen = parser.parse_args(arguments)
    times = _processor() if chosen.processor else read().measured.processor
    with FirestoreEmulator() as emulator:
        os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.host  # Google's client has no argument for it
        found = counted(emulator.host, times)
    MEASURED.write_text(as_toml(found), "utf-8")
    sys.stdout.write(f"wrote {MEASURED.name}\n")


def counted(firestore_host: str, times: Processor) -> Measured:
    """Every count, beside times that were taken before."""
    return Measured(
        day=date.today(),  # noqa: DTZ011 - the day on which somebody sat here
        command=COMMAND,
        staff=len(STAFF),
        ways={name: ways.way(firestore_host, name) for name in ways.WAYS},
        pages=ways.pages(firestore_host),
        sweep=ways.sweep(firestore_host),
        processor=times,
    )


def _processor() -> Processor:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="aduan-bench-") as logs:
        table = throughput.measure(Path(logs))
    rate = next(row for row in table.rows if row[:2] == [throughput.FIRST, "8"])[table.columns.index("per second")]
    return processor.measure(PROCESSOR_COMMAND, load, float(rate.partition(" / ")[0]))


if __name__ == "__main__":
    main(sys.argv[1:])

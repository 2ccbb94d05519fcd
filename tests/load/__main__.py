"""`make load`: a batch of 1,000 updates, and 500 complaints in five minutes. Ends with 1 where something is wrong.

`ADUAN_PROMISES` names a folder for the figures (batch.json, load.json).
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from infra.local.stack import running
from tests.load import batch
from tests.load.complaints import drive
from tests.load.judging import Judged, judge
from tests.load.office import Office
from tests.load.shares import processor_seconds

CONTINUOUS: Final = Path(__file__).parents[2] / "functions/aduan/offices/continuous.toml"
SETTINGS: Final = {"SECONDS_PER_MINUTE": "1", "CALENDAR_FILE": str(CONTINUOUS)}
FIVE_MINUTES: Final = 300.0
_TO_END: Final = 300.0
"""Seconds after the last has come until the measurement ends, whatever still stands; a calm life takes seventy."""


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for, print it, keep it."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--only", choices=("batch", "complaints"), help="one of the two")
    parser.add_argument("--complaints", type=int, default=500, help="how many (%(default)s)")
    parser.add_argument("--seconds", type=float, default=FIVE_MINUTES, help="within how many seconds (%(default)s)")
    chosen = parser.parse_args(arguments)
    wrong: list[str] = []
    if chosen.only != "complaints":
        measured = batch.measure()
        _tell("batch", batch.figures(measured))
        wrong += [f"the batch {each.where} was not kept whole" for each in measured if not each.whole]
    if chosen.only != "batch":
        judged = _load(chosen.complaints, chosen.seconds)
        _tell("load", judged.figures)
        wrong += judged.wrong
    sys.stderr.write("".join(f"WRONG: {each}\n" for each in wrong))
    return 1 if wrong else 0


def _load(complaints: int, seconds: float) -> Judged:
    with tempfile.TemporaryDirectory(prefix="aduan-load-") as name:
        folder = Path(name)
        with running(folder, SETTINGS) as stack:
            office = Office.of(stack, folder)
            before = processor_seconds()
            told = drive(office, complaints, seconds, seconds + _TO_END)
            spent = processor_seconds()
            judged = judge(office, told, seconds)
        judged.figures["processor_seconds"] = {
            program: round(total - before.get(program, 0.0), 1) for program, total in sorted(spent.items())
        }
        judged.figures["errors_in_the_logs"] = _errors_in(folder / "logs")
    return judged


def _errors_in(logs: Path) -> dict[str, int]:
    """Lines of errors that each function wrote."""
    found = {log.stem: log.read_text("utf-8", "replace").count('"severity": "ERROR"') for log in logs.glob("*.log")}
    return {function: count for function, count in sorted(found.items()) if count}


def _tell(name: str, figures: dict[str, Any]) -> None:
    text = json.dumps(figures, indent=2)
    sys.stdout.write(f"{name}: {text}\n")
    sys.stdout.flush()
    if folder := os.environ.get("ADUAN_PROMISES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

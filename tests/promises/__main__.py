"""`make promises`: run what is missing in `.promises`, break each promise once, and write the page.

`make test-long`, `make load` and `make mutation` leave their figures in `.promises`, for they take long; a run whose
figures are there is not repeated. `--again` forgets those of the crashes and breaks.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from tqdm import tqdm

from tests.promises.breaking import red_tests
from tests.promises.kept import KEPT
from tests.promises.page import FIGURES, PAGE, TOP, counted, page

LEFT: Final = TOP / ".promises"
_RUNS: Final = ("crashes", "model", "load", "batch", "mutation", "breaks")
_OWN: Final = ("crashes", "breaks")


def main(arguments: Sequence[str]) -> int:
    """0 where every break was noticed, and nothing was lost or doubled."""
    parser = argparse.ArgumentParser(prog="make promises", description=__doc__)
    parser.add_argument("--again", action="store_true", help="run the crashes and the breaks again")
    parser.add_argument("--page", action="store_true", help="only count the tests again, and write the page")
    chosen = parser.parse_args(arguments)
    figures: dict[str, Any] = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    if not chosen.page:
        LEFT.mkdir(exist_ok=True)
        for run in _OWN if chosen.again else ():
            (LEFT / f"{run}.json").unlink(missing_ok=True)
        _try_crashes()
        _try_breaks()
        figures |= {"when": f"{datetime.now(UTC):%d %B %Y}", "cores": os.cpu_count()}
        figures |= {run: json.loads(file.read_text("utf-8")) for run in _RUNS if (file := _file(run)).exists()}
    figures["cases"] = counted()
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text(page(figures), "utf-8")
    unnoticed = [what for what, red in figures["breaks"].items() if not red]
    sys.stderr.write("".join(f"nobody noticed: {what}\n" for what in unnoticed))
    return int(bool(unnoticed or figures["crashes"]["lost"] or figures["crashes"]["doubled"]))


def _file(run: str) -> Any:
    return LEFT / f"{run}.json"


def _try_crashes() -> None:
    if not _file("crashes").exists():
        environment = {**os.environ, "ADUAN_PROMISES": str(LEFT)}
        subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/crashes"], cwd=TOP, env=environment, check=True)


def _try_breaks() -> None:
    """One after the other; what was tried before an interruption is kept."""
    kept: dict[str, list[str]] = json.loads(_file("breaks").read_text("utf-8")) if _file("breaks").exists() else {}
    every = {how.what: how for promise in KEPT for how in promise.breaks}
    red = {what: tests for what, tests in kept.items() if what in every and tests}
    for what in tqdm([what for what in every if what not in red], unit="break", file=sys.stderr):
        red[what] = red_tests(every[what])
        _file("breaks").write_text(json.dumps(red, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

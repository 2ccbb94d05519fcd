"""`make promises`: run what is missing in `.promises`, break each promise once, and write the page.

`make test-long`, `make load`, `make mutation` and `make fuzz` leave their figures in `.promises`, for they take long; a
run whose figures are there is not repeated. `--again` forgets those of the runs that are made here.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tqdm import tqdm

from tests.promises.breaking import red_tests
from tests.promises.guarded import found
from tests.promises.kept import KEPT
from tests.promises.page import FIGURES, PAGE, TOP, counted, page

LEFT: Final = TOP / ".promises"
_MADE_HERE: Final = {
    "crashes": ("pytest", "-q", "tests/crashes"),
    "doors": ("pytest", "-q", "tests/doors"),
    "pages": ("pytest", "-q", "tests/pages"),
    "leaks": ("pytest", "-q", "tests/end_to_end/test_what_is_stored.py"),
    "supply": ("tests.supply",),
}
"""By run: the module that leaves its figures, with its arguments."""
_LEFT_BY_OTHERS: Final = ("model", "load", "batch", "mutation", "json_door", "fuzz")
_BREAKS: Final = "breaks"
_RUNS: Final = (*_MADE_HERE, *_LEFT_BY_OTHERS, _BREAKS)


def main(arguments: Sequence[str]) -> int:
    """0 where every break was noticed, and nothing was lost, doubled, opened or found."""
    parser = argparse.ArgumentParser(prog="make promises", description=__doc__)
    parser.add_argument("--again", action="store_true", help="make all runs and breaks again that are made here")
    parser.add_argument("--page", action="store_true", help="only count the tests again, and write the page")
    chosen = parser.parse_args(arguments)
    figures: dict[str, Any] = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {"when": {}}
    if not chosen.page:
        LEFT.mkdir(exist_ok=True)
        for run in (*_MADE_HERE, _BREAKS) if chosen.again else ():
            (LEFT / f"{run}.json").unlink(missing_ok=True)
        for run in _MADE_HERE:
            _make(run)
        _try_breaks()
        figures["cores"] = os.cpu_count()
        for file in filter(Path.exists, map(_file, _RUNS)):
            figures[file.stem] = json.loads(file.read_text("utf-8"))
            figures["when"][file.stem] = f"{datetime.fromtimestamp(file.stat().st_mtime, UTC):%d %B %Y}"
    figures["cases"] = counted()
    FIGURES.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text(page(json.loads(FIGURES.read_text("utf-8"))), "utf-8")  # as they are kept, in their order
    unnoticed = [what for what, red in figures["breaks"].items() if not red]
    sys.stderr.write("".join(f"nobody noticed: {what}\n" for what in unnoticed))
    return int(bool(unnoticed or figures["crashes"]["lost"] or figures["crashes"]["doubled"] or found(figures)))


def _file(run: str) -> Path:
    return LEFT / f"{run}.json"


def _make(run: str) -> None:
    """Make a run whose figures are not there. Raises RuntimeError where it leaves none: then something of it failed."""
    if _file(run).exists():
        return
    environment = {**os.environ, "ADUAN_PROMISES": str(LEFT)}
    subprocess.run([sys.executable, "-m", *_MADE_HERE[run]], cwd=TOP, env=environment, check=False)
    if not _file(run).exists():
        raise RuntimeError(f"no figures of {run}: see what it said")


def _try_breaks() -> None:
    """One after the other; what was tried before an interruption is kept."""
    kept: dict[str, list[str]] = json.loads(_file(_BREAKS).read_text("utf-8")) if _file(_BREAKS).exists() else {}
    every = {how.what: how for promise in KEPT for how in promise.breaks}
    red = {what: tests for what, tests in kept.items() if what in every and tests}
    for what in tqdm([what for what in every if what not in red], unit="break", file=sys.stderr):
        red[what] = red_tests(every[what])
        _file(_BREAKS).write_text(json.dumps(red, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make fuzz` leaves its figures, and tries a batch again by its seed and number."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import TOP
from tests.fuzz.trying import BATCH

PATH = os.pathsep.join([str(TOP / "functions"), str(TOP)])


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as make runs it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *arguments],
        env=os.environ | {"ADUAN_PROMISES": str(folder), "PYTHONPATH": PATH}, cwd=TOP, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_the_figures_of_a_run_are_left_where_they_are_asked_for(tmp_path: Path) -> None:
    done = run(tmp_path, "--cases", "50", "--over-http", "0", "--jobs", "1", "--seed", "7")
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "fuzz.json").read_text("utf-8"))
    assert {name: figures[name] for name in ("seed", "cases", "failures", "over_http")} == {
        "seed": 7, "cases": BATCH, "failures": 0, "over_http": 0,
    }  # fmt: skip
    assert sum(figures["by_kind"].values()) == sum(figures["by_base"].values()) == BATCH
    assert figures["honest_messages_served"] == 2


def test_a_batch_is_tried_again_by_itself_and_leaves_no_figures(tmp_path: Path) -> None:
    done = run(tmp_path, "--seed", "7", "--batch", "700")
    assert done.returncode == 0, done.stderr
    assert '"cases": 100' in done.stdout
    assert list(tmp_path.iterdir()) == []

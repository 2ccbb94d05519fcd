"""Break the program once in each way, in a copy of the tree, and see which tests notice."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.promises.kept import Break

TOP: Final = Path(__file__).resolve().parents[2]
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", re.MULTILINE)
_ENOUGH: Final = 5
"""Red tests after which a run ends: that somebody noticed is known."""
_SECONDS: Final = 600
_MADE_BY_TOOLS: Final = ("__pycache__", ".*_cache", ".venv", ".git", ".run", ".hypothesis", ".promises")


def broken(text: str, how: Break) -> str:
    """The file's text with the break in it. Raises ValueError where it does not fit exactly once."""
    if text.count(how.old) != 1:
        raise ValueError(f"{how.file} has {text.count(how.old)} places for: {how.what}")
    return text.replace(how.old, how.new)


def red_tests(how: Break) -> list[str]:
    """The first tests that go red when the program is broken so."""
    with _a_copy() as copy:
        file = copy / how.file
        file.write_text(broken(file.read_text("utf-8"), how), "utf-8")
        return _run(copy, how.tests)


@contextmanager
def _a_copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(TOP, copy, ignore=shutil.ignore_patterns(*_MADE_BY_TOOLS))
        yield copy


def _run(copy: Path, tests: tuple[str, ...]) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", f"--maxfail={_ENOUGH}", "-p", "no:cacheprovider"]
    path = f"{copy / 'functions'}{os.pathsep}{copy}"
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    for everything in ("ADUAN_ALL_TESTS", "CI", "ADUAN_PROMISES"):
        environment.pop(everything, None)
    done = subprocess.run(
        [*command, *tests], cwd=copy, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    return _FAILED.findall(done.stdout)

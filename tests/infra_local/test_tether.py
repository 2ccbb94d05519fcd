"""A program started by us ends with us, however we end."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.tether import Tethered
from tests.architecture.tree import TOP

SECONDS = 10.0

# A program and a worker of it, as servers have. Each holds a shared lock on the folder while it lives.
POLITE = """
import fcntl, os, pathlib, subprocess, sys, time
folder = pathlib.Path(sys.argv[1])
lock = os.open(folder, os.O_RDONLY)
fcntl.flock(lock, fcntl.LOCK_SH)
if len(sys.argv) == 2:
    subprocess.Popen([sys.executable, __file__, folder, "worker"])
(folder / f"runs-{os.getpid()}").touch()
time.sleep(600)
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + POLITE

# A runner that was started with nohup has us ignore SIGHUP, which is not what is tried here.
OWNER = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from infra.local.tether import Tethered
program = Tethered([sys.executable, *sys.argv[1:]])
time.sleep(600)
"""


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until something holds; False when it did not in time."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def both_run(folder: Path) -> bool:
    """Tell whether the program and its worker have started."""
    return len(list(folder.glob("runs-*"))) == 2


def all_are_gone(folder: Path) -> bool:
    """Tell whether nobody holds the folder any more."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the program and its worker hold."""
    held = tmp_path / "held"
    held.mkdir()
    return held


def script(folder: Path, source: str) -> Path:
    """Write a program into a file beside the folder."""
    path = folder.parent / "program.py"
    path.write_text(source, "utf-8")
    return path


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_a_program_and_its_workers_end_when_the_owner_is_killed(folder: Path, number: signal.Signals) -> None:
    command: list[str | Path] = [sys.executable, "-c", OWNER, script(folder, POLITE), folder]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(TOP)}) as owner:
        assert eventually(lambda: both_run(folder))
        assert not all_are_gone(folder)
        owner.send_signal(number)

    assert eventually(lambda: all_are_gone(folder))


def test_a_program_that_will_not_end_is_killed_with_its_workers(folder: Path) -> None:
    program = Tethered([sys.executable, script(folder, STUBBORN), folder], grace=0.2)
    assert eventually(lambda: both_run(folder))

    program.stop()

    assert eventually(lambda: all_are_gone(folder))
    assert program.exit_code == 128 + signal.SIGKILL


def test_stopping_twice_is_stopping_once() -> None:
    program = Tethered(["sleep", "600"])
    assert program.exit_code is None
    program.stop()
    program.stop()
    assert program.exit_code == 128 + signal.SIGTERM


def test_a_program_that_ends_by_itself_tells_how(tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        program = Tethered(["sh", "-c", "pwd; exit 3"], output=output, folder=tmp_path)
    assert eventually(lambda: program.exit_code == 3)
    assert (tmp_path / "output").read_text("utf-8") == f"{tmp_path}\n"
    program.stop()

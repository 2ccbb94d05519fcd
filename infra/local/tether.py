"""Ties a program to the life of the one that started it.

Nothing may be left running when the owner ends, however it ends: a killed process runs no ``finally``. So the
program is started by a small process in between, which holds the read end of a pipe whose write end only the
owner has. The operating system closes that end when the owner dies, and the tether ends the program. (Linux's
parent-death signal would do on one system, and fires when the starting *thread* ends.)

It starts a session of its own: Ctrl-C reaches the owner alone, which may still have to ask something of the
program before it ends it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

GRACE_SECONDS = 5.0


class Tethered:
    """A running program that ends with its owner."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        output: IO[bytes] | int | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        grace: float = GRACE_SECONDS,
    ) -> None:
        """Start ``command``; its output and errors go to ``output`` (by default where the owner's go).

        ``grace`` is the seconds it has to end when asked, before it is killed.
        """
        # -I and -S: the tether needs nothing but the standard library, and starts in 20 ms.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(grace), *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )

    @property
    def exit_code(self) -> int | None:
        """How the program ended; None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """End the program and wait until it is gone. A second call does nothing."""
        if self._process.stdin:
            self._process.stdin.close()
        # The tether kills what does not end in time, so this wait is bounded.
        self._process.wait()


def _signal_all(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the program and to what it started itself, such as a server's workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _hold(command: Sequence[str], grace: float) -> int:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)

    def when_told(_signal: int, _frame: FrameType | None) -> None:
        _signal_all(child, signal.SIGTERM)

    def when_the_owner_is_gone() -> None:
        # The owner writes nothing: a read returns only at the end of the pipe.
        while os.read(sys.stdin.fileno(), 1):
            pass
        _signal_all(child, signal.SIGTERM)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            _signal_all(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, when_told)
    threading.Thread(target=when_the_owner_is_gone, daemon=True).start()
    code = child.wait()
    _signal_all(child, signal.SIGKILL)  # a worker that outlived its program
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(_hold(sys.argv[2:], grace=float(sys.argv[1])))

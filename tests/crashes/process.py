"""Processes that serve one function each, and can be killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Process:
    """A function's process, ready for its first request."""

    pid: int
    url: str

    def kill(self) -> None:
        """As the machine does it: no exception, no `finally`, nothing said."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


class Zygote:
    """Makes processes in milliseconds; see `tests/crashes/zygote.py`. All of them end with the one who made it."""

    def __init__(self, environment: Mapping[str, str], warming: Sequence[Mapping[str, Any]]) -> None:
        """`environment` is the functions'; `warming` are requests that are refused before they reach anything."""
        self._environment = {**os.environ, **environment, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._warming = warming
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        life, ours = os.pipe()
        self._stack.callback(os.close, ours)
        command = [sys.executable, "-m", "tests.crashes.zygote", str(life)]
        pipe = subprocess.PIPE
        self._program = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, env=self._environment, pass_fds=[life], text=True
        )
        os.close(life)
        self._stack.enter_context(self._program)
        self._ask(self._warming)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def spawn(self, target: str, now: datetime) -> Process:
        """A process of the function `target`, for which it is `now`, whatever time passes."""
        told = self._ask({"target": target, "now": now.isoformat()})
        return Process(told["pid"], f"http://127.0.0.1:{told['port']}")

    def _ask(self, order: object) -> dict[str, Any]:
        asked, answered = self._program.stdin, self._program.stdout
        assert asked is not None
        assert answered is not None
        asked.write(json.dumps(order) + "\n")
        asked.flush()
        told = answered.readline()
        assert told, f"the process ended with {self._program.wait()}"
        return dict(json.loads(told))

"""Mutants live in forked processes: what one breaks, the next never sees, and nothing is started anew.

A process says what became of its mutant by the way in which it ends.
"""

import os
import resource
import signal
from collections.abc import Callable, Hashable, Iterable, Iterator
from enum import StrEnum
from types import FrameType
from typing import NoReturn, TypeVar

import pytest

CPU_FACTOR = 5  # with a mutant, a test may take so many times as long as without,
CPU_MORE = 1.0  # and so many seconds more: of processor time, of which a busy machine gives no less
WALL_FACTOR = 20  # so many times that on the wall's clock, for a test that waits for ever
TIME_OUTS = 3  # after so many no further test is asked
MEMORY = 4 << 30  # bytes; an endless list is an endless loop

PYTEST_OPTIONS = ("-s", "-p", "no:faulthandler", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Nobody reads what a fork prints; what was loaded before pytest is no test."""

ALL_PASSED, ONE_FAILED, RAN_OUT_OF_TIME, CANNOT_BE_DONE_HERE = range(4)
"""How a process ends that was not ended by a signal."""

K = TypeVar("K", bound=Hashable)


class Outcome(StrEnum):
    """What became of a mutant. A time-out is no kill, and neither is a change that no test ever runs."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"
    NOT_COVERED = "not covered"


class TimeUp(BaseException):
    """A test took too long. No Exception, which what is tested might catch."""


class EndAtFirstFailure:
    """A plugin of pytest for a forked process: the first test that fails ends it.

    A test that runs out of time, or of memory, fails nothing: another may still notice. `seconds` is what a
    test takes without a mutant.
    """

    def __init__(
        self,
        seconds: Callable[[str], float],
        failed: Callable[[str], None] = lambda _: None,
        timed_out: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._seconds = seconds
        self._failed = failed
        self._timed_out = timed_out
        self.time_outs = 0

    @property
    def verdict(self) -> int:
        """How a process ends in which no test failed."""
        return RAN_OUT_OF_TIME if self.time_outs else ALL_PASSED

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Start its time."""
        signal.signal(signal.SIGPROF, _raise_time_up)
        limit_time(self._seconds(nodeid))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """End here, as a failure."""
        if call.excinfo is None:
            return
        if call.excinfo.errisinstance((TimeUp, MemoryError)):
            self.time_outs += 1
            self._timed_out(item.nodeid)
            if self.time_outs == TIME_OUTS:
                os._exit(RAN_OUT_OF_TIME)
            return
        self._failed(item.nodeid)
        os._exit(ONE_FAILED)


def limit_time(seconds: float) -> None:
    """From now, what takes `seconds` without a mutant. Outside of a test, the signal ends the process."""
    limit = CPU_FACTOR * seconds + CPU_MORE
    signal.setitimer(signal.ITIMER_PROF, limit, limit)
    signal.setitimer(signal.ITIMER_REAL, WALL_FACTOR * limit)


def run(work: Iterable[tuple[K, Callable[[], int]]], jobs: int) -> Iterator[tuple[K, int | None]]:
    """Do each piece in a process of its own, `jobs` at a time: how it ended, None where a limit ended it."""
    running: dict[int, K] = {}
    for key, do in work:
        if len(running) == jobs:
            yield _next_ended(running)
        running[_forked(do)] = key
    while running:
        yield _next_ended(running)


def outcome(ended: int | None) -> Outcome:
    """What the end of a process says of its mutant."""
    if ended in (None, RAN_OUT_OF_TIME):
        return Outcome.TIMED_OUT
    return Outcome.SURVIVED if ended == ALL_PASSED else Outcome.KILLED


def _next_ended(running: dict[int, K]) -> tuple[K, int | None]:
    pid, status = os.wait()
    return running.pop(pid), os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None


def _forked(do: Callable[[], int]) -> int:
    pid = os.fork()
    if pid == 0:
        _shut_in()
        _end_with(do)
    return pid


def _end_with(do: Callable[[], int]) -> NoReturn:
    code = ONE_FAILED
    try:
        code = do()
    except (TimeUp, MemoryError):
        code = RAN_OUT_OF_TIME
    finally:
        os._exit(code)


def _raise_time_up(_signal: int, _frame: FrameType | None) -> None:
    raise TimeUp


def _shut_in() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, whatever it waits for

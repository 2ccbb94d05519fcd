"""What the processes of `make fuzz` do, each by itself."""

import time
from functools import cache
from typing import Any

import structlog

from tests.fuzz.grounds import Ground, in_memory
from tests.fuzz.trying import Tried, batch


def try_in_memory(seed: int, until: float, number: int) -> Tried:
    """One batch. None is begun after `until`, by the monotonic clock, which all processes share."""
    tried = Tried(seed, "memory")
    if time.monotonic() < until:
        batch(_memory(), seed, number, tried)
    return tried


def be_silent() -> None:
    """Log nothing: the cases are made to be logged as errors."""
    structlog.configure(processors=[_dropped])


@cache
def _memory() -> Ground:
    """One for a process: to build it takes longer than a batch."""
    return in_memory()


def _dropped(_logger: object, _method: str, _event: object) -> dict[str, Any]:
    raise structlog.DropEvent

"""Read, decide and write again when somebody else wrote first: in one place, with jitter."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from aduan.service.ports import Conflict

T = TypeVar("T")
_ATTEMPTS = 12
_LONGEST = 0.8  # seconds


def until_settled(attempt: Callable[[], T]) -> T:
    """Repeat `attempt`, which reads afresh each time, while it meets a `Conflict`; the last one is raised."""
    for number in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except Conflict:
            time.sleep(pause(number))
    return attempt()


def pause(number: int) -> float:
    """Seconds to wait after this many conflicts before: any up to 0.02, doubled each time, so that no two keep step."""
    return random.uniform(0, min(_LONGEST, 0.02 * 2**number))  # noqa: S311 - jitter, no secret

"""Many stories told at once, each in its own time: the next part of one waits for no part of another."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

Story = Iterator[float]
"""Does a part of itself at each `next`, and says in how many seconds it goes on."""

_AT_ONCE: Final = 32
_POLL: Final = 0.2  # seconds until a pause sees that the time is up


class Stage:
    """Where stories are told, until all have ended or the time is up."""

    def __init__(self, ended: Callable[[], object]) -> None:
        """`ended` is called at the end of each story, by whatever thread told it."""
        self._ended = ended
        self._changed = threading.Condition()
        self._places = itertools.count()
        self._coming: list[tuple[float, int, Story]] = []
        self._open = 0
        self._failures: list[BaseException] = []

    def tell(self, stories: Sequence[tuple[float, Story]], seconds: float) -> int:
        """Tell each story from so many seconds after now. Returns how many had not ended `seconds` after that.

        Raises what a story raised.
        """
        begun = time.monotonic()
        self._open = len(stories)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for after, story in stories:
                self._await(begun + after, story)
            while self._open and not self._failures and time.monotonic() < begun + seconds:
                if (following := self._next()) is not None:
                    pool.submit(self._tell, following).add_done_callback(self._note)
        if self._failures:
            raise self._failures[0]
        return self._open

    def _await(self, at: float, story: Story) -> None:
        with self._changed:
            heapq.heappush(self._coming, (at, next(self._places), story))
            self._changed.notify()

    def _next(self) -> Story | None:
        with self._changed:
            left = self._coming[0][0] - time.monotonic() if self._coming else _POLL
            if left > 0:
                self._changed.wait(min(left, _POLL))
                return None
            return heapq.heappop(self._coming)[2]

    def _tell(self, story: Story) -> None:
        pause = next(story, None)
        if pause is not None:
            self._await(time.monotonic() + pause, story)
            return
        with self._changed:
            self._open -= 1
        self._ended()

    def _note(self, told: Future[None]) -> None:
        if (failure := told.exception()) is not None:
            self._failures.append(failure)

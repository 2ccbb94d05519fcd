"""Work that the simulated WhatsApp does later: statuses of accepted sends, and webhooks sent again.

In real mode a thread does it when it is due; in steered mode it waits until a test asks for it.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

WORKERS = 4
POLL_SECONDS = 0.05

log = logging.getLogger(__name__)


class JobKind(StrEnum):
    """What a job is, so that a test can let one kind go and hold the other."""

    STATUS = "status"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, order=True)
class _Job:
    due: datetime
    number: int
    kind: JobKind = field(compare=False)
    run: Callable[[], object] = field(compare=False)


class Schedule:
    """Jobs in the order they are due. Thread safe."""

    def __init__(self, clock: Callable[[], datetime], *, steered: bool) -> None:
        self._clock = clock
        self._steered = steered
        self._wake = threading.Condition()
        self._jobs: list[_Job] = []
        self._added = 0
        self._closing = False
        self._thread: threading.Thread | None = None

    def add(self, kind: JobKind, run: Callable[[], object], *, after: timedelta = timedelta()) -> None:
        """Do `run` so much later by the clock, at the earliest."""
        with self._wake:
            self._added += 1
            self._jobs.append(_Job(self._clock() + after, self._added, kind, run))
            self._jobs.sort()
            if not self._steered:
                self._start()
            self._wake.notify_all()

    def pending(self, kind: JobKind) -> int:
        """How many jobs of a kind are waiting."""
        with self._wake:
            return sum(job.kind is kind for job in self._jobs)

    def run(self, kind: JobKind, *, only_due: bool) -> int:
        """Do the waiting jobs of a kind here and now, in order; those due, or all. Returns how many."""
        jobs = self._take(lambda job: job.kind is kind and (not only_due or job.due <= self._clock()))
        for job in jobs:
            job.run()
        return len(jobs)

    def close(self) -> None:
        """Forget what is waiting and end the thread."""
        with self._wake:
            self._closing = True
            self._jobs.clear()
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _take(self, wanted: Callable[[_Job], bool]) -> list[_Job]:
        with self._wake:
            taken = [job for job in self._jobs if wanted(job)]
            self._jobs = [job for job in self._jobs if not wanted(job)]
        return taken

    def _start(self) -> None:
        if self._thread is None and not self._closing:
            self._thread = threading.Thread(target=self._work, name="whatsapp-schedule", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="whatsapp-job") as pool:
            while not self._closing:
                for job in self._take(lambda job: job.due <= self._clock()):
                    pool.submit(job.run).add_done_callback(_report_failure)
                with self._wake:
                    # The clock may not be real time: so a short poll, and not the time until the next job.
                    if not self._closing:
                        self._wake.wait(timeout=POLL_SECONDS if self._jobs else None)


def _report_failure(job: Future[object]) -> None:
    error = job.exception()
    if error is not None:
        log.error("a job of the simulated WhatsApp failed", exc_info=error)

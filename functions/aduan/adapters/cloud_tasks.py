"""Cloud Tasks: the alarm clocks, the queue of what must leave, and that of files to fetch.

A task is known by its name, which is made of what it is for: asking twice makes one task. The names are
hashes, because Cloud Tasks is slow with names that begin alike.
"""

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from aduan import traces
from aduan.adapters.task_bodies import check_body, fetch_body, row_body
from aduan.procedure.complaint import Alarm
from aduan.service.ports import Clock, RowRef

if TYPE_CHECKING:
    from aduan.adapters.cloud_tasks_calls import CloudTasksCalls

# Cloud Tasks takes 30 days and no second more. A check that comes early sets its alarm again.
FARTHEST: Final = timedelta(days=29)
_CALLS_AT_ONCE: Final = 8
_SOON: Final = timedelta(seconds=2)
# Whoever finds it out of reach has waited for that; the next ones do not wait too, and the sweep asks again.
_REST: Final = timedelta(seconds=10)

Observe = Callable[[str], None]
"""Told of each task that is asked for: its queue's name."""


@dataclass(frozen=True)
class TaskTarget:
    """A queue by its own name, and where its tasks are sent."""

    queue: str
    url: str


@dataclass(frozen=True)
class HttpTask:
    """A POST of JSON to `url`, proven by an OIDC token of `service_account` whose audience is the URL.

    `queue` is a full name, `id` the task's own name in it, `at` None: at once. `trace` goes along as `traceparent`:
    what the task does belongs to the request that asked for it.
    """

    queue: str
    id: str
    url: str
    body: bytes
    service_account: str
    at: datetime | None = None
    trace: str | None = None


def unobserved(_queue: str) -> None:
    """Count nothing."""


class CloudTasks:
    """Fulfils `ports.Tasks`. Threads may share it; the client is made at the first use.

    `emulator` is a host:port; None: the real service. Both calls raise ConnectionError if Cloud Tasks cannot
    be reached for now; google.api_core's errors for what no repeat would mend.
    """

    def __init__(
        self,
        *,
        project: str,
        location: str,
        alarms: TaskTarget,
        messages: TaskTarget,
        files: TaskTarget,
        service_account: str,
        clock: Clock,
        emulator: str | None = None,
        observe: Observe = unobserved,
    ) -> None:
        self._queues = f"projects/{project}/locations/{location}/queues"
        self._alarms = alarms
        self._messages = messages
        self._files = files
        self._service_account = service_account
        self._clock = clock
        self._emulator = emulator
        self._observe = observe
        self._lock = threading.Lock()
        self._rests_until: datetime | None = None
        self._lazy_calls: CloudTasksCalls | None = None

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        """A check at the alarm's time, or in two seconds if that has passed: not before the commit that needs it.

        `again`: the alarm rang early at that time. The name it had stays taken, so it needs another; to the
        second, so that a handler that is repeated at once asks for the same one.
        """
        parts = [complaint_id, alarm.kind, alarm.entry, alarm.rung, _moment(alarm.at)]
        if again is not None:
            parts.append(_moment(again.replace(microsecond=0)))
        now = self._clock()
        at = alarm.at if alarm.at > now and again is None else max(alarm.at, now + _SOON)
        self._create(self._alarms, check_body(complaint_id, alarm), parts, at)

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        """A task for each row, and for each message in `fetch`.

        All are asked for, whatever becomes of one; then the first error is raised.
        """
        calls = [
            *(partial(self._ask, self._messages, row.row, row_body(row), not_before) for row in rows),
            *(partial(self._ask, self._files, message, fetch_body(message), not_before) for message in fetch),
        ]
        if len(calls) == 1:
            calls[0]()
        if len(calls) <= 1:
            return
        # Measured, with 30 ms to the service: four rows take 39 ms together, and 133 ms one by one.
        with ThreadPoolExecutor(min(_CALLS_AT_ONCE, len(calls))) as pool:
            asked = [pool.submit(copy_context().run, call) for call in calls]
        for each in asked:
            each.result()

    def close(self) -> None:
        """Close the connection; the next use makes a new one."""
        with self._lock:
            calls, self._lazy_calls = self._lazy_calls, None
        if calls:
            calls.close()

    def _ask(self, target: TaskTarget, what: str, body: bytes, not_before: datetime | None) -> None:
        parts = [what] if not_before is None else [what, _moment(not_before)]
        self._create(target, body, parts, not_before)

    def _create(self, target: TaskTarget, body: bytes, parts: Sequence[object], at: datetime | None) -> None:
        now = self._clock()
        if self._rests_until is not None and now < self._rests_until:
            raise ConnectionError("Cloud Tasks could not be reached a moment ago")
        self._observe(target.queue)
        with traces.span(f"create {target.queue}", "producer"):
            here = traces.here()
            task = HttpTask(
                queue=f"{self._queues}/{target.queue}",
                id=hashlib.sha256(json.dumps(parts).encode()).hexdigest(),
                url=target.url,
                body=body,
                service_account=self._service_account,
                at=at and min(at, now + FARTHEST),
                trace=here.header if here else None,
            )
            try:
                self._calls().create(task)
            except ConnectionError:
                self._rests_until = now + _REST
                raise

    def _calls(self) -> "CloudTasksCalls":
        with self._lock:
            if self._lazy_calls is None:
                from aduan.adapters.cloud_tasks_calls import CloudTasksCalls  # noqa: PLC0415 - see that module

                self._lazy_calls = CloudTasksCalls(self._emulator)
            return self._lazy_calls


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).isoformat()

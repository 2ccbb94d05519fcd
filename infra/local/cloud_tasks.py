"""A stand-in for Google Cloud Tasks on one machine: a tool for development and tests, not for production.

It serves the gRPC methods that a program needs to set alarms (create, get, list, delete a task, purge a
queue) to the real google-cloud-tasks client, without TLS, takes any queue name, and keeps Cloud Tasks'
promises: schedule times, names that stay taken, at least one delivery, retries with back-off, OIDC tokens,
X-CloudTasks headers.

    client = tasks_v2.CloudTasksClient(
        transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(emulator.address))
    )

Two ways to drive it. In real time: `with CloudTasksEmulator(identity)` sends each task when it is due.
Steered, for tests: `CloudTasksEmulator(identity, clock=clock, autostart=False)` sends nothing until
`run_due()` is called.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import grpc

from infra.local.identity import Clock, OidcMinter, real_clock
from infra.local.task_dispatch import DEFAULT_RETRY, Attempt, BackgroundDispatch, RetryPolicy, TaskCourier
from infra.local.task_service import CloudTasksService, CreateCall
from infra.local.task_store import Selection, StoredTask, TaskStore

__all__ = ["Attempt", "CloudTasksEmulator", "CreateCall", "RetryPolicy", "TaskView"]

_GRPC_THREADS = 8
_MOST_ATTEMPTS_OF_A_RUN = 10_000


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task that waits: full `name`, the queue's own name, where and when it goes, and its body."""

    name: str
    queue: str
    url: str
    body: bytes
    schedule_time: datetime


class CloudTasksEmulator:
    """Cloud Tasks for one machine; see the module for how to drive it.

    `path` is an SQLite file, or ':memory:'. `port` 0 takes a free one. `tombstone` is how long a name stays
    taken after its task ran or was deleted (the real service: up to 24 hours). `default_deadline` is how long
    an answer may take when the task does not say (the real service: 10 minutes). Where a method takes
    `project`, only that project's tasks are meant: tests that share an emulator use a project each.
    """

    def __init__(
        self,
        identity: OidcMinter,
        *,
        port: int = 0,
        path: str | Path = ":memory:",
        clock: Clock = real_clock,
        autostart: bool = True,
        retry: RetryPolicy = DEFAULT_RETRY,
        tombstone: timedelta = timedelta(hours=1),
        default_deadline: timedelta = timedelta(minutes=10),
        concurrency: int = 8,
    ) -> None:
        self._clock = clock
        self._autostart = autostart
        self._store = TaskStore(path)
        self._store.forget_ended(before=clock() - tombstone)
        self._courier = TaskCourier(self._store, identity, clock, retry, default_deadline)
        self._background = BackgroundDispatch(self._store, self._courier, clock, concurrency)
        self._real_time = False
        self._service = CloudTasksService(self._store, clock, tombstone, self._background.wake)
        # Without SO_REUSEPORT a port that is taken is an error, not a silent split of the calls.
        self._server = grpc.server(ThreadPoolExecutor(_GRPC_THREADS), options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers((self._service.handler(),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port(f'127.0.0.1:{port}')}"

    def __enter__(self) -> Self:
        if self._autostart:
            self.start()
        else:
            self.serve()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def serve(self) -> None:
        """Take calls, and send nothing by itself."""
        self._server.start()

    def start(self) -> None:
        """Take calls, and send each task in real time when it is due."""
        self.serve()
        self._real_time = True
        self._background.start()

    def stop(self, grace: timedelta = timedelta(seconds=2)) -> None:
        """Take no more calls; give answers on their way `grace`. Tasks not yet done stay in the file."""
        self._server.stop(grace=None).wait()
        if self._real_time:
            self._background.stop(grace)
        self._courier.close()
        self._store.close()

    def run_due(self, project: str | None = None) -> list[Attempt]:
        """Send all that is due at clock(), one by one, soonest first, also what the handlers add meanwhile.

        A failed task is set to clock() plus its back-off. Returns what happened, in order.
        """
        if self._real_time:
            raise RuntimeError("the tasks are sent in real time; run_due is for autostart=False")
        attempts: list[Attempt] = []
        while (stored := self._first_due(project)) is not None:
            if len(attempts) == _MOST_ATTEMPTS_OF_A_RUN:
                raise RuntimeError("the handlers create due tasks without end")
            attempts.append(self._courier.deliver(stored))
        return attempts

    def redeliver(self, name: str) -> Attempt:
        """Send a task, waiting or ended, once more now; it stays what it was. Raises KeyError if unknown."""
        stored = self._store.ever(name)
        if stored is None:
            raise KeyError(name)
        return self._courier.send(stored)

    def pending(self, queue: str | None = None, project: str | None = None) -> list[TaskView]:
        """The tasks that wait, soonest first. `queue` is a queue's own or full name."""
        return [_view(stored) for stored in self._store.all_live(Selection(queue, project))]

    def next_due(self, project: str | None = None) -> datetime | None:
        """When the next task is due; it may be past. None if none waits."""
        stored = self._store.first(Selection(project=project))
        return stored.due if stored else None

    def created(self, queue: str | None = None, project: str | None = None) -> list[CreateCall]:
        """Every CreateTask call since the start, refused ones too, in the order of their answers."""
        return list(_chosen(self._service.create_calls, queue, project))

    def drop_all(self, project: str | None = None, *, names_too: bool = False) -> int:
        """Lose every task that waits, as a purge does. Returns how many.

        Their names stay taken, as in the real service; `names_too` frees them and those of all ended tasks.
        """
        selection = Selection(project=project)
        dropped = self._store.end_all(selection, self._clock())
        if names_too:
            self._store.forget_ended(selection)
        return dropped

    def _first_due(self, project: str | None) -> StoredTask | None:
        stored = self._store.first(Selection(project=project))
        return stored if stored and stored.due <= self._clock() else None


def _view(stored: StoredTask) -> TaskView:
    http = stored.task.http_request
    return TaskView(stored.task.name, stored.queue, http.url, http.body, stored.due)


def _chosen(calls: Iterable[CreateCall], queue: str | None, project: str | None) -> Iterable[CreateCall]:
    return (call for call in calls if queue in (None, call.queue) and project in (None, call.project))

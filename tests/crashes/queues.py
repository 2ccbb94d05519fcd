"""Everything that the stand-in for Cloud Tasks keeps: the tasks that wait, and the names that stay taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import grpc
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.local.cloud_tasks import CloudTasksEmulator

_FULL = tasks_v2.Task.View.FULL


@dataclass(frozen=True)
class Waiting:
    """The tasks of all queues, and the names of those that ended."""

    tasks: tuple[tasks_v2.Task, ...]
    ended: tuple[str, ...]


class Queues:
    """All queues of one stand-in, driven by Cloud Tasks' own methods."""

    def __init__(self, emulator: CloudTasksEmulator, client: tasks_v2.CloudTasksClient) -> None:
        self._emulator = emulator
        self._client = client
        self._since = 0

    @classmethod
    @contextmanager
    def of(cls, emulator: CloudTasksEmulator) -> Iterator[Self]:
        """They are open for as long as the block runs."""
        with grpc.insecure_channel(emulator.address) as channel:
            yield cls(emulator, tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel)))

    def saved(self) -> Waiting:
        """What is there now."""
        names = {call.name for call in self._emulator.created()[self._since :] if call.outcome == "OK"}
        waiting = [
            task
            for parent in sorted({_queue(name) for name in names})
            for task in self._client.list_tasks(tasks_v2.ListTasksRequest(parent=parent, response_view=_FULL))
        ]
        return Waiting(tuple(waiting), tuple(names - {task.name for task in waiting}))

    def restore(self, before: Waiting) -> None:
        """Just that again. The clock must stand where it stood then."""
        self._since = len(self._emulator.created())
        self._emulator.drop_all(names_too=True)
        for name in before.ended:
            nowhere = tasks_v2.HttpRequest(url="http://127.0.0.1:9/")
            self._client.create_task(parent=_queue(name), task=tasks_v2.Task(name=name, http_request=nowhere))
            self.done(name)
        for task in before.tasks:
            self._client.create_task(parent=_queue(task.name), task=task)

    def done(self, name: str) -> None:
        """A task was answered with 200: it is gone, and its name stays taken."""
        self._client.delete_task(name=name)


def _queue(name: str) -> str:
    return name.partition("/tasks/")[0]

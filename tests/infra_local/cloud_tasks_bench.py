"""What the tests of the Cloud Tasks stand-in share: a clock to turn, the real client, and tasks to create."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import grpc
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.local.cloud_tasks import CloudTasksEmulator, RetryPolicy
from infra.local.identity import LocalIdentity
from infra.local.task_times import stamp
from tests.infra_local.receiver import Receiver

QUEUE = "projects/aduan/locations/asia-southeast2/queues/sla-checks"
OTHER_QUEUE = "projects/aduan/locations/asia-southeast2/queues/messages"
ROBOT = "tasks@aduan.iam.gserviceaccount.com"
NOWHERE = "http://127.0.0.1/"
MINUTE = timedelta(minutes=1)


class TurnedClock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now

    def turn(self, ahead: timedelta) -> None:
        """Let that much time pass."""
        self.now += ahead


@dataclass(frozen=True, slots=True)
class Bench:
    """A steered emulator, the real client before it, and a receiver behind it."""

    emulator: CloudTasksEmulator
    client: tasks_v2.CloudTasksClient
    clock: TurnedClock
    receiver: Receiver

    def create(self, made: tasks_v2.Task, queue: str = QUEUE) -> str:
        """Create a task; gives its name."""
        return self.client.create_task(parent=queue, task=made).name


@cache
def identity() -> LocalIdentity:
    """One for all tests: keys take a while to make."""
    return LocalIdentity()


@contextmanager
def client_of(emulator: CloudTasksEmulator) -> Iterator[tasks_v2.CloudTasksClient]:
    with grpc.insecure_channel(emulator.address) as channel:
        yield tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))


@contextmanager
def steered(
    receiver: Receiver,
    clock: TurnedClock | None = None,
    *,
    path: str | Path = ":memory:",
    retry: RetryPolicy | None = None,
    default_deadline: timedelta = timedelta(minutes=10),
) -> Iterator[Bench]:
    """A bench whose emulator sends nothing until `run_due`."""
    clock = clock or TurnedClock()
    emulator = CloudTasksEmulator(
        identity(),
        path=path,
        clock=clock,
        autostart=False,
        retry=retry or RetryPolicy(),
        default_deadline=default_deadline,
    )
    with emulator, client_of(emulator) as client:
        yield Bench(emulator, client, clock, receiver)


def task(
    url: str,
    at: datetime | None = None,
    task_id: str | None = None,
    queue: str = QUEUE,
    **http_request: object,
) -> tasks_v2.Task:
    """A task for `url`, as a program would make it; more of its request by name."""
    made = tasks_v2.Task(http_request={"url": url, **http_request})
    if at:
        made.schedule_time = stamp(at)
    if task_id:
        made.name = f"{queue}/tasks/{task_id}"
    return made

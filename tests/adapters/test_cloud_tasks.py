"""The alarm clocks and the queue of what must leave, against the local stand-in and servers that fail."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from aduan.adapters.certificates import CertificateCache, Published
from aduan.adapters.cloud_tasks import CloudTasks, HttpTask, TaskTarget
from aduan.adapters.cloud_tasks_calls import CloudTasksCalls
from aduan.adapters.identity import TaskIdentity
from aduan.adapters.task_bodies import read_check, read_fetch, read_row
from aduan.procedure.complaint import Alarm, AlarmKind
from aduan.service.ports import RowRef
from infra.local.cloud_tasks import CloudTasksEmulator, TaskView
from tests.infra_local.cloud_tasks_bench import TurnedClock, identity
from tests.infra_local.receiver import Receiver

ROBOT = "tasks@aduan.iam.gserviceaccount.com"
CHECK_URL = "http://127.0.0.1:9/sla_check"
SEND_URL = "http://127.0.0.1:9/send_message"
FETCH_URL = "http://127.0.0.1:9/fetch_media"
AT = datetime(2026, 11, 24, 7, 35, 0, 250_000, tzinfo=UTC)
ALARM = Alarm(at=AT, kind=AlarmKind.RUNG, entry=3, rung=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> TurnedClock:
    """Turned to 07:05."""
    return TurnedClock()


@pytest.fixture
def emulator(clock: TurnedClock) -> Iterator[CloudTasksEmulator]:
    with CloudTasksEmulator(identity(), clock=clock, autostart=False) as emulator:
        yield emulator


@pytest.fixture
def tasks(emulator: CloudTasksEmulator, clock: TurnedClock) -> Iterator[CloudTasks]:
    with opened(emulator.address, clock) as tasks:
        yield tasks


@contextmanager
def opened(
    address: str,
    clock: Callable[[], datetime],
    check_url: str = CHECK_URL,
    send_url: str = SEND_URL,
    fetch_url: str = FETCH_URL,
) -> Iterator[CloudTasks]:
    tasks = CloudTasks(
        project="aduan",
        location="asia-southeast2",
        alarms=TaskTarget("sla-checks", check_url),
        messages=TaskTarget("messages", send_url),
        files=TaskTarget("media", fetch_url),
        service_account=ROBOT,
        clock=clock,
        emulator=address,
    )
    try:
        yield tasks
    finally:
        tasks.close()


def only(views: list[TaskView]) -> TaskView:
    (view,) = views
    return view


def test_an_alarm_is_a_check_at_its_time(emulator: CloudTasksEmulator, tasks: CloudTasks) -> None:
    tasks.set_alarm("c-1", ALARM)

    task = only(emulator.pending())
    assert task.name.startswith("projects/aduan/locations/asia-southeast2/queues/sla-checks/tasks/")
    assert task.url == CHECK_URL
    assert task.schedule_time == AT
    assert read_check(task.body) == ("c-1", ALARM)


def test_an_alarm_whose_time_has_passed_rings_soon_but_not_before_its_commit(
    emulator: CloudTasksEmulator, tasks: CloudTasks, clock: TurnedClock
) -> None:
    clock.turn(60 * MINUTE)
    tasks.set_alarm("c-1", ALARM)

    task = only(emulator.pending())
    assert task.schedule_time == clock.now + timedelta(seconds=2)
    assert read_check(task.body) == ("c-1", ALARM)


@pytest.mark.parametrize(
    ("ahead", "scheduled"),
    [
        (29 * DAY - MINUTE, 29 * DAY - MINUTE),
        (29 * DAY, 29 * DAY),
        (29 * DAY + MINUTE, 29 * DAY),
        (400 * DAY, 29 * DAY),
    ],
)
def test_an_alarm_farther_ahead_than_a_task_can_be_rings_early(
    emulator: CloudTasksEmulator,
    tasks: CloudTasks,
    clock: TurnedClock,
    ahead: timedelta,
    scheduled: timedelta,
) -> None:
    alarm = ALARM.model_copy(update={"at": clock.now + ahead})
    tasks.set_alarm("c-1", alarm)

    task = only(emulator.pending())
    assert task.schedule_time == clock.now + scheduled
    assert read_check(task.body) == ("c-1", alarm)


def test_an_alarm_set_twice_rings_once_and_also_after_it_has_rung(
    emulator: CloudTasksEmulator, clock: TurnedClock
) -> None:
    with Receiver() as receiver, opened(emulator.address, clock, check_url=receiver.url) as tasks:
        tasks.set_alarm("c-1", ALARM)
        tasks.set_alarm("c-1", ALARM)
        clock.turn(31 * MINUTE)
        assert len(emulator.run_due()) == 1

        tasks.set_alarm("c-1", ALARM)
        assert emulator.run_due() == []


@pytest.mark.parametrize(
    "changed",
    [{"kind": AlarmKind.TOTAL}, {"entry": 4}, {"rung": 2}, {"at": AT + timedelta(microseconds=1)}],
    ids=lambda changed: next(iter(changed)),
)
def test_another_alarm_of_a_complaint_is_another_task(
    emulator: CloudTasksEmulator, tasks: CloudTasks, changed: dict[str, object]
) -> None:
    tasks.set_alarm("c-1", ALARM)
    tasks.set_alarm("c-1", ALARM.model_copy(update=changed))
    assert len(emulator.pending()) == 2


def test_the_same_alarm_of_another_complaint_is_another_task(emulator: CloudTasksEmulator, tasks: CloudTasks) -> None:
    tasks.set_alarm("c-1", ALARM)
    tasks.set_alarm("c-2", ALARM)
    assert [read_check(task.body)[0] for task in emulator.pending()] == ["c-1", "c-2"]


def test_an_alarm_that_rang_early_is_set_again_once_for_that_second(
    emulator: CloudTasksEmulator, tasks: CloudTasks
) -> None:
    rang = AT - 10 * MINUTE
    tasks.set_alarm("c-1", ALARM)
    tasks.set_alarm("c-1", ALARM, again=rang)
    tasks.set_alarm("c-1", ALARM, again=rang + timedelta(milliseconds=500))
    assert len(emulator.pending()) == 2

    tasks.set_alarm("c-1", ALARM, again=rang + timedelta(seconds=1))
    assert {read_check(task.body) for task in emulator.pending()} == {("c-1", ALARM)}
    assert {task.schedule_time for task in emulator.pending()} == {AT}
    assert len(emulator.pending()) == 3


def test_names_that_follow_one_another_do_not_begin_alike(emulator: CloudTasksEmulator, tasks: CloudTasks) -> None:
    tasks.send([RowRef(f"{number:012}") for number in range(16)])
    beginnings = {task.name.rpartition("/")[2][:8] for task in emulator.pending()}
    assert len(beginnings) == 16


def test_a_task_proves_at_its_url_who_sends_it(emulator: CloudTasksEmulator, clock: TurnedClock) -> None:
    with Receiver() as receiver, opened(emulator.address, clock, check_url=f"{receiver.url}/check") as tasks:
        tasks.set_alarm("c-1", ALARM.model_copy(update={"at": clock.now}))
        clock.turn(timedelta(seconds=2))
        assert [attempt.status for attempt in emulator.run_due()] == [200]

    (request,) = receiver.requests
    assert (request.method, request.target) == ("POST", "/check")
    assert request.headers["Content-Type"] == "application/json"
    certs = CertificateCache("", fetch=lambda _: Published(identity().oidc_certs()))
    TaskIdentity(certs, audience=f"{receiver.url}/check", email=ROBOT).verify(request.headers["Authorization"])


def test_a_file_to_fetch_has_its_task_beside_the_rows_and_once(
    emulator: CloudTasksEmulator, tasks: CloudTasks, clock: TurnedClock
) -> None:
    for _ in range(2):
        tasks.send([RowRef("r-1")], fetch=["m-1", "m-2"])
    tasks.send((), fetch=["m-1"])
    assert sorted(read_fetch(task.body) for task in emulator.pending("media")) == ["m-1", "m-2"]
    assert {task.url for task in emulator.pending("media")} == {FETCH_URL}
    assert [read_row(task.body) for task in emulator.pending("messages")] == [RowRef("r-1")]

    later = clock.now + MINUTE
    tasks.send((), not_before=later, fetch=["m-1"])
    assert [task.schedule_time for task in emulator.pending("media")][-1] == later


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_every_row_has_its_task_at_once(
    emulator: CloudTasksEmulator, tasks: CloudTasks, clock: TurnedClock, count: int
) -> None:
    rows = [RowRef(f"r-{number}", "c-1", staff="kasi@bantul.example") for number in range(count)]
    tasks.send(rows)

    pending = emulator.pending("messages")
    assert {read_row(task.body) for task in pending} == set(rows)
    assert {(task.url, task.schedule_time) for task in pending} == ({(SEND_URL, clock.now)} if rows else set())


def test_a_row_is_not_sent_before_its_time_and_once_for_it(
    emulator: CloudTasksEmulator, tasks: CloudTasks, clock: TurnedClock
) -> None:
    row = RowRef("r-1", "c-1", "z-1")
    tasks.send([row])
    for after in (MINUTE, MINUTE, 2 * MINUTE):
        tasks.send([row], not_before=clock.now + after)

    assert [task.schedule_time for task in emulator.pending()] == [
        clock.now,
        clock.now + MINUTE,
        clock.now + 2 * MINUTE,
    ]


def test_each_task_that_is_asked_for_is_counted(emulator: CloudTasksEmulator, clock: TurnedClock) -> None:
    asked: list[str] = []
    tasks = CloudTasks(
        project="aduan",
        location="asia-southeast2",
        alarms=TaskTarget("sla-checks", CHECK_URL),
        messages=TaskTarget("messages", SEND_URL),
        files=TaskTarget("media", FETCH_URL),
        service_account=ROBOT,
        clock=clock,
        emulator=emulator.address,
        observe=asked.append,
    )
    tasks.set_alarm("c-1", ALARM)
    tasks.set_alarm("c-1", ALARM)
    tasks.send([RowRef("r-1"), RowRef("r-2")])
    tasks.close()
    assert sorted(asked) == ["messages", "messages", "sla-checks", "sla-checks"]


def test_after_closing_the_next_use_connects_again(emulator: CloudTasksEmulator, tasks: CloudTasks) -> None:
    tasks.set_alarm("c-1", ALARM)
    tasks.close()
    tasks.set_alarm("c-2", ALARM)
    assert len(emulator.pending()) == 2


def test_googles_client_is_loaded_by_its_first_use_only() -> None:
    """So that a refused signature, and a handshake, do not pay a third of a second for it."""
    program = "import sys, {}; print(sorted({{'grpc', 'google.cloud.tasks_v2'}} & set(sys.modules)))"

    def loaded_by(module: str) -> str:
        command = [sys.executable, "-c", program.format(module)]
        paths = {"PYTHONPATH": ":".join(sys.path)}
        return subprocess.run(command, env=paths, capture_output=True, text=True, check=True).stdout

    assert loaded_by("aduan.adapters.cloud_tasks") == "[]\n"
    assert loaded_by("aduan.adapters.cloud_tasks_calls") == "['google.cloud.tasks_v2', 'grpc']\n"


class FailingService:
    """Cloud Tasks that answers each call with the status that `answer` says; None: the task is created."""

    def __init__(self, answer: Callable[[tasks_v2.CreateTaskRequest, int], grpc.StatusCode | None]) -> None:
        self.calls = 0
        self._answer = answer
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = grpc.server(futures.ThreadPoolExecutor(4))
        method = grpc.unary_unary_rpc_method_handler(
            self._create, tasks_v2.CreateTaskRequest.deserialize, tasks_v2.Task.serialize
        )
        handler = grpc.method_handlers_generic_handler("google.cloud.tasks.v2.CloudTasks", {"CreateTask": method})
        self._server.add_generic_rpc_handlers((handler,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(grace=None).wait()

    def _create(self, request: tasks_v2.CreateTaskRequest, context: grpc.ServicerContext) -> tasks_v2.Task:
        with self._lock:
            self.calls += 1
            calls = self.calls
        if code := self._answer(request, calls):
            context.abort(code, "as the test says")
        return request.task


@contextmanager
def calling(service: FailingService, attempt_seconds: float = 5, all_seconds: float = 5) -> Iterator[CloudTasksCalls]:
    with service:
        calls = CloudTasksCalls(service.address, attempt_seconds, all_seconds)
        yield calls
        calls.close()


TASK = HttpTask("projects/p/locations/l/queues/q", "id", SEND_URL, b"{}", ROBOT)


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
def test_a_call_that_may_pass_next_time_is_made_again(code: grpc.StatusCode) -> None:
    service = FailingService(lambda _, call: code if call <= 2 else None)
    with calling(service) as calls:
        calls.create(TASK)
    assert service.calls == 3


def test_a_repeat_that_finds_its_own_first_call_heard_is_success() -> None:
    """The first one's answer was lost; the task is there."""
    codes = {1: grpc.StatusCode.UNAVAILABLE, 2: grpc.StatusCode.ALREADY_EXISTS}
    service = FailingService(lambda _, call: codes.get(call))
    with calling(service) as calls:
        calls.create(TASK)
    assert service.calls == 2


def test_a_service_that_stays_away_is_a_connection_error_in_bounded_time() -> None:
    service = FailingService(lambda *_: grpc.StatusCode.UNAVAILABLE)
    with calling(service, all_seconds=0.3) as calls, pytest.raises(ConnectionError):
        calls.create(TASK)
    assert service.calls > 1


def test_a_service_that_hangs_is_a_connection_error_in_bounded_time() -> None:
    awake = threading.Event()

    def answer(*_: object) -> None:
        awake.wait(5)

    service = FailingService(answer)
    with calling(service, attempt_seconds=0.1, all_seconds=0.3) as calls:
        with pytest.raises(ConnectionError):
            calls.create(TASK)
        awake.set()
    assert service.calls > 1


def test_nobody_listening_is_a_connection_error() -> None:
    with FailingService(lambda *_: None) as gone:
        address = gone.address
    with pytest.raises(ConnectionError):
        CloudTasksCalls(address, all_attempts_seconds=0.3).create(TASK)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.NOT_FOUND, exceptions.NotFound),
        (grpc.StatusCode.PERMISSION_DENIED, exceptions.PermissionDenied),
        (grpc.StatusCode.INVALID_ARGUMENT, exceptions.InvalidArgument),
    ],
)
def test_what_no_repeat_would_mend_is_not_repeated_and_not_hidden(
    code: grpc.StatusCode, error: type[Exception]
) -> None:
    service = FailingService(lambda *_: code)
    with calling(service) as calls, pytest.raises(error):
        calls.create(TASK)
    assert service.calls == 1


@pytest.mark.parametrize("bad", ["r-0", "r-2"])
def test_a_row_that_is_refused_keeps_no_other_back_and_is_not_passed_over(bad: str, clock: TurnedClock) -> None:
    created: list[str] = []

    def answer(request: tasks_v2.CreateTaskRequest, _: int) -> grpc.StatusCode | None:
        row = read_row(request.task.http_request.body).row
        if row == bad:
            return grpc.StatusCode.NOT_FOUND
        created.append(row)
        return None

    rows = [RowRef(f"r-{number}") for number in range(3)]
    refused = pytest.raises(exceptions.NotFound)
    with FailingService(answer) as service, opened(service.address, clock) as tasks, refused:
        tasks.send(rows)
    assert sorted([*created, bad]) == ["r-0", "r-1", "r-2"]

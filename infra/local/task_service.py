"""The gRPC face of the local Cloud Tasks stand-in: what it accepts, what it refuses, and with which code.

The methods speak the message classes of the google-cloud-tasks client, so the real client works unchanged.
Limits are those of https://cloud.google.com/tasks/docs/quotas and of the API reference. What is not here
(App Engine targets, OAuth tokens, a single task's retry settings, managing queues) is refused, never ignored.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import grpc
from google.cloud import tasks_v2
from google.protobuf import empty_pb2

from infra.local.identity import Clock
from infra.local.task_store import QUEUE_NAME, TASK_NAME, NameTakenError, Selection, TaskStore
from infra.local.task_times import answer_within, due_at, stamp

SERVICE = "google.cloud.tasks.v2.CloudTasks"
FARTHEST_SCHEDULE = timedelta(days=30)
SHORTEST_DEADLINE = timedelta(seconds=15)
LONGEST_DEADLINE = timedelta(minutes=30)
LONGEST_URL = 2083
LARGEST_TASK_BYTES = 1_048_576
LARGEST_PAGE = 1000
_METHODS_WITH_BODY = (tasks_v2.HttpMethod.POST, tasks_v2.HttpMethod.PUT, tasks_v2.HttpMethod.PATCH)
_Request = TypeVar("_Request")


class RefusedError(Exception):
    """The call is answered with this gRPC status."""

    def __init__(self, code: grpc.StatusCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class CreateCall:
    """One CreateTask call, accepted or not: `outcome` is 'OK' or the name of the gRPC status."""

    name: str
    project: str
    queue: str
    outcome: str


class CloudTasksService:
    """Cloud Tasks' methods over a store. `on_change` is called after each task that was created."""

    def __init__(self, store: TaskStore, clock: Clock, tombstone: timedelta, on_change: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._tombstone = tombstone
        self._on_change = on_change
        self.create_calls: list[CreateCall] = []

    def create_task(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        """Add a task; ALREADY_EXISTS while its name is taken, INVALID_ARGUMENT for what is over a limit."""
        queue = QUEUE_NAME.fullmatch(request.parent)
        if queue is None:
            raise _invalid("parent must be projects/*/locations/*/queues/*")
        outcome = "OK"
        try:
            task = self._accepted(request)
        except RefusedError as refused:
            outcome = refused.code.name
            raise
        finally:
            self.create_calls.append(CreateCall(request.task.name, queue["project"], queue["queue"], outcome))
        self._on_change()
        return _seen_as(request.response_view, task)

    def get_task(self, request: tasks_v2.GetTaskRequest) -> tasks_v2.Task:
        """A task that waits, else NOT_FOUND."""
        stored = self._store.live(request.name)
        if stored is None:
            raise _not_found(request.name)
        return _seen_as(request.response_view, stored.task)

    def list_tasks(self, request: tasks_v2.ListTasksRequest) -> tasks_v2.ListTasksResponse:
        """The tasks that wait in a queue, a page at a time, in the order of their creation."""
        if not request.page_token.isdecimal() and request.page_token:
            raise _invalid("page_token is not one that was given out")
        size = min(request.page_size or LARGEST_PAGE, LARGEST_PAGE)
        rows = self._store.page(request.parent, int(request.page_token or 0), size + 1)
        return tasks_v2.ListTasksResponse(
            tasks=[_seen_as(request.response_view, stored.task) for stored in rows[:size]],
            next_page_token=str(rows[size - 1].seq) if len(rows) > size else "",
        )

    def delete_task(self, request: tasks_v2.DeleteTaskRequest) -> empty_pb2.Empty:
        """Forget a task that waits, else NOT_FOUND; its name stays taken."""
        stored = self._store.live(request.name)
        if stored is None:
            raise _not_found(request.name)
        self._store.end(stored.seq, self._clock())
        return empty_pb2.Empty()

    def purge_queue(self, request: tasks_v2.PurgeQueueRequest) -> tasks_v2.Queue:
        """Forget every task that waits in a queue; their names stay taken."""
        now = self._clock()
        self._store.end_all(Selection(queue=request.name), now)
        return tasks_v2.Queue(name=request.name, state=tasks_v2.Queue.State.RUNNING, purge_time=now)

    def handler(self) -> grpc.GenericRpcHandler:
        """For a gRPC server; a method that is not here answers UNIMPLEMENTED."""
        methods: dict[str, tuple[Callable[[Any], object], Any, Callable[[Any], bytes]]] = {
            "CreateTask": (self.create_task, tasks_v2.CreateTaskRequest, tasks_v2.Task.serialize),
            "GetTask": (self.get_task, tasks_v2.GetTaskRequest, tasks_v2.Task.serialize),
            "ListTasks": (self.list_tasks, tasks_v2.ListTasksRequest, tasks_v2.ListTasksResponse.serialize),
            "DeleteTask": (self.delete_task, tasks_v2.DeleteTaskRequest, empty_pb2.Empty.SerializeToString),
            "PurgeQueue": (self.purge_queue, tasks_v2.PurgeQueueRequest, tasks_v2.Queue.serialize),
        }
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(_answering(method), request.deserialize, serialize)
                for name, (method, request, serialize) in methods.items()
            },
        )

    def _accepted(self, request: tasks_v2.CreateTaskRequest) -> tasks_v2.Task:
        now = self._clock()
        task = request.task
        if not task.name:
            task.name = f"{request.parent}/tasks/{secrets.randbits(63)}"
        _check_supported(task)
        if task.http_request.http_method == tasks_v2.HttpMethod.HTTP_METHOD_UNSPECIFIED:
            post = tasks_v2.HttpMethod.POST
            task.http_request = tasks_v2.HttpRequest(task.http_request, http_method=post)
        _check_task(request.parent, task, now)
        task.schedule_time = stamp(max(due_at(task), now))
        task.create_time = stamp(now)
        try:
            self._store.add(task, now, self._tombstone)
        except NameTakenError as error:
            raise RefusedError(
                grpc.StatusCode.ALREADY_EXISTS, f"a task named {task.name} exists, or existed too recently"
            ) from error
        return task


def _check_task(parent: str, task: tasks_v2.Task, now: datetime) -> None:
    if not TASK_NAME.fullmatch(task.name) or task.name.rpartition("/tasks/")[0] != parent:
        raise _invalid(f"task.name must be {parent}/tasks/ID, ID of letters, digits, '-' and '_'")
    if len(tasks_v2.Task.serialize(task)) > LARGEST_TASK_BYTES:
        raise _invalid(f"a task may have at most {LARGEST_TASK_BYTES} bytes")
    if due_at(task) > now + FARTHEST_SCHEDULE:
        raise _invalid("task.schedule_time is more than 30 days ahead")
    deadline = answer_within(task)
    if deadline is not None and not SHORTEST_DEADLINE <= deadline <= LONGEST_DEADLINE:
        raise _invalid("task.dispatch_deadline must be between 15 seconds and 30 minutes")
    _check_http_request(task.http_request)


def _check_supported(task: tasks_v2.Task) -> None:
    unsupported = {
        "app_engine_http_request": "app_engine_http_request" in task,
        "retry_config": "retry_config" in task,
        "http_request.oauth_token": "oauth_token" in task.http_request,
    }
    for name, present in unsupported.items():
        if present:
            raise RefusedError(grpc.StatusCode.UNIMPLEMENTED, f"the local stand-in has no task.{name}")


def _check_http_request(http: tasks_v2.HttpRequest) -> None:
    if not http.url.startswith(("http://", "https://")) or len(http.url) > LONGEST_URL:
        raise _invalid(f"task.http_request.url must begin with http(s):// and be {LONGEST_URL} long at most")
    if http.body and http.http_method not in _METHODS_WITH_BODY:
        raise _invalid("a body is allowed with POST, PUT and PATCH only")
    if "oidc_token" in http and not http.oidc_token.service_account_email:
        raise _invalid("task.http_request.oidc_token.service_account_email is required")
    if any(not (name + value).isascii() or not value.isprintable() for name, value in http.headers.items()):
        raise _invalid("task.http_request.headers must be printable ASCII")


def _seen_as(view: tasks_v2.Task.View, task: tasks_v2.Task) -> tasks_v2.Task:
    """The basic view, which is the default, leaves the body out."""
    full = view == tasks_v2.Task.View.FULL
    seen = tasks_v2.Task(task, view=tasks_v2.Task.View.FULL if full else tasks_v2.Task.View.BASIC)
    if not full:
        seen.http_request.body = b""
    return seen


def _answering(
    method: Callable[[_Request], object],
) -> Callable[[_Request, grpc.ServicerContext], object]:
    def call(request: _Request, context: grpc.ServicerContext) -> object:
        try:
            return method(request)
        except RefusedError as refused:
            context.abort(refused.code, refused.detail)
            raise

    return call


def _invalid(detail: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, detail)


def _not_found(name: str) -> RefusedError:
    return RefusedError(grpc.StatusCode.NOT_FOUND, f"no task named {name} is waiting")

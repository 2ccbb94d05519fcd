"""One thing that happens to a function: a request, and how everything stands when it comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from infra.local.cloud_tasks import TaskView
from infra.local.whatsapp_courier import SIGNATURE_HEADER, as_meta_writes_it
from infra.local.whatsapp_exchange import Answer
from tests.crashes.stage import Build, Scene, Stage
from tests.end_to_end.world import SCHEDULER_ACCOUNT, TASKS_ACCOUNT, World


@dataclass(frozen=True)
class Request:
    """What comes in: the same bytes at every run. `task` is the name of the task that it is, if it is one."""

    target: str
    path: str = "/"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None

    def send(self, http: httpx.Client, to: str) -> HTTPStatus | None:
        """Its answer's status; None where whoever should have answered was killed at it."""
        try:
            return HTTPStatus(http.post(to + self.path, content=self.body, headers=self.headers).status_code)
        except httpx.TransportError:
            return None


Begin = Callable[[Stage], tuple[Scene, Request]]


@dataclass(frozen=True)
class Scenario:
    """`kind` is what the points are counted under. `trouble` is what WhatsApp does with the next message, once."""

    kind: str
    name: str
    target: str
    begin: Begin
    trouble: Callable[[World], None] | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def webhook_of(stage: Stage, payload: Answer | bytes) -> Request:
    """A webhook, signed as Meta signs it."""
    assert not isinstance(payload, int), "made with deliver=False"
    body = payload if isinstance(payload, bytes) else as_meta_writes_it(payload)
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: stage.world.whatsapp.sign(body)}
    return Request("whatsapp_webhook", body=body, headers=headers)


def task_of(stage: Stage, target: str, task: TaskView) -> Request:
    """A task, as Cloud Tasks sends it."""
    token = stage.world.identity.mint_oidc(TASKS_ACCOUNT, task.url)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return Request(target, body=task.body, headers=headers, task=task.name)


def only_task(stage: Stage, queue: str, like: Callable[[TaskView], bool] = lambda _: True) -> TaskView:
    """The task that waits in a queue."""
    (task,) = [task for task in stage.world.tasks.pending(queue) if like(task)]
    return task


def the_sweep(stage: Stage) -> Request:
    """The scheduler comes by."""
    token = stage.world.identity.mint_oidc(SCHEDULER_ACCOUNT, stage.world.urls["sweep"])
    return Request("sweep", headers={"Authorization": f"Bearer {token}"})


def at(build: Build, request: Callable[[Stage, Scene], Request], *, fresh: bool = False) -> Begin:
    """A request that comes where a scene stands. `fresh`: it changes the phone, so the scene is its own."""

    def begin(stage: Stage) -> tuple[Scene, Request]:
        scene = stage.fresh_scene(build) if fresh else stage.scene(build)
        stage.set_back(scene)
        return scene, request(stage, scene)

    return begin

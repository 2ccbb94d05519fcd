"""The man in the middle: what passes through him is unchanged, and what he holds up goes wrong as he says."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import grpc
import httpx
import pytest
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore, tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.local.firestore import FirestoreEmulator
from infra.local.identity import LocalIdentity
from tests.between import Between, Call, Lose, Pass, Refuse, Verdict, refusing, slowly
from tests.infra_local.receiver import Answer, Receiver

QUEUE = "projects/p/locations/asia-southeast2/queues/messages"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        receiver.answer = lambda _: Answer(201, [("X-Of", "the target")], b"taken")
        yield receiver


@pytest.fixture
def between(firestore_emulator: FirestoreEmulator, receiver: Receiver) -> Iterator[Between]:
    from infra.local.cloud_tasks import CloudTasksEmulator  # noqa: PLC0415 - a third of a second

    receiver.requests.clear()
    with (
        CloudTasksEmulator(LocalIdentity(), autostart=False) as tasks,
        Between(firestore=firestore_emulator.host, tasks=tasks.address, whatsapp=receiver.url) as between,
    ):
        yield between


@contextmanager
def documents(between: Between, project: str) -> Iterator[firestore.Client]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", between.environment["FIRESTORE_EMULATOR_HOST"])
        client = firestore.Client(project=project, credentials=AnonymousCredentials())
    yield client
    client.close()


def create_task(between: Between, name: str) -> tasks_v2.Task:
    with grpc.insecure_channel(between.environment["CLOUD_TASKS_EMULATOR_HOST"]) as channel:
        client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        http_request = tasks_v2.HttpRequest(url="http://127.0.0.1:1/")
        return client.create_task(
            parent=QUEUE, task=tasks_v2.Task(name=f"{QUEUE}/tasks/{name}", http_request=http_request)
        )


def post(between: Between) -> httpx.Response:
    return httpx.post(
        f"{between.environment['WHATSAPP_API_BASE']}/v26.0/1/messages?a=b", content=b"{}", trust_env=False
    )


def test_what_passes_is_unchanged_both_ways(between: Between, receiver: Receiver, project_id: str) -> None:
    with documents(between, project_id) as client:
        client.document("staff/a@office.test").set({"name": "Ani"})
        assert [found.to_dict() for found in client.collection("staff").stream()] == [{"name": "Ani"}]
    assert create_task(between, "one").name == f"{QUEUE}/tasks/one"
    answer = post(between)
    assert (answer.status_code, answer.headers["X-Of"], answer.content) == (201, "the target", b"taken")
    assert [(one.target, one.body) for one in receiver.requests] == [("/v26.0/1/messages?a=b", b"{}")]
    assert [(call.number, call.place, call.name) for call in between.calls] == [
        (1, "firestore", "Commit"),
        (2, "firestore", "RunQuery"),
        (3, "tasks", "CreateTask"),
        (4, "whatsapp", "POST /v26.0/1/messages"),
    ]


def test_an_error_of_the_place_itself_comes_through_with_its_code(between: Between, project_id: str) -> None:
    with documents(between, project_id) as client:
        client.document("a/1").create({})
        with pytest.raises(exceptions.AlreadyExists):
            client.document("a/1").create({})
    create_task(between, "one")
    with pytest.raises(exceptions.AlreadyExists):
        create_task(between, "one")


def test_a_place_that_is_refused_is_not_reached_and_is_back_after_it(
    between: Between, receiver: Receiver, project_id: str
) -> None:
    with between.ruled(refusing("tasks", "whatsapp")):
        with pytest.raises(exceptions.ServiceUnavailable):
            create_task(between, "one")
        assert post(between).status_code == HTTPStatus.SERVICE_UNAVAILABLE
        with documents(between, project_id) as client:
            client.document("a/1").create({})
    assert receiver.requests == []
    assert create_task(between, "one").name == f"{QUEUE}/tasks/one"
    with between.ruled(refusing(with_=Refuse(grpc.StatusCode.PERMISSION_DENIED, 429))):
        with pytest.raises(exceptions.PermissionDenied):
            create_task(between, "two")
        assert post(between).status_code == HTTPStatus.TOO_MANY_REQUESTS


@pytest.mark.parametrize("answered", [False, True])
def test_what_is_lost_breaks_the_callers_connection_before_or_after_it_arrived(
    between: Between, receiver: Receiver, answered: bool
) -> None:
    seen: list[int] = []

    def lose(_: Call) -> Verdict:
        return Lose(answered=answered, meanwhile=lambda: seen.append(len(receiver.requests)))

    with between.ruled(lose):
        with pytest.raises(httpx.RemoteProtocolError):
            post(between)
        with pytest.raises(exceptions.ServiceUnavailable):
            create_task(between, "one")
    assert seen == [int(answered)] * 2
    if answered:
        with pytest.raises(exceptions.AlreadyExists):
            create_task(between, "one")
    else:
        create_task(between, "one")


def test_a_slow_place_is_only_slow(between: Between) -> None:
    began = time.monotonic()
    with between.ruled(slowly(1.0, "whatsapp")):
        create_task(between, "one")
        assert post(between).status_code == 201
    assert time.monotonic() - began >= 1.0


def test_a_process_can_be_killed_at_a_call_and_hears_nothing_any_more(between: Between, receiver: Receiver) -> None:
    reader, writer = os.pipe()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", CALLER, between.environment["WHATSAPP_API_BASE"]],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)],
    )
    os.close(writer)

    def kill_at_the_second(call: Call) -> Verdict:
        return Lose(answered=True, meanwhile=lambda: os.kill(child, 9)) if call.number == 2 else Pass()

    between.rule = kill_at_the_second
    os.waitpid(child, 0)
    with os.fdopen(reader) as told:
        assert told.read() == "1\n"
    assert len(receiver.requests) == 2


CALLER = """
import sys, urllib.request
for number in (1, 2, 3):
    urllib.request.urlopen(sys.argv[1] + "/", data=b"{}")
    print(number, flush=True)
"""

"""The Cloud Tasks stand-in sends each task at its time, as it was given, with proof of who sends it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from google.cloud import tasks_v2

from tests.infra_local.cloud_tasks_bench import (
    MINUTE,
    QUEUE,
    ROBOT,
    Bench,
    identity,
    steered,
    task,
)
from tests.infra_local.receiver import Answer, Received, Receiver
from tests.infra_local.tokens import verified


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Receiver() as receiver, steered(receiver) as bench:
        yield bench


def test_a_task_is_sent_when_it_is_due_and_not_before(bench: Bench) -> None:
    bench.create(task(bench.receiver.url, at=bench.clock() + MINUTE))
    bench.clock.turn(MINUTE - timedelta(microseconds=1))
    assert bench.emulator.run_due() == []

    bench.clock.turn(timedelta(microseconds=1))
    (attempt,) = bench.emulator.run_due()

    assert (attempt.queue, attempt.url, attempt.status) == ("sla-checks", bench.receiver.url, 200)
    assert len(bench.receiver.requests) == 1
    assert bench.emulator.run_due() == []


def test_the_request_arrives_as_it_was_given(bench: Bench) -> None:
    bench.create(
        task(
            f"{bench.receiver.url}/deep/path?a=1&a=2",
            http_method=tasks_v2.HttpMethod.PUT,
            headers={"Content-Type": "application/json", "traceparent": "00-ab-cd-01"},
            body=b'{"entry": 7}',
        ),
    )

    bench.emulator.run_due()

    (request,) = bench.receiver.requests
    assert (request.method, request.target) == ("PUT", "/deep/path?a=1&a=2")
    assert request.body == b'{"entry": 7}'
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["traceparent"] == "00-ab-cd-01"


def test_the_headers_of_cloud_tasks_are_its_own(bench: Bench) -> None:
    forged = {"User-Agent": "me", "Host": "elsewhere", "X-CloudTasks-QueueName": "other"}
    bench.create(task(bench.receiver.url, task_id="a1", headers=forged))

    bench.emulator.run_due()

    headers = bench.receiver.requests[0].headers
    assert headers.get_all("User-Agent") == ["Google-Cloud-Tasks"]
    assert headers.get_all("X-CloudTasks-QueueName") == ["sla-checks"]
    assert headers["Host"] == bench.receiver.url.removeprefix("http://")
    assert headers["X-CloudTasks-TaskName"] == "a1"
    assert headers["X-CloudTasks-TaskRetryCount"] == "0"
    assert headers["X-CloudTasks-TaskExecutionCount"] == "0"
    assert headers["X-CloudTasks-TaskETA"] == f"{bench.clock().timestamp():.6f}"
    assert headers["X-CloudTasks-TaskPreviousResponse"] is None


@pytest.mark.parametrize("audience", ["", "https://sla-check.example/"])
def test_a_task_with_an_identity_carries_a_token_for_its_audience_or_its_url(bench: Bench, audience: str) -> None:
    oidc = {"service_account_email": ROBOT, "audience": audience}
    bench.create(task(f"{bench.receiver.url}/x", oidc_token=oidc))

    bench.emulator.run_due()

    scheme, token = bench.receiver.requests[0].headers["Authorization"].split(" ")
    claims = verified(token, identity().oidc_certs(), audience or f"{bench.receiver.url}/x")
    assert (scheme, claims["email"], claims["email_verified"]) == ("Bearer", ROBOT, True)


def test_a_task_without_an_identity_carries_no_token(bench: Bench) -> None:
    bench.create(task(bench.receiver.url))
    bench.emulator.run_due()
    assert "Authorization" not in bench.receiver.requests[0].headers


def test_tasks_go_in_the_order_of_their_times_and_then_of_their_creation(bench: Bench) -> None:
    for name, minutes in (("/third", 3), ("/first", 1), ("/second", 2), ("/also-third", 3)):
        bench.create(task(bench.receiver.url + name, at=bench.clock() + minutes * MINUTE))
    assert bench.emulator.next_due() == bench.clock() + MINUTE

    bench.clock.turn(5 * MINUTE)
    bench.emulator.run_due()

    assert bench.receiver.targets == ["/first", "/second", "/third", "/also-third"]


def test_what_a_handler_adds_goes_out_in_the_same_run_if_it_is_due(bench: Bench) -> None:
    def answer(request: Received) -> Answer:
        if request.target == "/first":
            bench.create(task(bench.receiver.url + "/now"))
            bench.create(task(bench.receiver.url + "/later", at=bench.clock() + MINUTE))
        return Answer()

    bench.receiver.answer = answer
    bench.create(task(bench.receiver.url + "/first"))

    attempts = bench.emulator.run_due()

    assert [attempt.url for attempt in attempts] == [
        bench.receiver.url + "/first",
        bench.receiver.url + "/now",
    ]
    assert [view.url for view in bench.emulator.pending()] == [bench.receiver.url + "/later"]


def test_a_task_done_or_waiting_can_be_sent_once_more(bench: Bench) -> None:
    done = bench.create(task(bench.receiver.url + "/done", body=b"same"))
    bench.emulator.run_due()
    waiting = bench.create(task(bench.receiver.url + "/waiting", at=bench.clock() + MINUTE))

    assert bench.emulator.redeliver(done).status == 200
    assert bench.emulator.redeliver(waiting).status == 200

    assert bench.receiver.targets == ["/done", "/done", "/waiting"]
    assert bench.receiver.requests[0].body == bench.receiver.requests[1].body
    assert [view.name for view in bench.emulator.pending()] == [waiting]
    with pytest.raises(KeyError):
        bench.emulator.redeliver(f"{QUEUE}/tasks/never-was")

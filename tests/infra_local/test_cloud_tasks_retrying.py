"""The Cloud Tasks stand-in tries again what failed, later and later, and loses nothing at a restart."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from google.api_core import exceptions

from infra.local.cloud_tasks import RetryPolicy
from tests.infra_local.cloud_tasks_bench import (
    MINUTE,
    Bench,
    TurnedClock,
    steered,
    task,
)
from tests.infra_local.receiver import Answer, Received, Receiver


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Receiver() as receiver, steered(receiver) as bench:
        yield bench


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_any_answer_but_2xx_is_a_failure_and_is_sent_again_later(bench: Bench, status: int) -> None:
    bench.receiver.answer = lambda _: Answer(status, [("Location", "/elsewhere")])
    bench.create(task(bench.receiver.url))

    (attempt,) = bench.emulator.run_due()

    assert (attempt.status, attempt.succeeded) == (status, False)
    assert bench.emulator.next_due() == bench.clock() + timedelta(seconds=1)
    assert bench.receiver.targets == ["/"]


@pytest.mark.parametrize("status", [200, 201, 204])
def test_every_2xx_is_success(bench: Bench, status: int) -> None:
    bench.receiver.answer = lambda _: Answer(status)
    bench.create(task(bench.receiver.url))

    assert bench.emulator.run_due()[0].succeeded
    assert bench.emulator.pending() == []


def test_the_waits_double_up_to_the_longest(bench: Bench) -> None:
    bench.receiver.answer = lambda _: Answer(500)
    bench.create(task(bench.receiver.url))
    waits = []
    for _ in range(8):
        bench.emulator.run_due()
        following = bench.emulator.next_due()
        assert following is not None
        waits.append((following - bench.clock()).total_seconds())
        bench.clock.now = following

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_retry_says_how_often_it_was_tried_and_what_was_answered(bench: Bench) -> None:
    bench.receiver.answer = lambda _: Answer(503)
    name = bench.create(task(bench.receiver.url))
    bench.emulator.run_due()
    waiting = bench.client.get_task(name=name)
    assert (waiting.dispatch_count, waiting.response_count) == (1, 1)
    assert waiting.last_attempt.response_status.message == "HTTP status code 503"

    bench.receiver.answer = lambda _: Answer()
    bench.clock.turn(timedelta(seconds=1))
    bench.emulator.run_due()

    headers = bench.receiver.requests[1].headers
    assert headers["X-CloudTasks-TaskName"] == name.rpartition("/")[2]
    assert headers["X-CloudTasks-TaskRetryCount"] == "1"
    assert headers["X-CloudTasks-TaskExecutionCount"] == "1"
    assert headers["X-CloudTasks-TaskPreviousResponse"] == "503"
    assert headers["X-CloudTasks-TaskETA"] == f"{bench.clock().timestamp():.6f}"
    assert bench.emulator.pending() == []


def test_a_receiver_that_is_not_there_is_tried_again(bench: Bench) -> None:
    with Receiver() as gone:
        url = gone.url
    name = bench.create(task(url))

    (attempt,) = bench.emulator.run_due()

    assert attempt.status is None
    assert attempt.error is not None
    assert attempt.error.startswith("ConnectError")
    assert bench.emulator.next_due() == bench.clock() + timedelta(seconds=1)
    waiting = bench.client.get_task(name=name)
    assert (waiting.dispatch_count, waiting.response_count) == (1, 0)


def test_a_receiver_that_is_too_slow_is_tried_again() -> None:
    released = threading.Event()

    def answer(_: Received) -> Answer:
        released.wait(5)
        return Answer()

    with Receiver() as receiver, steered(receiver, default_deadline=timedelta(seconds=0.1)) as bench:
        receiver.answer = answer
        bench.create(task(receiver.url))
        (attempt,) = bench.emulator.run_due()
        released.set()

        assert attempt.status is None
        assert attempt.error is not None
        assert attempt.error.startswith("ReadTimeout")
        assert len(bench.emulator.pending()) == 1


def test_a_queue_with_a_limit_gives_up_after_that_many_attempts() -> None:
    with Receiver() as receiver, steered(receiver, retry=RetryPolicy(max_attempts=3)) as bench:
        receiver.answer = lambda _: Answer(500)
        bench.create(task(receiver.url))
        for _ in range(5):
            bench.emulator.run_due()
            bench.clock.turn(MINUTE)

        assert len(receiver.requests) == 3
        assert bench.emulator.pending() == []


def test_a_task_deleted_by_its_own_failing_handler_stays_deleted(bench: Bench) -> None:
    name = bench.create(task(bench.receiver.url))

    def answer(_: Received) -> Answer:
        bench.client.delete_task(name=name)
        return Answer(500)

    bench.receiver.answer = answer
    bench.emulator.run_due()

    assert bench.emulator.pending() == []


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 240), (7, 300), (5000, 300)]
)
def test_after_its_doublings_a_wait_grows_evenly(failures: int, seconds: int) -> None:
    """The example of Cloud Tasks' reference for RetryConfig.max_doublings."""
    policy = RetryPolicy(timedelta(seconds=10), timedelta(seconds=300), max_doublings=3)
    assert policy.wait_after(failures) == timedelta(seconds=seconds)


def test_tasks_names_and_counts_survive_a_restart(tmp_path: Path) -> None:
    file, clock = tmp_path / "tasks.sqlite", TurnedClock()
    with Receiver() as receiver:
        receiver.answer = lambda _: Answer(500)
        with steered(receiver, clock, path=file) as before:
            before.client.delete_task(name=before.create(task(receiver.url, task_id="gone")))
            before.create(task(receiver.url, task_id="waits", body=b"kept"))
            before.emulator.run_due()
            waiting = before.emulator.pending()

        receiver.answer = lambda _: Answer()
        with steered(receiver, clock, path=file) as after:
            assert after.emulator.pending() == waiting
            with pytest.raises(exceptions.AlreadyExists):
                after.create(task(receiver.url, task_id="gone"))
            clock.turn(timedelta(seconds=1))
            after.emulator.run_due()

    assert receiver.requests[-1].body == b"kept"
    assert receiver.requests[-1].headers["X-CloudTasks-TaskRetryCount"] == "1"

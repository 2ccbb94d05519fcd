"""The Cloud Tasks stand-in when it drives itself: its thread, its bounds, its end."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from infra.local.cloud_tasks import CloudTasksEmulator, RetryPolicy
from infra.local.identity import real_clock
from tests.infra_local.cloud_tasks_bench import QUEUE, client_of, identity, task
from tests.infra_local.receiver import Answer, Received, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    end = monotonic() + seconds
    while not holds():
        assert monotonic() < end, "it did not become so in time"
        sleep(0.005)


def test_each_task_is_sent_at_its_time_whenever_it_was_created(receiver: Receiver) -> None:
    with CloudTasksEmulator(identity()) as emulator, client_of(emulator) as client:
        start = real_clock()
        late, early = start + timedelta(seconds=0.4), start + timedelta(seconds=0.2)
        client.create_task(parent=QUEUE, task=task(receiver.url + "/late", at=late))
        client.create_task(parent=QUEUE, task=task(receiver.url + "/early", at=early))
        client.create_task(parent=QUEUE, task=task(receiver.url + "/now"))

        receiver.wait_for(2)
        assert real_clock() >= early
        receiver.wait_for(3)
        assert real_clock() >= late
        assert receiver.targets == ["/now", "/early", "/late"]
        eventually(lambda: emulator.pending() == [])


def test_a_failure_is_tried_again_without_being_asked(receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(500 if len(receiver.requests) < 3 else 200)
    retry = RetryPolicy(min_backoff=timedelta(seconds=0.02))
    with CloudTasksEmulator(identity(), retry=retry) as emulator, client_of(emulator) as client:
        client.create_task(parent=QUEUE, task=task(receiver.url))

        receiver.wait_for(3)
        eventually(lambda: emulator.pending() == [])
        counts = [request.headers["X-CloudTasks-TaskRetryCount"] for request in receiver.requests]
        assert counts == ["0", "1", "2"]


def test_no_more_tasks_than_allowed_are_on_their_way_at_once(receiver: Receiver) -> None:
    released = threading.Event()

    def answer(_: Received) -> Answer:
        released.wait(5)
        return Answer()

    receiver.answer = answer
    with CloudTasksEmulator(identity(), concurrency=2) as emulator, client_of(emulator) as client:
        for _ in range(5):
            client.create_task(parent=QUEUE, task=task(receiver.url))
        receiver.wait_for(2)
        sleep(0.1)
        assert len(receiver.requests) == 2

        released.set()
        receiver.wait_for(5)
        eventually(lambda: emulator.pending() == [])


def test_a_task_without_an_answer_at_the_end_is_sent_again_at_the_next_start(
    receiver: Receiver, tmp_path: Path
) -> None:
    released = threading.Event()

    def hang(_: Received) -> Answer:
        released.wait(5)
        return Answer()

    receiver.answer = hang
    before = CloudTasksEmulator(identity(), path=tmp_path / "tasks.sqlite")
    before.start()
    with client_of(before) as client:
        client.create_task(parent=QUEUE, task=task(receiver.url, body=b"once more"))
        receiver.wait_for(1)
    before.stop(grace=timedelta(seconds=0.05))
    released.set()

    with CloudTasksEmulator(identity(), path=tmp_path / "tasks.sqlite") as after:
        receiver.wait_for(2)
        eventually(lambda: after.pending() == [])
    assert [request.body for request in receiver.requests] == [b"once more"] * 2


def test_an_answer_that_comes_within_the_grace_is_kept(receiver: Receiver, tmp_path: Path) -> None:
    def slow(_: Received) -> Answer:
        sleep(0.2)
        return Answer()

    receiver.answer = slow
    with (
        CloudTasksEmulator(identity(), path=tmp_path / "tasks.sqlite") as before,
        client_of(before) as client,
    ):
        client.create_task(parent=QUEUE, task=task(receiver.url))
        receiver.wait_for(1)

    with CloudTasksEmulator(identity(), path=tmp_path / "tasks.sqlite", autostart=False) as after:
        assert after.pending() == []


def test_a_run_by_hand_is_refused_while_it_drives_itself() -> None:
    with CloudTasksEmulator(identity()) as emulator, pytest.raises(RuntimeError, match="real time"):
        emulator.run_due()


def test_a_port_that_is_taken_is_an_error() -> None:
    with CloudTasksEmulator(identity()) as emulator:
        taken = int(emulator.address.rpartition(":")[2])
        with pytest.raises(RuntimeError):
            CloudTasksEmulator(identity(), port=taken)

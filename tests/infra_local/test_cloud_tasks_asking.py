"""What the Cloud Tasks stand-in answers its callers: names, lists, and refusals."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from infra.local.task_times import due_at
from tests.infra_local.cloud_tasks_bench import (
    MINUTE,
    NOWHERE,
    OTHER_QUEUE,
    QUEUE,
    ROBOT,
    Bench,
    steered,
    task,
)
from tests.infra_local.receiver import Receiver


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Receiver() as receiver, steered(receiver) as bench:
        yield bench


def test_a_task_without_a_name_gets_one_of_its_queue(bench: Bench) -> None:
    first, second = (bench.create(task(NOWHERE)) for _ in range(2))
    assert first.startswith(f"{QUEUE}/tasks/")
    assert first != second


def test_a_name_is_taken_while_its_task_waits(bench: Bench) -> None:
    bench.create(task(NOWHERE, at=bench.clock() + MINUTE, task_id="a1"))
    with pytest.raises(exceptions.AlreadyExists):
        bench.create(task(NOWHERE, task_id="a1"))
    assert [call.outcome for call in bench.emulator.created()] == ["OK", "ALREADY_EXISTS"]
    assert len(bench.emulator.pending()) == 1


@pytest.mark.parametrize("ending", ["ran", "deleted", "purged", "dropped"])
def test_a_name_stays_taken_for_an_hour_after_its_task_ended(bench: Bench, ending: str) -> None:
    name = bench.create(task(bench.receiver.url, task_id="a1"))
    endings: dict[str, Callable[[], object]] = {
        "ran": bench.emulator.run_due,
        "deleted": lambda: bench.client.delete_task(name=name),
        "purged": lambda: bench.client.purge_queue(name=QUEUE),
        "dropped": bench.emulator.drop_all,
    }
    endings[ending]()

    bench.clock.turn(timedelta(minutes=59, seconds=59))
    with pytest.raises(exceptions.AlreadyExists):
        bench.create(task(bench.receiver.url, task_id="a1"))
    bench.clock.turn(timedelta(seconds=1))
    assert bench.create(task(bench.receiver.url, task_id="a1")) == name


def test_dropping_with_names_leaves_a_clean_slate(bench: Bench) -> None:
    bench.create(task(bench.receiver.url, task_id="ran"))
    bench.emulator.run_due()
    bench.create(task(bench.receiver.url, task_id="waits"))

    assert bench.emulator.drop_all(names_too=True) == 1

    for task_id in ("ran", "waits"):
        bench.create(task(bench.receiver.url, task_id=task_id))


def test_a_task_can_be_read_without_its_body_unless_asked_for(bench: Bench) -> None:
    waiting = task("http://127.0.0.1/x", at=bench.clock() + MINUTE, body=b"secret")
    made = bench.client.create_task(parent=QUEUE, task=waiting)

    basic = bench.client.get_task(name=made.name)
    full = bench.client.get_task({"name": made.name, "response_view": tasks_v2.Task.View.FULL})

    assert made.http_request.body == basic.http_request.body == b""
    assert full.http_request.body == b"secret"
    assert (basic.http_request.url, due_at(basic)) == ("http://127.0.0.1/x", bench.clock() + MINUTE)


def test_a_time_that_is_past_becomes_now(bench: Bench) -> None:
    name = bench.create(task(NOWHERE, at=bench.clock() - MINUTE))
    assert due_at(bench.client.get_task(name=name)) == bench.clock()


def test_listing_gives_each_task_of_the_queue_once_over_all_pages(bench: Bench) -> None:
    names = [bench.create(task(NOWHERE)) for _ in range(5)]
    bench.create(task(NOWHERE), OTHER_QUEUE)

    pager = bench.client.list_tasks({"parent": QUEUE, "page_size": 2})

    pages = [[listed.name for listed in page.tasks] for page in pager.pages]
    assert pages == [names[:2], names[2:4], names[4:]]


def test_a_deleted_task_is_gone_and_is_never_sent(bench: Bench) -> None:
    name = bench.create(task(bench.receiver.url))
    bench.client.delete_task(name=name)

    assert bench.emulator.run_due() == []
    with pytest.raises(exceptions.NotFound):
        bench.client.get_task(name=name)
    with pytest.raises(exceptions.NotFound):
        bench.client.delete_task(name=name)


def test_purging_empties_one_queue_only(bench: Bench) -> None:
    for queue in (QUEUE, QUEUE, OTHER_QUEUE):
        bench.create(task(NOWHERE), queue)

    assert bench.client.purge_queue(name=QUEUE).name == QUEUE

    assert [view.queue for view in bench.emulator.pending()] == ["messages"]
    assert bench.emulator.pending("sla-checks") == bench.emulator.pending(QUEUE) == []
    assert len(bench.emulator.pending(OTHER_QUEUE)) == 1


def test_projects_do_not_see_each_other(bench: Bench) -> None:
    other = QUEUE.replace("projects/aduan", "projects/other")
    bench.create(task(bench.receiver.url + "/ours", at=bench.clock() + MINUTE))
    bench.create(task(bench.receiver.url + "/theirs", body=b"b"), other)
    assert bench.emulator.next_due("aduan") == bench.clock() + MINUTE
    assert [(view.url, view.body) for view in bench.emulator.pending(project="other")] == [
        (bench.receiver.url + "/theirs", b"b")
    ]
    assert [call.project for call in bench.emulator.created(project="other")] == ["other"]

    bench.clock.turn(MINUTE)
    bench.emulator.run_due("aduan")
    assert bench.receiver.targets == ["/ours"]
    assert bench.emulator.drop_all("aduan") == 0
    assert bench.emulator.drop_all("other") == 1


@pytest.mark.parametrize(
    ("ahead", "accepted"),
    [(timedelta(days=30), True), (timedelta(days=30, microseconds=1), False)],
)
def test_a_task_may_be_at_most_30_days_ahead(bench: Bench, ahead: timedelta, *, accepted: bool) -> None:
    made = task(NOWHERE, at=bench.clock() + ahead)
    if accepted:
        assert due_at(bench.client.create_task(parent=QUEUE, task=made)) == bench.clock() + ahead
    else:
        with pytest.raises(exceptions.InvalidArgument, match="30 days"):
            bench.create(made)


@pytest.mark.parametrize(
    ("queue", "made", "reason"),
    [
        ("projects/p/queues/q", task(NOWHERE), "parent"),
        (QUEUE, task(NOWHERE, task_id="a b"), "task.name"),
        (QUEUE, task(NOWHERE, task_id="a", queue=QUEUE + "-other"), "task.name"),
        (QUEUE, task("127.0.0.1/x"), "url"),
        (QUEUE, task(NOWHERE + "x" * 2083), "url"),
        (QUEUE, task(NOWHERE, http_method=tasks_v2.HttpMethod.GET, body=b"x"), "body"),
        (QUEUE, task(NOWHERE, oidc_token={"audience": "x"}), "service_account_email"),
        (QUEUE, task(NOWHERE, headers={"X-Name": "a\nb"}), "headers"),
        (QUEUE, task(NOWHERE, body=b"x" * 1_048_576), "bytes"),
        (QUEUE, tasks_v2.Task(task(NOWHERE), dispatch_deadline=timedelta(seconds=14)), "dispatch_deadline"),
        (QUEUE, tasks_v2.Task(task(NOWHERE), dispatch_deadline=timedelta(minutes=31)), "dispatch_deadline"),
    ],
)
def test_what_cloud_tasks_would_not_take_is_refused(bench: Bench, queue: str, made: tasks_v2.Task, reason: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=reason):
        bench.create(made, queue)
    assert bench.emulator.pending() == []


@pytest.mark.parametrize(
    "made",
    [
        tasks_v2.Task(app_engine_http_request={"relative_uri": "/"}),
        tasks_v2.Task(http_request={"url": NOWHERE}, retry_config={"max_attempts": 3}),
        task(NOWHERE, oauth_token={"service_account_email": ROBOT}),
    ],
)
def test_what_the_stand_in_cannot_do_is_refused_and_not_ignored(bench: Bench, made: tasks_v2.Task) -> None:
    with pytest.raises(exceptions.MethodNotImplemented):
        bench.create(made)


def test_a_method_that_is_not_here_says_so(bench: Bench) -> None:
    with pytest.raises(exceptions.MethodNotImplemented):
        bench.client.create_queue(parent=QUEUE.rpartition("/queues/")[0], queue=tasks_v2.Queue(name=QUEUE))

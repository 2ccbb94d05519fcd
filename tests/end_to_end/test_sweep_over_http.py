"""What the tasks missed: whatever is lost, the next sweep mends it, and a second one finds nothing to do."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from structlog.testing import capture_logs

from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.scenes import (
    ANSWER,
    EVERY_STEP,
    NOTE,
    Case,
    another_world,
    checks,
    events,
    minute,
    standing_at,
    submitted,
    told,
)
from tests.end_to_end.world import (
    ADMIN,
    ADMIN2,
    KABID,
    KADIS,
    KASI,
    NINE_ON_TUESDAY,
    SCHEDULER_ACCOUNT,
    SET_FORMAT,
    World,
)

Silent = Callable[[], AbstractContextManager[World]]


@pytest.fixture(scope="module")
def silent(firestore_emulator: FirestoreEmulator) -> Silent:
    """Makes worlds in which WhatsApp reports nothing as delivered, so that step 8 stands."""
    return lambda: another_world(firestore_emulator.host, auto_status="sent")


def sweep(world: World) -> Mapping[str, Any]:
    """Sweep once; what it logged of itself, with its level."""
    with capture_logs() as logs:
        assert world.sweep().status_code == HTTPStatus.OK
    (swept,) = [line for line in logs if line["event"] == "swept"]
    return swept


def found(swept: Mapping[str, Any]) -> tuple[int, int, int, int]:
    return swept["alarms"], swept["holes"], swept["rows"], swept["failed"]


NOTHING = (0, 0, 0, 0)


def lose_everything_until(world: World, minutes: float) -> None:
    world.tasks.drop_all()
    world.clock.now = NINE_ON_TUESDAY + timedelta(minutes=minutes)


# Everything lost, in every kind of state


@pytest.fixture(scope="module")
def mended(silent: Silent) -> Iterator[tuple[World, dict[str, Case]]]:
    """Every step, a wait and a missing approval, all in one minute; each alarm is lost, and only the sweep comes."""
    with silent() as world:
        cases = {str(step): standing_at(world, step) for step in EVERY_STEP}
        cases["waiting"] = waiting(world)
        cases["unapproved"] = unapproved(world)
        for minutes in (12, 33, 64, 95, 162, 902, 1442):
            lose_everything_until(world, minutes)
            assert sweep(world)["alarms"] > 0
            assert found(sweep(world)) == NOTHING
        yield world, cases


def waiting(world: World) -> Case:
    number, phone = submitted(world, "+6281300000001"), "+6281300000001"
    world.did(number, "receive", ADMIN)
    world.did(number, "ask_complainant", ADMIN, question="Nomor KK Anda?")
    return Case(3, number.removeprefix("ADU-"), world.citizen(phone))


def unapproved(world: World) -> Case:
    number, phone = submitted(world, "+6281300000002"), "+6281300000002"
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    citizen = world.citizen(phone)
    world.whatsapp.status(citizen.inbox[-1].id, "delivered")
    world.settle()
    return Case(8, number.removeprefix("ADU-"), citizen)


BOTH = [KABID, KADIS]
TOLD_BY_THE_SWEEP = {
    "1": {},
    # At 33 two rungs are due at once; the ladder is climbed in one go, each told of each.
    "2": {12: [ADMIN, ADMIN2, KASI], 33: BOTH, 162: [KADIS], 902: BOTH},
    "3": {33: [KASI], 64: [KABID], 95: [KADIS], 162: [KADIS], 902: BOTH},
    "4": {33: [KABID], 64: [KADIS], 162: [KADIS], 902: BOTH},
    "5": {33: [KABID], 64: [KADIS], 162: [KADIS], 902: BOTH},
    "6": {33: [KADIS], 162: [KADIS], 902: BOTH},
    "7": {12: [KASI], 33: BOTH, 162: [KADIS], 902: BOTH},
    "8": {12: [ADMIN, ADMIN2]},
    "waiting": {},
    "unapproved": {33: [KASI], 64: [KABID], 95: [KADIS], 902: BOTH},
}


@pytest.mark.parametrize("state", TOLD_BY_THE_SWEEP)
def test_the_sweep_tells_whom_the_lost_alarms_would_have_told(
    mended: tuple[World, dict[str, Case]], state: str
) -> None:
    world, cases = mended
    assert told(world, cases[state].known_as) == TOLD_BY_THE_SWEEP[state]


def test_the_sweep_reminds_the_complainant_of_a_draft_once(mended: tuple[World, dict[str, Case]]) -> None:
    _, cases = mended
    assert [minute(message.at) for message in cases["1"].citizen.inbox] == [0, 12]


def test_the_sweep_ends_a_wait_that_is_past_its_limit_and_the_clock_goes_on_from_the_limit(
    mended: tuple[World, dict[str, Case]],
) -> None:
    world, cases = mended
    complaint = world.complaint(cases["waiting"].address)
    assert (complaint["status"], complaint["step"]) == ("open", 3)
    assert minute(complaint["due_at"]) == 24 * 60 + 30


def test_a_breach_that_the_sweep_notices_was_due_when_it_was_due(mended: tuple[World, dict[str, Case]]) -> None:
    world, cases = mended
    breaches = world.complaint(cases["3"].address)["breaches"]
    times = {breach["step"]: (minute(breach["due_at"]), minute(breach["noticed_at"])) for breach in breaches}
    # Each next step began when the sweep acted, not when the one before was due.
    assert times == {3: (30, 33), 4: (63, 64), 6: (94, 95), None: (160, 162)}


# A late task, and a hole


@pytest.mark.parametrize(
    ("overdue", "alarms", "holes", "level"),
    [
        (timedelta(seconds=-1), 0, 0, "info"),
        (timedelta(0), 1, 0, "info"),  # its task may still come, and will find the work done
        (timedelta(minutes=5), 1, 0, "info"),
        (timedelta(minutes=5, seconds=1), 1, 1, "error"),
    ],
)
def test_only_what_stood_unnoticed_for_more_than_a_period_is_reported_as_a_hole(
    world: World, overdue: timedelta, alarms: int, holes: int, level: str
) -> None:
    number = submitted(world)
    lose_everything_until(world, 10)
    world.clock.now += overdue
    swept = sweep(world)
    assert (swept["alarms"], swept["holes"], swept["log_level"]) == (alarms, holes, level)
    assert len(world.complaint(number)["breaches"]) == alarms


def test_a_task_that_comes_after_the_sweep_has_mended_it_changes_nothing(world: World) -> None:
    number = submitted(world)
    names = checks(world)
    lose_everything_until(world, 11)
    sweep(world)
    mended = world.complaint(number)
    assert all(world.tasks.redeliver(name).succeeded for name in names)
    world.settle()
    assert world.complaint(number) == mended
    assert told(world) == {11: [ADMIN, ADMIN2, KASI]}


def test_the_alarms_that_the_sweep_leads_to_are_set_again(world: World) -> None:
    submitted(world)
    lose_everything_until(world, 11)
    sweep(world)
    world.advance(minutes=9)
    assert told(world) == {11: [ADMIN, ADMIN2, KASI], 20: [KABID]}


# Rows of the outbox


def test_a_reply_whose_task_was_lost_goes_a_minute_later_and_once(world: World) -> None:
    citizen = world.citizen()
    assert citizen.write(SET_FORMAT) == HTTPStatus.OK
    lost = [task.name for task in world.tasks.pending("messages")]
    lose_everything_until(world, 0.99)
    assert found(sweep(world)) == NOTHING
    lose_everything_until(world, 1)
    assert found(sweep(world)) == (0, 0, 1, 0)
    assert len(citizen.inbox) == 1
    assert all(world.tasks.redeliver(name).succeeded for name in lost)
    assert found(sweep(world)) == NOTHING
    assert len(citizen.inbox) == 1


def test_an_answer_whose_task_was_lost_goes_with_the_sweep(world: World) -> None:
    number = submitted(world)
    assert world.act(number, "settle", ADMIN, note=NOTE, answer=ANSWER).status_code == HTTPStatus.OK
    lose_everything_until(world, 2)
    assert found(sweep(world)) == (0, 0, 1, 0)
    assert [ANSWER in message.text for message in world.citizen().inbox] == [False, True]
    assert [event["type"] for event in events(world.complaint(number), "delivered")] == ["delivered"]


def test_alerts_whose_tasks_were_lost_go_with_the_sweep_once_to_each(world: World) -> None:
    submitted(world)
    (check,) = checks(world)
    world.clock.now = NINE_ON_TUESDAY + timedelta(minutes=10)
    assert world.tasks.redeliver(check).succeeded  # it rings, and its alerts wait for their tasks
    lose_everything_until(world, 11)
    assert told(world) == {}
    assert found(sweep(world)) == (0, 0, 3, 0)
    assert found(sweep(world)) == NOTHING
    assert told(world) == {11: [ADMIN, ADMIN2, KASI]}


def test_an_answer_of_unknown_fate_whose_task_was_lost_goes_once_more_with_the_sweep(
    firestore_emulator: FirestoreEmulator,
) -> None:
    with another_world(firestore_emulator.host, auto_status=None) as world:
        number = submitted(world)
        world.whatsapp.fail_next(http=200, after_accept=True)
        world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
        lose_everything_until(world, 1)
        assert found(sweep(world)) == NOTHING
        lose_everything_until(world, 2)
        assert found(sweep(world)) == (0, 0, 1, 0)
        assert sum(ANSWER in message.text for message in world.citizen().inbox) == 2
        assert found(sweep(world)) == NOTHING


# What it costs, and what it survives


def test_the_cost_of_a_sweep_follows_what_is_due_and_not_what_is_open(firestore_emulator: FirestoreEmulator) -> None:
    with another_world(firestore_emulator.host, auto_status=None) as world:
        for phone in ("+628001", "+628002"):
            submitted(world, phone)
        lose_everything_until(world, 11)
        of_two_open = reads_of_a_sweep(world)
        for index in range(28):
            assert world.citizen(f"+6281100{index:04}").write(SET_FORMAT) == HTTPStatus.OK
        world.settle()
        lose_everything_until(world, 20.9)  # the first two are due again, the others in six seconds
        assert reads_of_a_sweep(world) == of_two_open
        assert len(world.complaints()) == 30


def reads_of_a_sweep(world: World) -> int:
    """What one sweep reads that rings two alarms; what follows from it is not counted."""
    world.calls.clear()
    with capture_logs() as logs:
        proof = world.identity.mint_oidc(SCHEDULER_ACCOUNT, world.urls["sweep"])
        assert world.call("sweep", token=proof).status_code == HTTPStatus.OK
    assert [line["alarms"] for line in logs if line["event"] == "swept"] == [2]
    reads = world.calls.reads
    world.settle()
    return reads


def test_a_complaint_that_cannot_be_read_holds_up_no_other_and_the_sweep_says_so(world: World) -> None:
    broken, other = submitted(world, "+628001"), submitted(world, "+628002")
    world.client.document(f"complaints/{broken.removeprefix('ADU-')}").update({"schema": 99})
    lose_everything_until(world, 11)
    with capture_logs() as logs:
        assert world.sweep().status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    (swept,) = [line for line in logs if line["event"] == "swept"]
    assert (swept["alarms"], swept["failed"], swept["log_level"]) == (1, 1, "error")
    assert told(world, other) == {11: [ADMIN, ADMIN2, KASI]}

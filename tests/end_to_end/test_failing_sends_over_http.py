"""Answers that WhatsApp refuses, fails later, or takes without our learning of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from structlog.testing import capture_logs

from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.scenes import (
    ANSWER,
    FAILED,
    UNKNOWN,
    another_world,
    answered,
    approved,
    copies,
    events,
    minute,
    report,
    told,
)
from tests.end_to_end.world import ADMIN, ADMIN2, World

Silent = Callable[[], AbstractContextManager[World]]


@pytest.fixture(scope="module")
def silent(firestore_emulator: FirestoreEmulator) -> Silent:
    """Makes worlds in which WhatsApp reports only what a test lets it report."""
    return lambda: another_world(firestore_emulator.host, auto_status=None)


@pytest.fixture
def quiet(silent: Silent) -> Iterator[World]:
    with silent() as world:
        yield world


@pytest.fixture(scope="module")
def busy(silent: Silent) -> Iterator[World]:
    """A world for several tests, each with a citizen of its own."""
    with silent() as world:
        yield world


# What WhatsApp refuses


# Some of each group; `tests/adapters` holds the whole table against what it becomes.
AGAIN = (4, 130429, 131000, 131056)
STOP = (131048, 368, 131031, 131042)
OPERATOR = (190, 200, 131005, 133010)
NEVER = (100, 131026, 131050, 132000)


@pytest.fixture(scope="module")
def at_step_eight(busy: World) -> tuple[World, str]:
    """One answer, resent for each error: what one test leaves behind, the next one's resend supersedes."""
    return busy, answered(busy)


def resend_into(world: World, number: str, **fault: Any) -> tuple[int, list[Any]]:
    """Resend while WhatsApp goes wrong once. How many copies came at once, and what was logged."""
    before = len(copies(world))
    world.whatsapp.fail_next(**fault)
    with capture_logs() as logs:
        world.did(number, "resend", ADMIN)
    return len(copies(world)) - before, logs


def wait_for_copy(world: World) -> int:
    """How many copies come within the next five minutes."""
    before = len(copies(world))
    world.advance(minutes=5)
    return len(copies(world)) - before


@pytest.mark.parametrize("fault", [*({"code": code} for code in AGAIN), {"http": 503}, {"http": 429}], ids=str)
def test_what_may_pass_is_sent_again_once_and_told_to_nobody(
    at_step_eight: tuple[World, str], fault: dict[str, int]
) -> None:
    world, number = at_step_eight
    alerts = told(world, FAILED)
    came, logs = resend_into(world, number, **fault)
    assert came == 0
    assert "channel_needs_operator" not in {line["event"] for line in logs}
    assert wait_for_copy(world) == 1
    assert told(world, FAILED) == alerts


@pytest.mark.parametrize("code", [*STOP, *OPERATOR])
def test_what_an_operator_must_mend_is_logged_as_an_error_and_the_answer_waits_for_it(
    at_step_eight: tuple[World, str], code: int
) -> None:
    world, number = at_step_eight
    alerts = told(world, FAILED)
    came, logs = resend_into(world, number, code=code)
    (line,) = [line for line in logs if line["event"] == "channel_needs_operator"]
    assert (came, line["log_level"], line["code"]) == (0, "error", code)
    assert wait_for_copy(world) == 1
    assert told(world, FAILED) == alerts


@pytest.mark.parametrize("code", NEVER)
def test_what_will_never_be_accepted_is_told_to_the_admins_at_once_and_not_tried_again(
    at_step_eight: tuple[World, str], code: int
) -> None:
    world, number = at_step_eight
    alerts, now = told(world, FAILED), minute(world.clock.now)
    came, _ = resend_into(world, number, code=code)
    assert came == 0
    assert told(world, FAILED) == alerts | {now: [ADMIN, ADMIN2]}
    assert wait_for_copy(world) == 0


@pytest.mark.parametrize(("code", "came_in_all"), [(131000, 2), (131049, 1), (131026, 1)])
def test_an_answer_that_fails_by_a_status_goes_again_only_if_it_may_pass(
    at_step_eight: tuple[World, str], code: int, came_in_all: int
) -> None:
    world, number = at_step_eight
    alerts = told(world, FAILED)
    came, _ = resend_into(world, number, code=code, as_status=True)
    came += wait_for_copy(world)
    assert came == came_in_all
    assert (told(world, FAILED) == alerts) == (code == 131000)


def test_the_news_of_a_passing_failure_may_come_twice_and_makes_one_more_copy(quiet: World) -> None:
    answered(quiet)
    (text,) = copies(quiet)
    report(quiet, text, "failed", code=131000)
    report(quiet, text, "failed", code=131000)
    quiet.advance(minutes=5)
    report(quiet, text, "failed", code=131000)
    quiet.advance(minutes=5)
    assert len(copies(quiet)) == 2


def test_an_answer_that_keeps_failing_by_statuses_is_told_in_the_end(quiet: World) -> None:
    number = answered(quiet)
    for tries in range(1, 6):
        assert len(copies(quiet)) == tries
        report(quiet, copies(quiet)[-1], "failed", code=131000)
        quiet.advance(minutes=6)
    assert len(copies(quiet)) == 5
    assert len(events(quiet.complaint(number), "send_failed")) == 1


# Where nobody knows whether it went


def test_an_answer_of_unknown_fate_goes_once_more_at_most(quiet: World) -> None:
    number = approved(quiet)
    quiet.whatsapp.fail_next(**UNKNOWN, times=3)
    quiet.did(number, "answer", ADMIN, answer=ANSWER)
    quiet.advance(seconds=89)
    assert len(copies(quiet)) == 1
    quiet.advance(minutes=2)
    assert len(copies(quiet)) == 2
    quiet.advance(minutes=15)
    assert len(copies(quiet)) == 2
    assert len(events(quiet.complaint(number), "send_failed")) == 1  # so that somebody looks


@pytest.mark.parametrize(("state", "step"), [("sent", 8), ("delivered", None), ("read", None)])
def test_a_status_tells_what_became_of_it_and_no_copy_follows(quiet: World, state: str, step: int | None) -> None:
    number = approved(quiet)
    quiet.whatsapp.fail_next(**UNKNOWN)
    quiet.did(number, "answer", ADMIN, answer=ANSWER)
    quiet.advance(seconds=60)
    report(quiet, copies(quiet)[0], state)
    quiet.advance(minutes=9)
    assert len(copies(quiet)) == 1
    assert quiet.complaint(number)["step"] == step


def test_an_unknown_fate_that_turns_out_a_failure_is_told_at_once(quiet: World) -> None:
    number = approved(quiet)
    quiet.whatsapp.fail_next(**UNKNOWN)
    quiet.did(number, "answer", ADMIN, answer=ANSWER)
    report(quiet, copies(quiet)[0], "failed", code=131026)
    quiet.advance(minutes=5)
    assert len(copies(quiet)) == 1
    assert told(quiet, FAILED) == {0: [ADMIN, ADMIN2]}


def test_a_task_that_comes_twice_sends_once(quiet: World) -> None:
    answered(quiet)
    sent = [call.name for call in quiet.tasks.created("messages")]
    assert all(quiet.tasks.redeliver(name).succeeded for name in sent)
    quiet.settle()
    assert len(copies(quiet)) == 1


def test_what_whatsapp_asks_us_to_try_again_is_tried_after_a_growing_pause_and_not_before(quiet: World) -> None:
    number = answered(quiet)
    quiet.whatsapp.fail_next(code=131000, times=2)
    before = len(copies(quiet))
    quiet.did(number, "resend", ADMIN)

    quiet.sweep()
    quiet.advance(seconds=14)
    assert len(copies(quiet)) == before
    quiet.advance(seconds=1)  # the second attempt, refused like the first
    quiet.advance(seconds=29)
    assert len(copies(quiet)) == before
    quiet.advance(seconds=1)
    assert len(copies(quiet)) == before + 1

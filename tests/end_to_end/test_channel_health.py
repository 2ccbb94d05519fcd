"""A refused token or a restricted number: one message tries now and then, nothing is lost, and staff can see it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.scenes import ANSWER, NOTE, another_world, answered, copies, report, submitted, told
from tests.end_to_end.world import ADMIN, KADIS, SET_FORMAT, World

TOKEN_EXPIRED, RESTRICTED = 190, 131031
FOR_GOOD = 10_000
"""As often as anybody tries."""
WARNING = "sedang tidak terkirim"


@pytest.fixture
def quiet(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """WhatsApp reports only what a test lets it report."""
    with another_world(firestore_emulator.host, auto_status=None) as world:
        yield world


def health(world: World) -> Mapping[str, Any]:
    return dict(world.get("/saluran").json())


def refuse(world: World, code: int) -> None:
    world.whatsapp.fail_next(code=code, times=FOR_GOOD)


def mend(world: World) -> None:
    world.whatsapp.forget_faults()


def write_from(world: World, count: int) -> list[str]:
    """So many citizens send a complaint; their phones' numbers."""
    phones = [f"+62813000{index:05}" for index in range(count)]
    for phone in phones:
        assert world.citizen(phone).write(SET_FORMAT) == 200
    world.settle()
    return phones


def tries_in(world: World, minutes: float) -> int:
    """How often WhatsApp was asked, and refused, meanwhile."""
    with capture_logs() as logs:
        world.advance(minutes=minutes)
    return sum(line["event"] == "channel_needs_operator" for line in logs)


def test_a_channel_that_works_says_so(world: World) -> None:
    assert health(world)["last_webhook"] is None
    submitted(world)
    told = health(world)
    assert told["last_webhook"] == told["last_accepted_send"] == world.clock.now.isoformat()
    assert [told[name] for name in ("token_refused", "queue_stopped", "rows_waiting")] == [None, None, 0]
    page = world.get("/saluran", html=True).text
    assert "Saluran berjalan baik" in page
    assert WARNING not in world.get("/", html=True).text


@pytest.mark.parametrize(
    ("code", "shown", "not_shown", "most_tries"),
    [(TOKEN_EXPIRED, "token_refused", "queue_stopped", 20), (RESTRICTED, "queue_stopped", "token_refused", 8)],
)
def test_while_the_channel_is_shut_one_message_tries_now_and_then_and_all_others_wait(
    quiet: World, code: int, shown: str, not_shown: str, most_tries: int
) -> None:
    refuse(quiet, code)
    phones = write_from(quiet, 5)
    since = quiet.clock.now
    assert 1 <= tries_in(quiet, 30) <= most_tries
    told = health(quiet)
    assert (told[shown], told[not_shown], told["code"]) == (since.isoformat(), None, code)
    # Five replies, and the alerts of half an hour in which nobody acted.
    assert told["rows_waiting"] > 20
    assert told["waiting_since"] == since.isoformat()
    for email in (ADMIN, KADIS):
        assert WARNING in quiet.get("/", email, html=True).text
    assert str(code) in quiet.get("/saluran", html=True).text

    mend(quiet)
    quiet.advance(minutes=16)
    assert [len(quiet.citizen(phone).inbox) for phone in phones] == [1] * 5
    told = health(quiet)
    assert (told[shown], told["rows_waiting"], told["code"]) == (None, 0, None)
    assert WARNING not in quiet.get("/", html=True).text


def test_what_waited_behind_a_refused_token_leaves_within_two_minutes_of_the_new_one(quiet: World) -> None:
    refuse(quiet, TOKEN_EXPIRED)
    phones = write_from(quiet, 5)
    quiet.advance(minutes=9)
    mend(quiet)
    quiet.advance(minutes=2)
    assert [len(quiet.citizen(phone).inbox) for phone in phones] == [1] * 5


def test_nothing_is_given_up_while_the_channel_is_shut_however_long_that_is(quiet: World) -> None:
    number = submitted(quiet)
    refuse(quiet, TOKEN_EXPIRED)
    quiet.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    for _ in range(3):
        quiet.tasks.drop_all()  # a day of probes, seen only at its end: what is lost the sweep finds
        quiet.clock.now += timedelta(hours=24)
        quiet.sweep()
    assert copies(quiet) == []
    assert [event["type"] for event in quiet.complaint(number)["events"]].count("send_failed") == 0
    mend(quiet)
    quiet.advance(minutes=16)
    # The window has closed meanwhile: the template opens it.
    (opener,) = [message for message in quiet.citizen().inbox if message.template == "aduan_answer"]
    assert quiet.citizen().tap(opener.options[0].title) == 200
    quiet.settle()
    assert len(copies(quiet)) == 1


def test_a_restriction_that_is_told_by_a_status_shuts_the_channel_too_and_the_answer_goes_again(quiet: World) -> None:
    number = answered(quiet)
    report(quiet, copies(quiet)[0], "failed", code=RESTRICTED)
    assert health(quiet)["queue_stopped"] == quiet.clock.now.isoformat()
    assert told(quiet, "gagal terkirim") == {}
    quiet.advance(minutes=1)
    assert len(copies(quiet)) == 2
    report(quiet, copies(quiet)[1], "delivered")
    assert quiet.complaint(number)["status"] == "closed"
    assert health(quiet)["queue_stopped"] is None


def test_rows_that_stand_for_long_are_shown_although_nobody_refused_them(quiet: World) -> None:
    submitted(quiet)
    quiet.whatsapp.down()
    write_from(quiet, 1)
    assert WARNING not in quiet.get("/", html=True).text
    quiet.advance(minutes=11)
    assert WARNING in quiet.get("/", html=True).text
    assert "lama belum terkirim" in quiet.get("/saluran", html=True).text

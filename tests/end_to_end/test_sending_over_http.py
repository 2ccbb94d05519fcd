"""Answers on their way: what WhatsApp says of them in whatever order, through a closed window, corrected, changed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from http import HTTPStatus

import pytest

from infra.local.firestore import FirestoreEmulator
from infra.local.whatsapp_state import ChatMessage
from tests.end_to_end.scenes import (
    ANSWER,
    FAILED,
    NOTE,
    UNKNOWN,
    another_world,
    answered,
    approved,
    copies,
    events,
    inbox,
    report,
    submitted,
    told,
)
from tests.end_to_end.world import ADMIN, ADMIN2, KABID, KASI, World

CORRECTED = "Silakan ambil hari Rabu."

Silent = Callable[[], AbstractContextManager[World]]


@pytest.fixture(scope="module")
def silent(firestore_emulator: FirestoreEmulator) -> Silent:
    """Makes worlds in which WhatsApp reports only what a test lets it report."""
    return lambda: another_world(firestore_emulator.host, auto_status=None)


@pytest.fixture
def quiet(silent: Silent) -> Iterator[World]:
    with silent() as world:
        yield world


# Statuses


@pytest.fixture(scope="module")
def busy(silent: Silent) -> Iterator[World]:
    """A world for several tests, each with a citizen of its own."""
    with silent() as world:
        yield world


@pytest.mark.parametrize(
    ("phone", "states"),
    [
        ("+628001", ("sent", "delivered", "read")),
        ("+628002", ("sent", "sent", "delivered", "delivered", "read", "read")),
        ("+628003", ("read", "delivered", "sent")),
        ("+628004", ("delivered", "sent", "read")),
        ("+628005", ("read",)),
        ("+628006", ("delivered", "failed", "sent")),
    ],
)
def test_an_answer_is_delivered_once_in_whatever_order_its_statuses_come(
    busy: World, phone: str, states: tuple[str, ...]
) -> None:
    number = answered(busy, phone)
    assert busy.complaint(number)["step"] == 8
    for state in states:
        report(busy, copies(busy, phone=phone)[0], state)
    complaint = busy.complaint(number)
    assert (complaint["status"], complaint["step"]) == ("closed", None)
    assert [event["type"] for event in events(complaint, "delivered", "send_failed")] == ["delivered"]
    assert len(copies(busy, phone=phone)) == 1


def test_sent_is_not_yet_delivered(quiet: World) -> None:
    number = answered(quiet)
    report(quiet, copies(quiet)[0], "sent")
    assert quiet.complaint(number)["step"] == 8


def test_a_failed_answer_is_told_to_every_admin_at_once_and_a_resent_one_closes_the_complaint(quiet: World) -> None:
    number = answered(quiet)
    for _ in range(2):
        report(quiet, copies(quiet)[0], "failed", code=131026)
    assert told(quiet) == {0: [ADMIN, ADMIN2]}
    assert told(quiet, FAILED) == {0: [ADMIN, ADMIN2]}
    complaint = quiet.complaint(number)
    assert (complaint["status"], complaint["step"]) == ("answered", 8)
    (failed,) = events(complaint, "send_failed")
    assert (failed["actor"], failed["step"]) == ("system", 8)

    report(quiet, copies(quiet)[0], "delivered")  # none clears a failure
    assert quiet.complaint(number)["step"] == 8

    assert quiet.act(number, "resend", KASI).status_code == HTTPStatus.FORBIDDEN
    quiet.did(number, "resend", ADMIN2)
    _, again = copies(quiet)
    report(quiet, again, "delivered")
    assert quiet.complaint(number)["status"] == "closed"


def test_a_delivery_is_late_by_whatsapps_time_and_not_by_when_we_heard_of_it(quiet: World) -> None:
    number = answered(quiet)
    quiet.tasks.drop_all()
    quiet.clock.now += timedelta(minutes=11)
    arrived = quiet.clock.now - timedelta(minutes=2)
    quiet.whatsapp.status(copies(quiet)[0].id, "delivered", at=arrived)
    quiet.settle()
    complaint = quiet.complaint(number)
    assert (complaint["status"], complaint["breaches"]) == ("closed", [])


def test_a_delivery_that_comes_before_the_approval_waits_for_it_and_the_other_way_round(quiet: World) -> None:
    number = submitted(quiet)
    quiet.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    complaint = quiet.did(number, "approve", KABID)
    assert (complaint["status"], complaint["step"]) == ("answered", 8)
    report(quiet, copies(quiet)[0], "delivered")
    assert quiet.complaint(number)["status"] == "closed"


# The window


def a_day_later(world: World) -> None:
    """More than 24 hours in which nobody is told anything."""
    world.tasks.drop_all()
    world.clock.now += timedelta(hours=24, seconds=1)


def templates(world: World) -> list[ChatMessage]:
    return [message for message in world.citizen().inbox if message.template == "aduan_answer"]


def test_an_answer_that_finds_the_window_closed_goes_as_a_template_whose_tap_brings_the_text(quiet: World) -> None:
    number = approved(quiet, f"{ANSWER}\nBawa KTP lama.")
    a_day_later(quiet)
    quiet.did(number, "answer", ADMIN, answer=f"{ANSWER}\nBawa KTP lama.")
    (template,) = templates(quiet)
    assert (number in template.text, copies(quiet)) == (True, [])
    for state in ("sent", "delivered", "read"):
        report(quiet, template, state)
    assert quiet.complaint(number)["step"] == 8  # the template is not the answer

    assert quiet.citizen().tap("Baca jawaban") == HTTPStatus.OK
    quiet.settle()
    (text,) = copies(quiet)
    assert f"{ANSWER}\nBawa KTP lama." in text.text
    assert quiet.complaint(number)["step"] == 8
    report(quiet, text, "delivered")
    assert quiet.complaint(number)["status"] == "closed"


def test_a_stranger_who_taps_the_same_button_gets_nothing(quiet: World) -> None:
    number = approved(quiet)
    a_day_later(quiet)
    quiet.did(number, "answer", ADMIN, answer=ANSWER)
    (option,) = templates(quiet)[0].options
    stranger = quiet.citizen("+628999")
    stranger.send("button", {"button": {"payload": option.id, "text": option.title}}, text=option.title)
    quiet.settle()
    assert ANSWER not in str([message.text for message in stranger.inbox])


@pytest.mark.parametrize("as_status", [False, True], ids=["at once", "by a later status"])
def test_a_window_that_whatsapp_finds_closed_before_we_do_costs_no_answer(quiet: World, as_status: bool) -> None:
    number = approved(quiet)
    quiet.whatsapp.fail_next(code=131047, as_status=as_status)
    quiet.did(number, "answer", ADMIN, answer=ANSWER)
    (template,) = templates(quiet)
    report(quiet, template, "delivered")
    assert quiet.complaint(number)["step"] == 8
    assert told(quiet, FAILED) == {}


def test_the_news_that_the_window_was_closed_may_come_twice_and_late_and_makes_one_template(quiet: World) -> None:
    number = answered(quiet)
    (text,) = copies(quiet)
    for state, code in (("failed", 131047), ("failed", 131047), ("sent", None), ("failed", 131047)):
        quiet.whatsapp.status(text.id, state, code=code)  # type: ignore[arg-type]
    quiet.settle()
    assert len(templates(quiet)) == 1
    report(quiet, text, "failed", code=131047)
    assert len(templates(quiet)) == 1
    assert told(quiet, FAILED) == {}
    assert events(quiet.complaint(number), "send_failed") == []


def test_a_template_whose_sending_was_never_confirmed_is_still_no_delivery_of_the_text(quiet: World) -> None:
    number = approved(quiet)
    a_day_later(quiet)
    quiet.whatsapp.fail_next(**UNKNOWN)
    quiet.did(number, "answer", ADMIN, answer=ANSWER)
    (template,) = templates(quiet)
    report(quiet, template, "delivered")
    assert quiet.complaint(number)["step"] == 8
    quiet.advance(minutes=5)
    assert len(templates(quiet)) == 1  # its status told what had become of it


# Corrected, and changed


def test_the_late_status_of_a_refused_answer_does_not_count_for_the_corrected_one(quiet: World) -> None:
    number = submitted(quiet)
    quiet.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    refused = quiet.did(number, "refuse", KASI, note="Hari Senin libur.")
    assert (refused["status"], refused["step"], refused["holder_role"]) == ("open", 4, "section_head")
    assert "menyusul" in quiet.citizen().inbox[-1].text
    quiet.did(number, "respond", KASI, note=NOTE, answer=CORRECTED)
    quiet.did(number, "answer", ADMIN, answer=CORRECTED)

    report(quiet, copies(quiet)[0], "delivered")
    assert quiet.complaint(number)["step"] == 8
    report(quiet, copies(quiet)[0], "read")
    assert quiet.complaint(number)["step"] == 8
    report(quiet, copies(quiet, CORRECTED)[0], "delivered")
    closed = quiet.complaint(number)
    assert (closed["status"], closed["answer"], closed["approved_by"]["email"]) == ("closed", CORRECTED, KASI)


def test_the_late_failure_of_a_refused_answer_troubles_nobody(quiet: World) -> None:
    number = submitted(quiet)
    quiet.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    quiet.did(number, "refuse", KASI, note="Hari Senin libur.")
    report(quiet, copies(quiet)[0], "failed", code=131026)
    quiet.did(number, "respond", KASI, note=NOTE, answer=CORRECTED)
    quiet.did(number, "answer", ADMIN, answer=CORRECTED)
    assert told(quiet, FAILED) == {}
    assert events(quiet.complaint(number), "send_failed") == []


def test_an_answer_that_was_refused_before_it_left_never_leaves(quiet: World) -> None:
    number = submitted(quiet)
    assert quiet.act(number, "settle", ADMIN, note=NOTE, answer=ANSWER).status_code == HTTPStatus.OK
    quiet.tasks.drop_all()
    quiet.did(number, "refuse", KASI, note="Hari Senin libur.")
    quiet.clock.now += timedelta(minutes=2)
    quiet.sweep()
    assert copies(quiet) == []


def test_an_answer_that_was_changed_at_step_seven_waits_for_approval_like_an_admins_own(world: World) -> None:
    number = approved(world)
    changed = world.did(number, "answer", ADMIN, answer=CORRECTED)
    assert (changed["status"], changed["step"], changed["approved_by"]) == ("answered", None, None)
    assert changed["holder_role"] == "section_head"
    assert len(copies(world, CORRECTED)) == 1
    world.put_staff(ADMIN, acting_for=["section_head"])
    assert world.act(number, "approve", ADMIN).status_code == HTTPStatus.FORBIDDEN
    closed = world.did(number, "approve", KASI)
    assert (closed["status"], closed["approved_by"]["email"], closed["answer"]) == ("closed", KASI, CORRECTED)


def test_an_answer_that_a_section_head_changes_having_taken_over_is_approved_by_the_act(world: World) -> None:
    number = approved(world)
    world.did(number, "take_over", KASI)
    closed = world.did(number, "answer", KASI, answer=CORRECTED)
    assert (closed["status"], closed["approved_by"]["email"], closed["answer"]) == ("closed", KASI, CORRECTED)


# How long it may be


def test_an_answer_of_4096_characters_goes_whole_and_one_more_is_refused(world: World) -> None:
    number = submitted(world)
    longest = "Silakan datang. " * 256
    longest = longest[:4095] + "."
    refused = world.act(number, "settle", ADMIN, note=NOTE, answer=longest + "!")
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert list(refused.json()["fields"]) == ["answer"]
    complaint = world.did(number, "settle", ADMIN, note=NOTE, answer=longest)
    assert (complaint["status"], complaint["step"], complaint["answer"]) == ("answered", None, longest)
    assert world.citizen().inbox[-1].text == longest


def test_staff_hear_of_a_failure_by_the_number_alone(quiet: World) -> None:
    number = answered(quiet)
    report(quiet, copies(quiet)[0], "failed", code=131026)
    alert = inbox(quiet, ADMIN)[-1]
    assert (alert.template, number in alert.text) == ("aduan_alert", True)
    assert not any(secret in alert.text for secret in ("Siti", "3402014107900001", "6281234567890", ANSWER))

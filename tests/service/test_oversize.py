"""A message that no document holds is cut, and what was cut stands whole beside it; every other stays as it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.service import limits
from aduan.service.channel import InboundMessage, Media
from aduan.service.model import message_id
from aduan.service.oversize import LONGEST_RAW, LONGEST_TEXT, TOO_LARGE, fitting
from tests.service.house_of_fakes import HouseOfFakes
from tests.service.talk import PROCEDURE, SITI, message

DOCUMENT = 1_048_576  # bytes
BASE64 = 4 / 3


def of(**parts: object) -> InboundMessage:
    return replace(message("Halo"), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "whole",
    [
        of(),
        of(text="x" * LONGEST_TEXT, raw="x" * LONGEST_RAW),
        of(form={"description": "x" * limits.TEXT}),
        of(media=Media("1", "image/jpeg", "0" * 64, "n" * 255)),
    ],
)
def test_what_fits_is_left_as_it_is(whole: InboundMessage) -> None:
    assert fitting(whole) is whole


@pytest.mark.parametrize(
    "large",
    [
        of(text="x" * (LONGEST_TEXT + 1)),
        of(raw="x" * (LONGEST_RAW + 1)),
        of(form={"description": "x" * (limits.TEXT + 1)}),
        of(media=Media("1", "x" * 256)),
        of(media=Media("1", sha256="x" * 256)),
        of(media=Media("1", filename="x" * 256)),
        of(profile_name="x" * 256),
    ],
)
def test_what_does_not_is_cut_and_kept_whole_beside_it_before_it_is_claimed(large: InboundMessage) -> None:
    house = HouseOfFakes()
    house.hear(large)
    (kept,) = house.store.messages
    assert house.store.unreadable == {kept.id: (large.raw, TOO_LARGE, house.clock.now)}
    assert kept.parts == 1
    assert len(kept.raw) <= LONGEST_RAW
    assert len(kept.text or "") <= LONGEST_TEXT
    house.intake.take(large)
    assert len(house.store.messages) == len(house.store.unreadable) == 1


def test_the_largest_message_fits_into_a_document_when_it_is_sealed() -> None:
    face = "\N{FACE WITH TEARS OF JOY}"
    largest = fitting(of(text=face * 500_000, raw="x" * 3_000_000))
    sealed = [len(part.encode()) * BASE64 for part in (largest.text or "", largest.raw)]
    assert sum(sealed) < DOCUMENT * 0.75


def test_what_is_kept_whole_before_a_crash_is_found_again_and_not_doubled() -> None:
    house = HouseOfFakes()
    large = of(raw="x" * (LONGEST_RAW + 1))
    house.intake.keep_unreadable(large.raw, TOO_LARGE, message_id(large.wamid))
    house.hear(large)
    assert len(house.store.unreadable) == 1


def test_what_was_erased_does_not_come_back_when_it_is_sent_again() -> None:
    house = HouseOfFakes()
    large = of(raw="x" * (LONGEST_RAW + 1))
    house.hear(large)
    house.erasing.forget(str(SITI.phone))
    assert house.store.unreadable == {}
    house.intake.take(large)
    assert (house.store.unreadable, len(house.store.messages)) == ({}, 0)


@pytest.mark.parametrize("unreadable", [PROCEDURE.terms.messages - 1, PROCEDURE.terms.messages + 1])
def test_the_whole_of_a_message_goes_no_later_than_the_message(unreadable: int) -> None:
    terms = PROCEDURE.terms.model_copy(update={"unreadable": unreadable})
    house = HouseOfFakes(procedure=PROCEDURE.model_copy(update={"terms": terms}))
    house.hear(of(raw="x" * (LONGEST_RAW + 1)))
    (until,) = house.store.unreadable_until.values()
    assert until == house.clock.now + timedelta(days=min(unreadable, terms.messages))


def test_what_is_the_whole_of_no_message_has_its_own_term() -> None:
    terms = PROCEDURE.terms.model_copy(update={"unreadable": PROCEDURE.terms.messages + 1})
    house = HouseOfFakes(procedure=PROCEDURE.model_copy(update={"terms": terms}))
    house.intake.keep_unreadable("{", "no JSON")
    assert house.store.unreadable_until == {"{": house.clock.now + timedelta(days=terms.unreadable)}

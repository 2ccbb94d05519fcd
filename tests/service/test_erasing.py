"""What is personal goes: a complaint or a citizen with every trace, and what was left halfway is finished later."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from aduan.procedure.events import EventType
from aduan.procedure.personal import DESTROYED_KEY
from aduan.service.channel import MessageKind
from aduan.service.erasures import Erasure, ErasureKind
from aduan.service.errors import NotYet
from aduan.service.ports import Commit
from aduan.service.terms import Terms
from tests.adapters.store_samples import a_message, a_row
from tests.service.fakes import InMemoryMediaStore
from tests.service.full_house import SET_FORMAT
from tests.service.house_of_fakes import HouseOfFakes
from tests.service.talk import PROCEDURE, SITI, message

RESENT = timedelta(days=7)
"""So long WhatsApp sends the same message again (whatsapp-facts)."""


def with_a_picture(media: InMemoryMediaStore | None = None) -> HouseOfFakes:
    """Siti has a complaint with a picture that is kept."""
    house = HouseOfFakes(media=media or InMemoryMediaStore())
    house.hear(SET_FORMAT, message(kind=MessageKind.IMAGE))
    (name,) = (one.id for one in house.store.messages if one.file)
    loaded = house.store.message(name)
    assert loaded is not None
    house.media.keep(name, b"a card", loaded.key)
    return house


def names_of(house: HouseOfFakes) -> list[str]:
    """By what somebody may ask that Siti is forgotten: her number, and her id."""
    return [str(SITI.phone), house.citizen.id]


# A complaint


def test_with_a_complaint_its_key_its_messages_its_files_and_its_rows_go_and_its_record_stays() -> None:
    house = with_a_picture()
    complaint, before = house.complaint, len(house.store.record[house.complaint.id])
    house.store.commit(Commit(message=a_message("wamid.other", "K2"), new_rows=(a_row("n-other", complaint="K2"),)))

    assert house.erasing.complaint(complaint.id, asked=True)

    loaded = house.store.complaint(complaint.id)
    assert loaded is not None
    assert (loaded.key, loaded.value.erased_at) == (DESTROYED_KEY, house.clock.now)
    assert [one.complaint for one in house.store.messages] == ["K2"]
    assert [row.id for row in house.store.rows] == ["n-other"]
    assert (house.media.kept, house.store.erasures) == ({}, {})
    record = house.store.record[complaint.id]
    assert [event.seq for event in record] == list(range(1, loaded.value.seq + 1))
    assert (len(record) > before, record[-1].type) == (True, EventType.ERASED)


def test_what_is_not_due_stays_until_its_citizen_asks_and_what_is_gone_is_not_erased_twice() -> None:
    house = with_a_picture()
    complaint = house.complaint.id
    assert not house.erasing.complaint(complaint)
    assert not house.erasing.complaint("no such complaint", asked=True)
    assert (house.complaint.erased_at, len(house.media.kept)) == (None, 1)
    assert house.erasing.complaint(complaint, asked=True)
    assert not house.erasing.complaint(complaint, asked=True)


def test_an_erased_message_that_whatsapp_sends_again_is_no_new_one_and_then_its_claim_goes_too() -> None:
    house = HouseOfFakes()
    first = message(SET_FORMAT)
    house.hear(first)
    house.erasing.complaint(house.complaint.id, asked=True)
    house.clock.now += RESENT
    Terms(house.erasing).end()
    house.intake.take(first)
    assert (len(house.complaints), len(house.store.messages)) == (1, 0)
    house.clock.now += timedelta(days=1)
    Terms(house.erasing).end()
    assert house.store.claims == {}


def test_what_its_citizen_writes_next_is_heard_and_answered_as_something_new() -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT, "Mohon dibantu.")
    erased = house.complaint.id
    house.erasing.complaint(erased, asked=True)
    assert house.hear("Mohon dibantu.")
    assert house.complaint.id != erased


@pytest.mark.parametrize(
    ("current", "prompted", "stays"),
    [("K1", "welcome", False), (None, "added:K1", False), ("K2", "added:K2", True), (None, None, True)],
)
def test_its_citizen_is_let_go_where_anything_of_theirs_still_names_it(
    current: str | None, prompted: str | None, *, stays: bool
) -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT)
    loaded = house.store.citizen(house.citizen.id)
    assert loaded is not None
    complaint = house.complaint.id
    named = {"current": current, "prompted": prompted}
    named = {field: value and value.replace("K1", complaint) for field, value in named.items()}
    before = loaded.value.model_copy(update={**named, "prompted_at": house.clock.now})
    house.store.commit(Commit(citizen=replace(loaded, value=before)))

    house.erasing.complaint(complaint, asked=True)

    nothing = {"current": None, "prompted": None, "prompted_at": None}
    assert house.citizen == (before if stays else before.model_copy(update=nothing))


def test_a_complaint_whose_citizen_is_gone_is_erased_all_the_same() -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT)
    complaint = house.complaint.id
    house.store.citizens.drop(house.citizen.id)
    assert house.erasing.complaint(complaint, asked=True)


# A citizen


@pytest.mark.parametrize("by", [0, 1], ids=["by their number", "by their id"])
def test_with_a_citizen_go_all_their_complaints_and_everything_else_of_theirs_and_nobody_elses(by: int) -> None:
    house = with_a_picture()
    house.hear("ADUAN BARU", SET_FORMAT)
    others = a_message("wamid.other", None, citizen="c9")
    house.store.commit(Commit(message=others, new_rows=(a_row("n9", to_citizen="c9"),)))

    assert house.erasing.forget(names_of(house)[by])

    assert len(house.complaints) == 2
    assert all(one.erased_at is not None for one in house.complaints)
    assert (house.media.kept, house.store.aliases, house.store.erasures) == ({}, {}, {})
    assert [one.citizen for one in house.store.messages] == ["c9"]
    assert [row.to_citizen for row in house.store.rows] == ["c9"]
    assert len(house.store.citizens) == 0


def test_whoever_is_nobody_is_not_forgotten() -> None:
    house = with_a_picture()
    assert not house.erasing.forget("+6289999999999")
    assert (house.complaint.erased_at, len(house.media.kept)) == (None, 1)


def test_of_many_messages_none_is_left() -> None:
    house = HouseOfFakes()
    house.hear(*["Halo"] * 120)
    assert house.erasing.forget(str(SITI.phone))
    assert len(house.store.messages) == len(house.store.rows) == 0


@dataclass
class Shut(InMemoryMediaStore):
    """A place for files that does not answer for a while."""

    shut: bool = False

    def drop(self, message_id: str, key: str) -> None:
        if self.shut:
            raise NotYet("out of reach")
        super().drop(message_id, key)


@pytest.mark.parametrize("later", ["by the same command", "by the sweep"])
def test_what_was_begun_is_noted_and_finished_later(later: str) -> None:
    media = Shut(shut=True)
    house = with_a_picture(media)
    siti = house.citizen.id
    complaint = house.complaint.id
    with pytest.raises(NotYet):
        house.erasing.forget(str(SITI.phone))
    assert house.store.citizens.get(siti) is None  # from here on nobody can see anything of hers
    assert house.store.erasures == {
        siti: Erasure(siti, ErasureKind.CITIZEN, house.clock.now),
        complaint: Erasure(complaint, ErasureKind.COMPLAINT, house.clock.now),
    }

    media.shut = False
    if later == "by the sweep":
        assert Terms(house.erasing).end().erased == 2
    assert not house.erasing.forget(str(SITI.phone))  # by now nobody has this name
    assert (house.media.kept, house.store.erasures, house.store.aliases) == ({}, {}, {})
    assert len(house.store.messages) == len(house.store.rows) == 0


def test_a_citizen_without_a_complaint_is_forgotten_at_their_term() -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT)
    house.erasing.complaint(house.complaint.id, asked=True)
    house.clock.now += timedelta(days=PROCEDURE.terms.messages)
    assert Terms(house.erasing).end().erased == 1
    assert (len(house.store.citizens), house.store.aliases) == (0, {})

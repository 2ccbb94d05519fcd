"""NIK and phone in full: once, for whoever has the complaint before them, and never without a record."""

from dataclasses import replace

import pytest

from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate
from aduan.procedure.form import Check
from aduan.procedure.roles import Role, StaffMember
from aduan.service.errors import RequestReused, Unknown
from aduan.service.unmasking import Unmasking
from tests.service.full_house import (
    ANI,
    BUDI,
    CITRA,
    DODI,
    EKO,
    GANI,
    NIK,
    SET_FORMAT,
    FullHouse,
    full_house,
    member,
    with_a_complaint,
    without,
)


def test_it_is_recorded_in_the_persons_name_and_role_and_changes_nothing_else() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    before, given = house.complaint, house.given()

    unmasked = house.unmasking.unmask(ANI, before.id, given)

    assert unmasked.in_full
    assert unmasked.loaded.value == house.complaint == before.model_copy(update={"seq": before.seq + 1})
    event = house.store.record[before.id][-1]
    assert (event.type, event.seq, event.step, event.at) == ("unmasked", before.seq + 1, 3, house.clock.now)
    assert (event.actor, event.role, event.note, event.changes) == (ANI.email, Role.WHATSAPP_ADMIN, None, {})
    request = house.store.requests[given.request_id]
    assert (request.email, request.act, request.complaint) == (ANI.email, "unmask", before.id)


def test_what_is_seen_is_the_nik_and_the_phone_number() -> None:
    house = with_a_complaint()
    unmasked = house.unmasking.unmask(ANI, house.complaint.id, house.given())
    assert house.unmasking.seen(unmasked) == {"nik": NIK, "phone": "+6281234567890"}


def test_what_is_not_known_is_not_seen() -> None:
    house = full_house()
    house.hear("Selamat pagi")
    house.ring()
    unmasked = house.unmasking.unmask(ANI, house.complaint.id, house.given())
    assert house.unmasking.seen(unmasked) == {"nik": None, "phone": "+6281234567890"}
    loaded = unmasked.loaded
    gone = type(loaded)(loaded.value.model_copy(update={"citizen": "nobody"}), loaded.key)
    assert house.unmasking.seen(type(unmasked)(gone, in_full=True))["phone"] is None


def test_where_the_office_asks_for_no_nik_none_is_seen() -> None:
    house = with_a_complaint()
    unmasked = house.unmasking.unmask(ANI, house.complaint.id, house.given())
    settling = house.desk.settling
    procedure = settling.workflow.procedure
    others = tuple(field for field in procedure.form.fields if field.check is not Check.NIK)
    asks_less = procedure.model_copy(update={"form": procedure.form.model_copy(update={"fields": others})})
    workflow = replace(settling.workflow, procedure=asks_less)
    elsewhere = Unmasking(replace(house.desk, settling=replace(settling, workflow=workflow)))
    assert elsewhere.seen(unmasked) == {"nik": None, "phone": "+6281234567890"}


def test_the_same_request_again_is_answered_but_not_in_full_and_not_recorded_again() -> None:
    house = with_a_complaint()
    given = house.given()
    house.unmasking.unmask(ANI, house.complaint.id, given)
    recorded = len(house.store.record[house.complaint.id])

    again = house.unmasking.unmask(ANI, house.complaint.id, given)

    assert (again.in_full, again.loaded.value) == (False, house.complaint)
    assert len(house.store.record[house.complaint.id]) == recorded


def test_it_is_answered_even_after_the_complaint_has_moved_on() -> None:
    house = with_a_complaint()
    given = house.given()
    complaint = house.complaint.id
    house.unmasking.unmask(ANI, complaint, given)
    house.do(ActName.FORWARD, ANI)
    assert not house.unmasking.unmask(ANI, complaint, given).in_full


@pytest.mark.parametrize("what", ["another person", "another act", "another complaint"])
def test_a_request_that_was_used_for_something_else_is_refused(what: str) -> None:
    house = with_a_complaint()
    first, given = house.complaint.id, house.given()
    if what == "another act":
        house.desk.act(ANI, first, ActName.RECEIVE, given)
    else:
        house.unmasking.unmask(ANI, first, given)
    house.hear("ADUAN BARU", SET_FORMAT)
    complaint = house.complaint.id if what == "another complaint" else first
    who = BUDI if what == "another person" else ANI

    words = r"^Permintaan ini sudah dipakai untuk tindakan lain\. Muat ulang halaman, lalu ulangi\.$"
    with pytest.raises(RequestReused, match=words):
        house.unmasking.unmask(who, complaint, given)


def test_an_old_page_is_told_as_such() -> None:
    house = with_a_complaint()
    words = r"^Aduan ini sudah berubah sejak Anda membukanya\. Periksa dulu, lalu ulangi\.$"
    with pytest.raises(OutOfDate, match=words):
        house.unmasking.unmask(ANI, house.complaint.id, house.given(version=0))
    assert house.store.record[house.complaint.id][-1].type != "unmasked"


def test_what_is_not_there_is_unknown() -> None:
    house = with_a_complaint()
    with pytest.raises(Unknown):
        house.unmasking.unmask(ANI, "261124-WRONG", house.given())


# Who may


def refused(house: FullHouse, who: StaffMember) -> Exception:
    """What is said to this person."""
    assert not house.unmasking.may(who, house.complaint)
    with pytest.raises((NeverAllowed, NotNow)) as said:
        house.unmasking.unmask(who, house.complaint.id, house.given())
    return said.value


def role_of(house: FullHouse, who: StaffMember) -> Role | None:
    """In which role they see it."""
    assert house.unmasking.may(who, house.complaint)
    house.unmasking.unmask(who, house.complaint.id, house.given())
    return house.store.record[house.complaint.id][-1].role


def test_at_the_desk_that_it_waits_for_anybody_may() -> None:
    house = with_a_complaint()
    assert role_of(house, ANI) is Role.WHATSAPP_ADMIN
    assert role_of(house, BUDI) is Role.WHATSAPP_ADMIN
    assert str(refused(house, CITRA)) == "Aduan ini menunggu Admin WA."


def test_in_somebodys_hands_only_they_may() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    said = "Aduan ini sedang dipegang oleh ani@office.test. Ambil alih dulu bila perlu."
    assert str(refused(house, BUDI)) == said
    assert role_of(house, ANI) is Role.WHATSAPP_ADMIN


def test_whoever_took_it_over_from_above_sees_it_in_their_own_role() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.TAKE_OVER, EKO)
    assert role_of(house, EKO) is Role.DIVISION_HEAD


def test_at_a_vacant_desk_the_next_rung_may_and_no_higher_one() -> None:
    house = with_a_complaint(*without(ANI, BUDI))
    assert role_of(house, CITRA) is Role.SECTION_HEAD
    assert str(refused(house, EKO)) == "Aduan ini menunggu Admin WA."


def test_another_unit_may_not() -> None:
    house = with_a_complaint()
    house.do(ActName.FORWARD, ANI)
    assert str(refused(house, DODI)) == "Aduan ini milik unit lain."
    assert role_of(house, CITRA) is Role.SECTION_HEAD


def test_the_adb_may_just_while_it_is_asked() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    never = "Peran Anda tidak berwenang melihat NIK dan nomor telepon aduan ini."
    said = refused(house, GANI)
    assert (type(said), str(said)) == (NeverAllowed, never)
    house.do(ActName.ASK_DATABASE_ADMIN, ANI)
    assert role_of(house, GANI) is Role.DATABASE_ADMIN
    house.do(ActName.REPLY_DATA_CHECK, GANI)
    assert isinstance(refused(house, GANI), NeverAllowed)


def test_who_is_the_adb_and_sits_at_the_desk_too_sees_it_there_while_nothing_is_asked() -> None:
    both = member("rangkap", Role.DATABASE_ADMIN, acting_for=(Role.WHATSAPP_ADMIN,))
    house = with_a_complaint(both, CITRA)
    assert role_of(house, both) is Role.WHATSAPP_ADMIN


def test_what_is_finished_is_before_nobody() -> None:
    house = full_house()
    house.hear("Selamat pagi", "batal")
    said = refused(house, ANI)
    assert (type(said), str(said)) == (NotNow, "Aduan ini sudah selesai dan tidak ada di meja siapa pun.")


def test_a_desk_is_vacant_where_nobody_of_this_unit_sits_at_it() -> None:
    elsewhere = member("jauh", Role.WHATSAPP_ADMIN, units=("civil_registration",))
    house = with_a_complaint(*without(ANI, BUDI), elsewhere)
    assert role_of(house, CITRA) is Role.SECTION_HEAD

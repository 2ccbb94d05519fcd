"""Who sits at a desk, who is reached there, and in which role somebody acts."""

import pytest

from aduan.procedure.roles import RANKS, Actor, Role, Roster, StaffMember, covered_by
from tests.procedure.cases import OTHER_UNIT, UNIT

ADMINS, KASI, KABID, KADIS = RANKS
ADB = Role.DATABASE_ADMIN


def member(name: str, role: Role, *, active: bool = True, **row: object) -> StaffMember:
    """A row of the staff list."""
    return StaffMember.model_validate(
        {"email": f"{name}@bantul.test", "name": name, "role": role, "active": active, **row}
    )


ANI = member("ani", ADMINS)
SARI = member("sari", KASI, units=(UNIT,))
SLAMET = member("slamet", KASI, units=(OTHER_UNIT,))
PLH = member("plh", ADMINS, acting_for=(KASI,))
AWAY = member("away", KABID, active=False)
ROSTER = Roster([ANI, SARI, SLAMET, PLH, AWAY])


@pytest.mark.parametrize(
    ("role", "unit", "there"),
    [
        (ADMINS, UNIT, (ANI, PLH)),
        (KASI, UNIT, (SARI, PLH)),
        (KASI, OTHER_UNIT, (SLAMET, PLH)),
        (KASI, None, (SARI, SLAMET, PLH)),
        (KABID, UNIT, ()),
    ],
)
def test_at_a_desk_is_who_is_active_in_its_role_and_unit_or_acts_for_it(
    role: Role, unit: str | None, there: tuple[StaffMember, ...]
) -> None:
    assert ROSTER.at(role, unit) == there


def test_somebody_at_two_desks_is_reached_once() -> None:
    assert ROSTER.among((ADMINS, KASI), UNIT) == (ANI, PLH, SARI)


def test_at_no_desk_nobody_is_reached() -> None:
    assert ROSTER.among((), UNIT) == ()


@pytest.mark.parametrize(
    ("email", "is_there"),
    [(ANI.email, True), (SLAMET.email, True), (AWAY.email, False), ("siapa@bantul.test", False), (None, False)],
)
def test_the_office_has_who_is_active_whatever_their_unit(email: str | None, is_there: bool) -> None:
    assert ROSTER.has(email) is is_there


def test_a_row_that_says_no_more_is_of_somebody_who_is_not_active_and_has_no_number() -> None:
    row = StaffMember.model_validate({"email": "baru@bantul.test", "name": "Baru", "role": "section_head"})

    assert (row.active, row.whatsapp, row.units, row.roles) == (False, "", None, (KASI,))


def test_what_else_the_staff_list_keeps_of_a_person_is_left_alone() -> None:
    row = StaffMember.model_validate({**ANI.model_dump(), "nip": "19800101 200501 1 001"})

    assert row == ANI
    assert not hasattr(row, "nip")


def test_a_row_at_work_keeps_its_email_roles_units_and_the_desks_that_it_covers() -> None:
    actor = Actor.of(member("wakil", KABID, acting_for=(KADIS,), units=(UNIT,)), frozenset({KASI}))

    assert (actor.email, actor.roles, actor.units) == ("wakil@bantul.test", (KABID, KADIS), (UNIT,))
    assert actor.covers == {KASI}
    assert Actor.of(ANI).covers == frozenset()


@pytest.mark.parametrize(
    ("roles", "desk", "acts_as"),
    [
        ((KASI,), KASI, KASI),
        ((KABID, KASI), KASI, KASI),
        ((KASI, KADIS), ADMINS, KADIS),
        ((ADB, KASI), ADMINS, KASI),
        ((ADB, ADMINS, KABID), KASI, KABID),
        ((ADMINS,), KASI, ADMINS),
    ],
)
def test_somebody_acts_in_the_desks_role_or_else_in_their_highest_above_it(
    roles: tuple[Role, ...], desk: Role, acts_as: Role
) -> None:
    assert Actor(email="x@bantul.test", roles=roles).role_at(desk) is acts_as


def test_a_role_beside_the_ladder_hides_none_that_covers_a_vacant_desk() -> None:
    both = member("rangkap", ADB, acting_for=(KASI,))
    assert covered_by(both, frozenset({ADMINS})) == {ADMINS}


@pytest.mark.parametrize(
    ("units", "unit", "theirs"),
    [(None, UNIT, True), ((UNIT,), UNIT, True), ((OTHER_UNIT,), UNIT, False), ((), UNIT, False), ((), None, True)],
)
def test_a_complaint_is_theirs_by_its_unit(units: tuple[str, ...] | None, unit: str | None, theirs: bool) -> None:
    row = member("x", KASI, units=units)
    assert (row.serves(unit), Actor.of(row).serves(unit)) == (theirs, theirs)

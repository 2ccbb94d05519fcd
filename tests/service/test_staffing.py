"""The staff list: who may change it, what a right row is, and that nobody is locked out or overwritten."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from aduan.procedure.errors import NeverAllowed, NotNow, WrongField
from aduan.procedure.roles import Role, StaffMember
from aduan.service.errors import Unknown
from aduan.service.ports import Loaded
from aduan.service.staffing import STAFF_ROLES, Staffing, TypedMember, mark
from tests.service.fakes import FakeClock, InMemoryStaffList
from tests.service.full_house import ANI, BUDI, CITRA, DODI, EKO, EVERYBODY, FITRI, GANI, member
from tests.service.talk import PROCEDURE

NOBODY = mark(None)
TYPED = TypedMember(
    email="baru@kantor.go.id",
    name="Baru Sekali",
    role="section_head",
    whatsapp="0812 3456 7890",
    active=True,
    acting_for=(),
    units=(),
    seen=NOBODY,
)


def staffing(*members: StaffMember) -> Staffing:
    """A list with these people, or with everybody."""
    return Staffing(InMemoryStaffList(*(members or EVERYBODY)), PROCEDURE, FakeClock())


def typed(row: StaffMember, **changed: object) -> TypedMember:
    """A row as its form shows it, with some of it changed by hand."""
    as_shown = TypedMember(
        email=row.email,
        name=row.name,
        role=row.role.value,
        whatsapp=row.whatsapp or "0812 3456 7890",
        active=row.active,
        acting_for=tuple(row.acting_for),
        units=row.units or (),
        seen=mark(row),
    )
    return replace(as_shown, **changed)  # type: ignore[arg-type]


def wrong(**changed: object) -> dict[str, str]:
    """What is said of a row with these fields."""
    with pytest.raises(WrongField) as refused:
        staffing().save(FITRI, replace(TYPED, **changed))  # type: ignore[arg-type]
    return refused.value.fields


# Who may


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name)
def test_the_kepala_dinas_and_the_adb_keep_the_list_and_nobody_else(who: StaffMember) -> None:
    keeper = who in (FITRI, GANI)
    desk = staffing()
    assert desk.may(who) is keeper
    for attempt in (lambda: desk.listed(who), lambda: desk.row(who, ANI.email), lambda: desk.save(who, TYPED)):
        if keeper:
            assert attempt()
        else:
            with pytest.raises(NeverAllowed, match=r"^Daftar petugas hanya untuk Kepala Dinas dan ADB\.$"):
                attempt()


def test_whoever_acts_for_a_keeper_is_one() -> None:
    assert staffing().may(member("plh", Role.WHATSAPP_ADMIN, acting_for=(Role.AGENCY_HEAD,)))


# Looking


def test_the_list_has_active_ones_first_and_goes_by_name_whatever_its_case() -> None:
    away, lower = member("Aa", Role.WHATSAPP_ADMIN, active=False), member("beta", Role.WHATSAPP_ADMIN)
    upper = member("Alpha", Role.WHATSAPP_ADMIN)
    people, changes = staffing(FITRI, away, lower, upper).listed(FITRI)
    assert [person.name for person in people] == ["Alpha", "beta", "fitri", "Aa"]
    assert changes == ()


def test_it_shows_the_newest_twenty_changes() -> None:
    desk = staffing()
    for number in range(25):
        desk.save(FITRI, replace(TYPED, email=f"orang{number}@kantor.go.id"))
    assert len(desk.listed(FITRI)[1]) == 20


def test_a_row_is_found_by_its_email_and_any_other_is_unknown() -> None:
    desk = staffing()
    assert desk.row(GANI, ANI.email) == ANI
    assert desk.row(GANI, ANI.email.upper()) == ANI
    for email in ("siapa@office.test", "../settings", "ani@office.test/x", ""):
        with pytest.raises(Unknown) as unknown:
            desk.row(GANI, email)
        assert unknown.value.args == (email,)


# Writing


def test_a_new_row_is_kept_as_it_was_meant_with_the_change_that_it_is() -> None:
    desk = staffing()
    given = replace(
        TYPED,
        email="  Baru@Kantor.go.id ",
        name="  Baru   Sekali ",
        acting_for=("database_admin", "whatsapp_admin", "section_head"),
        units=("civil_registration",),
    )

    saved = desk.save(FITRI, given)

    assert saved == StaffMember(
        email="baru@kantor.go.id",
        name="Baru Sekali",
        role=Role.SECTION_HEAD,
        whatsapp="+6281234567890",
        active=True,
        acting_for=(Role.WHATSAPP_ADMIN, Role.DATABASE_ADMIN),
        units=("civil_registration",),
    )
    assert desk.staff.member("baru@kantor.go.id") == saved
    (change,) = desk.staff.changes(9)
    assert (change.at, change.by, change.email) == (desk.clock(), FITRI.email, saved.email)
    assert change.before is None
    assert change.after == {
        "name": "Baru Sekali",
        "role": "section_head",
        "whatsapp": "+6281234567890",
        "active": True,
        "acting_for": ["whatsapp_admin", "database_admin"],
        "units": ["civil_registration"],
    }


def test_a_changed_row_keeps_what_it_was() -> None:
    desk = staffing()
    desk.save(GANI, typed(ANI, active=False))
    (change,) = desk.staff.changes(9)
    assert change.before is not None
    assert (change.before["active"], change.after["active"]) == (True, False)
    assert (change.by, change.email) == (GANI.email, ANI.email)


def test_no_unit_means_all_and_all_that_were_chosen_are_kept_in_the_offices_order() -> None:
    desk = staffing()
    assert desk.save(FITRI, TYPED).units is None
    both = desk.save(FITRI, replace(TYPED, email="b@k.go.id", units=("civil_registration", "population_registration")))
    assert both.units == tuple(unit.code for unit in PROCEDURE.units)


def test_what_changes_nothing_is_not_written_whatever_the_form_had_seen() -> None:
    desk = staffing()
    saved = desk.save(FITRI, TYPED)
    assert desk.save(FITRI, TYPED) == saved
    assert len(desk.staff.changes(9)) == 1


@pytest.mark.parametrize("seen", [NOBODY, mark(BUDI), ""])
def test_a_row_that_somebody_else_changed_meanwhile_is_not_overwritten(seen: str) -> None:
    words = r"^Data petugas ini sudah ada atau sudah diubah orang lain\. Periksa dulu, lalu ulangi\.$"
    desk = staffing()
    with pytest.raises(NotNow, match=words):
        desk.save(FITRI, typed(ANI, name="Lain", seen=seen))
    assert desk.staff.member(ANI.email) == ANI
    assert desk.staff.changes(9) == ()


class Raced(InMemoryStaffList):
    """A list in which somebody else is saved once, between the reading of a row and its writing."""

    meanwhile: Callable[[], object] | None = None

    def members(self) -> tuple[StaffMember, ...]:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        return super().members()


def raced(by_another: TypedMember) -> Staffing:
    """Everybody's list, where the Kepala Dinas saves this while somebody else is at it."""
    staff = Raced(*EVERYBODY)
    desk = Staffing(staff, PROCEDURE, FakeClock())
    staff.meanwhile = lambda: desk.save(FITRI, by_another)
    return desk


@pytest.mark.parametrize(
    ("by_another", "mine"),
    [(typed(ANI, active=False), typed(ANI, whatsapp="0812 9999 0000")), (TYPED, replace(TYPED, name="Lain"))],
    ids=["changed", "added"],
)
def test_whoever_loses_the_race_for_a_row_is_told_and_overwrites_nothing(
    by_another: TypedMember, mine: TypedMember
) -> None:
    desk = raced(by_another)
    with pytest.raises(NotNow, match="sudah diubah orang lain"):
        desk.save(GANI, mine)
    (change,), member = desk.staff.changes(9), desk.staff.member(mine.email)
    assert member is not None
    assert (change.by, change.after) == (FITRI.email, member.model_dump(mode="json", exclude={"email"}))


def test_of_two_who_mean_the_same_at_once_both_are_content_and_one_change_is_kept() -> None:
    desk = raced(TYPED)
    assert desk.save(GANI, TYPED).email == TYPED.email
    assert [change.by for change in desk.staff.changes(9)] == [FITRI.email]


def test_a_mark_tells_a_row_from_itself_after_any_change_and_is_short() -> None:
    rows = [None, *EVERYBODY, ANI.model_copy(update={"active": False}), ANI.model_copy(update={"units": ()})]
    assert len({mark(row) for row in rows}) == len(rows)
    assert {len(mark(row)) for row in rows} == {16}
    assert mark(None) == hashlib.sha256(b"null").hexdigest()[:16]


def test_somebody_active_can_always_change_the_list() -> None:
    words = "Harus ada paling sedikit satu Kepala Dinas atau ADB yang aktif."
    desk = staffing(ANI, FITRI)
    for typed_in in (typed(FITRI, active=False), typed(FITRI, role="division_head")):
        with pytest.raises(WrongField) as refused:
            desk.save(FITRI, typed_in)
        assert refused.value.fields == {"role" if typed_in.active else "active": words}
    desk.save(FITRI, replace(TYPED, role="database_admin"))
    assert not desk.save(FITRI, typed(FITRI, active=False)).active


def test_an_acting_keeper_or_one_who_is_not_active_keeps_no_list_open() -> None:
    acting = member("plh", Role.DIVISION_HEAD, acting_for=(Role.AGENCY_HEAD,))
    away = member("jauh", Role.DATABASE_ADMIN, active=False)
    desk = staffing(acting, away, FITRI)
    with pytest.raises(WrongField):
        desk.save(FITRI, typed(FITRI, active=False))


# What a right row is

EMAIL = "Tulis alamat email akun Google petugas, misalnya nama@contoh.go.id."


@pytest.mark.parametrize("email", ["a@b.co", "nama.lain+x@kantor-kab.go.id", f"{'a' * 243}@kantor.org"])
def test_an_email_is_one(email: str) -> None:
    assert staffing().save(FITRI, replace(TYPED, email=email)).email == email


@pytest.mark.parametrize(
    "email", ["", "siti", "siti@kantor", "si ti@kantor.id", "@kantor.id", "siti@kantor..id", "sité@kantor.id",
              "siti@kantör.id", f"{'a' * 244}@kantor.org"],
)  # fmt: skip
def test_anything_else_is_no_email(email: str) -> None:
    assert wrong(email=email) == {"email": EMAIL}


@pytest.mark.parametrize(
    ("name", "is_right"), [("A", True), ("n" * 100, True), ("n" * 101, False), (" ", False), ("\x00", False)]
)
def test_a_name_is_short_and_can_be_read(name: str, is_right: bool) -> None:
    if is_right:
        assert staffing().save(FITRI, replace(TYPED, name=name)).name == name
    else:
        assert wrong(name=name) == {"name": "Tulis nama petugas, paling banyak 100 huruf."}


def test_each_wrong_field_is_told_at_once() -> None:
    assert wrong(email="x", name="", role="mayor", whatsapp="12", acting_for=("mayor",), units=("births",)) == {
        "email": EMAIL,
        "name": "Tulis nama petugas, paling banyak 100 huruf.",
        "role": "Pilih peran dari daftar.",
        "whatsapp": "Tulis nomor WhatsApp, misalnya 0812 3456 7890.",
        "acting_for": "Pilih peran dari daftar.",
        "units": "Pilih unit dari daftar.",
    }
    assert wrong(role="complainant") == {"role": "Pilih peran dari daftar."}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_of_staff_may_be_given(role: Role) -> None:
    assert staffing().save(FITRI, replace(TYPED, role=role.value)).role is role


def test_a_wrong_row_is_told_before_the_right_to_write_it() -> None:
    with pytest.raises(WrongField):
        staffing().save(ANI, replace(TYPED, name=""))
    for who in (CITRA, DODI, EKO):
        with pytest.raises(NeverAllowed):
            staffing().save(who, TYPED)


class Guarded(InMemoryStaffList):
    """A list whose keys are a path's parts, as the real one's."""

    def loaded(self, email: str) -> Loaded[StaffMember | None]:
        assert "/" not in email
        return super().loaded(email)


def test_what_is_no_email_is_not_looked_for() -> None:
    desk = Staffing(Guarded(*EVERYBODY), PROCEDURE, FakeClock())
    with pytest.raises(Unknown):
        desk.row(GANI, "staff/ani@office.test")


def test_somebody_may_act_for_every_other_role() -> None:
    saved = staffing().save(FITRI, replace(TYPED, acting_for=tuple(role.value for role in STAFF_ROLES)))
    assert set(saved.roles) == set(STAFF_ROLES)
    assert len(saved.roles) == len(STAFF_ROLES)

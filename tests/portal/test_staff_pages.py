"""The staff list in the portal: who changes it, what is refused, and the record of every change."""

from typing import Any

import pytest

from aduan.procedure.roles import Role, StaffMember
from aduan.service.model import StaffChange
from tests.portal.html import Page
from tests.portal.scene import ADB, ADMIN, ADMIN2, KADIS, KASI, Scene, content

NEW = {"email": "Baru@Kantor.test", "name": "  Rina   Wati ", "role": "section_head", "whatsapp": "0812-1111-2222"}


def seen(scene: Scene, path: str, by: str = KADIS) -> str:
    """The mark of a row as its form has it."""
    (field,) = [e for e in Page(scene.get(path, by).text).all("input") if e.attributes.get("name") == "seen"]
    return field.attributes["value"]


def save(scene: Scene, path: str, by: str = KADIS, **fields: Any) -> Any:
    """Send the form of a row, as it is now; that of somebody new has seen nothing."""
    mark = {} if path.endswith("/tambah") else {"seen": seen(scene, path, by)}
    return scene.post_form(path, by, {**mark, **fields})


def row(scene: Scene, email: str, **changed: Any) -> dict[str, Any]:
    """A row as its form would send it, with some fields changed."""
    member = scene.staff.member(email)
    assert member is not None
    typed: dict[str, Any] = {
        "name": member.name,
        "role": member.role.value,
        "whatsapp": member.whatsapp,
        "acting_for": [role.value for role in member.acting_for],
        "units": list(member.units or ()),
    }
    return {**typed, **({"active": "1"} if member.active else {}), **changed}


@pytest.mark.parametrize("by", [KADIS, ADB])
def test_somebody_is_added_and_can_work_at_once(scene: Scene, by: str) -> None:
    fields = {**NEW, "active": "1", "units": ["civil_registration"], "acting_for": ["whatsapp_admin", "section_head"]}

    answer = save(scene, "/petugas/tambah", by, **fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/petugas")
    member = scene.staff.member("baru@kantor.test")
    assert member is not None
    assert (member.name, member.role, member.whatsapp) == ("Rina Wati", Role.SECTION_HEAD, "+6281211112222")
    assert (member.units, member.acting_for) == (("civil_registration",), (Role.WHATSAPP_ADMIN,))
    assert scene.get("/", "baru@kantor.test").status_code == 200


def test_a_change_is_recorded_and_shown(scene: Scene) -> None:
    answer = save(
        scene, f"/petugas/{ADMIN2}", **row(scene, ADMIN2, acting_for=["section_head"], whatsapp="+6281299990001")
    )

    assert answer.status_code == 303
    newest = scene.staff.changes(1)[0]
    assert (newest.by, newest.email) == (KADIS, ADMIN2)
    assert newest.before is not None
    assert (newest.before["acting_for"], newest.after["acting_for"]) == ([], ["section_head"])
    page = Page(scene.get("/petugas", KADIS).text).text
    assert "Plh/Plt: tidak ada menjadi Kepala Seksi" in page
    assert "Nomor WhatsApp: 6281•••••••02 menjadi 6281•••••••01" in page
    assert "81299990001" not in page


def test_what_changes_nothing_is_not_recorded(scene: Scene) -> None:
    before = scene.staff.changes(50)

    assert save(scene, f"/petugas/{ADMIN}", **row(scene, ADMIN)).status_code == 303

    assert scene.staff.changes(50) == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a/b@kantor.test"),
        ("email", "a@kantor"),
        ("email", "x" * 250 + "@kantor.test"),
        ("name", " "),
        ("name", "x" * 101),
        ("name", "a\x01b"),
        ("role", "complainant"),
        ("role", ""),
        ("whatsapp", "12"),
        ("whatsapp", ""),
        ("whatsapp", "nol delapan"),
        ("acting_for", ["boss"]),
        ("units", ["nowhere"]),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(scene: Scene, field: str, value: Any) -> None:
    before = scene.staff.members()

    answer = save(scene, "/petugas/tambah", **{**NEW, field: value})
    page = Page(answer.text)

    assert answer.status_code == 400
    assert page.with_id(f"{field}-error").text
    assert f"#{field}" in [link.attributes.get("href") for link in page.all("a")]
    assert scene.staff.members() == before


@pytest.mark.parametrize("change", [{"active": ""}, {"role": "section_head"}])
def test_the_last_one_who_keeps_the_list_stays(scene: Scene, change: dict[str, str]) -> None:
    assert save(scene, f"/petugas/{ADB}", KADIS, **row(scene, ADB, **change)).status_code == 303

    answer = save(scene, f"/petugas/{KADIS}", KADIS, **row(scene, KADIS, **change))

    assert answer.status_code == 400
    assert "paling sedikit satu Kepala Dinas atau ADB" in answer.text
    kept = scene.staff.member(KADIS)
    assert kept is not None
    assert (kept.active, kept.role) == (True, Role.AGENCY_HEAD)


def test_two_people_who_change_one_row_do_not_overwrite_each_other(scene: Scene) -> None:
    mark = seen(scene, f"/petugas/{ADMIN}", ADB)
    save(scene, f"/petugas/{ADMIN}", KADIS, **row(scene, ADMIN, name="Nama baru"))

    answer = scene.post_form(f"/petugas/{ADMIN}", ADB, {**row(scene, ADMIN, name="Nama lain"), "seen": mark})

    assert answer.status_code == 409
    assert 'value="Nama lain"' in answer.text
    member = scene.staff.member(ADMIN)
    assert member is not None
    assert member.name == "Nama baru"


def test_whoever_was_deactivated_during_another_change_stays_so_and_the_form_keeps_what_was_typed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, everybody = scene.staff.loaded(ADMIN2), scene.staff.members
    assert found.value is not None
    gone = found.value.model_copy(update={"active": False})
    change = StaffChange(at=scene.clock.now, by=KADIS, email=ADMIN2, before=None, after={})

    def deactivated_meanwhile() -> tuple[StaffMember, ...]:
        """By somebody else, between the reading of the row and its writing."""
        monkeypatch.setattr(scene.staff, "members", everybody)
        scene.staff.save(gone, change, found.mark)
        return everybody()

    fields = {**row(scene, ADMIN2, whatsapp="+6281299990001"), "seen": seen(scene, f"/petugas/{ADMIN2}", ADB)}
    monkeypatch.setattr(scene.staff, "members", deactivated_meanwhile)
    answer = scene.post_form(f"/petugas/{ADMIN2}", ADB, fields)

    assert answer.status_code == 409
    assert "sudah diubah orang lain" in answer.text
    typed = {e.attributes.get("name"): e.attributes.get("value") for e in Page(answer.text).all("input")}
    assert typed["whatsapp"] == "+6281299990001"
    assert scene.staff.member(ADMIN2) == gone


def test_adding_somebody_who_is_there_changes_nobody(scene: Scene) -> None:
    answer = save(scene, "/petugas/tambah", **{**NEW, "email": ADMIN.upper()})

    assert answer.status_code == 409
    member = scene.staff.member(ADMIN)
    assert member is not None
    assert member.name == "Siti Rahayu"


def test_changing_somebody_who_is_not_there_adds_nobody(scene: Scene) -> None:
    assert scene.post_form("/petugas/nobody@kantor.test", KADIS, NEW).status_code == 404
    assert scene.staff.member("nobody@kantor.test") is None


@pytest.mark.parametrize("by", [ADMIN, KASI])
def test_others_neither_see_nor_change_it(scene: Scene, by: str) -> None:
    answer = scene.post_form("/petugas/tambah", by, {**NEW, "seen": "x"})

    assert answer.status_code == 403
    assert "Petugas" not in [link.text for link in Page(scene.get("/", by).text).all("a")]
    assert scene.staff.member("baru@kantor.test") is None


def test_the_list_as_json_masks_its_numbers(scene: Scene) -> None:
    people = scene.get_json("/petugas", KADIS)["staff"]

    (admin,) = [person for person in people if person["email"] == ADMIN]
    assert admin == {
        "email": ADMIN,
        "name": "Siti Rahayu",
        "role": "whatsapp_admin",
        "whatsapp": "6281•••••••01",
        "active": True,
        "acting_for": [],
        "units": None,
        "seen": seen(scene, f"/petugas/{ADMIN}"),
    }


def test_by_json_a_row_is_read_changed_and_changed_again(scene: Scene) -> None:
    path, number = f"/petugas/{ADMIN2}", {"whatsapp": "+6281100000002"}
    first = scene.get_json(path, ADB)
    assert first in scene.get_json("/petugas", ADB)["staff"]

    second = content(scene.post_json(path, ADB, {**first, **number, "name": "Budi S."}))
    third = content(scene.post_json(path, ADB, {**second, **number, "units": ["civil_registration"]}))

    assert (third["name"], third["units"]) == ("Budi S.", ["civil_registration"])
    assert scene.get_json(path, ADB) == third
    assert len({row["seen"] for row in (first, second, third)}) == 3
    assert all("81100000002" not in str(row) for row in (first, second, third))

    late = scene.post_json(path, KADIS, {**first, **number, "name": "Budi"})
    assert (late.status_code, scene.get_json(path, ADB)) == (409, third)


def test_by_json_a_change_that_does_not_say_what_was_seen_is_refused(scene: Scene) -> None:
    row_without = {name: value for name, value in scene.get_json(f"/petugas/{ADMIN2}", ADB).items() if name != "seen"}
    fields = {**row_without, "whatsapp": "+6281100000002", "name": "Budi S."}

    assert scene.post_json(f"/petugas/{ADMIN2}", ADB, fields).status_code == 409


def test_by_json_somebody_new_is_added_and_changed(scene: Scene) -> None:
    fields = {**NEW, "active": True, "units": ["civil_registration"], "acting_for": []}
    added = content(scene.post_json("/petugas/tambah", KADIS, fields))

    again = {**fields, "name": "Rina W.", "seen": added["seen"]}
    assert content(scene.post_json("/petugas/baru@kantor.test", KADIS, again))["name"] == "Rina W."


@pytest.mark.parametrize("was_seen", [False, True])
def test_by_json_somebody_who_is_there_is_not_added_again(scene: Scene, was_seen: bool) -> None:
    mark = {"seen": seen(scene, f"/petugas/{ADMIN}")} if was_seen else {}

    answer = scene.post_json("/petugas/tambah", KADIS, {**NEW, "email": ADMIN, **mark})

    assert answer.status_code == 409
    member = scene.staff.member(ADMIN)
    assert member is not None
    assert member.name == "Siti Rahayu"


def test_a_row_is_saved_by_json_too(scene: Scene) -> None:
    fields = {**NEW, "active": True, "units": ["civil_registration"], "acting_for": []}

    answer = scene.post_json("/petugas/tambah", KADIS, fields)

    assert (answer.status_code, content(answer)["email"]) == (200, "baru@kantor.test")
    assert scene.post_json("/petugas/tambah", KADIS, {**fields, "units": [1, {}]}).status_code in {400, 409}

"""The list and its filters: what is shown in which order, in the contract's shape, whatever is asked for."""

import itertools
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.portal.scene import ADB, ADMIN, ADMIN2, ANSWER, KASI, NIK, NOTE, PHONE, Scene, content

HEAD = {
    "number", "status", "step", "holder_role", "holder", "due_at", "paused", "version", "started_at", "category",
    "approved_by", "breaches",
}  # fmt: skip
"""The fields of the contract that a complaint has in a list too."""

STANDING: dict[str, list[str]] = {
    "status": ["", "open", "draft", "waiting", "answered", "closed"],
    "step": ["", "3"],
    "role": ["", "whatsapp_admin", "database_admin"],
    "late": ["", "1"],
    "from": ["", "2026-11-24"],
    "to": ["", "2026-11-24"],
}
FEW: dict[str, list[str]] = {
    "q": ["", NIK, "0812 3456 7890", "ADU-261124-ABCDE"],
    "holder": ["", ADMIN],
    "status": ["", "draft"],
    "late": ["", "1"],
    "to": ["", "2026-11-24"],
}
"""With one of the first two a list is short, and the store looks through it by itself."""


def numbers(scene: Scene, **filters: str) -> list[Any]:
    """The complaints of a list, by number."""
    listed = scene.get_json(f"/aduan?{urlencode(filters)}")["complaints"]
    return [row["number"] or row["id"] for row in listed]


def test_a_row_has_just_the_fields_of_the_contract(scene: Scene) -> None:
    scene.complain()
    scene.draft()

    page = scene.get_json("/aduan")
    (row,) = page["complaints"]
    (draft,) = scene.get_json("/aduan?status=draft")["complaints"]

    assert page.keys() == {"complaints", "next"}
    assert row.keys() == {*HEAD, "summary"}
    assert draft.keys() == {*HEAD, "summary", "id"}
    assert (draft["number"], draft["id"][:2]) == (None, "D-")
    assert scene.get_json(f"/aduan/{draft['id']}")["status"] == "draft"


def test_the_soonest_deadline_comes_first(scene: Scene) -> None:
    first = scene.complain(phone="+6281200000001")
    scene.minutes(3)
    second = scene.complain(phone="+6281200000002")
    assert numbers(scene) == [first, second]

    scene.act(first, "receive", ADMIN)

    assert numbers(scene) == [second, first]


def test_each_filter_finds_what_it_says(scene: Scene) -> None:
    held = scene.complain(phone=PHONE)
    late = scene.complain(phone="+6281200000002", nik="3402011507880003")
    answered = scene.complain(phone="+6281200000003", nik="3402014308950004")
    scene.act(held, "receive", ADMIN)
    scene.act(held, "ask_database_admin", ADMIN, note=NOTE)
    scene.act(answered, "settle", ADMIN2, note=NOTE, answer=ANSWER)
    scene.minutes(10)
    scene.deliver(answered)
    scene.minutes(1)

    assert numbers(scene, status="answered") == [answered]
    assert numbers(scene, step="3") == [held]
    assert numbers(scene, role="section_head") == [answered]
    assert numbers(scene, role="database_admin") == [held]
    assert numbers(scene, holder=ADMIN) == [held]
    assert numbers(scene, holder=ADMIN.upper()) == [held]
    assert numbers(scene, late="1") == [late]
    assert numbers(scene, q=NIK) == [held]
    assert numbers(scene, q="081234567890") == [held]
    assert numbers(scene, q=late.lower()) == [late]
    assert numbers(scene, q=late, status="closed") == []
    assert numbers(scene, q="3402014308950005") == []
    assert sorted(numbers(scene, **{"from": "2026-11-24", "to": "2026-11-24"})) == sorted([held, late, answered])
    assert numbers(scene, **{"from": "2026-11-25"}) == []
    assert numbers(scene, to="2026-11-23") == []


def test_drafts_are_shown_only_where_they_are_asked_for(scene: Scene) -> None:
    draft = scene.draft()

    assert numbers(scene) == []
    assert numbers(scene, q=draft) == []
    assert numbers(scene, status="draft") == [draft]
    assert numbers(scene, status="draft", q=draft) == [draft]


def test_a_filter_by_date_means_the_offices_days(scene: Scene) -> None:
    scene.clock.now -= timedelta(hours=2, minutes=1)  # 06.59 WIB is 23.59 of the day before in UTC
    early = scene.complain()

    assert numbers(scene, **{"from": "2026-11-24"}) == [early]
    assert numbers(scene, to="2026-11-23") == []


@pytest.mark.parametrize("values", [STANDING, FEW], ids=["standing", "few"])
def test_no_combination_of_filters_breaks_the_list(scene: Scene, values: dict[str, list[str]]) -> None:
    scene.complain()
    scene.draft()

    for chosen in itertools.product(*values.values()):
        asked = urlencode(dict(zip(values, chosen, strict=True)))
        status = scene.get(f"/aduan?{asked}", Accept="application/json").status_code
        assert status == 200, asked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "geschlossen"),
        ("step", "0"),
        ("step", "9"),
        ("step", "²"),
        ("step", "9" * 5000),
        ("step", "1; DROP TABLE"),
        ("role", "complainant"),
        ("role", "boss"),
        ("holder", "somebody"),
        ("holder", "a@b" + "x" * 3000),
        ("late", "ya"),
        ("q", "KTP"),
        ("q", "ADU-"),
        ("q", "ADU-/../x"),
        ("from", "24-11-2026"),
        ("from", "0001-01-01"),
        ("to", "9999-12-31"),
        ("to", "2026-02-30"),
        ("cursor", "x"),
        ("cursor", "bm90aGluZw.e3b0c442"),
        ("holder", "a@b\0c"),
    ],
)
def test_a_wrong_filter_is_named(scene: Scene, name: str, value: str) -> None:
    asked = urlencode({name: value})

    answer = scene.get(f"/aduan?{asked}", Accept="application/json")
    page = scene.get(f"/aduan?{asked}")

    assert (answer.status_code, list(content(answer)["fields"])) == (400, [name])
    assert page.status_code == 400
    assert content(answer)["fields"][name] in page.text


def test_the_last_day_may_not_come_before_the_first(scene: Scene) -> None:
    answer = scene.get("/aduan?from=2026-11-24&to=2026-11-23", Accept="application/json")

    assert list(content(answer)["fields"]) == ["to"]


def test_all_pages_together_show_each_complaint_once(scene: Scene) -> None:
    for number in range(53):
        scene.write(
            f"Layanan: KTP\nNama: Siti\nNIK: {NIK}\nAduan: Aduan yang ke-{number} hari ini.", f"+62812000{number:05}"
        )
        scene.minutes(0.1)

    first = scene.get_json("/aduan")
    second = scene.get_json(f"/aduan?cursor={first['next']}")
    page = scene.get("/aduan").text

    made = {row["number"] for row in [*first["complaints"], *second["complaints"]]}
    assert (len(first["complaints"]), len(second["complaints"]), second["next"]) == (50, 3, None)
    assert len(made) == 53
    assert f"cursor={first['next']}" in page


def test_numbers_of_persons_are_masked_in_every_list(scene: Scene) -> None:
    scene.complain(f"NIK {NIK} dan telepon 0812-3456-7890 saya salah.")

    (row,) = scene.get_json("/aduan")["complaints"]

    assert row["summary"].startswith("NIK 3402••••••••••01 dan telepon 0812••••••90")
    for path in ("/", "/aduan"):
        page = scene.get(path).text
        assert "3402••••••••••01" in page
        assert NIK not in page
        assert PHONE not in page


# Looking for a NIK without writing it into an address


def test_a_nik_is_looked_for_without_standing_in_an_address(scene: Scene) -> None:
    number = scene.complain()

    for typed in (NIK, "0812-3456-7890", "3402 0141 0790 0001"):
        answer = scene.post_form("/cari", ADMIN, {"q": typed})
        assert answer.status_code == 303
        location = answer.headers["Location"]
        assert NIK not in location
        assert "81234567890" not in location
        page = scene.get(location)
        assert number in page.text
        assert NIK not in page.text


def test_an_address_with_a_nik_in_it_is_left_at_once(scene: Scene) -> None:
    scene.complain()

    answer = scene.get(f"/aduan?q={NIK}&status=open")

    assert answer.status_code == 302
    assert NIK not in answer.headers["Location"]
    assert "status=open" in answer.headers["Location"]
    assert scene.get(answer.headers["Location"]).status_code == 200


def test_looking_for_a_number_leads_to_the_complaint(scene: Scene) -> None:
    number, draft = scene.complain(), scene.draft()

    assert scene.post_form("/cari", KASI, {"q": f" {number.lower()} "}).headers["Location"] == f"/aduan/{number}"
    assert scene.post_form("/cari", KASI, {"q": draft}).headers["Location"] == f"/aduan/{draft}"


@pytest.mark.parametrize("typed", ["", "KTP", "ADU-261124-ABCDE", "\u0635\u0641\u0631"])
def test_what_cannot_be_found_is_said_beside_the_field_and_kept(scene: Scene, typed: str) -> None:
    answer = scene.post_form("/cari", ADB, {"q": typed})

    assert answer.status_code == 400
    assert 'id="f-q-error"' in answer.text
    assert f'value="{typed}"' in answer.text

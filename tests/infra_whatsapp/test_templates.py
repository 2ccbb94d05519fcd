"""`templates`: the difference is shown, what is missing is created, what is in use is not changed by accident."""

from typing import Any

import pytest

from infra.local.whatsapp_business import MANAGEMENT
from infra.local.whatsapp_errors import GraphError
from infra.whatsapp.templates_file import read_templates
from tests.infra_whatsapp.conftest import ACCOUNT, Desk

NAMES = list(read_templates())


def change_at_meta(desk: Desk, name: str, text: str, status: str = "APPROVED") -> dict[str, Any]:
    """Somebody gave a template another text, and Meta decided on it."""
    template = desk.business.templates[name]
    template["components"][0]["text"] = text
    desk.business.review(name, status)
    return template


@pytest.fixture
def registered(desk: Desk) -> Desk:
    """All are there, and approved."""
    desk.register()
    return desk


def test_all_that_are_missing_are_created_as_the_file_has_them(desk: Desk) -> None:
    assert desk.run("templates") == 0
    assert list(desk.business.templates) == NAMES
    for name, template in read_templates().items():
        there = desk.business.templates[name]
        assert (there["language"], there["category"]) == ("id", "UTILITY")
        assert there["components"] == template.components
        assert f"ok   {name}: being reviewed" in desk.printed
        assert f"+ {template.body}" in desk.printed


def test_what_is_the_same_is_left_alone(registered: Desk) -> None:
    assert registered.run("templates") == 0
    assert registered.writes == []
    assert all(f"ok   {name}: approved\n" in registered.printed for name in NAMES)


def test_a_dry_run_shows_what_it_would_create_and_creates_nothing(desk: Desk) -> None:
    assert desk.run("templates", "--dry-run") == 0
    assert (desk.writes, desk.business.templates) == ([], {})
    assert desk.printed.count(f"NOT MADE: POST {desk.meta.base_url}/v26.0/{ACCOUNT}/message_templates\n") == 5
    assert '"example": {"body_text": [["Nama, NIK"]]}' in desk.printed


def test_one_that_is_in_use_is_shown_and_not_changed_without_being_told_so(registered: Desk) -> None:
    change_at_meta(registered, "aduan_rating", "Nomor {{1}} selesai.")
    assert registered.run("templates") == 1
    assert registered.bad == ["aduan_rating is in use, and was not changed"]
    assert "- Nomor {{1}} selesai.\n" in registered.printed
    assert f"+ {read_templates()['aduan_rating'].body}\n" in registered.printed
    assert registered.writes == []


def test_one_that_is_in_use_is_changed_when_told_so_and_then_reviewed(registered: Desk) -> None:
    there = change_at_meta(registered, "aduan_rating", "Nomor {{1}} selesai.")
    assert registered.run("templates", "--edit") == 0
    assert registered.writes == [f"/v26.0/{there['id']}"]
    assert there["components"] == read_templates()["aduan_rating"].components
    assert there["status"] == "PENDING"


def test_other_buttons_and_parts_that_were_added_at_meta_are_a_difference(registered: Desk) -> None:
    there = registered.business.templates["aduan_rating"]
    there["components"] = [*there["components"], {"type": "FOOTER", "text": "Disdukcapil"}]
    assert registered.run("templates") == 1
    assert "- [Beri nilai] <footer>\n     + [Beri nilai]\n" in registered.printed


def test_one_that_was_rejected_is_registered_anew_with_other_examples(registered: Desk) -> None:
    there = change_at_meta(registered, "aduan_rating", read_templates()["aduan_rating"].body, "REJECTED")
    there["components"][0]["example"]["body_text"] = [["contoh"]]
    assert registered.run("templates") == 0
    assert "- contoh\n" in registered.printed
    assert there["status"] == "PENDING"


def test_other_examples_alone_are_no_difference_for_one_that_is_in_use(registered: Desk) -> None:
    registered.business.templates["aduan_rating"]["components"][0]["example"] = {}
    assert registered.run("templates") == 0
    assert registered.writes == []


def test_one_that_was_rejected_and_is_the_same_names_metas_reason(registered: Desk) -> None:
    registered.business.review("aduan_rating", "REJECTED", "INVALID_FORMAT")
    assert registered.run("templates") == 1
    assert registered.bad == ["aduan_rating: rejected (INVALID_FORMAT)"]
    assert registered.writes == []


@pytest.mark.parametrize(
    ("status", "words", "do"),
    [("PENDING", "being reviewed", "Wait"), ("DISABLED", "stopped for good", "Give it a new name")],
)
def test_one_that_meta_does_not_let_change_says_when_or_how(registered: Desk, status: str, words: str, do: str) -> None:
    change_at_meta(registered, "aduan_rating", "Nomor {{1}} selesai.", status)
    assert registered.run("templates", "--edit") == 1
    assert registered.bad[0].startswith(f"aduan_rating cannot be changed now: {words}")
    assert f"do:    {do}" in registered.printed
    assert registered.writes == []


def test_one_that_is_paused_is_bettered_without_more_ado(registered: Desk) -> None:
    there = change_at_meta(registered, "aduan_rating", "Nomor {{1}} selesai.", "PAUSED")
    assert registered.run("templates") == 0
    assert there["status"] == "PENDING"


def test_one_that_meta_counts_as_marketing_is_told(registered: Desk) -> None:
    registered.business.templates["aduan_rating"]["category"] = "MARKETING"
    assert registered.run("templates") == 1
    assert registered.bad == ["aduan_rating: Meta counts it as MARKETING, not as UTILITY"]
    assert registered.writes == []


def test_one_that_is_at_meta_only_is_named_and_let_be(registered: Desk) -> None:
    stranger = {
        "id": "1", "name": "promo", "language": "id", "status": "APPROVED", "category": "MARKETING", "components": []
    }  # fmt: skip
    registered.business.templates["promo"] = stranger
    assert registered.run("templates") == 0
    assert "promo (id) is at Meta and not in templates.toml: it is let be\n" in registered.printed
    assert registered.business.templates["promo"] is stranger


def test_all_pages_of_a_long_list_are_read(registered: Desk) -> None:
    ours = dict(registered.business.templates)
    registered.business.templates.clear()
    for number in range(250):
        one = {"id": f"1{number}", "name": f"promo_{number}", "language": "id", "status": "APPROVED"}
        registered.business.templates[one["name"]] = one
    registered.business.templates.update(ours)
    assert registered.run("templates") == 0
    assert registered.writes == []
    assert registered.printed.count("it is let be") == 250


@pytest.mark.parametrize(
    ("subcode", "title", "means"),
    [
        (2388299, "Leading or trailing params", "The text begins or ends with a variable."),
        (2388293, "Parameters words ratio exceeds limit", "Too many variables for so few words."),
        (2388040, "Character limit hit", "A part of the template is too long."),
        (2388019, "Message template limit exceeded", "The account has as many templates as it may have."),
        (2388023, "Message template language is being deleted", "A template of this name was just deleted."),
        (999, "Something new", "Meta takes a value of the request for wrong"),
    ],
)
def test_one_that_meta_refuses_is_told_with_its_reason_and_the_others_are_created(
    desk: Desk, subcode: int, title: str, means: str
) -> None:
    desk.business.refused["aduan_answer"] = GraphError(
        100, "Invalid parameter", subcode=subcode, user=(title, "Mend it.")
    )
    assert desk.run("templates") == 1
    assert desk.bad == [f"Meta does not take aduan_answer: (100/{subcode}) {title}: Mend it."]
    assert f"means: {means}" in desk.printed
    assert set(desk.business.templates) == {*NAMES} - {"aduan_answer"}


def test_a_token_without_the_right_is_told_as_that(desk: Desk) -> None:
    desk.business.token.scopes.remove(MANAGEMENT)
    assert desk.run("templates", "--account", ACCOUNT) == 1
    assert "templates stopped: (200)" in desk.bad[0]
    assert "give the system user full control" in desk.printed

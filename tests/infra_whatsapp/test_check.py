"""`check`: what it sees in a token, a secret, a number and an account, and what it says to do."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.local.whatsapp_business import MANAGEMENT, MESSAGING
from tests.infra_local.whatsapp_office import SECRET
from tests.infra_whatsapp.conftest import ACCOUNT, Desk


def in_days(days: int) -> int:
    """Then, in Unix seconds."""
    return int((datetime.now(UTC) + timedelta(days=days, hours=1)).timestamp())


def test_all_of_one_piece_is_well(desk: Desk) -> None:
    assert desk.run("check") == 0
    for line in (
        "ok   of the app 'Aduan' (634974688087057)", "ok   of a system user", "ok   it ends: never",
        f"ok   the right {MESSAGING}", f"ok   the right {MANAGEMENT}", "ok   the secret is the app's",
        "ok   +62 274 000 0000, 'Aduan Disdukcapil'", "ok   status: connected", "ok   quality: high",
        f"ok   'Disdukcapil' ({ACCOUNT})", "All is well.",
    ):  # fmt: skip
        assert f"{line}\n" in desk.printed
    assert desk.writes == []


def test_a_wrong_token_is_190_and_says_how_to_make_one(desk: Desk) -> None:
    desk.know("WHATSAPP_ACCESS_TOKEN", "another-token")
    assert desk.run("check") == 1
    assert desk.bad[0].startswith("Meta does not take the token (WHATSAPP_ACCESS_TOKEN): (190) Invalid OAuth access")
    assert "do:    Make a new token of the system user" in desk.printed


def test_an_ended_token_is_told_apart(desk: Desk) -> None:
    desk.business.token.is_valid = False
    assert desk.run("check") == 1
    assert "(190/463) Error validating access token" in desk.bad[0]
    assert "means: The token's time has ended." in desk.printed


@pytest.mark.parametrize(("days", "code"), [(60, 0), (31, 0), (29, 1)])
def test_a_token_that_ends_soon_is_wrong_already(desk: Desk, days: int, code: int) -> None:
    desk.business.token.expires_at = in_days(days)
    assert desk.run("check") == code
    assert f"in {days} days" in desk.printed


def test_a_persons_token_is_wrong(desk: Desk) -> None:
    desk.business.token.kind = "USER"
    assert desk.run("check") == 1
    assert desk.bad == ["not of a system user, but of kind USER: it ends with that person's session"]


def test_a_missing_right_to_send_is_named(desk: Desk) -> None:
    desk.business.token.scopes.remove(MESSAGING)
    assert desk.run("check") == 1
    assert desk.bad == [f"the right {MESSAGING} is missing"]


def test_a_missing_right_to_manage_is_named_and_shuts_the_number(desk: Desk) -> None:
    desk.business.token.scopes.remove(MANAGEMENT)
    assert desk.run("check") == 1
    assert desk.bad[0] == f"the right {MANAGEMENT} is missing"
    assert desk.bad[1].startswith("Meta does not show the number (WHATSAPP_PHONE_NUMBER_ID): (200) ")


def test_rights_for_other_accounts_only_are_wrong(desk: Desk) -> None:
    desk.business.token.targets = [ACCOUNT]
    assert desk.run("check", "--account", ACCOUNT) == 0
    desk.business.token.targets = ["1"]
    assert desk.run("check", "--account", ACCOUNT) == 1
    assert desk.bad == [f"the right {right} is for other accounts: 1" for right in (MESSAGING, MANAGEMENT)]


def test_a_secret_of_another_app_is_wrong(desk: Desk) -> None:
    desk.know("WHATSAPP_APP_SECRET", "of-another-app")
    assert desk.run("check") == 1
    assert desk.bad == ["WHATSAPP_APP_SECRET is not the secret of the token's app"]
    assert "every message of WhatsApp is refused" in desk.printed


def test_while_a_secret_is_replaced_one_of_them_must_fit(desk: Desk) -> None:
    desk.know("WHATSAPP_APP_SECRET", f"on-its-way-out,{SECRET}")
    assert desk.run("check") == 0
    assert "secret 1 of 2 does not fit: (190)" in desk.printed
    assert "ok   secret 2 of 2 is the app's" in desk.printed


def test_a_number_that_the_token_does_not_see_is_told_by_what_to_compare(desk: Desk) -> None:
    desk.know("WHATSAPP_PHONE_NUMBER_ID", "999")
    assert desk.run("check") == 1
    assert desk.bad[0].startswith("Meta does not show the number (WHATSAPP_PHONE_NUMBER_ID): (100/33) ")
    assert "Compare WHATSAPP_PHONE_NUMBER_ID" in desk.printed


def test_a_number_of_another_account_is_wrong(desk: Desk) -> None:
    assert desk.run("check", "--account", "1") == 1
    assert desk.bad == [f"the number is in account {ACCOUNT}, not in 1"]


def test_where_meta_does_not_tell_the_account_it_must_be_given(desk: Desk) -> None:
    del desk.business.health["WABA"]
    assert desk.run("check") == 2
    assert "give --account" in desk.printed
    assert desk.run("check", "--account", ACCOUNT) == 0


@pytest.mark.parametrize(
    ("part", "state", "words"),
    [
        ("status", "FLAGGED", "status: in danger: its quality is low"),
        ("status", "BANNED", "status: banned"),
        ("quality_rating", "RED", "quality: low: many people have blocked or reported the number"),
        ("name_status", "DECLINED", "name: declined"),
    ],
)
def test_a_bad_state_of_the_number_says_what_to_do(desk: Desk, part: str, state: str, words: str) -> None:
    desk.business.number[part] = state
    assert desk.run("check") == 1
    assert desk.bad == [words]


def test_a_state_that_is_not_known_is_told_as_meta_says_it(desk: Desk) -> None:
    desk.business.number["status"] = "ON_HOLIDAY"
    assert desk.run("check") == 0
    assert "status: Meta says ON_HOLIDAY, which is not known here" in desk.printed


def test_a_field_that_meta_no_longer_has_is_left_out_and_said(desk: Desk) -> None:
    del desk.business.number["name_status"]
    desk.business.number["quality_rating"] = None
    assert desk.run("check") == 0
    assert "Meta has no 'name_status' in this version" in desk.printed
    assert "quality" not in desk.printed


def test_an_account_under_review_by_meta_is_wrong_once_it_is_rejected(desk: Desk) -> None:
    desk.business.waba["account_review_status"] = "REJECTED"
    assert desk.run("check") == 1
    assert desk.bad == ["review: rejected"]

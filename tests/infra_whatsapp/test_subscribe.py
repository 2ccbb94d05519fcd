"""`subscribe`: Meta calls the real function, and messages come from then on."""

import pytest
from flask import Flask

from infra.local.whatsapp_business import MANAGEMENT
from tests.infra_local.receiver import serving
from tests.infra_whatsapp.conftest import ACCOUNT, Desk


@pytest.fixture(autouse=True)
def _nothing_is_subscribed(desk: Desk) -> None:
    desk.business.subscribed = False


def subscribe(desk: Desk, *more: str, to: str | None = None) -> int:
    return desk.run("subscribe", "--callback", to or desk.webhook, *more)


def test_the_function_gives_meta_its_challenge_and_both_subscriptions_stand(desk: Desk) -> None:
    assert subscribe(desk) == 0
    assert desk.shaken == ["subscribe"]
    assert desk.business.subscribed
    assert desk.business.subscription == {
        "object": "whatsapp_business_account", "callback_url": desk.webhook, "active": True,
        "fields": [{"name": "messages", "version": "v26.0"}],
    }  # fmt: skip
    assert f"ok   webhooks go to {desk.webhook}" in desk.printed
    assert "ok   the app is on the account's list" in desk.printed


def test_messages_come_from_then_on(desk: Desk) -> None:
    assert subscribe(desk) == 0
    assert desk.meta.webhook_url == desk.webhook


def test_what_was_subscribed_stays_and_the_old_address_is_told(desk: Desk) -> None:
    subscribe(desk)
    assert desk.business.subscription is not None
    desk.business.subscription["fields"].append({"name": "account_update", "version": "v26.0"})
    desk.business.subscription["callback_url"] = "https://before.example/"
    assert subscribe(desk) == 0
    assert [field["name"] for field in desk.business.subscription["fields"]] == ["account_update", "messages"]
    assert "the address was https://before.example/" in desk.printed


def test_an_address_of_the_accounts_own_is_taken_away(desk: Desk) -> None:
    desk.business.subscribed, desk.business.override = True, "https://elsewhere.example/"
    assert subscribe(desk) == 0
    assert desk.business.override is None


def test_an_address_of_the_numbers_own_is_told(desk: Desk) -> None:
    desk.business.number["webhook_configuration"] = {"phone_number": "https://elsewhere.example/"}
    assert subscribe(desk) == 1
    assert desk.bad == ["the number sends its webhooks elsewhere: https://elsewhere.example/"]


def test_another_verify_token_than_the_functions_changes_nothing(desk: Desk) -> None:
    desk.know("WHATSAPP_VERIFY_TOKEN", "of-another-office")
    assert subscribe(desk) == 1
    assert "(2200)" in desk.bad[0]
    assert "HTTP Status Code = 403" in desk.bad[0]
    assert "HTTP 403: the function has another WHATSAPP_VERIFY_TOKEN than you." in desk.printed
    assert (desk.business.subscription, desk.business.subscribed) == (None, False)


def test_an_address_where_nobody_is_changes_nothing(desk: Desk) -> None:
    assert subscribe(desk, to="http://127.0.0.1:9/") == 1
    assert "HTTP Status Code = 0" in desk.bad[0]
    assert desk.business.subscription is None


def test_an_address_where_something_else_answers_changes_nothing(desk: Desk) -> None:
    page = Flask("page")
    page.add_url_rule("/", "page", lambda: "<html>")
    with serving(page) as address:
        assert subscribe(desk, to=f"{address}/") == 1
    assert "Response does not match challenge" in desk.bad[0]
    assert desk.business.subscription is None


def test_a_secret_of_another_app_is_told_as_that(desk: Desk) -> None:
    desk.know("WHATSAPP_APP_SECRET", "of-another-app")
    assert subscribe(desk) == 1
    assert "means: WHATSAPP_APP_SECRET is not the secret of the token's app." in desk.printed
    assert desk.shaken == []


def test_the_secret_that_fits_is_used_while_one_is_replaced(desk: Desk) -> None:
    desk.know("WHATSAPP_APP_SECRET", f"on-its-way-out,{desk.meta.account.app_secret}")
    assert subscribe(desk) == 0


def test_a_token_without_the_right_gets_as_far_as_the_account(desk: Desk) -> None:
    desk.business.token.scopes.remove(MANAGEMENT)
    assert subscribe(desk, "--account", ACCOUNT) == 1
    assert "subscribe stopped: (200)" in desk.bad[0]
    assert not desk.business.subscribed


def test_a_dry_run_shows_what_it_would_do_and_calls_nobody(desk: Desk) -> None:
    assert subscribe(desk, "--dry-run") == 0
    assert (desk.writes, desk.shaken, desk.business.subscription) == ([], [], None)
    app, base = desk.business.app_id, f"{desk.meta.base_url}/v26.0"
    assert f"NOT MADE: POST {base}/{app}/subscriptions\n" in desk.printed
    assert f"     callback_url = {desk.webhook}\n" in desk.printed
    assert "     verify_token = (WHATSAPP_VERIFY_TOKEN)\n" in desk.printed
    assert f"     Authorization: Bearer {app}|(WHATSAPP_APP_SECRET)\n" in desk.printed
    assert f"NOT MADE: POST {base}/{ACCOUNT}/subscribed_apps\n" in desk.printed


@pytest.mark.parametrize("address", ["http://kantor.example/", "kantor.example", "https://"])
def test_an_address_that_meta_cannot_take_is_not_even_tried(desk: Desk, address: str) -> None:
    assert subscribe(desk, to=address) == 2
    assert "an https:// address is expected" in desk.printed
    assert desk.asked == []

"""`health`: what stops a message on its way out, or in."""

from typing import Any

import pytest

from tests.infra_whatsapp.conftest import Desk


@pytest.fixture
def well(desk: Desk) -> Desk:
    """Everything is set up."""
    desk.register()
    desk.meta.webhook_url = desk.webhook
    return desk


def test_all_is_well_and_is_shown(well: Desk) -> None:
    assert well.run("health", "--callback", well.webhook) == 0
    for line in (
        "ok   quality: high", "     people to whom it may write first, in 24 hours: 2,000",
        "     throughput: 80 messages a second", "ok   the phone number: yes", "ok   the WhatsApp account: yes",
        "ok   the business: yes", "ok   the app: yes", "ok   aduan_alert: approved",
        f"ok   webhooks go to {well.webhook}", "ok   the app is on the account's list",
    ):  # fmt: skip
        assert f"{line}\n" in well.printed
    assert well.writes == []


def test_what_is_blocked_is_told_with_metas_solution(well: Desk) -> None:
    problem = {
        "error_code": 141006, "error_description": "There is an error with the payment method.",
        "possible_solution": "There was an error with your payment method. Please add a new one.",
    }  # fmt: skip
    well.business.health["WABA"] |= {"can_send_message": "BLOCKED", "errors": [problem]}
    assert well.run("health") == 1
    assert well.bad == ["the WhatsApp account: no (141006) There is an error with the payment method."]
    assert "do:    There was an error with your payment method. Please add a new one." in well.printed


@pytest.mark.parametrize(
    ("change", "line", "do"),
    [
        ({"can_send_message": "BLOCKED"}, ["the phone number: no, and Meta does not say why"], "WhatsApp Manager"),
        ({"can_send_message": "LIMITED", "additional_info": ["Your display name has not been approved yet."]},
         ["the phone number: with limits"], "do:    Your display name has not been approved yet."),
        ({"can_send_message": "LIMITED"}, ["the phone number: with limits"], "do:    Look at WhatsApp Manager."),
        ({"can_send_message": "PERHAPS"}, [], "the phone number: Meta says PERHAPS, which is not known here"),
    ],
)  # fmt: skip
def test_what_is_limited_or_blocked_without_a_reason(well: Desk, change: Any, line: list[str], do: str) -> None:
    well.business.health["PHONE_NUMBER"] |= change
    assert well.run("health") == len(line)
    assert well.bad == line
    assert do in well.printed


def test_a_health_that_meta_does_not_tell_is_said_to_be_so(well: Desk) -> None:
    well.business.number["health_status"] = None
    assert well.run("health", "--account", well.meta.account.business_account_id) == 0
    assert "Meta says nothing about it" in well.printed


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PENDING", "being reviewed: until that is done it cannot be sent; a day at most"),
        ("REJECTED", "rejected (TAG_CONTENT_MISMATCH)"),
        ("PAUSED", "paused, for people disliked it (TAG_CONTENT_MISMATCH)"),
        ("DISABLED", "stopped for good (TAG_CONTENT_MISMATCH)"),
    ],
)
def test_a_template_that_cannot_be_sent_is_wrong(well: Desk, status: str, words: str) -> None:
    well.business.review("aduan_alert", status, "TAG_CONTENT_MISMATCH")
    assert well.run("health") == 1
    assert well.bad == [f"aduan_alert: {words}"]


def test_a_template_that_is_missing_or_another_is_wrong(well: Desk) -> None:
    del well.business.templates["aduan_alert"]
    well.business.templates["aduan_answer"]["components"][0]["text"] = "Nomor {{1}} dijawab."
    assert well.run("health") == 1
    assert well.bad == ["aduan_alert: Meta does not have it", "aduan_answer: its text at Meta is another than here"]
    assert well.writes == []


def test_without_a_webhook_no_message_comes(desk: Desk) -> None:
    desk.register()
    desk.business.subscribed = False
    assert desk.run("health") == 1
    assert desk.bad == [
        "the app has no webhook for WhatsApp: no message comes",
        "the app is not on the account's list: no message comes",
    ]
    assert "do:    Run `subscribe --callback <address>`" in desk.printed


def test_a_webhook_that_hears_of_other_things_is_wrong(well: Desk) -> None:
    assert well.business.subscription is not None
    well.business.subscription["fields"] = [{"name": "account_update", "version": "v26.0"}]
    assert well.run("health") == 1
    assert well.bad == ["the app's webhook does not hear of messages: no message comes"]


def test_a_webhook_that_goes_elsewhere_is_wrong(well: Desk) -> None:
    assert well.run("health", "--callback", "https://kantor.example/") == 1
    assert well.bad == [f"webhooks go to {well.webhook}, not to https://kantor.example/"]


def test_an_account_with_an_address_of_its_own_is_wrong(well: Desk) -> None:
    well.business.override = "https://elsewhere.example/"
    assert well.run("health") == 1
    assert well.bad == ["the account sends its webhooks elsewhere: https://elsewhere.example/"]


def test_each_part_is_looked_at_whatever_happens_to_another(well: Desk) -> None:
    well.know("WHATSAPP_APP_SECRET", "of-another-app")
    assert well.run("health") == 1
    assert [line.split(":")[0] for line in well.bad] == ["Meta does not show the app's webhook"]
    assert "ok   the app is on the account's list" in well.printed

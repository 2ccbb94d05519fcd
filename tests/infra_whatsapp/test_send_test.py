"""`send-test`: what the program would send arrives; each refusal of Meta's is explained."""

import pytest

from infra.local.whatsapp_business import MESSAGING
from infra.local.whatsapp_errors import CATALOGUE
from infra.whatsapp.explanations import EXPLANATIONS
from infra.whatsapp.templates_file import read_templates
from tests.infra_whatsapp.conftest import PHONE, Desk

UNKNOWN = "This table does not know the error."


@pytest.fixture
def registered(desk: Desk) -> Desk:
    desk.register()
    return desk


@pytest.mark.parametrize("name", list(read_templates()))
def test_each_template_arrives_with_its_examples(registered: Desk, name: str) -> None:
    assert registered.run("send-test", "0812-3456-7890", "--template", name) == 0
    (message,) = registered.meta.citizen(PHONE).inbox
    template = read_templates()[name]
    assert (message.template, [option.title for option in message.options]) == (name, template.buttons)
    assert all(example in message.text for example in template.examples)
    assert {option.id for option in message.options} == {"acknowledged"}
    assert f"ok   Meta took {name} for {PHONE} ({message.id})" in registered.printed


def test_a_dry_run_sends_nothing(registered: Desk) -> None:
    assert registered.run("send-test", PHONE, "--dry-run") == 0
    assert (registered.writes, registered.meta.sent) == ([], ())
    assert '     template = {"name": "aduan_alert", "language": {"code": "id"}' in registered.printed


def test_one_that_is_not_approved_yet_does_not_go(desk: Desk) -> None:
    desk.run("templates")
    assert desk.run("send-test", PHONE) == 1
    assert "send-test stopped: (132001)" in desk.bad[0]


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)])
def test_one_that_meta_has_stopped_does_not_go(registered: Desk, status: str, code: int) -> None:
    registered.business.review("aduan_alert", status)
    assert registered.run("send-test", PHONE) == 1
    assert f"({code})" in registered.bad[0]
    assert EXPLANATIONS[code].meaning in registered.printed


def test_a_token_without_the_right_to_send_is_10(registered: Desk) -> None:
    registered.business.token.scopes.remove(MESSAGING)
    assert registered.run("send-test", PHONE) == 1
    assert "send-test stopped: (10)" in registered.bad[0]
    assert "give the system user full control" in registered.printed


def test_every_error_of_metas_is_explained_with_what_to_do(registered: Desk) -> None:
    for code in sorted(set(CATALOGUE) - {15, 2200}):
        registered.meta.fail_next(code=code)
        assert registered.run("send-test", PHONE) == 1
        assert f"send-test stopped: ({code})" in registered.bad[0]
        assert UNKNOWN not in registered.printed
        assert "means: " in registered.printed
        assert "do:    " in registered.printed


@pytest.mark.parametrize(
    ("http", "means"), [(503, "Meta is overloaded"), (404, "What answered is not Meta."), (500, "Meta is overloaded")]
)
def test_an_answer_without_a_code_is_told_by_its_status(registered: Desk, http: int, means: str) -> None:
    registered.meta.fail_next(http=http)
    assert registered.run("send-test", PHONE) == 1
    assert f"(HTTP {http}) no explanation" in registered.bad[0]
    assert f"means: {means}" in registered.printed


def test_a_code_that_nobody_knows_is_said_to_be_so(registered: Desk) -> None:
    registered.meta.fail_next(code=987654)
    assert registered.run("send-test", PHONE) == 1
    assert f"means: {UNKNOWN}" in registered.printed


@pytest.mark.parametrize("phone", ["abc", "12", ""])
def test_what_is_no_phone_number_is_bad_usage(desk: Desk, phone: str) -> None:
    assert desk.run("send-test", phone) == 2
    assert "this cannot be a phone number" in desk.printed
    assert desk.asked == []

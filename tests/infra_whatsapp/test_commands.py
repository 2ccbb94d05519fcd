"""What holds for all commands: settings, secrets, exit codes, and the table of errors."""

import json
from pathlib import Path

import pytest

from aduan.adapters.whatsapp_errors import CODES
from aduan.adapters.whatsapp_payload import ErrorReport
from infra.local.running import ADDRESSES
from infra.whatsapp.__main__ import USES
from infra.whatsapp.explanations import explained
from tests.architecture.tree import TOP
from tests.infra_local.receiver import Answer, Receiver
from tests.infra_local.whatsapp_office import NUMBER_ID, SECRET, TOKEN, VERIFY
from tests.infra_whatsapp.conftest import PHONE, Desk

UNKNOWN = explained(ErrorReport(code=987654), 400)
ARGUMENTS: dict[str, list[str]] = {"subscribe": ["--callback"], "send-test": [PHONE]}


def typed(desk: Desk, command: str) -> list[str]:
    """A command as it is typed."""
    more = [desk.webhook] if command == "subscribe" else []
    return [command, *ARGUMENTS.get(command, []), *more]


@pytest.mark.parametrize("command", USES)
def test_a_missing_setting_is_named_and_nothing_is_asked(desk: Desk, command: str) -> None:
    for setting in USES[command]:
        if setting.required:
            with desk.environment.context() as environment:
                environment.delenv(setting.name)
                assert desk.run(*typed(desk, command)) == 2
                assert f"{setting.name} is missing" in desk.printed
                assert "infra/whatsapp/README.md" in desk.printed
    assert desk.asked == []


@pytest.mark.parametrize("command", USES)
def test_no_secret_is_ever_printed(desk: Desk, command: str) -> None:
    for more in (["--dry-run"], []):
        desk.run(*typed(desk, command), *more)
        assert desk.printed
        assert not any(secret in desk.printed for secret in (TOKEN, SECRET, VERIFY))


@pytest.mark.parametrize("command", USES)
def test_what_meta_repeats_of_a_secret_is_not_printed(desk: Desk, command: str) -> None:
    repeated = f"wrong: {TOKEN}, {SECRET}, {VERIFY}, EAA{'x' * 40}"
    body = json.dumps({"error": {"message": repeated, "code": 1}}).encode()
    desk.know("WHATSAPP_APP_SECRET", SECRET)
    with Receiver() as parrot:
        parrot.answer = lambda _: Answer(400, body=body)
        desk.know("WHATSAPP_API_BASE", parrot.url)
        assert desk.run(*typed(desk, command)) == 1
    used = {setting.name for setting in USES[command]}
    assert TOKEN not in desk.printed
    assert SECRET not in desk.printed or "WHATSAPP_APP_SECRET" not in used
    assert VERIFY not in desk.printed or "WHATSAPP_VERIFY_TOKEN" not in used
    assert "EAAxxx" not in desk.printed
    assert "(WHATSAPP_ACCESS_TOKEN)" in desk.printed


@pytest.mark.parametrize("command", USES)
def test_where_nobody_answers_the_network_is_named(desk: Desk, command: str) -> None:
    desk.know("WHATSAPP_API_BASE", "http://127.0.0.1:9")
    assert desk.run(*typed(desk, command)) == 1
    assert "no answer (ConnectError)" in desk.bad[0]
    assert "Look at this machine's network" in desk.printed


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": 1}', b'{"data": {"scopes": 1}}', b'{"data": {}}'])
@pytest.mark.parametrize("command", USES)
def test_whatever_answers_instead_of_meta_is_told_and_no_trace_is_printed(
    desk: Desk, command: str, body: bytes
) -> None:
    with Receiver() as page:
        page.answer = lambda _: Answer(200, body=body)
        desk.know("WHATSAPP_API_BASE", page.url)
        assert desk.run(*typed(desk, command)) in (1, 2)
    assert "Traceback" not in desk.printed


def test_no_command_is_bad_usage(desk: Desk) -> None:
    assert desk.run() == 2
    assert desk.run("dance") == 2
    assert desk.run("subscribe") == 2


@pytest.mark.parametrize("code", [code for codes in CODES.values() for code in codes if isinstance(code, int)])
def test_every_code_that_the_program_knows_is_in_the_operators_table(code: int) -> None:
    assert explained(ErrorReport(code=code), 400) != UNKNOWN


@pytest.mark.parametrize("code", [200, 299, 132099])
def test_the_codes_of_a_range_are_explained_together(code: int) -> None:
    assert explained(ErrorReport(code=code), 400) != UNKNOWN


def test_an_app_that_asks_for_a_proof_is_told_apart() -> None:
    message = "API calls from the server require an appsecret_proof argument"
    assert "Require App Secret" in explained(ErrorReport(code=100, message=message), 400).remedy


def running(folder: Path, desk: Desk) -> None:
    """`make run` runs, as far as its folder tells: its emulator's port is taken."""
    told = {
        "WHATSAPP_API_BASE": desk.meta.base_url, "WHATSAPP_ACCESS_TOKEN": TOKEN, "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID, "FIRESTORE_EMULATOR_HOST": desk.meta.base_url.removeprefix("http://"),
    }  # fmt: skip
    (folder / ADDRESSES).write_text(json.dumps(told), "utf-8")
    desk.know("ADUAN_RUN_DIR", str(folder))


def test_where_make_run_runs_it_is_that_whatsapp(desk: Desk, tmp_path: Path) -> None:
    running(tmp_path, desk)
    for setting in USES["check"]:
        desk.environment.delenv(setting.name, raising=False)
    assert desk.run("check") == 0


def test_two_whatsapps_at_once_are_one_too_many(desk: Desk, tmp_path: Path) -> None:
    running(tmp_path, desk)
    desk.know("WHATSAPP_ACCESS_TOKEN", "of-the-real-one")
    assert desk.run("check") == 2
    assert "`make run` is running here" in desk.printed
    assert desk.asked == []


def test_the_readme_tells_every_command_and_every_setting() -> None:
    readme = (TOP / "infra" / "whatsapp" / "README.md").read_text("utf-8")
    assert all(f"`{command}" in readme for command in USES)
    assert all(f"`{setting.name}`" in readme for used in USES.values() for setting in used)

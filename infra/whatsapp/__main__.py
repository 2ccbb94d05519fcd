"""`python -m infra.whatsapp COMMAND`, or `make whatsapp DO=COMMAND`: what it is told, and how it ends."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from aduan import settings as names
from aduan.environment import Setting, SettingError, Surroundings
from aduan.service.phones import e164
from aduan.setting_values import url
from aduan.settings import Settings
from infra.local.running import told_by_run
from infra.whatsapp.checking import check
from infra.whatsapp.graph import Graph
from infra.whatsapp.health import health
from infra.whatsapp.office import NoAccount, Office, Secrets
from infra.whatsapp.refusals import NoAnswer, Refused
from infra.whatsapp.registering import register
from infra.whatsapp.screen import Screen
from infra.whatsapp.sending import send_test
from infra.whatsapp.subscribing import subscribe
from infra.whatsapp.templates_file import BadTemplates, read_templates

WELL, WRONG, MISUSED = 0, 1, 2

_GRAPH: Final = (
    names.WHATSAPP_API_BASE, names.WHATSAPP_API_VERSION, names.WHATSAPP_ACCESS_TOKEN, names.WHATSAPP_PHONE_NUMBER_ID
)  # fmt: skip
_APP: Final = (*_GRAPH, names.WHATSAPP_APP_SECRET)
USES: Final[Mapping[str, tuple[Setting[Any], ...]]] = {
    "check": _APP,
    "subscribe": (*_APP, names.WHATSAPP_VERIFY_TOKEN),
    "templates": _GRAPH,
    "send-test": _GRAPH,
    "health": _APP,
}
"""The settings of each command."""


class Unclear(Exception):
    """One line for the operator: which WhatsApp is meant?"""


_Command = Callable[[Office, argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 if all is well, 1 if something is wrong, 2 if it was not told what it needs."""
    try:
        asked = _parser().parse_args(arguments)
        settings = Settings(surroundings(os.environ, Path(os.environ.get("ADUAN_RUN_DIR", ".run"))))
        settings.check(USES[asked.name])
        return _run(asked, settings)
    except (SettingError, NoAccount, BadTemplates, Unclear) as problem:
        print(problem, "(infra/whatsapp/README.md says where each thing comes from)", file=sys.stderr)
        return MISUSED


def surroundings(environ: Mapping[str, str], run_folder: Path) -> Mapping[str, str]:
    """What `make run` told its functions, if it runs here; otherwise the environment. Raises `Unclear`."""
    here, token = told_by_run(run_folder), names.WHATSAPP_ACCESS_TOKEN.name
    if here is not None and environ.get(token, here[token]) != here[token]:
        raise Unclear(f"`make run` is running here, and {token} is of another WhatsApp: stop it, or unset that")
    return here or environ


def _run(asked: argparse.Namespace, settings: Settings) -> int:
    secrets, masks = _secrets(settings, USES[asked.name])
    screen = Screen(print, masks)
    base, version = settings[names.WHATSAPP_API_BASE], settings[names.WHATSAPP_API_VERSION]
    number_id = settings[names.WHATSAPP_PHONE_NUMBER_ID]
    screen.note(f"number {number_id} at {base}/{version}")
    if asked.dry_run:
        screen.note("a dry run: what only reads is done, what writes is shown and not done")
    graph = Graph(base, version, secrets.token, screen, dry_run=asked.dry_run)
    command: _Command = asked.command
    try:
        command(Office(graph, screen, secrets, number_id, asked.account), asked)
    except (Refused, NoAnswer) as why:
        screen.refused(f"{asked.name} stopped", why)
    finally:
        graph.close()
    if screen.problems:
        screen.heading(f"Something is wrong ({screen.problems}): see BAD above.")
        return WRONG
    screen.heading("Nothing was changed." if asked.dry_run else "All is well.")
    return WELL


def _secrets(settings: Settings, used: Sequence[Setting[Any]]) -> tuple[Secrets, dict[str, str]]:
    """The secrets that a command uses, and the name that is shown for each of them."""
    app = settings[names.WHATSAPP_APP_SECRET] if names.WHATSAPP_APP_SECRET in used else ()
    verify = settings[names.WHATSAPP_VERIFY_TOKEN] if names.WHATSAPP_VERIFY_TOKEN in used else ""
    token = settings[names.WHATSAPP_ACCESS_TOKEN]
    masks = dict.fromkeys(app, names.WHATSAPP_APP_SECRET.name)
    if verify:
        masks[verify] = names.WHATSAPP_VERIFY_TOKEN.name
    return Secrets(token, app, verify), masks | {token: names.WHATSAPP_ACCESS_TOKEN.name}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.whatsapp", description="WhatsApp's side of the office.",
        epilog="Everything else is in the environment: infra/whatsapp/README.md.",
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command", dest="name")

    def add(name: str, words: str, command: _Command) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=words, description=words)
        one.add_argument("--dry-run", action="store_true", help="show every request; make none that writes")
        one.add_argument("--account", metavar="ID", help="the WhatsApp account, if Meta does not tell it")
        one.set_defaults(command=command)
        return one

    add("check", "token, app secret, number, account: of one piece, and with their rights?", _check)
    subscribing = add("subscribe", "let WhatsApp's messages come to the webhook", _subscribe)
    subscribing.add_argument("--callback", required=True, type=_address, metavar="URL", help="the webhook's address")
    registering = add("templates", "register the templates of infra/whatsapp/templates.toml", _templates)
    registering.add_argument("--edit", action="store_true", help="change those too that are in use")
    sending = add("send-test", "send a template to a phone of the office's own", _send_test)
    sending.add_argument("phone", type=_phone, metavar="PHONE", help="like 0812… or +62812…")
    sending.add_argument("--template", default="aduan_alert", choices=list(read_templates()), help="which one")
    looking = add("health", "would a message go out now, and would one come in?", _health)
    looking.add_argument("--callback", type=_address, metavar="URL", help="the address where webhooks should go")
    return parser


def _check(office: Office, asked: argparse.Namespace) -> None:
    del asked
    check(office, datetime.now(UTC))


def _subscribe(office: Office, asked: argparse.Namespace) -> None:
    subscribe(office, asked.callback)


def _templates(office: Office, asked: argparse.Namespace) -> None:
    register(office, read_templates(), edit=asked.edit)


def _send_test(office: Office, asked: argparse.Namespace) -> None:
    send_test(office, asked.phone, asked.template, read_templates()[asked.template])


def _health(office: Office, asked: argparse.Namespace) -> None:
    health(office, read_templates(), asked.callback)


def _address(text: str) -> str:
    try:
        return url(text, Surroundings())
    except ValueError:
        raise argparse.ArgumentTypeError("an https:// address is expected") from None


def _phone(text: str) -> str:
    number = e164(text)
    if number is None:
        raise argparse.ArgumentTypeError("this cannot be a phone number")
    return number


if __name__ == "__main__":
    sys.exit(main())

"""A simulated Meta, the real webhook function behind an address, and the commands as they are typed."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask, Response, request

from aduan import handlers
from aduan.bootstrap import House
from aduan.settings import Settings
from infra.local.whatsapp import WhatsAppSimulator
from infra.local.whatsapp_business import Business
from infra.whatsapp.__main__ import main
from infra.whatsapp.templates_file import read_templates
from tests.infra_local.receiver import serving
from tests.infra_local.whatsapp_office import NUMBER_ID, SECRET, TOKEN, VERIFY

ACCOUNT = "102290129340398"
PHONE = "+6281234567890"


@dataclass
class Desk:
    """Where the technician sits: Meta, the webhook's address, and what was printed last."""

    meta: WhatsAppSimulator
    webhook: str
    capsys: pytest.CaptureFixture[str]
    environment: pytest.MonkeyPatch
    asked: list[tuple[str, str]] = field(default_factory=list)
    shaken: list[str] = field(default_factory=list)
    printed: str = ""

    @property
    def business(self) -> Business:
        return self.meta.business

    def run(self, *arguments: str) -> int:
        """One command; its exit code."""
        self.asked.clear()
        try:
            code = main(arguments)
        except SystemExit as end:  # argparse's
            code = int(str(end.code))
        captured = self.capsys.readouterr()
        self.printed = captured.out + captured.err
        return code

    def know(self, setting: str, value: str) -> None:
        """Set one variable of the technician's environment."""
        self.environment.setenv(setting, value)

    @property
    def bad(self) -> list[str]:
        """The lines that are wrong."""
        return [line.removeprefix("BAD  ") for line in self.printed.splitlines() if line.startswith("BAD")]

    @property
    def writes(self) -> list[str]:
        """The paths that were written to by the last command."""
        return [path for method, path in self.asked if method == "POST"]

    def register(self) -> None:
        """All templates of the file are at Meta, and approved."""
        for name, template in read_templates().items():
            known = {"name": name, "language": template.language, "category": template.category}
            self.business.create(known | {"components": copy.deepcopy(template.components)})
            self.business.review(name, "APPROVED")


@dataclass
class Webhook:
    """The real function's address, and how it was asked."""

    address: str
    shaken: list[str]


@pytest.fixture(scope="session")
def webhook() -> Iterator[Webhook]:
    """The function that Meta's handshake comes to, for the whole run: it keeps nothing."""
    function, house = Flask("webhook"), House(Settings({"WHATSAPP_VERIFY_TOKEN": VERIFY}))
    shaken: list[str] = []

    @function.route("/", methods=["GET"])
    def answer() -> Response:
        shaken.append(request.args.get("hub.mode", ""))
        return handlers.whatsapp_webhook(house, request)

    with serving(function) as address:
        yield Webhook(f"{address}/", shaken)


@pytest.fixture
def desk(webhook: Webhook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    meta = WhatsAppSimulator(NUMBER_ID, TOKEN, SECRET, VERIFY)
    webhook.shaken.clear()
    with meta.serve():
        desk = Desk(meta, webhook.address, capsys, monkeypatch, shaken=webhook.shaken)
        meta.app.before_request(lambda: desk.asked.append((request.method, request.path)))
        for setting, value in (
            ("WHATSAPP_API_BASE", meta.base_url), ("WHATSAPP_ACCESS_TOKEN", TOKEN), ("WHATSAPP_APP_SECRET", SECRET),
            ("WHATSAPP_VERIFY_TOKEN", VERIFY), ("WHATSAPP_PHONE_NUMBER_ID", NUMBER_ID),
            ("ADUAN_RUN_DIR", "nothing runs here"),
        ):  # fmt: skip
            desk.know(setting, value)
        yield desk

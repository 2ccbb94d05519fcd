"""The office's side for tests of the simulated WhatsApp: a clock to steer, a webhook, a Graph client."""

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from infra.local.whatsapp import WhatsAppSimulator
from tests.infra_local.receiver import Answer, Received, Receiver

NUMBER_ID = "106540352242922"
TOKEN = "a-token"  # noqa: S105 - made up
SECRET = "an-app-secret"  # noqa: S105 - made up
VERIFY = "a-verify-token"
SITI = "+6281234567890"
REPLY: dict[str, object] = {"type": "text", "text": {"body": "Baik."}}
TEMPLATES = {"aduan_alert": (2, 1), "aduan_reminder": (0, 0)}
BODIES = {"aduan_alert": "Aduan {{1}}: tenggat {{2}}.", "aduan_reminder": "Mohon lengkapi aduan Anda."}
BUTTONS = {"aduan_alert": ["Saya tangani"]}


@dataclass
class Clock:
    """Time that moves only when told."""

    now: datetime = datetime(2026, 11, 24, 7, 5, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class Office:
    """A running simulator, a webhook that writes down what comes, and the calls that functions would make."""

    sim: WhatsAppSimulator
    webhook: Receiver
    clock: Clock
    graph: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # everything is on this machine
        self.graph = httpx.Client(base_url=self.sim.base_url, headers=headers, trust_env=False, verify=no_tls)

    def send(self, to: str = SITI, **message: object) -> httpx.Response:
        return self.post({"to": to} | (message or REPLY))

    def post(self, body: Mapping[str, Any]) -> httpx.Response:
        return self.graph.post(f"/v26.0/{NUMBER_ID}/messages", json={"messaging_product": "whatsapp"} | dict(body))

    def sent_id(self, to: str = SITI, **message: object) -> str:
        answer = self.send(to, **message)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["messages"][0]["id"])

    @property
    def values(self) -> list[dict[str, Any]]:
        """The `value` of every change of every webhook, in order."""
        bodies = [json.loads(request.body) for request in self.webhook.requests if request.method == "POST"]
        return [change["value"] for body in bodies for entry in body["entry"] for change in entry["changes"]]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values for message in value.get("messages", [])]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        return [status for value in self.values for status in value.get("statuses", [])]

    def answer_with(self, *statuses: int) -> None:
        """The next webhooks are answered with these statuses, all later ones with 200."""
        waiting = list(statuses)
        self.webhook.answer = lambda _: Answer(waiting.pop(0) if waiting else 200)


def confirm_handshake(request: Received) -> Answer:
    """What the office's webhook answers to a handshake."""
    query = parse_qs(urlsplit(request.target).query)
    if query["hub.mode"] == ["subscribe"] and query["hub.verify_token"] == [VERIFY]:
        return Answer(200, body=query["hub.challenge"][0].encode())
    return Answer(403)


@contextmanager
def open_office(**settings: object) -> Iterator[Office]:
    """An office with everything running on this machine."""
    clock = Clock()
    given: dict[str, Any] = {
        "phone_number_id": NUMBER_ID,
        "access_token": TOKEN,
        "app_secret": SECRET,
        "verify_token": VERIFY,
        "clock": clock,
        "templates": TEMPLATES,
        "template_bodies": BODIES,
        "template_buttons": BUTTONS,
    }
    given.update(settings)
    with Receiver() as webhook:
        sim = WhatsAppSimulator(webhook_url=webhook.url, **given)
        with sim.serve():
            office = Office(sim, webhook, clock)
            with office.graph:
                yield office

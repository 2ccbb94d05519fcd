"""The people of a load: citizens and their phones, and staff at their desks, all by the ways that are open to them."""

import http.client
import json
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from infra.local import stack
from infra.local.identity import LocalIdentity
from infra.local.stack import Stack
from infra.local.whatsapp_courier import SIGNATURE_HEADER, as_meta_writes_it
from infra.local.whatsapp_exchange import Answer, Behaviour
from infra.local.whatsapp_phone import Phone
from tests.load.posting import Answered, request

_NUMBER: Final = re.compile(r"ADU-\d{6}-[0-9A-Z]{5}")
_TOKEN_SECONDS: Final = 300.0  # of the ten minutes that it is valid
_TRIES: Final = 30


@dataclass
class Office:
    """Everything that the stories do goes through here, and is timed and counted."""

    stack: Stack
    identity: LocalIdentity
    webhook_seconds: list[float] = field(default_factory=list)
    act_seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, tuple[float, str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, running: Stack, folder: Path) -> "Office":
        """An office on this stack, whose phones report only what `Phones` lets them."""
        running.whatsapp.exchange.behaviour = Behaviour(auto_status=None)
        return cls(running, LocalIdentity(folder / "keys"))

    # Citizens

    def phone(self, number: str) -> Phone:
        return self.stack.whatsapp.citizen(number, name="Siti")

    def write(self, phone: Phone, text: str) -> bool:
        """Whether the webhook took it."""
        return self.deliver(phone.write(text, deliver=False))

    def deliver(self, webhook: Answer) -> bool:
        """Post a webhook as Meta does. Where it was not taken, it is to be posted again."""
        if isinstance(webhook, int):
            raise TypeError("this webhook was posted already")
        body = as_meta_writes_it(webhook)
        headers = {SIGNATURE_HEADER: self.stack.whatsapp.sign(body), "Content-Type": "application/json"}
        answer = self._ask("whatsapp_webhook", "POST", "/", headers, body)
        self.webhook_seconds.append(answer.seconds)
        return answer.status == HTTPStatus.OK

    # Staff

    def complaint(self, number: str, email: str) -> dict[str, Any]:
        """As the portal tells it; empty where it did not answer."""
        answer = self._ask("staff_portal", "GET", f"/aduan/{number}", self._headers(email), b"")
        return json.loads(answer.body) if answer.status == HTTPStatus.OK else {}

    def all_numbers(self, email: str) -> list[str]:
        """Of every complaint that the office lists."""
        numbers: list[str] = []
        path: str | None = "/aduan"
        while path is not None:
            page = json.loads(self._ask("staff_portal", "GET", path, self._headers(email), b"").body)
            numbers += [str(complaint["number"]) for complaint in page["complaints"]]
            path = f"/aduan?cursor={page['next']}" if page["next"] else None
        return numbers

    def act(self, seen: Mapping[str, Any], act: str, email: str, **fields: str) -> bool:
        """Act on a complaint as it was seen; whether it was done."""
        body = {"version": seen["version"], "request_id": secrets.token_hex(16), **fields}
        headers = self._headers(email) | {"Content-Type": "application/json", "X-Requested-With": "load"}
        answer = self._ask("staff_portal", "POST", f"/aduan/{seen['number']}/{act}", headers, json.dumps(body).encode())
        self.act_seconds.append(answer.seconds)
        return answer.status == HTTPStatus.OK

    def _headers(self, email: str) -> dict[str, str]:
        with self.lock:
            made, token = self.tokens.get(email, (0.0, ""))
            if time.monotonic() - made > _TOKEN_SECONDS or not token:
                token = self.identity.mint_iap(email, stack.IAP_AUDIENCE)
                self.tokens[email] = (time.monotonic(), token)
        return {"X-Goog-IAP-JWT-Assertion": token, "Accept": "application/json"}

    def _ask(self, target: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
        port = urlsplit(self.stack.function_urls[target]).port or 0
        try:
            answer = request(port, method, path, headers, body)
        except (OSError, http.client.HTTPException) as error:
            answer = Answered(0, 0.0, repr(error).encode())
        if answer.status != HTTPStatus.OK:
            self.errors[f"{target} {path.rpartition('/')[2] if method == 'POST' else 'GET'}: {answer.status}"] += 1
        return answer


def number_on(phone: Phone) -> str | None:
    """The complaint's number, once its citizen was told it."""
    found = (_NUMBER.search(message.text) for message in phone.inbox)
    return next((match.group() for match in found if match), None)


@dataclass
class Phones:
    """Reports each message of ours sent and delivered, as phones do; one that is off takes nothing until it is on."""

    office: Office
    off: set[str] = field(default_factory=set)
    waiting: list[str] = field(default_factory=list)
    seen: int = 0

    def look(self) -> list[tuple[str, str]]:
        """What is to be reported now: wamid and state, in order."""
        new = self.office.stack.whatsapp.sent[self.seen :]
        self.seen += len(new)
        held, self.waiting = self.waiting, []
        reports = [(sent.id, "sent") for sent in new]
        for wamid in [*held, *(sent.id for sent in new)]:
            if self._is_off(wamid):
                self.waiting.append(wamid)
            else:
                reports.append((wamid, "delivered"))
        return reports

    def _is_off(self, wamid: str) -> bool:
        book = self.office.stack.whatsapp.book
        message = book.message(wamid)
        return message is not None and book.phone(message.phone_id).phone in self.off

    def report(self, wamid: str, state: Any) -> None:
        """Until it is taken; it is an error of the load where it never is."""
        webhook = self.office.stack.whatsapp.status(wamid, state, deliver=False)
        for _ in range(_TRIES):
            if self.office.deliver(webhook):
                return
            time.sleep(1)
        self.office.errors["statuses given up"] += 1

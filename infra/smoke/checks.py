"""What must hold of a release before citizens meet it, each as one check with one sentence for a person."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode, urlsplit

from infra.smoke.asking import Answer, NoAnswer, ask

IAPS_DOOR: Final = "accounts.google.com"
_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_NOT_THERE_FOR_STRANGERS: Final = _REFUSED | {HTTPStatus.NOT_FOUND}
"""From the internet an internal service is not to be found; from inside, Cloud Run or the function refuses."""

TEXT: Final = "Uji coba rilis. Abaikan pesan ini."


@dataclass(frozen=True)
class Release:
    """Where one release is, and what Meta would know.

    `test_number` (international, digits only) is a phone of the office's own: it gets a draft, and the bot's reply.
    `name` is the release's own: the same one again sends the same message, which is then kept once.
    """

    webhook: str
    portal: str
    handlers: Mapping[str, str]
    app_secret: str
    verify_token: str
    phone_number_id: str
    test_number: str
    name: str


Check = Callable[[Release], str | None]
"""None if all is well, otherwise what is wrong."""


def handshake(release: Release) -> str | None:
    """Meta's handshake is answered with its challenge."""
    challenge = secrets.token_hex(8)
    answer = _shake_hands(release, release.verify_token, challenge)
    right = answer.status == HTTPStatus.OK and answer.body == challenge.encode()
    return None if right else _said(answer)


def stranger_shakes_hands(release: Release) -> str | None:
    """A handshake without Meta's token is refused."""
    answer = _shake_hands(release, secrets.token_hex(8), "1")
    return None if answer.status == HTTPStatus.FORBIDDEN else _said(answer)


def forged_signature(release: Release) -> str | None:
    """A message that Meta did not sign is refused."""
    answer = _post_message(release, secrets.token_hex(32))
    return None if answer.status == HTTPStatus.UNAUTHORIZED else _said(answer)


def signed_message(release: Release) -> str | None:
    """A signed message of the test number is kept: from the webhook to the record, with queue and key."""
    answer = _post_message(release, release.app_secret.split(",")[0].strip())
    return None if answer.status == HTTPStatus.OK else _said(answer)


def portal_is_shut(release: Release) -> str | None:
    """The portal lets nobody in who did not pass IAP."""
    answer = ask("GET", f"{release.portal}/")
    to_iap = answer.status == HTTPStatus.FOUND and urlsplit(answer.leads_to).hostname == IAPS_DOOR
    return None if to_iap or answer.status in _REFUSED else _said(answer)


def handlers_are_shut(release: Release) -> str | None:
    """No stranger rings an alarm, sends a message, fetches a file or sweeps."""
    answers = {target: ask("POST", url) for target, url in release.handlers.items()}
    open_ones = [f"{target}: {_said(a)}" for target, a in answers.items() if a.status not in _NOT_THERE_FOR_STRANGERS]
    return "; ".join(open_ones) or None


CHECKS: Final[tuple[Check, ...]] = (
    handshake,
    stranger_shakes_hands,
    forged_signature,
    signed_message,
    portal_is_shut,
    handlers_are_shut,
)


def problems(release: Release, tell: Callable[[str], None], checks: tuple[Check, ...] = CHECKS) -> list[str]:
    """Do all of them, telling each one's outcome; what is wrong, by the checks' own names."""
    found = []
    for check in checks:
        try:
            wrong = check(release)
        except NoAnswer as reason:
            wrong = f"no answer ({reason})"
        tell(_line(check, wrong))
        if wrong is not None:
            found.append(check.__name__)
    return found


def _line(check: Check, wrong: str | None) -> str:
    sentence = (check.__doc__ or check.__name__).rstrip(".")
    return f"ok   {sentence}" if wrong is None else f"BAD  {sentence}: {wrong}"


def _shake_hands(release: Release, token: str, challenge: str) -> Answer:
    query = urlencode({"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge})
    return ask("GET", f"{release.webhook}/?{query}")


def _post_message(release: Release, secret: str) -> Answer:
    body = json.dumps(_update(release)).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
    return ask("POST", f"{release.webhook}/", body, headers)


def _update(release: Release) -> dict[str, object]:
    """A webhook of one text message, as Meta's reference has it."""
    message = {
        "from": release.test_number,
        "id": f"wamid.smoke-{release.name}",
        "timestamp": str(int(datetime.now(UTC).timestamp())),
        "type": "text",
        "text": {"body": TEXT},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "0", "phone_number_id": release.phone_number_id},
        "contacts": [{"wa_id": release.test_number, "profile": {"name": "Uji coba"}}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}


def _said(answer: Answer) -> str:
    """Its status only: a page that should not have been shown must not stand in the build's log either."""
    return f"answered {answer.status}"

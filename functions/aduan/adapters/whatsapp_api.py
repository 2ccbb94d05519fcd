"""WhatsApp's Cloud API, as far as messages leave this house.

WhatsApp has no idempotency key. So this client never sends anything a second time by itself: it says by
`Failure` whether the caller may (RETRY), or must first wait for a status that carries the callback (UNKNOWN).
"""

import json
import threading
from collections.abc import Mapping
from typing import Final

import httpx
from pydantic import ValidationError

from aduan import traces
from aduan.adapters.whatsapp_errors import channel_error
from aduan.adapters.whatsapp_payload import Accepted, Refused
from aduan.service.channel import (
    Address,
    Buttons,
    ChannelError,
    Choices,
    Failure,
    Option,
    OutboundMessage,
    Template,
    Text,
)

# Seconds. Meta answers in well under one; a task of the queue that waits longer only holds up the next.
TIMEOUT: Final = httpx.Timeout(10, connect=3)

# The request never left: no other error of the transport proves that.
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_PRODUCT: Final[dict[str, object]] = {"messaging_product": "whatsapp"}
_WRONG_ADDRESS: Final = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


class WhatsAppApi:
    """Sends from one business number. Threads may share it; the connections are made at the first use.

    Raises ValueError for a token that no header can carry, without repeating it.
    """

    def __init__(
        self,
        base: str,
        version: str,
        phone_number_id: str,
        access_token: str,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        """`base` is a URL without the version, `version` is like 'v26.0'."""
        if not (access_token.isascii() and access_token.isprintable() and access_token.strip() == access_token):
            raise ValueError("the WhatsApp access token has a character that no token has")
        self._url = f"{base.rstrip('/')}/{version}/{phone_number_id}/messages"
        self._token = access_token
        self._timeout = timeout
        self._lock = threading.Lock()
        self._lazy_client: httpx.Client | None = None

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str:
        """Send one message, return its wamid. `callback` (up to 512 characters) comes back with its statuses.

        Raises ChannelError.
        """
        body = message_body(to, message) | {"biz_opaque_callback_data": callback}
        with traces.span("POST messages", "client"):
            response = self._post(body, to)
        try:
            return Accepted.model_validate_json(response.content).messages[0].id
        except ValidationError:
            # WhatsApp took the request and did not say what became of it.
            raise ChannelError(Failure.UNKNOWN, None, "accepted without a message id") from None

    def mark_read(self, wamid: str, *, typing: bool = False) -> None:
        """Show a received message as read, and for up to 25 seconds that somebody is typing if `typing`.

        Raises ChannelError.
        """
        body = _PRODUCT | {"status": "read", "message_id": wamid}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        self._post(body)

    def close(self) -> None:
        """Close the connections; the next use makes new ones."""
        with self._lock:
            client, self._lazy_client = self._lazy_client, None
        if client:
            client.close()

    def _post(self, body: Mapping[str, object], to: Address | None = None) -> httpx.Response:
        # Escaped to ASCII, so that no text, whatever is in it, fails to be encoded.
        content = json.dumps(body).encode()
        try:
            response = self._client().post(self._url, content=content)
        except httpx.HTTPError as error:
            raise ChannelError(_transport_failure(error), None, type(error).__name__) from error
        if not response.is_success:
            raise self._refusal(response, to)
        return response

    def _refusal(self, response: httpx.Response, to: Address | None) -> ChannelError:
        try:
            report = Refused.model_validate_json(response.content).error
        except ValidationError:
            report = None
        secrets = (self._token, to and to.bsuid, to and to.phone)
        return channel_error(
            report,
            http_status=response.status_code,
            retry_after=_seconds(response.headers.get("Retry-After")),
            secrets=[secret for secret in secrets if secret],
        )

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._lazy_client is None:
                self._lazy_client = httpx.Client(
                    timeout=self._timeout,
                    headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
                )
            return self._lazy_client


def message_body(to: Address, message: OutboundMessage) -> dict[str, object]:
    """One message as the Cloud API takes it."""
    return _PRODUCT | _recipient(to) | _content(message)


def _transport_failure(error: httpx.HTTPError) -> Failure:
    """What a request without an answer means: only one that never left may simply be sent again."""
    if isinstance(error, _NOT_SENT):
        return Failure.RETRY
    return Failure.OPERATOR if isinstance(error, _WRONG_ADDRESS) else Failure.UNKNOWN


def _seconds(retry_after: str | None) -> float | None:
    """The header as seconds; its other form, a date, needs a clock and is not what WhatsApp sends."""
    if retry_after is None or not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return float(retry_after)


def _recipient(to: Address) -> dict[str, object]:
    """A phone goes into `to`. A user id there would be dropped with a 200: it has a field of its own."""
    receiver = {"to": to.phone} if to.phone else {"recipient": to.bsuid}
    return {"recipient_type": "individual", **receiver}


def _content(message: OutboundMessage) -> dict[str, object]:
    match message:
        case Text():
            return {"type": "text", "text": {"body": message.body, "preview_url": False}}
        case Buttons():
            return {"type": "interactive", "interactive": _buttons(message)}
        case Choices():
            return {"type": "interactive", "interactive": _choices(message)}
        case Template():
            return {"type": "template", "template": _template(message)}


def _buttons(message: Buttons) -> dict[str, object]:
    buttons = [{"type": "reply", "reply": {"id": o.id, "title": o.title}} for o in message.options]
    return {"type": "button", "body": {"text": message.body}, "action": {"buttons": buttons}}


def _choices(message: Choices) -> dict[str, object]:
    sections = [{"rows": [_row(option) for option in message.options]}]
    action = {"button": message.label, "sections": sections}
    return {"type": "list", "body": {"text": message.body}, "action": action}


def _row(option: Option) -> dict[str, str]:
    row = {"id": option.id, "title": option.title}
    return row | {"description": option.description} if option.description else row


def _template(message: Template) -> dict[str, object]:
    components: list[dict[str, object]] = []
    if message.parameters:
        words = [{"type": "text", "text": parameter} for parameter in message.parameters]
        components.append({"type": "body", "parameters": words})
    for index, payload in enumerate(message.payloads):
        button = [{"type": "payload", "payload": payload}]
        components.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": button})
    template: dict[str, object] = {"name": message.name, "language": {"code": message.language}}
    return template | {"components": components} if components else template

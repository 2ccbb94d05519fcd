"""The Graph API side: the HTTP addresses that the office's functions call, as at graph.facebook.com.

`WHATSAPP_API_BASE` points here in development and tests; nothing in the functions knows the difference.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from infra.local.whatsapp_business import MESSAGING
from infra.local.whatsapp_business_api import BusinessApi, bearer
from infra.local.whatsapp_errors import (
    INVALID_PARAMETER,
    GraphError,
    JsonObject,
    object_missing,
)
from infra.local.whatsapp_exchange import Exchange
from infra.local.whatsapp_faults import Endpoint, Fault, FaultPlan
from infra.local.whatsapp_requests import SendRequest, read_receipt, read_send_request
from infra.local.whatsapp_state import MediaFile

MEDIA_URL_LIVES = timedelta(minutes=5)
MEDIA_ID_LIVES = timedelta(days=7)
GATEWAY_TIMEOUT = 504

FlaskAnswer = Response | tuple[Response, int]


@dataclass(frozen=True, slots=True)
class GraphApi:
    """The handlers, with what they need. `closing` ends the waits of injected time-outs."""

    exchange: Exchange
    faults: FaultPlan
    business: BusinessApi
    closing: threading.Event

    def blueprint(self) -> Blueprint:
        """The addresses: messages, media by id, the download that a media's `url` points to, and the office's own."""
        routes = Blueprint("graph", __name__)
        routes.register_error_handler(GraphError, _refusal)
        routes.url_value_preprocessor(_any_version_will_do)
        version = "/v<int:major>.<int:minor>"
        self.business.add_to(routes, version)
        routes.add_url_rule(f"{version}/<number_id>/messages", "messages", self.messages, methods=["POST"])
        routes.add_url_rule(f"{version}/<media_id>", "media", self.media, methods=["GET"])
        routes.add_url_rule("/whatsapp_business/attachments/", "download", self.download, methods=["GET"])
        return routes

    def messages(self, number_id: str) -> FlaskAnswer:
        """Send a message, or say that one was read."""
        self.business.business.authorise(bearer(), MESSAGING)
        if number_id != self.exchange.account.phone_number_id:
            raise object_missing(number_id)
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise GraphError(INVALID_PARAMETER, "The request body is not a JSON object.")
        if body.get("messaging_product") != "whatsapp":
            raise GraphError(INVALID_PARAMETER, "The parameter messaging_product is required.")
        return self._receipt(body) if "status" in body else self._send(body)

    def media(self, media_id: str) -> FlaskAnswer:
        """Where to download a file, for five minutes."""
        fault = self.faults.take(Endpoint.MEDIA)
        if fault is not None:
            return self._go_wrong(fault)
        self.business.business.authorise(bearer(), MESSAGING)
        media = self._living_media(media_id)
        return jsonify(
            messaging_product="whatsapp",
            url=self._download_url(media),
            mime_type=media.mime_type,
            sha256=hashlib.sha256(media.content).hexdigest(),
            file_size=len(media.content),
            id=media.id,
        )

    def download(self) -> FlaskAnswer:
        """The file itself; 404 once its address has run out."""
        fault = self.faults.take(Endpoint.DOWNLOAD)
        if fault is not None:
            return self._go_wrong(fault)
        self.business.business.authorise(bearer(), MESSAGING)
        media_id, expires = request.args.get("mid", ""), request.args.get("ext", "")
        proof = self._proof(media_id, expires)
        if not hmac.compare_digest(proof, request.args.get("hash", "")):
            return _plain("Not Found", 404)
        if self.exchange.clock() > datetime.fromtimestamp(int(expires), tz=self.exchange.clock().tzinfo):
            return _plain("URL signature expired", 404)
        media = self._living_media(media_id)
        return Response(media.content, mimetype=media.mime_type)

    def _send(self, body: JsonObject) -> FlaskAnswer:
        fault = self.faults.take(Endpoint.MESSAGES)
        if fault is not None and not (fault.after_accept or fault.as_status):
            return self._go_wrong(fault)
        checked = read_send_request(body)
        later = _injected(fault.code) if fault is not None and fault.as_status and fault.code else None
        message_id = self.exchange.accept(checked, body, fail_with=later)
        if fault is not None and not fault.as_status:
            return self._go_wrong(fault)
        return jsonify(_accepted(checked, message_id))

    def _receipt(self, body: JsonObject) -> FlaskAnswer:
        fault = self.faults.take(Endpoint.RECEIPT)
        if fault is not None:
            return self._go_wrong(fault)
        receipt = read_receipt(body)
        known = self.exchange.read_by_office(receipt.message_id, typing=receipt.typing_indicator is not None)
        if not known:
            raise GraphError(INVALID_PARAMETER, "The message_id does not belong to an incoming message.")
        return jsonify(success=True)

    def _go_wrong(self, fault: Fault) -> FlaskAnswer:
        if fault.timeout is not None:
            self.closing.wait(fault.timeout)
            return _plain("Gateway Timeout", GATEWAY_TIMEOUT)
        if fault.http is not None:
            return _plain("The simulated WhatsApp was told to fail", fault.http)
        return _refusal(_injected(fault.code or 0))

    def _living_media(self, media_id: str) -> MediaFile:
        media = self.exchange.book.media(media_id)
        if media is None or self.exchange.clock() - media.at > MEDIA_ID_LIVES:
            raise object_missing(media_id)
        return media

    def _download_url(self, media: MediaFile) -> str:
        expires = str(int((self.exchange.clock() + MEDIA_URL_LIVES).timestamp()))
        query = f"mid={media.id}&ext={expires}&hash={self._proof(media.id, expires)}"
        return f"{request.host_url}whatsapp_business/attachments/?{query}"

    def _proof(self, media_id: str, expires: str) -> str:
        secret = self.exchange.account.app_secret.encode()
        return hmac.new(secret, f"{media_id}.{expires}".encode(), hashlib.sha256).hexdigest()


def _any_version_will_do(_: str | None, values: dict[str, Any] | None) -> None:
    for part in ("major", "minor"):
        (values or {}).pop(part, None)


def _accepted(checked: SendRequest, message_id: str) -> Mapping[str, Any]:
    contact = {"input": checked.to or checked.recipient}
    if checked.to and not checked.to_is_user_id:
        contact["wa_id"] = checked.to.lstrip("+")
    else:
        contact["user_id"] = checked.recipient or checked.to
    message = {"id": message_id}
    if checked.type == "template":
        message["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}


def _injected(code: int) -> GraphError:
    return GraphError(code, f"Error {code}, injected into the simulated WhatsApp (trace {secrets.token_hex(3)})")


def _refusal(error: GraphError) -> FlaskAnswer:
    return jsonify(error.body()), error.status


def _plain(text: str, status: int) -> FlaskAnswer:
    return Response(text, mimetype="text/plain"), status

"""A person's phone, held by a test or by the phone page: it writes, taps, sends files, and shows what came.

Every sending method takes `deliver=False` (the webhook's payload is returned and not sent, so that a test may
send it thrice, or in a batch) and `at` (WhatsApp's time of the message, for a backlog that comes late).
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from infra.local.whatsapp_errors import UNSUPPORTED_TYPE, GraphError, JsonObject
from infra.local.whatsapp_exchange import Answer, Exchange, new_wamid
from infra.local.whatsapp_state import ChatMessage, MediaFile, Option, PhoneRecord


class Sending(TypedDict, total=False):
    """How a message leaves the phone; see the module."""

    deliver: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Phone:
    """A handle on one phone of an exchange."""

    exchange: Exchange
    id: str

    @property
    def record(self) -> PhoneRecord:
        """Who has this phone."""
        return self.exchange.book.phone(self.id)

    @property
    def conversation(self) -> tuple[ChatMessage, ...]:
        """Everything on the phone, both ways, oldest first."""
        return self.exchange.book.conversation(self.id)

    @property
    def inbox(self) -> tuple[ChatMessage, ...]:
        """What the office sent, oldest first: `.text`, `.options`, `.state`."""
        return tuple(message for message in self.conversation if message.from_office)

    def write(self, text: str, *, reply_to: str | None = None, **sending: Unpack[Sending]) -> Answer:
        """Type a text; as an answer to a message when `reply_to` is its wamid."""
        return self.send("text", {"text": {"body": text}}, text=text, reply_to=reply_to, **sending)

    def tap(self, choice: str, *, on: str | None = None, **sending: Unpack[Sending]) -> Answer:
        """Tap the newest option with this title or id (of message `on`, if given). Raises `LookupError`."""
        message, option = self._find(choice, on)
        kind, content = _tapped(message, option)
        return self.send(kind, content, text=option.title, reply_to=message.id, **sending)

    def fill_form(self, fields: Mapping[str, str] | str, **sending: Unpack[Sending]) -> Answer:
        """Send back a form (`nfm_reply`); a string goes as `response_json` as it is, broken or not."""
        answer = fields if isinstance(fields, str) else json.dumps(dict(fields))
        reply = {"name": "flow", "body": "Sent", "response_json": answer}
        content = {"interactive": {"type": "nfm_reply", "nfm_reply": reply}}
        return self.send("interactive", content, text="Formulir", **sending)

    def send_image(
        self, content: bytes, mime_type: str = "image/jpeg", *, caption: str = "", **sending: Unpack[Sending]
    ) -> Answer:
        """Send a picture."""
        return self._send_file("image", content, mime_type, caption=caption, **sending)

    def send_video(
        self, content: bytes, mime_type: str = "video/mp4", *, caption: str = "", **sending: Unpack[Sending]
    ) -> Answer:
        """Send a video."""
        return self._send_file("video", content, mime_type, caption=caption, **sending)

    def send_document(
        self,
        content: bytes,
        filename: str,
        mime_type: str = "application/pdf",
        *,
        caption: str = "",
        **sending: Unpack[Sending],
    ) -> Answer:
        """Send a file by name."""
        return self._send_file("document", content, mime_type, caption=caption, filename=filename, **sending)

    def send_sticker(self, content: bytes, **sending: Unpack[Sending]) -> Answer:
        """Send a sticker (WebP)."""
        return self._send_file("sticker", content, "image/webp", extra={"animated": False}, **sending)

    def send_voice(self, content: bytes, **sending: Unpack[Sending]) -> Answer:
        """Send a voice note (Opus in Ogg)."""
        return self._send_file("audio", content, "audio/ogg; codecs=opus", extra={"voice": True}, **sending)

    def send_location(
        self, latitude: float, longitude: float, name: str = "", address: str = "", **sending: Unpack[Sending]
    ) -> Answer:
        """Send a place, in degrees."""
        place: JsonObject = {"latitude": latitude, "longitude": longitude}
        place |= {key: value for key, value in (("name", name), ("address", address)) if value}
        text = name or f"{latitude:.5f}, {longitude:.5f}"
        return self.send("location", {"location": place}, text=text, **sending)

    def send_contact(self, name: str, phone: str, **sending: Unpack[Sending]) -> Answer:
        """Send somebody's contact card."""
        card = {
            "name": {"formatted_name": name, "first_name": name},
            "phones": [{"phone": phone, "wa_id": phone.lstrip("+"), "type": "CELL"}],
        }
        return self.send("contacts", {"contacts": [card]}, text=name, **sending)

    def send_order(self, **sending: Unpack[Sending]) -> Answer:
        """Send an order from a catalogue, which a civil registry has none of."""
        item = {"product_retailer_id": "1", "quantity": 1, "item_price": 1000, "currency": "IDR"}
        order = {"catalog_id": "194836987003835", "text": "", "product_items": [item]}
        return self.send("order", {"order": order}, text="Pesanan", **sending)

    def send_unsupported(self, kind: str = "poll_creation", **sending: Unpack[Sending]) -> Answer:
        """Send what the Cloud API cannot carry: it says so with error 131051."""
        error = GraphError(UNSUPPORTED_TYPE, "Message type is currently not supported.")
        content = {"errors": [error.as_status_error()], "unsupported": {"type": kind}}
        return self.send("unsupported", content, text="(jenis pesan lain)", **sending)

    def send_lost_image(self, **sending: Unpack[Sending]) -> Answer:
        """Send a picture that WhatsApp could not fetch: the message has `errors` and no usable file."""
        error = GraphError(131052, "Failed to download the media from the sender.")
        return self.send("image", {"image": {}, "errors": [error.as_status_error()]}, **sending)

    def react(self, emoji: str, to: str, **sending: Unpack[Sending]) -> Answer:
        """React to a message; an empty emoji takes the reaction back."""
        message = self._message(to)
        self.exchange.book.save_message(message.model_copy(update={"reaction": emoji}))
        return self.send("reaction", {"reaction": {"message_id": to, "emoji": emoji}}, text=emoji, **sending)

    def edit(self, message_id: str, text: str, **sending: Unpack[Sending]) -> Answer:
        """Change a text that was sent."""
        message = self._message(message_id)
        self.exchange.book.save_message(message.model_copy(update={"text": text}))
        changed = {"type": "text", "text": {"body": text}, "context": {"id": message_id}}
        content = {"edit": {"original_message_id": message_id, "message": changed}}
        return self.send("edit", content, text=text, **sending)

    def revoke(self, message_id: str, **sending: Unpack[Sending]) -> Answer:
        """Delete a message for everyone."""
        message = self._message(message_id)
        gone = {"text": "", "media_id": None, "type": "revoked"}
        self.exchange.book.save_message(message.model_copy(update=gone))
        return self.send("revoke", {"revoke": {"original_message_id": message_id}}, **sending)

    def change_number(self, phone: str, *, bsuid: str | None = None, deliver: bool = True) -> Answer:
        """Move to another number. WhatsApp gives a new user id with it, if the phone had one."""
        changed = self.record.model_copy(update={"phone": phone, "bsuid": bsuid or self.record.bsuid})
        body = f"User {self.record.name} changed from {self.record.wa_id} to {changed.wa_id}"
        system: JsonObject = {"body": body, "wa_id": changed.wa_id, "type": "user_changed_number"}
        return self._system(system, changed, deliver=deliver)

    def change_user_id(self, bsuid: str, *, deliver: bool = True) -> Answer:
        """Get another business-scoped user id."""
        changed = self.record.model_copy(update={"bsuid": bsuid})
        body = f"User {self.record.name} changed from {self.record.bsuid} to {bsuid}"
        return self._system({"body": body, "type": "user_changed_user_id"}, changed, deliver=deliver)

    def read(self, *, deliver: bool = True) -> Answer:
        """Read everything that came: `read` statuses go to the office."""
        return self.exchange.read_by_citizen(self.id, deliver=deliver)

    def send(
        self,
        kind: str,
        content: JsonObject,
        *,
        text: str = "",
        reply_to: str | None = None,
        shown: Mapping[str, object] | None = None,
        **sending: Unpack[Sending],
    ) -> Answer:
        """Send a message of any type, even an unknown one: `content` stands beside `type` in the webhook."""
        message = ChatMessage(
            id=new_wamid(),
            phone_id=self.id,
            from_office=False,
            at=sending.get("at") or self.exchange.clock(),
            type=kind,
            text=text,
            reply_to=reply_to,
        ).model_copy(update=dict(shown or {}))
        return self.exchange.from_citizen(message, content, deliver=sending.get("deliver", True))

    def _send_file(
        self,
        kind: str,
        content: bytes,
        mime_type: str,
        *,
        caption: str = "",
        filename: str = "",
        extra: JsonObject | None = None,
        **sending: Unpack[Sending],
    ) -> Answer:
        media_id = str(secrets.randbelow(10**16)).zfill(16)
        self.exchange.book.save_media(MediaFile(media_id, mime_type, self.exchange.clock(), content))
        file: JsonObject = {"id": media_id, "mime_type": mime_type, "sha256": _base64_sha256(content)}
        named = {"caption": caption, "filename": filename}
        file |= {key: value for key, value in named.items() if value} | (extra or {})
        shown = {"media_id": media_id, "media_type": mime_type, "filename": filename}
        return self.send(kind, {kind: file}, text=caption, shown=shown, **sending)

    def _system(self, system: JsonObject, changed: PhoneRecord, *, deliver: bool) -> Answer:
        if changed.bsuid and changed.bsuid != self.record.bsuid:
            system = system | {"user_id": changed.bsuid}
        message = ChatMessage(
            id=new_wamid(),
            phone_id=self.id,
            from_office=False,
            at=self.exchange.clock(),
            type="system",
            text=system["body"],
        )
        return self.exchange.from_system(message, system, changed, deliver=deliver)

    def _message(self, message_id: str) -> ChatMessage:
        message = self.exchange.book.message(message_id)
        if message is None or message.phone_id != self.id:
            raise LookupError(f"there is no message {message_id} on this phone")
        return message

    def _find(self, choice: str, on: str | None) -> tuple[ChatMessage, Option]:
        for message in reversed(self.inbox):
            for option in message.options:
                if choice in (option.id, option.title) and on in (None, message.id):
                    return message, option
        raise LookupError(f"nothing on the phone offers {choice!r}")


def _tapped(message: ChatMessage, option: Option) -> tuple[str, JsonObject]:
    if message.template:
        return "button", {"button": {"payload": option.id, "text": option.title}}
    reply = {"id": option.id, "title": option.title}
    if message.style == "list":
        reply |= {"description": option.description} if option.description else {}
        return "interactive", {"interactive": {"type": "list_reply", "list_reply": reply}}
    return "interactive", {"interactive": {"type": "button_reply", "button_reply": reply}}


def _base64_sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()

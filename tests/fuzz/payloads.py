"""Whole webhooks of every type, before they are damaged; the types of Meta's webhook reference, November 2026."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

Json = dict[str, Any]

NUMBER_ID: Final = "111222333"
ROW: Final = "@@ROW@@"
"""Stands for the id of a row of the outbox that is there: which one, is known when the webhook is sent."""

SET_FORMAT: Final = "Layanan: KTP\nNama: Siti Aminah\nNIK: 3402014107900001\nAduan: KTP saya belum jadi dua bulan."
_FILE: Final = {"id": "1013859600285441", "mime_type": "image/jpeg", "sha256": "c2hhMjU2", "caption": "Ini KK saya"}
_CARD: Final = {
    "name": {"formatted_name": "Pak RT", "first_name": "RT"},
    "phones": [{"phone": "+62 812", "wa_id": "62"}],
}
_AD: Final = {"source_url": "https://example.org", "source_id": "1", "source_type": "ad", "body": "x", "ctwa_clid": "x"}
_FORM: Final = '{"service":"identity_card","name":"Siti","nik":"3402014107900001","flow_token":"t","sizes":["a","b"]}'

MESSAGES: Final[Mapping[str, Json]] = MappingProxyType(
    {
        "text": {"type": "text", "text": {"body": "Selamat pagi, KTP saya belum jadi"}},
        "text in the set format": {"type": "text", "text": {"body": SET_FORMAT}},
        "text of a command": {"type": "text", "text": {"body": "STATUS"}},
        "text from an advertisement": {"type": "text", "text": {"body": "Halo"}, "referral": _AD},
        "text that answers another": {
            "type": "text", "text": {"body": "ya"}, "context": {"from": "62274000", "id": "wamid.B", "forwarded": True},
        },
        "image": {"type": "image", "image": _FILE},
        "video": {"type": "video", "video": _FILE | {"mime_type": "video/mp4"}},
        "document": {"type": "document", "document": _FILE | {"filename": "kk.pdf", "mime_type": "application/pdf"}},
        "sticker": {"type": "sticker", "sticker": {"id": "2", "mime_type": "image/webp", "animated": False}},
        "voice": {"type": "audio", "audio": {"id": "3", "mime_type": "audio/ogg; codecs=opus", "voice": True}},
        "location": {
            "type": "location",
            "location": {"latitude": -7.888, "longitude": 110.328, "name": "Kantor", "address": "Jl. Bantul"},
        },
        "contacts": {"type": "contacts", "contacts": [_CARD, _CARD]},
        "button": {"type": "button", "button": {"payload": "continue", "text": "Lanjutkan"}},
        "button reply": {
            "type": "interactive",
            "interactive": {"type": "button_reply", "button_reply": {"id": "confirm:send", "title": "Kirim"}},
        },
        "list reply": {
            "type": "interactive",
            "interactive": {
                "type": "list_reply",
                "list_reply": {"id": "service:identity_card", "title": "KTP-el", "description": "Kartu"},
            },
        },
        "form reply": {
            "type": "interactive",
            "interactive": {
                "type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": _FORM},
            },
        },
        "reaction": {"type": "reaction", "reaction": {"message_id": "wamid.B", "emoji": "\U0001f64f"}},
        "reaction taken back": {"type": "reaction", "reaction": {"message_id": "wamid.B", "emoji": ""}},
        "order": {
            "type": "order",
            "order": {
                "catalog_id": "1", "text": "Saya pesan",
                "product_items": [{"product_retailer_id": "1", "quantity": 1, "item_price": 1.5, "currency": "IDR"}],
            },
        },
        "system, another number": {
            "type": "system",
            "system": {"type": "user_changed_number", "body": "changed", "wa_id": "6281299900001"},
        },
        "system, another user id": {
            "type": "system",
            "system": {"type": "user_changed_user_id", "user_id": "ID.9002", "previous_user_id": "ID.9001"},
        },
        "edit": {
            "type": "edit",
            "edit": {"original_message_id": "wamid.B", "message": {"type": "text", "text": {"body": "Siang"}}},
        },
        "revoke": {"type": "revoke", "revoke": {"original_message_id": "wamid.B"}},
        "unsupported": {
            "type": "unsupported",
            "errors": [{"code": 131051, "title": "Unsupported", "error_data": {"details": "not supported"}}],
        },
        "lost picture": {"type": "image", "image": {"caption": "KK"}, "errors": [{"code": 131052, "title": "Lost"}]},
        "unknown type": {"type": "hologram", "hologram": {"depth": 3, "body": "x"}},
    }
)  # fmt: skip

_PRICING: Final = {"billable": True, "pricing_model": "PMP", "category": "service", "type": "regular"}


def _failed(code: int) -> Json:
    error = {"code": code, "title": "x", "message": "x", "error_data": {"details": "x"}, "href": "https://example.org"}
    return {"status": "failed", "errors": [error]}


STATUSES: Final[Mapping[str, Json]] = MappingProxyType(
    {
        "sent": {"status": "sent", "pricing": _PRICING, "conversation": {"id": "c", "origin": {"type": "service"}}},
        "delivered": {"status": "delivered", "pricing": _PRICING},
        "read": {"status": "read"},
        "played": {"status": "played"},
        "failed, once more": _failed(131056),
        "failed, window closed": _failed(131047),
        "failed, for good": _failed(131026),
        "failed, channel shut": _failed(131031),
    }
)

CHANNEL_ERROR: Final[Json] = {"code": 130429, "title": "Rate limit", "message": "x", "error_data": {"details": "x"}}


@dataclass(frozen=True)
class Sender:
    """How a message names who wrote it: what stands in the message, and beside it."""

    fields: Json
    contacts: tuple[Json, ...]


def senders(place: int) -> Mapping[str, Sender]:
    """Every way in which one person is named."""
    phone, user_id = f"62812000000{place:02}", f"ID.900{place}"
    contact = {"profile": {"name": "Siti"}, "wa_id": phone}
    return {
        "number": Sender({"from": phone}, (contact,)),
        "number, no contact": Sender({"from": phone}, ()),
        "number and user id": Sender({"from": phone, "from_user_id": user_id}, (contact | {"user_id": user_id},)),
        "user id": Sender({"from_user_id": user_id}, ({"profile": {"name": "Siti"}, "user_id": user_id},)),
        "user id in from": Sender({"from": user_id}, ()),
        "contact alone": Sender({}, (contact,)),
    }


def message(kind: str, sender: Sender, wamid: str, seconds: int) -> Json:
    """One message of a kind."""
    return {"id": wamid, "timestamp": str(seconds), **sender.fields, **MESSAGES[kind]}


def status(kind: str, seconds: int) -> Json:
    """One status of a row that is there."""
    about = {"id": "wamid.OUT", "recipient_id": "6281200000000", "biz_opaque_callback_data": ROW}
    return about | {"timestamp": str(seconds)} | STATUSES[kind]


def value(**lists: list[Any]) -> Json:
    """The value of a change for the office's number."""
    metadata = {"display_phone_number": "62274000", "phone_number_id": NUMBER_ID}
    return {"messaging_product": "whatsapp", "metadata": metadata, **lists}


def webhook(*values: Json, field: str = "messages") -> Json:
    """All of it."""
    changes = [{"field": field, "value": one} for one in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": changes}]}


Base = Callable[[str, int, int], Json]
"""A webhook, of a prefix for the ids in it, Unix seconds, and the place of a person."""


def _of_message(kind: str, named: str) -> Base:
    def base(prefix: str, seconds: int, place: int) -> Json:
        sender = senders(place)[named]
        return webhook(value(messages=[message(kind, sender, prefix, seconds)], contacts=list(sender.contacts)))

    return base


def _of_status(kind: str) -> Base:
    return lambda _prefix, seconds, _place: webhook(value(statuses=[status(kind, seconds)]))


def _mixed(prefix: str, seconds: int, place: int) -> Json:
    """Several people's messages, statuses and an error, over several changes."""
    people = [senders((place + n) % 10)["number"] for n in range(3)]
    first = [message("text", people[0], f"{prefix}.1", seconds), message("image", people[1], f"{prefix}.2", seconds)]
    second = [message("location", people[2], f"{prefix}.3", seconds)]
    contacts = [contact for person in people for contact in person.contacts]
    return webhook(
        value(messages=first, contacts=contacts, statuses=[status("sent", seconds), status("read", seconds)]),
        value(messages=second, contacts=contacts, errors=[CHANNEL_ERROR]),
    )


BASES: Final[Mapping[str, Base]] = MappingProxyType(
    {
        **{kind: _of_message(kind, "number and user id") for kind in MESSAGES},
        **{f"text, by {named}": _of_message("text", named) for named in senders(0)},
        **{f"status {kind}": _of_status(kind) for kind in STATUSES},
        "error of the channel": lambda *_: webhook(value(errors=[CHANNEL_ERROR])),
        "several": _mixed,
        "another field": lambda *_: webhook({"event": "APPROVED"}, field="message_template_status_update"),
    }
)

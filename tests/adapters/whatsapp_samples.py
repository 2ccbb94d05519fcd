"""Webhooks as WhatsApp sends them, put together for a test."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from aduan.adapters.whatsapp_webhook import read_webhook
from aduan.service.channel import InboundMessage, WebhookBatch

Part = dict[str, object]

NUMBER_ID = "106540352242922"
SENT_AT = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 11, 24, 7, 6, tzinfo=UTC)
SECONDS = str(int(SENT_AT.timestamp()))
WA_ID = "6281234567890"
PHONE = "+6281234567890"
BSUID = "ID.13491208655302741918"


def message(message_type: str, content: object, **fields: object) -> Part:
    """One message of `WA_ID`; a field given as None is left out."""
    whole = {
        "from": WA_ID,
        "id": "wamid.A",
        "timestamp": SECONDS,
        "type": message_type,
        message_type: content,
    }
    return {name: value for name, value in (whole | fields).items() if value is not None}


def text_message(body: str = "KTP saya belum jadi", **fields: object) -> Part:
    """A plain text message."""
    return message("text", {"body": body}, **fields)


def status(state: str, **fields: object) -> Part:
    """One status of a message that we sent."""
    return {"id": "wamid.S", "status": state, "timestamp": SECONDS, "recipient_id": WA_ID} | fields


def contact(wa_id: str | None = WA_ID, user_id: str | None = None, name: str | None = "Siti") -> Part:
    """One contact; an id given as None is left out."""
    ids = {"wa_id": wa_id, "user_id": user_id}
    return {"profile": {"name": name}} | {key: value for key, value in ids.items() if value is not None}


def value(**lists: object) -> Part:
    """The value of a change for this office's number."""
    metadata = {"display_phone_number": "62274000", "phone_number_id": NUMBER_ID}
    return {"messaging_product": "whatsapp", "metadata": metadata, **lists}


def change(**lists: object) -> Part:
    """A change of the field 'messages'."""
    return {"field": "messages", "value": value(**lists)}


def entry(*changes: object) -> Part:
    """The part of one business account."""
    return {"id": "102290129340398", "changes": list(changes)}


def body(*entries: object) -> bytes:
    """The whole webhook, as received."""
    return json.dumps({"object": "whatsapp_business_account", "entry": list(entries)}).encode()


def read(raw: bytes) -> WebhookBatch:
    """Read a webhook as this office would at `RECEIVED_AT`."""
    return read_webhook(raw, NUMBER_ID, RECEIVED_AT)


def read_value(**lists: object) -> WebhookBatch:
    """Read a webhook of one change with these lists."""
    return read(body(entry(change(**lists))))


def read_one(sent: Part, contacts: Sequence[Part] = ()) -> InboundMessage:
    """Read a webhook of one message, which must come out as one."""
    batch = read_value(messages=[sent], contacts=list(contacts))
    assert not batch.unreadable
    (only,) = batch.messages
    return only

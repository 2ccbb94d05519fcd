"""Webhook bodies, shaped as Meta's webhook reference shows them. Pure: no clock, no network."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from infra.local.whatsapp_errors import GraphError, JsonObject
from infra.local.whatsapp_state import ChatMessage, MessageState, PhoneRecord

Payload = JsonObject


@dataclass(frozen=True, slots=True)
class Account:
    """The office's number at the simulated WhatsApp, and its secrets."""

    phone_number_id: str
    access_token: str
    app_secret: str
    verify_token: str
    display_phone_number: str = "+62 274 000 0000"
    business_account_id: str = "102290129340398"

    @property
    def digits(self) -> str:
        """The office's own number as webhooks write it."""
        return "".join(filter(str.isdigit, self.display_phone_number))


class Spread(StrEnum):
    """How several updates share one webhook: Meta may do any of these."""

    ENTRIES = "entries"
    CHANGES = "changes"
    ONE_VALUE = "one_value"


def citizen_message(account: Account, sender: PhoneRecord, message: ChatMessage, content: JsonObject) -> Payload:
    """The webhook of one message. `content` is the type's own part and whatever else stands beside it."""
    value: JsonObject = {"messages": [_addressed(account, sender, message) | content]}
    if sender.contacts:
        value["contacts"] = [_contact(sender)]
    return envelope(account, value)


def system_message(account: Account, sender: PhoneRecord, message: ChatMessage, system: JsonObject) -> Payload:
    """The webhook of a change of number or user id: it has no `contacts`."""
    return envelope(account, {"messages": [_addressed(account, sender, message) | {"system": system}]})


def delivery_status(
    account: Account,
    recipient: PhoneRecord,
    message: ChatMessage,
    *,
    state: MessageState,
    at: datetime,
    error: GraphError | None = None,
) -> Payload:
    """The webhook of one status of a message that the office sent."""
    status: JsonObject = {"id": message.id, "status": state.value, "timestamp": unix_seconds(at)}
    if recipient.wa_id:
        status["recipient_id"] = recipient.wa_id
    if recipient.bsuid:
        status["recipient_user_id"] = recipient.bsuid
    if message.callback is not None:
        status["biz_opaque_callback_data"] = message.callback
    if error is not None:
        status["errors"] = [error.as_status_error()]
    else:
        category = "utility" if message.template else "service"
        status["pricing"] = {
            "billable": True,
            "pricing_model": "PMP",
            "category": category,
            "type": "regular",
        }
    return envelope(account, {"statuses": [status]})


def envelope(account: Account, value: JsonObject, *, field: str = "messages") -> Payload:
    """One change of one account, as everything of Meta's comes."""
    number = {"display_phone_number": account.digits, "phone_number_id": account.phone_number_id}
    whole = {"messaging_product": "whatsapp", "metadata": number} | value
    entry = {"id": account.business_account_id, "changes": [{"value": whole, "field": field}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def merge(payloads: Iterable[Payload], spread: Spread) -> Payload:
    """Several webhooks as one, in the order given."""
    entries = [entry for payload in payloads for entry in payload["entry"]]
    if spread is not Spread.ENTRIES:
        changes = [change for entry in entries for change in entry["changes"]]
        changes = _one_value(changes) if spread is Spread.ONE_VALUE else changes
        entries = [{"id": entries[0]["id"], "changes": changes}]
    return {"object": "whatsapp_business_account", "entry": entries}


def unix_seconds(at: datetime) -> str:
    """A webhook's timestamp: whole seconds since 1970, as a string."""
    return str(int(at.timestamp()))


def _one_value(changes: list[JsonObject]) -> list[JsonObject]:
    value = dict(changes[0]["value"])
    for part in ("contacts", "messages", "statuses"):
        items = [item for change in changes for item in change["value"].get(part, [])]
        if items:
            value[part] = items
    return [{"value": value, "field": changes[0]["field"]}]


def _addressed(account: Account, sender: PhoneRecord, message: ChatMessage) -> JsonObject:
    addressed: JsonObject = {"id": message.id, "timestamp": unix_seconds(message.at), "type": message.type}
    if sender.bsuid_in_from and sender.bsuid:
        addressed["from"] = sender.bsuid
    elif sender.wa_id:
        addressed["from"] = sender.wa_id
    if sender.bsuid:
        addressed["from_user_id"] = sender.bsuid
    if message.reply_to:
        addressed["context"] = {"from": account.digits, "id": message.reply_to}
    return addressed


def _contact(sender: PhoneRecord) -> JsonObject:
    contact: JsonObject = {"profile": {"name": sender.name}}
    if sender.wa_id:
        contact["wa_id"] = sender.wa_id
    if sender.bsuid:
        contact["user_id"] = sender.bsuid
    return contact

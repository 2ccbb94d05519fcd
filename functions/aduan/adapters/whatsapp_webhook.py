"""WhatsApp's webhooks: everything in one as a `WebhookBatch`.

Nothing here raises for what a webhook holds. Meta sends a refused webhook again for days, with all that is in
it; so what cannot be read is handed on raw, to be kept and shown, and the rest of its batch is read.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import ValidationError

from aduan.adapters.whatsapp_content import read_content
from aduan.adapters.whatsapp_errors import channel_error
from aduan.adapters.whatsapp_json import Objects, kept
from aduan.adapters.whatsapp_payload import (
    Change,
    Entry,
    MessageHead,
    Status,
    System,
    Value,
    Webhook,
    why,
)
from aduan.adapters.whatsapp_people import People, Person, former_address
from aduan.service.channel import (
    ChannelError,
    DeliveryState,
    DeliveryStatus,
    InboundMessage,
    MessageKind,
    UnreadableItem,
    WebhookBatch,
)
from aduan.service.limits import shortened

_FIELD: Final = "messages"

# No message is older than WhatsApp, and none comes from the future, but for a clock that is a little off.
_FIRST_MESSAGE: Final = datetime(2009, 1, 1, tzinfo=UTC)
_CLOCK_SKEW: Final = timedelta(days=1)
_LONGEST_TIME: Final = 12  # digits
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# How much of a foreign name is worth a place in the log.
_LONGEST_NAME: Final = 40

_STATES: Final[Mapping[str, DeliveryState]] = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,  # a voice message that was listened to
    "failed": DeliveryState.FAILED,
}


@dataclass(frozen=True, slots=True)
class _Ignored:
    """A change that is not for us."""

    reason: str


_Item = InboundMessage | DeliveryStatus | UnreadableItem | _Ignored


def read_webhook(raw: bytes, phone_number_id: str, received_at: datetime) -> WebhookBatch:
    """Everything in a webhook for the number `phone_number_id`, each message and status by itself.

    `received_at` (aware) stands in for a time of WhatsApp's that cannot be right. A body that is no webhook
    is one unreadable item: its text, or 'base64:' and its bytes if they are no text.
    """
    try:
        items = tuple(_read_body(raw, phone_number_id, received_at))
    except RecursionError:  # nested deeper than Python reads: no webhook of WhatsApp's
        items = (_unreadable_body(raw, "nested too deeply"),)
    return WebhookBatch(
        messages=tuple(item for item in items if isinstance(item, InboundMessage)),
        statuses=tuple(item for item in items if isinstance(item, DeliveryStatus)),
        unreadable=tuple(item for item in items if isinstance(item, UnreadableItem)),
        ignored=tuple(item.reason for item in items if isinstance(item, _Ignored)),
    )


def _read_body(raw: bytes, phone_number_id: str, received_at: datetime) -> Iterator[_Item]:
    objects = Objects()
    try:
        # A stray byte costs one character of one message, not the batch.
        body = objects.decoder.decode(raw.decode("utf-8-sig", "surrogateescape"))
        entries = Webhook.model_validate(body).entry
    except ValidationError as error:
        yield _unreadable_body(raw, why(error))
    except json.JSONDecodeError:
        yield _unreadable_body(raw, "no JSON")
    else:
        if objects.named_twice:
            yield _unreadable_body(raw, "a name stands twice")
        for entry in entries:
            yield from _read_entry(entry, phone_number_id, received_at)


def _read_entry(entry: object, phone_number_id: str, received_at: datetime) -> Iterator[_Item]:
    try:
        changes = Entry.model_validate(entry).changes
    except ValidationError as error:
        yield UnreadableItem(kept(entry), why(error))
    else:
        for change in changes:
            yield from _read_change(change, phone_number_id, received_at)


def _read_change(change: object, phone_number_id: str, received_at: datetime) -> Iterator[_Item]:
    try:
        known = Change.model_validate(change)
        if known.field != _FIELD:
            yield _Ignored(f"field {shortened(known.field, _LONGEST_NAME)}")
            return
        value = Value.model_validate(known.value)
    except ValidationError as error:
        yield UnreadableItem(kept(change), why(error))
        return
    if value.metadata.phone_number_id != phone_number_id:
        yield _Ignored(f"phone_number_id {shortened(value.metadata.phone_number_id, _LONGEST_NAME)}")
        return
    yield from _read_value(value, received_at)


def _read_value(value: Value, received_at: datetime) -> Iterator[_Item]:
    if not (value.messages or value.statuses or value.errors):
        yield _Ignored("nothing in it that is known")
    people = People(value.contacts, len(value.messages))
    for message in value.messages:
        yield _read_message(message, people, received_at)
    for status in value.statuses:
        yield _read_status(status, received_at)
    for error in value.errors:
        yield UnreadableItem(kept(error), str(channel_error(error)))


def _read_message(message: object, people: People, received_at: datetime) -> InboundMessage | UnreadableItem:
    """A message with an id and a sender is a message, if only an unreadable one; anything less is an item."""
    try:
        head = MessageHead.model_validate(message)
    except ValidationError as error:
        return UnreadableItem(kept(message), why(error))
    fields = message if isinstance(message, dict) else {}
    sender = _sender(head, fields, people)
    if sender is None:
        return UnreadableItem(kept(message), "from: nobody is named")
    at = _moment(head.timestamp, received_at)
    content = read_content(head.type, fields)
    return InboundMessage(
        wamid=head.id,
        at=at or received_at,
        sender=sender.address,
        kind=content.kind if at else MessageKind.UNREADABLE,
        raw=kept(message),
        text=content.text,
        reply_id=content.reply_id,
        form=content.form,
        media=content.media,
        file_lost=content.file_lost,
        profile_name=sender.name,
        in_reply_to=content.points_to or (head.context.id if head.context else None),
        new_sender=content.new_sender,
    )


def _sender(head: MessageHead, fields: Mapping[str, object], people: People) -> Person | None:
    if head.type == "system":
        try:
            former = former_address(head, System.model_validate(fields.get("system")))
        except ValidationError:
            former = None
        if former:
            return Person(former)
    return people.sender(head)


def _read_status(status: object, received_at: datetime) -> DeliveryStatus | UnreadableItem:
    """A status whose time is wrong is still one: that a message was delivered matters more than when."""
    try:
        known = Status.model_validate(status)
    except ValidationError as error:
        return UnreadableItem(kept(status), why(error))
    state = _STATES.get(known.status)
    if state is None:
        return UnreadableItem(kept(status), "status: unknown")
    return DeliveryStatus(
        wamid=known.id,
        state=state,
        at=_moment(known.timestamp, received_at) or received_at,
        callback=known.biz_opaque_callback_data,
        error=_first_error(known.errors) if state is DeliveryState.FAILED else None,
    )


def _first_error(errors: Sequence[object]) -> ChannelError:
    return channel_error(errors[0] if errors else None)


def _moment(seconds: str | None, received_at: datetime) -> datetime | None:
    """WhatsApp's time (whole Unix seconds, in UTC), or None if no message can have been sent then."""
    if seconds is None or len(seconds) > _LONGEST_TIME or not (seconds.isascii() and seconds.isdigit()):
        return None
    after_epoch = timedelta(seconds=int(seconds))
    if not _FIRST_MESSAGE - _EPOCH <= after_epoch <= received_at + _CLOCK_SKEW - _EPOCH:
        return None
    return _EPOCH + after_epoch


def _unreadable_body(raw: bytes, reason: str) -> UnreadableItem:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or "\0" in text:  # the database holds no NUL
        text = "base64:" + base64.b64encode(raw).decode()
    return UnreadableItem(text, reason)

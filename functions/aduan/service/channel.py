"""The words in which the program speaks of WhatsApp: what came in, what goes out, what went wrong.

Foreign codes and payload shapes stop at `adapters/whatsapp_*`; from here inwards there are only these types.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What a citizen sent, by what the program can do with it."""

    TEXT = "text"
    REPLY = "reply"  # a tapped button or list row: `reply_id` says which
    FORM = "form"  # the complaint form filled in on the phone: `form` has its fields
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    AUDIO = "audio"
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"
    EDIT = "edit"
    REVOKE = "revoke"
    ORDER = "order"
    NUMBER_CHANGED = "number_changed"  # `new_sender` says who the sender is from now on
    UNREADABLE = "unreadable"  # known to be a message, but not one that can be read yet


@dataclass(frozen=True, slots=True)
class Address:
    """Whom WhatsApp knows: a phone (E.164, with '+'), a business-scoped user id, or both; never neither."""

    phone: str | None = None
    bsuid: str | None = None

    def __post_init__(self) -> None:
        if not (self.phone or self.bsuid):
            raise ValueError("an address needs a phone number or a business-scoped user id")


@dataclass(frozen=True, slots=True)
class Media:
    """A file that WhatsApp holds for seven days under `id`."""

    id: str
    mime_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    voice: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a webhook, whatever its type.

    `at` is WhatsApp's own time (UTC). `text` is what the person wrote or tapped: body, caption, or title.
    `raw` is the message's JSON as it came, kept so that nothing is lost by our reading of it. `parts`: it was cut to
    fit, and so many documents hold the whole of it. `file_lost`: it came with a file that WhatsApp itself could not
    take over.
    """

    wamid: str
    at: datetime
    sender: Address
    kind: MessageKind
    raw: str
    parts: int = 0
    text: str | None = None
    reply_id: str | None = None
    form: dict[str, str] | None = None
    media: Media | None = None
    file_lost: bool = False
    profile_name: str | None = None
    in_reply_to: str | None = None  # the wamid that a reply, reaction, edit or revoke points to
    new_sender: Address | None = None


class DeliveryState(StrEnum):
    """How far a sent message came, in rising order; FAILED is final."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Failure(StrEnum):
    """What to do about an error of WhatsApp's, whatever its code."""

    RETRY = "retry"  # the same request may work later
    UNKNOWN = "unknown"  # it may have been accepted: wait for a status before sending again
    WINDOW_CLOSED = "window_closed"  # only an approved template works
    STOP = "stop"  # the number or account is restricted: stop the queue, tell the operator
    OPERATOR = "operator"  # token, permission or setting: nothing is sent until somebody mends it
    NEVER = "never"  # this message to this person will never be accepted


@dataclass  # not frozen: Python itself writes an exception's traceback
class ChannelError(Exception):
    """WhatsApp refused a message, or did not answer. `code` is WhatsApp's own, for the log and the operator."""

    failure: Failure
    code: int | None
    detail: str
    retry_after: float | None = None  # seconds

    def __str__(self) -> str:
        return f"{self.failure} (WhatsApp code {self.code}): {self.detail}"


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """One status of a webhook. `callback` is the outbox id that we sent along, if it came back."""

    wamid: str
    state: DeliveryState
    at: datetime
    callback: str | None = None
    error: ChannelError | None = None


@dataclass(frozen=True, slots=True)
class UnreadableItem:
    """A part of a webhook that could not be read: kept raw and shown as such, never dropped with its batch."""

    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class WebhookBatch:
    """Everything in one webhook that is for this office's number, each item by itself, in the order received."""

    messages: tuple[InboundMessage, ...] = ()
    statuses: tuple[DeliveryStatus, ...] = ()
    unreadable: tuple[UnreadableItem, ...] = ()
    ignored: tuple[str, ...] = ()  # why a change was left alone (another field, another number): for the log


@dataclass(frozen=True, slots=True)
class Option:
    """A reply button (title up to 20 characters) or a list row (title 24, description 72)."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text, up to 4,096 characters. Only inside the 24-hour window."""

    body: str


@dataclass(frozen=True, slots=True)
class Buttons:
    """Text (up to 1,024 characters) with one to three reply buttons. Only inside the window."""

    body: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """Text (up to 4,096 characters) with a list of up to ten rows. Only inside the window."""

    body: str
    label: str  # on the button that opens the list, up to 20 characters
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template: works outside the window too. No line break in a parameter; all fit TEMPLATE_PARAMETERS."""

    name: str
    parameters: tuple[str, ...] = ()
    payloads: tuple[str, ...] = field(default=())  # of its quick-reply buttons, in order
    language: str = "id"


OutboundMessage = Text | Buttons | Choices | Template

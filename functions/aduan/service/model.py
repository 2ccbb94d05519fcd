"""What the program keeps beside complaints: citizens, their messages, and what must still leave the house."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, TypeAdapter

from aduan.procedure.personal import Personal
from aduan.service.channel import Address, DeliveryState, Failure, MessageKind, OutboundMessage


class Kept(BaseModel):
    """A frozen record. Its validation errors never repeat what was read: it may be personal."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Citizen(Kept):
    """A person to us: an internal id, however WhatsApp calls them today.

    `current` is the complaint or draft that their next message belongs to. `prompted` is what the conversation said
    last, and when, so that a burst of messages is answered once. `in_a_row` counts what they wrote without a pause.
    """

    id: str
    phone: Personal | None = None
    bsuid: Personal | None = None
    name: Personal | None = None
    current: str | None = None
    last_message_at: datetime
    prompted: str | None = None
    prompted_at: datetime | None = None
    in_a_row: int = 0
    erase_at: datetime | None = None  # looked at then: whoever has no complaint left is forgotten

    @property
    def address(self) -> Address:
        return Address(phone=self.phone, bsuid=self.bsuid)


class FileState(StrEnum):
    """How far the fetching of a file is."""

    WANTED = "wanted"  # WhatsApp has it, we do not yet
    KEPT = "kept"
    MISSING = "missing"  # it will never be here; `reason` says why
    ERASED = "erased"  # its term is over


class AttachedFile(Kept):
    """The file of a message: what WhatsApp claims of it, and how far its fetching is. The message is its queue's row.

    `media_id` None: WhatsApp itself has none. `fetch_at` is when it is due to be tried, None when it needs no more.
    `reason` says, for staff, what stands or stood in the way. `kept_type` is our own word for what the bytes are.
    """

    media_id: str | None
    media_type: str | None = None
    sha256: str | None = None
    filename: Personal | None = None
    voice: bool = False
    state: FileState = FileState.WANTED
    fetch_at: datetime | None = None
    attempts: int = 0
    reason: str | None = None
    kept_type: str | None = None
    size: int | None = None  # bytes
    expire_at: datetime | None = None  # None: there is nothing of it to be erased


def message_id(wamid: str) -> str:
    """What a message is kept under: a hash of its wamid, whatever characters that has."""
    return hashlib.sha256(wamid.encode("utf-8", "surrogatepass")).hexdigest()


class Message(Kept):
    """One inbound message, raw and as read; stored under `message_id`, which is also its claim."""

    wamid: Personal  # it holds the sender's phone number, in base64
    citizen: str | None
    complaint: str | None
    at: datetime
    received_at: datetime
    kind: MessageKind
    text: Personal | None = None
    raw: Personal
    parts: int = 0  # it was cut to fit a document, and so many more hold the whole of it
    file: AttachedFile | None = None
    expire_at: datetime | None = None

    @property
    def id(self) -> str:
        return message_id(self.wamid)

    @property
    def wants_file(self) -> bool:
        """Whether its file is still to be fetched."""
        return self.file is not None and self.file.state is FileState.WANTED


def is_somebody_else(citizen: Citizen, sender: Address) -> bool:
    """Whether a known name is now another person's: their business-scoped id is not the one that we know.

    A phone number is given to somebody else in time; a BSUID stays one person's, and changes only by a system message.
    """
    return None not in (citizen.bsuid, sender.bsuid) and citizen.bsuid != sender.bsuid


def may_be(citizen: Citizen, person: Address) -> bool:
    """Whether a citizen's record has a name of this person's, and nothing that shows them to be another."""
    shared = {citizen.phone, citizen.bsuid} & {person.phone, person.bsuid} - {None}
    return bool(shared) and not is_somebody_else(citizen, person)


class RowKind(StrEnum):
    """What an outbox row is for; the first letter of its id, so that a status tells it without a read."""

    ANSWER = "a"
    NOTICE = "n"  # anything else to the citizen
    ALERT = "s"  # to staff


class RowState(StrEnum):
    """How far a row is. The last four are WhatsApp's word, or our giving up."""

    PENDING = "pending"
    SENDING = "sending"  # handed to WhatsApp, outcome not known yet
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    DROPPED = "dropped"  # superseded before it left

    @classmethod
    def of(cls, state: DeliveryState) -> Self:
        return cls(state.value)


class OutboxRow(Kept):
    """One message that must leave, or has left. `next_at` is when it is due to be tried, None when it needs no more.

    `id` travels as WhatsApp's callback data. `to_citizen` or `to_staff` (an email) says to whom; the address is read
    when it is sent. `message` and `fallback` (a template, for a closed window) are JSON of an `OutboundMessage`.
    """

    id: str
    kind: RowKind
    complaint: str | None
    to_citizen: str | None = None
    to_staff: str | None = None
    message: Personal
    fallback: Personal | None = None
    text_sha256: str | None = None
    sending: int = 0
    state: RowState = RowState.PENDING
    created_at: datetime
    next_at: datetime | None
    attempts: int = 0
    copies: int = 0  # handed over with an unknown outcome: at most one more goes out
    attempted_at: datetime | None = None
    by_template: bool = False
    accepted_at: datetime | None = None  # when WhatsApp took it over
    wamid: Personal | None = None  # it holds the receiver's phone number, in base64
    error: str | None = None
    expire_at: datetime | None = None


@dataclass(frozen=True, order=True)
class Place:
    """Where a message stands in its conversation: by its time, and of one time by its id."""

    at: datetime
    id: str


@dataclass(frozen=True)
class Conversation:
    """A complaint's messages in and out, oldest first."""

    inbound: tuple[Message, ...] = ()
    outbound: tuple[OutboxRow, ...] = ()

    def places(self) -> list[Place]:
        """Where each of them stands, both sides together."""
        heard = (Place(message.at, message.id) for message in self.inbound)
        return sorted((*heard, *(Place(row.created_at, row.id) for row in self.outbound)))


class ChannelState(Kept):
    """Whether WhatsApp takes our messages at all.

    While `failure` (STOP or OPERATOR) stands, the channel is shut: all rows wait, and from `probe_at` on one of them
    tries. `mended_at` is when a message was accepted again.
    """

    failure: Failure | None = None
    code: int | None = None  # WhatsApp's own
    detail: str = ""
    since: datetime | None = None
    probe_at: datetime | None = None
    probes: int = 0
    mended_at: datetime | None = None


class Request(Kept):
    """The mark of an act that was done: the same request id again is the same act."""

    id: str
    email: str
    act: str
    complaint: str
    expire_at: datetime | None = None


class StaffChange(Kept):
    """One change of the staff list, for the record."""

    at: datetime
    by: str
    email: str
    before: dict[str, object] | None
    after: dict[str, object]


OUTBOUND: TypeAdapter[OutboundMessage] = TypeAdapter(OutboundMessage)
"""Reads and writes a message of an outbox row."""

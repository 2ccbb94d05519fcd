"""What the use cases need of the world outside, as they would say it. Adapters fulfil these; tests have fakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from aduan.procedure.complaint import Alarm, Complaint, Status
from aduan.procedure.events import Event, EventType
from aduan.procedure.roles import Role, StaffMember
from aduan.service.channel import Address, OutboundMessage
from aduan.service.erasures import Erasure
from aduan.service.model import ChannelState, Citizen, Conversation, Message, OutboxRow, Place, Request, StaffChange

T = TypeVar("T")

Clock = Callable[[], datetime]
"""The time now, aware, in UTC."""


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """Something that was read, with the mark that its next write must still find. `mark` None: not stored yet.

    `key` is the wrapped data key with which its personal text is sealed: a citizen's own, or their complaint's.
    """

    value: T
    key: str
    mark: object | None = None


class Conflict(Exception):
    """Somebody else wrote first: read again and decide again."""


class AlreadyDone(Exception):
    """This message was claimed, or this request id used, before: the act has happened, and must not happen twice."""


@dataclass(frozen=True)
class Inbound:
    """What stands when a message arrives: whether it was claimed before, whose it is, and what it may belong to.

    The aliases are the sender's names, one in each `Address`: `missing_aliases` lead to nobody yet (`Commit` creates
    them), `moved_aliases` lead to somebody else, or to a citizen who is gone (`Commit` overwrites them).
    """

    claimed: bool
    citizen: Loaded[Citizen] | None
    complaint: Loaded[Complaint] | None
    missing_aliases: tuple[Address, ...] = ()
    moved_aliases: tuple[Address, ...] = ()
    reserved_id: str | None = None  # the id of whoever has a name next that was somebody else's


@dataclass(frozen=True)
class Glance:
    """What a batch of updates finds there already: the wamids of messages that were kept, and rows by their ids."""

    kept: frozenset[str] = frozenset()
    rows: Mapping[str, Loaded[OutboxRow]] = field(default_factory=dict)


@dataclass(frozen=True)
class Commit:
    """Everything that one act writes, all of it or nothing.

    What is `Loaded` goes with the mark of what was read (`Conflict` if it moved on); events, message, request,
    aliases and new rows are created (`AlreadyDone` if the message or the request was there; `Conflict` for the others).
    """

    complaint: Loaded[Complaint] | None = None
    events: tuple[Event, ...] = ()
    citizen: Loaded[Citizen] | None = None
    new_aliases: tuple[Address, ...] = ()
    moved_aliases: tuple[Address, ...] = ()
    released_aliases: tuple[Address, ...] = ()  # lead to nobody from now on: their next owner is somebody else
    message: Message | None = None
    known_message: Loaded[Message] | None = None  # one that was kept before, with news of its file
    request: Request | None = None
    new_rows: tuple[OutboxRow, ...] = ()
    row: Loaded[OutboxRow] | None = None
    erasure: Erasure | None = None  # begun with this commit


@dataclass(frozen=True)
class Filters:
    """What `GET /aduan` may ask for; no status asked for means all but drafts.

    `found_by`: one of these keyed hashes of a NIK or phone. `check_open`: with a question that the ADB did not answer;
    the role of the ADB, who holds no step, means the same. `late_at`: due before that. `since` is in, `until` is not.
    """

    statuses: tuple[Status, ...] = ()
    step: int | None = None
    role: Role | None = None
    holder: str | None = None
    found_by: tuple[str, ...] = ()
    check_open: bool = False
    late_at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, and the cursor of what follows it (None: nothing)."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True)
class SendJob:
    """What `send_message` needs for one row: the row, its complaint, whom it goes to (None: gone), and the channel."""

    row: Loaded[OutboxRow]
    channel: Loaded[ChannelState]
    complaint: Loaded[Complaint] | None = None
    citizen: Citizen | None = None
    staff: StaffMember | None = None


@dataclass(frozen=True)
class RowRef:
    """Where an outbox row and its people stand, so that a task can fetch them in one round trip."""

    row: str
    complaint: str | None = None
    citizen: str | None = None
    staff: str | None = None

    @classmethod
    def to(cls, row: OutboxRow) -> "RowRef":
        return cls(row=row.id, complaint=row.complaint, citizen=row.to_citizen, staff=row.to_staff)


@dataclass(frozen=True)
class DueRow:
    """An outbox row that is due to be tried since `at`."""

    ref: RowRef
    at: datetime


@dataclass(frozen=True)
class DueAlarm:
    """A complaint whose alarm is due since `at`. Nothing here is sealed: one broken head must not hide the others."""

    id: str
    at: datetime
    number: str | None
    unit: str | None


class Store(Protocol):
    """The record. Each call says how many round trips it makes; `commit` is one."""

    def new_key(self) -> str:
        """A fresh data key, wrapped by the office's newest key."""
        ...

    def lookup_hashes(self, kind: str, value: str) -> tuple[str, ...]:
        """The keyed hashes by which a 'nik' or 'phone' is found: several only while the office's key is replaced."""
        ...

    def new_citizen_id(self, sender: Address) -> str:
        """The id for a sender of whom `inbound` found nobody; no round trip."""
        ...

    def inbound(self, wamid: str, sender: Address) -> Inbound:
        """One round trip; a second for the current complaint, a third for a citizen joined from another alias."""
        ...

    def complaint(self, complaint_id: str) -> Loaded[Complaint] | None: ...

    def events(
        self,
        complaint: Loaded[Complaint],
        before: int | None = None,
        limit: int | None = None,
        types: frozenset[EventType] = frozenset(),
    ) -> tuple[Event, ...]:
        """The record in order: the newest `limit` before the number `before`, of these types; else all."""
        ...

    def conversation(
        self, complaint: Loaded[Complaint], before: Place | None = None, limit: int | None = None
    ) -> Conversation:
        """Both sides: of each the newest `limit` before a place; else all."""
        ...

    def citizen(self, citizen_id: str) -> Loaded[Citizen] | None: ...

    def request(self, request_id: str) -> Request | None: ...

    def send_job(self, row: RowRef) -> SendJob | None:
        """One round trip for all of it."""
        ...

    def message(self, message_id: str) -> Loaded[Message] | None: ...

    def row(self, row_id: str) -> Loaded[OutboxRow] | None:
        """The row with what it needs to be opened again."""
        ...

    def glance(self, wamids: Sequence[str], row_ids: Sequence[str]) -> Glance:
        """One round trip for all of it; what is not there is left out."""
        ...

    def commit(self, commit: Commit) -> None: ...

    def keep_unreadable(self, raw: str, reason: str, at: datetime, expire_at: datetime, message: str | None) -> int:
        """Keep it under a message's id, or under a hash of itself, so that a repeat is one. Returns the parts."""
        ...

    def listed(self, filters: Filters, cursor: str | None, limit: int) -> Page[Complaint]:
        """Soonest deadline first."""
        ...

    def due_alarms(self, until: datetime, limit: int) -> tuple[DueAlarm, ...]:
        """Complaints whose next alarm should have rung by `until`, oldest first."""
        ...

    def due_rows(self, until: datetime, limit: int, after: DueRow | None = None) -> tuple[DueRow, ...]:
        """Outbox rows that should have been tried by `until`, oldest first; those that follow `after`."""
        ...

    def due_fetches(self, until: datetime, limit: int) -> tuple[str, ...]:
        """Messages whose file should have been fetched by `until`, oldest first."""
        ...

    def daily_due(self, until: datetime) -> tuple[DueAlarm, ...]:
        """Complaints that stand after their last rung and whose daily listing is due by `until`."""
        ...


class StaffList(Protocol):
    """The people at the desks."""

    def member(self, email: str) -> StaffMember | None: ...

    def members(self) -> tuple[StaffMember, ...]: ...

    def at(self, role: Role) -> tuple[StaffMember, ...]:
        """Everybody in a role, or acting for it, active or not: a cheaper question than the whole list."""
        ...

    def loaded(self, email: str) -> Loaded[StaffMember | None]:
        """Whoever has this email, with the mark for `save`; its `key` is empty, for nothing here is sealed."""
        ...

    def save(self, member: StaffMember, change: StaffChange, mark: object | None = None) -> None:
        """Write a row that must stand as `loaded` found it, and the change that it is. Raises `Conflict`."""
        ...

    def changes(self, limit: int) -> tuple[StaffChange, ...]: ...


class ChannelLog(Protocol):
    """How it goes with WhatsApp, read off the record. Each call is one round trip."""

    def state(self) -> Loaded[ChannelState]: ...

    def save(self, state: Loaded[ChannelState]) -> None:
        """Raises `Conflict`."""
        ...

    def last_heard(self) -> datetime | None:
        """When a citizen's message last came in."""
        ...

    def last_accepted(self) -> datetime | None:
        """When WhatsApp last took a message over from us."""
        ...

    def standing(self, limit: int) -> tuple[datetime, ...]:
        """When the rows were made that have not left yet, oldest first, as many as `limit`."""
        ...


class Tasks(Protocol):
    """The alarm clocks, and the queues of what must leave and what is to be fetched. A name used before is success."""

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        """`again`: the alarm rang early at that time and is set once more, under another name."""
        ...

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        """A task for each row that is to leave, and for each message whose file is to be fetched: all at once."""
        ...


class Channel(Protocol):
    """WhatsApp. Raises `ChannelError`."""

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str: ...

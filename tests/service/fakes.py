"""The ports' fakes for the tests of use cases: a store and a staff list in memory, tasks and a channel.

`test_fakes_keep_the_contract.py` holds the store and the staff list to what the real ones promise.
"""

import hashlib
import itertools
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from aduan.procedure.complaint import Alarm, Complaint, Status
from aduan.procedure.events import Event, EventType
from aduan.procedure.roles import Role, StaffMember
from aduan.service.channel import Address, OutboundMessage
from aduan.service.erasures import Erasure
from aduan.service.errors import Unknown
from aduan.service.media import MediaError, MediaFailure, MediaLink
from aduan.service.model import (
    ChannelState,
    Citizen,
    Conversation,
    Message,
    OutboxRow,
    Place,
    Request,
    RowKind,
    RowState,
    StaffChange,
    is_somebody_else,
    message_id,
)
from aduan.service.ports import (
    AlreadyDone,
    Commit,
    Conflict,
    DueAlarm,
    DueRow,
    Filters,
    Glance,
    Inbound,
    Loaded,
    Page,
    RowRef,
    SendJob,
)

M = TypeVar("M", bound=BaseModel)


def _newest(places: Iterable[Place], before: Place | None, limit: int | None) -> list[Place]:
    found = sorted(place for place in places if before is None or place < before)
    return found[-limit:] if limit else found


class Shelf(Generic[M]):
    """One kind of thing, each with the mark of its last write."""

    def __init__(self) -> None:
        """Nothing is on it."""
        self._things: dict[str, Loaded[M]] = {}
        self._marks = itertools.count(1)

    def get(self, name: str | None) -> Loaded[M] | None:
        return self._things.get(name or "")

    def accepts(self, name: str, loaded: Loaded[M] | None) -> bool:
        """Whether it stands as it did when it was read."""
        there = self._things.get(name)
        return loaded is None or loaded.mark == (there.mark if there else None)

    def put(self, name: str, loaded: Loaded[M]) -> None:
        self._things[name] = replace(loaded, mark=next(self._marks))

    def drop(self, name: str) -> None:
        self._things.pop(name, None)

    @property
    def loaded(self) -> tuple[Loaded[M], ...]:
        return tuple(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[M]:
        return iter([loaded.value for loaded in self._things.values()])


class InMemoryStore:
    """A `Store` for one test. Its keys seal nothing."""

    def __init__(self, staff: "InMemoryStaffList | None" = None) -> None:
        """Nothing is in it; `send_job` looks for people in `staff`."""
        self.staff = staff or InMemoryStaffList()
        self._lock = threading.RLock()
        self._keys = itertools.count(1)
        self.complaints: Shelf[Complaint] = Shelf()
        self.citizens: Shelf[Citizen] = Shelf()
        self.rows: Shelf[OutboxRow] = Shelf()
        self.channel: Shelf[ChannelState] = Shelf()
        self.record: dict[str, tuple[Event, ...]] = {}
        self.aliases: dict[Address, str] = {}
        self.messages: Shelf[Message] = Shelf()
        self.requests: dict[str, Request] = {}
        self.unreadable: dict[str, tuple[str, str, datetime]] = {}
        self.unreadable_until: dict[str, datetime] = {}
        self.erasures: dict[str, Erasure] = {}
        self.claims: dict[str, datetime] = {}
        self.commits: list[Commit] = []

    def new_key(self) -> str:
        return f"key {next(self._keys)}"

    def lookup_hashes(self, kind: str, value: str) -> tuple[str, ...]:
        return (_hashed(kind, value),)

    def new_citizen_id(self, sender: Address) -> str:
        name = _names(sender)[0]
        return _hashed("bsuid", name.bsuid) if name.bsuid else _hashed("phone", str(name.phone))

    def inbound(self, wamid: str, sender: Address) -> Inbound:
        with self._lock:
            owners = {name: self.aliases[name] for name in _names(sender) if name in self.aliases}
            owner = next(iter(owners.values()), None)
            citizen = self.citizens.get(owner)
            if citizen is not None and is_somebody_else(citizen.value, sender):
                owner = citizen = None
            return Inbound(
                claimed=self._is_claimed(message_id(wamid)),
                citizen=citizen,
                complaint=self.complaints.get(citizen.value.current) if citizen else None,
                missing_aliases=tuple(name for name in _names(sender) if name not in owners),
                moved_aliases=tuple(name for name, owner in owners.items() if not citizen or owner != citizen.value.id),
                reserved_id=owner or (None if citizen else self._other_id(sender)),
            )

    def _other_id(self, sender: Address) -> str | None:
        """For somebody new, where one who was once met under the same name has the id that they would get."""
        return secrets.token_hex(16) if self.citizens.get(self.new_citizen_id(sender)) else None

    def _is_claimed(self, message: str) -> bool:
        return self.messages.get(message) is not None or message in self.claims

    def complaint(self, complaint_id: str) -> Loaded[Complaint] | None:
        return self.complaints.get(complaint_id)

    def events(
        self,
        complaint: Loaded[Complaint],
        before: int | None = None,
        limit: int | None = None,
        types: frozenset[EventType] = frozenset(),
    ) -> tuple[Event, ...]:
        record = self.record.get(complaint.value.id, ())
        found = tuple(e for e in record if (before is None or e.seq < before) and e.type in (types or EventType))
        return found[-limit:] if limit else found

    def conversation(
        self, complaint: Loaded[Complaint], before: Place | None = None, limit: int | None = None
    ) -> Conversation:
        about, to_citizen = complaint.value.id, (RowKind.ANSWER, RowKind.NOTICE)
        heard = {Place(one.at, one.id): one for one in self.messages if one.complaint == about}
        told = {Place(r.created_at, r.id): r for r in self.rows if r.complaint == about and r.kind in to_citizen}
        inbound = [heard[place] for place in _newest(heard, before, limit)]
        return Conversation(
            tuple(sorted(inbound, key=lambda message: (message.at, message.received_at, message.wamid))),
            tuple(told[place] for place in _newest(told, before, limit)),
        )

    def citizen(self, citizen_id: str) -> Loaded[Citizen] | None:
        return self.citizens.get(citizen_id)

    def request(self, request_id: str) -> Request | None:
        return self.requests.get(request_id)

    def send_job(self, row: RowRef) -> SendJob | None:
        loaded, citizen = self.rows.get(row.row), self.citizens.get(row.citizen)
        if loaded is None:
            return None
        staff = self.staff.member(row.staff) if row.staff else None
        channel = self.channel.get("whatsapp") or Loaded(ChannelState(), "")
        return SendJob(loaded, channel, self.complaints.get(row.complaint), citizen.value if citizen else None, staff)

    def message(self, message_id: str) -> Loaded[Message] | None:
        return self.messages.get(message_id)

    def row(self, row_id: str) -> Loaded[OutboxRow] | None:
        return self.rows.get(row_id)

    def glance(self, wamids: Sequence[str], row_ids: Sequence[str]) -> Glance:
        kept = {wamid for wamid in wamids if self._is_claimed(message_id(wamid))}
        rows = {row_id: self.rows.get(row_id) for row_id in row_ids}
        return Glance(frozenset(kept), {row_id: row for row_id, row in rows.items() if row is not None})

    def commit(self, commit: Commit) -> None:
        with self._lock:
            self._refuse(commit)
            self.commits.append(commit)
            self._write(commit)

    def _refuse(self, commit: Commit) -> None:
        _expect_whole(commit)
        if commit.message and self._is_claimed(commit.message.id):
            raise AlreadyDone
        if commit.request and commit.request.id in self.requests:
            raise AlreadyDone
        stands = (
            commit.complaint is None or self.complaints.accepts(commit.complaint.value.id, commit.complaint),
            commit.citizen is None or self.citizens.accepts(commit.citizen.value.id, commit.citizen),
            commit.row is None or self.rows.accepts(commit.row.value.id, commit.row),
            commit.known_message is None or self.messages.accepts(commit.known_message.value.id, commit.known_message),
            all(self.rows.get(row.id) is None for row in commit.new_rows),
            all(name not in self.aliases for address in commit.new_aliases for name in _names(address)),
        )
        if not all(stands):
            raise Conflict

    def _lead_aliases(self, commit: Commit, citizen_id: str) -> None:
        for address in (*commit.new_aliases, *commit.moved_aliases):
            self.aliases.update(dict.fromkeys(_names(address), citizen_id))
        for address in commit.released_aliases:
            self.aliases.update((name, secrets.token_hex(16)) for name in _names(address))

    def _write(self, commit: Commit) -> None:
        about = (commit.complaint, commit.citizen, commit.row)
        key = next((loaded.key for loaded in about if loaded), None) or self.new_key()
        if commit.complaint:
            complaint_id = commit.complaint.value.id
            self.complaints.put(complaint_id, commit.complaint)
            self.record[complaint_id] = (*self.record.get(complaint_id, ()), *commit.events)
        if commit.citizen:
            self.citizens.put(commit.citizen.value.id, commit.citizen)
            self._lead_aliases(commit, commit.citizen.value.id)
        if commit.message:
            self.messages.put(commit.message.id, Loaded(commit.message, key))
        if commit.known_message:
            self.messages.put(commit.known_message.value.id, commit.known_message)
        if commit.request:
            self.requests[commit.request.id] = commit.request
        if commit.erasure:
            self.erasures[commit.erasure.id] = commit.erasure
        self._write_rows(commit, key)

    def _write_rows(self, commit: Commit, key: str) -> None:
        if commit.row:
            self.rows.put(commit.row.value.id, commit.row)
        for row in commit.new_rows:
            self.rows.put(row.id, Loaded(row, key if row.complaint or row.to_citizen else self.new_key()))

    def keep_unreadable(self, raw: str, reason: str, at: datetime, expire_at: datetime, message: str | None) -> int:
        """One part, whatever its length, named as a message is or by itself."""
        name = message or raw
        self.unreadable.setdefault(name, (raw, reason, at))
        self.unreadable_until.setdefault(name, expire_at)
        return 1

    def listed(self, filters: Filters, cursor: str | None, limit: int) -> Page[Complaint]:
        """The cursor is the id of the last complaint shown."""
        wanted = sorted((c for c in self.complaints if _is_wanted(c, filters)), key=_place)
        if cursor is not None:
            last = self.complaints.get(cursor)
            if last is None:
                raise ValueError("this cursor was not made here")
            wanted = [complaint for complaint in wanted if _place(complaint) > _place(last.value)]
        page = tuple(wanted[:limit])
        return Page(page, page[-1].id if len(wanted) > limit else None)

    def due_alarms(self, until: datetime, limit: int) -> tuple[DueAlarm, ...]:
        return _ringing(self.complaints, until)[:limit]

    def daily_due(self, until: datetime) -> tuple[DueAlarm, ...]:
        return _ringing((complaint for complaint in self.complaints if complaint.daily), until)

    def due_fetches(self, until: datetime, limit: int) -> tuple[str, ...]:
        files = [(message.file.fetch_at, message.id) for message in self.messages if message.file]
        due = sorted((at, message) for at, message in files if at is not None and at <= until)
        return tuple(message for _, message in due[:limit])

    def due_rows(self, until: datetime, limit: int, after: DueRow | None = None) -> tuple[DueRow, ...]:
        due = [DueRow(RowRef.to(row), row.next_at) for row in self.rows if row.next_at and row.next_at <= until]
        due.sort(key=lambda row: (row.at, row.ref.row))
        passed = (after.at, after.ref.row) if after is not None else None
        return tuple(row for row in due if passed is None or (row.at, row.ref.row) > passed)[:limit]


def _expect_whole(commit: Commit) -> None:
    last = commit.complaint.value.seq if commit.complaint else 0
    if [event.seq for event in commit.events] != list(range(last - len(commit.events) + 1, last + 1)):
        raise ValueError("the events of a commit do not end where its complaint stands")
    if (commit.new_aliases or commit.moved_aliases) and commit.citizen is None:
        raise ValueError("aliases without the citizen whose they are")


def _hashed(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode()).hexdigest()


def _names(address: Address) -> list[Address]:
    """The names of a person, the most trustworthy first."""
    bsuid = [Address(bsuid=address.bsuid)] if address.bsuid else []
    phone = [Address(phone=address.phone)] if address.phone else []
    return [*bsuid, *phone]


def _ringing(complaints: Iterable[Complaint], until: datetime) -> tuple[DueAlarm, ...]:
    alarms = [DueAlarm(c.id, c.alarm.at, c.number, c.unit) for c in complaints if c.alarm and c.alarm.at <= until]
    return tuple(sorted(alarms, key=lambda alarm: (alarm.at, alarm.id)))


def _is_wanted(complaint: Complaint, wanted: Filters) -> bool:
    if complaint.status not in (wanted.statuses or set(Status) - {Status.DRAFT}):
        return False
    if (wanted.check_open or wanted.role is Role.DATABASE_ADMIN) and complaint.data_check is None:
        return False
    if wanted.late_at and not (complaint.due_at and complaint.due_at < wanted.late_at):
        return False
    if wanted.found_by and not {_hashed(one.kind, one.value) for one in complaint.identifiers} & set(wanted.found_by):
        return False
    desk = None if wanted.role is Role.DATABASE_ADMIN else wanted.role
    asked = ((wanted.step, complaint.step), (desk, complaint.holder_role), (wanted.holder, complaint.holder))
    in_time = (wanted.since is None or wanted.since <= complaint.started_at) and (
        wanted.until is None or complaint.started_at < wanted.until
    )
    return in_time and all(want is None or want == have for want, have in asked)


def _place(complaint: Complaint) -> tuple[bool, float, datetime, str]:
    """Open ones by deadline, then closed ones, the newest first."""
    if complaint.status is Status.CLOSED:
        closed_at = complaint.closed_at or complaint.started_at
        return (True, -closed_at.timestamp(), complaint.started_at, complaint.id)
    alarm = complaint.alarm.at if complaint.alarm else complaint.started_at
    due = complaint.due_at or (complaint.wait.limit_at if complaint.wait else alarm)
    return (False, due.timestamp(), complaint.started_at, complaint.id)


class InMemoryChannelLog:
    """A `ChannelLog` over a store in memory."""

    def __init__(self, store: InMemoryStore) -> None:
        """What the store holds."""
        self._store = store

    def state(self) -> Loaded[ChannelState]:
        return self._store.channel.get("whatsapp") or Loaded(ChannelState(), "")

    def save(self, state: Loaded[ChannelState]) -> None:
        if not self._store.channel.accepts("whatsapp", state):
            raise Conflict
        self._store.channel.put("whatsapp", state)

    def last_heard(self) -> datetime | None:
        return max((message.received_at for message in self._store.messages), default=None)

    def last_accepted(self) -> datetime | None:
        return max((row.accepted_at for row in self._store.rows if row.accepted_at), default=None)

    def standing(self, limit: int) -> tuple[datetime, ...]:
        standing = (RowState.PENDING, RowState.SENDING)
        return tuple(sorted(row.created_at for row in self._store.rows if row.state in standing)[:limit])


class InMemoryStaffList:
    """A `StaffList` for one test."""

    def __init__(self, *members: StaffMember) -> None:
        """These people are on it."""
        self._rows: Shelf[StaffMember] = Shelf()
        self._changes: list[StaffChange] = []
        for member in members:
            self._rows.put(member.email.lower(), Loaded(member, ""))

    def member(self, email: str) -> StaffMember | None:
        return self.loaded(email).value

    def loaded(self, email: str) -> Loaded[StaffMember | None]:
        row = self._rows.get(email.lower())
        return Loaded(row.value, row.key, row.mark) if row else Loaded(None, "")

    def members(self) -> tuple[StaffMember, ...]:
        return tuple(sorted(self._rows, key=lambda member: member.email.lower()))

    def at(self, role: Role) -> tuple[StaffMember, ...]:
        return tuple(member for member in self.members() if role in member.roles)

    def save(self, member: StaffMember, change: StaffChange, mark: object | None = None) -> None:
        email = member.email.lower()
        row = Loaded(member.model_copy(update={"email": email}), "", mark)
        if not self._rows.accepts(email, row):
            raise Conflict
        self._rows.put(email, row)
        self._changes.append(change)

    def changes(self, limit: int) -> tuple[StaffChange, ...]:
        return tuple(sorted(self._changes, key=lambda change: change.at, reverse=True)[:limit])


@dataclass
class RecordingTasks:
    """A `Tasks` that notes what was asked of it; `alarms` each once, as a name used before is success."""

    alarms: list[tuple[str, Alarm, datetime | None]] = field(default_factory=list)
    sent: list[tuple[RowRef, datetime | None]] = field(default_factory=list)
    fetches: list[tuple[str, datetime | None]] = field(default_factory=list)

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        if (complaint_id, alarm, again) not in self.alarms:
            self.alarms.append((complaint_id, alarm, again))

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        self.sent.extend((row, not_before) for row in rows)
        self.fetches.extend((message, not_before) for message in fetch)


@dataclass
class FakeChannel:
    """A `Channel` that keeps what it was given; `refusals` come first, one a sending, None for none."""

    refusals: list[Exception | None] = field(default_factory=list)
    sent: list[tuple[Address, OutboundMessage, str]] = field(default_factory=list)

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str:
        """The WhatsApp id of the message."""
        refusal = self.refusals.pop(0) if self.refusals else None
        if refusal is not None:
            raise refusal
        self.sent.append((to, message, callback))
        return f"wamid.OUT{len(self.sent)}"


@dataclass
class FakeMediaSource:
    """A `MediaSource` with one file under each id; `faults` come first, one a call, None for none."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[MediaError | None] = field(default_factory=list)
    claims: str | None = None  # a hash that it gives, right or wrong
    calls: list[str] = field(default_factory=list)

    def locate(self, media_id: str) -> MediaLink:
        """A link that is the id itself."""
        self._next("locate")
        if media_id not in self.files:
            raise MediaError(MediaFailure.GONE, "not here")
        return MediaLink(media_id, self.claims, len(self.files[media_id]))

    def download(self, link: MediaLink) -> bytes:
        """All of it."""
        self._next("download")
        return self.files[link.url]

    def _next(self, call: str) -> None:
        self.calls.append(call)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault


@dataclass
class InMemoryMediaStore:
    """A `MediaStore`: what was kept under one key is not there under another. `full`: it takes nothing now."""

    kept: dict[str, bytes] = field(default_factory=dict)
    full: bool = False
    keys: dict[str, str] = field(default_factory=dict)

    def keep(self, message_id: str, content: bytes, key: str) -> None:
        if self.full:
            raise MediaError(MediaFailure.NO_ROOM, "full")
        self.kept[message_id], self.keys[message_id] = content, key

    def drop(self, message_id: str, key: str) -> None:
        if self._is_there(message_id, key):
            del self.kept[message_id]

    def open(self, message_id: str, key: str) -> bytes:
        if not self._is_there(message_id, key):
            raise Unknown(message_id)
        return self.kept[message_id]

    def _is_there(self, message_id: str, key: str) -> bool:
        return message_id in self.kept and key == self.keys.get(message_id, key)


@dataclass
class FakeClock:
    """A `Clock` that stands until it is moved."""

    now: datetime = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

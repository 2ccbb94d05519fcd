"""Every query that the program makes, as data: a test holds each against `infra/firestore.indexes.json`.

The emulator never asks for a composite index, production always does. So each query here has one index of
exactly its fields, and none counts on the merging of several.
"""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from aduan.adapters.firestore_connection import Found, Ref
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.events import EventType
from aduan.procedure.roles import Role
from aduan.service.model import Place, RowKind, RowState
from aduan.service.ports import Filters

COMPLAINTS: Final = "complaints"
KEYS: Final = "complaint_keys"
CITIZENS: Final = "citizens"
ALIASES: Final = "citizen_aliases"
MESSAGES: Final = "messages"
UNREADABLE: Final = "unreadable"
OUTBOX: Final = "outbox"
REQUESTS: Final = "requests"
CHANNEL: Final = "channel"
STAFF: Final = "staff"
STAFF_CHANGES: Final = "staff_changes"
ERASURES: Final = "erasures"


def events_of(complaint_id: str) -> str:
    """The collection of a complaint's record."""
    return f"{COMPLAINTS}/{complaint_id}/events"


def parts_of(name: str, parts: int) -> list[Ref]:
    """What was too long for one document, or could not be read: a message's id, or a hash of itself, names it."""
    return [Ref(UNREADABLE, f"{name}-{part}" if part else name) for part in range(parts)]


@dataclass(frozen=True)
class Where:
    """One condition."""

    field: str
    op: Literal["==", "in", "array_contains", "array_contains_any", "<", "<=", ">="]
    value: object

    @property
    def is_range(self) -> bool:
        """Whether it takes a stretch of an index, and not single values of it."""
        return self.op in {"<", "<=", ">="}


@dataclass(frozen=True)
class Order:
    """One field of a query's order."""

    field: str
    direction: Literal["ASCENDING", "DESCENDING"] = "ASCENDING"


@dataclass(frozen=True)
class Query:
    """All of `where`, or any of `any_of`; `after` are the values of `order` where the last page ended."""

    collection: str
    where: tuple[Where, ...] = ()
    any_of: tuple[Where, ...] = ()
    order: tuple[Order, ...] = ()
    after: tuple[object, ...] | None = None
    limit: int | None = None


# Of one deadline the older complaint comes first; the id, last, makes every place in the list one of its own.
_BY_DEADLINE: Final = (Order("order_at"), Order("started_at"), Order("__name__"))
_OF_ONE_TIME: Final = Order("__name__", "DESCENDING")
_SHOWN: Final = tuple(status for status in Status if status is not Status.DRAFT)
# A wait has no deadline and what is closed has none any more; `order_at` is the deadline of all the others.
_WITHOUT_DEADLINE: Final = frozenset({Status.WAITING, Status.CLOSED})


def listing(filters: Filters, limit: int) -> Query:
    """The complaints of a list, soonest deadline first.

    What was found by a NIK or phone, what one person holds, and what is before the ADB, are few: there the
    other filters are left to `is_wanted`, and need no indexes.
    """
    if filters.found_by:
        where: tuple[Where, ...] = (Where("found_by", "array_contains_any", list(filters.found_by)),)
    elif filters.holder is not None:
        where = (Where("holder", "==", filters.holder),)
    elif _of_the_adb(filters):
        where = (Where("check_open", "==", value=True),)
    else:
        where = (*_desk(filters), *_times(filters))
    return Query(COMPLAINTS, where, order=_BY_DEADLINE, limit=limit)


def is_wanted(complaint: Complaint, filters: Filters) -> bool:
    """Whether a complaint is one that the filters ask for, beside what it is found by, which its query asks for."""
    late = filters.late_at is None or (complaint.due_at is not None and complaint.due_at < filters.late_at)
    return (
        complaint.status in (filters.statuses or _SHOWN)
        and filters.step in {None, complaint.step}
        and (complaint.data_check is not None or not _of_the_adb(filters))
        and (filters.role in {None, Role.DATABASE_ADMIN, complaint.holder_role})
        and filters.holder in {None, complaint.holder}
        and late
        and (filters.since is None or complaint.started_at >= filters.since)
        and (filters.until is None or complaint.started_at < filters.until)
    )


def _of_the_adb(filters: Filters) -> bool:
    """The ADB holds no step: what is before them are the questions that they have not answered."""
    return filters.check_open or filters.role is Role.DATABASE_ADMIN


def _desk(filters: Filters) -> tuple[Where, ...]:
    statuses = [s for s in filters.statuses or _SHOWN if filters.late_at is None or s not in _WITHOUT_DEADLINE]
    conditions = [Where("status", "in", [status.value for status in statuses])]
    if filters.step is not None:
        conditions.append(Where("step", "==", filters.step))
    if filters.role is not None:
        conditions.append(Where("holder_role", "==", filters.role.value))
    return tuple(conditions)


def _times(filters: Filters) -> tuple[Where, ...]:
    conditions = (
        Where("order_at", "<", filters.late_at),
        Where("started_at", ">=", filters.since),
        Where("started_at", "<", filters.until),
    )
    return tuple(condition for condition in conditions if condition.value is not None)


def asks_for_nothing(query: Query) -> bool:
    """Whether nothing can match, as 'late' among statuses without a deadline: Firestore refuses that."""
    return any(where.op == "in" and not where.value for where in query.where)


def record(
    complaint_id: str, before: int | None = None, limit: int | None = None, types: frozenset[EventType] = frozenset()
) -> Query:
    """A complaint's events before a number, of these types (none named: of all), the newest first."""
    where = (Where("type", "in", sorted(kind.value for kind in types)),) if types else ()
    order, after = (Order("seq", "DESCENDING"),), None if before is None else (before,)
    return Query(events_of(complaint_id), where, order=order, after=after, limit=limit)


def alarms(until: datetime, limit: int) -> Query:
    """Complaints whose alarm is due, oldest first."""
    return Query(COMPLAINTS, (Where("alarm_at", "<=", until),), order=(Order("alarm_at"),), limit=limit)


def daily(until: datetime) -> Query:
    """Complaints whose daily listing is due, oldest first."""
    where = (Where("daily", "==", value=True), Where("alarm_at", "<=", until))
    return Query(COMPLAINTS, where, order=(Order("alarm_at"),))


def rows(until: datetime, limit: int) -> Query:
    """Outbox rows that are due, oldest first."""
    order = (Order("next_at"), Order("__name__"))
    return Query(OUTBOX, (Where("next_at", "<=", until),), order=order, limit=limit)


def standing_rows(limit: int) -> Query:
    """Outbox rows that have not left yet, oldest first."""
    states = [RowState.PENDING.value, RowState.SENDING.value]
    return Query(OUTBOX, (Where("state", "in", states),), order=(Order("created_at"),), limit=limit)


def newest_message() -> Query:
    """The citizen's message that came in last."""
    return Query(MESSAGES, order=(Order("received_at", "DESCENDING"),), limit=1)


def newest_accepted() -> Query:
    """The row that WhatsApp took over last."""
    return Query(OUTBOX, order=(Order("accepted_at", "DESCENDING"),), limit=1)


def fetches(until: datetime, limit: int) -> Query:
    """Messages whose file is due to be fetched, oldest first."""
    due = Where("file.fetch_at", "<=", until)
    return Query(MESSAGES, (due,), order=(Order("file.fetch_at"),), limit=limit)


def messages(complaint_id: str, before: Place | None = None, limit: int | None = None) -> Query:
    """What the citizen sent to a complaint before a place, the newest first."""
    where, order = (Where("complaint", "==", complaint_id),), (Order("at", "DESCENDING"), _OF_ONE_TIME)
    return Query(MESSAGES, where, order=order, after=_before(before), limit=limit)


def _before(place: Place | None) -> tuple[object, ...] | None:
    return (place.at, place.id) if place else None


def messages_left(field: Literal["complaint", "citizen"], value: str, limit: int | None = None) -> Query:
    """What a complaint or citizen that is being erased has left."""
    return Query(MESSAGES, (Where(field, "==", value),), limit=limit)


def rows_left(field: Literal["complaint", "to_citizen"], value: str, limit: int | None = None) -> Query:
    """The rows that were made about it, to whomever."""
    return Query(OUTBOX, (Where(field, "==", value),), limit=limit)


def complaints_of(citizen_id: str, limit: int | None = None) -> Query:
    """The complaints of a citizen; one that is erased says no more whose it was."""
    return Query(COMPLAINTS, (Where("citizen", "==", citizen_id),), limit=limit)


def aliases_of(citizen_id: str) -> Query:
    """All names that lead to a citizen."""
    return Query(ALIASES, (Where("citizen", "==", citizen_id),))


def to_be_erased(collection: str, until: datetime, limit: int) -> Query:
    """What is to be erased, or looked at for it, the longest overdue first."""
    return Query(collection, (Where("erase_at", "<=", until),), order=(Order("erase_at"),), limit=limit)


def expired(collection: str, until: datetime, limit: int) -> Query:
    """What is past its term, oldest first."""
    return Query(collection, (Where("expire_at", "<=", until),), order=(Order("expire_at"),), limit=limit)


def expired_files(until: datetime, limit: int) -> Query:
    """Messages whose file is past its term, oldest first."""
    due = Where("file.expire_at", "<=", until)
    return Query(MESSAGES, (due,), order=(Order("file.expire_at"),), limit=limit)


def erasures(limit: int) -> Query:
    """Erasures that have begun, oldest first."""
    return Query(ERASURES, order=(Order("at"),), limit=limit)


def sent_to_citizen(complaint_id: str, before: Place | None = None, limit: int | None = None) -> Query:
    """What the citizen was sent about a complaint before a place, newest first; what staff was told stays unread."""
    kinds = [RowKind.ANSWER.value, RowKind.NOTICE.value]
    where = (Where("complaint", "==", complaint_id), Where("kind", "in", kinds))
    order = (Order("created_at", "DESCENDING"), _OF_ONE_TIME)
    return Query(OUTBOX, where, order=order, after=_before(before), limit=limit)


def all_staff() -> Query:
    """The whole staff list."""
    return Query(STAFF)


def staff_at(role: Role) -> Query:
    """Everybody in a role, or acting for it."""
    both = (Where("role", "==", role.value), Where("acting_for", "array_contains", role.value))
    return Query(STAFF, any_of=both)


def staff_changes(limit: int) -> Query:
    """The newest changes of the staff list, newest first."""
    return Query(STAFF_CHANGES, order=(Order("at", "DESCENDING"),), limit=limit)


Sign = Callable[[str], tuple[str, ...]]
"""A text's keyed hashes, URL-safe: under the newest key first, and under each that still holds."""


def after(query: Query, found: Found) -> Query:
    """The rest of a query, after a document that it found."""
    values = (found.document[order.field] for order in query.order[:-1])
    return replace(query, after=(*values, found.id))


def cursor_at(found: Found, sign: Sign) -> str:
    """Where a page of a listing ended, as an opaque, URL-safe text."""
    times = [found.document[order.field].isoformat() for order in _BY_DEADLINE[:-1]]
    text = base64.urlsafe_b64encode(json.dumps([*times, found.id]).encode()).decode().rstrip("=")
    return f"{text}.{sign(text)[0]}"


def continued(query: Query, cursor: str, sign: Sign) -> Query:
    """The rest of a listing. Raises ValueError for a cursor that was not made here."""
    text, _, signature = cursor.partition(".")
    if not any(hmac.compare_digest(signature.encode(), right.encode()) for right in sign(text)):
        raise ValueError("this cursor was not made here")
    *times, complaint_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return replace(query, after=(*map(datetime.fromisoformat, times), complaint_id))

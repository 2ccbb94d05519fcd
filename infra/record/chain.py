"""Which event of a record was touched first, and how: in words for the one who keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aduan.adapters.firestore_record import keeps_its_hash, verify_chain
from infra.record.database import Stored


@dataclass(frozen=True)
class Event:
    """One event as it stands: the id of its document, and its fields."""

    id: str
    document: Mapping[str, Any]

    @classmethod
    def of(cls, stored: Stored) -> "Event":
        return cls(stored.id, stored.document)

    @property
    def hash(self) -> object:
        return self.document.get("hash")


@dataclass(frozen=True)
class Touched:
    """The first event that is not as it was written, by its number, and what is wrong."""

    event: int
    how: str


def first_touched(complaint_id: str, head: Mapping[str, Any], events: Sequence[Event]) -> Touched | None:
    """Compare a record with itself and with its head. `events` are in the order of their ids.

    None if all is whole. Who rewrites a record to its end, with every hash and the head's, leaves it whole in
    itself: that shows against the hashes of an earlier backup only.
    """
    misplaced = _first_misplaced(events)
    broken = verify_chain(complaint_id, [event.document for event in events], str(head.get("event_hash")))
    if misplaced and (broken is None or misplaced.event <= broken):
        return misplaced
    if broken is None:
        seq = head.get("seq")
        return None if seq == len(events) else Touched(len(events), f"is the last, and its head says {seq}")
    return _unknown_to_head(head, events, broken) or _broken(head, events, broken)


def _first_misplaced(events: Sequence[Event]) -> Touched | None:
    """The first id that is not its event's number: one is missing before it, or it was put in."""
    for number, event in enumerate(events, start=1):
        if event.id != f"{number:06}":
            missing = event.id.isdecimal() and int(event.id) > number
            return Touched(number, "is missing" if missing else f"was put in, as {event.id!r}")
    return None


def _unknown_to_head(head: Mapping[str, Any], events: Sequence[Event], broken: int) -> Touched | None:
    """An event behind the one that the head has for the last."""
    seq = head.get("seq")
    if isinstance(seq, int) and 0 < seq < min(broken, len(events)) and events[seq - 1].hash == head.get("event_hash"):
        return Touched(seq + 1, "was put in: its head does not know it")
    return None


def _broken(head: Mapping[str, Any], events: Sequence[Event], broken: int) -> Touched:
    if broken > len(events):
        if events and head.get("seq") == len(events):
            return Touched(len(events), "is not the one that its head names: it was changed, or the head was")
        return Touched(broken, "is missing")
    if broken > 1 and _is_whole_and_led_on(head, events, broken):
        # It stands as it was written, and so does what follows: the one before was changed, and given a new hash.
        return Touched(broken - 1, "was changed")
    return Touched(broken, "was changed")


def _is_whole_and_led_on(head: Mapping[str, Any], events: Sequence[Event], number: int) -> bool:
    event = events[number - 1]
    follower = events[number].document.get("previous") if number < len(events) else head.get("event_hash")
    return keeps_its_hash(event.document) and event.hash == follower

"""What one complaint's page shows of its record and its messages: the newest, or those before a mark.

A citizen may write without end, and each message is an event too. So nothing here reads more than these bounds,
and every part says where the one before it ends.
"""

from dataclasses import dataclass
from typing import Final

from aduan.procedure.complaint import Complaint
from aduan.procedure.events import Event, EventType
from aduan.service.model import Citizen, Conversation, Place
from aduan.service.ports import Loaded, Store

MOST_MESSAGES: Final = 100
MOST_EVENTS: Final = 500
"""More than all acts and checks of an ordinary complaint make: its whole record is one part."""

TURNS: Final = frozenset(EventType) - {
    EventType.ALERTED,
    EventType.BREACHED,
    EventType.DATA_CHECK_ANSWERED,
    EventType.DATA_CHECK_ASKED,
    EventType.MESSAGE_ADDED,
    EventType.RATED,
    EventType.REMINDED,
    EventType.UNMASKED,
}
"""The events by which a step begins, ends, or stands still. A citizen's message is none of them."""


@dataclass(frozen=True)
class Mark:
    """Where a part of the messages begins. `left`: the citizen's messages before it, as the complaint counts them.

    It is counted from the oldest, so that it holds while new messages come in.
    """

    place: Place
    left: int


@dataclass(frozen=True)
class Window:
    """Which part of a complaint is wanted: messages before a mark, events before a number; None: the newest."""

    messages: Mark | None = None
    events: int | None = None


NEWEST: Final = Window()


@dataclass(frozen=True)
class CaseFile:
    """One complaint with everything that its page shows.

    `turns` are what the steps are read from, and `is_whole` whether they go back to the beginning. `newer` counts the
    citizen's messages after these. `older_messages` and `older_events`: before which there are more (None: none).
    """

    complaint: Complaint
    events: tuple[Event, ...]
    conversation: Conversation
    citizen: Citizen | None
    turns: tuple[Event, ...]
    is_whole: bool
    newer: int
    older_messages: Mark | None
    older_events: int | None
    window: Window


def events_of(store: Store, loaded: Loaded[Complaint], before: int | None = None) -> tuple[Event, ...]:
    """The newest events, or those before a number, in order. One round trip."""
    return store.events(loaded, before, MOST_EVENTS)


def case_file(store: Store, loaded: Loaded[Complaint], window: Window = NEWEST) -> CaseFile:
    """A part of a complaint. Four round trips; one more where its record is longer than a part."""
    complaint = loaded.value
    events = events_of(store, loaded, window.events)
    turns = events if _is_all(complaint, events) else store.events(loaded, None, MOST_EVENTS, TURNS)
    is_whole = turns is events or len(turns) < MOST_EVENTS
    older_events = continues_before(events)
    if complaint.erased_at is not None:  # what is left of its messages is on its way out, and nobody sees it
        return CaseFile(complaint, events, Conversation(), None, turns, is_whole, 0, None, older_events, window)
    mark = window.messages
    citizen = store.citizen(complaint.citizen)
    found = store.conversation(loaded, mark.place if mark else None, MOST_MESSAGES + 1)
    talk = _newest(found)
    newer = complaint.messages - mark.left if mark else 0
    return CaseFile(
        complaint=complaint,
        events=events,
        conversation=talk,
        citizen=citizen.value if citizen else None,
        turns=turns,
        is_whole=is_whole,
        newer=newer,
        older_messages=None
        if talk is found
        else Mark(talk.places()[0], complaint.messages - newer - len(talk.inbound)),
        older_events=older_events,
        window=window,
    )


def continues_before(events: tuple[Event, ...]) -> int | None:
    """The number before which there is more of the record; None: nothing."""
    return events[0].seq if events and events[0].seq > 1 else None


def _is_all(complaint: Complaint, events: tuple[Event, ...]) -> bool:
    """Whether these are the whole record; one that grew since the complaint was read is no shorter for it."""
    return continues_before(events) is None and bool(events) and events[-1].seq >= complaint.seq


def _newest(talk: Conversation) -> Conversation:
    """The newest of both sides together; the conversation itself where that is all of it."""
    places = talk.places()
    if len(places) <= MOST_MESSAGES:
        return talk
    first = places[-MOST_MESSAGES]
    return Conversation(
        tuple(message for message in talk.inbound if Place(message.at, message.id) >= first),
        tuple(row for row in talk.outbound if Place(row.created_at, row.id) >= first),
    )

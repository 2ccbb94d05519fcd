"""What one complaint's page shows of its record and its messages: the newest, or those before a mark.

A citizen may write without end, and each message is an event too. So nothing here reads more than these bounds,
and every part says where the one before it ends.
"""

from dataclasses import dataclass
from datetime import datetime
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
class Window:
    """Which part of a complaint is wanted: messages before a place, events before a number; None: the newest."""

    messages: Place | None = None
    events: int | None = None


NEWEST: Final = Window()


@dataclass(frozen=True)
class CaseFile:
    """One complaint with everything that its page shows.

    `turns` are what the steps are read from, and `is_whole` whether they go back to the beginning. `older_messages` and
    `older_events`: before which there are more (None: none).
    """

    complaint: Complaint
    events: tuple[Event, ...]
    conversation: Conversation
    citizen: Citizen | None
    turns: tuple[Event, ...]
    is_whole: bool
    older_messages: Place | None
    older_events: int | None
    window: Window

    @property
    def told(self) -> str:
        """What it is about in the citizen's words; of a draft that has none yet, all that they wrote."""
        written = (message.text for message in self.conversation.inbound if message.text)
        return self.complaint.description or "\n".join(written)

    @property
    def unread_since(self) -> frozenset[datetime]:
        """When the messages came that count as unread: not all that is written does, as STATUS or a reaction."""
        added = [e.at for e in self.events if e.type is EventType.MESSAGE_ADDED and e.seq <= self.complaint.seq]
        unread = self.complaint.unread if self.window.events is None else 0
        return frozenset(added[max(0, len(added) - unread) :])


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
        return CaseFile(complaint, events, Conversation(), None, turns, is_whole, None, older_events, window)
    citizen = store.citizen(complaint.citizen)
    found = store.conversation(loaded, window.messages, MOST_MESSAGES + 1)
    talk = _newest(found)
    return CaseFile(
        complaint=complaint,
        events=events,
        conversation=talk,
        citizen=citizen.value if citizen else None,
        turns=turns,
        is_whole=is_whole,
        older_messages=None if talk is found else talk.places()[0],
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

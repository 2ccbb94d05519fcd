"""What a complaint's page shows: all of an ordinary one, and of a long one a part from which the others are reached."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.procedure.complaint import Complaint
from aduan.procedure.events import Event, EventType
from aduan.service.case_files import NEWEST, CaseFile, Window, case_file, continues_before, events_of
from aduan.service.model import Conversation, Message, OutboxRow, Place
from aduan.service.ports import Commit, Loaded
from tests.adapters.store_samples import T0, a_citizen, a_full_complaint, a_message, a_row, read
from tests.service.fakes import InMemoryStore

STEP, MESSAGE = EventType.FORWARDED, EventType.MESSAGE_ADDED


class NotingStore(InMemoryStore):
    """It notes how much each reading of the record or of the messages found."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[int] = []

    def events(
        self,
        complaint: Loaded[Complaint],
        before: int | None = None,
        limit: int | None = None,
        types: frozenset[EventType] = frozenset(),
    ) -> tuple[Event, ...]:
        events = super().events(complaint, before, limit, types)
        self.found.append(len(events))
        return events

    def conversation(
        self, complaint: Loaded[Complaint], before: Place | None = None, limit: int | None = None
    ) -> Conversation:
        talk = super().conversation(complaint, before, limit)
        self.found += [len(talk.inbound), len(talk.outbound)]
        return talk


def recorded(kinds: Sequence[EventType], **changes: object) -> NotingStore:
    """A store with one complaint of a known citizen, and these events as its whole record."""
    store = NotingStore()
    complaint = a_full_complaint()
    events = tuple(
        Event(seq=seq, type=kind, at=T0 + timedelta(seconds=seq), step=3, changes=changes if seq == len(kinds) else {})
        for seq, kind in enumerate(kinds, 1)
    )
    for event in events:
        complaint = complaint.after(event)
    citizen = Loaded(a_citizen(), "key")
    store.commit(Commit(complaint=Loaded(complaint, "key"), events=events, citizen=citizen))
    return store


def write(store: InMemoryStore, numbers: range) -> None:
    """So many messages of the citizen's, five of each minute; every second one is answered at the same moment."""
    for number in numbers:
        at = T0 + timedelta(minutes=number // 5)
        store.commit(Commit(message=a_message(f"wamid.{number}", at=at, text=str(number))))
        if number % 2:
            store.commit(Commit(new_rows=(a_row(f"n{number}", created_at=at),)))
    loaded = read(store, "K1")
    counted = loaded.value.model_copy(update={"messages": len(store.messages)})
    store.complaints.put("K1", Loaded(counted, loaded.key))


def shown(store: InMemoryStore, window: Window = NEWEST) -> CaseFile:
    return case_file(store, read(store, "K1"), window)


def heard(store: InMemoryStore) -> list[Message]:
    """All of the citizen's messages, oldest first."""
    return sorted(store.messages, key=lambda one: Place(one.at, one.id))


def told(store: InMemoryStore) -> list[OutboxRow]:
    """All that went to the citizen, oldest first."""
    return sorted(store.rows, key=lambda one: Place(one.created_at, one.id))


def sequence(events: Sequence[Event]) -> list[int]:
    return [event.seq for event in events]


def test_an_ordinary_complaint_is_shown_whole() -> None:
    store = recorded([STEP, MESSAGE, STEP, MESSAGE])
    write(store, range(4))
    loaded, record = read(store, "K1"), store.record["K1"]
    talk = store.conversation(loaded)
    assert (len(talk.inbound), len(talk.outbound)) == (4, 2)
    assert case_file(store, loaded) == CaseFile(
        complaint=loaded.value,
        events=record,
        conversation=talk,
        citizen=a_citizen(),
        turns=record,
        is_whole=True,
        older_messages=None,
        older_events=None,
        window=NEWEST,
    )


def test_whose_citizen_is_gone_is_shown_without() -> None:
    store = recorded([STEP])
    store.citizens.drop("c1")
    assert shown(store).citizen is None


# The messages


@pytest.mark.parametrize(("messages", "before"), [(67, 0), (68, 2), (70, 5)])
def test_what_is_more_than_a_part_is_before_it(messages: int, before: int) -> None:
    store = recorded([STEP])
    write(store, range(messages))
    places = store.conversation(read(store, "K1")).places()
    file = shown(store)
    assert (len(places), file.conversation.places()) == (100 + before, places[before:])
    if not before:
        assert file.older_messages is None
        return
    assert file.older_messages is not None
    assert file.older_messages == places[before]
    older = shown(store, Window(messages=file.older_messages))
    assert (older.conversation.places(), older.older_messages) == (places[:before], None)


def test_one_message_more_than_a_part_is_before_it_though_nobody_answered() -> None:
    store = recorded([STEP])
    write(store, range(0, 202, 2))
    file = shown(store)
    assert (len(file.conversation.inbound), file.older_messages) == (100, file.conversation.places()[0])


def parts(store: InMemoryStore) -> Iterator[CaseFile]:
    """The newest messages, and those before them, by the marks."""
    file = shown(store)
    yield file
    while file.older_messages is not None:
        file = shown(store, Window(messages=file.older_messages))
        yield file


def test_every_message_is_in_just_one_part_while_others_come_in() -> None:
    store = recorded([STEP])
    write(store, range(250))
    mine, theirs = heard(store), told(store)
    inbound, outbound, walk = list[Message](), list[OutboxRow](), parts(store)
    for number, file in enumerate(walk):
        assert len(file.conversation.places()) <= 100
        inbound[:0], outbound[:0] = file.conversation.inbound, file.conversation.outbound
        write(store, range(250 + number, 251 + number))
    assert (sorted(one.id for one in inbound), outbound) == (sorted(one.id for one in mine), theirs)


def test_it_is_told_in_the_citizens_words_and_a_draft_without_any_by_all_that_was_written() -> None:
    store = recorded([MESSAGE, MESSAGE, MESSAGE])
    for number, text in enumerate(("Selamat pagi", None, "KTP hilang")):
        store.commit(Commit(message=a_message(f"wamid.{number}", at=T0 + timedelta(minutes=number), text=text)))
    loaded = read(store, "K1")
    assert shown(store).told == loaded.value.description
    draft = loaded.value.model_copy(update={"form": {}})
    store.complaints.put("K1", replace(loaded, value=draft))
    assert shown(store).told == "Selamat pagi\nKTP hilang"


def test_just_the_messages_that_count_as_unread_are_new() -> None:
    store = recorded([MESSAGE, STEP, MESSAGE, MESSAGE], unread=2)
    _, _, third, fourth = store.record["K1"]
    assert shown(store).unread_since == {third.at, fourth.at}
    assert shown(store, Window(events=4)).unread_since == frozenset()


def test_where_more_is_unread_than_a_part_of_the_record_tells_of_all_of_it_is_new() -> None:
    store = recorded([MESSAGE] * 600, unread=600)
    assert shown(store).unread_since == {event.at for event in store.record["K1"][100:]}


def test_a_message_that_came_after_the_complaint_was_read_is_not_new_yet() -> None:
    store = recorded([STEP, MESSAGE], unread=1)
    loaded = read(store, "K1")
    store.record["K1"] += (Event(seq=3, type=MESSAGE, at=T0 + timedelta(seconds=3), step=3, changes={}),)
    assert case_file(store, loaded).unread_since == {store.record["K1"][1].at}


def test_a_part_knows_which_it_is() -> None:
    store = recorded([STEP])
    window = Window(Place(T0, "m"), 1)
    assert shown(store, window).window == window


# The record


def test_a_record_of_five_hundred_is_one_part_and_its_steps_are_all_there() -> None:
    store = recorded([STEP] * 500)
    file = shown(store)
    assert (sequence(file.events), file.turns, file.is_whole) == (list(range(1, 501)), file.events, True)
    assert file.older_events is None


def test_one_event_more_is_before_the_part_and_the_steps_are_read_by_themselves() -> None:
    store = recorded([STEP, *[MESSAGE] * 499, STEP])
    file = shown(store)
    assert (sequence(file.events), file.older_events) == (list(range(2, 502)), 2)
    assert (sequence(file.turns), file.is_whole) == ([1, 501], True)
    before = shown(store, Window(events=file.older_events))
    assert (sequence(before.events), before.older_events) == ([1], None)
    assert (before.turns, before.is_whole) == (file.turns, True)


@pytest.mark.parametrize(("before", "part"), [(1, []), (2, [1]), (3, [1, 2])])
def test_the_steps_are_those_of_the_whole_record_whichever_part_is_shown(before: int, part: list[int]) -> None:
    file = shown(recorded([STEP, MESSAGE, STEP]), Window(events=before))
    assert (sequence(file.events), sequence(file.turns), file.older_events) == (part, [1, 3], None)


@pytest.mark.parametrize("steps", [500, 501, 600])
def test_where_there_may_be_more_steps_than_can_be_shown_the_page_says_so(steps: int) -> None:
    file = shown(recorded([*[STEP] * steps, MESSAGE]))
    assert (sequence(file.turns), file.is_whole) == (list(range(steps - 499, steps + 1)), False)


def test_what_happened_since_the_complaint_was_read_is_shown_too() -> None:
    store = recorded([STEP, MESSAGE])
    earlier = Loaded(read(store, "K1").value.model_copy(update={"seq": 1}), "key")
    file = case_file(store, earlier)
    assert (sequence(file.events), file.turns) == ([1, 2], file.events)


def test_the_record_alone_is_read_in_the_same_parts() -> None:
    store = recorded([MESSAGE] * 1_001)
    loaded = read(store, "K1")
    newest = events_of(store, loaded)
    middle = events_of(store, loaded, continues_before(newest))
    first = events_of(store, loaded, continues_before(middle))
    assert [sequence(part) for part in (newest, middle, first)] == [
        list(range(502, 1_002)),
        list(range(2, 502)),
        [1],
    ]
    assert [continues_before(part) for part in (middle, first, ())] == [2, None, None]


# How much is read


def test_however_long_a_complaint_is_no_more_is_read_than_a_part_and_one_message_of_each_side() -> None:
    store = recorded([STEP] * 600)
    write(store, range(250))
    for window in (NEWEST, Window(Place(heard(store)[220].at, heard(store)[220].id), 550)):
        store.found.clear()
        shown(store, window)
        assert store.found == [500, 500, 101, 101]


# What was erased


@pytest.mark.parametrize("steps", [1, 501])
def test_of_what_was_erased_only_its_record_is_shown(steps: int) -> None:
    """What is left of its messages is on its way out."""
    store = recorded([*[STEP] * steps, EventType.ERASED], erased_at=T0)
    write(store, range(150))
    window = Window(messages=Place(T0, "m"))
    file, record = shown(store, window), store.record["K1"]
    assert file == CaseFile(
        complaint=read(store, "K1").value,
        events=record[-500:],
        conversation=Conversation(),
        citizen=None,
        turns=record[-500:],
        is_whole=steps == 1,
        older_messages=None,
        older_events=None if steps == 1 else 3,
        window=window,
    )

"""What every `Store` promises. Each function is a test, run on the real store and on the fake one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.procedure.complaint import Complaint, replayed
from aduan.procedure.events import Event, EventType
from aduan.service.channel import Address, Failure
from aduan.service.model import AttachedFile, ChannelState, FileState, Request, RowKind, RowState, message_id
from aduan.service.ports import (
    AlreadyDone,
    ChannelLog,
    Commit,
    Conflict,
    DueRow,
    Filters,
    Glance,
    Loaded,
    RowRef,
    Store,
)
from aduan.service.retrying import until_settled
from tests.adapters.store_samples import (
    BOTH,
    BSUID,
    PHONE,
    T0,
    TEXT,
    a_citizen,
    a_full_complaint,
    a_message,
    a_row,
    begun,
    first_message,
    minutes,
    one_more,
    put,
    read,
)

Promise = Callable[[Store], None]
PROMISES: list[Promise] = []
A_REQUEST = Request(id="r" * 16, email="kasi@example.org", act="approve", complaint="K1")


def promise(test: Promise) -> Promise:
    """Have a test run on every store."""
    PROMISES.append(test)
    return test


# A complaint and its record


@promise
def a_complaint_comes_back_as_it_was_written(store: Store) -> None:
    after, events = begun(a_full_complaint())
    store.commit(Commit(complaint=Loaded(after, store.new_key()), events=events))
    assert read(store, "K1").value == after


@promise
def what_is_not_there_is_none(store: Store) -> None:
    impossible = ("K9", "", ".", "..", "__all__", "a/b", "a" * 2000, "\ud800", "a\n")
    assert [store.complaint(one) for one in impossible] == [None] * len(impossible)
    assert [store.row(one) for one in impossible] == [None] * len(impossible)
    assert store.citizen("nobody") is None
    assert store.request("a request/..") is None
    assert store.send_job(RowRef("n9", "K9", "c9", "nobody@example.org")) is None


@promise
def the_record_replays_to_the_complaint(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(one_more(loaded, note="catatan", form={"nik": "1"}, wait=None, breaches=()))
    store.commit(one_more(read(store, "K1"), waited=timedelta(hours=1), data_check=None, due_at=T0))
    standing = read(store, "K1")
    events = store.events(standing)
    assert [event.seq for event in events] == [1, 2, 3]
    assert events[1].note == "catatan"
    assert events[1].changes == {"form": {"nik": "1"}, "wait": None, "breaches": ()}
    assert replayed(Complaint(id="", citizen="", started_at=T0), events) == standing.value


@promise
def a_part_of_the_record_is_the_newest_before_a_number_and_of_the_types_asked_for(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    for _ in range(5):
        store.commit(one_more(loaded := read(store, "K1"), unread=loaded.value.unread + 1))
    whole = store.events(loaded)
    assert store.events(loaded, None, 2) == whole[-2:]
    assert store.events(loaded, 4, 2) == whole[1:3]
    assert store.events(loaded, 4) == whole[:3]
    assert store.events(loaded, 1, 2) == ()
    assert store.events(loaded, None, 2, frozenset({whole[0].type, EventType.ERASED})) == whole[:1]


@promise
def events_come_back_as_they_were_decided(store: Store) -> None:
    after, events = begun(a_full_complaint())
    store.commit(Commit(complaint=Loaded(after, store.new_key()), events=events))
    assert store.events(read(store, "K1")) == events


@promise
def an_event_out_of_line_is_never_written(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    stray = Event(seq=7, type=EventType.RATED, at=T0, step=None, changes={})
    with pytest.raises(ValueError, match="events"):
        store.commit(Commit(complaint=loaded, events=(stray,)))
    assert read(store, "K1") == loaded


@promise
def a_new_complaint_never_takes_the_place_of_another(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    after, events = begun(a_full_complaint().model_copy(update={"citizen": "c2"}))
    with pytest.raises(Conflict):
        store.commit(Commit(complaint=Loaded(after, store.new_key()), events=events))
    assert read(store, "K1") == loaded


# All of an act or nothing


@promise
def of_two_writers_at_one_complaint_the_second_conflicts(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(one_more(loaded, unread=1))
    late = replace(one_more(loaded, unread=2), message=a_message(), new_rows=(a_row(),))
    with pytest.raises(Conflict):
        store.commit(late)
    assert read(store, "K1").value.unread == 1
    assert store.row("n1") is None
    assert not store.inbound("wamid.1", PHONE).claimed


@promise
def twenty_writers_at_one_complaint_all_land(store: Store) -> None:
    put(store, a_full_complaint())
    together = threading.Barrier(20)

    def write(number: int) -> None:
        together.wait()
        until_settled(lambda: store.commit(_counted(store, number)))

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(20)))
    standing = read(store, "K1")
    assert standing.value.unread == 20
    assert [event.seq for event in store.events(standing)] == list(range(1, 22))
    assert {event.note for event in store.events(standing)[1:]} == {str(number) for number in range(20)}


def _counted(store: Store, number: int) -> Commit:
    loaded = read(store, "K1")
    return one_more(loaded, note=str(number), unread=loaded.value.unread + 1)


@promise
def a_repeat_of_a_claimed_message_changes_nothing(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(replace(one_more(loaded, unread=1), message=a_message()))
    standing = read(store, "K1")
    again = replace(one_more(standing, unread=2), message=a_message(), new_rows=(a_row(),))
    with pytest.raises(AlreadyDone):
        store.commit(again)
    assert read(store, "K1") == standing
    assert store.row("n1") is None


@promise
def a_request_id_used_before_changes_nothing_even_where_the_complaint_moved_on(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(replace(one_more(loaded, unread=1), request=A_REQUEST))
    with pytest.raises(AlreadyDone):
        store.commit(replace(one_more(loaded, unread=1), request=A_REQUEST))
    assert store.request(A_REQUEST.id) == A_REQUEST
    assert read(store, "K1").value.seq == 2


@promise
def a_new_row_never_takes_the_place_of_another(store: Store) -> None:
    store.commit(Commit(new_rows=(a_row(),)))
    with pytest.raises(Conflict):
        store.commit(Commit(new_rows=(a_row("n2"), a_row(attempts=5))))
    assert store.row("n2") is None
    standing = store.row("n1")
    assert standing is not None
    assert standing.value == a_row()


@promise
def a_row_is_written_only_as_it_was_read(store: Store) -> None:
    store.commit(Commit(new_rows=(a_row(),)))
    loaded = store.row("n1")
    assert loaded is not None
    sent = a_row(state=RowState.SENT, wamid="wamid.OUT", next_at=None, error="x", fallback="{}")
    store.commit(Commit(row=replace(loaded, value=sent), new_rows=(a_row("a2", kind=RowKind.ANSWER),)))
    standing = store.row("n1")
    assert standing is not None
    assert standing.value == sent
    with pytest.raises(Conflict):
        store.commit(Commit(row=replace(loaded, value=a_row(attempts=9))))


@promise
def a_glance_tells_what_of_a_batch_is_there(store: Store) -> None:
    store.commit(Commit(new_rows=(a_row(), a_row("n2", attempts=3))))
    first_message(store, PHONE)
    there = store.glance(["wamid.1", "wamid.2", "\ud800"], ["n2", "n9", "", "a/b"])
    assert there.kept == {"wamid.1"}
    assert there.rows == {"n2": store.row("n2")}
    assert store.glance([], []) == Glance()


@promise
def a_commit_of_nothing_is_nothing(store: Store) -> None:
    store.commit(Commit())
    assert store.listed(Filters(), None, 10).items == ()


# Citizens and their names


@promise
def a_stranger_is_nobody_and_all_their_names_are_missing(store: Store) -> None:
    found = store.inbound("wamid.1", BOTH)
    assert (found.claimed, found.citizen, found.complaint) == (False, None, None)
    assert set(found.missing_aliases) == {PHONE, BSUID}
    assert found.moved_aliases == ()


@promise
def a_message_finds_its_citizen_their_complaint_and_its_claim(store: Store) -> None:
    citizen_id = first_message(store, BOTH)
    put(store, a_full_complaint())
    known = store.citizen(citizen_id)
    assert known is not None
    store.commit(Commit(citizen=replace(known, value=known.value.model_copy(update={"current": "K1"}))))
    for sender in (BOTH, PHONE, BSUID):
        found = store.inbound("wamid.1", sender)
        assert found.claimed
        assert found.citizen is not None
        assert found.citizen.value == known.value.model_copy(update={"current": "K1"})
        assert found.complaint == read(store, "K1")
        assert (found.missing_aliases, found.moved_aliases) == ((), ())
    assert not store.inbound("wamid.2", BOTH).claimed


@promise
def a_name_that_is_new_for_a_known_person_is_missing_alone(store: Store) -> None:
    citizen_id = first_message(store, PHONE)
    found = store.inbound("wamid.2", BOTH)
    assert found.citizen is not None
    assert (found.citizen.value.id, found.missing_aliases) == (citizen_id, (BSUID,))
    store.commit(Commit(citizen=found.citizen, new_aliases=found.missing_aliases, message=a_message("wamid.2")))
    by_new_name = store.inbound("wamid.3", BSUID)
    assert by_new_name.citizen is not None
    assert by_new_name.citizen.value.id == citizen_id


@promise
def two_first_messages_at_once_make_one_citizen(store: Store) -> None:
    found = store.inbound("wamid.2", PHONE)
    first_message(store, PHONE)
    late = Commit(
        citizen=Loaded(a_citizen(store.new_citizen_id(PHONE)), store.new_key()),
        new_aliases=found.missing_aliases,
        message=a_message("wamid.2"),
    )
    with pytest.raises(Conflict):
        store.commit(late)
    assert not store.inbound("wamid.2", PHONE).claimed


@promise
def where_two_names_lead_to_two_people_the_business_scoped_id_is_believed(store: Store) -> None:
    by_phone, by_bsuid = first_message(store, PHONE), first_message(store, BSUID, "wamid.2")
    assert by_phone != by_bsuid
    found = store.inbound("wamid.3", BOTH)
    assert found.citizen is not None
    assert (found.citizen.value.id, found.missing_aliases, found.moved_aliases) == (by_bsuid, (), (PHONE,))
    store.commit(Commit(citizen=found.citizen, moved_aliases=found.moved_aliases, message=a_message("wamid.3")))
    joined = store.inbound("wamid.4", PHONE)
    assert joined.citizen is not None
    assert (joined.citizen.value.id, joined.moved_aliases) == (by_bsuid, ())


@promise
def a_number_that_was_given_up_leads_its_next_owner_to_a_citizen_of_their_own(store: Store) -> None:
    former = first_message(store, PHONE)
    found = store.inbound("wamid.2", PHONE)
    store.commit(Commit(citizen=found.citizen, released_aliases=(PHONE,), message=a_message("wamid.2")))

    nobody = store.inbound("wamid.3", PHONE)
    assert (nobody.citizen, nobody.complaint, nobody.moved_aliases) == (None, None, (PHONE,))
    assert nobody.reserved_id not in (None, former)

    own = Loaded(a_citizen(str(nobody.reserved_id)), store.new_key())
    store.commit(Commit(citizen=own, moved_aliases=nobody.moved_aliases, message=a_message("wamid.3")))
    again = store.inbound("wamid.4", PHONE)
    assert again.citizen is not None
    assert again.citizen.value.id == nobody.reserved_id


@promise
def a_number_with_another_persons_business_scoped_id_is_not_its_former_owners(store: Store) -> None:
    former = first_message(store, BOTH)
    found = store.inbound("wamid.2", Address(phone=BOTH.phone, bsuid="ID.newowner"))
    assert (found.citizen, found.complaint, found.reserved_id) == (None, None, None)
    assert found.missing_aliases == (Address(bsuid="ID.newowner"),)
    assert found.moved_aliases == (Address(phone=BOTH.phone),)
    assert store.new_citizen_id(Address(phone=BOTH.phone, bsuid="ID.newowner")) != former


@promise
def a_changed_number_leads_to_the_same_citizen(store: Store) -> None:
    citizen_id, new_phone = first_message(store, PHONE), Address(phone="+6281299999999")
    found = store.inbound("wamid.2", PHONE)
    store.commit(Commit(citizen=found.citizen, moved_aliases=(new_phone,), message=a_message("wamid.2")))
    again = store.inbound("wamid.3", new_phone)
    assert again.citizen is not None
    assert again.citizen.value.id == citizen_id


@promise
def a_citizen_is_written_only_as_they_were_read(store: Store) -> None:
    first_message(store, PHONE)
    found = store.inbound("wamid.2", PHONE)
    store.commit(Commit(citizen=found.citizen))
    with pytest.raises(Conflict):
        store.commit(Commit(citizen=found.citizen))


@promise
def aliases_without_their_citizen_are_never_written(store: Store) -> None:
    with pytest.raises(ValueError, match="aliases"):
        store.commit(Commit(new_aliases=(PHONE,), message=a_message()))
    assert not store.inbound("wamid.1", PHONE).claimed


@promise
def a_value_of_a_kind_has_hashes_that_no_other_has(store: Store) -> None:
    asked = [(kind, value) for kind in ("nik", "phone") for value in ("1", "2")]
    hashes = {store.lookup_hashes(*one) for one in asked for _ in range(2)}
    assert len(hashes) == len(asked)
    each = [one for under_each_key in hashes for one in under_each_key]
    assert len(set(each)) == len(each)


# Messages in and out


@promise
def a_conversation_has_both_sides_oldest_first_and_nothing_of_others(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    later, earlier = a_message("wamid.2", at=T0 + minutes(5)), a_message("wamid.1")
    rows = (
        a_row("n2", created_at=T0 + minutes(6)),
        a_row("a1", kind=RowKind.ANSWER),
        a_row("s1", kind=RowKind.ALERT, to_citizen=None, to_staff="a@example.org"),
        a_row("n3", complaint="K2"),
    )
    store.commit(replace(one_more(loaded), message=later, new_rows=rows))
    store.commit(replace(one_more(read(store, "K1")), message=earlier))
    store.commit(Commit(message=a_message("wamid.3", complaint="K2")))
    talk = store.conversation(loaded)
    assert talk.inbound == (earlier, later)
    assert [row.id for row in talk.outbound] == ["a1", "n2"]
    assert talk.outbound[1] == rows[0]


@promise
def a_part_of_a_conversation_is_the_newest_of_each_side_before_a_place(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    for message in [a_message(f"wamid.{number}") for number in range(6)]:  # all of one second
        store.commit(Commit(message=message))
    store.commit(Commit(new_rows=(a_row("n1", created_at=T0), a_row("n2", created_at=T0 + minutes(5)))))
    whole = store.conversation(loaded)
    places = whole.places()
    assert len(places) == 8
    assert places == sorted(places)
    for limit in (1, 3, 8):
        shown = store.conversation(loaded, places[-1], limit)
        assert {row.id for row in shown.outbound} == {"n1"}
        assert {message.id for message in shown.inbound} == set(sorted(one.id for one in whole.inbound)[-limit:])
    assert [places[0]] == store.conversation(loaded, places[1], 8).places()
    assert store.conversation(loaded, places[0], 8).places() == []


@promise
def a_send_job_has_the_row_its_complaint_and_its_citizen(store: Store) -> None:
    loaded = put(store, a_full_complaint())
    citizen = a_citizen()
    row = a_row()
    store.commit(replace(one_more(loaded), citizen=Loaded(citizen, loaded.key), new_aliases=(PHONE,), new_rows=(row,)))
    job = store.send_job(RowRef.to(row))
    assert job is not None
    assert (job.row.value, job.complaint, job.citizen) == (row, read(store, "K1"), citizen)
    assert job.staff is None


@promise
def unreadable_parts_are_kept_and_a_repeat_is_no_fault(store: Store) -> None:
    assert store.keep_unreadable(TEXT, "no webhook", T0, T0 + minutes(9), None) == 1
    assert store.keep_unreadable(TEXT, "no webhook", T0 + minutes(1), T0 + minutes(10), None) == 1


@promise
def a_message_is_found_by_its_id_and_written_again_only_as_it_was_read(store: Store) -> None:
    wanted = AttachedFile(
        media_id="1", media_type="image/jpeg", sha256="0" * 64, filename=TEXT, voice=True, fetch_at=T0
    )
    message = a_message(file=wanted)
    store.commit(Commit(message=message))
    loaded = store.message(message.id)
    assert loaded is not None
    assert loaded.value == message
    kept = wanted.model_copy(
        update={"state": FileState.KEPT, "fetch_at": None, "attempts": 1, "kept_type": "image/jpeg", "size": 7}
    )
    news = replace(loaded, value=message.model_copy(update={"file": kept}))
    store.commit(Commit(known_message=news))
    again = store.message(message.id)
    assert again is not None
    assert (again.value.file, again.key) == (kept, loaded.key)
    with pytest.raises(Conflict):
        store.commit(Commit(known_message=news))
    assert store.message("nothing") is None


@promise
def due_fetches_come_oldest_first_and_no_more_than_asked(store: Store) -> None:
    for wamid, at in (
        ("wamid.1", T0 + minutes(1)),
        ("wamid.2", T0),
        ("wamid.3", T0 + minutes(1, 1)),
        ("wamid.4", None),
    ):
        store.commit(Commit(message=a_message(wamid, file=AttachedFile(media_id="1", fetch_at=at))))
    store.commit(Commit(message=a_message("wamid.5")))
    assert store.due_fetches(T0 + minutes(1), 10) == (message_id("wamid.2"), message_id("wamid.1"))
    assert store.due_fetches(T0 + minutes(1), 1) == (message_id("wamid.2"),)


@promise
def due_rows_come_oldest_first_and_no_more_than_asked(store: Store) -> None:
    rows = (
        a_row("n1", next_at=T0 + minutes(1)),
        a_row("n2"),
        a_row("s3", kind=RowKind.ALERT, to_citizen=None, to_staff="a@example.org", complaint=None),
        a_row("n4", next_at=T0 + minutes(1, 1)),
        a_row("n5", next_at=None),
    )
    store.commit(Commit(new_rows=rows))
    due = store.due_rows(T0 + minutes(1), 10)
    assert [row.ref.row for row in due] == ["n2", "s3", "n1"]
    assert due[1] == DueRow(RowRef("s3", staff="a@example.org"), T0)
    assert store.due_rows(T0 + minutes(1), 1) == due[:1]
    assert store.due_rows(T0 + minutes(1), 1, due[0]) == due[1:2]
    assert store.due_rows(T0 + minutes(1), 10, due[2]) == ()


# The channel


ChannelPromise = Callable[[Store, ChannelLog], None]
CHANNEL_PROMISES: list[ChannelPromise] = []


def channel_promise(test: ChannelPromise) -> ChannelPromise:
    """Have a test run on every store with its channel log."""
    CHANNEL_PROMISES.append(test)
    return test


@channel_promise
def a_channel_of_which_nothing_is_known_is_open(store: Store, channel: ChannelLog) -> None:
    assert channel.state().value == ChannelState()
    assert (channel.last_heard(), channel.last_accepted(), channel.standing(10)) == (None, None, ())
    assert store.due_rows(T0, 1) == ()


@channel_promise
def a_shut_channel_comes_back_as_it_was_written_and_with_every_sending(store: Store, channel: ChannelLog) -> None:
    shut = ChannelState(failure=Failure.OPERATOR, code=190, detail="token", since=T0, probe_at=T0 + minutes(1))
    channel.save(replace(channel.state(), value=shut))
    assert channel.state().value == shut
    store.commit(Commit(new_rows=(a_row(),)))
    job = store.send_job(RowRef("n1"))
    assert job is not None
    assert job.channel == channel.state()


@channel_promise
def of_two_writers_of_the_channels_state_the_second_conflicts(store: Store, channel: ChannelLog) -> None:
    del store
    for code in (1, 2):
        before = channel.state()
        channel.save(replace(before, value=ChannelState(code=code)))
        with pytest.raises(Conflict):
            channel.save(replace(before, value=ChannelState(code=3)))
        assert channel.state().value.code == code


@channel_promise
def the_record_tells_what_came_and_left_last_and_what_still_stands(store: Store, channel: ChannelLog) -> None:
    rows = (
        a_row("n1", created_at=T0, next_at=T0 + minutes(3)),
        a_row("n2", created_at=T0 + minutes(1), next_at=T0 + minutes(2)),
        a_row("n3", state=RowState.SENT, next_at=None, accepted_at=T0 + minutes(4)),
        a_row("n4", state=RowState.READ, next_at=None, accepted_at=T0 + minutes(5)),
        a_row("n5", state=RowState.FAILED, next_at=None),
        a_row("n6", state=RowState.SENDING, created_at=T0 + minutes(2)),
    )
    first_message(store, PHONE)
    store.commit(Commit(new_rows=rows))
    assert channel.last_heard() == a_message().received_at
    assert channel.last_accepted() == T0 + minutes(5)
    assert channel.standing(10) == (T0, T0 + minutes(1), T0 + minutes(2))
    assert channel.standing(1) == (T0,)

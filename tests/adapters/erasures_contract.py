"""What every `Erasures` promises. Each function is a test, run on the real one and on the fake."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from aduan.procedure.events import Event, EventType
from aduan.procedure.personal import DESTROYED_KEY
from aduan.service.channel import Address, MessageKind
from aduan.service.erasures import Ephemera, Erasure, ErasureKind, Erasures, Trace
from aduan.service.model import AttachedFile, Citizen, Message, Request
from aduan.service.ports import AlreadyDone, Commit, Conflict, Loaded, Store
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
    first_message,
    minutes,
    put,
    read,
)

Promise = Callable[[Store, Erasures], None]
PROMISES: list[Promise] = []
WHOLE = Erasure("K1", ErasureKind.COMPLAINT, T0)


def promise(test: Promise) -> Promise:
    """Have a test run on every one."""
    PROMISES.append(test)
    return test


def keep(store: Store, *messages: Message) -> None:
    for message in messages:
        store.commit(Commit(message=message))


@promise
def test_complaints_are_due_oldest_first_as_many_as_asked_for(store: Store, erasures: Erasures) -> None:
    for number, name in enumerate(("K3", "K1", "K2", "K4")):
        put(store, a_full_complaint(name).model_copy(update={"erase_at": T0 + minutes(number)}))
    put(store, a_full_complaint("K5"))
    assert erasures.due_complaints(T0 + minutes(2), 10) == ("K3", "K1", "K2")
    assert erasures.due_complaints(T0 + minutes(2), 2) == ("K3", "K1")
    assert erasures.due_complaints(T0 - minutes(1), 10) == ()


@promise
def test_citizens_are_due_when_they_are_to_be_looked_at(store: Store, erasures: Erasures) -> None:
    for name, at in (("c2", T0 + minutes(1)), ("c1", T0), ("c3", None)):
        store.commit(Commit(citizen=Loaded(a_citizen(name, erase_at=at), store.new_key())))
    assert erasures.due_citizens(T0 + minutes(1), 10) == ("c1", "c2")
    assert erasures.due_citizens(T0, 10) == ("c1",)


@promise
def test_messages_and_their_files_are_due_each_by_its_own_term(store: Store, erasures: Erasures) -> None:
    file = AttachedFile(media_id="1", expire_at=T0)
    plain = a_message("wamid.1", expire_at=T0)
    picture = a_message("wamid.2", kind=MessageKind.IMAGE, file=file, expire_at=T0 + minutes(1))
    keep(store, plain, picture, a_message("wamid.3"))
    assert erasures.due_files(T0, 10) == (picture.id,)
    assert erasures.due_messages(T0, 10) == (Trace(plain.id, None),)
    due = erasures.due_messages(T0 + minutes(1), 10)
    assert [(trace.message, trace.file_key is not None) for trace in due] == [(plain.id, False), (picture.id, True)]
    loaded = store.message(picture.id)
    assert loaded is not None
    assert due[1].file_key == loaded.key
    erasures.drop_messages(due)
    assert (store.message(plain.id), store.message(picture.id)) == (None, None)
    assert (erasures.due_messages(T0 + minutes(1), 10), erasures.due_files(T0, 10)) == ((), ())


@promise
def test_the_whole_of_a_message_that_was_cut_goes_with_it(store: Store, erasures: Erasures) -> None:
    messages = [a_message(f"wamid.{number}", expire_at=T0 + minutes(number)) for number in range(3)]
    parts = [store.keep_unreadable("x" * 500_000, "too large", T0, T0 + minutes(9), one.id) for one in messages]
    keep(store, *(one.model_copy(update={"parts": count}) for one, count in zip(messages, parts, strict=True)))
    dropped, erased, left = erasures.due_messages(T0 + minutes(2), 10)
    assert dropped == Trace(messages[0].id, None, parts[0])
    erasures.drop_messages([dropped])
    erasures.leave_claims([erased], T0)
    assert erasures.drop(Ephemera.UNREADABLE, T0 + minutes(9), 100) == left.parts


@promise
def test_rows_requests_and_what_was_unreadable_go_by_their_terms_as_many_as_asked_for(
    store: Store, erasures: Erasures
) -> None:
    store.commit(Commit(new_rows=tuple(a_row(f"n{number}", expire_at=T0 + minutes(number)) for number in range(3))))
    for number in range(3):
        mark = Request(id=f"r{number}" * 8, email="a@b.test", act="x", complaint="K1", expire_at=T0 + minutes(number))
        store.commit(Commit(request=mark))
        store.keep_unreadable(f"{TEXT} {number}", "no webhook", T0, T0 + minutes(number), None)
    for what in Ephemera:
        assert [erasures.drop(what, T0 + minutes(1), 1) for _ in range(3)] == [1, 1, 0]
    assert [store.row(f"n{number}") is None for number in range(3)] == [True, True, False]
    assert [store.request(f"r{number}" * 8) is None for number in range(3)] == [True, True, False]


@promise
def test_an_erasure_stands_from_its_commit_until_it_is_finished(store: Store, erasures: Erasures) -> None:
    loaded = put(store, a_full_complaint())
    begin(store, loaded.value.id)
    assert erasures.begun(10) == (WHOLE,)
    erasures.finish(WHOLE)
    erasures.finish(WHOLE)
    assert erasures.begun(10) == ()


def begin(store: Store, complaint_id: str) -> None:
    """Write a complaint as it is once it was erased; what the event says is the procedure's."""
    loaded = read(store, complaint_id)
    changes = {"erased_at": T0, "citizen": "[dihapus]", "identifiers": ()}
    event = Event(seq=loaded.value.seq + 1, type=EventType.ERASED, at=T0, step=None, changes=changes)
    erased = Loaded(loaded.value.after(event), DESTROYED_KEY, loaded.mark)
    store.commit(Commit(complaint=erased, events=(event,), erasure=WHOLE))


@promise
def test_an_erased_complaint_reads_as_erased_with_its_whole_record(store: Store, erasures: Erasures) -> None:
    del erasures
    put(store, a_full_complaint())
    begin(store, "K1")
    loaded = read(store, "K1")
    assert set(loaded.value.form.values()) == {"[dihapus]"}
    assert [event.seq for event in store.events(loaded)] == [1, 2]


@promise
def test_what_is_left_of_a_complaint_goes_and_its_claims_stay(store: Store, erasures: Erasures) -> None:
    mine = [a_message(f"wamid.{number}") for number in range(3)]
    other = a_message("wamid.9", complaint="K2")
    keep(store, *mine, other)
    store.commit(Commit(new_rows=(a_row("n1"), a_row("a1"), a_row("n2", complaint="K2"))))
    assert len(erasures.traces(WHOLE, 2)) == 2
    left = erasures.traces(WHOLE, 10)
    assert {trace.message for trace in left} == {message.id for message in mine}
    erasures.leave_claims(left, T0 + minutes(5))
    assert erasures.traces(WHOLE, 10) == ()
    assert store.message(mine[0].id) is None
    assert store.inbound("wamid.0", PHONE).claimed
    with pytest.raises(AlreadyDone):
        store.commit(Commit(message=mine[0]))
    assert len(erasures.due_messages(T0 + minutes(5), 10)) == 3
    assert [erasures.drop_rows(WHOLE, 1) for _ in range(3)] == [1, 1, 0]
    assert store.message(other.id) is not None
    assert store.row("n2") is not None


@promise
def test_a_citizen_is_known_by_each_of_their_names(store: Store, erasures: Erasures) -> None:
    citizen = first_message(store, BOTH)
    for name in (PHONE.phone, BSUID.bsuid):
        found = erasures.known_as(str(name))
        assert found is not None
        assert found.value.id == citizen
    assert erasures.known_as("+6289999999999") is None


def met_three_times(store: Store) -> tuple[str, str]:
    """By phone alone, by business-scoped id alone, and by both: who is left behind, and whose both names are now."""
    old, new = first_message(store, PHONE), first_message(store, BSUID, "wamid.2")
    found = store.inbound("wamid.3", BOTH)
    assert found.citizen is not None
    both = found.citizen.value.model_copy(update={"phone": PHONE.phone, "bsuid": BSUID.bsuid})
    store.commit(Commit(citizen=replace(found.citizen, value=both), moved_aliases=found.moved_aliases))
    return old, new


def ids(citizens: Iterable[Loaded[Citizen] | None]) -> list[str]:
    return [one.value.id for one in citizens if one is not None]


@promise
def test_who_was_left_behind_under_one_of_their_names_is_found_beside_them_and_after_them(
    store: Store, erasures: Erasures
) -> None:
    old, new = met_three_times(store)
    for name in (PHONE.phone, BSUID.bsuid, new):
        assert (ids([erasures.known_as(str(name))]), ids(erasures.left_behind(str(name)))) == ([new], [old])
    known = erasures.known_as(new)
    assert known is not None
    erasures.finish(erasures.forget(known, T0))
    assert (erasures.known_as(str(PHONE.phone)), ids(erasures.left_behind(str(PHONE.phone)))) == (None, [old])
    assert ids([erasures.known_as(old)]) == [old]
    assert erasures.left_behind(old) == ()


@promise
def test_whose_number_is_another_now_or_whose_user_id_is_was_not_left_behind(store: Store, erasures: Erasures) -> None:
    met_three_times(store)
    (old,) = erasures.left_behind(str(PHONE.phone))
    for names in ({"phone": "+6281200000009"}, {"bsuid": "ID.999"}):
        stands = store.citizen(old.value.id)
        assert stands is not None
        store.commit(Commit(citizen=replace(stands, value=old.value.model_copy(update=names))))
        assert erasures.left_behind(str(PHONE.phone)) == ()


@promise
def test_whoever_writes_where_one_was_left_behind_is_somebody_new(store: Store, erasures: Erasures) -> None:
    old, new = met_three_times(store)
    known = erasures.known_as(new)
    assert known is not None
    erasures.finish(erasures.forget(known, T0))
    found = store.inbound("wamid.4", PHONE)
    assert (found.citizen, found.reserved_id in {None, old, new}) == (None, False)
    written = Loaded(a_citizen(str(found.reserved_id)), store.new_key())
    store.commit(Commit(citizen=written, new_aliases=found.missing_aliases))
    assert ids([store.inbound("wamid.5", PHONE).citizen]) == [found.reserved_id]


@promise
def test_who_is_forgotten_is_nobody_from_then_on_and_their_names_lead_to_somebody_new(
    store: Store, erasures: Erasures
) -> None:
    old = first_message(store, BOTH)
    known = erasures.known_as(str(PHONE.phone))
    assert known is not None
    begun = erasures.forget(known, T0)
    assert begun == Erasure(old, ErasureKind.CITIZEN, T0)
    assert (store.citizen(old), erasures.known_as(str(PHONE.phone))) == (None, None)
    new = store.inbound("wamid.2", BOTH)
    assert (new.citizen, new.reserved_id == old, new.reserved_id is None) == (None, False, False)
    written = Loaded(a_citizen(str(new.reserved_id)), store.new_key())
    store.commit(Commit(citizen=written, moved_aliases=new.moved_aliases))
    erasures.finish(begun)
    found = erasures.known_as(str(PHONE.phone))
    assert found is not None
    assert found.value.id == new.reserved_id


@promise
def test_names_that_nobody_took_up_are_gone_when_it_is_over(store: Store, erasures: Erasures) -> None:
    old = first_message(store, BOTH)
    known = erasures.known_as(str(PHONE.phone))
    assert known is not None
    erasures.finish(erasures.forget(known, T0))
    nobody = store.inbound("wamid.2", BOTH)
    assert (len(nobody.missing_aliases), nobody.reserved_id) == (2, None)
    assert store.new_citizen_id(BOTH) == old


@promise
def test_who_wrote_meanwhile_is_not_forgotten(store: Store, erasures: Erasures) -> None:
    first_message(store, Address(phone=PHONE.phone))
    known = erasures.known_as(str(PHONE.phone))
    assert known is not None
    store.commit(Commit(citizen=replace(known, value=known.value.model_copy(update={"prompted": "ask"}))))
    with pytest.raises(Conflict):
        erasures.forget(known, T0)
    assert erasures.begun(10) == ()
    assert erasures.known_as(str(PHONE.phone)) is not None

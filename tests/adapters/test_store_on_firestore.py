"""The store on a real Firestore emulator: the contract, and what only a real store can get wrong."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_core import PydanticSerializationError

from aduan.adapters.firestore_channel import FirestoreChannelLog
from aduan.adapters.firestore_connection import FirestoreConnection
from aduan.adapters.firestore_erasures import FirestoreErasures
from aduan.adapters.firestore_record import verify_chain
from aduan.adapters.firestore_staff import FirestoreStaffList
from aduan.adapters.firestore_store import FirestoreStore
from aduan.adapters.sealing import CannotOpen, OfficeKey
from aduan.procedure.complaint import Status
from aduan.procedure.personal import DESTROYED_KEY, ERASED
from aduan.procedure.roles import Role
from aduan.service.ports import AlreadyDone, Commit, Conflict, Filters, Loaded, RowRef
from infra.local.firestore import FirestoreEmulator
from tests.adapters import erasures_contract, store_contract, store_lists_contract
from tests.adapters.index_file import exempted
from tests.adapters.store_contract import A_REQUEST
from tests.adapters.store_lists_contract import SITI, change_of, fill
from tests.adapters.store_samples import (
    BOTH,
    BSUID,
    NAME,
    NIK,
    PHONE,
    T0,
    TEXT,
    a_citizen,
    a_full_complaint,
    a_message,
    a_row,
    begun,
    first_message,
    one_more,
    put,
    read,
)

if TYPE_CHECKING:
    from google.cloud import firestore

OFFICE_KEY = OfficeKey(b"k" * 32)


@dataclass
class Counter:
    """Counts round trips, and what they read and write."""

    trips: list[tuple[str, int, int]] = field(default_factory=list)

    def __call__(self, kind: str, reads: int, writes: int) -> None:
        self.trips.append((kind, reads, writes))

    def since_last(self) -> list[tuple[str, int, int]]:
        """What was counted since it was asked before."""
        trips, self.trips = self.trips, []
        return trips


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def connection(
    firestore_emulator: FirestoreEmulator, project_id: str, counter: Counter
) -> Iterator[FirestoreConnection]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        connection = FirestoreConnection(project_id, counter)
        assert connection.calls is connection.calls
    yield connection
    connection.close()


@pytest.fixture
def store(connection: FirestoreConnection) -> FirestoreStore:
    return FirestoreStore(connection, OFFICE_KEY)


@pytest.fixture
def staff(connection: FirestoreConnection) -> FirestoreStaffList:
    return FirestoreStaffList(connection)


@pytest.mark.parametrize(
    "promise",
    [*store_contract.PROMISES, *store_lists_contract.PROMISES],
    ids=lambda promise: promise.__name__,
)
def test_the_store_promises_that(promise: store_contract.Promise, store: FirestoreStore) -> None:
    promise(store)


@pytest.mark.parametrize("promise", store_contract.PROMISES, ids=lambda promise: promise.__name__)
def test_while_its_key_is_replaced_the_store_promises_that(
    promise: store_contract.Promise, connection: FirestoreConnection
) -> None:
    promise(FirestoreStore(connection, OfficeKey(b"n" * 32, b"k" * 32)))


@pytest.mark.parametrize("promise", store_contract.CHANNEL_PROMISES, ids=lambda promise: promise.__name__)
def test_the_channel_log_promises_that(
    promise: store_contract.ChannelPromise, store: FirestoreStore, connection: FirestoreConnection
) -> None:
    promise(store, FirestoreChannelLog(connection))


@pytest.mark.parametrize("promise", erasures_contract.PROMISES, ids=lambda promise: promise.__name__)
def test_the_erasures_promise_that(
    promise: erasures_contract.Promise, store: FirestoreStore, connection: FirestoreConnection
) -> None:
    promise(store, FirestoreErasures(connection, OFFICE_KEY))


@pytest.mark.parametrize("promise", store_lists_contract.STAFF_PROMISES, ids=lambda promise: promise.__name__)
def test_the_staff_list_promises_that(promise: store_lists_contract.StaffPromise, staff: FirestoreStaffList) -> None:
    promise(staff)


# What it costs


def a_message_of_a_known_citizen(store: FirestoreStore) -> Commit:
    """What the webhook commits for one more message."""
    citizen_id = first_message(store, BOTH)
    put(store, a_full_complaint())
    known = store.citizen(citizen_id)
    assert known is not None
    standing = known.value.model_copy(update={"current": "K1"})
    store.commit(Commit(citizen=replace(known, value=standing)))
    return Commit(message=a_message("wamid.9"), new_rows=(a_row(),))


def test_a_message_costs_two_round_trips_six_reads_and_no_more_writes_than_it_says(
    store: FirestoreStore, counter: Counter
) -> None:
    commit = a_message_of_a_known_citizen(store)
    counter.since_last()
    found = store.inbound("wamid.9", BOTH)
    assert found.complaint is not None
    store.commit(
        replace(one_more(found.complaint), citizen=found.citizen, message=commit.message, new_rows=commit.new_rows)
    )
    # The claim, two aliases, the citizens they may be the ids of, and the complaint that this process remembers as
    # theirs; head, event, citizen, message and row.
    assert counter.since_last() == [("get_all", 6, 0), ("commit", 0, 5)]


def test_a_process_that_has_not_served_the_citizen_reads_the_same_in_one_round_trip_more(
    connection: FirestoreConnection, store: FirestoreStore, counter: Counter
) -> None:
    a_message_of_a_known_citizen(store)
    another = FirestoreStore(connection, OFFICE_KEY)
    counter.since_last()
    found = [another.inbound(wamid, BOTH).complaint for wamid in ("wamid.9", "wamid.10")]
    assert [complaint and complaint.value.id for complaint in found] == ["K1", "K1"]
    assert counter.since_last() == [("get_all", 5, 0), ("get_all", 1, 0), ("get_all", 6, 0)]


@pytest.mark.parametrize(
    ("current", "trips"), [("K2", [("get_all", 6, 0), ("get_all", 1, 0)]), (None, [("get_all", 6, 0)])]
)
def test_the_citizen_is_believed_where_a_process_remembers_another_complaint(
    current: str | None,
    trips: list[tuple[str, int, int]],
    connection: FirestoreConnection,
    store: FirestoreStore,
    counter: Counter,
) -> None:
    a_message_of_a_known_citizen(store)
    put(store, a_full_complaint("K2"))
    another = FirestoreStore(connection, OFFICE_KEY)
    known = another.inbound("wamid.9", BOTH).citizen
    assert known is not None
    another.commit(Commit(citizen=replace(known, value=known.value.model_copy(update={"current": current}))))
    counter.since_last()
    complaint = store.inbound("wamid.10", BOTH).complaint
    assert (complaint.value.id if complaint else None) == current
    assert counter.since_last() == trips


def test_a_current_complaint_that_is_gone_is_none(store: FirestoreStore, firestore_client: "firestore.Client") -> None:
    a_message_of_a_known_citizen(store)
    firestore_client.document("complaints/K1").delete()
    found = store.inbound("wamid.9", BOTH)
    assert (found.citizen is not None, found.complaint) == (True, None)


def test_a_citizen_of_another_alias_costs_one_round_trip_more(store: FirestoreStore, counter: Counter) -> None:
    citizen_id = first_message(store, PHONE)
    found = store.inbound("wamid.2", BOTH)
    store.commit(Commit(citizen=found.citizen, new_aliases=(BSUID,), message=a_message("wamid.2")))
    counter.since_last()
    joined = store.inbound("wamid.3", BSUID)
    assert joined.citizen is not None
    assert joined.citizen.value.id == citizen_id
    assert counter.since_last() == [("get_all", 3, 0), ("get_all", 1, 0)]


def test_each_question_is_one_round_trip_and_a_conversation_two(
    store: FirestoreStore, staff: FirestoreStaffList, counter: Counter
) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(Commit(new_rows=(a_row(),)))
    counter.since_last()
    store.complaint("K1")
    store.events(loaded)
    store.send_job(RowRef("n1", "K1", "c1", SITI.email))
    store.listed(Filters(), None, 50)
    store.due_alarms(T0, 50)
    store.due_rows(T0, 50)
    store.daily_due(T0)
    staff.at(Role.SECTION_HEAD)
    assert [kind for kind, _, _ in counter.since_last()] == [
        *("get_all", "query", "get_all", "query", "query", "query", "query", "query")
    ]
    store.conversation(loaded)
    assert counter.since_last() == [("query", 1, 0), ("query", 1, 0)]


def test_a_full_page_of_a_list_reads_one_document_more_than_it_shows(store: FirestoreStore, counter: Counter) -> None:
    fill(store)
    counter.since_last()
    assert len(store.listed(Filters(), None, 4).items) == 4
    assert counter.since_last() == [("query", 5, 0)]


def test_a_list_that_can_hold_nothing_costs_nothing(store: FirestoreStore, counter: Counter) -> None:
    assert store.listed(Filters(statuses=(Status.WAITING,), late_at=T0), None, 5).items == ()
    assert counter.since_last() == []


# All or nothing, and why not


def test_a_refused_commit_asks_once_whether_it_was_a_repeat(store: FirestoreStore, counter: Counter) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(replace(one_more(loaded), request=A_REQUEST))
    counter.since_last()
    with pytest.raises(AlreadyDone):
        store.commit(replace(one_more(loaded), request=A_REQUEST, message=a_message()))
    assert counter.since_last() == [("commit", 0, 4), ("get_all", 2, 0)]
    with pytest.raises(Conflict):
        store.commit(one_more(loaded))
    assert counter.since_last() == [("commit", 0, 2)]


@pytest.mark.parametrize("gone", ["complaints/K1", "outbox/n1", "citizens/c1"])
def test_what_was_deleted_after_it_was_read_is_a_conflict(
    gone: str, store: FirestoreStore, firestore_client: "firestore.Client"
) -> None:
    loaded = put(store, a_full_complaint())
    store.commit(Commit(citizen=Loaded(a_citizen(), loaded.key), new_rows=(a_row(),)))
    row, citizen = store.row("n1"), store.citizen("c1")
    firestore_client.document(gone).delete()
    with pytest.raises(Conflict):
        store.commit(replace(one_more(loaded), row=row, citizen=citizen))


# Nobody who reads the database reads about a citizen


def everything_stored(client: "firestore.Client") -> dict[str, dict[str, Any]]:
    """Every document there is, by its path."""
    shelves = list(client.collections())
    found: dict[str, dict[str, Any]] = {}
    while shelves:
        for shot in shelves.pop().stream():
            found[shot.reference.path] = shot.to_dict() or {}
            shelves.extend(shot.reference.collections())
    return found


def store_one_of_everything(store: FirestoreStore) -> None:
    after, events = begun(a_full_complaint())
    key = store.new_key()
    store.commit(
        Commit(
            complaint=Loaded(after, key),
            events=events,
            citizen=Loaded(a_citizen(bsuid=BSUID.bsuid, current="K1"), key),
            new_aliases=(PHONE, BSUID),
            message=a_message(f"wamid.{PHONE.phone}"),
            new_rows=(a_row(fallback=f"template for {NAME}", wamid=f"wamid.{PHONE.phone}"),),
            request=A_REQUEST,
        )
    )
    store.commit(one_more(read(store, "K1"), note=f"NIK {NIK}", form={"nik": NIK}))
    store.keep_unreadable(f"from {PHONE.phone}", "no webhook", T0, T0 + timedelta(days=30), None)


def test_no_personal_text_is_stored_in_plain(store: FirestoreStore, firestore_client: "firestore.Client") -> None:
    store_one_of_everything(store)
    stored = everything_stored(firestore_client)
    assert {path.split("/")[0] for path in stored} == {
        *("complaints", "complaint_keys", "citizens", "citizen_aliases", "messages", "outbox", "requests"),
        "unreadable",
    }
    whole = repr(stored)
    assert BSUID.bsuid is not None
    personal = [NAME, NIK, TEXT, "81200000001", BSUID.bsuid, "Nomor KK", "dapat diambil", "template for"]
    assert [text for text in personal if text in whole] == []


def test_every_document_has_its_schema_number(store: FirestoreStore, firestore_client: "firestore.Client") -> None:
    store_one_of_everything(store)
    assert {document["schema"] for document in everything_stored(firestore_client).values()} == {1}


def test_sealed_text_and_keys_are_in_no_index(store: FirestoreStore, firestore_client: "firestore.Client") -> None:
    store_one_of_everything(store)
    sealed = {
        (path.split("/")[-2], name)
        for path, document in everything_stored(firestore_client).items()
        for name, value in document.items()
        if "'s1." in repr(value) or "'k2." in repr(value)
    }
    assert len(sealed) > 10
    assert sealed <= exempted()


def test_another_office_key_opens_nothing(connection: FirestoreConnection, store: FirestoreStore) -> None:
    store_one_of_everything(store)
    stranger = FirestoreStore(connection, OfficeKey(b"x" * 32))
    with pytest.raises(CannotOpen):
        stranger.complaint("K1")


# The record


def the_record(client: "firestore.Client") -> tuple[list[dict[str, Any]], str]:
    """The events of a complaint as stored, and the newest hash on its head."""
    events = client.collection("complaints/K1/events").order_by("seq").stream()
    head = client.document("complaints/K1").get().to_dict() or {}
    return [shot.to_dict() or {} for shot in events], head["event_hash"]


def test_the_record_as_stored_is_a_chain_that_shows_every_change(
    store: FirestoreStore, firestore_client: "firestore.Client"
) -> None:
    store_one_of_everything(store)
    store.commit(one_more(read(store, "K1"), due_at=T0, waited=timedelta(minutes=1)))
    events, newest = the_record(firestore_client)
    assert verify_chain("K1", events, newest) is None
    first, second, third = events
    broken: list[tuple[list[dict[str, Any]], int]] = [
        ([first, {**second, "actor": "somebody@example.org"}, third], 2),
        ([first, {**second, "at": second["at"] + timedelta(microseconds=1)}, third], 2),
        ([first, {**second, "changes": {**second["changes"], "seq": 9}}, third], 2),
        ([first, third], 2),
        ([second, third], 1),
        ([first, second], 3),
        ([], 1),
        ([first, second, third, third], 4),
    ]
    assert [verify_chain("K1", record, newest) for record, _ in broken] == [bad for _, bad in broken]
    assert verify_chain("K2", events, newest) == 1


def test_the_chain_stays_whole_when_the_key_is_destroyed(
    store: FirestoreStore, firestore_client: "firestore.Client"
) -> None:
    store_one_of_everything(store)
    firestore_client.document("complaints/K1").update({"key": DESTROYED_KEY})
    assert verify_chain("K1", *the_record(firestore_client)) is None
    erased = read(store, "K1")
    assert set(erased.value.form.values()) == {ERASED}
    assert {event.note for event in store.events(erased)} <= {ERASED, None}
    with pytest.raises(PydanticSerializationError, match="its key was destroyed"):
        store.commit(one_more(erased, note="something new"))


# The staff list is written by others too


GOOD = {"name": "Siti", "role": "section_head", "whatsapp": "+62811", "active": True}


@pytest.mark.parametrize(
    ("row", "is_read"),
    [
        (GOOD, True),
        ({**GOOD, "acting_for": ["division_head"], "units": ["capil"]}, True),
        ({**GOOD, "acting_for": None, "units": None, "whatsapp": None}, True),
        ({"role": "section_head"}, True),
        ({**GOOD, "email": "another@example.org", "changed": datetime(2026, 1, 1, tzinfo=UTC)}, True),
        ({}, False),
        ({**GOOD, "role": "complainant"}, False),
        ({**GOOD, "role": "boss"}, False),
        ({**GOOD, "active": "yes"}, False),
        ({**GOOD, "active": 1}, False),
        ({**GOOD, "name": 7}, False),
        ({**GOOD, "acting_for": "division_head"}, False),
        ({**GOOD, "acting_for": ["division_head", "boss"]}, False),
        ({**GOOD, "units": "capil"}, False),
        ({**GOOD, "whatsapp": datetime(2026, 1, 1, tzinfo=UTC)}, False),
        ({**GOOD, "name": b"\xff"}, False),
    ],
)
def test_a_wrong_row_of_the_staff_list_is_left_out_with_a_warning_and_spoils_no_other(
    row: dict[str, Any],
    is_read: bool,
    staff: FirestoreStaffList,
    firestore_client: "firestore.Client",
    caplog: pytest.LogCaptureFixture,
) -> None:
    staff.save(SITI, change_of(SITI, 0))
    firestore_client.document("staff/other@example.org").set(row)
    with caplog.at_level(logging.WARNING):
        members = staff.members()
    assert [member.email for member in members] == [SITI.email, "other@example.org"][: 1 + is_read]
    assert ("other@example.org" in caplog.text) is not is_read
    found = staff.member("other@example.org")
    assert (found is not None) is is_read
    assert found is None or found.role is Role.SECTION_HEAD


def test_a_wrong_row_can_be_written_anew(staff: FirestoreStaffList, firestore_client: "firestore.Client") -> None:
    firestore_client.document(f"staff/{SITI.email}").set({"name": "Siti", "role": "boss"})
    found = staff.loaded(SITI.email)
    assert found.value is None
    staff.save(SITI, change_of(SITI, 0), found.mark)
    assert staff.member(SITI.email) == SITI


def test_a_row_that_says_nothing_of_it_is_not_active(
    staff: FirestoreStaffList, firestore_client: "firestore.Client"
) -> None:
    firestore_client.document("staff/a@example.org").set({"name": "A", "role": "whatsapp_admin"})
    member = staff.member("a@example.org")
    assert member is not None
    assert not member.active


def test_a_send_job_finds_the_person_whom_a_row_is_for(store: FirestoreStore, staff: FirestoreStaffList) -> None:
    staff.save(SITI, change_of(SITI, 0))
    row = a_row(to_citizen=None, to_staff="Kasi@example.org")
    store.commit(Commit(new_rows=(row,)))
    job = store.send_job(RowRef.to(row))
    assert job is not None
    assert job.staff == SITI

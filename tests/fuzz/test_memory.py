"""Firestore in memory keeps the store's contract, as the emulator does, and refuses what Firestore refuses."""

import pytest
from google.api_core.exceptions import InvalidArgument

from aduan.adapters.firestore_channel import FirestoreChannelLog
from aduan.adapters.firestore_connection import Create, Put, Ref
from aduan.adapters.firestore_store import FirestoreStore
from aduan.adapters.sealing import OfficeKey
from tests.adapters import store_contract
from tests.fuzz.memory import LARGEST, CallsInMemory, ConnectionInMemory, MemoryFirestore


@pytest.fixture
def connection() -> ConnectionInMemory:
    return ConnectionInMemory(MemoryFirestore())


@pytest.fixture
def store(connection: ConnectionInMemory) -> FirestoreStore:
    return FirestoreStore(connection, OfficeKey(b"k" * 32))


@pytest.mark.parametrize("promise", store_contract.PROMISES, ids=lambda promise: promise.__name__)
def test_the_store_over_firestore_in_memory_promises_that(
    promise: store_contract.Promise, store: FirestoreStore
) -> None:
    promise(store)


@pytest.mark.parametrize("promise", store_contract.CHANNEL_PROMISES, ids=lambda promise: promise.__name__)
def test_the_channel_log_over_firestore_in_memory_promises_that(
    promise: store_contract.ChannelPromise, store: FirestoreStore, connection: ConnectionInMemory
) -> None:
    promise(store, FirestoreChannelLog(connection))


@pytest.mark.parametrize(
    "document",
    [{"a": "x" * LARGEST}, {"": 1}, {"__a__": 1}, {"x" * 1501: 1}],
    ids=["a megabyte", "no name", "a name of Firestore's own", "a long name"],
)
def test_a_document_that_firestore_refuses_is_refused(document: dict[str, object]) -> None:
    calls = CallsInMemory(MemoryFirestore())
    with pytest.raises(InvalidArgument):
        calls.commit([Create(Ref("things", "one"), document)])
    assert calls.get([Ref("things", "one")]) == {}


@pytest.mark.parametrize("name", [".", "..", "__one__"])
def test_a_name_that_firestore_refuses_is_refused(name: str) -> None:
    with pytest.raises(InvalidArgument):
        CallsInMemory(MemoryFirestore()).commit([Put(Ref("things", name), {})])

"""Two releases with different keys on one record: whoever writes to both at once is one person, and stays that."""

import itertools
from collections.abc import Iterator

import pytest

from aduan.adapters.firestore_connection import FirestoreConnection
from aduan.adapters.firestore_erasures import FirestoreErasures
from aduan.adapters.firestore_store import FirestoreStore
from aduan.adapters.sealing import OfficeKey
from aduan.service.channel import Address
from aduan.service.ports import Commit, Conflict, Loaded
from infra.local.firestore import FirestoreEmulator
from infra.record.database import Database
from infra.record.rewrapping import rewrap
from tests.adapters.store_samples import BOTH, a_citizen, a_message, first_message

OLD, NEW = b"k" * 32, b"n" * 32
RINGS = ((OLD,), (OLD, NEW), (NEW, OLD), (NEW,))
PAIRS = [*itertools.pairwise(RINGS), *itertools.pairwise(RINGS[::-1])]
OTHER = Address(bsuid="ID.20000000000000002")


@pytest.fixture
def connection(firestore_emulator: FirestoreEmulator, project_id: str) -> Iterator[FirestoreConnection]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        connection = FirestoreConnection(project_id)
        assert connection.calls is connection.calls
    yield connection
    connection.close()


def owner(store: FirestoreStore, sender: Address) -> str | None:
    found = store.inbound("wamid.any", sender).citizen
    return found.value.id if found else None


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_new_citizen_whom_two_releases_hear_at_once_is_one(
    connection: FirestoreConnection, first: tuple[bytes, ...], second: tuple[bytes, ...]
) -> None:
    one, other = (FirestoreStore(connection, OfficeKey(*ring)) for ring in (first, second))
    heard = other.inbound("wamid.2", BOTH)
    citizen_id = first_message(one, BOTH)
    citizen = a_citizen(other.new_citizen_id(BOTH), phone=BOTH.phone, bsuid=BOTH.bsuid)
    with pytest.raises(Conflict):
        other.commit(
            Commit(
                citizen=Loaded(citizen, other.new_key()),
                new_aliases=heard.missing_aliases,
                message=a_message("wamid.2", complaint=None),
            )
        )
    assert (owner(one, BOTH), owner(other, BOTH)) == (citizen_id, citizen_id)


def moved_by_the_release_before(connection: FirestoreConnection) -> tuple[str, Address]:
    """A number that both keys lead to one citizen, and that a release with the old key alone gives to another one."""
    before, after = (FirestoreStore(connection, OfficeKey(*ring)) for ring in ((OLD,), (OLD, NEW)))
    first_message(after, BOTH)
    other = first_message(before, OTHER, "wamid.2")
    number, theirs = Address(phone=BOTH.phone), before.citizen(other)
    assert theirs is not None
    moved = Loaded(theirs.value.model_copy(update={"phone": BOTH.phone}), theirs.key, theirs.mark)
    before.commit(Commit(citizen=moved, moved_aliases=(number,), message=a_message("wamid.3", complaint=None)))
    return other, number


@pytest.mark.parametrize("ring", RINGS[:3])
def test_a_number_that_an_earlier_release_gave_to_another_is_theirs_under_every_ring(
    connection: FirestoreConnection, ring: tuple[bytes, ...]
) -> None:
    other, number = moved_by_the_release_before(connection)
    assert owner(FirestoreStore(connection, OfficeKey(*ring)), number) == other
    found = FirestoreErasures(connection, OfficeKey(*ring)).known_as(str(number.phone))
    assert found is not None
    assert found.value.id == other  # who asks for a copy, or to be forgotten, is this one too


def test_and_it_is_theirs_once_the_old_key_is_gone(
    connection: FirestoreConnection, firestore_emulator: FirestoreEmulator, project_id: str
) -> None:
    other, number = moved_by_the_release_before(connection)
    with Database(project_id, emulator=firestore_emulator.host) as record:
        assert sum(one.missed for one in rewrap(record, OfficeKey(NEW, OLD))) == 0
    assert owner(FirestoreStore(connection, OfficeKey(NEW)), number) == other


def test_of_three_keys_each_name_gets_the_newest(
    connection: FirestoreConnection, firestore_emulator: FirestoreEmulator, project_id: str
) -> None:
    newest = b"z" * 32
    citizen_id = first_message(FirestoreStore(connection, OfficeKey(NEW, OLD)), BOTH)
    with Database(project_id, emulator=firestore_emulator.host) as record:
        done = list(rewrap(record, OfficeKey(newest, NEW, OLD)))
    assert (sum(one.missed for one in done), [path for one in done for path in one.unopened]) == (0, [])
    store = FirestoreStore(connection, OfficeKey(newest))
    assert [owner(store, Address(phone=BOTH.phone)), owner(store, BOTH)] == [citizen_id, citizen_id]
    with Database(project_id, emulator=firestore_emulator.host) as record:
        assert record.count("citizen_aliases") == 2

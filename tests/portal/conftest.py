"""A portal on the real store, in a project of its own of the Firestore emulator."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from aduan.adapters.firestore_channel import FirestoreChannelLog
from aduan.adapters.firestore_connection import FirestoreConnection, Put, Ref
from aduan.adapters.firestore_documents import stored
from aduan.adapters.firestore_queries import STAFF as STAFF_ROWS
from aduan.adapters.firestore_staff import FirestoreStaffList
from aduan.adapters.firestore_store import FirestoreStore
from aduan.adapters.sealing import OfficeKey
from infra.local.firestore import FirestoreEmulator
from tests.portal.scene import NINE_ON_TUESDAY, STAFF, Scene
from tests.service.fakes import FakeClock


@pytest.fixture
def scene(firestore_emulator: FirestoreEmulator, project_id: str) -> Iterator[Scene]:
    """An office with its people, and no complaint yet."""
    reads: list[int] = []
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        connection = FirestoreConnection(project_id, lambda _, read, __: reads.append(read))
        assert connection.calls is connection.calls
    with closing(connection):
        rows = {member.email: stored(member.model_dump(exclude={"email"}, exclude_none=True)) for member in STAFF}
        connection.calls.commit([Put(Ref(STAFF_ROWS, email), row) for email, row in rows.items()])
        store = FirestoreStore(connection, OfficeKey(bytes(32)))
        staff, channel_log = FirestoreStaffList(connection), FirestoreChannelLog(connection)
        yield Scene(store, staff, channel_log, FakeClock(NINE_ON_TUESDAY), reads)

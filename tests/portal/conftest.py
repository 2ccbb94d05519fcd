"""A portal on the real store, in a project of its own of the Firestore emulator."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from aduan.adapters.firestore_connection import FirestoreConnection
from aduan.adapters.firestore_staff import FirestoreStaffList
from aduan.adapters.firestore_store import FirestoreStore
from aduan.adapters.sealing import OfficeKey
from aduan.service.model import StaffChange
from infra.local.firestore import FirestoreEmulator
from tests.portal.scene import KADIS, NINE_ON_TUESDAY, STAFF, Scene
from tests.service.fakes import FakeClock

YESTERDAY = NINE_ON_TUESDAY - timedelta(days=1)


@pytest.fixture
def scene(firestore_emulator: FirestoreEmulator, project_id: str) -> Iterator[Scene]:
    """An office with its people, and no complaint yet."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        connection = FirestoreConnection(project_id)
        assert connection.calls is connection.calls
    with closing(connection):
        staff = FirestoreStaffList(connection)
        for member in STAFF:
            after = member.model_dump(mode="json", exclude={"email"})
            staff.save(member, StaffChange(at=YESTERDAY, by=KADIS, email=member.email, before=None, after=after))
        yield Scene(FirestoreStore(connection, OfficeKey(bytes(32))), staff, FakeClock(NINE_ON_TUESDAY))

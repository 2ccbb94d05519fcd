"""The fakes keep the contract that the real store keeps, so that what is tested on them holds on it."""

import pytest

from aduan.procedure.roles import StaffMember
from aduan.service.ports import Commit, RowRef
from tests.adapters import erasures_contract, store_contract, store_lists_contract
from tests.adapters.store_lists_contract import SITI
from tests.adapters.store_samples import a_row
from tests.service.fake_erasures import InMemoryErasures
from tests.service.fakes import InMemoryChannelLog, InMemoryStaffList, InMemoryStore


@pytest.mark.parametrize(
    "promise",
    [*store_contract.PROMISES, *store_lists_contract.PROMISES],
    ids=lambda promise: promise.__name__,
)
def test_the_store_in_memory_promises_that(promise: store_contract.Promise) -> None:
    promise(InMemoryStore())


@pytest.mark.parametrize("promise", store_contract.CHANNEL_PROMISES, ids=lambda promise: promise.__name__)
def test_the_channel_log_in_memory_promises_that(promise: store_contract.ChannelPromise) -> None:
    store = InMemoryStore()
    promise(store, InMemoryChannelLog(store))


@pytest.mark.parametrize("promise", erasures_contract.PROMISES, ids=lambda promise: promise.__name__)
def test_the_erasures_in_memory_promise_that(promise: erasures_contract.Promise) -> None:
    store = InMemoryStore()
    promise(store, InMemoryErasures(store))


@pytest.mark.parametrize("promise", store_lists_contract.STAFF_PROMISES, ids=lambda promise: promise.__name__)
def test_the_staff_list_in_memory_promises_that(promise: store_lists_contract.StaffPromise) -> None:
    promise(InMemoryStaffList())


def test_the_store_in_memory_finds_the_person_whom_a_row_is_for() -> None:
    people: tuple[StaffMember, ...] = (SITI,)
    store = InMemoryStore(InMemoryStaffList(*people))
    row = a_row(to_citizen=None, to_staff=SITI.email)
    store.commit(Commit(new_rows=(row,)))
    job = store.send_job(RowRef.to(row))
    assert job is not None
    assert job.staff == SITI

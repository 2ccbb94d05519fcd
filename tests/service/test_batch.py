"""A batch of updates: what follows from another in its order, the rest side by side, and nothing sunk by another."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from aduan.service.batch import AT_ONCE, by_person, by_row, lane, take_all
from aduan.service.channel import Address, DeliveryState, DeliveryStatus, InboundMessage, MessageKind

NINE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SITI, BUDI = "+6281200000001", "+6281200000002"
PATIENCE = 10.0  # seconds


@pytest.fixture
def _bound_context() -> Iterator[None]:
    structlog.contextvars.bind_contextvars(trace="the request's")
    yield
    structlog.contextvars.clear_contextvars()


def a_message(
    wamid: str, phone: str | None = None, bsuid: str | None = None, *, second: int = 0, new: Address | None = None
) -> InboundMessage:
    at = NINE + timedelta(seconds=second)
    return InboundMessage(wamid, at, Address(phone, bsuid), MessageKind.TEXT, "{}", new_sender=new)


def a_status(wamid: str, row: str | None, state: DeliveryState = DeliveryState.SENT) -> DeliveryStatus:
    return DeliveryStatus(wamid, state, NINE, row)


def wamids(lanes: Sequence[Sequence[InboundMessage]]) -> list[list[str]]:
    return [[message.wamid for message in lane] for lane in lanes]


def test_each_persons_messages_are_one_lane_oldest_first() -> None:
    messages = [a_message("s2", SITI, second=9), a_message("b1", BUDI, second=3), a_message("s1", SITI, second=1)]
    assert wamids(by_person(messages)) == [["s1", "s2"], ["b1"]]


def test_messages_of_one_second_stay_as_they_came() -> None:
    order = [f"s{place}" for place in range(20)]
    assert wamids(by_person(a_message(wamid, SITI) for wamid in order)) == [order]


def test_whoever_writes_under_two_names_is_one_person_once_a_message_shows_it() -> None:
    messages = [
        a_message("by phone", SITI, second=1),
        a_message("somebody else", BUDI, second=2),
        a_message("by user id", bsuid="ID.1", second=3),
        a_message("by both", SITI, "ID.1", second=4),
        a_message("by user id again", bsuid="ID.1", second=5),
        a_message("by phone again", SITI, second=6),
    ]
    assert wamids(by_person(messages)) == [
        ["by phone", "by user id", "by both", "by user id again", "by phone again"],
        ["somebody else"],
    ]


def test_whoever_moves_to_another_number_is_one_person_under_both() -> None:
    moved = a_message("moved", SITI, second=2, new=Address(phone=BUDI))
    messages = [a_message("before", SITI, second=1), moved, a_message("after", BUDI, second=3)]
    assert wamids(by_person(messages)) == [["before", "moved", "after"]]


def test_the_statuses_of_one_message_are_one_lane_as_they_came() -> None:
    told = [a_status("w1", "row 1"), a_status("w2", "row 2"), a_status("w9", "row 1", DeliveryState.READ)]
    assert [[status.wamid for status in lane] for lane in by_row(told)] == [["w1", "w9"], ["w2"]]


def test_statuses_of_messages_that_are_not_ours_wait_for_no_other() -> None:
    assert len(by_row([a_status("w1", None), a_status("w2", None), a_status("w1", None)])) == 2


@pytest.mark.parametrize("items", [0, 1, 5])
def test_what_is_one_lane_is_taken_by_the_thread_that_asks(items: int) -> None:
    took: list[tuple[int, int]] = []
    assert take_all([lane(lambda item: took.append((item, threading.get_ident())), range(items))])
    assert took == [(item, threading.get_ident()) for item in range(items)]


def test_lanes_are_taken_side_by_side_and_each_in_its_order() -> None:
    together = threading.Barrier(3)
    took: list[str] = []

    def take(item: str) -> None:
        if item.endswith("1"):
            together.wait(PATIENCE)  # breaks unless three are taken at the same moment
        took.append(item)

    assert take_all([lane(take, [f"{name}{place}" for place in range(1, 4)]) for name in "abc"])
    for name in "abc":
        assert [item for item in took if item.startswith(name)] == [f"{name}1", f"{name}2", f"{name}3"]


def test_a_name_that_only_an_earlier_message_had_leads_to_the_person_that_it_turned_out_to_be() -> None:
    messages = [
        a_message("by phone", SITI, second=1),
        a_message("new number", bsuid="ID.1", second=2, new=Address(BUDI)),
        a_message("by both", SITI, "ID.1", second=3),
        a_message("by the new number", BUDI, second=4),
    ]
    assert wamids(by_person(messages)) == [["by phone", "new number", "by both", "by the new number"]]


def test_no_more_lanes_are_under_way_than_are_allowed() -> None:
    counting, under_way, most = threading.Lock(), 0, 0
    pause = threading.Event()

    def take(_: int) -> None:
        nonlocal under_way, most
        with counting:
            under_way += 1
            most = max(most, under_way)
        pause.wait(0.005)
        with counting:
            under_way -= 1

    assert take_all([lane(take, [place]) for place in range(AT_ONCE * 5)])
    assert 1 < most <= AT_ONCE


def test_a_batch_waits_for_no_helper_that_is_at_work_for_another() -> None:
    entered, go_on = threading.Semaphore(0), threading.Event()

    def wait(_: int) -> None:
        entered.release()
        go_on.wait(PATIENCE)

    busy = threading.Thread(target=take_all, args=([lane(wait, [place]) for place in range(AT_ONCE)],))
    busy.start()
    for _ in range(AT_ONCE):
        assert entered.acquire(timeout=PATIENCE)
    took: list[int] = []
    assert take_all([lane(took.append, [place]) for place in range(4)])
    assert (took, go_on.is_set()) == ([0, 1, 2, 3], False)
    go_on.set()
    busy.join()


@pytest.mark.parametrize("bad", [0, 7, 39])
def test_one_that_cannot_be_kept_is_told_and_stops_no_other(bad: int) -> None:
    took: list[int] = []

    def take(item: int) -> None:
        if item == bad:
            raise ConnectionError
        took.append(item)

    with capture_logs() as logs:
        assert not take_all([lane(take, range(first, first + 2)) for first in range(0, 40, 2)])
    assert sorted(took) == [item for item in range(40) if item != bad]
    assert [(entry["event"], entry["kind"]) for entry in logs] == [("item_not_kept", "int")]


@pytest.mark.usefixtures("_bound_context")
def test_what_a_line_of_the_log_carries_is_carried_in_every_thread() -> None:
    together = threading.Barrier(3)
    carried: dict[int, object] = {}

    def take(_: int) -> None:
        together.wait(PATIENCE)
        carried[threading.get_ident()] = structlog.contextvars.get_contextvars()["trace"]

    assert take_all([lane(take, [place]) for place in range(3)])
    assert list(carried.values()) == ["the request's"] * 3

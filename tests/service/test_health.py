"""How it goes with WhatsApp, as staff see it."""

from datetime import datetime, timedelta

import pytest

from aduan.service.channel import Failure
from aduan.service.health import Health, Watching
from aduan.service.model import ChannelState, OutboxRow, RowKind, RowState
from aduan.service.ports import Commit
from tests.service.fakes import InMemoryChannelLog
from tests.service.post_room import PostRoom, post_room

MINUTE = timedelta(minutes=1)


def test_a_quiet_day_has_nothing_waiting() -> None:
    room = post_room()
    room.send()
    assert room.watching.look() == Health(
        state=ChannelState(),
        last_heard=room.citizen.last_message_at,
        last_accepted=room.clock.now,
        waiting=0,
        waiting_since=None,
    )
    assert not room.watching.is_ill()


def stack(room: PostRoom, count: int) -> None:
    """So many rows that do not leave, each a second older than the one before."""
    for number in range(count):
        made = room.clock.now - timedelta(seconds=number)
        row = OutboxRow(
            id=f"n-{number}", kind=RowKind.NOTICE, complaint=None, message="{}", created_at=made, next_at=None
        )
        room.store.commit(Commit(new_rows=(row,)))


@pytest.mark.parametrize(("count", "counted"), [(1, 1), (100, 100), (101, 101), (150, 101)])
def test_what_waits_is_counted_to_one_more_than_matters(count: int, counted: int) -> None:
    room = post_room()
    room.send()
    stack(room, count)
    health = room.watching.look()
    assert (health.waiting, health.waiting_since) == (counted, room.clock.now - timedelta(seconds=count - 1))


@pytest.mark.parametrize(("since", "is_ill"), [(10 * MINUTE - timedelta(seconds=1), False), (10 * MINUTE, True)])
@pytest.mark.parametrize("state", [RowState.PENDING, RowState.SENDING])
def test_what_stands_for_ten_minutes_is_a_sign_of_illness(state: RowState, since: timedelta, is_ill: bool) -> None:
    room = post_room()
    room.changed(state=state)
    room.clock.now = room.row().created_at + since
    assert room.watching.is_ill() is is_ill


class CountingLog(InMemoryChannelLog):
    """A log of the channel that counts what is read of the rows that wait."""

    read = 0

    def standing(self, limit: int) -> tuple[datetime, ...]:
        standing = super().standing(limit)
        self.read += len(standing)
        return standing


def test_how_long_the_oldest_waits_is_read_off_one_row_however_many_wait() -> None:
    room = post_room()
    stack(room, 20)
    log = CountingLog(room.store)
    assert Watching(log, room.clock).longest_wait() == timedelta(seconds=19)
    assert log.read == 1


@pytest.mark.parametrize("state", [RowState.SENT, RowState.DELIVERED, RowState.READ, RowState.FAILED, RowState.DROPPED])
def test_what_has_left_or_never_will_is_none(state: RowState) -> None:
    room = post_room()
    room.changed(state=state)
    room.clock.now += timedelta(days=1)
    assert not room.watching.is_ill()


@pytest.mark.parametrize("failure", [Failure.STOP, Failure.OPERATOR])
def test_a_channel_that_is_shut_is_ill_at_once(failure: Failure) -> None:
    room = post_room()
    room.send()
    room.shut(failure)
    assert room.watching.is_ill()
    assert room.watching.look().state.failure is failure

"""The channel's one gate: shut by a refusal of the channel, tried by one message, opened by the first that passes."""

from datetime import datetime, timedelta

import pytest

from aduan.service.channel import Failure
from aduan.service.model import ChannelState, RowKind
from aduan.service.ports import Loaded
from tests.service.post_room import PostRoom, post_room, refusal

MINUTE = timedelta(minutes=1)


def state(room: PostRoom) -> ChannelState:
    """What is kept of the channel."""
    return room.log.state().value


def knock(room: PostRoom) -> datetime | None:
    """A message that would go now."""
    return room.gate.wait_until(room.log.state(), room.clock.now)


def test_through_an_open_gate_everything_goes_and_nothing_is_written() -> None:
    room = post_room()
    assert knock(room) is None
    assert state(room) == ChannelState()


PROBES = {
    Failure.OPERATOR: [15, 30, 60, 120, 120, 120],
    Failure.STOP: [15, 30, 60, 120, 240, 480, 900, 900],
}


@pytest.mark.parametrize("failure", PROBES)
def test_a_channel_that_stays_shut_is_tried_less_and_less_often(failure: Failure) -> None:
    room = post_room()
    waits = []
    for _ in PROBES[failure]:
        probe_at = room.gate.shut(refusal(failure, 190))
        assert probe_at == state(room).probe_at
        waits.append((probe_at - room.clock.now).total_seconds())
        room.clock.now = probe_at
    assert waits == PROBES[failure]


def test_it_says_since_when_and_why_in_whatsapps_words() -> None:
    room = post_room()
    since = room.clock.now
    room.gate.shut(refusal(Failure.OPERATOR, 190))
    room.clock.now += MINUTE
    room.gate.shut(refusal(Failure.STOP, 368))

    kept = state(room)
    assert (kept.failure, kept.code, kept.detail, kept.since) == (Failure.STOP, 368, "no", since)
    assert (kept.probes, kept.mended_at) == (2, None)


def test_a_message_that_was_under_way_when_the_gate_was_shut_changes_nothing() -> None:
    room = post_room()
    probe_at = room.gate.shut(refusal(Failure.STOP))
    before = state(room)
    room.clock.now += timedelta(seconds=14)
    assert room.gate.shut(refusal(Failure.OPERATOR)) == probe_at
    assert state(room) == before
    room.clock.now += timedelta(seconds=1)
    assert room.gate.shut(refusal(Failure.OPERATOR)) > probe_at


def test_at_a_shut_gate_all_wait_until_one_may_try_and_then_the_others_still() -> None:
    room = post_room()
    probe_at = room.gate.shut(refusal(Failure.OPERATOR))

    room.clock.now = probe_at - timedelta(seconds=1)
    assert knock(room) == room.clock.now + 15 * MINUTE
    room.clock.now = probe_at
    assert knock(room) is None
    assert state(room).probe_at == probe_at + timedelta(seconds=30)
    assert knock(room) == probe_at + 15 * MINUTE


def test_two_that_may_try_at_once_are_one() -> None:
    room = post_room()
    room.clock.now = room.gate.shut(refusal(Failure.OPERATOR))
    seen = room.log.state()
    assert room.gate.wait_until(seen, room.clock.now) is None
    assert room.gate.wait_until(seen, room.clock.now) == room.clock.now + 15 * MINUTE


def test_a_gate_that_was_shut_without_a_time_to_try_is_tried_at_once() -> None:
    room = post_room()
    loaded = room.log.state()
    room.log.save(type(loaded)(ChannelState(failure=Failure.STOP), loaded.key, loaded.mark))
    assert knock(room) is None
    assert room.gate.shut(refusal(Failure.STOP)) == state(room).probe_at


def test_what_waited_at_the_gate_goes_when_it_opens_and_the_state_is_clean() -> None:
    room = post_room()
    room.gate.shut(refusal(Failure.OPERATOR))
    waiting = room.row()
    room.changed(next_at=room.clock.now + 15 * MINUTE)
    room.tasks.sent.clear()

    room.gate.opened()

    assert state(room) == ChannelState(mended_at=room.clock.now)
    assert room.now_tasks() == [(waiting.id, room.clock.now)]
    room.gate.opened()
    assert room.now_tasks() == []


def test_what_is_due_later_than_any_wait_at_the_gate_is_left_for_then() -> None:
    room = post_room()
    room.gate.shut(refusal(Failure.OPERATOR))
    room.changed(next_at=room.clock.now + 15 * MINUTE + timedelta(seconds=1))
    room.tasks.sent.clear()
    room.gate.opened()
    assert room.tasks.sent == []


def test_a_thousand_go_at_once_when_it_opens_and_the_sweep_finds_the_others() -> None:
    room = post_room()
    waits = room.row()
    for number in range(1200):
        row = waits.model_copy(update={"id": f"n-{number}", "kind": RowKind.NOTICE})
        room.store.rows.put(row.id, Loaded(row, ""))
    room.gate.shut(refusal(Failure.OPERATOR))
    room.gate.opened()
    assert len(room.now_tasks()) == 1000


def test_a_gate_that_is_shut_again_counts_from_the_beginning() -> None:
    room = post_room()
    for _ in range(3):
        room.clock.now = room.gate.shut(refusal(Failure.OPERATOR))
    room.gate.opened()
    assert room.gate.shut(refusal(Failure.OPERATOR)) == room.clock.now + timedelta(seconds=15)
    assert state(room).mended_at is None

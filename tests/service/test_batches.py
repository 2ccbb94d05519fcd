"""A webhook as a whole: what is there already is looked up at once, and each of its items is taken by itself."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from aduan.service.batch import Batches
from aduan.service.channel import DeliveryState, DeliveryStatus, InboundMessage, UnreadableItem, WebhookBatch
from aduan.service.model import OutboxRow, RowKind, RowState
from aduan.service.ports import Glance, Loaded
from tests.service.fakes import InMemoryStore
from tests.service.post_room import PostRoom, post_room
from tests.service.talk import message


class Watched(InMemoryStore):
    """A store that notes what is looked up; `broken`: it finds nothing."""

    asked: list[tuple[list[str], list[str]]]
    broken = False

    def glance(self, wamids: Sequence[str], row_ids: Sequence[str]) -> Glance:
        self.asked.append((list(wamids), list(row_ids)))
        if self.broken:
            raise ValueError(len(wamids))
        return super().glance(wamids, row_ids)


def batches() -> tuple[Batches, PostRoom, Watched]:
    """An answer of this office was sent."""
    room = post_room()
    room.send()
    store = Watched(room.store.staff)
    vars(store).update(vars(room.store))
    store.asked = []
    intake = replace(room.intake, store=store)
    return Batches(intake, replace(room.delivery, store=store), store, room.clock), room, store


def heard(room: PostRoom, text: str) -> InboundMessage:
    """A message that is written now."""
    return replace(message(text), at=room.clock.now)


def status(room: PostRoom, state: DeliveryState = DeliveryState.READ, callback: str | None = None) -> DeliveryStatus:
    """A word about the answer, or about another row."""
    row = room.row()
    return DeliveryStatus(row.wamid or "", state, room.clock.now, callback or row.id)


def test_everything_that_a_webhook_brings_is_taken() -> None:
    taking, room, store = batches()
    before = len(store.messages)
    what = WebhookBatch(
        messages=(heard(room, "Halo"), heard(room, "Bagaimana?")),
        statuses=(status(room, DeliveryState.DELIVERED), status(room)),
        unreadable=(UnreadableItem("{bad", "no JSON"), UnreadableItem("{worse", "a number")),
    )

    assert taking.take(what)

    assert len(store.messages) == before + 2
    assert room.row().state is RowState.READ
    assert store.unreadable == {
        "{bad": ("{bad", "no JSON", room.clock.now),
        "{worse": ("{worse", "a number", room.clock.now),
    }


def test_what_is_there_already_is_looked_up_once_for_all() -> None:
    taking, room, store = batches()
    first, second = heard(room, "Halo"), heard(room, "Halo?")
    both = (status(room, DeliveryState.DELIVERED), status(room), status(room, callback="n-1"))

    taking.take(WebhookBatch(messages=(first, second), statuses=both))

    assert store.asked == [([first.wamid, second.wamid], [room.row().id, "n-1"])]


def test_what_comes_again_is_taken_once() -> None:
    taking, room, store = batches()
    what = WebhookBatch(messages=(heard(room, "Halo"), heard(room, "Halo?")))
    assert taking.take(what)
    commits = len(store.commits)
    assert taking.take(what)
    assert len(store.commits) == commits


@pytest.mark.parametrize(
    ("count", "looked"), [((0, 0), False), ((1, 0), False), ((0, 1), False), ((1, 1), True), ((2, 0), True)]
)
def test_a_single_update_reads_what_it_needs_by_itself(count: tuple[int, int], looked: bool) -> None:
    taking, room, store = batches()
    messages, statuses = count
    what = WebhookBatch(
        messages=tuple(heard(room, "Halo") for _ in range(messages)),
        statuses=tuple(status(room) for _ in range(statuses)),
    )
    assert taking.take(what)
    assert bool(store.asked) is looked
    assert (room.row().state is RowState.READ) is bool(statuses)


def test_a_status_without_its_row_is_left_alone_and_sinks_no_other() -> None:
    taking, room, _ = batches()
    nameless = replace(status(room), callback=None)
    assert taking.take(WebhookBatch(statuses=(nameless, status(room, callback="n-unknown"), status(room))))
    assert room.row().state is RowState.READ


def test_where_nothing_can_be_looked_up_each_item_finds_for_itself() -> None:
    taking, room, store = batches()
    store.broken = True
    with capture_logs() as logged:
        assert taking.take(WebhookBatch(messages=(heard(room, "Halo"),), statuses=(status(room),)))
    assert room.row(RowKind.ANSWER).state is RowState.READ
    assert {"event": "batch_not_looked_up", "log_level": "error", "exc_info": True} in logged


def test_a_row_that_was_looked_up_with_its_batch_is_not_read_again() -> None:
    taking, room, store = batches()
    read: list[str] = []

    class Noting(Watched):
        def row(self, row_id: str) -> Loaded[OutboxRow] | None:
            read.append(row_id)
            return super().row(row_id)

    noting = Noting(store.staff)
    vars(noting).update(vars(store))
    taking = replace(taking, store=noting, delivery=replace(taking.delivery, store=noting))

    assert taking.take(WebhookBatch(statuses=(status(room), status(room, callback="n-unknown"))))

    assert room.row().state is RowState.READ
    assert read == ["n-unknown"]

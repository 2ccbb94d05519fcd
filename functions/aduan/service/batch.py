"""A webhook's updates taken at once: in order where one follows from another, side by side where none does.

WhatsApp sends up to 1,000 updates in one webhook and gives a second for it; each takes two or three round trips.
An answer that comes too late brings all of it again.

Measured (`make load`), 1,000 updates with 400 messages of 100 people, each call 15 ms long, on two busy
cores: one after the other 43 s, and 20 s when they came again; so 4.5 s and 0.5 s. What is left is Python's own time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, partial
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

import structlog

from aduan.service.channel import DeliveryStatus, InboundMessage, UnreadableItem, WebhookBatch
from aduan.service.delivery import Delivery
from aduan.service.intake import Intake
from aduan.service.ports import Clock, Glance, Store

log = structlog.get_logger()

T = TypeVar("T")

Lane = Sequence["partial[None]"]
"""Updates, each with how it is taken, one after the other."""

AT_ONCE: Final = 16
"""Lanes under way at one moment. More would wait for each other: Python computes in one thread at a time."""


@dataclass(frozen=True)
class Batches:
    """The use case behind a webhook: all that it brings, each item by itself."""

    intake: Intake
    delivery: Delivery
    store: Store
    clock: Clock

    def take(self, batch: WebhookBatch) -> bool:
        """Take it; False if something could not be kept. The rest then comes again as repeats."""
        there = self._glance(batch)
        new = (message for message in batch.messages if message.wamid not in there.kept)
        return take_all(
            [
                *(lane(self.intake.take, messages) for messages in by_person(new)),
                *(lane(partial(self._take_status, there), statuses) for statuses in by_row(batch.statuses)),
                *(lane(self._keep_unreadable, [item]) for item in batch.unreadable),
            ]
        )

    def _glance(self, batch: WebhookBatch) -> Glance:
        """What of a batch is there already, for one round trip instead of one each.

        Most statuses say what is known, and change nothing; and a batch that was answered too late comes again.
        """
        wamids = [message.wamid for message in batch.messages]
        rows = list(dict.fromkeys(status.callback for status in batch.statuses if status.callback))
        if len(wamids) + len(batch.statuses) <= 1:
            return Glance()  # one update reads what it needs by itself
        try:
            return self.store.glance(wamids, rows)
        except Exception:
            # One broken row must not sink its batch: each item finds for itself whether it can be kept, and says so.
            log.exception("batch_not_looked_up")
            return Glance()

    def _take_status(self, there: Glance, status: DeliveryStatus) -> None:
        self.delivery.take(status, there.rows.get(status.callback or ""))

    def _keep_unreadable(self, item: UnreadableItem) -> None:
        self.intake.keep_unreadable(item.raw, item.reason)


def take_all(lanes: Sequence[Lane]) -> bool:
    """Take every update; False if one could not be kept, which stops none of the others.

    The thread that asks works too. So a webhook of one update, as nearly all are, starts no thread; and a batch that
    comes while the helpers are at work for another waits for none of them.
    """
    waiting: SimpleQueue[Lane] = SimpleQueue()
    for each in lanes:
        waiting.put(each)
    # The context has what every line of the log carries: the function, and the request's trace.
    helped = [_helpers().submit(copy_context().run, _work, waiting) for _ in lanes[1:AT_ONCE]]
    kept = _work(waiting)
    # One that has not begun by now is not needed any more.
    return all([kept, *(helper.result() for helper in helped if not helper.cancel())])


@cache
def _helpers() -> ThreadPoolExecutor:
    """One pool for the process, whose requests may all bring batches at once, as after an outage."""
    return ThreadPoolExecutor(AT_ONCE - 1, thread_name_prefix="batch")


def _work(waiting: "SimpleQueue[Lane]") -> bool:
    kept = True
    while True:
        try:
            lane = waiting.get_nowait()
        except Empty:
            return kept
        for take in lane:
            kept = _is_kept(take) and kept


def _is_kept(take: "partial[None]") -> bool:
    try:
        take()
    except Exception:
        # Not swallowed: it is logged, the rest of the batch is served, and WhatsApp is told to send it again.
        log.exception("item_not_kept", kind=type(take.args[-1]).__name__)
        return False
    return True


def lane(take: Callable[[T], None], items: Iterable[T]) -> Lane:
    """These items, one after the other."""
    return [partial(take, item) for item in items]


def by_person(messages: Iterable[InboundMessage]) -> list[list[InboundMessage]]:
    """Each person's messages, oldest first: it began then. Who shares a name with another is the same person."""
    lanes: dict[str, list[InboundMessage]] = {}
    for message in sorted(messages, key=_time):
        names = _names(message)
        known = {id(lanes[name]): lanes[name] for name in names & lanes.keys()}
        mine, *others = known.values() or ([],)
        for other in others:  # this message shows that they are one person's
            mine += other
            lanes |= dict.fromkeys((name for earlier in other for name in _names(earlier)), mine)
        mine.sort(key=_time)
        mine.append(message)
        lanes |= dict.fromkeys(names, mine)
    return list({id(mine): mine for mine in lanes.values()}.values())


def _time(message: InboundMessage) -> float:
    return message.at.timestamp()


def _names(message: InboundMessage) -> set[str]:
    addresses = (message.sender, message.new_sender)
    return {name for one in addresses if one is not None for name in (one.phone, one.bsuid) if name}


def by_row(statuses: Iterable[DeliveryStatus]) -> list[list[DeliveryStatus]]:
    """The statuses of each message of ours, in the order in which they were told."""
    lanes: dict[str, list[DeliveryStatus]] = defaultdict(list)
    for status in statuses:
        lanes[status.callback or status.wamid].append(status)
    return list(lanes.values())

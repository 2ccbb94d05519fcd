"""Many at one moment, and what is asked of the database afterwards."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from aduan.adapters.firestore_record import verify_chain
from infra.local.whatsapp_exchange import Answer
from infra.local.whatsapp_payloads import Payload, Spread
from tests.end_to_end.world import World

T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What these calls give, none of which begins before all are ready."""
    ready = threading.Barrier(len(calls))

    def begin(call: Callable[[], T]) -> T:
        ready.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))


def webhooks_at_once(world: World, webhooks: Sequence[Answer]) -> list[int]:
    posts = [partial(world.whatsapp.post, webhook) for webhook in webhooks]
    return [status for statuses in at_once(*posts) for status in statuses]


def expect_whole(world: World, number: str) -> dict[str, Any]:
    """The complaint, of which every event follows the one before, and the last is the one that its head knows."""
    complaint = world.complaint(number)
    head = world.client.document(f"complaints/{number.removeprefix('ADU-')}")
    record = [shot.to_dict() or {} for shot in head.collection("events").order_by("seq").stream()]
    stored = head.get().to_dict() or {}
    assert verify_chain(stored["id"], record, stored["event_hash"]) is None
    assert [event["seq"] for event in complaint["events"]] == list(range(1, len(record) + 1))
    return complaint


def batch(world: World, webhooks: Sequence[Answer]) -> Payload:
    return world.whatsapp.batch(webhooks, Spread.CHANGES)


def payload(webhook: Answer) -> Payload:
    assert isinstance(webhook, Mapping)
    return webhook


def count(world: World, collection: str) -> int:
    return len(list(world.client.collection(collection).stream()))

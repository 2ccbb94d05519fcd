"""Batches: what a webhook of many updates asks of the database, and what becomes of a thousand."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import pytest

from aduan.adapters.firestore_record import verify_chain
from infra.local.firestore import FirestoreEmulator
from infra.local.whatsapp_courier import SIGNATURE_HEADER, as_meta_writes_it
from infra.local.whatsapp_payloads import Payload, envelope
from infra.local.whatsapp_phone import Phone
from tests.end_to_end.crowd import at_once, batch, count, payload
from tests.end_to_end.scenes import ANSWER, NOTE, another_world, numbers_in, submitted
from tests.end_to_end.world import ADMIN, SET_FORMAT, World

SECONDS: Final = 120.0
"""How long an answer may take here: a thousand updates on a busy machine."""


@pytest.fixture
def silent(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """A world whose WhatsApp reports nothing by itself."""
    with another_world(firestore_emulator.host, auto_status=None) as world:
        yield world


# What a batch asks of the database


def test_statuses_that_change_nothing_are_all_looked_up_at_once(silent: World) -> None:
    for place in range(5):
        submitted(silent, f"+62813{place:08}")
    rows = [row.id for row in silent.client.collection("outbox").stream()]
    told = batch(silent, [_status(silent, row, state) for row in rows for state in ("sent", "delivered", "read")])
    silent.calls.clear()
    assert silent.whatsapp.post(told) == [200]
    assert silent.calls.firestore == [("get_all", len(rows), 0)]


def test_a_batch_that_comes_again_is_known_at_a_glance(silent: World) -> None:
    webhook = batch(silent, [_writer(silent, place).write(SET_FORMAT, deliver=False) for place in range(5)])
    assert silent.whatsapp.post(webhook) == [200]
    silent.calls.clear()
    assert silent.whatsapp.post(webhook) == [200]
    assert (silent.calls.firestore, silent.calls.tasks) == ([("get_all", 5, 0)], [])


def test_a_row_that_cannot_be_read_sinks_nothing_else_of_its_batch(silent: World) -> None:
    silent.client.document("outbox/n-broken").set({"key": "no key"})
    siti = silent.citizen(name="Siti")
    told = _status(silent, "n-broken", "sent")
    assert silent.whatsapp.post(batch(silent, [told, siti.write(SET_FORMAT, deliver=False)])) == [500]
    silent.settle()
    assert numbers_in(siti.inbox[-1].text)


# A thousand


CITIZENS, ANSWERED, ODD = 100, 25, 100
TEXTS = (SET_FORMAT, "Mohon dipercepat.", "Saya bisa datang hari apa saja.", "Terima kasih.")
STATES = ("sent", "delivered", "read", "sent", "delivered") * 2


def test_a_thousand_updates_that_come_twice_at_one_moment_are_all_kept_and_each_once(silent: World) -> None:
    for place in range(ANSWERED):
        _answered(silent, f"+62813{place:08}")
    rows = [row.id for row in silent.client.collection("outbox").stream()]
    before = {kind: count(silent, kind) for kind in ("complaints", "messages", "citizens", "unreadable", "outbox")}
    body = as_meta_writes_it(batch(silent, _mixed(silent, rows)))
    assert at_once(*[partial(_post, silent, body)] * 2) == [200, 200]
    after = {kind: count(silent, kind) - was for kind, was in before.items()}
    assert after == {
        "complaints": CITIZENS, "messages": 400, "citizens": CITIZENS, "unreadable": ODD,
        "outbox": CITIZENS * 2,  # the number, and that what followed was added
    }  # fmt: skip
    ways = Counter(" ".join(record) for record in _records(silent))
    assert ways == {
        "submitted message_added message_added message_added": CITIZENS,
        "submitted received verified answered delivered": ANSWERED,
    }


def _records(world: World) -> Iterator[list[str]]:
    """What happened to each complaint, of which every record is whole."""
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for shot in world.client.collection_group("events").stream():
        records[shot.reference.path.split("/")[1]].append(shot.to_dict() or {})
    for head in world.client.collection("complaints").stream():
        record = sorted(records.pop(head.id), key=lambda event: int(event["seq"]))
        assert verify_chain(head.id, record, head.get("event_hash")) is None
        yield [event["type"] for event in record]
    assert not records


def _answered(world: World, phone: str) -> None:
    number = submitted(world, phone)
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)


def _mixed(world: World, rows: Sequence[str]) -> list[Payload]:
    """400 messages of 100 citizens, each one's in order; 500 statuses in no order; 100 that are no message."""
    told = [_status(world, row, state) for row in rows for state in STATES]
    odd = [envelope(world.whatsapp.account, {"messages": [{"type": "text", "odd": place}]}) for place in range(ODD)]
    places: list[int | None] = [*[*range(CITIZENS)] * len(TEXTS), *[None] * (len(told) + len(odd))]
    chance = random.Random(1)  # noqa: S311 - the same mixture every time
    others = chance.sample(told + odd, len(told) + len(odd))
    chance.shuffle(places)
    texts = {place: iter(TEXTS) for place in range(CITIZENS)}
    updates = [
        others.pop() if place is None else payload(_writer(world, place).write(next(texts[place]), deliver=False))
        for place in places
    ]
    assert len(updates) == 1000
    return updates


def _writer(world: World, place: int) -> Phone:
    return world.citizen(f"+62812{place:08}", name=f"Warga {place}")


def _status(world: World, row: str, state: str) -> Payload:
    at = str(int(world.clock.now.timestamp()))
    status = {"id": f"wamid.{row}", "status": state, "timestamp": at, "biz_opaque_callback_data": row}
    return envelope(world.whatsapp.account, {"statuses": [status]})


def _post(world: World, body: bytes) -> int:
    headers = {SIGNATURE_HEADER: world.whatsapp.sign(body), "Content-Type": "application/json"}
    return world.http.post(world.urls["whatsapp_webhook"], content=body, headers=headers, timeout=SECONDS).status_code

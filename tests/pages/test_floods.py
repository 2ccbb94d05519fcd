"""Floods: many messages, many people, bodies that are too deep. Everybody is served, at a cost that has a bound."""

import json
import threading
from collections.abc import Iterator
from typing import Any, Final, cast

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from aduan import handlers
from aduan.service.ports import Commit, Store
from infra.local.firestore import FirestoreEmulator
from infra.local.whatsapp_phone import Phone
from tests.end_to_end.crowd import batch, count, webhooks_at_once
from tests.end_to_end.scenes import another_world, numbers_in, submitted
from tests.end_to_end.test_webhook_door import SIGNATURE, kept, post, signed
from tests.end_to_end.world import ADMIN, SET_FORMAT, World
from tests.pages.tally import Kind, Tally

SECONDS: Final = 120.0
"""How long one answer may take here: a busy machine."""


@pytest.fixture
def silent(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """A world whose WhatsApp reports nothing by itself."""
    with another_world(firestore_emulator.host, auto_status=None) as world:
        yield world


# One citizen who does not stop


def test_two_hundred_messages_of_one_citizen_are_all_kept_and_answered_once(silent: World, tally: Tally) -> None:
    siti, budi = silent.citizen("+6281200000001", name="Siti"), silent.citizen("+6281200000002", name="Budi")
    flood = [siti.write("P", deliver=False) for _ in range(200)]
    webhooks = [batch(silent, flood[begin : begin + 20]) for begin in range(0, 200, 20)]
    statuses = webhooks_at_once(silent, [*webhooks, budi.write(SET_FORMAT, deliver=False)])
    while not set(statuses) <= {200}:  # what could not be kept at once comes again, as WhatsApp sends it
        statuses = [status for webhook in webhooks for status in silent.whatsapp.post(webhook)]
    silent.settle()

    faults = {"kept": count(silent, "messages") != 201, "Budi has his number": not numbers_in(budi.inbox[-1].text)}
    faults |= {"Siti's answers": len(siti.inbox) != 1, "one draft": count(silent, "complaints") != 2}
    tally.expect_nothing(Kind.FLOODS, {**faults, **{f"message {place}": False for place in range(200)}})


class Holding:
    """A store in which everything of one phone waits until somebody else's message was kept."""

    def __init__(self, store: Store, held: str) -> None:
        """`held`: the phone of the one who waits."""
        self._store, self._held = store, held
        self.others = threading.Event()

    def inbound(self, wamid: str, sender: Any) -> object:
        if sender.phone == self._held:
            assert self.others.wait(SECONDS)
        return self._store.inbound(wamid, sender)

    def commit(self, commit: Commit) -> None:
        self._store.commit(commit)
        if commit.citizen is not None and commit.citizen.value.phone != self._held:
            self.others.set()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_nobody_waits_in_a_batch_for_one_who_wrote_two_hundred_messages_before_them(silent: World) -> None:
    siti, budi = silent.citizen("+6281200000001"), silent.citizen("+6281200000002")
    webhook = batch(silent, [*(siti.write("P", deliver=False) for _ in range(200)), budi.write("P", deliver=False)])
    silent.house.store = cast("Store", Holding(silent.house.store, "+6281200000001"))
    assert silent.whatsapp.post(webhook) == [200]
    assert count(silent, "messages") == 201


# A thousand at once


def test_a_thousand_new_numbers_at_once_are_a_thousand_citizens_each_answered(silent: World, tally: Tally) -> None:
    people = [silent.citizen(f"+62813{place:08}", name=f"Warga {place}") for place in range(1000)]
    first = [person.write("Selamat pagi", deliver=False) for person in people]
    webhooks = [batch(silent, first[begin : begin + 250]) for begin in range(0, 1000, 250)]
    silent.calls.clear()
    bodies = [json.dumps(webhook, separators=(",", ":")).encode() for webhook in webhooks]
    answers = [
        silent.http.post(
            silent.urls["whatsapp_webhook"], content=body, headers={SIGNATURE: signed(body)}, timeout=SECONDS
        )
        for body in bodies
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {kind: count(silent, kind) for kind in ("citizens", "complaints", "messages", "outbox")} == {
        "citizens": 1000, "complaints": 1000, "messages": 1000, "outbox": 1000,
    }  # fmt: skip
    assert silent.calls.writes <= 8 * 1000
    silent.settle()
    tally.expect_nothing(Kind.FLOODS, {person.id: _wrong(person) for person in people})


def _wrong(person: Phone) -> str:
    return "" if len(person.inbox) == 1 else f"{len(person.inbox)} answers"


# Too deep


DEPTHS = (1, 10, 100, 300, *range(900, 1020, 4), 1500, 5_000, 10_000, 100_000, 1_000_000)


def nested(depth: int, inside: str = "") -> Iterator[tuple[str, str]]:
    """JSON so deep, in several ways."""
    yield "lists", "[" * depth + inside + "]" * depth
    yield "objects", '{"x":' * depth + (inside or "1") + "}" * depth
    yield "open", "[" * depth


@pytest.fixture(scope="module")
def quiet(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    with another_world(firestore_emulator.host, auto_status=None) as world:
        yield world


def test_no_depth_breaks_the_door_for_programs(quiet: World, tally: Tally) -> None:
    number = submitted(quiet)
    path, found = f"/aduan/{number}/settle", {}
    fields = {"version": 2, "request_id": "r" * 16, "note": "x", "answer": "x"}
    headers = quiet.headers(ADMIN, Accept="application/json", **{"X-Requested-With": "test"})
    for depth in DEPTHS:
        for way, deep in nested(depth):
            bodies = {"whole": deep, **{name: json.dumps({**fields, name: 0}).replace("0", deep, 1) for name in fields}}
            for place, body in bodies.items():
                environ = EnvironBuilder(
                    path, method="POST", data=body.encode(), content_type="application/json", headers=[*headers.items()]
                ).get_environ()
                status = handlers.staff_portal(quiet.house, Request(environ)).status_code
                found[depth, way, place] = "" if status in (400, 413) else str(status)
    tally.expect_nothing(Kind.DEPTHS, found)
    assert quiet.complaint(number)["step"] == 2


def test_no_depth_breaks_the_webhook_and_a_stranger_is_refused_before_it_is_read(quiet: World, tally: Tally) -> None:
    found: dict[Any, str] = {}
    siti = quiet.citizen("+6281200000077", name="Siti")
    for depth in DEPTHS:
        for way, deep in nested(depth):
            payload = siti.write(f"dalam {depth} {way}", deliver=False)
            inside = json.dumps(payload).replace('"type": "text"', f'"type": "text", "deep": {deep}', 1)
            for place, body in (("whole", deep), ("in a message", inside)):
                if len(body) > handlers.LARGEST_BODY:
                    continue
                forged = post(quiet, body.encode(), "sha256=" + "0" * 64).status_code
                before = kept(quiet, "messages", "unreadable") if depth > 5_000 else -1
                taken = post(quiet, body.encode()).status_code
                lost = depth > 5_000 and kept(quiet, "messages", "unreadable") == before
                is_right = (forged, taken, lost) == (401, 200, False)
                found[depth, way, place] = "" if is_right else f"{forged} {taken} {lost}"
    tally.expect_nothing(Kind.DEPTHS, found)
    assert siti.write(SET_FORMAT) == 200  # and the next honest message is served
    quiet.settle()
    assert quiet.complaints()

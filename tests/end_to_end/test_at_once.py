"""Many at one moment: nothing is lost, nothing happens twice, and there is one record of it."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from infra.local.whatsapp_exchange import Answer
from tests.end_to_end.crowd import at_once, batch, count, expect_whole, payload, webhooks_at_once
from tests.end_to_end.scenes import ANSWER, NOTE, checks, events, inbox, numbers_in, submitted
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, SCHEDULER_ACCOUNT, SET_FORMAT, STAFF, World

PICTURE = b"\xff\xd8\xff\xe0 a picture"
OTHER = "+6281234567891"


def statuses(answers: Sequence[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


# Staff


def test_of_twenty_acts_on_one_version_one_is_done_and_nineteen_are_told_of_it(world: World) -> None:
    number = submitted(world)
    version = world.complaint(number)["version"]
    admins = [ADMIN, ADMIN2] * 10
    answers = at_once(*(partial(world.act, number, "receive", admin, version) for admin in admins))
    assert statuses(answers) == {200: 1, 409: 19}
    complaint = expect_whole(world, number)
    (received,) = events(complaint, "received")
    winner = next(admin for admin, answer in zip(admins, answers, strict=True) if answer.status_code == 200)
    assert (complaint["holder"], received["actor"], complaint["step"]) == (winner, winner, 3)
    assert {answer.json()["version"] for answer in answers} == {complaint["version"]}


def test_twenty_presses_of_one_button_are_one_act(world: World) -> None:
    number = submitted(world)
    version, request_id = world.complaint(number)["version"], secrets.token_hex(16)
    press = partial(world.act, number, "forward", ADMIN, version, note=NOTE, request_id=request_id)
    answers = at_once(*[press] * 20)
    assert statuses(answers) == {200: 20}
    assert [event["type"] for event in expect_whole(world, number)["events"]] == ["submitted", "received", "forwarded"]


def test_of_twenty_different_acts_that_may_all_be_done_none_is_lost(world: World) -> None:
    number = submitted(world)
    held = world.did(number, "receive", ADMIN)
    messages = [world.citizen().write(f"Keterangan {place}", deliver=False) for place in range(12)]
    looks = [partial(world.act, number, "unmask", ADMIN, held["version"]) for _ in range(7)]
    asks = partial(world.act, number, "ask_database_admin", ADMIN, held["version"], note=NOTE)
    answers: list[httpx.Response | list[int]] = at_once(
        *(partial(world.whatsapp.post, message) for message in messages), *looks, asks
    )
    assert [answer for answer in answers if isinstance(answer, list)] == [[200]] * 12
    assert statuses([answer for answer in answers if isinstance(answer, httpx.Response)]) == {200: 8}
    world.settle()
    happened = Counter(event["type"] for event in expect_whole(world, number)["events"])
    assert happened == {"submitted": 1, "received": 1, "message_added": 12, "unmasked": 7, "data_check_asked": 1}
    assert len(inbox(world, ADB)) == 1


@pytest.mark.parametrize(
    ("before", "minutes", "act", "fields"),
    [((), 10, "receive", {}), (("receive",), 30, "settle", {"note": NOTE, "answer": ANSWER})],
    ids=["alert", "escalation"],
)
def test_a_check_an_act_and_the_sweep_at_one_moment_leave_one_breach_told_at_most_once(
    world: World, before: Sequence[str], minutes: int, act: str, fields: Mapping[str, str]
) -> None:
    number = submitted(world)
    for earlier in before:
        world.did(number, earlier, ADMIN)
    version, told_before = world.complaint(number)["version"], len(told_by_phone(world))
    world.clock.now += timedelta(minutes=minutes, seconds=1)
    token = world.identity.mint_oidc(SCHEDULER_ACCOUNT, world.urls["sweep"])
    done = partial(world.act, number, act, ADMIN, version, **fields)
    at_once(partial(world.tasks.redeliver, checks(world)[-1]), done, partial(world.call, "sweep", token=token))
    world.settle()
    complaint = expect_whole(world, number)
    assert len(events(complaint, "breached")) == 1
    (breach,) = complaint["breaches"]
    assert [rung["rung"] for rung in breach["rungs"]] in ([], [1])
    told = told_by_phone(world)[told_before:]
    assert len(told) == len(set(told))
    assert bool(told) == bool(breach["rungs"])


def told_by_phone(world: World) -> list[str]:
    """Whose phone has been told something, once for each message."""
    return [email for email in STAFF for _ in inbox(world, email)]


# Citizens


@pytest.mark.parametrize("known", [False, True], ids=["new citizen", "open complaint"])
def test_ten_pictures_at_one_moment_are_one_complaint_ten_attachments_and_one_reply(world: World, known: bool) -> None:
    siti = world.citizen(name="Siti")
    if known:
        submitted(world)
        world.clock.now += timedelta(minutes=2)
    before = len(siti.inbox)
    album = [siti.send_image(PICTURE, deliver=False) for _ in range(10)]
    assert webhooks_at_once(world, album) == [200] * 10
    world.settle()
    (head,) = world.client.collection("complaints").stream()
    complaint = world.house.store.complaint(head.id)
    assert complaint is not None
    kept = world.house.store.conversation(complaint).inbound
    sent = {message["image"]["id"] for webhook in album for message in _messages_of(webhook)}
    assert {message.file.media_id for message in kept if message.file} == sent
    assert len(kept) == 10 + known
    assert len(siti.inbox) - before == 1


def test_one_webhook_ten_times_at_one_moment_is_one(world: World) -> None:
    siti = world.citizen(name="Siti")
    assert webhooks_at_once(world, [siti.write(SET_FORMAT, deliver=False)] * 10) == [200] * 10
    world.settle()
    (number,) = numbers_in(siti.inbox[0].text)
    assert [event["type"] for event in expect_whole(world, number)["events"]] == ["submitted"]
    assert (count(world, "complaints"), count(world, "messages"), len(siti.inbox)) == (1, 1, 1)


@pytest.mark.parametrize("phones", [("+6281234567890", OTHER), (OTHER, OTHER)], ids=["of two", "of one"])
def test_two_batches_at_one_moment_are_each_whole_and_in_order(world: World, phones: tuple[str, str]) -> None:
    batches = [
        batch(world, [world.citizen(phone).write(text, deliver=False) for text in (SET_FORMAT, *"abcdefghi")])
        for phone in phones
    ]
    assert webhooks_at_once(world, batches) == [200, 200]
    world.settle()
    assert count(world, "messages") == 20
    for phone in set(phones):
        (number,) = {number for message in world.citizen(phone).inbox for number in numbers_in(message.text)}
        happened = Counter(event["type"] for event in expect_whole(world, number)["events"])
        assert happened == {"submitted": 1, "message_added": 10 * phones.count(phone) - 1}


def _messages_of(webhook: Answer) -> list[dict[str, Any]]:
    return [
        message
        for entry in payload(webhook)["entry"]
        for change in entry["changes"]
        for message in change["value"]["messages"]
    ]

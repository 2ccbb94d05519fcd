"""Webhooks that were not answered with 200 come again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.infra_local.receiver import Answer
from tests.infra_local.whatsapp_office import SITI, Office, open_office


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        yield office


def test_what_is_not_answered_200_comes_again_ever_more_seldom(office: Office) -> None:
    office.answer_with(500, 503, 404, 200)
    assert office.sim.citizen(SITI).write("Halo") == 500
    assert office.sim.undelivered == 1

    for pause in (1, 2, 4):
        office.clock.pass_by(seconds=pause - 0.001)
        assert office.sim.redeliver() == 0
        office.clock.pass_by(seconds=0.001)
        assert office.sim.redeliver() == 1

    assert office.sim.undelivered == 0
    assert len({request.body for request in office.webhook.requests}) == 1
    assert len(office.webhook.requests) == 4


def test_201_is_no_200_and_nobody_is_0(office: Office) -> None:
    office.answer_with(201)
    assert office.sim.citizen(SITI).write("Halo") == 201
    office.sim.webhook_url = "http://127.0.0.1:1/"
    assert office.sim.citizen(SITI).write("Halo") == 0
    assert office.sim.undelivered == 2


def test_after_seven_days_it_gives_up(office: Office) -> None:
    office.webhook.answer = lambda _: Answer(500)
    office.sim.citizen(SITI).write("Halo")
    office.clock.pass_by(days=7)

    assert office.sim.redeliver() == 1

    assert office.sim.undelivered == 0


def test_an_outage_holds_webhooks_back_and_brings_them_all_afterwards(office: Office) -> None:
    office.sim.down(graph=False, webhooks=True)
    phone = office.sim.citizen(SITI)
    assert [phone.write(f"Pesan {number}") for number in range(3)] == [0, 0, 0]
    assert office.sim.undelivered == 3
    assert office.send().status_code == 200
    office.clock.pass_by(hours=2)

    office.sim.up()
    office.sim.redeliver()

    assert [message["text"]["body"] for message in office.messages] == ["Pesan 0", "Pesan 1", "Pesan 2"]
    assert {message["timestamp"] for message in office.messages} == {"1795503909"}


def test_in_real_time_a_failed_webhook_comes_again_by_itself() -> None:
    with open_office(steered=False, pause=lambda _: timedelta(0)) as office:
        office.answer_with(500, 500)
        office.sim.citizen(SITI).write("Halo")
        office.webhook.wait_for(3)

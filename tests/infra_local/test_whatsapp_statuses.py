"""Statuses, injected errors, and what survives a restart and a crowd."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.whatsapp_payloads import Payload
from infra.local.whatsapp_state import MessageState
from tests.infra_local.whatsapp_office import NUMBER_ID, SITI, TOKEN, Office, open_office


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        office.sim.citizen(SITI, name="Siti").write("Halo")
        yield office


def states(office: Office) -> list[str]:
    return [status["status"] for status in office.statuses]


@pytest.mark.parametrize(
    ("how_far", "expected"),
    [
        (None, []),
        (MessageState.SENT, ["sent"]),
        (MessageState.DELIVERED, ["sent", "delivered"]),
        (MessageState.READ, ["sent", "delivered", "read"]),
    ],
)
def test_statuses_follow_an_accepted_send_as_far_as_told(how_far: MessageState | None, expected: list[str]) -> None:
    with open_office(auto_status=how_far) as office:
        office.sim.citizen(SITI).write("Halo")
        message_id = office.sent_id(type="text", text={"body": "Baik."}, biz_opaque_callback_data="outbox-1")
        assert office.statuses == []

        assert office.sim.flush_statuses() == len(expected)

        assert states(office) == expected
        for status in office.statuses:
            assert status["id"] == message_id
            assert status["biz_opaque_callback_data"] == "outbox-1"
            assert status["recipient_id"] == SITI.lstrip("+")
            assert status["timestamp"] == "1795503909"


def test_statuses_to_a_user_id_name_no_number(office: Office) -> None:
    office.sim.citizen(bsuid="ID.12345678901234567").write("Halo")
    office.post({"recipient": "ID.12345678901234567", "type": "text", "text": {"body": "Baik."}})
    office.sim.flush_statuses()

    assert all(status["recipient_user_id"] == "ID.12345678901234567" for status in office.statuses)
    assert not any("recipient_id" in status or "biz_opaque_callback_data" in status for status in office.statuses)


def test_a_status_may_arrive_before_the_send_is_answered() -> None:
    with open_office(early_status=True) as office:
        office.sim.citizen(SITI).write("Halo")
        office.send()
        assert states(office) == ["sent"]
        office.sim.flush_statuses()
        assert states(office) == ["sent", "delivered"]


def test_in_real_time_statuses_come_by_themselves() -> None:
    with open_office(steered=False) as office:
        office.sim.citizen(SITI).write("Halo")
        office.send()
        office.webhook.wait_for(2)
        office.clock.pass_by(seconds=1)
        office.webhook.wait_for(3)
        assert sorted(states(office)) == ["delivered", "sent"]


def test_statuses_can_come_in_any_order_and_the_ticks_never_go_back(office: Office) -> None:
    message_id = office.sent_id()
    office.sim.status(message_id, "read")
    office.sim.status(message_id, "sent")

    assert states(office) == ["read", "sent"]
    assert office.sim.citizen(SITI).inbox[0].state is MessageState.READ


def test_a_failed_status_says_why(office: Office) -> None:
    office.sim.status(office.sent_id(), "failed", code=131026)

    (status,) = office.statuses
    assert status["status"] == "failed"
    (error,) = status["errors"]
    assert (error["code"], error["title"]) == (131026, "Message undeliverable")
    assert error["error_data"]["details"]


def test_reading_tells_everything_at_once_and_only_once(office: Office) -> None:
    first, second = office.sent_id(), office.sent_id()
    phone = office.sim.citizen(SITI)

    assert phone.read() == 200
    assert phone.read() == 200

    assert [(status["id"], status["status"]) for status in office.statuses] == [
        (first, "read"),
        (second, "read"),
    ]
    assert len(office.webhook.requests) == 2


def test_statuses_and_messages_share_a_batch(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    status = office.sim.status(office.sent_id(), "delivered", deliver=False)
    office.sim.post(office.sim.batch([status, phone.write("Terima kasih", deliver=False)]))
    assert (states(office), office.messages[-1]["text"]["body"]) == (["delivered"], "Terima kasih")


CODES = [1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004, 131047, 131048, 368, 131031, 131042]
CODES += [0, 3, 10, 190, 200, 131005, 131037, 131045, 133010, 100, 131008, 131009, 131021, 131026, 131030]
CODES += [131050, 131051, 131052, 131053, 131062, 132000, 132001, 132015]


@pytest.mark.parametrize("code", CODES)
def test_every_error_can_be_injected(office: Office, code: int) -> None:
    office.sim.fail_next(code=code)

    failed, worked = office.send(), office.send()

    assert failed.json()["error"]["code"] == code
    assert failed.status_code >= 400
    assert worked.status_code == 200
    assert len(office.sim.sent) == 1


def test_a_bare_http_status_is_no_json_and_counts_down(office: Office) -> None:
    office.sim.fail_next(http=502, times=2)
    assert [office.send().status_code for _ in range(3)] == [502, 502, 200]


@pytest.mark.parametrize(("after_accept", "copies"), [(False, 0), (True, 1)])
def test_a_timeout_may_hide_that_the_message_was_sent(office: Office, after_accept: bool, copies: int) -> None:
    office.sim.fail_next(timeout=5, after_accept=after_accept)
    office.graph.timeout = httpx.Timeout(0.1)

    with pytest.raises(httpx.ReadTimeout):
        office.send()

    assert len(office.sim.citizen(SITI).inbox) == copies
    assert len(office.sim.sent) == copies


def test_a_lost_answer_still_has_its_statuses(office: Office) -> None:
    office.sim.fail_next(http=500, after_accept=True)
    office.send(type="text", text={"body": "Baik."}, biz_opaque_callback_data="outbox-1")
    office.sim.flush_statuses()
    assert office.statuses[0]["biz_opaque_callback_data"] == "outbox-1"


def test_an_error_may_come_later_as_a_failed_status(office: Office) -> None:
    office.sim.fail_next(code=131026, as_status=True)
    assert office.send().status_code == 200
    office.sim.flush_statuses()
    assert [(status["status"], status["errors"][0]["code"]) for status in office.statuses] == [("failed", 131026)]


def test_the_closed_window_may_be_told_later() -> None:
    with open_office(late_window_error=True) as office:
        office.sim.citizen(SITI).write("Halo")
        office.clock.pass_by(hours=25)
        assert office.send().status_code == 200
        office.sim.flush_statuses()
        assert office.statuses[0]["errors"][0]["code"] == 131047


def test_while_it_is_down_nothing_is_sent(office: Office) -> None:
    office.sim.down()
    assert office.send().status_code == 503
    office.sim.up()
    assert office.send().status_code == 200
    assert len(office.sim.sent) == 1


@pytest.mark.parametrize(
    "fault",
    [{}, {"code": 1, "http": 500}, {"http": 500, "as_status": True}],
)
def test_a_fault_that_is_none_or_two_is_refused(office: Office, fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fault|send"):
        office.sim.fail_next(**fault)


def test_conversations_survive_a_restart_in_their_order(tmp_path: Path) -> None:
    with open_office(folder=tmp_path) as office:
        phone = office.sim.citizen(SITI, name="Siti")
        phone.write("Satu")
        office.sent_id(type="text", text={"body": "Dua"})
        phone.send_image(b"picture", caption="Tiga")
        phone.read()
        before = phone.conversation

    with open_office(folder=tmp_path) as office:
        phone = office.sim.citizen(SITI, name="Siti")
        assert phone.conversation == before
        assert [message.text for message in before] == ["Satu", "Dua", "Tiga"]
        assert office.send().status_code == 200
        assert office.graph.get(f"/v26.0/{before[2].media_id}").json()["file_size"] == len(b"picture")


def test_a_load_from_many_threads_loses_nothing(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        people = list(pool.map(lambda number: office.sim.citizen(f"+62811{number:03d}"), range(40)))
        payloads: list[int | Payload] = list(pool.map(lambda person: person.write("Halo", deliver=False), people))
        answers = list(pool.map(lambda person: office.send(person.record.phone or ""), people))
    for start in range(0, 40, 4):
        assert office.sim.post(*payloads[start : start + 4], at_once=True) == [200] * 4

    assert {answer.status_code for answer in answers} == {200}
    assert len({person.id for person in people}) == 40
    assert [len(person.inbox) for person in people] == [1] * 40
    assert len({message["id"] for message in office.messages}) == 41


def test_stopping_does_not_wait_for_an_injected_timeout() -> None:
    with open_office() as office:
        office.sim.citizen(SITI).write("Halo")
        office.sim.fail_next(timeout=60)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{office.sim.base_url}/v26.0/{NUMBER_ID}/messages",
                json={"messaging_product": "whatsapp", "to": SITI, "type": "text", "text": {"body": "a"}},
                headers={"Authorization": f"Bearer {TOKEN}"},
                timeout=0.1,
            )
        began = time.monotonic()
    assert time.monotonic() - began < 5

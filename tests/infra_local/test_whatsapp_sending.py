"""The Graph API side: what is accepted, how it is answered, and how it looks on the phone."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.whatsapp_state import MessageState
from tests.infra_local.whatsapp_office import NUMBER_ID, SITI, Office, open_office


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        office.sim.citizen(SITI, name="Siti").write("Halo")
        yield office


def buttons(*titles: str, body: str = "Sudah selesai?") -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": f"id-{title}", "title": title}} for title in titles]
    interactive = {"type": "button", "body": {"text": body}, "action": {"buttons": replies}}
    return {"type": "interactive", "interactive": interactive}


def choices(rows: int = 1, body: str = "Pilih layanan", **row: str) -> dict[str, Any]:
    items = [{"id": f"row-{number}", "title": f"Layanan {number}"} | row for number in range(rows)]
    action = {"button": "Lihat pilihan", "sections": [{"title": "Layanan", "rows": items}]}
    return {
        "type": "interactive",
        "interactive": {"type": "list", "body": {"text": body}, "action": action},
    }


def link(body: str = "Lihat aduan Anda") -> dict[str, Any]:
    parameters = {"display_text": "Buka", "url": "http://127.0.0.1/t/abc"}
    action = {"name": "cta_url", "parameters": parameters}
    return {
        "type": "interactive",
        "interactive": {"type": "cta_url", "body": {"text": body}, "action": action},
    }


def template(*values: str, name: str = "aduan_alert", payload: str = "ok", index: str = "0") -> dict[str, Any]:
    components: list[dict[str, Any]] = [
        {"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}
    ]
    if payload:
        button = {"type": "button", "sub_type": "quick_reply", "index": index}
        components.append(button | {"parameters": [{"type": "payload", "payload": payload}]})
    return {
        "type": "template",
        "template": {"name": name, "language": {"code": "id"}, "components": components},
    }


def text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def test_a_text_is_accepted_and_stands_on_the_phone(office: Office) -> None:
    answer = office.send(type="text", text={"body": "Aduan Anda diterima."})

    assert answer.status_code == 200
    body = answer.json()
    assert body["messaging_product"] == "whatsapp"
    assert body["contacts"] == [{"input": SITI, "wa_id": SITI.lstrip("+")}]
    assert body["messages"][0]["id"].startswith("wamid.")
    (message,) = office.sim.citizen(SITI).inbox
    assert (message.id, message.text, message.state) == (
        body["messages"][0]["id"],
        "Aduan Anda diterima.",
        MessageState.SENT,
    )


def test_every_accepted_send_is_counted_with_its_callback_data(office: Office) -> None:
    office.send(type="text", text={"body": "Satu"}, biz_opaque_callback_data="outbox-1")
    office.send(type="text", text={"body": "x" * 4097}, biz_opaque_callback_data="outbox-2")

    (sent,) = office.sim.sent
    assert (sent.to, sent.type, sent.callback) == (SITI, "text", "outbox-1")
    assert sent.payload["text"] == {"body": "Satu"}


def test_buttons_list_and_link_show_what_can_be_tapped(office: Office) -> None:
    office.send(**buttons("Ya", "Belum"))
    office.send(**choices(2, description="Satu hari kerja"))
    office.send(**link())

    first, second, third = office.sim.citizen(SITI).inbox
    assert [(option.id, option.title) for option in first.options] == [("id-Ya", "Ya"), ("id-Belum", "Belum")]
    assert second.list_label == "Lihat pilihan"
    assert second.options[1].description == "Satu hari kerja"
    assert second.options[1].section == "Layanan"
    assert (third.list_label, third.link_url) == ("Buka", "http://127.0.0.1/t/abc")


def test_a_template_is_shown_with_its_values_and_its_button(office: Office) -> None:
    office.send(**template("ADU-1", "14.05", payload="ack:ADU-1"))

    (message,) = office.sim.citizen(SITI).inbox
    assert message.text == "Aduan ADU-1: tenggat 14.05."
    assert [(option.id, option.title) for option in message.options] == [("ack:ADU-1", "Saya tangani")]


def test_a_template_button_without_a_payload_sends_its_own_text(office: Office) -> None:
    office.send(**template("ADU-1", "14.05", payload=""))

    (message,) = office.sim.citizen(SITI).inbox
    assert message.options[0].id == "Saya tangani"


@pytest.mark.parametrize(
    "fits",
    [
        text("x" * 4096),
        buttons("a" * 20, "b", "c", body="x" * 1024),
        choices(10, body="x" * 4096),
        choices(1, title="t" * 24, description="d" * 72, id="i" * 200),
        link("x" * 1024),
        template("x" * 980, "y"),
        template("empat    spasi", "y"),
    ],
)
def test_what_just_fits_is_accepted(office: Office, fits: dict[str, Any]) -> None:
    assert office.send(**fits).status_code == 200


@pytest.mark.parametrize(
    ("too_much", "status", "code"),
    [
        (text("x" * 4097), 400, 100),
        (text(""), 400, 100),
        (buttons("Ya", body="x" * 1025), 400, 100),
        (buttons("a", "b", "c", "d"), 400, 100),
        (buttons(), 400, 100),
        (buttons("a" * 21), 400, 100),
        (buttons("Ya", "Ya"), 400, 100),
        (choices(1, body="x" * 4097), 400, 100),
        (choices(11), 400, 100),
        (choices(1, title="t" * 25), 400, 100),
        (choices(1, description="d" * 73), 400, 100),
        (choices(1, id="i" * 201), 400, 100),
        (link("x" * 1025), 400, 100),
        ({"type": "text", "text": {"body": "a"}, "biz_opaque_callback_data": "x" * 513}, 400, 100),
        ({"type": "text"}, 400, 131008),
        ({"type": "audio", "audio": {"id": "1"}}, 400, 131051),
        (template("a", "b", name="lain"), 404, 132001),
        (template("a"), 400, 132000),
        (template("a", "b", "c"), 400, 132000),
        (template("baris\nbaru", "b"), 400, 132018),
        (template("tab\tulang", "b"), 400, 132018),
        (template("lima     spasi", "b"), 400, 132018),
        (template("a", "b", index="1"), 400, 132018),
        (template("x" * 1024, "y"), 400, 132005),
    ],
)
def test_what_meta_refuses_is_refused_with_its_code_and_not_sent(
    office: Office, too_much: dict[str, Any], status: int, code: int
) -> None:
    answer = office.send(**too_much)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["message"].startswith(f"(#{code}) ")
    assert error["error_data"]["details"]
    assert error["type"] == "OAuthException"
    assert error["fbtrace_id"]
    assert office.sim.sent == ()


def test_rows_are_counted_over_all_sections(office: Office) -> None:
    message = choices(10)
    more = {"title": "Lain", "rows": [{"id": "eleventh", "title": "Sebelas"}]}
    message["interactive"]["action"]["sections"].append(more)

    answer = office.send(**message)

    assert answer.json()["error"]["code"] == 100


def test_a_wrong_token_is_190_and_nothing_is_sent(office: Office) -> None:
    for header in ("Bearer wrong", "", "a-token"):
        answer = office.graph.post(f"/v26.0/{NUMBER_ID}/messages", json={}, headers={"Authorization": header})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)
    assert office.sim.sent == ()


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}"])
def test_a_body_that_is_no_message_is_refused(office: Office, body: bytes) -> None:
    answer = office.graph.post(f"/v26.0/{NUMBER_ID}/messages", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_another_offices_number_does_not_exist(office: Office) -> None:
    answer = office.graph.post("/v26.0/1234/messages", json={"messaging_product": "whatsapp"})
    assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, 33)


@pytest.mark.parametrize(("hours", "status"), [(23.999, 200), (24, 400)])
def test_the_window_closes_24_hours_after_the_citizens_last_message(office: Office, hours: float, status: int) -> None:
    office.clock.pass_by(hours=hours)

    answer = office.send()

    assert answer.status_code == status
    if status != 200:
        assert answer.json()["error"]["code"] == 131047
    assert office.send(**template("ADU-1", "besok")).status_code == 200


def test_a_tap_opens_the_window_again(office: Office) -> None:
    office.clock.pass_by(days=3)
    office.send(**template("ADU-1", "besok"))

    office.sim.citizen(SITI).tap("Saya tangani")

    assert office.send().status_code == 200


def test_who_never_wrote_gets_templates_only(office: Office) -> None:
    assert office.send("+628999999999").json()["error"]["code"] == 131047
    assert office.send("+628999999999", **template("ADU-1", "besok")).status_code == 200


def test_a_user_id_is_reached_by_recipient_and_lost_in_to(office: Office) -> None:
    person = office.sim.citizen(bsuid="ID.12345678901234567", name="Budi")
    person.write("Halo")

    lost = office.send("ID.12345678901234567")
    reached = office.post({"recipient": "ID.12345678901234567", "type": "text", "text": {"body": "Baik."}})

    assert (lost.status_code, reached.status_code) == (200, 200)
    assert [message.text for message in person.inbox] == ["Baik."]
    assert reached.json()["contacts"] == [{"input": "ID.12345678901234567", "user_id": "ID.12345678901234567"}]
    assert len(office.sim.sent) == 1
    assert len(office.sim.dropped) == 1


def test_a_read_receipt_turns_the_ticks_blue_and_shows_typing_until_the_reply(office: Office) -> None:
    (wrote,) = office.sim.citizen(SITI).conversation
    receipt = {"status": "read", "message_id": wrote.id, "typing_indicator": {"type": "text"}}

    answer = office.post(receipt)

    assert answer.json() == {"success": True}
    (wrote,) = office.sim.citizen(SITI).conversation
    assert wrote.state is MessageState.READ
    assert office.sim.exchange.typing_for(wrote.phone_id).total_seconds() == 25
    office.send()
    assert office.sim.exchange.typing_for(wrote.phone_id).total_seconds() == 0


def test_a_receipt_for_a_message_that_nobody_wrote_is_refused(office: Office) -> None:
    answer = office.post({"status": "read", "message_id": "wamid.unknown"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)

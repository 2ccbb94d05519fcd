"""The webhook side: shapes, signatures, batches, handshake."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.whatsapp_exchange import Answer as Sending
from infra.local.whatsapp_payloads import Spread
from infra.local.whatsapp_phone import Phone
from tests.infra_local.receiver import Answer
from tests.infra_local.whatsapp_office import (
    NUMBER_ID,
    SECRET,
    SITI,
    Office,
    confirm_handshake,
    open_office,
)

BSUID = "ID.12345678901234567"


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        yield office


def test_a_text_comes_as_meta_sends_it(office: Office) -> None:
    assert office.sim.citizen(SITI, name="Siti").write("KTP saya / hilang, tolong é") == 200

    (value,) = office.values
    assert value["messaging_product"] == "whatsapp"
    assert value["metadata"]["phone_number_id"] == NUMBER_ID
    assert value["contacts"] == [{"profile": {"name": "Siti"}, "wa_id": "6281234567890"}]
    (message,) = value["messages"]
    assert message["id"].startswith("wamid.")
    assert message["from"] == "6281234567890"
    assert message["timestamp"] == "1795503909"
    assert message["type"] == "text"
    assert message["text"] == {"body": "KTP saya / hilang, tolong é"}


def test_the_signature_is_of_the_raw_body_and_not_of_its_json(office: Office) -> None:
    office.sim.citizen(SITI).write("a/b é")

    (request,) = office.webhook.requests
    expected = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert json.dumps(json.loads(request.body)).encode() != request.body


def test_a_person_without_a_number_has_only_a_user_id(office: Office) -> None:
    office.sim.citizen(bsuid=BSUID, name="Budi").write("Halo")

    (value,) = office.values
    assert value["contacts"] == [{"profile": {"name": "Budi"}, "user_id": BSUID}]
    assert "from" not in value["messages"][0]
    assert value["messages"][0]["from_user_id"] == BSUID


def test_contacts_may_be_missing_and_a_user_id_may_stand_in_from(office: Office) -> None:
    office.sim.citizen(bsuid=BSUID, contacts=False, bsuid_in_from=True).write("Halo")

    (value,) = office.values
    assert "contacts" not in value
    assert value["messages"][0]["from"] == BSUID


def last(phone: Phone) -> str:
    return phone.conversation[-1].id


SENDINGS: list[tuple[str, Callable[[Phone], Sending], dict[str, Any]]] = [
    ("image", lambda phone: phone.send_image(b"jpeg", caption="KTP"), {"caption": "KTP"}),
    ("video", lambda phone: phone.send_video(b"mp4"), {"mime_type": "video/mp4"}),
    ("document", lambda phone: phone.send_document(b"pdf", "kk.pdf"), {"filename": "kk.pdf"}),
    ("sticker", lambda phone: phone.send_sticker(b"webp"), {"animated": False}),
    ("audio", lambda phone: phone.send_voice(b"ogg"), {"voice": True}),
    (
        "location",
        lambda phone: phone.send_location(-7.9, 110.3, "Kantor"),
        {"latitude": -7.9, "name": "Kantor"},
    ),
    ("order", lambda phone: phone.send_order(), {"text": ""}),
    ("edit", lambda phone: phone.edit(last(phone), "baru"), {}),
    ("revoke", lambda phone: phone.revoke(last(phone)), {}),
    ("reaction", lambda phone: phone.react("", last(phone)), {"emoji": ""}),
    ("unsupported", lambda phone: phone.send_unsupported(), {"type": "poll_creation"}),
    ("hologram", lambda phone: phone.send("hologram", {"hologram": {"size": 3}}), {"size": 3}),
]


@pytest.mark.parametrize(("kind", "send", "expected"), SENDINGS, ids=[kind for kind, _, _ in SENDINGS])
def test_every_type_of_message_can_be_sent(
    office: Office, kind: str, send: Callable[[Phone], Sending], expected: dict[str, Any]
) -> None:
    phone = office.sim.citizen(SITI)
    phone.write("lama")
    first = last(phone)

    assert send(phone) == 200

    message = office.messages[-1]
    assert message["type"] == kind
    assert expected.items() <= message[kind].items()
    if kind in ("edit", "revoke"):
        assert message[kind]["original_message_id"] == first
    if kind == "edit":
        assert message[kind]["message"]["text"]["body"] == "baru"
    if kind == "unsupported":
        assert message["errors"][0]["code"] == 131051


def test_a_contact_card_and_a_lost_picture(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    phone.send_contact("Pak RT", "+628111")
    phone.send_lost_image()

    card, lost = office.messages
    assert card["contacts"][0]["phones"][0]["phone"] == "+628111"
    assert lost["errors"][0]["code"] == 131052
    assert "id" not in lost["image"]


def test_a_form_comes_as_a_string_of_json_whole_or_broken(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    phone.fill_form({"nama": "Siti"})
    phone.fill_form("{broken")

    whole, broken = (message["interactive"]["nfm_reply"]["response_json"] for message in office.messages)
    assert json.loads(whole) == {"nama": "Siti"}
    assert broken == "{broken"


def test_a_tap_names_the_message_and_what_was_tapped(office: Office) -> None:
    phone = office.sim.citizen(SITI)
    phone.write("Halo")
    reply = {"type": "reply", "reply": {"id": "yes", "title": "Ya"}}
    row = {"id": "ktp", "title": "KTP", "description": "Hilang"}
    rows = {"button": "Pilih", "sections": [{"rows": [row]}]}
    body = {"text": "?"}
    button = office.sent_id(
        type="interactive", interactive={"type": "button", "body": body, "action": {"buttons": [reply]}}
    )
    listed = office.sent_id(type="interactive", interactive={"type": "list", "body": body, "action": rows})

    phone.tap("Ya")
    phone.tap("ktp")

    first, second = office.messages[-2:]
    assert first["context"]["id"] == button
    assert first["interactive"] == {"type": "button_reply", "button_reply": {"id": "yes", "title": "Ya"}}
    assert second["context"]["id"] == listed
    assert second["interactive"] == {"type": "list_reply", "list_reply": row}


def test_a_templates_button_comes_back_with_its_payload(office: Office) -> None:
    values = [{"type": "text", "text": "ADU-1"}, {"type": "text", "text": "14.05"}]
    payload = [{"type": "payload", "payload": "ack:ADU-1"}]
    components = [
        {"type": "body", "parameters": values},
        {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": payload},
    ]
    template = {"name": "aduan_alert", "language": {"code": "id"}, "components": components}
    alert = office.sent_id(to=SITI, type="template", template=template)

    office.sim.staff(SITI, "Rina").tap("Saya tangani")

    (message,) = office.messages
    assert message["type"] == "button"
    assert message["button"] == {"payload": "ack:ADU-1", "text": "Saya tangani"}
    assert message["context"]["id"] == alert


def test_what_nobody_offered_cannot_be_tapped(office: Office) -> None:
    with pytest.raises(LookupError):
        office.sim.citizen(SITI).tap("Ya")


def test_a_new_number_or_user_id_is_told_without_contacts(office: Office) -> None:
    phone = office.sim.citizen(SITI, BSUID)
    phone.change_number("+62899", bsuid="ID.2")
    phone.change_user_id("ID.3")

    assert ["contacts" in value for value in office.values] == [False, False]
    number, user_id = office.messages
    assert (number["from"], number["from_user_id"]) == ("6281234567890", BSUID)
    assert number["system"]["type"] == "user_changed_number"
    assert (number["system"]["wa_id"], number["system"]["user_id"]) == ("62899", "ID.2")
    assert (user_id["system"]["type"], user_id["system"]["user_id"]) == ("user_changed_user_id", "ID.3")
    assert phone.record.phone == "+62899"


def test_a_backlog_keeps_the_time_at_which_it_was_written(office: Office) -> None:
    written = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    office.sim.citizen(SITI).write("Semalam", at=written)
    assert office.messages[0]["timestamp"] == str(int(written.timestamp()))


def test_a_payload_can_be_sent_thrice_and_all_at_once(office: Office) -> None:
    payload = office.sim.citizen(SITI).write("Halo", deliver=False)
    assert office.webhook.requests == []

    assert office.sim.post(payload, payload, payload) == [200, 200, 200]
    assert office.sim.post(payload, payload, at_once=True) == [200, 200]

    assert len({request.body for request in office.webhook.requests}) == 1
    assert len(office.webhook.requests) == 5


def test_what_was_delivered_already_cannot_be_posted(office: Office) -> None:
    with pytest.raises(TypeError):
        office.sim.post(office.sim.citizen(SITI).write("Halo"))


@pytest.mark.parametrize(
    ("spread", "entries", "changes"),
    [(Spread.ENTRIES, 3, 1), (Spread.CHANGES, 1, 3), (Spread.ONE_VALUE, 1, 1)],
)
def test_a_batch_carries_several_citizens_in_one_webhook(
    office: Office, spread: Spread, entries: int, changes: int
) -> None:
    people = [office.sim.citizen(f"+62811{number}", name=f"Warga {number}") for number in range(3)]
    payloads = [person.write(f"Pesan {number}", deliver=False) for number, person in enumerate(people)]

    assert office.sim.post(office.sim.batch(payloads, spread)) == [200]

    (request,) = office.webhook.requests
    body = json.loads(request.body)
    assert (len(body["entry"]), len(body["entry"][0]["changes"])) == (entries, changes)
    assert [message["text"]["body"] for message in office.messages] == ["Pesan 0", "Pesan 1", "Pesan 2"]
    assert sum(len(value["contacts"]) for value in office.values) == 3


@pytest.mark.parametrize(("token", "confirmed"), [("a-verify-token", True), ("another", False)])
def test_the_handshake_needs_the_verify_token(token: str, confirmed: bool) -> None:
    with open_office(verify_token=token) as office:
        office.webhook.answer = confirm_handshake
        assert office.sim.handshake() is confirmed


def test_the_handshake_needs_the_challenge_and_somebody_there(office: Office) -> None:
    office.webhook.answer = lambda _: Answer(200, body=b"another")
    assert not office.sim.handshake()
    office.sim.webhook_url = "http://127.0.0.1:1/"
    assert not office.sim.handshake()


def test_any_bytes_can_be_sent_signed_rightly_wrongly_or_not(office: Office) -> None:
    office.sim.post_body(b"no json")
    office.sim.post_body(b"no json", signature="sha256=00")
    office.sim.post_body(b"no json", signature=None)

    signatures = [request.headers["X-Hub-Signature-256"] for request in office.webhook.requests]
    assert signatures == [office.sim.sign(b"no json"), "sha256=00", None]

"""The client against a real server: what it sends, and how it connects."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from aduan.adapters.whatsapp_api import WhatsAppApi
from aduan.service.channel import Address, Buttons, Choices, Option, OutboundMessage, Template, Text
from tests.adapters.whatsapp_samples import BSUID, NUMBER_ID, PHONE
from tests.adapters.whatsapp_server import ACCESS_KEY, SITI, Answer, WhatsAppServer, failed_send, refused


def test_a_sent_message_has_the_id_that_whatsapp_gives(server: WhatsAppServer, api: WhatsAppApi) -> None:
    assert api.send(SITI, Text("Halo"), "kotak-1") == "wamid.NEW"
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", f"/v26.0/{NUMBER_ID}/messages")
    assert request.headers["Authorization"] == f"Bearer {ACCESS_KEY}"
    assert request.headers["Content-Type"] == "application/json"


FRAME = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "biz_opaque_callback_data": "kotak-1",
}


@pytest.mark.parametrize(
    ("to", "receiver"),
    [
        (Address(PHONE), {"to": PHONE}),
        (Address(PHONE, BSUID), {"to": PHONE}),
        (Address(None, BSUID), {"recipient": BSUID}),
    ],
)
def test_a_user_id_never_stands_where_a_phone_belongs(
    server: WhatsAppServer, api: WhatsAppApi, to: Address, receiver: dict[str, str]
) -> None:
    api.send(to, Text("Halo"), "kotak-1")
    text = {"body": "Halo", "preview_url": False}
    assert server.last == {**FRAME, **receiver, "type": "text", "text": text}


def reply(option_id: str, title: str) -> dict[str, object]:
    return {"type": "reply", "reply": {"id": option_id, "title": title}}


def body_parameters(*texts: str) -> dict[str, object]:
    return {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}


def button(index: str, payload: str) -> dict[str, object]:
    parameters = [{"type": "payload", "payload": payload}]
    return {"type": "button", "sub_type": "quick_reply", "index": index, "parameters": parameters}


ID = {"code": "id"}


@pytest.mark.parametrize(
    ("message", "kind", "content"),
    [
        (
            Buttons("Puas?", (Option("ya", "Ya"), Option("tidak", "Tidak"))),
            "interactive",
            {
                "type": "button",
                "body": {"text": "Puas?"},
                "action": {"buttons": [reply("ya", "Ya"), reply("tidak", "Tidak")]},
            },
        ),
        (
            Choices("Pilih layanan", "Layanan", (Option("ktp", "KTP", "KTP elektronik"), Option("kk", "KK"))),
            "interactive",
            {
                "type": "list",
                "body": {"text": "Pilih layanan"},
                "action": {
                    "button": "Layanan",
                    "sections": [
                        {
                            "rows": [
                                {"id": "ktp", "title": "KTP", "description": "KTP elektronik"},
                                {"id": "kk", "title": "KK"},
                            ]
                        }
                    ],
                },
            },
        ),
        (Template("aduan_rating"), "template", {"name": "aduan_rating", "language": ID}),
        (
            Template("aduan_alert", ("ADU-1", "10 menit"), ("buka:1", "nanti:1")),
            "template",
            {
                "name": "aduan_alert",
                "language": ID,
                "components": [
                    body_parameters("ADU-1", "10 menit"),
                    button("0", "buka:1"),
                    button("1", "nanti:1"),
                ],
            },
        ),
        (
            Template("hello_world", language="en_US"),
            "template",
            {"name": "hello_world", "language": {"code": "en_US"}},
        ),
    ],
)
def test_every_kind_of_message_is_sent_in_its_shape(
    server: WhatsAppServer, api: WhatsAppApi, message: OutboundMessage, kind: str, content: object
) -> None:
    api.send(SITI, message, "kotak-1")
    assert server.last == {**FRAME, "to": PHONE, "type": kind, kind: content}


def test_any_text_can_be_sent(server: WhatsAppServer, api: WhatsAppApi) -> None:
    words = "é \N{THUMBS UP SIGN} \0 \ud800"
    api.send(SITI, Text(words), "kotak-1")
    assert server.last["text"] == {"body": words, "preview_url": False}


@pytest.mark.parametrize(("typing", "sign"), [(False, {}), (True, {"typing_indicator": {"type": "text"}})])
def test_a_message_is_shown_as_read(
    server: WhatsAppServer, api: WhatsAppApi, typing: bool, sign: dict[str, object]
) -> None:
    server.answer = Answer(body=b'{"success": true}')
    api.mark_read("wamid.A", typing=typing)
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"}
    assert server.last == read | sign


def test_the_token_is_in_no_log_line(
    server: WhatsAppServer, api: WhatsAppApi, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        api.send(SITI, Text("Halo"), "kotak-1")
        server.answer = refused(401, 190, message=f"Malformed access token {ACCESS_KEY}")
        failed_send(api)
    assert caplog.records
    assert ACCESS_KEY not in caplog.text
    assert ACCESS_KEY not in repr(api)
    assert ACCESS_KEY not in repr(vars(api)["_lazy_client"].headers)


def test_no_connection_is_made_before_the_first_use_and_one_is_kept_after(
    server: WhatsAppServer, fresh: WhatsAppApi
) -> None:
    assert server.connections == 0
    for _ in range(3):
        fresh.send(SITI, Text("Halo"), "kotak-1")
    assert server.connections == 1


def test_threads_share_one_client(server: WhatsAppServer, fresh: WhatsAppApi) -> None:
    together = threading.Barrier(8)

    def send(number: int) -> str:
        together.wait(5)
        return fresh.send(SITI, Text("Halo"), f"kotak-{number}")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(8))) == ["wamid.NEW"] * 8
    assert server.connections <= 8


def test_a_closed_client_opens_again_at_the_next_use(server: WhatsAppServer, fresh: WhatsAppApi) -> None:
    fresh.send(SITI, Text("Halo"), "kotak-1")
    fresh.close()
    fresh.close()
    fresh.send(SITI, Text("Halo"), "kotak-2")
    assert server.connections == 2

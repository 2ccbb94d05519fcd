"""The client against a real server: what it makes of every refusal, and of no answer."""

import socket

import pytest

from aduan.adapters.whatsapp_api import WhatsAppApi
from aduan.service.channel import Address, ChannelError, Failure
from tests.adapters.whatsapp_samples import BSUID, NUMBER_ID, PHONE
from tests.adapters.whatsapp_server import (
    ACCESS_KEY,
    QUICK,
    SITI,
    Answer,
    WhatsAppServer,
    failed_send,
    refused,
)


def test_a_refused_read_receipt_is_an_error_like_any_other(server: WhatsAppServer, api: WhatsAppApi) -> None:
    server.answer = refused(401, 190)
    with pytest.raises(ChannelError) as caught:
        api.mark_read("wamid.A")
    assert caught.value.failure is Failure.OPERATOR


BY_CODE = {
    Failure.RETRY: [1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004],
    Failure.WINDOW_CLOSED: [131047],
    Failure.STOP: [131048, 368, 131031, 131042],
    Failure.OPERATOR: [0, 3, 10, 190, 200, 250, 299, 131005, 131037, 131045, 133010],
    Failure.NEVER: [
        *(100, 131008, 131009, 131021, 131026, 131030),
        *(131050, 131051, 131052, 131053, 131062, 132000, 132012, 132999),
    ],
}


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize(("failure", "code"), [(f, code) for f, codes in BY_CODE.items() for code in codes])
def test_every_code_says_what_to_do_whatever_the_http_status(
    server: WhatsAppServer, api: WhatsAppApi, failure: Failure, code: int, status: int
) -> None:
    server.answer = refused(status, code, message=f"(#{code}) no")
    error = failed_send(api)
    assert (error.failure, error.code, error.detail) == (failure, code, f"(#{code}) no")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (refused(400, 199), Failure.NEVER),
        (refused(400, 300), Failure.NEVER),
        (refused(400, 131999), Failure.NEVER),
        (refused(400, 133000), Failure.NEVER),
        (refused(404, 131999), Failure.NEVER),
        (refused(400, 131999, is_transient=True), Failure.RETRY),
        (refused(401, 131999), Failure.OPERATOR),
        (refused(403, 131999), Failure.OPERATOR),
        (refused(429, 131999), Failure.RETRY),
        (refused(500, 131999), Failure.RETRY),
        (refused(400, "131047"), Failure.WINDOW_CLOSED),
        (refused(400, 100, error_subcode=33), Failure.OPERATOR),
        (refused(400, 100, error_subcode=2494010), Failure.NEVER),
        (refused(400, None), Failure.NEVER),
        (refused(400, [190]), Failure.NEVER),
        (Answer(400, b""), Failure.NEVER),
        (Answer(413, b"<html>"), Failure.NEVER),
        (Answer(422, b"[]"), Failure.NEVER),
        (Answer(302, b"", {"Location": "/lain"}), Failure.OPERATOR),
        (Answer(401, b""), Failure.OPERATOR),
        (Answer(403, b""), Failure.OPERATOR),
        (Answer(404, b"<html>"), Failure.OPERATOR),
        (Answer(405, b'{"error": 5}'), Failure.OPERATOR),
        (Answer(408, b""), Failure.RETRY),
        (Answer(429, b""), Failure.RETRY),
        (Answer(500, b'{"error":'), Failure.RETRY),
        (Answer(502, b"\xff"), Failure.RETRY),
        (Answer(503, b"[" * 5_000), Failure.RETRY),
        (Answer(504, b""), Failure.RETRY),
    ],
)
def test_a_refusal_without_a_known_code_is_judged_by_its_http_status(
    server: WhatsAppServer, api: WhatsAppApi, answer: Answer, failure: Failure
) -> None:
    server.answer = answer
    assert failed_send(api).failure is failure


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-1", None),
        ("1.5", None),
        ("inf", None),
        ("soon", None),
        ("Tue, 24 Nov 2026 07:05:00 GMT", None),
    ],
)
def test_a_refusal_says_how_long_to_wait_if_whatsapp_does(
    server: WhatsAppServer, api: WhatsAppApi, header: str, seconds: float | None
) -> None:
    server.answer = Answer(429, b'{"error": {"code": 131056}}', {"Retry-After": header})
    error = failed_send(api)
    assert (error.failure, error.retry_after) == (Failure.RETRY, seconds)


def test_without_a_header_nothing_is_said_about_waiting(server: WhatsAppServer, api: WhatsAppApi) -> None:
    server.answer = refused(429, 131056)
    assert failed_send(api).retry_after is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"\xff",
        b"[]",
        b"{}",
        b'{"messages": []}',
        b'{"messages": [{}]}',
        b'{"messages": [{"id": ""}]}',
        b'{"messages": [{"id": null}]}',
        b'{"success": true}',
        b'{"error": {"code": 190}}',
        b"[" * 5_000,
    ],
)
def test_an_acceptance_without_a_message_id_is_unknown(server: WhatsAppServer, api: WhatsAppApi, body: bytes) -> None:
    server.answer = Answer(200, body)
    assert failed_send(api).failure is Failure.UNKNOWN


@pytest.mark.parametrize("answer", [Answer(stall=True), Answer(cut_after=0), Answer(cut_after=10)])
def test_a_request_that_left_and_got_no_answer_is_unknown(
    server: WhatsAppServer, api: WhatsAppApi, answer: Answer
) -> None:
    server.answer = answer
    assert failed_send(api).failure is Failure.UNKNOWN
    assert len(server.requests) == 1


def test_a_request_that_found_no_server_may_be_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        api = WhatsAppApi(f"http://127.0.0.1:{unused.getsockname()[1]}", "v26.0", NUMBER_ID, ACCESS_KEY, QUICK)
        assert failed_send(api).failure is Failure.RETRY
        api.close()


def test_an_address_of_another_protocol_is_for_the_operator() -> None:
    api = WhatsAppApi("gopher://127.0.0.1", "v26.0", NUMBER_ID, ACCESS_KEY, QUICK)
    assert failed_send(api).failure is Failure.OPERATOR
    api.close()


@pytest.mark.parametrize("token", ["EAAkunci\n", " EAAkunci", "EAA kunci\x00", "EAAkunçi"])
def test_a_token_that_no_header_carries_is_refused_at_once_and_not_repeated(token: str) -> None:
    with pytest.raises(ValueError, match="access token") as caught:
        WhatsAppApi("http://127.0.0.1", "v26.0", NUMBER_ID, token)
    assert "EAA" not in str(caught.value)


@pytest.mark.parametrize(
    ("message", "to"),
    [
        (f"Malformed access token {ACCESS_KEY}", SITI),
        (f"Malformed access token x{ACCESS_KEY}x", SITI),
        ("Malformed access token EAAanotherTokenOfMeta", SITI),
        (f"Recipient {PHONE} is not allowed", SITI),
        ("Recipient 62 812-3456-7890 is not allowed", SITI),
        (f"User {BSUID} is not allowed", Address(None, BSUID)),
    ],
)
def test_an_error_repeats_neither_the_token_nor_the_person(
    server: WhatsAppServer, api: WhatsAppApi, message: str, to: Address
) -> None:
    server.answer = refused(400, 131999, message=message)
    error = str(failed_send(api, to))
    for private in (ACCESS_KEY, "EAAanother", "812", BSUID):
        assert private not in error
    assert "131999" in error


def test_an_error_keeps_the_most_exact_words_and_is_short(server: WhatsAppServer, api: WhatsAppApi) -> None:
    server.answer = refused(400, 1, message="umum", error_data={"details": "rinci " * 500})
    detail = failed_send(api).detail
    assert detail.startswith("rinci rinci")
    assert len(detail) <= 300

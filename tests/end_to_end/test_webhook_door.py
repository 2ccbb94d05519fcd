"""The webhook's door: who gets in, with what, and what a stranger costs."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, cast

import httpx
import pytest
from google.api_core.exceptions import ServiceUnavailable
from google.cloud import firestore
from structlog.testing import capture_logs

from aduan.handlers import LARGEST_BODY
from aduan.service.ports import Store
from infra.local.firestore import FirestoreEmulator
from infra.local.whatsapp_payloads import envelope
from tests.end_to_end.world import SET_FORMAT, World, a_world

SIGNED_WITH: Final = "app-secret"
SIGNATURE: Final = "X-Hub-Signature-256"
COLLECTIONS: Final = ("messages", "unreadable", "complaints", "citizens", "outbox")


@pytest.fixture(scope="module")
def office(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """One world for all that leaves it as it was."""
    project = "webhook-door"
    client = firestore.Client(project=project)
    with a_world(firestore_emulator.host, project, client) as world:
        yield world
    client.close()


def signed(body: bytes, secret: str = SIGNED_WITH) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(world: World, body: bytes, signature: str | None = None) -> httpx.Response:
    """A webhook as Meta would send it, signed rightly unless told otherwise; an empty signature is none."""
    headers = {SIGNATURE: signed(body) if signature is None else signature}
    return world.http.post(world.urls["whatsapp_webhook"], content=body, headers=headers if signature != "" else {})


def a_message(world: World, text: str = SET_FORMAT) -> dict[str, Any]:
    payload = world.citizen().write(text, deliver=False)
    assert isinstance(payload, dict)
    return payload


def kept(world: World, *collections: str) -> int:
    return sum(len(list(world.client.collection(name).stream())) for name in collections)


# Who may ask


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}, 200, "1158201444"),
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-m", "hub.challenge": "1158201444"}, 403, ""),
        ({"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1158201444"}, 403, ""),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}, 403, ""),
        ({"hub.mode": "subscribe", "hub.challenge": "1158201444"}, 403, ""),
        ({"hub.mode": "subscribe", "hub.verify_token": "verify-me"}, 403, ""),
        ({}, 403, ""),
    ],
)
def test_only_who_knows_the_token_gets_the_challenge_back(
    office: World, query: dict[str, str], status: int, body: str
) -> None:
    answer = office.http.get(office.urls["whatsapp_webhook"], params=query)
    assert (answer.status_code, answer.text) == (status, body)


def test_the_challenge_is_answered_as_plain_text_whatever_it_holds(office: World) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "<script>1</script>"}
    answer = office.http.get(office.urls["whatsapp_webhook"], params=query)
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "forged",
    [
        lambda _: "",
        lambda body: signed(body, "another-secret"),
        lambda body: signed(body, ""),
        lambda body: signed(body + b" "),
        lambda body: signed(body).removeprefix("sha256="),
        lambda body: signed(body).upper(),
        lambda body: signed(body)[:-1],
        lambda body: "sha1=" + hmac.new(SIGNED_WITH.encode(), body, hashlib.sha1).hexdigest(),
        lambda _: "sha256=",
    ],
    ids=["none", "another secret", "empty secret", "another body", "no prefix", "upper case", "cut", "sha1", "empty"],
)
def test_a_webhook_that_is_not_proved_is_refused_and_reaches_no_database(
    office: World, forged: Callable[[bytes], str]
) -> None:
    body = json.dumps(a_message(office)).encode()
    before = kept(office, *COLLECTIONS)
    office.calls.clear()
    with capture_logs() as logs:
        answer = post(office, body, forged(body))
    assert (answer.status_code, office.calls.firestore, office.calls.tasks) == (401, [], [])
    assert kept(office, *COLLECTIONS) == before
    assert [entry["event"] for entry in logs] == ["signature_refused"]


def test_a_stranger_does_not_even_open_the_database(world: World) -> None:
    assert post(world, b"{}", "sha256=0").status_code == 401
    assert world.http.get(world.urls["whatsapp_webhook"]).status_code == 403
    assert not {"connection", "store", "intake", "tasks"} & vars(world.house).keys()


def test_a_body_that_somebody_wrote_out_again_is_not_the_body_that_was_signed(office: World) -> None:
    body = json.dumps(a_message(office), separators=(",", ":")).replace("/", "\\/").encode()
    again = json.dumps(json.loads(body)).encode()
    assert json.loads(again) == json.loads(body)
    assert post(office, again, signed(body)).status_code == 401


@pytest.mark.parametrize(
    ("secret", "status"), [("app-secret", 200), ("next-app-secret", 200), ("app-secret,next-app-secret", 401)]
)
def test_both_secrets_hold_while_one_is_being_rotated(office: World, secret: str, status: int) -> None:
    body = json.dumps(a_message(office, f"halo {secret}")).encode()
    assert post(office, body, signed(body, secret)).status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_any_other_method_is_not_allowed(office: World, method: str) -> None:
    answer = office.http.request(method, office.urls["whatsapp_webhook"])
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("path", ["/", "/webhook", "/a/b/c"])
def test_meta_may_use_any_path(office: World, path: str) -> None:
    body = json.dumps(a_message(office, f"halo {path}")).encode()
    answer = office.http.post(office.urls["whatsapp_webhook"] + path, content=body, headers={SIGNATURE: signed(body)})
    assert answer.status_code == 200


# What may come in


def test_a_body_of_four_mebibytes_is_read_and_one_byte_more_is_not(office: World) -> None:
    largest = b"x" * LARGEST_BODY
    assert post(office, largest, "sha256=0").status_code == 401
    assert post(office, largest + b"x").status_code == 413


def test_a_body_that_does_not_say_how_long_it_is_is_not_read_without_end(office: World) -> None:
    answer = office.http.post(
        office.urls["whatsapp_webhook"], content=(b"x" * 65_536 for _ in range(65)), headers={SIGNATURE: "sha256=0"}
    )
    assert answer.status_code in (401, 413)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"object":"page"}',
        b'{"entry":[]}',
        b'{"entry":[{"changes":[{"field":"messages","value":{}}]}]}',
        b"[" * 100_000,
        b'{"entry":' + b"9" * 10_000 + b"}",
        b"x" * 3_000_000,
    ],
    ids=lambda body: f"{body[:24]!r} of {len(body)}",
)
def test_what_meta_signed_and_is_no_webhook_is_kept_raw_and_answered_200_once(office: World, body: bytes) -> None:
    before = kept(office, "unreadable")
    assert post(office, body).status_code == 200
    after = kept(office, "unreadable")
    assert after > before
    assert post(office, body).status_code == 200
    assert kept(office, "unreadable") == after


def test_a_change_of_another_field_is_answered_200_and_logged(office: World) -> None:
    payload = envelope(office.whatsapp.account, {"event": "APPROVED"}, field="message_template_status_update")
    before = kept(office, *COLLECTIONS)
    with capture_logs() as logs:
        assert post(office, json.dumps(payload).encode()).status_code == 200
    assert kept(office, *COLLECTIONS) == before
    assert [(entry["event"], entry["why"]) for entry in logs] == [
        ("change_ignored", "field message_template_status_update")
    ]


def test_a_message_to_another_number_of_the_account_is_answered_200_and_logged(office: World) -> None:
    payload = a_message(office)
    payload["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "999"
    before = kept(office, *COLLECTIONS)
    with capture_logs() as logs:
        assert post(office, json.dumps(payload).encode()).status_code == 200
    assert kept(office, *COLLECTIONS) == before
    assert [(entry["event"], entry["why"]) for entry in logs] == [("change_ignored", "phone_number_id 999")]


# What happens when the database does not answer


class RefusingStore:
    """A store that is out of order for as long as it is told to be."""

    def __init__(self, store: Store) -> None:
        """In order, until `down` is set."""
        self._store = store
        self.down = threading.Event()

    def __getattr__(self, name: str) -> object:
        if self.down.is_set():
            raise ServiceUnavailable("the database is out of order")
        return getattr(self._store, name)


def test_what_could_not_be_kept_is_answered_500_and_taken_once_when_it_comes_again(world: World) -> None:
    store = RefusingStore(world.house.store)
    world.house.store = cast("Store", store)
    store.down.set()
    citizen = world.citizen()
    with capture_logs() as logs:
        assert citizen.write(SET_FORMAT) == 500
        world.whatsapp.post_body(b"no webhook")
    assert {entry["event"] for entry in logs} == {"item_not_kept"}
    assert kept(world, *COLLECTIONS) == 0
    world.advance(minutes=20)
    assert world.whatsapp.redeliver() == 1

    store.down.clear()
    world.advance(minutes=20)
    world.whatsapp.redeliver()
    world.whatsapp.redeliver(only_due=False)
    world.settle()
    assert world.whatsapp.undelivered == 0
    assert kept(world, "messages") == 1
    (complaint,) = world.complaints()
    assert complaint["started_at"] == "2026-11-24T02:00:00Z"
    assert complaint["number"] in citizen.inbox[-1].text


def test_one_item_that_cannot_be_kept_fails_its_batch_and_the_rest_is_not_taken_twice(world: World) -> None:
    first, second = world.citizen("+6281111111111"), world.citizen("+6281111111112")
    batch = world.whatsapp.batch([first.write(SET_FORMAT, deliver=False), second.write(SET_FORMAT, deliver=False)])
    refused = second.conversation[-1].id

    class RefusingOne(RefusingStore):
        def inbound(self, wamid: str, sender: Any) -> object:
            if self.down.is_set() and wamid == refused:
                raise ServiceUnavailable("the database is out of order")
            return self._store.inbound(wamid, sender)

        def __getattr__(self, name: str) -> object:
            return getattr(self._store, name)

    store = RefusingOne(world.house.store)
    world.house.store = cast("Store", store)
    store.down.set()
    assert world.whatsapp.post(batch) == [500]
    assert len(world.complaints()) == 1
    store.down.clear()
    assert world.whatsapp.post(batch) == [200]
    assert len(world.complaints()) == 2
    assert kept(world, "messages") == 2

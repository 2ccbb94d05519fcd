"""The envelope: every part of a webhook is read by itself, and none is lost."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from aduan.service.channel import Address, DeliveryState, Failure, MessageKind, WebhookBatch
from tests.adapters.whatsapp_samples import (
    PHONE,
    RECEIVED_AT,
    SECONDS,
    SENT_AT,
    Part,
    body,
    change,
    entry,
    read,
    read_one,
    read_value,
    status,
    text_message,
    value,
)


def test_every_message_and_status_of_every_entry_and_change_is_read_in_order() -> None:
    raw = body(
        entry(
            change(messages=[text_message(id="1"), text_message(id="2")]),
            change(statuses=[status("sent", id="a"), status("read", id="b")]),
        ),
        entry(change(messages=[text_message(id="3")], statuses=[status("delivered", id="c")])),
    )
    batch = read(raw)
    assert [message.wamid for message in batch.messages] == ["1", "2", "3"]
    assert [known.wamid for known in batch.statuses] == ["a", "b", "c"]
    assert (batch.unreadable, batch.ignored) == ((), ())


@pytest.mark.parametrize(
    "bad", [None, 7, "x", [], {}, {"from": "628"}, {"id": "", "from": "628"}, {"id": ["1"], "from": "628"}]
)
def test_a_message_without_an_id_is_kept_raw_and_the_rest_is_read(bad: object) -> None:
    batch = read_value(messages=[text_message(id="1"), bad, text_message(id="2")], statuses=[status("sent")])
    assert [message.wamid for message in batch.messages] == ["1", "2"]
    assert len(batch.statuses) == 1
    (item,) = batch.unreadable
    assert json.loads(item.raw) == bad


def test_a_message_that_names_nobody_is_kept_raw() -> None:
    batch = read_value(messages=[text_message(**{"from": ""})])
    assert [json.loads(item.raw)["id"] for item in batch.unreadable] == ["wamid.A"]


@pytest.mark.parametrize("bad", [None, 7, {}, {"status": "sent"}, {"id": "x"}, {"id": "x", "status": "baru"}])
def test_a_bad_status_is_kept_raw_and_the_rest_is_read(bad: object) -> None:
    batch = read_value(messages=[text_message()], statuses=[bad, status("read")])
    assert [known.state for known in batch.statuses] == [DeliveryState.READ]
    assert [json.loads(item.raw) for item in batch.unreadable] == [bad]
    assert len(batch.messages) == 1


@pytest.mark.parametrize(
    "bad",
    [
        7,
        {},
        {"field": "messages"},
        {"field": "messages", "value": []},
        {"field": "messages", "value": {"messages": [text_message()]}},
        {"value": value(messages=[text_message()])},
        {"field": None, "value": value(messages=[text_message()])},
    ],
)
def test_a_change_that_cannot_be_read_is_kept_raw_and_the_rest_is_read(bad: object) -> None:
    batch = read(body(entry(bad, change(messages=[text_message()]))))
    assert [json.loads(item.raw) for item in batch.unreadable] == [bad]
    assert len(batch.messages) == 1


@pytest.mark.parametrize("bad", [None, 7, {}, {"id": "1"}, {"id": "1", "changes": []}])
def test_an_entry_that_cannot_be_read_is_kept_raw_and_the_rest_is_read(bad: object) -> None:
    batch = read(body(bad, entry(change(messages=[text_message()]))))
    assert [json.loads(item.raw) for item in batch.unreadable] == [bad]
    assert len(batch.messages) == 1


def test_a_list_that_lost_its_brackets_is_read_as_its_one_item() -> None:
    assert len(read_value(messages=text_message(), statuses=status("sent")).messages) == 1


def test_a_change_of_another_field_or_number_is_left_alone() -> None:
    other = change(messages=[text_message(id="not ours")])
    other["value"] = value(messages=[text_message()]) | {"metadata": {"phone_number_id": "999"}}
    field: Part = {"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}}
    batch = read(body(entry(field, other, change(messages=[text_message(id="ours")]))))
    assert [message.wamid for message in batch.messages] == ["ours"]
    assert batch.ignored == ("field account_update", "phone_number_id 999")
    assert batch.unreadable == ()


def test_an_error_that_belongs_to_no_message_is_shown() -> None:
    error = {"code": 130429, "title": "Rate limit hit", "error_data": {"details": "too many messages"}}
    (item,) = read_value(errors=[error]).unreadable
    assert json.loads(item.raw) == error
    assert "130429" in item.reason


@pytest.mark.parametrize("raw", [b"", b"Halo", b"{", b"[]", b"null", b'"entry"', b"{}", b'{"entry": []}'])
def test_a_body_that_is_no_webhook_is_kept_as_it_came(raw: bytes) -> None:
    batch = read(raw)
    (item,) = batch.unreadable
    kept = base64.b64decode(item.raw.removeprefix("base64:")) if item.raw[:7] == "base64:" else item.raw.encode()
    assert kept == raw
    assert batch == WebhookBatch(unreadable=(item,))


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00{", b"{\x00", bytes(range(256))])
def test_a_body_that_is_no_text_is_kept_byte_for_byte(raw: bytes) -> None:
    (item,) = read(raw).unreadable
    assert item.raw.startswith("base64:")
    assert base64.b64decode(item.raw.removeprefix("base64:")) == raw


def test_a_stray_byte_costs_one_character_and_no_message() -> None:
    raw = body(entry(change(messages=[text_message("KTP *", id="1"), text_message(id="2")])))
    first, second = read(raw.replace(b"*", b"\xff")).messages
    assert (first.text, second.wamid) == ("KTP \ufffd", "2")
    assert "udcff" in first.raw


@pytest.mark.parametrize(
    ("there", "twice"),
    [
        (b'"text":{"body":"KTP saya"}', b'"text":{"body":"Lain"},"text":{"body":"KTP saya"}'),
        (b'"messages":[', b'"messages":[{"id":"wamid.lost"}],"messages":['),
        (b'"body":', b'"body":"Lain","body":'),
        (b'{"object":', b'{"entry":[],"object":'),
    ],
)
def test_where_a_name_stands_twice_the_last_is_read_and_the_whole_is_kept(there: bytes, twice: bytes) -> None:
    raw = json.dumps(
        json.loads(body(entry(change(messages=[text_message("KTP saya")])))), separators=(",", ":")
    ).encode()
    raw = raw.replace(there, twice)
    batch = read(raw)
    assert [each.text for each in batch.messages] == ["KTP saya"]
    assert [(each.raw, each.reason) for each in batch.unreadable] == [(raw.decode(), "a name stands twice")]


LONGEST_ID = 512


@pytest.mark.parametrize(("length", "kept_as"), [(LONGEST_ID, "message"), (LONGEST_ID + 1, "unreadable")])
def test_an_id_that_is_too_long_to_be_one_is_none(length: int, kept_as: str) -> None:
    batch = read_value(messages=[text_message(id="x" * length)])
    assert (len(batch.messages), len(batch.unreadable)) == ((1, 0) if kept_as == "message" else (0, 1))
    nobody = read_value(messages=[text_message(**{"from": "ID." + "x" * (length - 3)})])
    assert (len(nobody.messages), len(nobody.unreadable)) == ((1, 0) if kept_as == "message" else (0, 1))


def test_a_user_id_that_is_too_long_to_be_one_costs_no_message_whose_number_is_known() -> None:
    (only,) = read_value(messages=[text_message(from_user_id="x" * 1_000_000)]).messages
    assert only.sender == Address(phone=PHONE)


def test_a_byte_order_mark_changes_nothing() -> None:
    raw = body(entry(change(messages=[text_message()])))
    assert read(b"\xef\xbb\xbf" + raw) == read(raw)


@pytest.mark.parametrize("depth", [50, 200, 900, 1_000, 5_000, 200_000])
def test_a_body_nested_however_deep_is_read_or_kept(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    raw = body(entry(change(messages=[text_message(extra=7)]))).replace(b"7}", nested + b"}")
    batch = read(raw)
    assert len(batch.messages) + len(batch.unreadable) == 1
    assert (batch.messages + batch.unreadable)[0].raw.count("[") >= depth


def test_a_number_longer_than_python_reads_costs_no_message() -> None:
    raw = body(entry(change(messages=[text_message(extra=7)]))).replace(b"7}", b"9" * 5_000 + b"}")
    (message,) = read(raw).messages
    assert "9" * 5_000 in message.raw


@pytest.mark.parametrize(
    ("seconds", "at"),
    [
        (SECONDS, SENT_AT),
        (int(SECONDS), SENT_AT),
        ("1230768000", datetime(2009, 1, 1, tzinfo=UTC)),
        (str(int(RECEIVED_AT.timestamp()) + 86_400), RECEIVED_AT + timedelta(days=1)),
    ],
)
def test_a_message_has_the_time_that_whatsapp_gives(seconds: object, at: datetime) -> None:
    message = read_one(text_message(timestamp=seconds))
    assert (message.at, message.kind) == (at, MessageKind.TEXT)


@pytest.mark.parametrize(
    "seconds",
    [
        None,
        "",
        "kemarin",
        "-5",
        "1.5",
        "1_000",
        "٣٤٥",
        "0",
        "1230767999",
        SECONDS + "000",
        "9" * 400,
        [],
        str(int(RECEIVED_AT.timestamp()) + 86_401),
    ],
)
def test_a_message_whose_time_cannot_be_right_is_kept_as_unreadable_with_its_words(seconds: object) -> None:
    message = read_one(text_message("KTP", timestamp=seconds))
    assert (message.at, message.kind, message.text) == (RECEIVED_AT, MessageKind.UNREADABLE, "KTP")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("sent", DeliveryState.SENT),
        ("delivered", DeliveryState.DELIVERED),
        ("read", DeliveryState.READ),
        ("played", DeliveryState.READ),
    ],
)
def test_a_status_says_how_far_a_message_came(state: str, expected: DeliveryState) -> None:
    (known,) = read_value(statuses=[status(state, biz_opaque_callback_data="kotak-1")]).statuses
    assert (known.wamid, known.state, known.at) == ("wamid.S", expected, SENT_AT)
    assert (known.callback, known.error) == ("kotak-1", None)


def test_a_failed_status_says_why() -> None:
    details = "Message failed to send because more than 24 hours have passed"
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": details}}
    (known,) = read_value(statuses=[status("failed", errors=[error])]).statuses
    assert known.state is DeliveryState.FAILED
    assert known.error
    assert (known.error.failure, known.error.code) == (Failure.WINDOW_CLOSED, 131047)
    assert known.error.detail == details


@pytest.mark.parametrize("errors", [None, [], [None], [{}], ["x"], {"code": []}])
def test_a_failed_status_without_a_reason_is_final(errors: object) -> None:
    (known,) = read_value(statuses=[status("failed", errors=errors)]).statuses
    assert known.error
    assert (known.error.failure, known.error.code) == (Failure.NEVER, None)


def test_a_status_whose_time_is_wrong_counts_from_when_it_came() -> None:
    (known,) = read_value(statuses=[status("delivered", timestamp="kemarin")]).statuses
    assert (known.state, known.at) == (DeliveryState.DELIVERED, RECEIVED_AT)


def test_a_reason_never_holds_what_the_citizen_wrote() -> None:
    nik = "NIK 3402011212900001"
    sent: list[object] = [
        {"from": "628", "text": {"body": nik}},
        {"id": [nik], "text": {"body": nik}},
        text_message(nik, **{"from": None}),
    ]
    batch = read_value(messages=sent, statuses=[{"id": nik, "status": [nik]}])
    assert len(batch.unreadable) == 4
    assert all("3402" not in item.reason for item in batch.unreadable)


def test_a_thousand_updates_in_one_body_are_all_read() -> None:
    messages = [text_message("Aduan " * 40, id=f"wamid.{number}") for number in range(500)]
    statuses = [status("delivered", id=f"wamid.{number}") for number in range(500)]
    raw = body(entry(change(messages=messages, statuses=statuses)))
    batch = read(raw)
    assert len(batch.messages) + len(batch.statuses) == 1_000


@pytest.mark.parametrize("lists", [{}, {"messages": []}, {"messages": None}, {"calls": [{"id": "1"}]}])
def test_a_change_without_anything_known_is_left_alone(lists: Part) -> None:
    assert read_value(**lists) == WebhookBatch(ignored=("nothing in it that is known",))

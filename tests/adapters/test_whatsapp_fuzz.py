"""Whatever a webhook holds, reading it never raises, and nothing in it is lost."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aduan.service.channel import WebhookBatch
from tests.adapters.whatsapp_samples import (
    Part,
    change,
    contact,
    entry,
    message,
    read,
    read_value,
    status,
    text_message,
)

ANY_TEXT = st.text(st.characters(), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)

FILE: Part = {"id": "9", "mime_type": "image/jpeg", "caption": "KK"}
EVERY_TYPE: list[Part] = [
    text_message(context={"id": "wamid.B"}, from_user_id="ID.1"),
    message("button", {"payload": "ya", "text": "Ya"}),
    message("interactive", {"type": "button_reply", "button_reply": {"id": "ya", "title": "Ya"}}),
    message("interactive", {"type": "list_reply", "list_reply": {"id": "ktp", "title": "KTP"}}),
    message("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": '{"nama": ["Siti"]}'}}),
    *(message(kind, FILE) for kind in ("image", "video", "document", "sticker", "audio")),
    message("location", {"latitude": -7.8, "longitude": 110.3}),
    message("contacts", [{"name": {"formatted_name": "RT"}, "phones": [{"phone": "62"}]}]),
    message("reaction", {"message_id": "wamid.B", "emoji": "x"}),
    message("order", {"text": "ya"}),
    message("system", {"type": "user_changed_number", "wa_id": "628", "user_id": "ID.2"}),
    message("edit", {"original_message_id": "wamid.B", "message": text_message()}),
    message("revoke", {"original_message_id": "wamid.B"}),
    message("unsupported", {}, errors=[{"code": 131051}]),
]
FAILED = status("failed", errors=[{"code": 131047, "error_data": {"details": "x"}}])


def places(part: object) -> list[tuple[Any, Any]]:
    """Every field and item anywhere inside a value: what holds it, and its key there."""
    if isinstance(part, dict):
        inner = list(part.items())
    elif isinstance(part, list):
        inner = list(enumerate(part))
    else:
        return []
    return [spot for key, item in inner for spot in [(part, key), *places(item)]]


@st.composite
def damaged(draw: st.DrawFn, whole: object) -> object:
    """A copy of `whole` with one or two of its parts missing, or of another type."""
    part = deepcopy(whole)
    for _ in range(draw(st.integers(1, 2))):
        if spots := places(part):
            holder, key = draw(st.sampled_from(spots))
            if draw(st.booleans()):
                holder[key] = draw(ANY_JSON)
            else:
                del holder[key]
    return part


def raws(batch: WebhookBatch) -> list[str]:
    return [each.raw for each in batch.messages] + [each.raw for each in batch.unreadable]


def assert_storable(batch: WebhookBatch) -> None:
    """The database takes no NUL and no lone surrogate (which does not encode)."""
    texts = raws(batch)
    texts += [text for each in batch.messages for text in (each.wamid, each.text, each.profile_name) if text]
    texts += [text for each in batch.messages for pair in (each.form or {}).items() for text in pair]
    texts += [text for each in batch.statuses for text in (each.wamid, each.callback) if text]
    for text in texts:
        assert b"\0" not in text.encode()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | ANY_JSON.map(lambda part: json.dumps(part).encode()))
def test_any_body_at_all_is_read_or_kept(raw: bytes) -> None:
    batch = read(raw)
    assert_storable(batch)
    assert batch != WebhookBatch()


@settings(max_examples=100, deadline=None)
@given(st.lists(ANY_JSON, max_size=4), st.lists(ANY_JSON, max_size=4), st.lists(ANY_JSON, max_size=4))
def test_any_items_at_all_are_all_accounted_for(
    messages: list[object], statuses: list[object], contacts: list[object]
) -> None:
    batch = read_value(messages=messages, statuses=statuses, contacts=contacts)
    assert_storable(batch)
    accounted = len(batch.messages) + len(batch.statuses) + len(batch.unreadable)
    assert accounted == len(messages) + len(statuses)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(EVERY_TYPE).flatmap(damaged), damaged(contact(user_id="ID.1")), damaged(FAILED))
def test_a_damaged_message_is_kept_and_its_neighbours_are_read(sent: object, sender: object, known: object) -> None:
    good = text_message(id="wamid.good")
    batch = read_value(messages=[good, sent, good], statuses=[known, status("read")], contacts=[sender])
    assert_storable(batch)
    assert len(batch.messages) + len(batch.statuses) + len(batch.unreadable) == 5
    assert [each.wamid for each in batch.messages].count("wamid.good") == 2
    assert repr(sent) in [repr(json.loads(raw)) for raw in raws(batch)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(EVERY_TYPE).map(lambda sent: [entry(change(messages=[sent]))]).flatmap(damaged))
def test_a_damaged_webhook_is_read_kept_or_left_alone(entries: object) -> None:
    whole = {"object": "whatsapp_business_account", "entry": entries}
    batch = read(json.dumps(whole).encode())
    assert_storable(batch)
    assert [*batch.messages, *batch.statuses, *batch.unreadable, *batch.ignored]

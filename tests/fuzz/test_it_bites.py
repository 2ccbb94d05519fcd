"""The fuzzer notices: what is not kept, what is answered wrongly, who is let in, who is not served afterwards."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fuzz.cases import case, damaged, signature
from tests.fuzz.damage import DAMAGES, spots, written
from tests.fuzz.expected import Stored, canonical, expected, lost
from tests.fuzz.grounds import Ground
from tests.fuzz.payloads import BASES, NUMBER_ID, message, senders, value, webhook
from tests.fuzz.trying import Tried, attempt

Post = Callable[[bytes, str | None], int]


def answers_200_and_keeps_nothing(post: Post, body: bytes, signed: str | None) -> int:
    return 200 if b"wamid.7" in body else post(body, signed)


def drops_what_it_cannot_read(post: Post, body: bytes, signed: str | None) -> int:
    try:
        json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]["type"]
    except (ValueError, LookupError, TypeError):
        return 200
    return post(body, signed)


def fails_at_a_null(post: Post, body: bytes, signed: str | None) -> int:
    return 500 if b":null" in body else post(body, signed)


def lets_everybody_in(post: Post, body: bytes, _signed: str | None) -> int:
    return post(body, signature(body))


def takes_the_first_message_of_a_batch(post: Post, body: bytes, signed: str | None) -> int:
    try:
        tree = json.loads(body)
        del tree["entry"][0]["changes"][0]["value"]["messages"][1:]
    except (ValueError, LookupError, TypeError):
        return post(body, signed)
    return post(written(tree), signature(written(tree)))


def serves_nobody_afterwards(post: Post, body: bytes, signed: str | None) -> int:
    return 200 if b"wamid.honest" in body else post(body, signed)


@pytest.mark.parametrize(
    ("break_", "says"),
    [
        (answers_200_and_keeps_nothing, "lost: the message"),
        (drops_what_it_cannot_read, "lost: "),
        (fails_at_a_null, "answered 500, and not 200"),
        (lets_everybody_in, "answered 200, and not 401"),
        (takes_the_first_message_of_a_batch, "lost: the message"),
        (serves_nobody_afterwards, "afterwards an honest message"),
    ],
)
def test_a_door_that_breaks_is_noticed(
    memory: Ground, break_: Callable[[Post, bytes, str | None], int], says: str
) -> None:
    broken = replace(memory, post=lambda body, signed: break_(memory.post, body, signed))
    seconds, tried = broken.seconds(), Tried(7, "broken")
    several = [*BASES].index("several")
    cases = [
        *(case(7, number, seconds) for number in (0, several)),
        *(damaged(7, 100 + n, seconds, "text", name) for n, name in enumerate(("null", "missing", "cut off") * 4)),
        damaged(7, 200, seconds, "text", "another secret"),
    ]
    attempt(broken, 0, cases, tried)
    assert says in "\n".join(str(failure) for failure in tried.failures)


def test_the_same_door_unbroken_has_no_failure(memory: Ground) -> None:
    tried = Tried(7, memory.name)
    attempt(
        memory, 0, [damaged(7, 300 + n, memory.seconds(), "several", name) for n, name in enumerate(DAMAGES)], tried
    )
    assert [str(failure) for failure in tried.failures] == []


# What is expected

GOOD = message("text", senders(0)["number"], "wamid.1", 1_700_000_000)
EMPTY = Stored.of({}, frozenset())


@pytest.mark.parametrize(
    ("body", "is_lost"),
    [
        (b"", "the whole body"),
        (b"no JSON", "the whole body"),
        (b"[]", "the whole body"),
        (b'{"entry":[]}', "the whole body"),
        (b'{"entry":[7]}', "the unreadable part 7"),
        (b'{"entry":[{"changes":[]}]}', "the unreadable part"),
        (written(webhook(value(messages=[GOOD]))), "the message 'wamid.1'"),
        (written(webhook(value(messages=[None]))), "the part null"),
        (written(webhook(value(messages=[GOOD | {"id": ""}]))), "the part"),
        (written(webhook(value(statuses=[{"id": "x"}]))), "the unreadable part"),
        (written(webhook(value(errors=[{"code": 1}]))), "the unreadable part"),
        (written(webhook(value(messages=[GOOD]))).replace(b'"entry":', b'"entry":[],"entry":'), "the whole body"),
        (written(webhook({"metadata": {}})), "the unreadable part"),
    ],
)
def test_of_what_nothing_is_kept_it_is_said_what_is_lost(body: bytes, is_lost: str) -> None:
    wanted = expected(body)
    came = {wamid: {part} for wamid, part in wanted.messages}
    assert any(why.startswith(is_lost) for why in lost(wanted, EMPTY, came))


@pytest.mark.parametrize(
    "body",
    [
        written(webhook(value(messages=[GOOD]), field="account_update")),
        written(webhook(value(messages=[GOOD]))).replace(NUMBER_ID.encode(), b"999"),
        written(webhook(value(statuses=[{"id": "x", "status": "read"}]))),
    ],
)
def test_what_is_not_for_us_need_not_be_kept(body: bytes) -> None:
    assert list(lost(expected(body), EMPTY, {})) == []


def test_a_message_is_there_if_its_words_are_and_not_by_its_id_alone() -> None:
    wanted = expected(written(webhook(value(messages=[GOOD]))))
    came = {"wamid.1": {canonical(GOOD)}}
    assert list(lost(wanted, Stored.of({"wamid.1": json.dumps(GOOD)}, frozenset()), came)) == []
    other = Stored.of({"wamid.1": json.dumps(GOOD | {"text": {}})}, frozenset())
    assert list(lost(wanted, other, came)) == ["what the message 'wamid.1' said"]
    cut = Stored.of({"wamid.1": json.dumps(GOOD)[:50]}, frozenset({json.dumps(GOOD)}))
    assert list(lost(wanted, cut, came)) == []


def test_what_came_under_the_id_of_another_is_a_repeat_and_else_it_is_lost() -> None:
    nobodys = {"id": "wamid.1", "type": "text"}
    wanted = expected(written(webhook(value(messages=[nobodys]))))
    assert list(lost(wanted, Stored.of({"wamid.1": json.dumps(GOOD)}, frozenset()), {})) == []
    assert list(lost(wanted, Stored.of({"wamid.2": json.dumps(GOOD)}, frozenset()), {})) != []
    assert list(lost(wanted, Stored.of({}, frozenset({json.dumps(nobodys)})), {})) == []


def test_every_part_of_a_webhook_is_a_spot() -> None:
    assert [key for _, key in spots({"a": [1, {"b": 2}], "c": None})] == ["a", 0, 1, "b", "c"]

"""Keys are asked for when they are needed, no oftener, and an outage of their server refuses nobody."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from aduan.adapters.certificates import CertificateCache, KeysUnreachable, Published, fetched
from infra.local.identity import certs_app
from tests.infra_local.cloud_tasks_bench import identity
from tests.infra_local.receiver import Answer, Receiver, serving

PAUSE = timedelta(seconds=30)
HOUR = timedelta(hours=1)
JUST_BEFORE = -timedelta(microseconds=1)


class KeyServer:
    """A key server and a clock beside it. `keys` None: it is down. Each answer takes `takes`."""

    def __init__(self, *keys: str, max_age: timedelta | None = None) -> None:
        self.keys: tuple[str, ...] | None = keys
        self.max_age = max_age
        self.takes = timedelta()
        self.questions = 0
        self._now = 1_000.0

    def fetch(self, url: str) -> Published:
        assert url == "https://keys.example"
        self.questions += 1
        self.turn(self.takes)
        if self.keys is None:
            raise KeysUnreachable("down")
        return Published({key: f"PEM of {key}" for key in self.keys}, self.max_age)

    def seconds(self) -> float:
        return self._now

    def turn(self, ahead: timedelta) -> None:
        self._now += ahead.total_seconds()

    def cache(self) -> CertificateCache:
        return CertificateCache("https://keys.example", self.fetch, HOUR, PAUSE, self.seconds)


def test_nothing_is_asked_before_a_key_is_needed_and_then_once() -> None:
    server = KeyServer("a", "b")
    cache = server.cache()
    assert server.questions == 0

    assert [cache.key(key) for key in ("a", "b", "a")] == ["PEM of a", "PEM of b", "PEM of a"]
    assert server.questions == 1


@pytest.mark.parametrize(
    ("max_age", "kept_for"),
    [
        (None, HOUR),
        (timedelta(minutes=5), timedelta(minutes=5)),
        (timedelta(hours=6), timedelta(hours=6)),
        (timedelta(days=30), timedelta(days=1)),
    ],
)
def test_keys_are_kept_as_long_as_the_server_says_or_an_hour_and_a_day_at_most(
    max_age: timedelta | None, kept_for: timedelta
) -> None:
    server = KeyServer("a", max_age=max_age)
    cache = server.cache()
    cache.key("a")

    server.turn(kept_for + JUST_BEFORE)
    assert (cache.key("a"), server.questions) == ("PEM of a", 1)
    server.turn(-2 * JUST_BEFORE)
    assert (cache.key("a"), server.questions) == ("PEM of a", 2)


def test_keys_that_may_not_be_kept_are_kept_for_the_pause() -> None:
    server = KeyServer("a", max_age=timedelta())
    cache = server.cache()
    for _ in range(10):
        cache.key("a")
    assert server.questions == 1

    server.turn(PAUSE)
    assert (cache.key("a"), server.questions) == ("PEM of a", 2)


def test_a_new_key_is_found_before_the_old_ones_are_over() -> None:
    server = KeyServer("a")
    cache = server.cache()
    cache.key("a")
    server.turn(PAUSE)

    server.keys = ("a", "b")
    assert cache.key("b") == "PEM of b"
    assert (cache.key("a"), server.questions) == ("PEM of a", 2)


def test_a_key_that_came_within_the_pause_is_found_after_it() -> None:
    server = KeyServer("a")
    cache = server.cache()
    cache.key("a")

    server.keys = ("b",)
    server.turn(PAUSE + JUST_BEFORE)
    assert cache.key("b") is None
    server.turn(-2 * JUST_BEFORE)
    assert cache.key("b") == "PEM of b"


def test_a_withdrawn_key_is_no_key_once_the_keys_are_read_again() -> None:
    server = KeyServer("a", "b")
    cache = server.cache()
    cache.key("a")

    server.keys = ("b",)
    server.turn(HOUR)
    assert cache.key("a") is None


def test_a_flood_of_forged_key_ids_costs_one_question_in_a_pause() -> None:
    server = KeyServer("a")
    cache = server.cache()
    cache.key("a")
    for flood in range(3):
        server.turn(PAUSE)
        assert {cache.key(f"forged-{flood}-{number}") for number in range(100)} == {None}
        assert cache.key("a") == "PEM of a"
        assert server.questions == flood + 2


def test_an_outage_refuses_nobody_whose_key_is_known() -> None:
    server = KeyServer("a")
    cache = server.cache()
    cache.key("a")

    server.keys = None
    server.turn(24 * HOUR)
    assert {cache.key("a") for _ in range(10)} == {"PEM of a"}
    assert (cache.key("b"), server.questions) == (None, 2)

    server.keys = ("a", "b")
    server.turn(PAUSE)
    assert (cache.key("b"), server.questions) == ("PEM of b", 3)


def test_after_an_outage_at_the_start_keys_are_found_within_a_pause() -> None:
    server = KeyServer("a")
    cache = server.cache()
    server.keys = None
    assert {cache.key("a") for _ in range(10)} == {None}
    assert server.questions == 1

    server.keys = ("a",)
    server.turn(PAUSE)
    assert cache.key("a") == "PEM of a"


def test_a_server_that_hangs_longer_than_the_pause_is_still_left_alone_for_one() -> None:
    server = KeyServer("a")
    cache = server.cache()
    server.keys, server.takes = None, 2 * PAUSE
    cache.key("a")
    cache.key("a")
    assert server.questions == 1


def test_an_outage_is_told_to_the_operator(caplog: pytest.LogCaptureFixture) -> None:
    server = KeyServer()
    server.keys = None
    server.cache().key("a")
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == "signing keys could not be read from https://keys.example: down"


class SlowServer:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.questions = 0
        self.asked = threading.Event()
        self.let = threading.Event()

    def fetch(self, _: str) -> Published:
        self.questions += 1
        self.asked.set()
        assert self.let.wait(5)
        return Published({"a": "PEM of a"}, timedelta())


def test_requests_that_need_the_first_keys_at_once_ask_once() -> None:
    server = SlowServer()
    cache = CertificateCache("", server.fetch)
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(cache.key, "a") for _ in range(16)]
        assert server.asked.wait(5)
        server.let.set()
    assert {each.result() for each in waiting} == {"PEM of a"}
    assert server.questions == 1


def test_while_one_request_reads_the_keys_again_the_others_use_what_is_known() -> None:
    server = SlowServer()
    server.let.set()
    cache = CertificateCache("", server.fetch, pause=timedelta())
    cache.key("a")

    server.let.clear()
    server.asked.clear()
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(cache.key, "a")
        assert server.asked.wait(5)
        assert [cache.key("a") for _ in range(3)] == ["PEM of a"] * 3
        assert not renewing.done()
        server.let.set()
    assert renewing.result() == "PEM of a"
    assert server.questions == 2


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def test_keys_are_read_over_http_with_how_long_they_hold() -> None:
    with serving(certs_app(identity())) as origin:
        oidc = fetched(f"{origin}/oidc/certs")
        iap = fetched(f"{origin}/iap/certs")
    assert (oidc.keys, iap.keys) == (identity().oidc_certs(), identity().iap_certs())
    assert oidc.max_age == HOUR


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("public, max-age=19302, must-revalidate, no-transform", 19_302),
        ("Max-Age=0", 0),
        ("no-cache", None),
        ("s-maxage=60", None),
        ("max-age=", None),
        ("max-age=9999999999", None),
    ],
)
def test_how_long_keys_hold_stands_in_the_answers_header(
    receiver: Receiver, cache_control: str, seconds: int | None
) -> None:
    headers = [("Cache-Control", cache_control)]
    receiver.answer = lambda _: Answer(headers=headers, body=b'{"a": "-----BEGIN PUBLIC KEY-----"}')
    assert fetched(receiver.url).max_age == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, body=b'{"a": "-----BEGIN PUBLIC KEY-----"}'),
        Answer(302, headers=[("Location", "/elsewhere")]),
        Answer(body=b""),
        Answer(body=b"<html>"),
        Answer(body=b"\xff"),
        Answer(body=b"[]"),
        Answer(body=b"{}"),
        Answer(body=b'{"keys": []}'),
        Answer(body=b'{"error": "-- out of order --"}'),
    ],
)
def test_what_is_no_map_of_keys_does_not_take_the_place_of_one(receiver: Receiver, answer: Answer) -> None:
    receiver.answer = lambda _: answer
    with pytest.raises(KeysUnreachable):
        fetched(receiver.url)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with Receiver() as gone:
        url = gone.url
    with pytest.raises(KeysUnreachable):
        fetched(url)

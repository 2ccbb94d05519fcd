"""The keys with which Google signs: fetched when first needed, and kept.

A request must not wait for another server that answered a minute ago, be refused because that server is down,
or make us ask it at a stranger's will.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_LOG = logging.getLogger(__name__)

HOUR: Final = timedelta(hours=1)
# Google says six hours or so; a key that it withdraws must not be believed for longer than a day.
LONGEST: Final = timedelta(days=1)
# Between two questions to the key server, whatever tokens come meanwhile.
PAUSE: Final = timedelta(seconds=30)
_TIMEOUT_SECONDS = 5.0


class KeysUnreachable(Exception):
    """The key server gave no keys."""


@dataclass(frozen=True)
class Published:
    """What a key server answered: PEM by key id, and how long it may be kept, if it said so."""

    keys: Mapping[str, str]
    max_age: timedelta | None = None


Fetch = Callable[[str], Published]
"""Reads the keys from a URL, or raises `KeysUnreachable`."""


@dataclass(frozen=True)
class _Kept:
    """`until` and `asked_again_from` are seconds of the clock."""

    keys: Mapping[str, str]
    until: float
    asked_again_from: float


_NOTHING = _Kept({}, until=float("-inf"), asked_again_from=float("-inf"))


def fetched(url: str) -> Published:
    """Read the keys over HTTP: JSON, key id to PEM. Raises `KeysUnreachable`."""
    import httpx  # noqa: PLC0415 - an eighth of a second, and not every function asks for keys

    try:
        response = httpx.get(url, timeout=_TIMEOUT_SECONDS).raise_for_status()
        keys = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise KeysUnreachable(type(error).__name__) from error
    if not _is_a_map_of_keys(keys):
        raise KeysUnreachable("the answer is no map of keys")
    return Published(keys, _max_age(response.headers.get("Cache-Control", "")))


class CertificateCache:
    """The keys of one issuer. Threads may share it.

    `ttl` is how long they are kept where the server does not say. After that they are read again; if that
    fails, those that are known go on being good. `seconds` is a clock that never goes back.
    """

    def __init__(
        self,
        url: str,
        fetch: Fetch = fetched,
        ttl: timedelta = HOUR,
        pause: timedelta = PAUSE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._ttl = ttl
        self._pause = pause
        self._seconds = seconds
        self._fetching = threading.Lock()
        self._kept = _NOTHING

    def key(self, key_id: str) -> str | None:
        """The PEM of a key, or None if the issuer has no such key, as far as can be known now."""
        kept = self._kept
        if key_id not in kept.keys:
            with self._fetching:
                self._renew()
        elif self._seconds() >= kept.until:
            self._renew_unless_another_does()
        return self._kept.keys.get(key_id)

    def _renew_unless_another_does(self) -> None:
        """While one request waits for the key server, the others use what is known."""
        if self._fetching.acquire(blocking=False):
            try:
                self._renew()
            finally:
                self._fetching.release()

    def _renew(self) -> None:
        """Ask, but not again within the pause.

        Neither for a flood of forged tokens, nor in an outage, nor for those who waited while another asked.
        """
        now = self._seconds()
        kept = self._kept
        if now < kept.asked_again_from:
            return
        try:
            published = self._fetch(self._url)
        except KeysUnreachable as error:
            _LOG.warning("signing keys could not be read from %s: %s", self._url, error)
            self._kept = _Kept(kept.keys, kept.until, self._next_question())
            return
        life = min(self._ttl if published.max_age is None else published.max_age, LONGEST)
        self._kept = _Kept(dict(published.keys), now + life.total_seconds(), self._next_question())

    def _next_question(self) -> float:
        # From the answer, not from the question: a server that hangs would be asked again without a pause.
        return self._seconds() + self._pause.total_seconds()


def _is_a_map_of_keys(keys: object) -> bool:
    return (
        isinstance(keys, dict)
        and bool(keys)
        and all(isinstance(pem, str) and pem.startswith("-----BEGIN ") for pem in keys.values())
    )


def _max_age(cache_control: str) -> timedelta | None:
    found = re.search(r"(?<![\w-])max-age=(\d{1,9})(?!\d)", cache_control, re.IGNORECASE | re.ASCII)
    return timedelta(seconds=int(found[1])) if found else None

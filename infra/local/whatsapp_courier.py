"""Carries webhooks to the office: signed, and sent again with falling frequency until answered with 200."""

import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

import httpx

from infra.local.whatsapp_payloads import Account, Payload
from infra.local.whatsapp_schedule import JobKind, Schedule

NOBODY_ANSWERED = 0
SIGNATURE_HEADER = "X-Hub-Signature-256"
TIMEOUT_SECONDS = 20.0
GIVE_UP_AFTER = timedelta(days=7)
LONGEST_PAUSE = timedelta(hours=1)


@cache
def _trust() -> ssl.SSLContext:
    # Reading all certificates takes longer than everything else in a test, so it happens once.
    return ssl.create_default_context()


def doubling_pause(attempt: int) -> timedelta:
    """The pause after failed attempt number `attempt` (from 1): 1, 2, 4 … seconds, an hour at most."""
    return min(timedelta(seconds=2 ** min(attempt - 1, 20)), LONGEST_PAUSE)


def as_meta_writes_it(payload: Payload) -> bytes:
    r"""JSON with `\u` escapes and `\/`: written again by another program, it has another hash."""
    return json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()


@dataclass(frozen=True, slots=True)
class _Parcel:
    body: bytes
    first_sent: datetime
    attempts: int = 0


class Courier:
    """Posts webhook bodies to one URL. Thread safe."""

    def __init__(
        self,
        account: Account,
        schedule: Schedule,
        clock: Callable[[], datetime],
        *,
        url: str | None,
        pause: Callable[[int], timedelta] = doubling_pause,
    ) -> None:
        self.url = url
        self.account = account
        self._schedule = schedule
        self._clock = clock
        self._pause = pause
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=_trust())
        self._lock = threading.Lock()
        self._holding = False
        self._held: list[_Parcel] = []

    def post(self, payload: Payload) -> int:
        """Send one webhook. Returns the HTTP status, 0 when nobody answered; not 200 is sent again later."""
        return self._carry(_Parcel(as_meta_writes_it(payload), self._clock()))

    def post_at_once(self, payloads: Sequence[Payload]) -> list[int]:
        """Send several webhooks at the same moment, each in its own thread."""
        with ThreadPoolExecutor(max_workers=max(1, len(payloads))) as pool:
            return list(pool.map(self.post, payloads))

    def post_body(self, body: bytes, *, signature: str | Literal[True] | None = True) -> int:
        """Send any bytes once. `signature`: True signs rightly, a string goes as it is, None sends none."""
        header = self.signature(body) if signature is True else signature
        return self._request(body, header)

    def signature(self, body: bytes) -> str:
        """Meta's signature of a raw body."""
        return "sha256=" + hmac.new(self.account.app_secret.encode(), body, hashlib.sha256).hexdigest()

    def handshake(self, challenge: str) -> bool:
        """Ask the office to confirm its webhook, as Meta does when it is set up."""
        return self.unconfirmed(self._target(), self.account.verify_token, challenge) is None

    def unconfirmed(self, url: str, verify_token: str, challenge: str) -> str | None:
        """Ask whoever is at `url` to confirm; None if they did, otherwise why not, in Meta's words."""
        query = {"hub.mode": "subscribe", "hub.verify_token": verify_token, "hub.challenge": challenge}
        try:
            answer = self._client.get(url, params=query)
        except httpx.HTTPError as error:
            return f"curl_errno = 7; curl_error = {type(error).__name__}; HTTP Status Code = 0; HTTP Message = "
        if answer.status_code != httpx.codes.OK:
            return f"HTTP Status Code = {answer.status_code}; HTTP Message = {answer.reason_phrase}"
        if answer.text != challenge:
            return f'Response does not match challenge, expected value="{challenge}", received="{answer.text[:40]}"'
        return None

    def hold(self) -> None:
        """Carry nothing until `release`: an outage between Meta and the office."""
        with self._lock:
            self._holding = True

    def release(self) -> None:
        """Carry again; what was held is due at once, oldest first."""
        with self._lock:
            self._holding = False
            held, self._held = self._held, []
        for parcel in held:
            self._again(parcel, timedelta())

    @property
    def undelivered(self) -> int:
        """How many webhooks wait to be sent again."""
        with self._lock:
            return self._schedule.pending(JobKind.WEBHOOK) + len(self._held)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _carry(self, parcel: _Parcel) -> int:
        with self._lock:
            if self._holding:
                self._held.append(parcel)
                return NOBODY_ANSWERED
        status = self._request(parcel.body, self.signature(parcel.body))
        tried = _Parcel(parcel.body, parcel.first_sent, parcel.attempts + 1)
        if status != httpx.codes.OK and self._clock() - parcel.first_sent < GIVE_UP_AFTER:
            self._again(tried, self._pause(tried.attempts))
        return status

    def _again(self, parcel: _Parcel, after: timedelta) -> None:
        self._schedule.add(JobKind.WEBHOOK, lambda: self._carry(parcel), after=after)

    def _request(self, body: bytes, signature: str | None) -> int:
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if signature is not None:
            headers[SIGNATURE_HEADER] = signature
        try:
            return self._client.post(self._target(), content=body, headers=headers).status_code
        except httpx.HTTPError:
            return NOBODY_ANSWERED

    def _target(self) -> str:
        if self.url is None:
            raise ValueError("the simulated WhatsApp has no webhook_url to send to")
        return self.url

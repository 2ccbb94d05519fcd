"""Messages as Meta sends them, prepared before the clock runs, and clients that post them and stop the time."""

import http.client
import itertools
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from infra.local.whatsapp import WhatsAppSimulator
from infra.local.whatsapp_courier import SIGNATURE_HEADER, as_meta_writes_it
from infra.local.whatsapp_phone import Phone

NUMBER_ID, TOKEN, SECRET, VERIFY = "111222333", "a-token", "secret-of-the-app", "verify-me"

SET_FORMAT = """Layanan: KTP
Nama: Siti Aminah
NIK: 3402014107900001
Aduan: KTP saya belum jadi sejak dua bulan lalu."""
HELLO = "Halo"
"""Opens a draft, which is then asked for one field after the other."""
TURNS = ("KTP", "Siti Aminah", "3402014107900001", "KTP saya belum jadi sejak dua bulan lalu.")
"""The answers, each one turn of the conversation."""


@dataclass(frozen=True, slots=True)
class Post:
    """A signed body."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """One round: latencies in milliseconds, and requests a second."""

    p50: float
    p95: float
    per_second: float


class Citizens:
    """Any number of citizens, of whom each writes from their own number."""

    def __init__(self) -> None:
        self._whatsapp = WhatsAppSimulator(NUMBER_ID, TOKEN, SECRET, VERIFY, steered=True, auto_status=None)
        self._numbers = itertools.count(1)

    def new(self, count: int) -> list[Phone]:
        """Citizens who never wrote before."""
        return [self._whatsapp.citizen(f"+62812{next(self._numbers):08}", name="Siti") for _ in range(count)]

    def write(self, phones: Sequence[Phone], text: str) -> list[Post]:
        """The webhook of one message of each."""
        return [self._signed(as_meta_writes_it(_payload(phone, text))) for phone in phones]

    def _signed(self, body: bytes) -> Post:
        headers = {SIGNATURE_HEADER: self._whatsapp.sign(body), "Content-Type": "application/json"}
        return Post(body, headers)


def _payload(phone: Phone, text: str) -> dict[str, object]:
    payload = phone.write(text, deliver=False)
    if isinstance(payload, int):
        raise TypeError("the message was delivered")
    return payload


def post_all(port: int, posts: Sequence[Post], clients: int) -> Measured:
    """Post all of them, by so many clients at once, each on its own connection. Raises where one is not taken."""
    shares = [posts[number::clients] for number in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        started = time.perf_counter()
        taken = [millis for share in pool.map(lambda share: list(_post(port, share)), shares) for millis in share]
        seconds = time.perf_counter() - started
    return Measured(statistics.median(taken), _percentile(taken, 95), len(taken) / seconds)


def median_of(rounds: Sequence[Measured]) -> Measured:
    """The median of each figure over the rounds."""
    return Measured(
        statistics.median(each.p50 for each in rounds),
        statistics.median(each.p95 for each in rounds),
        statistics.median(each.per_second for each in rounds),
    )


def _post(port: int, posts: Sequence[Post]) -> Iterator[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        for post in posts:
            started = time.perf_counter()
            connection.request("POST", "/", post.body, post.headers)
            answer = connection.getresponse()
            text = answer.read()
            yield (time.perf_counter() - started) * 1000
            if answer.status != http.client.OK:
                raise RuntimeError(f"answered {answer.status}: {text.decode(errors='replace')}")
    finally:
        connection.close()


def _percentile(values: Sequence[float], percent: int) -> float:
    """The nearest rank."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]

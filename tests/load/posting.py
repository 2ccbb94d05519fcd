"""One request to this machine, and the time until its answer."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_PATIENCE: Final = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Answered:
    """The HTTP status, the seconds it took, and the body."""

    status: int
    seconds: float
    body: bytes


def request(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
    """On a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    started = time.perf_counter()
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        text = answer.read()
        return Answered(answer.status, time.perf_counter() - started, text)
    finally:
        connection.close()

"""One HTTP request and its answer, whatever that is: no redirect is followed, no status is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

_PATIENCE_SECONDS: Final = 60.0
"""A first request starts an instance; a slow one is no failure of what is asked here."""

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class NoAnswer(Exception):
    """Nobody answered; the message says how."""


@dataclass(frozen=True)
class Answer:
    """What came back. `leads_to` is the address of a redirect."""

    status: int
    body: bytes
    leads_to: str = ""


def ask(method: str, url: str, body: bytes = b"", headers: Mapping[str, str] = _NO_HEADERS) -> Answer:
    """Ask `url`, which has a scheme and may have a query. Raises `NoAnswer`."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=_PATIENCE_SECONDS)
    try:
        connection.request(method, f"{parts.path or '/'}?{parts.query}", body=body, headers=dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), answer.getheader("Location", ""))
    except (OSError, HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()

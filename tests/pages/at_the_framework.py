"""One function in a process of its own, as functions-framework builds it, asked what a stranger may ask.

    python -m tests.pages.at_the_framework TARGET

Prints one line of JSON for each request: what was answered, how much of the body was read, what is imported by then.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions_framework import create_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

MAIN = Path(__file__).parents[2] / "functions" / "main.py"
MEBIBYTE = 1024 * 1024
ENDLESS = 64 * MEBIBYTE
"""As far as a body is followed here that has no end."""

COSTLY = ("google.cloud.firestore", "google.cloud.tasks_v2", "google.cloud.storage", "grpc", "pydantic", "httpx")
"""Packages for which nobody pays who has no proof."""


class Body:
    """A body of so many bytes, of which none is kept; counts what was read."""

    def __init__(self, length: int) -> None:
        self.left, self.taken = min(length, ENDLESS), 0

    def read(self, size: int = -1) -> bytes:
        size = self.left if size < 0 else min(self.left, size)
        self.left, self.taken = self.left - size, self.taken + size
        return b"x" * size


@dataclass(frozen=True)
class Asked:
    """A request with a body of `length` bytes, which says so unless it is `chunked`."""

    method: str
    path: str
    length: int = 0
    chunked: bool = False
    headers: tuple[tuple[str, str], ...] = ()

    def environ(self, body: Body) -> dict[str, Any]:
        """As gunicorn hands it on: its streams end by themselves."""
        environ = EnvironBuilder(self.path, method=self.method, headers=[*self.headers]).get_environ()
        environ |= {"wsgi.input": body, "wsgi.input_terminated": True}
        return environ | (
            {"HTTP_TRANSFER_ENCODING": "chunked"} if self.chunked else {"CONTENT_LENGTH": f"{self.length}"}
        )


FORGED = (("X-Hub-Signature-256", f"sha256={'0' * 64}"),)
REQUESTS = (
    Asked("GET", "/"),
    Asked("GET", "/?hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1"),
    Asked("GET", "/robots.txt"),
    Asked("GET", "/favicon.ico"),
    Asked("GET", "/static/portal.css"),
    Asked("TRACE", "/"),
    Asked("POST", "/"),
    Asked("POST", "/", 2, headers=FORGED),
    Asked("POST", "/", MEBIBYTE, headers=FORGED),
    Asked("POST", "/aduan", 5 * MEBIBYTE, headers=FORGED),
    Asked("POST", "/", 10**15, headers=FORGED),
    *(
        Asked(method, path, ENDLESS, chunked=True, headers=headers)
        for method in ("GET", "POST", "PUT")
        for path in ("/", "/robots.txt", "/aduan/ADU-261124-ABCDE/receive")
        for headers in ((), FORGED, (("Accept", "application/json"), ("Content-Type", "application/json")))
    ),
)


def answers(app: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """One after the other."""
    for asked in REQUESTS:
        body = Body(asked.length)
        iterator, status, headers = run_wsgi_app(app, asked.environ(body), buffered=True)
        size = sum(map(len, iterator))
        costly = [name for name in COSTLY if name in sys.modules]
        yield {
            "asked": f"{asked.method} {asked.path}", "status": int(status.split()[0]), "headers": dict(headers.items()),
            "size": size, "read": body.taken, "imported": costly,
        }  # fmt: skip


if __name__ == "__main__":
    for answer in answers(create_app(sys.argv[1], str(MAIN))):  # type: ignore[no-untyped-call]
        print(json.dumps(answer))  # noqa: T201 - this is what it is started for

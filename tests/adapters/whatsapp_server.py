"""A server on this machine that answers like WhatsApp, or fails to."""

import json
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import httpx
import pytest

from aduan.adapters.whatsapp_api import WhatsAppApi
from aduan.service.channel import Address, ChannelError, Text
from tests.adapters.whatsapp_samples import PHONE

ACCESS_KEY = "EAAkunci-rahasia"
SITI = Address(PHONE)
QUICK = httpx.Timeout(0.2)
ACCEPTED = b'{"messaging_product": "whatsapp", "contacts": [], "messages": [{"id": "wamid.NEW"}]}'


@dataclass(frozen=True)
class Answer:
    """What the server does with one request, once it has read it."""

    status: int = 200
    body: bytes = ACCEPTED
    headers: dict[str, str] = field(default_factory=dict)
    stall: bool = False  # no answer at all, until the server ends
    cut_after: int | None = None  # the connection is closed after so many bytes of the answer


def refused(status: int, code: object, **fields: object) -> Answer:
    """A refusal with one of WhatsApp's codes."""
    return Answer(status, json.dumps({"error": {"code": code, **fields}}).encode())


@dataclass(frozen=True)
class Request:
    """One request as the server received it."""

    method: str
    path: str
    headers: dict[str, str]
    body: object


class WhatsAppServer(ThreadingHTTPServer):
    """Gives the answer that it was told to give, and remembers the requests."""

    daemon_threads = True
    request_queue_size = 64  # more threads than the usual five may ask at the same moment

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = Answer()
        self.requests: list[Request] = []
        self.connections = 0
        self.ended = threading.Event()

    @property
    def base(self) -> str:
        """The URL to give to the client."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def last(self) -> dict[str, object]:
        """The body of the last request."""
        return cast("dict[str, object]", self.requests[-1].body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

    @property
    def whatsapp(self) -> WhatsAppServer:
        return cast("WhatsAppServer", self.server)

    def setup(self) -> None:
        super().setup()
        self.whatsapp.connections += 1

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.whatsapp.requests.append(Request("POST", self.path, dict(self.headers), body))
        self._give(self.whatsapp.answer)

    def _give(self, answer: Answer) -> None:
        if answer.stall:
            self.whatsapp.ended.wait(5)
        if answer.stall or answer.cut_after == 0:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, text in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut_after])
        self.close_connection = answer.cut_after is not None

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def whatsapp_server() -> Iterator[WhatsAppServer]:
    """A server that runs for as long as the block."""
    server = WhatsAppServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def failed_send(api: WhatsAppApi, to: Address = SITI) -> ChannelError:
    """The error of a send that fails; the token is nowhere in it, its causes or its traceback."""
    with pytest.raises(ChannelError) as caught:
        api.send(to, Text("Halo"), "kotak-1")
    assert ACCESS_KEY not in "".join(traceback.format_exception(caught.value))
    return caught.value

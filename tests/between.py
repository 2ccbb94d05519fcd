"""A man in the middle of a program and its world: each call outside passes here, and goes on, fails, or is lost.

It stands in a process of its own from the program's point of view, so nothing in the program knows of it:

    with Between(firestore="127.0.0.1:8080", tasks="127.0.0.1:8123", whatsapp="http://127.0.0.1:8000") as between:
        house = House(Settings(environment | between.environment))
        between.rule = refusing("firestore")  # from here on Firestore is out of reach
        between.rule = passing  # and is back

A rule is asked about each call in the order of their coming, and says what becomes of it.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self

import grpc
import httpx

FIRESTORE: Final = "firestore"
TASKS: Final = "tasks"
WHATSAPP: Final = "whatsapp"


@dataclass(frozen=True)
class Call:
    """One call outside. `number` counts them from 1 over all places; `name` is 'Commit', 'POST /v26.0/1/messages'."""

    number: int
    place: str
    name: str
    request: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"call {self.number}: {self.place} {self.name}"


@dataclass(frozen=True)
class Pass:
    """It goes on, `delay` seconds later."""

    delay: float = 0.0


@dataclass(frozen=True)
class Refuse:
    """It is answered here, with a gRPC status or, over HTTP, with a status of HTTP's."""

    grpc_status: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    http_status: int = 503


@dataclass(frozen=True)
class Lose:
    """The caller hears nothing: the call never arrives, or its answer (`answered`) is lost on the way back.

    `meanwhile` happens at that very moment, so that a process can be killed before its call or after it. A caller who
    lives on finds the connection broken.
    """

    answered: bool = False
    meanwhile: Callable[[], object] = lambda: None


Verdict = Pass | Refuse | Lose
Rule = Callable[[Call], Verdict]


Handle = Callable[[str, bytes, Callable[[], object]], Verdict]
"""What a relay does with a call: its name, its bytes, and how to forward it. The relay then obeys the verdict."""


def passing(_: Call) -> Verdict:
    """All is well."""
    return Pass()


def refusing(*places: str, with_: Refuse = Refuse()) -> Rule:
    """These places are out of reach; all are if none is named."""
    return lambda call: with_ if call.place in places or not places else Pass()


def slowly(seconds: float, *places: str) -> Rule:
    """These places take so much longer to answer; all do if none is named."""
    return lambda call: Pass(seconds) if call.place in places or not places else Pass()


class Between:
    """The three places that the program calls, each behind an address of its own here.

    `in_turn`: one call at a time, each with its answer, though the program may make several at once. Then the rule's
    third call is the third in every run, and no other is on its way while it is judged.
    """

    def __init__(self, *, firestore: str, tasks: str, whatsapp: str, in_turn: bool = False) -> None:
        """`firestore` and `tasks` are host:port of gRPC without TLS, `whatsapp` an origin (http://host:port)."""
        self.rule: Rule = passing
        self._targets = {FIRESTORE: firestore, TASKS: tasks, WHATSAPP: whatsapp}
        self._turn = threading.Lock() if in_turn else None
        self._counting = threading.Lock()
        self._calls: list[Call] = []
        self._addresses: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for place in (FIRESTORE, TASKS):
                relay = _grpc_relay(self._targets[place], self._handler(place))
                self._addresses[place] = stack.enter_context(relay)
            http = _http_relay(self._targets[WHATSAPP], self._handler(WHATSAPP))
            self._addresses[WHATSAPP] = stack.enter_context(http)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings that lead a program through here."""
        return {
            "FIRESTORE_EMULATOR_HOST": self._addresses[FIRESTORE],
            "CLOUD_TASKS_EMULATOR_HOST": self._addresses[TASKS],
            "WHATSAPP_API_BASE": self._addresses[WHATSAPP],
        }

    @property
    def calls(self) -> Sequence[Call]:
        """All calls since `clear`, in order, whatever became of them."""
        with self._counting:
            return tuple(self._calls)

    def clear(self) -> None:
        """Count from 1 again."""
        with self._counting:
            self._calls.clear()

    @contextmanager
    def ruled(self, rule: Rule) -> Iterator[None]:
        """Judge by this rule while the block runs."""
        before, self.rule = self.rule, rule
        try:
            yield
        finally:
            self.rule = before

    def _handler(self, place: str) -> Handle:
        def handle(name: str, request: bytes, forward: Callable[[], object]) -> Verdict:
            if self._turn is None:
                return self._judged(place, name, request, forward)
            with self._turn:
                return self._judged(place, name, request, forward)

        return handle

    def _judged(self, place: str, name: str, request: bytes, forward: Callable[[], object]) -> Verdict:
        """What the relay is to tell the caller, after the call was forwarded if it is to be."""
        with self._counting:
            call = Call(len(self._calls) + 1, place, name, request)
            self._calls.append(call)
        verdict = self.rule(call)
        if isinstance(verdict, Pass):
            time.sleep(verdict.delay)
        if isinstance(verdict, Pass) or (isinstance(verdict, Lose) and verdict.answered):
            forward()
        if isinstance(verdict, Lose):
            verdict.meanwhile()
        return verdict


# gRPC

_ANY_SIZE = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))
_OF_THE_TRANSPORT = frozenset({"user-agent", "te", "content-type"})
_RELAY_THREADS = 16


@contextmanager
def _grpc_relay(target: str, handle: Handle) -> Iterator[str]:
    """A server whose every method is the one of the same name behind it; gives its host:port."""
    server = grpc.server(ThreadPoolExecutor(_RELAY_THREADS), options=[("grpc.so_reuseport", 0), *_ANY_SIZE])
    with grpc.insecure_channel(target, options=_ANY_SIZE) as channel:
        server.add_generic_rpc_handlers((_GrpcRelay(channel, handle),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(grace=None).wait()


class _GrpcRelay(grpc.GenericRpcHandler):
    """One request and any number of answers: on the wire one answer is nothing else than a stream of one."""

    def __init__(self, channel: grpc.Channel, handle: Handle) -> None:
        self._channel = channel
        self._handle = handle

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        method = details.method
        return grpc.unary_stream_rpc_method_handler(lambda request, context: self._relay(method, request, context))

    def _relay(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        answers: list[bytes] = []
        errors: list[grpc.RpcError] = []

        def forward() -> None:
            told = context.invocation_metadata()
            metadata = tuple((key, value) for key, value in told if key not in _OF_THE_TRANSPORT)
            remote: grpc.UnaryStreamMultiCallable[bytes, bytes] = self._channel.unary_stream(method)
            try:
                answers.extend(remote(request, metadata=metadata, timeout=context.time_remaining()))
            except grpc.RpcError as error:
                errors.append(error)

        verdict = self._handle(method.rpartition("/")[2], request, forward)
        if isinstance(verdict, Refuse):
            context.abort(verdict.grpc_status, "refused on the way")
        if isinstance(verdict, Lose):
            context.abort(grpc.StatusCode.UNAVAILABLE, "lost on the way")
        for error in errors:
            context.set_trailing_metadata(tuple((one.key, one.value) for one in error.trailing_metadata()))
            context.abort(error.code(), error.details() or "")
        return iter(answers)


# HTTP

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"})
_POLL_SECONDS = 0.02


@contextmanager
def _http_relay(target: str, handle: Handle) -> Iterator[str]:
    """A server that sends each request on as it is, Host included; gives its origin."""
    with httpx.Client(base_url=target, trust_env=False, verify=False, timeout=None) as client:  # noqa: S501, S113 - this machine's own, no TLS; the caller has time-outs
        server = _RelayServer(client, handle)
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _RelayServer(ThreadingHTTPServer):
    def __init__(self, client: httpx.Client, handle: Handle) -> None:
        super().__init__(("127.0.0.1", 0), _HttpRelay)
        self.client = client
        self.handle = handle


class _HttpRelay(BaseHTTPRequestHandler):
    """One request a connection. What is lost ends with the connection, and without an answer."""

    def handle_one_request(self) -> None:
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(65537)
        if self.raw_requestline and self.parse_request():
            self._relay(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _relay(self, body: bytes) -> None:
        relay, answers = self.server, list[httpx.Response]()
        assert isinstance(relay, _RelayServer)

        def forward() -> None:
            headers = [(key, value) for key, value in self.headers.items() if key.lower() not in _HOP_BY_HOP]
            answers.append(relay.client.request(self.command, self.path, headers=headers, content=body))

        verdict = relay.handle(f"{self.command} {self.path.partition('?')[0]}", body, forward)
        if isinstance(verdict, Refuse):
            self.send_error(verdict.http_status, "Refused on the way")
        if isinstance(verdict, Pass):
            self._give_on(answers[0])

    def _give_on(self, answer: httpx.Response) -> None:
        self.send_response_only(answer.status_code)
        for key, value in answer.headers.multi_items():
            if key not in _HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Quiet."""

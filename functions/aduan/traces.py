"""Which trace a request belongs to: W3C's trace context, as it comes in, stands on lines of the log, and goes on.

It is read off the request's headers and written into those of each task that the request asks for, so the webhook, the
task and the sending are one trace. That costs nothing. Spans of our own are made only where a `Recorder` is at work.
"""

import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self

import structlog

from aduan.lazily import built

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

log = structlog.get_logger()

W3C_HEADER: Final = "traceparent"
GOOGLE_HEADER: Final = "X-Cloud-Trace-Context"

_W3C: Final = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_GOOGLE: Final = re.compile(r"(?P<trace>(?!0{32})[0-9a-fA-F]{32})(?:/(?P<span>\d{1,20}))?(?:;o=(?P<options>\d))?")
_SAMPLED: Final = 1
_MOST_SPAN: Final = 2**64

Kind = Literal["server", "producer", "client"]
"""Who answers a request, who asks for a task, who calls somebody outside."""


@dataclass(frozen=True)
class TraceContext:
    """Where in which trace: 32 and 16 hexadecimal digits in lower case, neither all zeros.

    Source: https://www.w3.org/TR/trace-context/, and https://cloud.google.com/trace/docs/trace-context.
    """

    trace_id: str
    span_id: str
    sampled: bool

    @classmethod
    def of(cls, headers: "Headers") -> Self:
        """As a request's headers tell it; of a trace that begins here, and that nobody samples, if they do not."""
        return (
            cls._of_w3c(headers.get(W3C_HEADER, ""))
            or cls._of_google(headers.get(GOOGLE_HEADER, ""))
            or cls(secrets.token_hex(16), secrets.token_hex(8), sampled=False)
        )

    @classmethod
    def _of_w3c(cls, header: str) -> Self | None:
        found = _W3C.fullmatch(header.strip())
        if found is None or (found["version"] == "00" and found["more"]):
            return None
        return cls(found["trace"], found["span"], bool(int(found["flags"], 16) & _SAMPLED))

    @classmethod
    def _of_google(cls, header: str) -> Self | None:
        found = _GOOGLE.fullmatch(header.strip())
        if found is None:
            return None
        span = int(found["span"] or 0)  # in decimal, here alone
        known = f"{span:016x}" if 0 < span < _MOST_SPAN else secrets.token_hex(8)
        return cls(found["trace"].lower(), known, bool(int(found["options"] or 0) & _SAMPLED))

    @property
    def header(self) -> str:
        """The value of `traceparent`, for whom we ask."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


class Recorder(Protocol):
    """Keeps spans and sends them. Never raises for its own sake: a trace is worth no request."""

    def span(self, name: str, kind: Kind, parent: TraceContext) -> AbstractContextManager[TraceContext]:
        """A span for as long as the block lasts; where it stands is what the block gets."""
        ...

    def flush(self) -> None:
        """Send what is kept: on Cloud Run nothing runs after the answer."""
        ...


_HERE: Final[ContextVar[TraceContext | None]] = ContextVar("trace_context", default=None)
_RECORDER: Final[ContextVar[Recorder | None]] = ContextVar("trace_recorder", default=None)


def enter(headers: "Headers") -> None:
    """From here on this thread serves the request with these headers."""
    _HERE.set(TraceContext.of(headers))


def here() -> TraceContext | None:
    """Where the work at hand stands; None outside of any request."""
    return _HERE.get()


@contextmanager
def span(name: str, kind: Kind) -> Iterator[None]:
    """A part of the work. Where nobody records, nothing at all."""
    recorder, parent = _RECORDER.get(), _HERE.get()
    if recorder is None or parent is None:
        yield
        return
    with recorder.span(name, kind, parent) as own:
        token = _HERE.set(own)
        try:
            yield
        finally:
            _HERE.reset(token)


class Tracing:
    """Which requests of a process are recorded: those that are sampled, from the second on.

    The first one is a cold start, and shall not be longer for a library that it can do without; Cloud Run's own span
    stands for it. `make` builds the recorder at its first use; None: nobody wants spans.
    """

    def __init__(self, make: Callable[[], Recorder] | None) -> None:
        self.building = threading.RLock()
        self._make = make
        self._warm = False

    @built
    def _recorder(self) -> Recorder | None:
        try:
            return self._make() if self._make else None
        except Exception:
            log.exception("traces_not_recorded")  # and the requests are served
            return None

    def of(self, function: str) -> AbstractContextManager[None]:
        """Serve a request, known by its proof, in a span of this name."""
        warm, self._warm = self._warm, True
        place = _HERE.get()
        if self._make is None or place is None or not (warm and place.sampled):
            return nullcontext()
        return _recorded(self._recorder, function) if self._recorder else nullcontext()


@contextmanager
def _recorded(recorder: Recorder, function: str) -> Iterator[None]:
    token = _RECORDER.set(recorder)
    try:
        with span(function, "server"):
            yield
    finally:
        _RECORDER.reset(token)
        recorder.flush()

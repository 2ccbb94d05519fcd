"""Structured logs: one JSON line an event, in the fields that Cloud Logging and Error Reporting know.

Never a phone number, a NIK or a message's text: events carry ids, numbers and codes only. Should one come in with the
words of a library or of WhatsApp all the same, it is masked like everywhere else. Field by field: infra/observing.md.
"""

import logging
import re
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from aduan import traces
from aduan.service.masking import masked_alone

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

_OUTSIDE: Final = ("google.", "grpc", "httpx")
"""Whose errors are told in their own words: they speak of services, which never saw what a citizen wrote."""

_SEVERITY = {"exception": "ERROR", "critical": "CRITICAL", "warn": "WARNING"}
_ERRORS: Final = frozenset({"ERROR", "CRITICAL"})

# Source: https://cloud.google.com/logging/docs/structured-logging, 'Special fields in structured payloads'.
_TRACE: Final = "logging.googleapis.com/trace"
_SPAN: Final = "logging.googleapis.com/spanId"
_SAMPLED: Final = "logging.googleapis.com/trace_sampled"

# Source: https://cloud.google.com/error-reporting/docs/formatting-error-messages. A line of this type is an error,
# whatever it holds; it is grouped by `stack_trace`, and by `message` where there is none.
_ERROR_EVENT: Final = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"

_COMPLAINT: Final = re.compile(r"(?:ADU-|D-)?(\d{6}-[0-9A-Z]{5})", re.IGNORECASE)
_CAUSE: Final = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT: Final = "\nDuring handling of the above exception, another exception occurred:\n\n"


@dataclass(frozen=True)
class Origin:
    """Which program of which project writes: as Cloud Run names service and revision, if it is there."""

    project: str | None
    service: str | None
    version: str | None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Origin":
        service = environ.get("K_SERVICE") or environ.get("FUNCTION_TARGET")
        return cls(environ.get("GOOGLE_CLOUD_PROJECT"), service, environ.get("K_REVISION"))

    def complete(self, _: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """The line as Google reads it. After the masking: an id of digits alone is nobody's number."""
        event["severity"] = _SEVERITY.get(method, method.upper())
        event["message"] = event.pop("event")
        here = traces.here()
        if here is not None:
            event[_TRACE] = f"projects/{self.project}/traces/{here.trace_id}" if self.project else here.trace_id
            event[_SPAN] = here.span_id
            event[_SAMPLED] = here.sampled
        if event["severity"] in _ERRORS:
            service = {"service": self.service or event.get("function"), "version": self.version}
            event["@type"] = _ERROR_EVENT
            event["serviceContext"] = {name: value for name, value in service.items() if value}
        if "exception" in event:
            event["stack_trace"] = event.pop("exception")
        return event


def _stack(exc_info: ExcInfo) -> str:
    """As `traceback.format_exc()` tells it, but of each error its kind. Its words may repeat the text that it met."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        told.append(f"Traceback (most recent call last):\n{frames}{_named(error)}\n")
        if error.__cause__ is not None:
            told.append(_CAUSE)
        elif error.__context__ is not None and not error.__suppress_context__:
            told.append(_CONTEXT)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(reversed(told))


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {error}" if kind.__module__.startswith(_OUTSIDE) else name


def _numbered(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A complaint by its number, that it has or will have: one search finds a life's lines, a draft's as well."""
    if "complaint" in event:
        found = _COMPLAINT.fullmatch(str(event.pop("complaint")))
        if found is not None:
            event["complaint"] = f"ADU-{found[1].upper()}"
    return event


def _numbers_hidden(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _hidden(value) for name, value in event.items()}


def _hidden(value: Any) -> Any:
    match value:
        case str():
            return masked_alone(value)
        case dict():
            return {name: _hidden(item) for name, item in value.items()}
        case list() | tuple():
            return [_hidden(item) for item in value]
        case None | bool() | int() | float():
            return value
        case _:
            return masked_alone(str(value))


def processors(environ: Mapping[str, str]) -> list[Processor]:
    """What makes a line of an event."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.ExceptionRenderer(_stack),
        _numbered,
        _numbers_hidden,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        Origin.of(environ).complete,
        structlog.processors.JSONRenderer(),
    ]


class _Libraries(logging.Handler):
    """What libraries say, as lines of ours: the pattern without what was filled in, which may be anybody's."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        report = log.error if record.levelno >= logging.ERROR else log.warning
        said = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        report("library_said", library=record.name, said=said, exc_info=record.exc_info or None)


def configure(environ: Mapping[str, str]) -> None:
    """Once, at the start of a process."""
    structlog.configure(
        processors=processors(environ),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING)


def of_request(function: str, headers: "Headers") -> None:
    """Bind what every line of this request carries: the function's name, and the trace that its headers tell."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(function=function)
    traces.enter(headers)


def about(complaint: str | None) -> None:
    """What follows in this request is about this complaint: its id, its number, or a draft's address."""
    structlog.contextvars.bind_contextvars(complaint=complaint)

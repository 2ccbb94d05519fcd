"""Structured logs: one JSON line an event, in the fields that Cloud Logging knows.

Never a phone number, a NIK or a message's text: events carry ids, numbers and codes only. Should one come in with the
words of a library or of WhatsApp all the same, it is masked like everywhere else.
"""

import traceback
from typing import Any, Final

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from aduan.service.masking import masked_alone

_OUTSIDE: Final = ("google.", "grpc", "httpx")
"""Whose errors are told in their own words: they speak of services, which never saw what a citizen wrote."""

_SEVERITY = {"exception": "ERROR", "critical": "CRITICAL", "warn": "WARNING"}


def _as_cloud_logging(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["severity"] = _SEVERITY.get(method, method.upper())
    event["message"] = event.pop("event")
    if "exception" in event:  # Error Reporting groups by a stack trace in the message
        event["message"] = f"{event['message']}\n{event.pop('exception')}"
    return event


def _stack(exc_info: ExcInfo) -> str:
    """The stack with each error's kind. Not its words: an error of ours may repeat the text that it met."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        told.append("".join(traceback.format_tb(error.__traceback__)) + _named(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(["Traceback (most recent call last):", *reversed(told)])


def _named(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__name__}: {error}" if kind.__module__.startswith(_OUTSIDE) else kind.__name__


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


PROCESSORS: Final[tuple[Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.ExceptionRenderer(_stack),
    _as_cloud_logging,
    _numbers_hidden,
    structlog.processors.JSONRenderer(),
)


def configure() -> None:
    """Once, at the start of a process."""
    structlog.configure(
        processors=[*PROCESSORS],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )


def of_request(function: str, trace: str | None) -> None:
    """Bind what every line of this request carries. `trace` is the X-Cloud-Trace-Context header."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(function=function)
    if trace:
        structlog.contextvars.bind_contextvars(trace=trace.partition("/")[0])

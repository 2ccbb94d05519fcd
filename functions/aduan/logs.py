"""Structured logs: one JSON line an event, in the fields that Cloud Logging knows.

Never a phone number, a NIK or a message's text: events carry ids, numbers and codes only.
"""

import structlog
from structlog.typing import EventDict, WrappedLogger

_SEVERITY = {"exception": "ERROR", "critical": "CRITICAL", "warn": "WARNING"}


def _as_cloud_logging(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["severity"] = _SEVERITY.get(method, method.upper())
    event["message"] = event.pop("event")
    if "exception" in event:  # Error Reporting groups by a stack trace in the message
        event["message"] = f"{event['message']}\n{event.pop('exception')}"
    return event


def configure() -> None:
    """Once, at the start of a process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            _as_cloud_logging,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )


def of_request(function: str, trace: str | None) -> None:
    """Bind what every line of this request carries. `trace` is the X-Cloud-Trace-Context header."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(function=function)
    if trace:
        structlog.contextvars.bind_contextvars(trace=trace.partition("/")[0])

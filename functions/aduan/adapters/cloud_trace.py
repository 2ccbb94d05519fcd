"""Cloud Trace, by OpenTelemetry and Google's exporter. Imported at its first use: infra/decisions/0017 has the cost.

Spans are sent by the request that made them, in one call before it is answered. A thread that sends them later, as
OpenTelemetry's own batches have, would stand still with the instance: Cloud Run gives it no processor after the answer.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import grpc
from google.cloud.trace_v2 import TraceServiceClient
from google.cloud.trace_v2.services.trace_service.transports import TraceServiceGrpcTransport
from opentelemetry.exporter.cloud_trace import CloudTraceSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
    set_span_in_context,
)

from aduan.traces import Kind, TraceContext

# Seconds: somebody waits for the answer that waits for this. What is not taken in time is lost, and a line says so.
_PATIENCE: Final = 2.0
_KINDS: Final[Mapping[Kind, SpanKind]] = MappingProxyType(
    {"server": SpanKind.SERVER, "producer": SpanKind.PRODUCER, "client": SpanKind.CLIENT}
)


class CloudTrace:
    """Fulfils `traces.Recorder`. Threads may share it.

    `emulator` is a host:port; None: the real service. A span has a name, a kind, times and, where its work failed,
    that it did: no error's words, which may be a citizen's.
    """

    def __init__(self, project: str, emulator: str | None = None) -> None:
        # Google would have OTLP's in its place one day: infra/decisions/0017.
        self._sending = _SentByTheRequest(CloudTraceSpanExporter(project_id=project, client=_client(emulator)))
        # A resource of our own: to find out the default one asks Google's metadata server, and somebody would wait.
        # Who samples is Cloud Run, long before.
        provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource.get_empty(), shutdown_on_exit=False)
        provider.add_span_processor(self._sending)
        self._tracer = provider.get_tracer("aduan")

    @contextmanager
    def span(self, name: str, kind: Kind, parent: TraceContext) -> Iterator[TraceContext]:
        """A span below `parent`, for as long as the block lasts."""
        span = self._tracer.start_span(name, context=set_span_in_context(_remote(parent)), kind=_KINDS[kind])
        own = span.get_span_context()
        try:
            yield TraceContext(format_trace_id(own.trace_id), format_span_id(own.span_id), sampled=True)
        except BaseException:
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            span.end()

    def flush(self) -> None:
        """Send all spans that have ended, in one call."""
        self._sending.force_flush()


class _SentByTheRequest(SpanProcessor):
    """Keeps each span that ended until it is told to send them: by the same request, a moment later."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._ended: deque[ReadableSpan] = deque()

    def on_end(self, span: ReadableSpan) -> None:
        self._ended.append(span)

    def force_flush(self, timeout_millis: int = int(_PATIENCE * 1000)) -> bool:
        del timeout_millis  # the client's own
        spans: list[ReadableSpan] = []
        try:
            while True:
                spans.append(self._ended.popleft())
        except IndexError:
            pass  # another request may have taken some along
        if spans:
            self._exporter.export(spans)  # logs what goes wrong, and raises nothing
        return True


class _Hurried(TraceServiceClient):
    """Google's client, which would wait two minutes."""

    def batch_write_spans(self, request: Any = None, **_: Any) -> None:
        super().batch_write_spans(request=request, timeout=_PATIENCE, retry=None)


def _client(emulator: str | None) -> TraceServiceClient:
    if emulator is None:
        return _Hurried()
    return _Hurried(transport=TraceServiceGrpcTransport(channel=grpc.insecure_channel(emulator)))


def _remote(parent: TraceContext) -> NonRecordingSpan:
    flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
    return NonRecordingSpan(
        SpanContext(int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags)
    )

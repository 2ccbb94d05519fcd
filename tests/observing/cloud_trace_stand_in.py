"""A stand-in for Cloud Trace on one machine, for tests: it takes spans over gRPC, and keeps them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import grpc
from google.cloud.trace_v2 import types
from google.protobuf import empty_pb2

SERVICE = "google.devtools.cloudtrace.v2.TraceService"


class CloudTraceStandIn:
    """Speaks the client's own message classes. `batches` has each call's spans; `refusing` answers UNAVAILABLE."""

    def __init__(self) -> None:
        self.batches: list[list[types.Span]] = []
        self.projects: set[str] = set()
        self.refusing = False
        self._arrived = threading.Condition()
        self._server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        method = grpc.unary_unary_rpc_method_handler(
            self._batch_write_spans,
            request_deserializer=types.BatchWriteSpansRequest.deserialize,
            response_serializer=empty_pb2.Empty.SerializeToString,
        )
        handler = grpc.method_handlers_generic_handler(SERVICE, {"BatchWriteSpans": method})
        self._server.add_generic_rpc_handlers((handler,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(grace=None).wait()

    @property
    def spans(self) -> list[types.Span]:
        return [span for batch in self.batches for span in batch]

    def named(self, name: str) -> list[types.Span]:
        """All of one name, in the order of their arrival."""
        return [span for span in self.spans if span.display_name.value == name]

    def wait_for(self, name: str, seconds: float = 20.0) -> types.Span:
        """The first span of a name; fails when it does not come in time."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: self.named(name), seconds):
                raise AssertionError(f"no span {name!r} came: {[span.display_name.value for span in self.spans]}")
        return self.named(name)[0]

    def _batch_write_spans(
        self, request: types.BatchWriteSpansRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        if self.refusing:
            context.abort(grpc.StatusCode.UNAVAILABLE, "out of order")
        with self._arrived:
            self.batches.append(list(request.spans))
            self.projects.add(request.name)
            self._arrived.notify_all()
        return empty_pb2.Empty()

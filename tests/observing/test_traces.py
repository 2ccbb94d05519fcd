"""The trace context: read from what Cloud Run sends, written for whom we ask, and no span where nobody records."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug.datastructures import Headers

from aduan import traces
from aduan.traces import Kind, TraceContext, Tracing

TRACE, SPAN = "4bf9" * 8, "00f0" * 4
W3C = f"00-{TRACE}-{SPAN}-01"


def of(**headers: str) -> TraceContext:
    return TraceContext.of(Headers({name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize(
    ("header", "sampled"),
    [(W3C, True), (W3C[:-1] + "0", False), (W3C[:-2] + "03", True), (f"01{W3C[2:]}-what-comes-later", True)],
)
def test_the_worlds_header_is_read(header: str, sampled: bool) -> None:
    assert of(Traceparent=header) == TraceContext(TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    ("header", "span", "sampled"),
    [
        (f"{TRACE}/67555025218437360;o=1", SPAN, True),
        (f"{TRACE.upper()}/67555025218437360;o=0", SPAN, False),
        (f"{TRACE}/74", "000000000000004a", False),
    ],
)
def test_googles_header_is_read_where_there_is_no_other(header: str, span: str, sampled: bool) -> None:
    assert of(X_Cloud_Trace_Context=header) == TraceContext(TRACE, span, sampled)
    other = f"00-{'1' * 32}-{'2' * 16}-00"
    assert of(X_Cloud_Trace_Context=header, Traceparent=other) == TraceContext("1" * 32, "2" * 16, sampled=False)


@pytest.mark.parametrize("header", [TRACE, f"{TRACE}/0", f"{TRACE}/99999999999999999999"])
def test_a_trace_without_a_span_that_can_be_named_is_a_trace_all_the_same(header: str) -> None:
    found = of(X_Cloud_Trace_Context=header)
    assert found.trace_id == TRACE
    assert len(found.span_id) == len(SPAN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Traceparent": ""},
        {"Traceparent": f"00-{'0' * 32}-{SPAN}-01"},
        {"Traceparent": f"00-{TRACE}-{'0' * 16}-01"},
        {"Traceparent": f"ff-{TRACE}-{SPAN}-01"},
        {"Traceparent": f"{W3C}-more"},
        {"Traceparent": W3C.upper()},
        {"Traceparent": f'{W3C}", "severity": "EMERGENCY'},
        {"X_Cloud_Trace_Context": "0" * 32},
        {"X_Cloud_Trace_Context": "not a trace"},
    ],
)
def test_a_request_that_tells_no_trace_begins_one_that_nobody_samples(headers: dict[str, str]) -> None:
    first, second = of(**headers), of(**headers)
    assert first.trace_id not in {TRACE, "0" * 32, second.trace_id}
    assert (first.sampled, len(first.trace_id), len(first.span_id)) == (False, 32, 16)


def test_what_is_written_is_what_is_read() -> None:
    for header in (W3C, W3C[:-1] + "0"):
        assert of(Traceparent=header).header == header


class Kept:
    """A recorder that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @contextmanager
    def span(self, name: str, kind: Kind, parent: TraceContext) -> Iterator[TraceContext]:
        self.told.append(f"{name} {kind} below {parent.span_id}")
        yield TraceContext(parent.trace_id, f"{len(self.told):016x}", sampled=True)
        self.told.append(f"{name} ends")

    def flush(self) -> None:
        self.told.append("flush")


def serve(tracing: Tracing, header: str) -> str:
    """A request that asks for one task; the context that the task is given."""
    traces.enter(Headers({"traceparent": header}))
    with tracing.of("webhook"), traces.span("create messages", "producer"):
        place = traces.here()
    assert place is not None
    assert traces.here() == TraceContext.of(Headers({"traceparent": header}))
    return place.header


def test_the_first_request_of_a_process_is_recorded_by_nobody_and_a_later_one_if_it_is_sampled() -> None:
    kept = Kept()
    tracing = Tracing(lambda: kept)
    assert serve(tracing, W3C) == W3C  # a cold start; the task goes on below Cloud Run's own span
    assert serve(tracing, W3C[:-1] + "0") == W3C[:-1] + "0"
    assert kept.told == []
    assert serve(tracing, W3C) == f"00-{TRACE}-{2:016x}-01"
    assert kept.told == [
        f"webhook server below {SPAN}",
        f"create messages producer below {1:016x}",
        "create messages ends",
        "webhook ends",
        "flush",
    ]


def test_where_nobody_wants_spans_there_are_none() -> None:
    tracing = Tracing(None)
    assert [serve(tracing, W3C) for _ in range(3)] == [W3C] * 3


def test_a_recorder_that_cannot_be_made_stops_no_request_and_is_tried_once() -> None:
    tried = []

    def broken() -> Kept:
        tried.append(1)
        raise ValueError

    tracing = Tracing(broken)
    assert [serve(tracing, W3C) for _ in range(3)] == [W3C] * 3
    assert tried == [1]

"""Spans as Cloud Trace gets them: by Google's exporter, over a real call, to a stand-in."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from aduan.adapters.cloud_trace import CloudTrace
from aduan.traces import TraceContext
from tests.observing.cloud_trace_stand_in import CloudTraceStandIn

PARENT = TraceContext("4bf9" * 8, "00f0" * 4, sampled=True)


@pytest.fixture
def cloud() -> Iterator[CloudTraceStandIn]:
    with CloudTraceStandIn() as cloud:
        yield cloud


def test_the_spans_of_a_request_arrive_in_one_call_each_below_its_parent(cloud: CloudTraceStandIn) -> None:
    trace = CloudTrace("p", cloud.address)
    with trace.span("webhook", "server", PARENT) as webhook, trace.span("create", "producer", webhook) as create:
        pass
    assert cloud.batches == []
    trace.flush()
    ((inner, outer),) = cloud.batches
    assert [span.display_name.value for span in (inner, outer)] == ["create", "webhook"]
    assert [span.name for span in (inner, outer)] == [
        f"projects/p/traces/{PARENT.trace_id}/spans/{own.span_id}" for own in (create, webhook)
    ]
    assert (outer.parent_span_id, inner.parent_span_id) == (PARENT.span_id, webhook.span_id)
    assert [span.span_kind.name for span in (outer, inner)] == ["SERVER", "PRODUCER"]
    assert outer.start_time <= inner.start_time <= inner.end_time <= outer.end_time
    trace.flush()
    assert len(cloud.batches) == 1


def test_work_that_failed_is_marked_without_the_errors_words(cloud: CloudTraceStandIn) -> None:
    trace = CloudTrace("p", cloud.address)
    with pytest.raises(ValueError, match="Siti"), trace.span("send", "client", PARENT):
        raise ValueError("Siti 3402014107900001")
    trace.flush()
    (span,) = cloud.spans
    assert span.status.code != 0
    assert "Siti" not in str(span)
    assert "3402014107900001" not in str(span)


def test_many_requests_at_once_lose_no_span(cloud: CloudTraceStandIn) -> None:
    trace = CloudTrace("p", cloud.address)

    def request(number: int) -> None:
        with trace.span(f"request {number}", "server", PARENT):
            pass
        trace.flush()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(request, range(100)))
    assert sorted(span.display_name.value for span in cloud.spans) == sorted(f"request {n}" for n in range(100))


def test_a_cloud_trace_that_refuses_stops_nothing_and_is_logged(
    cloud: CloudTraceStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    trace = CloudTrace("p", cloud.address)
    cloud.refusing = True
    with caplog.at_level(logging.ERROR), trace.span("send", "client", PARENT):
        pass
    trace.flush()
    assert [record.msg for record in caplog.records] == ["Error while writing to Cloud Trace"]

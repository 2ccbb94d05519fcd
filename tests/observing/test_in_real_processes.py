"""Real functions, each in a process of its own: one trace through webhook, task and send, and lines that Google reads.

A procedure minute lasts a tenth of a second here, so that the first alarm rings while the test looks.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import functions, stack
from infra.local.firestore import FirestoreEmulator, free_port
from infra.local.stack import Stack
from infra.local.whatsapp_courier import SIGNATURE_HEADER, as_meta_writes_it
from tests.bench import traffic
from tests.bench.sides import environment
from tests.end_to_end.world import CONTINUOUS, SET_FORMAT
from tests.infra_cloud.hcl import resources
from tests.observing.cloud_trace_stand_in import CloudTraceStandIn

TRACE, SPAN = "4bf9" * 8, "00f0" * 4
SAMPLED = f"00-{TRACE}-{SPAN}-01"
EVERY_LINE = {"severity", "message", "time", "function"}
TRACE_FIELD = "logging.googleapis.com/trace"
PLACE = {TRACE_FIELD, "logging.googleapis.com/spanId", "logging.googleapis.com/trace_sampled"}
ERROR_EVENT = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"


@dataclass
class Office:
    """What runs, and what it wrote."""

    stack: Stack
    logs: Path
    cloud: CloudTraceStandIn

    def write(self, phone: str, text: str, **headers: str) -> None:
        """A citizen's message, as Cloud Run would hand it on."""
        payload = self.stack.whatsapp.citizen(phone, name="Siti").write(text, deliver=False)
        assert not isinstance(payload, int)
        body = as_meta_writes_it(payload)
        signature = hmac.new(stack.SECRET.encode(), body, hashlib.sha256).hexdigest()
        signed = {SIGNATURE_HEADER: f"sha256={signature}", **headers}
        answer = httpx.post(self.stack.function_urls["whatsapp_webhook"], content=body, headers=signed, trust_env=False)
        assert answer.status_code == 200

    def lines(self, target: str) -> list[dict[str, Any]]:
        return lines_of(self.logs / f"{target}.log")

    def wait_for(self, target: str, message: str, **about: object) -> dict[str, Any]:
        """The first line of a function that says this; fails when it does not come in time."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for line in self.lines(target):
                if line["message"] == message and about.items() <= line.items():
                    return line
            time.sleep(0.05)
        raise AssertionError(f"{target} did not say {message} {about}: {self.lines(target)}")


def lines_of(log: Path) -> list[dict[str, Any]]:
    """What a process wrote, each line as Cloud Logging parses it; gunicorn's words of its start are not ours."""
    text = log.read_text("utf-8")
    whole = [line for line in text[: text.rfind("\n") + 1].splitlines() if not re.match(r"\[\d{4}-.* \[INFO\] ", line)]
    return [json.loads(line) for line in whole]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with CloudTraceStandIn() as cloud:
        settings = {
            "OTEL_TRACES_EXPORTER": "gcp_trace",
            "CLOUD_TRACE_EMULATOR_HOST": cloud.address,
            "SECONDS_PER_MINUTE": "0.1",
            "CALENDAR_FILE": str(CONTINUOUS),
        }
        with stack.running(folder, settings) as running:
            yield Office(running, folder / "logs", cloud)


@pytest.fixture(scope="module")
def traced(office: Office) -> Office:
    """Where each function has served somebody, and then a citizen whose message Cloud Run sampled."""
    office.write("+6281234567891", SET_FORMAT)
    office.wait_for("send_message", "message_sent")
    office.wait_for("sla_check", "checked")
    assert office.cloud.spans == []
    office.write("+6281234567890", SET_FORMAT, traceparent=SAMPLED)
    return office


def way(cloud: CloudTraceStandIn, span_id: str) -> list[str]:
    """The names of a span and of those above it, from Cloud Run's own on."""
    above = {span.span_id: span for span in cloud.spans}.get(span_id)
    return [*way(cloud, above.parent_span_id), above.display_name.value] if above else [span_id]


@pytest.mark.parametrize(
    "expected",
    [
        ["create messages", "send_message", "POST messages"],
        ["create sla-checks", "sla_check"],
    ],
    ids=["send_message", "sla_check"],
)
def test_webhook_task_and_handler_are_one_trace_each_below_the_one_that_asked(
    traced: Office, expected: list[str]
) -> None:
    cloud, deadline = traced.cloud, time.monotonic() + 30
    whole = [SPAN, "whatsapp_webhook", *expected]
    while not (found := whole in [way(cloud, span.span_id) for span in cloud.named(whole[-1])]):
        assert time.monotonic() < deadline, [way(cloud, span.span_id) for span in cloud.spans]
        time.sleep(0.05)
    assert found
    assert {span.name.split("/")[3] for span in cloud.spans} == {TRACE}
    assert cloud.projects == {f"projects/{stack.PROJECT}"}


def test_the_lines_of_the_functions_share_the_trace_and_name_the_complaint(traced: Office) -> None:
    name = f"projects/{stack.PROJECT}/traces/{TRACE}"
    traced.wait_for("whatsapp_webhook", "recorded", **{TRACE_FIELD: name})
    submitted = next(line for line in traced.lines("whatsapp_webhook") if line.get(TRACE_FIELD) == name)
    assert (submitted["message"], submitted["type"]) == ("recorded", "submitted")
    complaint = submitted["complaint"]
    assert re.fullmatch(r"ADU-\d{6}-[0-9A-Z]{5}", complaint)
    for target, message in (("send_message", "message_sent"), ("sla_check", "checked")):
        line = traced.wait_for(target, message, complaint=complaint)
        assert (line[TRACE_FIELD], line["logging.googleapis.com/trace_sampled"]) == (name, True)


def test_a_line_stands_in_the_span_in_which_it_was_written(traced: Office) -> None:
    traced.cloud.wait_for("whatsapp_webhook")
    ours = {span.span_id for span in traced.cloud.named("whatsapp_webhook")}
    (line,) = [one for one in traced.lines("whatsapp_webhook") if one[TRACE_FIELD].endswith(TRACE)]
    assert line["logging.googleapis.com/spanId"] in ours


def test_every_line_of_every_function_is_what_cloud_logging_reads(traced: Office) -> None:
    written = {target: traced.lines(target) for target in ("whatsapp_webhook", "send_message", "sla_check")}
    assert all(written.values())
    for target, lines in written.items():
        for line in lines:
            assert line.keys() >= EVERY_LINE | PLACE, line
            assert line["function"] == target
            assert line["severity"] in {"INFO", "WARNING", "ERROR"}
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
            assert re.fullmatch(r"[0-9a-f]{16}", line["logging.googleapis.com/spanId"])


# Errors


@pytest.fixture(scope="module")
def broken(firestore_emulator: FirestoreEmulator, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a webhook writes as a revision of Cloud Run whose queues are out of reach."""
    logs, port = tmp_path_factory.mktemp("logs"), free_port()
    settings = {
        **environment(),
        "FIRESTORE_EMULATOR_HOST": firestore_emulator.host,
        "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:9",
        "FIELD_KEY": base64.b64encode(bytes(32)).decode(),  # in the cloud there is no default
        "K_SERVICE": "whatsapp-webhook",
        "K_REVISION": "whatsapp-webhook-00042-abc",
    }
    citizens = traffic.Citizens()
    with functions.running({"whatsapp_webhook": port}, settings, logs):
        traffic.post_all(port, citizens.write(citizens.new(1), traffic.SET_FORMAT), clients=1)
    return lines_of(logs / "whatsapp_webhook.log")


def test_an_error_is_an_event_that_error_reporting_groups(broken: list[dict[str, Any]]) -> None:
    error = next(line for line in broken if line["message"] == "alarm_left_to_the_sweep")
    assert error["severity"] == "ERROR"
    assert error["@type"] == ERROR_EVENT
    assert error["serviceContext"] == {"service": "whatsapp-webhook", "version": "whatsapp-webhook-00042-abc"}
    stack_trace = error["stack_trace"].splitlines()
    assert stack_trace[0] == "Traceback (most recent call last):"
    assert any(re.fullmatch(r'  File "\S+", line \d+, in \w+', line) for line in stack_trace)
    assert stack_trace[-1] == "ConnectionError"


def test_what_is_no_error_is_no_event_of_error_reporting(broken: list[dict[str, Any]]) -> None:
    others = [line for line in broken if line["severity"] == "INFO"]
    assert others
    assert [line for line in others if {"@type", "stack_trace", "serviceContext"} & line.keys()] == []


def test_no_metric_reads_a_field_that_google_takes_out_of_the_line() -> None:
    moved = {"severity", "time", *PLACE}
    read = {
        name
        for block in resources("google_logging_metric").values()
        for name in re.findall(r"jsonPayload\.(\w+)", f"{block['filter']} {block.get('value_extractor', '')}")
    }
    assert "message" in read
    assert read & moved == set()

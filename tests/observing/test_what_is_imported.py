"""OpenTelemetry is imported where a span is sent, and nowhere else: not when it is off, and by no cold start."""

import json
import os
import subprocess
import sys

import pytest

from infra.local.functions import FUNCTIONS
from tests.bench.sides import environment
from tests.bench.traffic import SECRET

# Three sampled webhooks, proven and about nothing that is kept; what of OpenTelemetry there is after each.
THREE_REQUESTS = """
import contextlib, hashlib, hmac, io, json, sys
import functions_framework, main
from flask import Flask, request
from werkzeug.test import EnvironBuilder
body = json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [
    {"field": "account_update", "value": {}}]}]}).encode()
headers = {
    "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
    "traceparent": "00-4bf94bf94bf94bf94bf94bf94bf94bf9-00f000f000f000f0-FLAGS",
}
app, imported = Flask("test"), []
with contextlib.redirect_stdout(io.StringIO()):
    for _ in range(3):
        with app.request_context(EnvironBuilder(method="POST", data=body, headers=headers).get_environ()):
            assert main.whatsapp_webhook(request).status_code == 200
        imported.append(sorted({name.partition(".")[2].partition(".")[0] for name in sys.modules
                                if name.startswith("opentelemetry.")} | ({"trace_v2"} & {
                                name.rpartition(".")[2] for name in sys.modules})))
print(json.dumps(imported))
"""
ALL_OF_IT = {"exporter", "sdk", "trace", "trace_v2"}


def imported(flags: str, **settings: str) -> list[set[str]]:
    """Parts of OpenTelemetry that a new process has after its first, second and third request."""
    done = subprocess.run(
        [sys.executable, "-c", THREE_REQUESTS.replace("SECRET", repr(SECRET)).replace("FLAGS", flags)],
        env={**os.environ, **environment(), "CLOUD_TRACE_EMULATOR_HOST": "127.0.0.1:9", "PYTHONPATH": str(FUNCTIONS)}
        | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [set(parts) for parts in json.loads(done.stdout)]


@pytest.mark.parametrize("settings", [{}, {"OTEL_TRACES_EXPORTER": "none"}], ids=["not set", "none"])
def test_nothing_of_it_is_imported_where_nobody_asked_for_spans(settings: dict[str, str]) -> None:
    assert imported("01", **settings) == [set(), set(), set()]


def test_nothing_of_it_is_imported_for_requests_that_are_not_sampled() -> None:
    assert imported("00", OTEL_TRACES_EXPORTER="gcp_trace") == [set(), set(), set()]


def test_a_cold_start_imports_nothing_of_it_and_the_second_sampled_request_does() -> None:
    first, second, _ = imported("01", OTEL_TRACES_EXPORTER="gcp_trace")
    assert first == set()
    assert second >= ALL_OF_IT

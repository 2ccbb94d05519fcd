"""What a start costs: seconds of imports and megabytes, and what is answered without Firestore.

Each figure is the median of fresh processes, in turns with the others. The bare imports are the packages that any such
function needs: nothing of ours is in them.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.local.functions import FUNCTIONS
from tests.bench.report import Table, verdict
from tests.bench.sides import environment

PROCESSES = 9
MOST_SHARE = 1.15
"""Of the bare imports' time."""

_BARE = "import functions_framework, google.cloud.firestore, google.cloud.tasks_v2, pydantic"
_MAIN = "import functions_framework, main"
_FIRST_MESSAGE = """
import functions_framework, main
from aduan import bootstrap
from aduan.adapters import cloud_tasks_calls, firestore_calls, firestore_staff, whatsapp_webhook
house = bootstrap.house()
house.intake, house.delivery
house.store.new_key()
"""
_FIRST_DEADLINE = f"""
{_FIRST_MESSAGE}
from datetime import UTC, datetime
house.workflow.begin("a", "b", datetime.now(UTC))
"""
_FIRST_SPANS = f"""
{_FIRST_MESSAGE}
from aduan.adapters import cloud_trace
cloud_trace.CloudTrace("bench", "127.0.0.1:9")
"""
_ASKED = """
import functions_framework, main
from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder
app = Flask("bench")
asked = {asked}
def status():
    with app.request_context(EnvironBuilder(**asked).get_environ()):
        try:
            return main.whatsapp_webhook(request).status_code
        except HTTPException as refused:
            return refused.code
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()):
    answered = status()
    began = time.perf_counter()
    for _ in range(200):
        status()
    again = (time.perf_counter() - began) / 200
"""
_REFUSED = {"method": "POST", "data": "{}", "headers": {"X-Hub-Signature-256": "sha256=" + "0" * 64}}
_HANDSHAKE = {"query_string": "hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1"}

BARE_IMPORTS, MAIN = "bare imports", "main.py"
FIRST_MESSAGE = "main.py, adapters and use cases of the first message"
FIRST_DEADLINE = "the same, and the calendar's national holidays"
FIRST_SPANS = "the first message, and OpenTelemetry with Google's exporter: after a cold start only"
REFUSED, HANDSHAKE = "refused signature (401)", "handshake (200)"
_PROGRAMS: Mapping[str, str] = {
    BARE_IMPORTS: _BARE,
    MAIN: _MAIN,
    FIRST_MESSAGE: _FIRST_MESSAGE,
    FIRST_DEADLINE: _FIRST_DEADLINE,
    FIRST_SPANS: _FIRST_SPANS,
    REFUSED: _ASKED.format(asked=_REFUSED),
    HANDSHAKE: _ASKED.format(asked=_HANDSHAKE),
}
_MEASURED = """
import json, pathlib, resource, sys, time
start = time.perf_counter()
answered = again = None
{program}
seconds = time.perf_counter() - start
resident = pathlib.Path("/proc/self/statm")  # without it only the peak is told, which begins with the parent's
if resident.exists():
    size = int(resident.read_text().split()[1]) * resource.getpagesize()
else:
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * {unit}
google = sorted(name for name in sys.modules if name in ("google.cloud.firestore_v1", "google.cloud.tasks_v2", "grpc"))
print(json.dumps(dict(seconds=seconds, size=size, google=google, answered=answered, again=again)))
"""
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes


@dataclass(frozen=True)
class Start:
    """Of one kind of start: medians, and whether Google's clients were imported."""

    millis: float
    megabytes: float
    google: Sequence[str]
    answered: int | None
    again_millis: float | None


def measure() -> list[Table]:
    """One table of imports, one of what is answered without them."""
    runs: dict[str, list[dict[str, object]]] = {kind: [] for kind in _PROGRAMS}
    for _ in range(PROCESSES):
        for kind, program in _PROGRAMS.items():
            runs[kind].append(_run(program))
    starts = {kind: _start(each) for kind, each in runs.items()}
    return [_imports(starts), _doors(starts)]


def _run(program: str) -> dict[str, object]:
    surroundings = {
        **os.environ,
        **environment(),
        "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:9",
        "FUNCTION_TARGET": "whatsapp_webhook",
        "PYTHONPATH": str(FUNCTIONS),
    }
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED.format(program=program, unit=_PEAK_UNIT)],
        env=surroundings, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told: dict[str, object] = json.loads(done.stdout)
    return told


def _start(runs: Sequence[Mapping[str, object]]) -> Start:
    first = runs[0]
    again = [float(str(run["again"])) * 1000 for run in runs if run["again"] is not None]
    google = first["google"]
    return Start(
        statistics.median(float(str(run["seconds"])) * 1000 for run in runs),
        statistics.median(float(str(run["size"])) / 1e6 for run in runs),
        [str(name) for name in google] if isinstance(google, list) else [],
        int(str(first["answered"])) if first["answered"] is not None else None,
        statistics.median(again) if again else None,
    )


def _imports(starts: Mapping[str, Start]) -> Table:
    bare = starts[BARE_IMPORTS]
    rows = [[BARE_IMPORTS, f"{bare.millis:.0f}", f"{bare.megabytes:.0f}", "", ""]]
    for kind in (MAIN, FIRST_MESSAGE, FIRST_DEADLINE):
        start = starts[kind]
        share = start.millis / bare.millis
        reach = verdict(reached=share <= MOST_SHARE)
        rows.append([kind, f"{start.millis:.0f}", f"{start.megabytes:.0f}", f"{share:.2f}", reach])
    spans = starts[FIRST_SPANS]  # no start is as long: a process imports it with its second request, at the earliest
    rows.append([FIRST_SPANS, f"{spans.millis:.0f}", f"{spans.megabytes:.0f}", f"{spans.millis / bare.millis:.2f}", ""])
    columns = ("fresh process", "import ms", "memory MB", "share of bare", f"share at most {MOST_SHARE:g}")
    return Table("Import time and memory", columns, rows, (f"Medians of {PROCESSES} fresh processes each, in turns.",))


def _doors(starts: Mapping[str, Start]) -> Table:
    rows = []
    for kind in (REFUSED, HANDSHAKE):
        start = starts[kind]
        again = f"{start.again_millis:.2f}" if start.again_millis is not None else ""
        rows.append([kind, str(start.answered), f"{start.millis:.0f}", again, f"{start.megabytes:.0f}",
                     ", ".join(start.google) or "none"])  # fmt: skip
    columns = ("request", "status", "cold ms", "warm ms", "memory MB", "Google's clients imported")
    note = "Cold: a fresh process with all its imports, and 201 answers; warm: one answer after the first."
    return Table("What is answered without Firestore", columns, rows, (note,))

"""The functions as the cloud runs them: one process of functions-framework for each target."""

import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.local.tether import Tethered

FUNCTIONS = Path(__file__).parent.parent.parent / "functions"
TARGETS = ("whatsapp_webhook", "staff_portal", "sla_check", "send_message", "fetch_media", "sweep")
THREADS = "16"
_START_SECONDS = 60.0


class FunctionFailure(Exception):
    """A function did not start; its log says why."""


@contextmanager
def running(ports: Mapping[str, int], environment: Mapping[str, str], logs: Path) -> Iterator[None]:
    """Every target of `ports`, served on its port until the block ends. Each writes to a log of its own."""
    logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        programs = {}
        for target, port in ports.items():
            output = stack.enter_context((logs / f"{target}.log").open("ab"))
            command: list[str | Path] = [
                sys.executable, "-m", "functions_framework", "--target", target,
                "--source", FUNCTIONS / "main.py", "--host", "127.0.0.1", "--port", str(port),
            ]  # fmt: skip
            surroundings = {**os.environ, "THREADS": THREADS, **environment}
            programs[target] = Tethered(command, output=output.fileno(), environment=surroundings)
            stack.callback(programs[target].stop)
        for target, program in programs.items():
            _wait(target, program, ports[target], logs)
        yield


def _wait(target: str, program: Tethered, port: int, logs: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if program.exit_code is not None:
            lines = (logs / f"{target}.log").read_text("utf-8", "replace").splitlines()
            raise FunctionFailure(f"{target} did not start: {lines[-1] if lines else 'no word'}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise FunctionFailure(f"{target} did not answer within {_START_SECONDS:.0f} s")

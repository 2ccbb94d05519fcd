"""The program that is killed: one process that is ready to serve, and copies of it that serve and are killed.

A process that imports everything anew would need two seconds a run. So this one imports all that a function may ever
import, builds its house, and opens no connection; then it forks a copy for each run, which is a function's process at
its first request. `python -m tests.crashes.zygote FD` reads orders from stdin, one line of JSON each, and answers each
with a line. FD is the end of a pipe that closes when the owner is gone: then all of them end.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from werkzeug.serving import WSGIRequestHandler, make_server

import aduan
from aduan import logs
from aduan.bootstrap import House
from aduan.settings import Settings
from tests.end_to_end.world import TARGETS, SteeredClock, served


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Quiet."""


def _import_everything() -> None:
    for module in pkgutil.walk_packages(aduan.__path__, "aduan."):
        importlib.import_module(module.name)


def _end_with(life: int) -> None:
    """A thread that waits for the owner's end."""

    def wait() -> NoReturn:
        os.read(life, 1)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _warm(house: House, orders: list[dict[str, Any]]) -> None:
    """Serve requests that are refused before they reach anything outside but the keys: those are known from here on."""
    for order in orders:
        app = served(TARGETS[order["target"]], lambda: house)
        app.test_client().open(method=order["method"], headers=order["headers"], data=b"")


def _serve(house: House, target: str, life: int, answers: int) -> NoReturn:
    """In the copy: one function, on a port of its own, for as long as it is let live."""
    _end_with(life)
    server = make_server("127.0.0.1", 0, served(TARGETS[target], lambda: house), threaded=True, request_handler=_Quiet)
    _answer(answers, {"pid": os.getpid(), "port": server.server_port})
    server.serve_forever(0.5)
    os._exit(0)


def _answer(answers: int, said: Mapping[str, object]) -> None:
    os.write(answers, json.dumps(said).encode() + b"\n")


def _without_the_log() -> int:
    """Where answers go. The log of the functions, which goes to stdout, is of no use here: they are killed at it."""
    answers = os.dup(sys.stdout.fileno())
    with Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    return answers


def main(life: int) -> None:
    """Obey orders until there are no more."""
    answers = _without_the_log()
    logs.configure(os.environ)
    _import_everything()
    clock = SteeredClock()
    house = House(Settings(os.environ), clock)
    _warm(house, json.loads(sys.stdin.readline()))
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: they are killed
    _answer(answers, {"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        if os.fork() == 0:
            clock.now = datetime.fromisoformat(order["now"])
            _serve(house, order["target"], life, answers)


if __name__ == "__main__":
    main(int(sys.argv[1]))

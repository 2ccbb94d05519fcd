"""A service of this machine as if it stood in another house: everything that it is told arrives a little later."""

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PIECE: Final = 64 * 1024  # bytes
_POLL: Final = 0.2  # seconds until an idle proxy sees that it is to end


@contextmanager
def far_away(address: str, latency: float) -> Iterator[str]:
    """Another address (host:port) for `address`, by which every round trip takes `latency` seconds longer.

    What is under way at once is delayed at once, as on a long line: nothing waits for what went before it.
    """
    ending = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(_POLL)
        host, _, port = address.rpartition(":")
        accepting = threading.Thread(target=_accept, args=(door, (host, int(port)), latency, ending), daemon=True)
        accepting.start()
        try:
            yield f"127.0.0.1:{door.getsockname()[1]}"
        finally:
            ending.set()
            accepting.join()


def _accept(door: socket.socket, service: tuple[str, int], latency: float, ending: threading.Event) -> None:
    while not ending.is_set():
        try:
            caller, _ = door.accept()
        except TimeoutError:
            continue
        called = socket.create_connection(service)
        for end in (caller, called):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _start(_carry, caller, called, latency)
        _start(_carry, called, caller, 0.0)


def _carry(source: socket.socket, target: socket.socket, latency: float) -> None:
    """Read on while what was read waits for its time."""
    waiting: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
    _start(_deliver, waiting, target)
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            waiting.put((time.monotonic() + latency, piece))
    waiting.put((time.monotonic() + latency, b""))


def _deliver(waiting: "queue.SimpleQueue[tuple[float, bytes]]", target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            due, piece = waiting.get()
            time.sleep(max(0.0, due - time.monotonic()))
            if not piece:
                target.shutdown(socket.SHUT_RDWR)
                return
            target.sendall(piece)


def _start(work: object, *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]

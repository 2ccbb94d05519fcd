"""Errors that a test injects into the simulated Graph API, each used once, in the order given."""

import threading
from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class Endpoint(StrEnum):
    """Which request a fault is for."""

    MESSAGES = "messages"
    RECEIPT = "receipt"
    MEDIA = "media"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Fault:
    """One request that goes wrong: by WhatsApp's `code`, by an `http` status, or by `timeout` s of silence.

    `after_accept`: the message is sent all the same, and only its answer is lost. `as_status`: the request is
    answered with 200 and the error comes later, in a `failed` status.
    """

    endpoint: Endpoint = Endpoint.MESSAGES
    code: int | None = None
    http: int | None = None
    timeout: float | None = None
    after_accept: bool = False
    as_status: bool = False

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.code, self.http, self.timeout)) != 1:
            raise ValueError("a fault is exactly one of code, http and timeout")
        if self.as_status and (self.code is None or self.endpoint is not Endpoint.MESSAGES):
            raise ValueError("only a send with a code can fail by a status")


class FaultPlan:
    """The faults still to come. Thread safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: deque[Fault] = deque()
        self._down = False

    def add(self, fault: Fault, times: int) -> None:
        """Let the next `times` requests to the fault's endpoint go wrong."""
        with self._lock:
            self._faults.extend([fault] * times)

    def take(self, endpoint: Endpoint) -> Fault | None:
        """The fault for the request that has just come, if there is one."""
        with self._lock:
            if self._down:
                return Fault(endpoint, http=503)
            for fault in self._faults:
                if fault.endpoint is endpoint:
                    self._faults.remove(fault)
                    return fault
            return None

    def forget(self) -> None:
        """Nothing that was planned comes any more."""
        with self._lock:
            self._faults.clear()

    def set_down(self, *, down: bool) -> None:
        """While down, every request is answered with 503; planned faults wait."""
        with self._lock:
            self._down = down

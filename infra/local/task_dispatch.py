"""How the local Cloud Tasks stand-in sends a task: the request, its answer, and when to try again."""

import logging
import ssl
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import httpx
from google.cloud import tasks_v2

from infra.local.identity import Clock, OidcMinter
from infra.local.task_store import StoredTask, TaskStore
from infra.local.task_times import answer_within, stamp

_LOG = logging.getLogger(__name__)
_LONGEST_NAP_SECONDS = 30.0  # so that a machine that slept, or whose clock was set, is noticed
_PREFIXES_NOT_FORWARDED = ("x-cloudtasks-", "x-google-", "x-appengine-")
_HEADERS_NOT_FORWARDED = ("host", "content-length", "user-agent")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a failed task is sent again, as a queue's RetryConfig says it; `max_attempts` None: for ever.

    The wait starts at `min_backoff`, doubles `max_doublings` times, then grows by the last doubled amount, up
    to `max_backoff`. A real queue made without settings has 0.1 s, 1 h, 16 and 100; these suit a developer.
    """

    min_backoff: timedelta = timedelta(seconds=1)
    max_backoff: timedelta = timedelta(seconds=60)
    max_doublings: int = 16
    max_attempts: int | None = None

    def wait_after(self, failures: int) -> timedelta:
        """The wait after that many failures in a row (from 1)."""
        doublings = min(failures - 1, self.max_doublings)
        linear_steps = failures - doublings
        longest = self.max_backoff / self.min_backoff if self.min_backoff else 0.0
        # Capped as a factor, not as a time: that many doublings would overflow a timedelta.
        factor: float = min(2**doublings * linear_steps, longest)
        return self.min_backoff * factor


DEFAULT_RETRY = RetryPolicy()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One delivery: `status` is the HTTP status, None if there was no answer, and then `error` says why."""

    name: str
    queue: str
    url: str
    at: datetime
    status: int | None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Only a 2xx tells Cloud Tasks that the work is done."""
        return self.status is not None and httpx.codes.is_success(self.status)


@cache
def _trust() -> ssl.SSLContext:
    # Reading all certificates takes longer than everything else in a test, so it happens once.
    return ssl.create_default_context()


class TaskCourier:
    """Sends tasks and writes down what became of them.

    `default_deadline` is how long an answer may take when the task does not say; each phase of a request
    (connecting, sending, waiting) may take that long.
    """

    def __init__(
        self,
        store: TaskStore,
        minter: OidcMinter,
        clock: Clock,
        retry: RetryPolicy,
        default_deadline: timedelta,
    ) -> None:
        self._store = store
        self._minter = minter
        self._clock = clock
        self._retry = retry
        self._default_deadline = default_deadline
        # One connection per task: a local server that restarted would leave a kept one dead.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(trust_env=False, limits=limits, verify=_trust())

    def close(self) -> None:
        """End the connections; nothing can be sent after this."""
        self._client.close()

    def deliver(self, stored: StoredTask) -> Attempt:
        """Send a task, then end or postpone it."""
        attempt = self.send(stored)
        self.settle(stored, attempt)
        return attempt

    def send(self, stored: StoredTask) -> Attempt:
        """Send a task once; what the stand-in knows of it stays as it is."""
        http, at = stored.task.http_request, self._clock()
        status, error = None, None
        try:
            status = self._client.request(
                tasks_v2.HttpMethod(http.http_method).name,
                http.url,
                headers=self._headers(stored),
                content=http.body or None,
                timeout=(answer_within(stored.task) or self._default_deadline).total_seconds(),
            ).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Attempt(stored.task.name, stored.queue, http.url, at, status, error)

    def settle(self, stored: StoredTask, attempt: Attempt) -> None:
        """End the task if it succeeded or has no attempt left, else set its next time."""
        task, now = stored.task, self._clock()
        failures = task.dispatch_count + 1
        exhausted = self._retry.max_attempts is not None and failures >= self._retry.max_attempts
        if attempt.succeeded or exhausted:
            self._store.end(stored.seq, now)
        else:
            _note_failure(task, attempt, now)
            task.schedule_time = stamp(now + self._retry.wait_after(failures))
            self._store.postpone(stored.seq, task, attempt.status)
        if not attempt.succeeded:
            outcome = attempt.status or attempt.error
            _LOG.warning("task for %s failed (attempt %d): %s", attempt.url, failures, outcome)

    def _headers(self, stored: StoredTask) -> dict[str, str]:
        task = stored.task
        given = task.http_request.headers.items()
        headers = {name: value for name, value in given if _may_be_forwarded(name)}
        headers |= {
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": stored.queue,
            "X-CloudTasks-TaskName": task.name.rpartition("/")[2],
            "X-CloudTasks-TaskRetryCount": str(task.dispatch_count),
            "X-CloudTasks-TaskExecutionCount": str(task.response_count),
            "X-CloudTasks-TaskETA": f"{stored.due.timestamp():.6f}",
        }
        if stored.previous_status is not None:
            headers["X-CloudTasks-TaskPreviousResponse"] = str(stored.previous_status)
        return headers | self._authorization(task.http_request)

    def _authorization(self, http: tasks_v2.HttpRequest) -> dict[str, str]:
        if "oidc_token" not in http:
            return {}
        audience = http.oidc_token.audience or http.url
        token = self._minter.mint_oidc(http.oidc_token.service_account_email, audience)
        return {"Authorization": f"Bearer {token}"}


class BackgroundDispatch:
    """Real time: one thread sleeps until the next task is due, and hands it to a thread of its own.

    At most `concurrency` tasks are on their way at once; what is not answered when `stop` has waited long
    enough stays in the store and is sent again at the next start, as at-least-once promises.
    """

    def __init__(self, store: TaskStore, courier: TaskCourier, clock: Clock, concurrency: int) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self._concurrency = concurrency
        self._changed = threading.Condition()
        self._in_flight: set[int] = set()
        self._stopping = False
        self._abandoned = False
        self._thread = threading.Thread(target=self._run, name="task-dispatch", daemon=True)

    def start(self) -> None:
        """Begin to send. May be called once."""
        self._thread.start()

    def wake(self) -> None:
        """A task was added: it may be due before the one that the thread waits for."""
        with self._changed:
            self._changed.notify_all()

    def stop(self, grace: timedelta) -> None:
        """Send nothing more; wait for the answers of what is on its way, but no longer than `grace`."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._in_flight, grace.total_seconds())
            self._abandoned = True
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                stored = self._claim()
                if stored is None:
                    self._changed.wait(self._nap_seconds())
                    continue
            threading.Thread(target=self._deliver, args=(stored,), daemon=True).start()

    def _claim(self) -> StoredTask | None:
        if len(self._in_flight) >= self._concurrency:
            return None
        stored = self._store.first(without=self._in_flight)
        if stored is None or stored.due > self._clock():
            return None
        self._in_flight.add(stored.seq)
        return stored

    def _nap_seconds(self) -> float:
        following = self._store.first(without=self._in_flight)
        if following is None or len(self._in_flight) >= self._concurrency:
            return _LONGEST_NAP_SECONDS
        ahead = (following.due - self._clock()).total_seconds()
        return min(max(ahead, 0.0), _LONGEST_NAP_SECONDS)

    def _deliver(self, stored: StoredTask) -> None:
        attempt = self._courier.send(stored)
        with self._changed:
            self._in_flight.discard(stored.seq)
            # After `stop` gave up waiting the store may be closed already.
            if not self._abandoned:
                self._courier.settle(stored, attempt)
            self._changed.notify_all()


def _note_failure(task: tasks_v2.Task, attempt: Attempt, answered_at: datetime) -> None:
    task.dispatch_count += 1
    if "first_attempt" not in task:
        task.first_attempt = tasks_v2.Attempt(dispatch_time=attempt.at)
    task.last_attempt = tasks_v2.Attempt(schedule_time=task.schedule_time, dispatch_time=attempt.at)
    if attempt.status is not None:
        task.response_count += 1
        task.last_attempt.response_time = stamp(answered_at)
        task.last_attempt.response_status = {"message": f"HTTP status code {attempt.status}"}


def _may_be_forwarded(header: str) -> bool:
    name = header.lower()
    return name not in _HEADERS_NOT_FORWARDED and not name.startswith(_PREFIXES_NOT_FORWARDED)

"""Google's client for Cloud Tasks. Imported at its first use: it costs a third of a second.

What cannot be asked of the real service on one machine is asked of an emulator: gRPC without TLS.
"""

from typing import Final

import grpc
from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.api_core.timeout import ConstantTimeout
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from aduan.adapters.cloud_tasks import HttpTask
from aduan.traces import W3C_HEADER

# Seconds. A call takes a few tens of milliseconds, and somebody waits for it: WhatsApp at the webhook, an admin at a
# form. The sweep does what could not be asked for in time, so to go on trying gains minutes and costs patience.
_ATTEMPT_SECONDS: Final = 2.0
_ALL_ATTEMPTS_SECONDS: Final = 2.5

# A call that got no answer may have been heard. Tasks have names, so asking again makes no second one.
_PASSING = (exceptions.ServiceUnavailable, exceptions.DeadlineExceeded)


class CloudTasksCalls:
    """One client. Threads may share it. `emulator` is a host:port; None: the real service."""

    def __init__(
        self,
        emulator: str | None,
        attempt_seconds: float = _ATTEMPT_SECONDS,
        all_attempts_seconds: float = _ALL_ATTEMPTS_SECONDS,
    ) -> None:
        self._client = _client(emulator)
        self._timeout = ConstantTimeout(attempt_seconds)
        self._retry = Retry(
            predicate=if_exception_type(*_PASSING), initial=0.1, maximum=1.0, timeout=all_attempts_seconds
        )

    def create(self, task: HttpTask) -> None:
        """Create a task; one of this name, even if it ended lately, is success.

        Raises ConnectionError if Cloud Tasks cannot be reached for now; google.api_core's errors for what no
        repeat would mend (no such queue, no permission).
        """
        try:
            self._client.create_task(parent=task.queue, task=_message(task), retry=self._retry, timeout=self._timeout)
        except exceptions.AlreadyExists:
            return
        except (*_PASSING, exceptions.RetryError) as error:
            raise ConnectionError("Cloud Tasks could not be reached") from error

    def close(self) -> None:
        """Close the connection."""
        self._client.transport.close()


def _client(emulator: str | None) -> tasks_v2.CloudTasksClient:
    if emulator is None:
        return tasks_v2.CloudTasksClient()
    return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(emulator)))


def _message(task: HttpTask) -> tasks_v2.Task:
    return tasks_v2.Task(
        name=f"{task.queue}/tasks/{task.id}",
        schedule_time=task.at,
        http_request=tasks_v2.HttpRequest(
            http_method=tasks_v2.HttpMethod.POST,
            url=task.url,
            headers={"Content-Type": "application/json"} | ({W3C_HEADER: task.trace} if task.trace else {}),
            body=task.body,
            oidc_token=tasks_v2.OidcToken(service_account_email=task.service_account, audience=task.url),
        ),
    )

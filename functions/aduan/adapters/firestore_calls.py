"""The round trips to Firestore: documents by their ids, a query, a commit. Nothing else talks to it.

They are those of its API, by Google's client of it; the documents are put into its messages here
(`firestore_values` says why).
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import grpc
from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import BatchGetDocumentsResponse, RunQueryResponse
from grpc.experimental import ChannelOptions

from aduan.adapters.firestore_connection import Found, Observe, Ref, Refused, Write
from aduan.adapters.firestore_queries import Query
from aduan.adapters.firestore_requests import Requests
from aduan.adapters.firestore_values import read_fields, read_moment

# Seconds. Meta and the queues send again what is not answered in time, and staff press again: to hang helps nobody.
TIMEOUT: Final = 10.0
_TRY_FOR: Final = 3.0  # a refusal that passes has passed by then; threads that wait for an outage to end are soon all

# To read twice harms nothing. A commit whose answer was lost may be repeated too: it creates something or has
# a precondition, so that its repeat is refused.
_READ_AGAIN: Final = Retry(
    predicate=if_exception_type(
        exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.ResourceExhausted
    ),
    initial=0.1,
    maximum=1.0,
    timeout=_TRY_FOR,
)
_COMMIT_AGAIN: Final = Retry(
    predicate=if_exception_type(exceptions.ServiceUnavailable, exceptions.ResourceExhausted),
    initial=0.1,
    maximum=1.0,
    timeout=_TRY_FOR,
)

# Firestore is out of reach, or out of breath: it may answer soon.
_PASSING: Final = (
    exceptions.ServiceUnavailable,
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.ResourceExhausted,
    exceptions.RetryError,
)

# AlreadyExists: a `Create` found its document. FailedPrecondition, NotFound: a `Replace` found another state,
# or nothing. Aborted: the service gave up between two writers of one document.
_REFUSALS: Final = (
    exceptions.AlreadyExists,
    exceptions.FailedPrecondition,
    exceptions.NotFound,
    exceptions.Aborted,
)

_LONGEST_ID: Final = 1500  # bytes

# Without the first, gRPC starts a thread for each read: measured, 0.4 ms of 1.2. The others are as Google's client
# for documents has them.
_CHANNEL: Final = (
    (ChannelOptions.SingleThreadedUnaryStream, 1),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
)


class FirestoreCalls:
    """An open connection, which threads may share. Every call raises ConnectionError where another may work soon.

    An emulator is found by `FIRESTORE_EMULATOR_HOST`, as by all of Google's clients.
    """

    def __init__(self, project: str, observe: Observe) -> None:
        self._requests = Requests(f"projects/{project}/databases/(default)")
        self._observe = observe
        emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")
        self._client = _client(emulator)
        self._metadata = [("google-cloud-resource-prefix", self._requests.database)]
        if emulator:  # it obeys its rules, which let nobody in, unless this is said
            self._metadata.append(("authorization", "Bearer owner"))

    def close(self) -> None:
        """End the connection."""
        self._client.transport.close()

    def get(self, refs: Iterable[Ref]) -> dict[Ref, Found]:
        """Read these documents in one round trip; left out is what is not there, or cannot be."""
        wanted = {self._requests.path(ref): ref for ref in refs if _is_possible(ref.id)}
        if not wanted:
            return {}
        with _out_of_reach():
            answers = self._client.batch_get_documents(
                self._requests.get(wanted), retry=_READ_AGAIN, timeout=TIMEOUT, metadata=self._metadata
            )
            messages = [BatchGetDocumentsResponse.pb(answer) for answer in answers]
        self._observe("get_all", len(wanted), 0)
        found = (message.found for message in messages if message.HasField("found"))
        return {wanted[document.name]: _found(document) for document in found}

    def query(self, query: Query) -> tuple[Found, ...]:
        """Run a query, in one round trip."""
        with _out_of_reach():
            answers = self._client.run_query(
                self._requests.query(query), retry=_READ_AGAIN, timeout=TIMEOUT, metadata=self._metadata
            )
            messages = [RunQueryResponse.pb(answer) for answer in answers]
        found = tuple(_found(message.document) for message in messages if message.HasField("document"))
        self._observe("query", max(1, len(found)), 0)  # an empty answer is billed as one read
        return found

    def commit(self, writes: Sequence[Write]) -> None:
        """Write all of it or nothing. Raises `Refused`."""
        request = self._requests.commit(writes)
        try:
            with _out_of_reach():
                self._client.commit(request, retry=_COMMIT_AGAIN, timeout=TIMEOUT, metadata=self._metadata)
        except _REFUSALS as refusal:
            raise Refused(type(refusal).__name__) from refusal
        finally:
            self._observe("commit", 0, len(writes))


@contextmanager
def _out_of_reach() -> Iterator[None]:
    try:
        yield
    except _PASSING as error:
        raise ConnectionError("Firestore could not be reached") from error


def _client(emulator: str | None) -> FirestoreClient:
    if emulator:
        channel = grpc.insecure_channel(emulator, options=_CHANNEL)
    else:
        channel = FirestoreGrpcTransport.create_channel(options=_CHANNEL)
    return FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))


def _found(document: Any) -> Found:
    name: str = document.name
    return Found(name.rpartition("/")[2], read_fields(document.fields), read_moment(document.update_time))


def _is_possible(document_id: str) -> bool:
    """Whether a document can have this id. Some come from outside, and Firestore refuses impossible ones."""
    if not document_id or "/" in document_id or document_id in {".", ".."}:
        return False
    if document_id.startswith("__") and document_id.endswith("__"):
        return False
    return len(document_id.encode("utf-8", "surrogatepass")) <= _LONGEST_ID and document_id.isprintable()

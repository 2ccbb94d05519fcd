"""The round trips to Firestore: documents by their ids, a query, a commit. Nothing else talks to it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter, Or

from aduan.adapters.firestore_connection import Create, Found, Observe, Put, Ref, Refused, Replace, Write
from aduan.adapters.firestore_queries import Query, Where

# Seconds for one call with its retries. Meta and the queues send again what is not answered in time: to hang
# helps nobody.
TIMEOUT: Final = 10.0

# To read twice harms nothing. A commit whose answer was lost may be repeated too: it creates something or has
# a precondition, so that its repeat is refused.
_READ_AGAIN: Final = Retry(
    predicate=if_exception_type(
        exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.ResourceExhausted
    ),
    initial=0.1,
    maximum=1.0,
    timeout=TIMEOUT,
)
_COMMIT_AGAIN: Final = Retry(
    predicate=if_exception_type(exceptions.ServiceUnavailable, exceptions.ResourceExhausted),
    initial=0.1,
    maximum=1.0,
    timeout=TIMEOUT,
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


class FirestoreCalls:
    """An open connection, which threads may share. Google's transient errors come through."""

    def __init__(self, project: str | None, observe: Observe) -> None:
        self._client = firestore.Client(project=project)
        self._observe = observe

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def get(self, refs: Iterable[Ref]) -> dict[Ref, Found]:
        """Read these documents in one round trip; left out is what is not there, or cannot be."""
        wanted = {f"{ref.collection}/{ref.id}": ref for ref in refs if _is_possible(ref.id)}
        if not wanted:
            return {}
        references = [self._client.document(path) for path in wanted]
        snapshots = list(self._client.get_all(references, retry=_READ_AGAIN, timeout=TIMEOUT))
        self._observe("get_all", len(references), 0)
        return {wanted[shot.reference.path]: _found(shot) for shot in snapshots if shot.exists}

    def query(self, query: Query) -> tuple[Found, ...]:
        """Run a query, in one round trip."""
        asked: Any = self._client.collection(query.collection)
        for where in query.where:
            asked = asked.where(filter=_filter(where))
        if query.any_of:
            asked = asked.where(filter=Or([_filter(where) for where in query.any_of]))
        for order in query.order:
            asked = asked.order_by(order.field, direction=order.direction)
        if query.after is not None:
            asked = asked.start_after({o.field: value for o, value in zip(query.order, query.after, strict=True)})
        if query.limit is not None:
            asked = asked.limit(query.limit)
        found = tuple(_found(shot) for shot in asked.stream(retry=_READ_AGAIN, timeout=TIMEOUT))
        self._observe("query", max(1, len(found)), 0)  # an empty answer is billed as one read
        return found

    def commit(self, writes: Sequence[Write]) -> None:
        """Write all of it or nothing. Raises `Refused`."""
        batch = self._client.batch()
        for write in writes:
            self._add(batch, write)
        try:
            batch.commit(retry=_COMMIT_AGAIN, timeout=TIMEOUT)
        except _REFUSALS as refusal:
            raise Refused(type(refusal).__name__) from refusal
        finally:
            self._observe("commit", 0, len(writes))

    def _add(self, batch: firestore.WriteBatch, write: Write) -> None:
        reference = self._client.document(f"{write.ref.collection}/{write.ref.id}")
        match write:
            case Create(document=document):
                batch.create(reference, dict(document))
            case Replace(document=document, updated=updated):
                batch.update(reference, dict(document), self._client.write_option(last_update_time=updated))
            case Put(document=document):
                batch.set(reference, dict(document))


def _found(snapshot: Any) -> Found:
    return Found(snapshot.id, snapshot.to_dict() or {}, snapshot.update_time)


def _filter(where: Where) -> FieldFilter:
    return FieldFilter(where.field, where.op, where.value)


def _is_possible(document_id: str) -> bool:
    """Whether a document can have this id. Some come from outside, and Firestore refuses impossible ones."""
    if not document_id or "/" in document_id or document_id in {".", ".."}:
        return False
    if document_id.startswith("__") and document_id.endswith("__"):
        return False
    return len(document_id.encode("utf-8", "surrogatepass")) <= _LONGEST_ID and document_id.isprintable()

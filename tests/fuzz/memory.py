"""Firestore in memory, in the place of Google's client: the adapter above it is the real one, to the last message.

It keeps to what Firestore refuses: a document that is there, or has changed; one that is too large, or too deep, or has
an impossible name. `tests/fuzz/test_memory.py` holds it against the emulator.
"""

import operator
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from google.api_core import exceptions
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    CommitRequest,
    RunQueryRequest,
    RunQueryResponse,
    StructuredQuery,
)

from aduan.adapters.firestore_calls import FirestoreCalls
from aduan.adapters.firestore_connection import FirestoreConnection, Put, Ref
from aduan.adapters.firestore_requests import Requests
from aduan.adapters.firestore_values import read, read_fields, write_moment

LARGEST: Final = 1_048_576  # bytes of one document
LARGEST_COMMIT: Final = 10 * LARGEST
_DEEPEST: Final = 20
_LONGEST_NAME: Final = 1500
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryFirestore:
    """What the adapter asks of Google's client, and no more."""

    def __init__(self) -> None:
        """Empty."""
        self._documents: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._writes = 0
        self.calls = 0

    def clear(self) -> None:
        """Forget every document."""
        with self._lock:
            self._documents.clear()

    def put_all(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Write these, by collection and id."""
        CallsInMemory(self).commit([Put(Ref(*path.split("/")), document) for path, document in documents.items()])

    def batch_get_documents(self, request: BatchGetDocumentsRequest, **_: object) -> list[BatchGetDocumentsResponse]:
        """Those that are there; of the others nothing."""
        with self._lock:
            self.calls += 1
            there = [self._documents[name] for name in request.documents if name in self._documents]
        return [BatchGetDocumentsResponse.wrap(BatchGetDocumentsResponse.pb()(found=found)) for found in there]

    def run_query(self, request: RunQueryRequest, **_: object) -> list[RunQueryResponse]:
        """In order, as many as are asked for."""
        asked = RunQueryRequest.pb(request).structured_query
        above = f"{request.parent}/{asked.from_[0].collection_id}"
        with self._lock:
            self.calls += 1
            there = [one for name, one in self._documents.items() if name.rpartition("/")[0] == above]
        if asked.HasField("where"):
            there = [one for one in there if _is_wanted(one, asked.where)]
        for order in reversed(asked.order_by):
            by = partial(_rank, path=order.field.field_path)
            there.sort(key=by, reverse=order.direction == StructuredQuery.Direction.DESCENDING)
        if asked.HasField("start_at"):  # after the last of the page before; our orders of pages all rise, or all fall
            last = [read(value) for value in asked.start_at.values]
            (falls,) = {order.direction == StructuredQuery.Direction.DESCENDING for order in asked.order_by}
            is_after = operator.lt if falls else operator.gt
            there = [one for one in there if is_after(_place(one, asked.order_by), last)]
        if asked.HasField("limit"):
            there = there[: asked.limit.value]
        return [RunQueryResponse.wrap(RunQueryResponse.pb()(document=one)) for one in there]

    def commit(self, request: CommitRequest, **_: object) -> None:
        """All or nothing."""
        message = CommitRequest.pb(request)
        if message.ByteSize() > LARGEST_COMMIT:
            raise exceptions.InvalidArgument("the request is too large")
        with self._lock:
            self.calls += 1
            for write in message.writes:
                _expect_possible(write.update)
                self._expect(write)
            self._writes += 1
            for write in message.writes:
                write_moment(_EPOCH + timedelta(microseconds=self._writes), write.update.update_time)
                self._documents[write.update.name] = write.update

    def _expect(self, write: Any) -> None:
        there = self._documents.get(write.update.name)
        condition = write.current_document.WhichOneof("condition_type")
        if condition == "exists" and there is not None:
            raise exceptions.AlreadyExists("it is there")
        if condition == "update_time" and there is None:
            raise exceptions.NotFound("it is not there")
        if condition == "update_time" and getattr(there, "update_time", None) != write.current_document.update_time:
            raise exceptions.FailedPrecondition("it has changed")


class CallsInMemory(FirestoreCalls):
    """The adapter's own calls, over a Firestore in memory."""

    def __init__(self, firestore: MemoryFirestore) -> None:
        """All that another `FirestoreCalls` has."""
        self._requests = Requests("projects/fuzz/databases/(default)")
        self._observe = lambda _kind, _reads, _writes: None
        self._client = cast(FirestoreClient, firestore)
        self._metadata = []


class ConnectionInMemory(FirestoreConnection):
    """A connection that is open."""

    def __init__(self, firestore: MemoryFirestore) -> None:
        """To this one."""
        super().__init__("fuzz")
        self._calls = CallsInMemory(firestore)


def _expect_possible(document: Any) -> None:
    if document.ByteSize() > LARGEST:
        raise exceptions.InvalidArgument("the document is too large")
    name = document.name.rpartition("/")[2]
    if not name or name in {".", ".."} or (name.startswith("__") and name.endswith("__")):
        raise exceptions.InvalidArgument("no document can be called that")
    for field, level in _fields(document.fields, 1):
        impossible = (
            not field or len(field.encode()) > _LONGEST_NAME or (field.startswith("__") and field.endswith("__"))
        )
        if impossible or level > _DEEPEST:
            raise exceptions.InvalidArgument("no field can be called that, or be so deep")


def _fields(fields: Any, level: int) -> Iterator[tuple[str, int]]:
    for name, value in fields.items():
        yield name, level
        if value.WhichOneof("value_type") == "map_value":
            yield from _fields(value.map_value.fields, level + 1)


def _is_wanted(document: Any, where: Any) -> bool:
    match where.WhichOneof("filter_type"):
        case "composite_filter":
            each = [_is_wanted(document, one) for one in where.composite_filter.filters]
            both = where.composite_filter.op == StructuredQuery.CompositeFilter.Operator.AND
            return all(each) if both else any(each)
        case "field_filter":
            return _holds(document, where.field_filter)
        case kind:
            raise NotImplementedError(kind)


def _holds(document: Any, condition: Any) -> bool:
    there, wanted = _field(document, condition.field.field_path), read(condition.value)
    match StructuredQuery.FieldFilter.Operator(condition.op).name:
        case "EQUAL":
            return bool(there == wanted)
        case "IN":
            return there in wanted
        case "LESS_THAN_OR_EQUAL":
            return there is not None and there <= wanted
        case "ARRAY_CONTAINS":
            return isinstance(there, Sequence) and wanted in there
        case name:
            raise NotImplementedError(name)


def _field(document: Any, path: str) -> Any:
    """What stands there; None where nothing does."""
    if path == "__name__":
        return document.name
    there: Any = read_fields(document.fields)
    for name in path.split("."):
        there = there.get(name) if isinstance(there, Mapping) else None
    return there


def _rank(document: Any, path: str) -> tuple[Any, ...]:
    """Its place in an order: what has nothing there comes first."""
    there = _field(document, path)
    return () if there is None else (there,)


def _place(document: Any, orders: Sequence[Any]) -> list[Any]:
    return [_field(document, order.field.field_path) for order in orders]

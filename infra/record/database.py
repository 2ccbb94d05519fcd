"""A whole database of Firestore: every document in the order of names, page after page, as of one moment.

The program itself asks only for what it needs (`aduan.adapters.firestore_queries`); here everything is read, also
what a later release adds. One query gives all documents below a place, of whatever collection: a complaint's head,
then its events. It needs no index, and a page is all that is ever in memory.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import grpc
from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    BatchGetDocumentsResponse,
    BatchWriteRequest,
    BatchWriteResponse,
    CommitRequest,
    Cursor,
    ListCollectionIdsRequest,
    RunAggregationQueryRequest,
    RunAggregationQueryResponse,
    RunQueryRequest,
    RunQueryResponse,
    StructuredAggregationQuery,
    StructuredQuery,
    Value,
)

from aduan.adapters.firestore_connection import Document
from aduan.adapters.firestore_queries import COMPLAINTS, MESSAGES
from aduan.adapters.firestore_values import read_fields, read_moment, write_fields

DEFAULT: Final = "(default)"
PAGE: Final = 300
"""Documents: at most some megabytes, and twenty pages for six thousand."""

# Seconds: a page of large documents over a slow line. Nobody waits for an answer here but the operator.
_TIMEOUT: Final = 120.0
_AGAIN: Final = Retry(
    predicate=if_exception_type(
        exceptions.ServiceUnavailable, exceptions.InternalServerError, exceptions.ResourceExhausted
    ),
    initial=0.5,
    timeout=_TIMEOUT,
)
_DONE: Final = 0
_WRITTEN_MEANWHILE: Final = frozenset({5, 6, 9, 10})
"""NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED"""
# Below every other id: Firestore puts numbers before names. So a collection begins here, and ends where the next could.
_FIRST_ID: Final = "__id-9223372036854775808__"
_NAME: Final = StructuredQuery.FieldReference(field_path="__name__")
_BY_NAME: Final = StructuredQuery.Order(field=_NAME, direction=StructuredQuery.Direction.ASCENDING)
_Operator = StructuredQuery.FieldFilter.Operator


@dataclass(frozen=True)
class Span:
    """A stretch of the names of all documents: from `first`, and before `end`."""

    first: str
    end: str


ALL_COMPLAINTS: Final = Span(f"{COMPLAINTS}/{_FIRST_ID}", f"{COMPLAINTS}\0/{_FIRST_ID}")
"""The heads and all that stands below them."""


def complaint_span(complaint_id: str) -> Span:
    """One head and all that stands below it."""
    return Span(f"{COMPLAINTS}/{complaint_id}", f"{COMPLAINTS}/{complaint_id}\0")


@dataclass(frozen=True)
class Stored:
    """A document as it stands: its path ('complaints/…/events/000001'), and its fields as Firestore's own message.

    `updated` is when it was last written, as Firestore's own message too.
    """

    path: str
    fields: Any
    updated: Any

    @property
    def document(self) -> Document:
        return read_fields(self.fields)

    @property
    def id(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Change:
    """What is to be written in place of these `fields` alone; None: the whole document is to go.

    Nothing is done if it was written since it was read; with `was` None, if there is one.
    """

    path: str
    fields: Document | None
    was: Stored | None


class Database:
    """One database, and a connection to it. Google's errors come through."""

    def __init__(self, project: str, database: str = DEFAULT, emulator: str | None = None, page: int = PAGE) -> None:
        """`emulator` is 'host:port', None the real service; `page` the documents of one round trip."""
        self.project = project
        self.name = f"projects/{project}/databases/{database}"
        self.emulator = emulator
        self._documents = f"{self.name}/documents"
        self._page = page
        self._metadata = [("google-cloud-resource-prefix", self.name)]
        if emulator:  # it obeys its rules, which let nobody in, unless this is said
            self._metadata.append(("authorization", "Bearer owner"))
        channel = grpc.insecure_channel(emulator) if emulator else FirestoreGrpcTransport.create_channel()
        self._client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.transport.close()

    def now(self) -> datetime:
        """The service's own time: what is read as of it is one state of the whole, whoever writes meanwhile.

        Firestore keeps it readable for an hour.
        """
        answers = self._run(StructuredQuery(from_=[_kindless()], order_by=[_BY_NAME], limit=1), None)
        return read_moment(next(iter(answers)).read_time)

    def is_empty(self) -> bool:
        """Whether there is no document at all. One read."""
        answers = self._run(StructuredQuery(from_=[_kindless()], order_by=[_BY_NAME], limit=1), None)
        return not any(answer.document.name for answer in answers)

    def walk(self, span: Span | None = None, at: datetime | None = None, only: Iterable[str] = ()) -> Iterator[Stored]:
        """Every document of a span, or of all, by name. `at`: as of then; `only`: these fields."""
        query = StructuredQuery(from_=[_kindless()], order_by=[_BY_NAME], where=self._within(span))
        yield from self._pages(query, at, only)

    def heads(self, at: datetime | None = None, only: Iterable[str] = ()) -> Iterator[Stored]:
        """The head of every complaint, by name, without the events."""
        return self.top(COMPLAINTS, at, only)

    def top(self, collection: str, at: datetime | None = None, only: Iterable[str] = ()) -> Iterator[Stored]:
        """Every document of a collection at the top, by name, without what stands below them."""
        documents = StructuredQuery.CollectionSelector(collection_id=collection)
        yield from self._pages(StructuredQuery(from_=[documents], order_by=[_BY_NAME]), at, only)

    def claims(self, at: datetime | None = None) -> Iterator[Stored]:
        """The messages that say which complaint they belong to, by that complaint; this field alone."""
        field = StructuredQuery.FieldReference(field_path="complaint")
        query = StructuredQuery(
            from_=[StructuredQuery.CollectionSelector(collection_id=MESSAGES)],
            where=_is(field, _Operator.GREATER_THAN_OR_EQUAL, Value(string_value="")),  # leaves out null
            order_by=[StructuredQuery.Order(field=field, direction=StructuredQuery.Direction.ASCENDING), _BY_NAME],
        )
        yield from self._pages(query, at, ["complaint"])

    def collections(self, at: datetime | None = None) -> tuple[str, ...]:
        """The ids of the collections at the top."""
        request = ListCollectionIdsRequest(parent=self._documents, read_time=at)
        return tuple(self._client.list_collection_ids(request, retry=_AGAIN, metadata=self._metadata))

    def count(self, collection_id: str, at: datetime | None = None) -> int:
        """The documents of all collections of this id, wherever they stand. A read for each thousand."""
        one = StructuredQuery.CollectionSelector(collection_id=collection_id, all_descendants=True)
        counting = StructuredAggregationQuery(
            structured_query=StructuredQuery(from_=[one]),
            aggregations=[
                StructuredAggregationQuery.Aggregation(count=StructuredAggregationQuery.Aggregation.Count(), alias="n")
            ],
        )
        request = RunAggregationQueryRequest(
            parent=self._documents, structured_aggregation_query=counting, read_time=at
        )
        answers = self._client.run_aggregation_query(request, retry=_AGAIN, timeout=_TIMEOUT, metadata=self._metadata)
        messages = [RunAggregationQueryResponse.pb(answer) for answer in answers]
        return sum(int(message.result.aggregate_fields["n"].integer_value) for message in messages)

    def get(self, path: str, at: datetime | None = None) -> Stored | None:
        """One document."""
        found = self.walk(Span(path, f"{path}\0"), at)
        return next((stored for stored in found if stored.path == path), None)

    def several(self, paths: Iterable[str]) -> dict[str, Stored]:
        """Documents by their paths, of which there is at least one: those that are there."""
        names = [f"{self._documents}/{path}" for path in dict.fromkeys(paths)]
        request = BatchGetDocumentsRequest(database=self.name, documents=names)
        answers = self._client.batch_get_documents(request, retry=_AGAIN, timeout=_TIMEOUT, metadata=self._metadata)
        found = (BatchGetDocumentsResponse.pb(answer).found for answer in answers)
        return {one.path: one for one in (self._stored(document) for document in found if document.name)}

    def change(self, changes: Sequence[Change]) -> list[bool]:
        """Each by itself, 500 at most; whether it was done. What was not was written by somebody else meanwhile."""
        message = BatchWriteRequest.pb()(database=self.name)
        for change in changes:
            self._add(message.writes.add(), change)
        request = BatchWriteRequest.wrap(message)
        answer = self._client.batch_write(request, retry=_AGAIN, timeout=_TIMEOUT, metadata=self._metadata)
        codes = [int(status.code) for status in BatchWriteResponse.pb(answer).status]
        for code in set(codes) - {_DONE} - _WRITTEN_MEANWHILE:
            raise exceptions.from_grpc_status(code, "a document could not be written")
        return [code == _DONE for code in codes]

    def _add(self, write: Any, change: Change) -> None:
        name = f"{self._documents}/{change.path}"
        if change.fields is None:
            write.delete = name
        else:
            write.update.name = name
            write_fields(change.fields, write.update.fields)
            if change.was is not None:
                write.update_mask.field_paths.extend(change.fields)
        if change.was is None:
            write.current_document.exists = False
        else:
            write.current_document.update_time.CopyFrom(change.was.updated)

    def _stored(self, document: Any) -> Stored:
        return Stored(document.name.removeprefix(f"{self._documents}/"), document.fields, document.update_time)

    def create(self, documents: Iterable[tuple[str, Document | Stored]]) -> None:
        """Write new documents, all or none; those of another database as they stand, value for value."""
        message = CommitRequest.pb()(database=self.name)
        for path, document in documents:
            write = message.writes.add()
            write.update.name = f"{self._documents}/{path}"
            write.current_document.exists = False
            if isinstance(document, Stored):
                for name, value in document.fields.items():
                    write.update.fields[name].CopyFrom(value)
            else:
                write_fields(document, write.update.fields)
        if message.writes:
            self._client.commit(CommitRequest.wrap(message), retry=_AGAIN, timeout=_TIMEOUT, metadata=self._metadata)

    def _pages(self, query: StructuredQuery, at: datetime | None, only: Iterable[str]) -> Iterator[Stored]:
        fields = [StructuredQuery.FieldReference(field_path=name) for name in only]
        if fields:
            query.select = StructuredQuery.Projection(fields=fields)
        query.limit = self._page
        while True:
            count, last = 0, None
            for answer in self._run(query, at):
                if answer.document.name:
                    count, last = count + 1, answer.document
                    yield self._stored(last)
            if last is None or count < self._page:
                return
            query.start_at = _after(query, last)

    def _run(self, query: StructuredQuery, at: datetime | None) -> Iterator[Any]:
        request = RunQueryRequest(parent=self._documents, structured_query=query, read_time=at)
        answers = self._client.run_query(request, retry=_AGAIN, timeout=_TIMEOUT, metadata=self._metadata)
        return (RunQueryResponse.pb(answer) for answer in answers)

    def _within(self, span: Span | None) -> StructuredQuery.Filter | None:
        if span is None:
            return None
        first, end = (Value(reference_value=f"{self._documents}/{path}") for path in (span.first, span.end))
        both = StructuredQuery.CompositeFilter(
            op=StructuredQuery.CompositeFilter.Operator.AND,
            filters=[
                _is(_NAME, _Operator.GREATER_THAN_OR_EQUAL, first),
                _is(_NAME, _Operator.LESS_THAN, end),
            ],
        )
        return StructuredQuery.Filter(composite_filter=both)


def _kindless() -> StructuredQuery.CollectionSelector:
    """Every collection, at every depth."""
    return StructuredQuery.CollectionSelector(all_descendants=True)


def _is(field: StructuredQuery.FieldReference, operator: int, value: Value) -> StructuredQuery.Filter:
    return StructuredQuery.Filter(field_filter=StructuredQuery.FieldFilter(field=field, op=operator, value=value))


def _after(query: StructuredQuery, last: Any) -> Cursor:
    """Where the next page begins: the values of the query's order in the last document."""
    values = [
        Value(reference_value=last.name)
        if order.field.field_path == _NAME.field_path
        else Value.wrap(last.fields[order.field.field_path])
        for order in query.order_by
    ]
    return Cursor(values=values, before=False)

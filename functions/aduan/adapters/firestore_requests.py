"""What is asked of Firestore, as the messages of its API. Pure: nothing is sent here."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    CommitRequest,
    Cursor,
    RunQueryRequest,
    StructuredQuery,
    Value,
)

from aduan.adapters.firestore_connection import Create, Put, Ref, Replace, Write
from aduan.adapters.firestore_queries import Order, Query, Where
from aduan.adapters.firestore_values import write, write_fields, write_moment

_Filter = StructuredQuery.Filter
_Both = StructuredQuery.CompositeFilter
_OPERATORS: Final = {
    "==": StructuredQuery.FieldFilter.Operator.EQUAL,
    "in": StructuredQuery.FieldFilter.Operator.IN,
    "array_contains": StructuredQuery.FieldFilter.Operator.ARRAY_CONTAINS,
    "array_contains_any": StructuredQuery.FieldFilter.Operator.ARRAY_CONTAINS_ANY,
    "<": StructuredQuery.FieldFilter.Operator.LESS_THAN,
    "<=": StructuredQuery.FieldFilter.Operator.LESS_THAN_OR_EQUAL,
    ">=": StructuredQuery.FieldFilter.Operator.GREATER_THAN_OR_EQUAL,
}
_NAME: Final = "__name__"


class Requests:
    """Requests to one database, 'projects/…/databases/…'."""

    def __init__(self, database: str) -> None:
        self.database = database
        self._documents = f"{database}/documents"

    def path(self, ref: Ref) -> str:
        """A document's full name."""
        return f"{self._documents}/{ref.collection}/{ref.id}"

    def get(self, paths: Iterable[str]) -> BatchGetDocumentsRequest:
        """Documents by their full names."""
        message = BatchGetDocumentsRequest.pb()(database=self.database, documents=paths)
        request: BatchGetDocumentsRequest = BatchGetDocumentsRequest.wrap(message)
        return request

    def commit(self, writes: Iterable[Write]) -> CommitRequest:
        """All of it or nothing."""
        message = CommitRequest.pb()(database=self.database)
        for each in writes:
            self._add(message.writes.add(), each)
        request: CommitRequest = CommitRequest.wrap(message)
        return request

    def _add(self, message: Any, asked: Write) -> None:
        message.update.name = self.path(asked.ref)
        write_fields(asked.document, message.update.fields)
        match asked:
            case Create():
                message.current_document.exists = False
            case Replace(updated=updated):
                write_moment(updated, message.current_document.update_time)
            case Put():
                pass  # whatever is there

    def query(self, query: Query) -> RunQueryRequest:
        """A query of one collection, which may stand below a document."""
        above, _, collection = f"{self._documents}/{query.collection}".rpartition("/")
        asked = StructuredQuery(
            from_=[StructuredQuery.CollectionSelector(collection_id=collection)],
            where=_conditions(query),
            order_by=[_order(order) for order in query.order],
        )
        if query.after is not None:
            asked.start_at = self._cursor(query, query.after)
        if query.limit is not None:
            asked.limit = query.limit
        return RunQueryRequest(parent=above, structured_query=asked)

    def _cursor(self, query: Query, after: Sequence[object]) -> Cursor:
        pairs = zip(query.order, after, strict=True)
        values = [
            Value(reference_value=self.path(Ref(query.collection, str(value))))
            if order.field == _NAME
            else _value(value)
            for order, value in pairs
        ]
        return Cursor(values=values, before=False)


def _conditions(query: Query) -> _Filter | None:
    filters = [_condition(where) for where in query.where]
    if query.any_of:
        filters.append(_all([_condition(where) for where in query.any_of], _Both.Operator.OR))
    return _all(filters, _Both.Operator.AND) if filters else None


def _all(filters: list[_Filter], operator: int) -> _Filter:
    if len(filters) == 1:
        return filters[0]
    return _Filter(composite_filter=_Both(op=operator, filters=filters))


def _condition(where: Where) -> _Filter:
    return _Filter(
        field_filter=StructuredQuery.FieldFilter(
            field=StructuredQuery.FieldReference(field_path=where.field),
            op=_OPERATORS[where.op],
            value=_value(where.value),
        )
    )


def _order(order: Order) -> StructuredQuery.Order:
    return StructuredQuery.Order(
        field=StructuredQuery.FieldReference(field_path=order.field),
        direction=order.direction,
    )


def _value(value: object) -> Value:
    message = Value.pb()()
    write(value, message)
    wrapped: Value = Value.wrap(message)
    return wrapped

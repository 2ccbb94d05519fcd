"""Every query that the code can make, held against `infra/firestore.indexes.json`, as production would.

A query needs one index that begins with the fields compared for equality, in any order, and goes on with the
fields it is ordered by, in their order and direction. A single field is indexed by itself, unless it is
exempted. That several indexes could be merged is not counted on.
"""

import inspect
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from aduan.adapters import firestore_queries
from aduan.adapters.firestore_queries import Order, Query, Where
from aduan.procedure.complaint import Status
from aduan.procedure.roles import Role
from aduan.service.case_files import TURNS
from aduan.service.erasures import Ephemera
from aduan.service.model import Place
from aduan.service.ports import Filters
from tests.adapters.index_file import INFRA, Indexes, composites, exempted
from tests.adapters.store_samples import T0

ADAPTERS = Path(firestore_queries.__file__).parent

EACH_FILTER: Mapping[str, tuple[object, ...]] = {
    "statuses": ((), (Status.DRAFT,), (Status.OPEN, Status.CLOSED)),
    "step": (None, 3),
    "role": (None, Role.SECTION_HEAD, Role.DATABASE_ADMIN),
    "holder": (None, "kasi@example.org"),
    "found_by": ((), ("hash",), ("hash", "older")),
    "check_open": (False, True),
    "late_at": (None, T0),
    "since": (None, T0),
    "until": (None, T0),
}


def every_filter() -> Iterable[Filters]:
    for values in itertools.product(*EACH_FILTER.values()):
        yield Filters(**dict(zip(EACH_FILTER, values, strict=True)))  # type: ignore[arg-type]


EVERY_QUERY: Mapping[str, Callable[[], Iterable[Query]]] = {
    "listing": lambda: (firestore_queries.listing(filters, 50) for filters in every_filter()),
    "record": lambda: [firestore_queries.record("K1", 9, 50), firestore_queries.record("K1", None, 50, TURNS)],
    "alarms": lambda: [firestore_queries.alarms(T0, 50)],
    "daily": lambda: [firestore_queries.daily(T0)],
    "rows": lambda: [firestore_queries.rows(T0, 50)],
    "standing_rows": lambda: [firestore_queries.standing_rows(50)],
    "newest_message": lambda: [firestore_queries.newest_message()],
    "newest_accepted": lambda: [firestore_queries.newest_accepted()],
    "fetches": lambda: [firestore_queries.fetches(T0, 50)],
    "messages": lambda: [firestore_queries.messages("K1", Place(T0, "m1"), 50)],
    "messages_left": lambda: [
        firestore_queries.messages_left("complaint", "K1", 50),
        firestore_queries.messages_left("citizen", "c1", 50),
    ],
    "rows_left": lambda: [
        firestore_queries.rows_left("complaint", "K1", 50),
        firestore_queries.rows_left("to_citizen", "c1", 50),
    ],
    "complaints_of": lambda: [firestore_queries.complaints_of("c1", 50)],
    "aliases_of": lambda: [firestore_queries.aliases_of("c1")],
    "to_be_erased": lambda: (firestore_queries.to_be_erased(name, T0, 50) for name in ("complaints", "citizens")),
    "expired": lambda: (firestore_queries.expired(name, T0, 50) for name in ("messages", *Ephemera)),
    "expired_files": lambda: [firestore_queries.expired_files(T0, 50)],
    "erasures": lambda: [firestore_queries.erasures(50)],
    "sent_to_citizen": lambda: [firestore_queries.sent_to_citizen("K1", Place(T0, "n1"), 50)],
    "all_staff": lambda: [firestore_queries.all_staff()],
    "staff_at": lambda: [firestore_queries.staff_at(Role.SECTION_HEAD)],
    "staff_changes": lambda: [firestore_queries.staff_changes(50)],
}


def alternatives(query: Query) -> list[Query]:
    """A query of alternatives is one query for each."""
    if not query.any_of:
        return [query]
    return [replace(query, where=(*query.where, where), any_of=()) for where in query.any_of]


def equalities(query: Query) -> list[tuple[str, str]]:
    """The fields compared for equality, each with how an index must hold it."""
    wanted = dict.fromkeys(("array_contains", "array_contains_any"), "CONTAINS")
    return sorted((w.field, wanted.get(w.op, "")) for w in query.where if not w.is_range)


def order_of(query: Query) -> list[tuple[str, str]]:
    """The order an index must have; the id, which ends every index by itself, is left out."""
    return [(order.field, order.direction) for order in query.order if order.field != "__name__"]


def is_served(query: Query, indexes: Indexes, not_indexed: set[tuple[str, str]]) -> bool:
    """Whether production would answer this query."""
    equal, order = equalities(query), order_of(query)
    if not {where.field for where in query.where if where.is_range} <= {field for field, _ in order}:
        return False  # the service would add an order of its own
    fields = {field for field, _ in [*equal, *order]}
    collection = query.collection.split("/")[-1]
    if len(fields) <= 1:
        return not any((collection, field) in not_indexed for field in fields)
    return any(
        index["collectionGroup"] == collection
        and index["queryScope"] == "COLLECTION"
        and _fits(index["fields"], equal, order)
        for index in indexes
    )


def _fits(fields: list[dict[str, str]], equal: list[tuple[str, str]], order: list[tuple[str, str]]) -> bool:
    head, tail = fields[: len(equal)], fields[len(equal) :]
    begins = sorted((field["fieldPath"], field.get("arrayConfig", "")) for field in head) == equal
    return begins and [(field["fieldPath"], field.get("order", "")) for field in tail] == order


def test_every_query_that_the_code_can_make_is_described_here() -> None:
    makers = {
        name
        for name, function in inspect.getmembers(firestore_queries, inspect.isfunction)
        if function.__annotations__.get("return") is Query and "query" not in function.__annotations__
    }
    assert makers == set(EVERY_QUERY)


def test_no_other_module_makes_a_query() -> None:
    talking = {
        path.name
        for path in ADAPTERS.glob("*.py")
        if any(word in path.read_text("utf-8") for word in ("FieldFilter", ".where(", ".stream()", "Query("))
    }
    assert talking == {"firestore_queries.py", "firestore_requests.py"}


@pytest.mark.parametrize("name", EVERY_QUERY)
def test_production_has_an_index_for(name: str) -> None:
    queries = [one for query in EVERY_QUERY[name]() for one in alternatives(query)]
    assert [query for query in queries if not is_served(query, composites(), exempted())] == []
    assert queries


def test_no_index_is_kept_that_no_query_uses() -> None:
    indexes = composites()
    every = [one for make in EVERY_QUERY.values() for query in make() for one in alternatives(query)]
    unused = [
        index
        for index in indexes
        if all(is_served(query, [i for i in indexes if i is not index], exempted()) for query in every)
    ]
    assert unused == []


def test_the_rules_let_no_client_in() -> None:
    rules = (INFRA / "firestore.rules").read_text("utf-8")
    assert [line.strip() for line in rules.splitlines() if "allow" in line] == ["allow read, write: if false;"]
    assert "match /{document=**}" in rules


INDEX = {
    "collectionGroup": "c",
    "queryScope": "COLLECTION",
    "fields": [{"fieldPath": "a", "order": "ASCENDING"}, {"fieldPath": "b", "order": "ASCENDING"}],
}


@pytest.mark.parametrize(
    ("query", "served"),
    [
        (Query("c", (Where("a", "==", 1),), order=(Order("b"),)), True),
        (Query("c", (Where("a", "in", [1]), Where("b", "<", 1)), order=(Order("b"),)), True),
        (Query("c", order=(Order("a"), Order("b"))), True),
        (Query("c", (Where("b", "==", 1), Where("a", "==", 1))), True),
        (Query("c", (Where("x", "==", 1),)), True),
        (Query("c", (Where("closed", "==", 1),)), False),
        (Query("c", (Where("a", "==", 1),), order=(Order("b", "DESCENDING"),)), False),
        (Query("c", (Where("b", "==", 1),), order=(Order("a"),)), False),
        (Query("c", (Where("a", "array_contains", 1),), order=(Order("b"),)), False),
        (Query("c", (Where("a", "array_contains_any", [1]),), order=(Order("b"),)), False),
        (Query("c", (Where("a", "==", 1), Where("x", "<", 1)), order=(Order("b"),)), False),
        (Query("c", (Where("a", "==", 1), Where("x", "==", 1)), order=(Order("b"),)), False),
        (Query("d", (Where("a", "==", 1),), order=(Order("b"),)), False),
    ],
)
def test_a_missing_index_is_seen(query: Query, served: bool) -> None:
    assert is_served(query, [INDEX], {("c", "closed")}) == served

"""How many bytes a document takes in Firestore, and in its indexes, by Firestore's own rules.

https://firebase.google.com/docs/firestore/storage-size. Which indexes there are: `infra/firestore.indexes.json`.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

Document = Mapping[str, Any]

_INDEXES: Final = Path(__file__).parents[2] / "infra" / "firestore.indexes.json"
_OF_A_NAME, _OF_A_DOCUMENT, _OF_AN_ENTRY = 16, 32, 32
_OF_A_NUMBER = 8  # also of a moment


def stored(path: str, document: Document) -> int:
    """The document itself."""
    return _name(path) + _map(document) + _OF_A_DOCUMENT


def indexed(path: str, document: Document) -> int:
    """Its entries: two for each field, one for each element of a list, and those of the composite indexes."""
    collection = path.split("/")[-2]
    both_names = _name(path) + _name(path.rpartition("/")[0].rpartition("/")[0])
    total = 0
    for field, value in _leaves("", document):
        kept = _kept(collection, field)
        sizes = [_value(one) for one in value] if isinstance(value, list) else [_value(value)] * 2
        for size in sizes if kept is None else sizes[:kept]:
            total += both_names + _text(field) + size + _OF_AN_ENTRY
    for fields in _composites().get(collection, ()):
        if all(field in document for field in fields):
            lists = [len(document[field]) for field in fields if isinstance(document[field], list)]
            total += (both_names + sum(_value(document[field]) for field in fields) + _OF_AN_ENTRY) * min(lists or [1])
    return total


def _name(path: str) -> int:
    return sum(_text(part) for part in path.split("/") if part) + _OF_A_NAME


def _text(text: str) -> int:
    return len(text.encode()) + 1


def _map(document: Document) -> int:
    return sum(_text(name) + _value(value) for name, value in document.items())


def _value(value: object) -> int:
    match value:
        case None | bool():
            return 1
        case str():
            return _text(value)
        case int() | float() | datetime():
            return _OF_A_NUMBER
        case list() | tuple():
            return sum(map(_value, value))
        case Mapping():
            return _map(value)
    raise TypeError(f"no such value in the record: {type(value).__name__}")


def _leaves(before: str, document: Document) -> Iterator[tuple[str, object]]:
    """Every field that is indexed by itself: a map is not, what is in it is."""
    for name, value in document.items():
        field = f"{before}{name}"
        if isinstance(value, Mapping):
            yield from _leaves(f"{field}.", value)
        else:
            yield field, value


@cache
def _described() -> Mapping[str, Any]:
    described: Mapping[str, Any] = json.loads(_INDEXES.read_text("utf-8"))
    return described


@cache
def _composites() -> Mapping[str, list[list[str]]]:
    by_collection: dict[str, list[list[str]]] = {}
    for index in _described()["indexes"]:
        by_collection.setdefault(index["collectionGroup"], []).append([field["fieldPath"] for field in index["fields"]])
    return by_collection


def _kept(collection: str, field: str) -> int | None:
    """How many entries of its own a field has, where that was set; an exempted map exempts what is in it."""
    for override in _described()["fieldOverrides"]:
        path = override["fieldPath"]
        if override["collectionGroup"] == collection and (field == path or field.startswith(f"{path}.")):
            return len(override["indexes"])
    return None

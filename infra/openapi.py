"""The JSON door of the staff portal, described as OpenAPI 3.1, made from the code's own tables and types.

    make openapi > openapi.json

Nothing serves it: who may see the portal sees its pages, and a description in the cloud would be one more route.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from pydantic import TypeAdapter

from aduan.portal.names import ACTS
from aduan.portal.older import EVENTS_BEFORE, MESSAGES_BEFORE, MOST_NUMBER, PLACE
from aduan.portal.problems import PROBLEM_TYPE, Problem
from aduan.portal.proof import ASSERTION
from aduan.portal.representation import (
    ChannelJson,
    ComplaintJson,
    DraftRowJson,
    PageJson,
    RowJson,
    StaffJson,
    StaffListJson,
    UnmaskedJson,
)
from aduan.portal.views import GROUPS
from aduan.procedure.complaint import Status
from aduan.procedure.definition import ActName
from aduan.procedure.roles import RANKS
from aduan.service.case_files import MOST_EVENTS
from aduan.service.fields import MOST, NOTE_MOST, REQUEST_LEAST, REQUEST_MOST, REQUIRED
from aduan.service.staffing import EMAIL_MOST, NAME_MOST, STAFF_ROLES
from aduan.service.unmasking import ACT as UNMASK

Json = dict[str, Any]


def _any_of(*shapes: type) -> Json:
    return {"anyOf": [{"$ref": f"#/components/schemas/{shape.__name__}"} for shape in shapes]}


_TEXT: Final[Json] = {"type": "string"}
_NUMBER: Final[Json] = {"type": "string", "pattern": "^(ADU|D)-[0-9A-Z][0-9A-Z-]{0,39}$"}
_ROLE: Final[Json] = {"type": "string", "enum": [role.value for role in STAFF_ROLES]}
_SHAPES: Final = (
    ChannelJson, ComplaintJson, DraftRowJson, PageJson, RowJson, StaffJson, StaffListJson, UnmaskedJson, Problem,
)  # fmt: skip
FILTERS: Final[Mapping[str, Json]] = {
    "q": {**_TEXT, "description": "a number, or exactly a NIK or a phone number"},
    "status": {"type": "string", "enum": [status.value for status in Status]},
    "step": {"type": "integer", "minimum": 1, "description": "one of the office's own steps"},
    "role": _ROLE,
    "holder": {"type": "string", "format": "email", "maxLength": EMAIL_MOST},
    "from": {"type": "string", "format": "date"},
    "to": {"type": "string", "format": "date"},
    "late": {"type": "string", "enum": ["0", "1"]},
    "cursor": {**_TEXT, "description": "`next` of the page before"},
}
OLDER: Final[Mapping[str, Json]] = {
    EVENTS_BEFORE: {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_NUMBER,
        "description": f"the {MOST_EVENTS} events before this number; without it the newest",
    },
    MESSAGES_BEFORE: {**_TEXT, "pattern": f"^{PLACE.pattern}$", "description": "of the page alone: where a link leads"},
}
_REFUSED: Final[Mapping[int, str]] = {
    400: "a field is missing or wrong",
    401: "no valid identity",
    403: "not on the staff list, not from us, or never for this role",
    404: "no such complaint or page",
    405: "another method is meant",
    409: "not possible here and now",
    413: "a body over 4 MiB",
    503: "too busy: the same again, later, is the same act",
}
_LOOKING: Final = (401, 403, 405, 503)
_ASKING: Final = (400, *_LOOKING)
_OF_ONE: Final = (404, *_LOOKING)
_ACTING: Final = tuple(_REFUSED)


@dataclass(frozen=True)
class Operation:
    """One method of one path. `answers`: by status, a schema, or None where it has no JSON."""

    method: str
    path: str
    summary: str
    answers: Mapping[int, Json | None]
    refusals: Sequence[int] = _OF_ONE
    places: Mapping[str, Json] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Json | None = None


_PLACE: Final = {"number": _NUMBER}
_EMAIL: Final = {"email": {"type": "string", "format": "email", "maxLength": EMAIL_MOST}}
_ROW: Final[Mapping[str, Json]] = {
    "name": {"type": "string", "minLength": 1, "maxLength": NAME_MOST},
    "role": _ROLE,
    "whatsapp": {**_TEXT, "description": "in full, with every change too: answers have it masked"},
    "active": {"type": "boolean"},
    "acting_for": {"type": "array", "items": _ROLE},
    "units": {"type": "array", "items": _TEXT},
}
_SEEN: Final[Json] = {**_TEXT, "description": "that of the row as it was read: 409 if it has changed since"}
_MEMBER: Final[Json] = {
    "type": "object",
    "required": ["name", "role", "whatsapp", "seen"],
    "properties": {**_ROW, "seen": _SEEN},
}
_NEW_MEMBER: Final[Json] = {
    "type": "object",
    "required": ["email", "name", "role", "whatsapp"],
    "properties": {**_EMAIL, **_ROW},
    "description": "without `seen`: 409 if they are on the list already",
}
_WORK: Final[Json] = {
    "type": "object",
    "required": [code for code, _ in GROUPS],
    "properties": {code: {"type": "array", "items": _any_of(RowJson, DraftRowJson)} for code, _ in GROUPS},
    "additionalProperties": False,
}
_SEARCHED: Final[Json] = {"type": "object", "required": ["q"], "properties": {"q": _TEXT}}

_PAGES: Final = (
    Operation("GET", "/", "what stands before me", {200: _WORK}, _LOOKING),
    Operation("GET", "/aduan", "all complaints", {200: _any_of(PageJson)}, _ASKING, query=FILTERS),
    Operation("POST", "/cari", "where what I look for is", {303: None}, (*_ASKING, 413), body=_SEARCHED),
    Operation(
        "GET", "/aduan/{number}", "one complaint", {200: _any_of(ComplaintJson), 302: None}, (400, *_OF_ONE), _PLACE,
        OLDER,
    ),
    Operation(
        "GET", "/aduan/{number}/lampiran/{file}", "a citizen's file", {200: None, 206: None, 304: None},
        (*_OF_ONE, 416), {**_PLACE, "file": _TEXT},
    ),
    Operation("GET", "/saluran", "how it goes with WhatsApp", {200: _any_of(ChannelJson)}, _LOOKING),
    Operation("GET", "/petugas", "the staff list", {200: _any_of(StaffListJson)}, _LOOKING),
    Operation("POST", "/petugas/tambah", "somebody new", {200: _any_of(StaffJson)}, _ACTING, body=_NEW_MEMBER),
    Operation("GET", "/petugas/{email}", "one row", {200: _any_of(StaffJson)}, places=_EMAIL),
    Operation("POST", "/petugas/{email}", "a row changed", {200: _any_of(StaffJson)}, _ACTING, _EMAIL, body=_MEMBER),
)  # fmt: skip
WITHOUT_JSON: Final = frozenset({("GET", "/petugas/tambah"), ("GET", "/berkas/{digest}/{name}")})
"""Routes that are for browsers alone: an empty form, and the pages' clothes."""


def operations() -> Iterator[Operation]:
    """Everything that the door can do; each act is an operation of its own."""
    yield from _PAGES
    for act, words in ACTS.items():
        shape = _any_of(UnmaskedJson, ComplaintJson) if act == UNMASK else _any_of(ComplaintJson)
        path = f"/aduan/{{number}}/{act}"
        yield Operation("POST", path, words.verb, {200: shape}, _ACTING, _PLACE, body=_body_of(act))


def _body_of(act: str) -> Json:
    fields = () if act == UNMASK else REQUIRED[ActName(act)]
    texts = {name: {"type": "string", "minLength": 1, "maxLength": MOST.get(name, NOTE_MOST)} for name in fields}
    marks: Json = {
        "version": {"type": "integer", "description": "the complaint's, as it was shown"},
        "request_id": {"type": "string", "minLength": REQUEST_LEAST, "maxLength": REQUEST_MOST},
    }
    seen = {"type": "integer", "description": "so many of the citizen's messages were shown; left out: all of them"}
    return {"type": "object", "required": [*marks, *fields], "properties": {**marks, "messages": seen, **texts}}


def description() -> Json:
    """The whole document."""
    paths: dict[str, Json] = {}
    for operation in operations():
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Aduan: the staff portal's JSON door",
            "version": "1",
            "description": "With `Accept: application/json`. Ranks: " + ", ".join(RANKS) + ".",
        },
        "security": [{"iap": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"iap": {"type": "apiKey", "in": "header", "name": ASSERTION}},
        },
    }


def _described(operation: Operation) -> Json:
    answers = {str(status): _answer(status, schema) for status, schema in operation.answers.items()}
    refusals = {str(status): _refusal(status) for status in operation.refusals}
    told: Json = {
        "summary": operation.summary,
        "parameters": list(_parameters(operation)),
        "responses": {**answers, **refusals},
    }
    if operation.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return told


def _parameters(operation: Operation) -> Iterator[Json]:
    for name, schema in operation.places.items():
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for name, schema in operation.query.items():
        yield {"name": name, "in": "query", "schema": schema}
    if operation.method == "POST":
        mark = {"type": "string", "minLength": 1, "pattern": "^[!-~]+$"}
        yield {"name": "X-Requested-With", "in": "header", "required": True, "schema": mark}


def _answer(status: int, schema: Json | None) -> Json:
    told: Json = {"description": HTTPStatus(status).phrase}
    if schema is not None:
        told["content"] = {"application/json": {"schema": schema}}
    return told


def _refusal(status: int) -> Json:
    words = _REFUSED.get(status, HTTPStatus(status).phrase)
    return {"description": words, "content": {PROBLEM_TYPE: {"schema": _any_of(Problem)}}}


def _schemas() -> Json:
    adapters = [(shape.__name__, "serialization", TypeAdapter(shape)) for shape in _SHAPES]
    _, told = TypeAdapter.json_schemas(adapters, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type] # a list of literals
    schemas: Json = told["$defs"]
    return schemas


if __name__ == "__main__":
    json.dump(description(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")

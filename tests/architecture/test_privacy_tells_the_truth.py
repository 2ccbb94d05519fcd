"""`infra/privacy.md` against the code's own models, the office's terms, and what the cloud is told of them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel, PlainSerializer

from aduan.adapters import firestore_record
from aduan.procedure import personal
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import Procedure
from aduan.procedure.events import Event
from aduan.procedure.office_file import read
from aduan.procedure.roles import StaffMember
from aduan.service.erasures import Ephemera
from aduan.service.model import Citizen, Message, OutboxRow, StaffChange
from tests.architecture.tree import TOP

OFFICE = TOP / "functions" / "aduan" / "offices" / "bantul"
TERMS = read(OFFICE / "procedure.toml", Procedure).terms
PAGE = (TOP / "infra" / "privacy.md").read_text("utf-8")
STORED: Mapping[str, type[BaseModel]] = {
    "complaints": Complaint,
    "events": Event,
    "citizens": Citizen,
    "messages": Message,
    "outbox": OutboxRow,
}
"""The models that hold what citizens are, by the collections in which they are kept."""

NO_MODEL = {"citizen_aliases", "media", "unreadable.raw", "events.changes", "requests.email"}
"""What is kept of people without a field of a sealed type: a name, a file, a part of a webhook, a part of a head."""


def rows() -> dict[str, list[str]]:
    """The table of fields: by field, the other cells."""
    lines = PAGE.partition("## Every personal field")[2].partition("## ")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {first.strip("`"): rest for first, *rest in cells}


def is_personal(annotation: Any) -> bool:
    """Whether a type seals its text where it is stored."""
    sealing = (one for one in get_args(annotation) if isinstance(one, PlainSerializer))
    return any(one.func is personal._store for one in sealing) or any(map(is_personal, get_args(annotation)))  # noqa: SLF001 - what makes a text personal


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type holds, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models_in(one)


def personal_fields(model: type[BaseModel], above: str) -> Iterator[str]:
    """Each field of a model that is personal, by its path."""
    for name, field in model.model_fields.items():
        annotation, path = field.rebuild_annotation(), f"{above}.{name}"
        if is_personal(annotation):
            yield path
        for inner in models_in(annotation):
            yield from personal_fields(inner, path)


def expected() -> set[str]:
    sealed_in_the_record = {
        f"complaints.{name}"
        for name, adapter in firestore_record._FIELDS.items()  # noqa: SLF001 - how an event seals a field
        if is_personal(adapter._type)  # noqa: SLF001 - as above
        and not is_personal(Complaint.model_fields[name].rebuild_annotation())
    }
    of_staff = {f"staff.{name}" for name in StaffMember.model_fields}
    of_staff |= {f"staff_changes.{name}" for name in StaffChange.model_fields if name != "at"}
    of_citizens = {path for name, model in STORED.items() for path in personal_fields(model, name)}
    return of_citizens | sealed_in_the_record | of_staff | NO_MODEL


def test_every_personal_field_of_the_models_is_a_row_and_every_row_is_one() -> None:
    assert set(rows()) == expected()


@pytest.mark.parametrize("cell", [0, 1, 2, 3])
def test_every_row_says_what_why_how_and_how_long(cell: int) -> None:
    assert [field for field, cells in rows().items() if not cells[cell]] == []


def test_a_personal_field_is_found_in_whatever_it_stands() -> None:
    found = set(personal_fields(Complaint, "c"))
    assert {"c.form", "c.wait.question", "c.answer.text"} <= found
    assert not {"c.category", "c.number", "c.answer.sha256"} & found


def test_the_terms_are_the_offices() -> None:
    told = re.findall(r"`(\w+)`: (\d+)", PAGE)
    assert {name: int(days) for name, days in told} == TERMS.model_dump(exclude={"source"})
    assert len({name for name, _ in told}) == len(set(told))


def overrides() -> list[dict[str, Any]]:
    content = json.loads((TOP / "infra" / "firestore.indexes.json").read_text("utf-8"))
    return [one for one in content["fieldOverrides"] if one.get("ttl")]


def test_firestore_ends_by_itself_what_has_a_term_from_the_beginning_and_nothing_else() -> None:
    ended = {one["collectionGroup"]: one["fieldPath"] for one in overrides()}
    assert ended == dict.fromkeys(("messages", *Ephemera), "expire_at")
    assert all(one["indexes"] == [{"order": "ASCENDING", "queryScope": "COLLECTION"}] for one in overrides())


def test_the_bucket_ends_files_after_their_term() -> None:
    (rule,) = json.loads((TOP / "infra" / "bucket-lifecycle.json").read_text("utf-8"))["rule"]
    assert rule == {"action": {"type": "Delete"}, "condition": {"age": TERMS.media}}

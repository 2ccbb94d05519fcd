"""What may be left out of a file or a record means nothing by being left out; what an office must name, it must."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from aduan import procedure
from aduan.procedure.calendar import WEEKDAYS, OfficeCalendar
from aduan.procedure.complaint import Status
from aduan.procedure.course import By
from aduan.procedure.definition import Procedure
from aduan.procedure.events import SYSTEM
from tests.left_out import defaults, words
from tests.procedure.cases import OFFICES

DEFAULTS = defaults(procedure)
SOMETHING: dict[str, object] = {
    "By.actor": SYSTEM,
    "Complaint.status": Status.DRAFT,
    "Course.by": By(),
    "Course.effects": [],
    "Course.events": [],
    "Event.actor": SYSTEM,
    "FormField.least": 1,
    "FormField.most": 4000,
}
"""All that says something where it is left out, and the lists that grow."""


@pytest.mark.parametrize("place", DEFAULTS)
def test_what_is_left_out_says_nothing_and_is_of_its_type(place: str) -> None:
    default = DEFAULTS[place]
    assert default.is_of_its_type
    assert default.value == SOMETHING[place] if place in SOMETHING else default.says_nothing


def test_every_exception_is_there() -> None:
    assert SOMETHING.keys() <= DEFAULTS.keys()


@pytest.mark.parametrize("one", words(procedure), ids=lambda one: str(one.__name__))
def test_a_word_of_the_record_is_its_name(one: type[StrEnum]) -> None:
    assert [word.value for word in one] == [word.name.lower() for word in one]


def test_the_days_of_the_week_have_their_names_in_order() -> None:
    monday = date(2026, 11, 30)
    names = {WEEKDAYS[(monday + timedelta(days=ahead)).weekday()]: ahead for ahead in range(7)}
    assert names == {"Senin": 0, "Selasa": 1, "Rabu": 2, "Kamis": 3, "Jumat": 4, "Sabtu": 5, "Minggu": 6}


# An office's file


def office_file() -> dict[str, Any]:
    return tomllib.loads((OFFICES / "bantul" / "procedure.toml").read_text("utf-8"))


def smallest() -> dict[str, Any]:
    """One unit, one service, one reminder."""
    data = office_file()
    data["units"] = data["units"][:1]
    data["services"] = [next(one for one in data["services"] if one["unit"] == data["units"][0]["code"])]
    data["approval"]["reminders"] = data["approval"]["reminders"][:1]
    return data


def test_an_office_may_have_one_unit_one_service_and_one_reminder() -> None:
    office = Procedure.model_validate(smallest())
    assert (len(office.units), len(office.services), len(office.approval.reminders)) == (1, 1, 1)


def _services(count: int) -> Callable[[dict[str, Any]], None]:
    def give(data: dict[str, Any]) -> None:
        data["services"] = [{**data["services"][0], "code": f"service_{place}"} for place in range(count)]

    return give


def _fields(count: int) -> Callable[[dict[str, Any]], None]:
    def give(data: dict[str, Any]) -> None:
        fields = data["form"]["fields"]
        more = ({**fields[-1], "key": f"field_{place}", "names": []} for place in range(count - len(fields)))
        data["form"]["fields"] = [*fields, *more]

    return give


TOO_LITTLE_OR_TOO_MUCH: dict[str, tuple[Callable[[dict[str, Any]], None], tuple[str | int, ...], str]] = {
    "no unit": (lambda data: data.update(units=[]), ("units",), "too_short"),
    "no service": (_services(0), ("services",), "too_short"),
    "more services than WhatsApp lists": (_services(11), ("services",), "too_long"),
    "no reminder of an approval": (
        lambda data: data["approval"].update(reminders=[]),
        ("approval", "reminders"),
        "too_short",
    ),
    "a service's name that no row of WhatsApp's holds": (
        lambda data: data["services"][0].update(name="n" * 25),
        ("services", 0, "name"),
        "string_too_long",
    ),
    "a service without a name": (
        lambda data: data["services"][0].update(name=""),
        ("services", 0, "name"),
        "string_too_short",
    ),
    "a code that is no code": (
        lambda data: data["services"][0].update(code="Kartu Keluarga"),
        ("services", 0, "code"),
        "string_pattern_mismatch",
    ),
    "a form without a field": (lambda data: data["form"].update(fields=[]), ("form", "fields"), "too_short"),
    "more fields than WhatsApp lists": (_fields(11), ("form", "fields"), "too_long"),
    "one step": (lambda data: data.update(steps=data["steps"][:1]), ("steps",), "too_short"),
    "a field that takes nothing": (
        lambda data: data["form"]["fields"][0].update(least=0),
        ("form", "fields", 0, "least"),
        "greater_than_equal",
    ),
    "a field longer than a message": (
        lambda data: data["form"]["fields"][0].update(most=4001),
        ("form", "fields", 0, "most"),
        "less_than_equal",
    ),
    "a field without a label": (
        lambda data: data["form"]["fields"][0].update(label=""),
        ("form", "fields", 0, "label"),
        "string_too_short",
    ),
    "a field without a question": (
        lambda data: data["form"]["fields"][0].update(question=""),
        ("form", "fields", 0, "question"),
        "string_too_short",
    ),
    "a field without a correction": (
        lambda data: data["form"]["fields"][0].update(correction=""),
        ("form", "fields", 0, "correction"),
        "string_too_short",
    ),
    "a field with a key that is no code": (
        lambda data: data["form"]["fields"][0].update(key="Nama Lengkap"),
        ("form", "fields", 0, "key"),
        "string_pattern_mismatch",
    ),
    "a form without its source": (lambda data: data["form"].update(source=""), ("form", "source"), "string_too_short"),
}


@pytest.mark.parametrize("what", TOO_LITTLE_OR_TOO_MUCH)
def test_what_an_office_must_name_is_asked_for_and_no_more_than_fits_is_taken(what: str) -> None:
    change, place, kind = TOO_LITTLE_OR_TOO_MUCH[what]
    data = office_file()
    change(data)

    with pytest.raises(ValidationError) as refused:
        Procedure.model_validate(data)

    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(place, kind)]


def test_ten_fields_fit() -> None:
    data = office_file()
    _fields(10)(data)
    assert len(Procedure.model_validate(data).form.fields) == 10


def test_ten_services_fit_and_a_name_of_24_characters() -> None:
    data = office_file()
    _services(10)(data)
    data["services"][0]["name"] = "n" * 24
    assert len(Procedure.model_validate(data).services) == 10


TERMS = {
    "drafts": 8,
    "messages": 8,
    "media": 8,
    "outbox": 31,
    "requests": 2,
    "unreadable": 8,
    "complaints": 4,
}
"""The fewest days that each term may have: what the program needs to keep its promises."""


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_no_shorter_than_the_promises_need(term: str) -> None:
    def days(count: int) -> dict[str, Any]:
        data = office_file()
        # Files go before messages, messages before complaints: only the one that is looked at is at its least.
        data["terms"].update(complaints=40, messages=30, media=20)
        data["terms"][term] = count
        if term == "complaints":
            data["terms"].update(messages=8, media=8)
        if term == "messages":
            data["terms"].update(media=8)
        return data

    with pytest.raises(ValidationError) as refused:
        Procedure.model_validate(days(TERMS[term] - 1))
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [
        (("terms", term), "greater_than_equal")
    ]
    if term != "complaints":  # which must be no shorter than its messages, and so never comes to its own least
        assert getattr(Procedure.model_validate(days(TERMS[term])).terms, term) == TERMS[term]


def calendar() -> dict[str, Any]:
    """With each table that there can be."""
    week = {"monday": [["08:00", "12:00"]]}
    return {
        "name": "Dinas",
        "timezone": "Asia/Jakarta",
        "confirmed": True,
        "weekly": week,
        "closures": [{"from": date(2026, 12, 1), "reason": "Pindah kantor"}],
        "periods": [{"from": date(2026, 2, 18), "to": date(2026, 3, 19), "name": "Ramadan", "weekly": dict(week)}],
        "service_days": [{"date": date(2026, 12, 5), "hours": [["08:00", "12:00"]]}],
        "holidays": {"country": "ID", "categories": ["public", "government"]},
    }


def tables(data: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where each table of a file stands."""
    items = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    if isinstance(data, dict):
        yield place
    for key, value in items:
        yield from tables(value, (*place, key))


def below(data: Any, place: tuple[str | int, ...]) -> Any:
    for part in place:
        data = data[part]
    return data


FILES: dict[str, tuple[type[BaseModel], Callable[[], dict[str, Any]]]] = {
    "procedure.toml": (Procedure, office_file),
    "calendar.toml": (OfficeCalendar, calendar),
}
NAMED_BY_THEIR_KEYS = {("leads",), ("titles",)}  # ways, roles: test_procedure_file.py
EVERY_TABLE = [
    (name, place)
    for name, (_, read) in FILES.items()
    for place in tables(read())
    if place[-1:] not in NAMED_BY_THEIR_KEYS
]


@pytest.mark.parametrize(("name", "place"), EVERY_TABLE, ids=str)
def test_a_key_that_belongs_nowhere_is_refused_in_every_table(name: str, place: tuple[str | int, ...]) -> None:
    model, read = FILES[name]
    data = read()
    below(data, place)["colour"] = "red"

    with pytest.raises(ValidationError) as refused:
        model.model_validate(data)

    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [
        ((*place, "colour"), "extra_forbidden")
    ]


@pytest.mark.parametrize(
    ("place", "value", "kind"),
    [
        (("name",), "", "string_too_short"),
        (("closures", 0, "reason"), "", "string_too_short"),
        (("periods", 0, "name"), "", "string_too_short"),
        (("holidays", "categories"), [], "too_short"),
        (("holidays", "categories", 1), "school", "literal_error"),
        (("holidays", "country"), "MY", "literal_error"),
        (("service_days", 0, "hours"), [], "too_short"),
    ],
)
def test_what_a_calendar_must_name_is_asked_for(place: tuple[str | int, ...], value: object, kind: str) -> None:
    data = calendar()
    assert OfficeCalendar.model_validate(data).name == "Dinas"
    below(data, place[:-1])[place[-1]] = value

    with pytest.raises(ValidationError) as refused:
        OfficeCalendar.model_validate(data)

    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(place, kind)]


@pytest.mark.parametrize(
    ("first", "last", "is_taken"),
    [
        (date(2026, 3, 20), date(2026, 3, 21), True),
        (date(2026, 2, 10), date(2026, 2, 17), True),
        (date(2026, 3, 19), date(2026, 3, 21), False),
        (date(2026, 2, 10), date(2026, 2, 18), False),
        (date(2026, 2, 20), date(2026, 2, 20), False),
        (date(2026, 2, 1), date(2026, 3, 31), False),
    ],
)
def test_two_periods_share_no_date_and_may_stand_side_by_side(first: date, last: date, is_taken: bool) -> None:
    data = calendar()
    (ramadan,) = data["periods"]  # 18 February to 19 March
    data["periods"] = [ramadan, {**ramadan, "name": "Lain", "from": first, "to": last}]

    if is_taken:
        assert len(OfficeCalendar.model_validate(data).periods) == 2
        return
    with pytest.raises(ValidationError, match="must not share a date with 'Ramadan'"):
        OfficeCalendar.model_validate(data)

"""How the reader of an office's files shows a wrong value, and where it looks for what is allowed."""

from pathlib import Path
from typing import Annotated, Self

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from aduan.procedure.calendar import OfficeCalendar
from aduan.procedure.office_file import Misplaced, OfficeFileError, parse, read


class Table(BaseModel):
    """As the office's models are."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Way(Table):
    """The innermost."""

    to: int = 0
    when: str = ""


class Inner(Table):
    """A table that may be absent, with a table in it."""

    way: Way = Way()


def _no_third(items: tuple[str, ...]) -> tuple[str, ...]:
    if len(items) > 2:
        raise Misplaced((2,), "is one too many")
    return items


class Outer(Table):
    """The file."""

    minutes: int = 1
    inner: Inner | None = None
    items: Annotated[tuple[str, ...], AfterValidator(_no_third)] = ()

    @model_validator(mode="after")
    def _is_no_thirteen(self) -> Self:
        if self.minutes == 13:
            raise ValueError("a file of thirteen minutes is none")
        if self.minutes == 14:
            raise Misplaced((), "nor is one of fourteen")
        return self


def refusal(text: str, model: type[BaseModel] = Outer) -> str:
    """What is said of it."""
    with pytest.raises(OfficeFileError) as refused:
        parse(text, name="any.toml", model=model)
    return str(refused.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"kopi é"', '"kopi é"'),
        ("2026-11-24", '"2026-11-24"'),
        ("[1.5, 2026-11-24]", '[1.5, "2026-11-24"]'),
        (f'"{"x" * 58}"', f'"{"x" * 58}"'),
        (f'"{"x" * 59}"', f'"{"x" * 56}...'),
        ("{ a = 1 }", "a table"),
    ],
)
def test_a_wrong_value_is_shown_as_it_stands_in_the_file_and_not_at_any_length(value: str, shown: str) -> None:
    assert refusal(f"minutes = {value}").endswith(f" (found {shown})")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nminutes = 13", "line 1: a file of thirteen minutes is none"),
        ("\nminutes = 14", "line 1: nor is one of fourteen"),
        ('items = ["a", "b",\n"c"]', "line 2: items[2]: is one too many"),
    ],
)
def test_what_is_wrong_with_a_table_or_a_list_as_a_whole_is_told_in_its_own_words(text: str, said: str) -> None:
    assert refusal(text) == f"any.toml, {said}"


def test_the_keys_that_are_allowed_are_those_of_the_table_where_it_stands() -> None:
    said = "is not a key that belongs here (allowed: to, when)"
    assert refusal("[inner.way]\nto = 1\ncolour = 2") == f"any.toml, line 3: inner.way.colour: {said}"
    assert refusal("[inner]\ncolour = 2").endswith("inner.colour: is not a key that belongs here (allowed: way)")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\nminutes = [1,\n\n\n", "line 3: is not valid TOML: Invalid value"),
        ("minutes = 1\n\n[inner\n\n", "line 3: is not valid TOML near column 7: Expected ']' at the end of a table"),
    ],
)
def test_a_file_that_stops_in_the_middle_is_told_by_its_last_line_with_anything_on_it(text: str, said: str) -> None:
    assert refusal(text).startswith(f"any.toml, {said}")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'\nname = "caf\xe9"\n# satu\n# dua\n', 2),
        (b'# satu\nname = "caf\xe9"\n\n\n', 2),
        (b'name = "caf\xe9"\n# satu\n', 1),
    ],
)
def test_the_line_of_a_letter_in_another_encoding_is_counted_from_the_first(
    tmp_path: Path, content: bytes, line: int
) -> None:
    file = tmp_path / "any.toml"
    file.write_bytes(content)
    with pytest.raises(OfficeFileError, match=rf"^any\.toml, line {line}: must be saved as UTF-8 text$"):
        read(file, Outer)


def test_a_problem_in_a_file_that_was_read_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hours.toml"
    file.write_text("minutes = 0.5")
    with pytest.raises(OfficeFileError, match=r"^hours\.toml, line 1: minutes: must be a valid integer"):
        read(file, Outer)


CALENDAR = 'name = "Kantor"\ntimezone = "Asia/Jakarta"\nconfirmed = true\n'
TIME = 'must be a time of day such as "07:30", "24:00" at most'


@pytest.mark.parametrize(
    ("weekly", "said"),
    [
        ("{ }", "weekly: must have hours on one day at least"),
        ('{ monday = [[8, "12:00"]] }', f"weekly.monday[0][0]: {TIME} (found 8)"),
        ('{ monday = [["8:00", "12:00"]] }', f'weekly.monday[0][0]: {TIME} (found "8:00")'),
        ('{ monday = [["08:60", "12:00"]] }', f'weekly.monday[0][0]: {TIME} (found "08:60")'),
        ('{ monday = [["08:00", "24:01"]] }', f'weekly.monday[0][1]: {TIME} (found "24:01")'),
        (
            '{ monday = [["08:00", "08:00"]] }',
            'weekly.monday[0]: must close later than it opens (found ["08:00", "08:00"])',
        ),
        (
            '{ monday = [["08:00", "12:00"], ["11:59", "13:00"]] }',
            (
                "weekly.monday: must be in order, and none may begin before the one ahead of it ends "
                '(found [["08:00", "12:00"], ["11:59", "13:00"]])'
            ),
        ),
    ],
)
def test_hours_that_cannot_be_kept_are_refused_in_words(weekly: str, said: str) -> None:
    assert refusal(f"{CALENDAR}weekly = {weekly}", OfficeCalendar) == f"any.toml, line 4: {said}"


def test_hours_may_run_to_midnight_and_touch_each_other() -> None:
    text = f'{CALENDAR}weekly = {{ monday = [["00:00", "12:00"], ["12:00", "24:00"]] }}'
    calendar = parse(text, name="any.toml", model=OfficeCalendar)
    assert calendar.weekly is not None
    assert sum((closes - opens).total_seconds() for opens, closes in calendar.weekly.monday) == 24 * 60 * 60

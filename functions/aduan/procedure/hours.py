"""The words of an office's `calendar.toml`: hours of a day and a week, and dates that differ from them."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from aduan.procedure.office_file import Misplaced

ZERO = timedelta()
DAY = timedelta(days=1)


def _since_midnight(text: object) -> timedelta:
    match = re.fullmatch(r"(\d\d):([0-5]\d)", text) if isinstance(text, str) else None
    if match is None or (since := timedelta(hours=int(match[1]), minutes=int(match[2]))) > DAY:
        raise ValueError('must be a time of day such as "07:30", "24:00" at most')
    return since


def _closing_after_opening(hours: tuple[timedelta, timedelta]) -> tuple[timedelta, timedelta]:
    if hours[1] <= hours[0]:
        raise ValueError("must close later than it opens")
    return hours


def _in_order(hours: tuple[tuple[timedelta, timedelta], ...]) -> tuple[tuple[timedelta, timedelta], ...]:
    if any(later[0] < earlier[1] for earlier, later in pairwise(hours)):
        raise ValueError("must be in order, and none may begin before the one ahead of it ends")
    return hours


WallTime = Annotated[timedelta, BeforeValidator(_since_midnight)]
"""A time on the wall clock, as the time since midnight; `24:00` is the end of the day."""

Hours = Annotated[
    tuple[Annotated[tuple[WallTime, WallTime], AfterValidator(_closing_after_opening)], ...],
    AfterValidator(_in_order),
]
"""The hours of a day as pairs of opening and closing; a lunch break is what lies between two pairs."""

ALL_DAY: Hours = ((ZERO, DAY),)


class Table(BaseModel):
    """A table of the file: it cannot be changed once read, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Week(Table):
    """The hours of each day of the week; a day that is left out is closed."""

    monday: Hours = ()
    tuesday: Hours = ()
    wednesday: Hours = ()
    thursday: Hours = ()
    friday: Hours = ()
    saturday: Hours = ()
    sunday: Hours = ()

    @model_validator(mode="after")
    def _has_service(self) -> Self:
        if not any(self.on(weekday) for weekday in range(7)):
            raise ValueError("must have hours on one day at least")
        return self

    def on(self, weekday: int) -> Hours:
        """The hours of a weekday; 0 is Monday."""
        days = (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )
        return days[weekday]


class Dates(Table):
    """From a date up to and including another, or one date if `to` is left out."""

    first: date = Field(alias="from")
    to: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last < self.first:
            raise Misplaced(("to",), f"must not be before 'from', {self.first} (found {self.last})")
        return self

    @property
    def last(self) -> date:
        """The last date that belongs to it."""
        return self.to or self.first

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


class Period(Dates):
    """Dates with a week of their own, such as Ramadan."""

    name: str = Field(min_length=1)
    weekly: Week


class Closure(Dates):
    """Dates on which the office is closed though its week says that it is open."""

    reason: str = Field(min_length=1)


class ServiceDay(Table):
    """A date with hours of its own, whatever the week, a period or a holiday says of it."""

    day: date = Field(alias="date")
    hours: Hours = Field(min_length=1)
    reason: str = ""


class NationalHolidays(Table):
    """Which holidays close the office: `public` (libur nasional), `government` (cuti bersama)."""

    country: Literal["ID"]
    categories: tuple[Literal["public", "government"], ...] = Field(min_length=1)

"""The clock of the procedure: minutes of service time, over the hours that an office keeps.

`OfficeCalendar` is what the office wrote in its `calendar.toml`; `ServiceClock` counts over it. Both are
pure: every instant is an argument, aware, and comes back in UTC. Where every minute counts, it is the same
clock over days that are open from midnight to midnight.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from aduan.procedure.hours import (
    ALL_DAY,
    DAY,
    ZERO,
    Closure,
    Hours,
    NationalHolidays,
    Period,
    ServiceDay,
    Table,
    Week,
)
from aduan.procedure.office_file import Misplaced

MINUTES_PER_DAY = 24 * 60
HORIZON = 400  # after so many days in a row without service, a calendar counts as closed for good
WEEKDAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")

Span = tuple[datetime, datetime]
"""Service time from an instant up to, and not including, another."""


class OfficeCalendar(Table):
    """An office's hours, as its `calendar.toml` gives them.

    The first of these that speaks of a date decides on it: service_days, closures, holidays, periods, weekly.
    """

    name: str = Field(min_length=1)
    timezone: ZoneInfo
    confirmed: bool  # by the office
    source: str = ""
    note: str = ""
    continuous: bool = False
    weekly: Week | None = None
    periods: tuple[Period, ...] = ()
    closures: tuple[Closure, ...] = ()
    service_days: tuple[ServiceDay, ...] = ()
    holidays: NationalHolidays | None = None

    @model_validator(mode="after")
    def _has_hours_or_is_continuous(self) -> Self:
        if not self.continuous and self.weekly is None:
            raise Misplaced(("weekly",), "is missing (or set continuous = true: then every minute counts)")
        for key in ("weekly", "periods", "closures", "service_days", "holidays"):
            if self.continuous and getattr(self, key):
                raise Misplaced((key,), "must not stand beside continuous = true: there every minute counts")
        return self

    @model_validator(mode="after")
    def _says_one_thing_of_a_date(self) -> Self:
        for index, period in enumerate(self.periods):
            for other in self.periods[:index]:
                if period.first <= other.last and other.first <= period.last:
                    raise Misplaced(("periods", index), f"must not share a date with '{other.name}'")
        for index, extra in enumerate(self.service_days):
            place = ("service_days", index, "date")
            if extra.day in [earlier.day for earlier in self.service_days[:index]]:
                raise Misplaced(place, f"must not be given twice (found {extra.day})")
            if closure := self.closure(extra.day):
                raise Misplaced(place, f"must not be closed as well (found {extra.day}: '{closure.reason}')")
        return self

    def service_day(self, day: date) -> ServiceDay | None:
        """What `service_days` says of a date."""
        return next((extra for extra in self.service_days if extra.day == day), None)

    def closure(self, day: date) -> Closure | None:
        """What `closures` says of a date."""
        return next((closure for closure in self.closures if day in closure), None)

    def period(self, day: date) -> Period | None:
        """What `periods` says of a date."""
        return next((period for period in self.periods if day in period), None)


class NoServiceTimeError(LookupError):
    """The calendar has no service time within the horizon, so no deadline can be told."""


class _Day(NamedTuple):
    hours: Hours
    closed_because: str | None = None
    estimated: bool = False


class ServiceClock:
    """Counts service time over a calendar. May be shared by threads; what it remembers is bounded.

    `minute` is the length of one minute of the procedure file. The office's hours are never scaled by it.
    """

    def __init__(self, calendar: OfficeCalendar, minute: timedelta = timedelta(minutes=1)) -> None:
        if minute <= ZERO:
            raise ValueError(f"a minute must be longer than {minute}")
        self.calendar = calendar
        self._minute = minute
        self._day = lru_cache(maxsize=1024)(self._look_up)
        self._spans = lru_cache(maxsize=1024)(self._convert)

    def minutes(self, number: float) -> timedelta:
        """`number` minutes of the procedure file as time on the clock."""
        return number * self._minute

    def days(self, number: float) -> timedelta:
        """`number` days of the procedure file: each is 1,440 of its minutes, whatever the office's hours."""
        return self.minutes(number * MINUTES_PER_DAY)

    def due(self, start: datetime, budget: timedelta) -> datetime:
        """The instant at which `budget` of service time after `start` is used up.

        A budget that ends with the day is due at the closing, not at the next opening. An empty one is due at
        `start`, or at the next opening if the office is closed then. Raises NoServiceTimeError.
        """
        if budget < ZERO:
            raise ValueError(f"a budget must not be negative: {budget}")
        start = _in_utc(start)
        spans = self._spans_after(start)
        while True:
            opens, closes = next(spans)
            begins = max(opens, start)
            if budget <= closes - begins:
                return begins + budget
            budget -= closes - begins

    def used(self, start: datetime, end: datetime) -> timedelta:
        """The service time from `start` to `end`; none if `end` is not later."""
        start, end = _in_utc(start), _in_utc(end)
        first, last = self._date(start), self._date(end)
        # One date more, for clocks that go back over midnight show an evening after the next date has begun.
        dates = (first + number * DAY for number in range((last - first).days + 2))
        spans = (span for day in dates for span in self._spans(day))
        return sum((max(ZERO, min(closes, end) - max(opens, start)) for opens, closes in spans), ZERO)

    def is_open(self, at: datetime) -> bool:
        """Whether service time runs at an instant; at the instant of closing it no longer does."""
        at = _in_utc(at)
        days = (self._date(at), self._date(at) + DAY)
        return any(opens <= at < closes for day in days for opens, closes in self._spans(day))

    def next_opening(self, after: datetime) -> datetime:
        """When a day of service next begins, strictly after an instant. Raises NoServiceTimeError."""
        after = _in_utc(after)
        return next(spans[0][0] for spans in self._service_days(after) if spans[0][0] > after)

    def spans(self, day: date) -> tuple[Span, ...]:
        """The service time of a local date, in order, in UTC."""
        return self._spans(day)

    def closed_because(self, day: date) -> str | None:
        """Why a local date has no service, in Indonesian for display; None if it has."""
        return self._day(day).closed_because

    def estimated(self, day: date) -> bool:
        """Whether a local date is closed for a holiday by the moon whose date no decree has fixed yet."""
        return self._day(day).estimated

    def _date(self, at: datetime) -> date:
        return at.astimezone(self.calendar.timezone).date()

    def _spans_after(self, start: datetime) -> Iterator[Span]:
        """All service time that has not ended at `start`. Never ends, but with NoServiceTimeError."""
        return (span for spans in self._service_days(start) for span in spans if span[1] > start)

    def _service_days(self, start: datetime) -> Iterator[tuple[Span, ...]]:
        day, closed = self._date(start), 0
        while closed < HORIZON:
            spans = self._spans(day)
            closed = 0 if spans else closed + 1
            if spans:
                yield spans
            day += DAY
        raise NoServiceTimeError(f"the calendar '{self.calendar.name}' has no service in {HORIZON} days up to {day}")

    def _convert(self, day: date) -> tuple[Span, ...]:
        midnight, zone = datetime.combine(day, time()), self.calendar.timezone
        hours = [[_instant(midnight + wall, zone) for wall in pair] for pair in self._day(day).hours]
        return tuple((opens, closes) for opens, closes in hours if opens < closes)

    def _look_up(self, day: date) -> _Day:
        calendar = self.calendar
        if calendar.weekly is None:
            return _Day(ALL_DAY)
        if extra := calendar.service_day(day):
            return _Day(extra.hours)
        if closure := calendar.closure(day):
            return _Day((), closure.reason)
        if calendar.holidays and (holiday := _holidays_in(day.year, calendar.holidays).get(day)):
            return holiday
        weekday, period = day.weekday(), calendar.period(day)
        if hours := (period.weekly if period else calendar.weekly).on(weekday):
            return _Day(hours)
        only_then = period and calendar.weekly.on(weekday)
        return _Day((), f"{WEEKDAYS[weekday]}, {period.name}" if period and only_then else WEEKDAYS[weekday])


def _in_utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"a time must say its zone: {at}")
    return at.astimezone(UTC)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, at which the clocks of `zone` show `wall` or later.

    So a time that is shown twice is its first showing, and one that is skipped is the moment of the skip:
    later times never come out earlier, and spans stay in order.
    """
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first
    seconds = range(int(second.timestamp()), int(first.timestamp()) + 1)
    skip = bisect_left(seconds, wall, key=lambda at: datetime.fromtimestamp(at, zone).replace(tzinfo=None))
    return datetime.fromtimestamp(seconds[skip], UTC)


@lru_cache(maxsize=16)
def _holidays_in(year: int, rule: NationalHolidays) -> Mapping[date, _Day]:
    import holidays  # noqa: PLC0415 - 80 ms, which only a calendar that closes on holidays has to pay

    found = holidays.country_holidays(rule.country, categories=rule.categories, years=year, expand=False, language="id")
    mark = found.tr(found.estimated_label) % ""  # " (perkiraan)", which the package adds to a name
    return MappingProxyType({day: _Day((), name, mark in name) for day, name in found.items()})

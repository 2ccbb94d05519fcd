"""The clock by which the model judges, at the boundaries of the office's day and week."""

from datetime import date, datetime, timedelta

import pytest

from tests.model.hours import WIB, Hours

OFFICE = Hours(continuous=False)
CLOSED_ON_MONDAY = Hours(continuous=False, closed=frozenset({date(2026, 11, 30)}))
THURSDAY, FRIDAY, SATURDAY, MONDAY, TUESDAY = 26, 27, 28, 30, 31


def wib(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in the last days of November 2026; the 31st is the first of December."""
    return datetime(2026, 11, 1, hour, minute, tzinfo=WIB) + timedelta(days=day - 1)


@pytest.mark.parametrize(
    ("hours", "start", "minutes", "due"),
    [
        (Hours(), wib(SATURDAY, 23, 55), 10, wib(SATURDAY + 1, 0, 5)),
        (OFFICE, wib(THURSDAY, 15, 50), 10, wib(THURSDAY, 16)),
        (OFFICE, wib(THURSDAY, 15, 51), 10, wib(FRIDAY, 7, 31)),
        (OFFICE, wib(FRIDAY, 14, 25), 10, wib(MONDAY, 7, 35)),
        (OFFICE, wib(SATURDAY, 12), 30, wib(MONDAY, 8)),
        (CLOSED_ON_MONDAY, wib(FRIDAY, 14, 25), 10, wib(TUESDAY, 7, 35)),
    ],
)
def test_a_deadline_counts_minutes_of_service(hours: Hours, start: datetime, minutes: int, due: datetime) -> None:
    assert hours.due(start, timedelta(minutes=minutes)) == due
    assert hours.used(start, due) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("hours", "after", "opening"),
    [
        (Hours(), wib(FRIDAY, 12), wib(SATURDAY, 0)),
        (OFFICE, wib(FRIDAY, 7, 29), wib(FRIDAY, 7, 30)),
        (OFFICE, wib(FRIDAY, 7, 30), wib(MONDAY, 7, 30)),
        (CLOSED_ON_MONDAY, wib(FRIDAY, 12), wib(TUESDAY, 7, 30)),
    ],
)
def test_a_day_of_service_opens_after_an_instant(hours: Hours, after: datetime, opening: datetime) -> None:
    assert hours.next_opening(after) == opening

"""The clock where a calendar is strange: long closures, a weekday that only a season closes, long budgets."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aduan.procedure.calendar import HORIZON, NoServiceTimeError, OfficeCalendar, ServiceClock
from aduan.procedure.office_file import parse
from tests.procedure.cases import EVERY_MINUTE, OFFICE_HOURS, WIB

WEEK = '{ monday = [["08:00", "12:00"]], friday = [["08:00", "11:00"]], saturday = [["08:00", "09:00"]] }'


def clock(*lines: str, weekly: str = WEEK) -> ServiceClock:
    """An office with these lines beside its name and its week."""
    text = "\n".join(['name = "Kantor"', 'timezone = "Asia/Jakarta"', "confirmed = true", f"weekly = {weekly}", *lines])
    return ServiceClock(parse(text, name="calendar.toml", model=OfficeCalendar))


EVERY_DAY = (
    "{ "
    + ", ".join(
        f'{day} = [["08:00", "12:00"]]'
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
    + " }"
)
START = datetime(2026, 1, 1, 12, 0, tzinfo=WIB)


def closed_for(days: int) -> ServiceClock:
    """Closed for so many days from the second of January on."""
    last = date(2026, 1, 1) + timedelta(days=days)
    closure = f'closures = [{{ from = 2026-01-02, to = {last}, reason = "Renovasi" }}]'
    return clock(closure, weekly=EVERY_DAY)


def test_a_closure_just_shorter_than_the_horizon_is_waited_for() -> None:
    opening = datetime(2026, 1, 1, 8, 0, tzinfo=WIB) + timedelta(days=HORIZON)
    assert closed_for(HORIZON - 1).next_opening(START) == opening
    assert closed_for(HORIZON - 1).due(START, timedelta(hours=1)) == opening + timedelta(hours=1)


def test_one_as_long_as_the_horizon_is_not() -> None:
    words = rf"^the calendar 'Kantor' has no service in 400 days up to {date(2026, 1, 1) + timedelta(days=401)}$"
    with pytest.raises(NoServiceTimeError, match=words):
        closed_for(HORIZON).next_opening(START)


def test_days_of_service_in_between_start_the_horizon_anew() -> None:
    """Closed days count in a row: weekends of two years are no end of service."""
    assert OFFICE_HOURS.due(START, timedelta(hours=8 * 500)) > START + timedelta(days=600)


def test_a_budget_may_be_longer_than_the_horizon() -> None:
    assert EVERY_MINUTE.due(START, timedelta(days=2 * HORIZON)) == START + timedelta(days=2 * HORIZON)
    assert EVERY_MINUTE.used(START, START + timedelta(days=2 * HORIZON)) == timedelta(days=2 * HORIZON)


RAMADAN = (
    'periods = [{ from = 2026-02-18, to = 2026-03-19, name = "Ramadan", weekly = { monday = [["08:00", "11:00"]] } }]'
)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 2, 13), None),  # an ordinary Friday
        (date(2026, 2, 20), "Jumat, Ramadan"),  # open on other Fridays
        (date(2026, 2, 21), "Sabtu, Ramadan"),
        (date(2026, 2, 22), "Minggu"),  # closed on every Sunday
        (date(2026, 2, 24), "Selasa"),
        (date(2026, 2, 23), None),
        (date(2026, 3, 20), None),
        (date(2026, 3, 22), "Minggu"),
    ],
)
def test_a_day_that_only_a_season_closes_names_the_season(day: date, reason: str | None) -> None:
    assert clock(RAMADAN).closed_because(day) == reason


def test_what_holds_for_a_date_first_is_a_service_day_then_a_closure_then_the_season() -> None:
    office = clock(
        RAMADAN,
        'closures = [{ from = 2026-02-23, reason = "Rapat" }]',
        'service_days = [{ date = 2026-02-24, hours = [["10:00", "11:00"]] }]',
    )
    assert [office.closed_because(date(2026, 2, day)) for day in (23, 24, 25)] == ["Rapat", None, "Rabu"]
    assert office.due(datetime(2026, 2, 23, 0, 0, tzinfo=WIB), timedelta(minutes=30)) == datetime(
        2026, 2, 24, 10, 30, tzinfo=WIB
    )


@pytest.mark.parametrize("at", [START, datetime(2026, 1, 5, 9, 0, tzinfo=WIB), datetime(2026, 1, 5, 2, 0, tzinfo=UTC)])
def test_every_instant_comes_back_in_utc_wherever_the_machine_stands(at: datetime) -> None:
    office = clock()
    assert office.due(at, timedelta(minutes=5)).tzinfo is UTC
    assert office.next_opening(at).tzinfo is UTC
    assert EVERY_MINUTE.due(at, timedelta(minutes=5)).tzinfo is UTC


@pytest.mark.parametrize("minute", [timedelta(), timedelta(seconds=-1)])
def test_a_minute_has_a_length(minute: timedelta) -> None:
    with pytest.raises(ValueError, match=f"^a minute must be longer than {minute}$"):
        ServiceClock(EVERY_MINUTE.calendar, minute)
    assert ServiceClock(EVERY_MINUTE.calendar, timedelta(microseconds=1)).minutes(3) == timedelta(microseconds=3)

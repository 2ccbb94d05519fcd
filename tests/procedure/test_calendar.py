"""Boundaries of the office's hours, one second to either side."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import aduan
from aduan.procedure.calendar import NoServiceTimeError, OfficeCalendar, ServiceClock
from aduan.procedure.office_file import OfficeFileError, parse, read

OFFICES = Path(aduan.__file__).parent / "offices"
WIB = timezone(timedelta(hours=7))

BANTUL = ServiceClock(read(OFFICES / "bantul" / "calendar.toml", OfficeCalendar))
CONTINUOUS = ServiceClock(read(OFFICES / "continuous.toml", OfficeCalendar))

VARIED = """
name = "Kantor uji"
timezone = "Asia/Jakarta"
confirmed = true

[weekly]
monday = [["07:30", "12:00"], ["13:00", "16:00"]]
tuesday = [["07:30", "12:00"], ["13:00", "16:00"]]
friday = [["07:30", "11:30"], ["13:00", "14:30"]]

[holidays]
country = "ID"
categories = ["public"]

[[periods]]
name = "Ramadan"
from = 2026-03-03
to = 2026-03-09
[periods.weekly]
monday = [["08:00", "15:00"]]
tuesday = [["08:00", "15:00"]]

[[closures]]
from = 2026-11-09
to = 2026-11-10
reason = "Pindah ruang"

[[closures]]
from = 2026-11-13
reason = "Listrik padam"

[[service_days]]
date = 2026-11-14
hours = [["08:00", "12:00"]]

[[service_days]]
date = 2026-08-17
hours = [["09:00", "10:00"]]
"""


def clock_of(text: str) -> ServiceClock:
    return ServiceClock(parse(text, name="calendar.toml", model=OfficeCalendar))


LUNCH = clock_of(VARIED)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("start", "budget", "due"),
    [
        # within a day, and to the second at both ends
        ("2026-11-24 09:00", 30, "2026-11-24 09:30"),
        ("2026-11-24 07:29:59", 10, "2026-11-24 07:40"),
        ("2026-11-24 07:30:00", 10, "2026-11-24 07:40"),
        ("2026-11-24 07:30:01", 10, "2026-11-24 07:40:01"),
        ("2026-11-24 15:49:59", 10, "2026-11-24 15:59:59"),
        ("2026-11-24 15:50:00", 10, "2026-11-24 16:00:00"),  # ends with the day: due at closing
        ("2026-11-24 15:50:01", 10, "2026-11-25 07:30:01"),
        ("2026-11-24 15:59:59", 10, "2026-11-25 07:39:59"),
        ("2026-11-24 16:00:00", 10, "2026-11-25 07:40"),
        ("2026-11-24 22:00", 10, "2026-11-25 07:40"),
        ("2026-11-24 00:00", 10, "2026-11-24 07:40"),
        # over several days
        ("2026-11-23 07:30", 510, "2026-11-23 16:00"),
        ("2026-11-23 07:30", 511, "2026-11-24 07:31"),
        ("2026-11-23 07:30", 24 * 60, "2026-11-25 14:30"),
        # Friday closes earlier, and the weekend follows
        ("2026-11-27 14:20:00", 10, "2026-11-27 14:30"),
        ("2026-11-27 14:20:01", 10, "2026-11-30 07:30:01"),
        ("2026-11-27 15:00", 30, "2026-11-30 08:00"),
        ("2026-11-28 09:00", 30, "2026-11-30 08:00"),
        ("2026-11-29 23:59:59", 30, "2026-11-30 08:00"),
        # a national holiday on a Monday
        ("2026-08-14 14:25", 10, "2026-08-18 07:35"),
        ("2026-08-17 09:00", 10, "2026-08-18 07:40"),
        # cuti bersama on Thursday 24, Christmas on Friday 25, a weekend, and the year's end
        ("2026-12-23 15:55", 10, "2026-12-28 07:35"),
        ("2026-12-31 15:55", 10, "2027-01-04 07:35"),
        # cuti bersama and Idul Fitri: 18 to 24 March
        ("2026-03-17 15:59:59", 1, "2026-03-25 07:30:59"),
        # the month's end, and 29 February
        ("2026-06-30 15:55", 10, "2026-07-01 07:35"),
        ("2028-02-29 15:55", 10, "2028-03-01 07:35"),
        # nothing to use up: at once if open, else at the next opening
        ("2026-11-24 09:00", 0, "2026-11-24 09:00"),
        ("2026-11-24 15:59:59", 0, "2026-11-24 15:59:59"),
        ("2026-11-24 16:00:00", 0, "2026-11-25 07:30"),
        ("2026-11-27 22:00", 0, "2026-11-30 07:30"),
    ],
)
def test_a_budget_ends_after_its_minutes_of_the_offices_hours(start: str, budget: int, due: str) -> None:
    assert BANTUL.due(wib(start), minutes(budget)) == wib(due)
    assert BANTUL.used(wib(start), wib(due)) == minutes(budget)


@pytest.mark.parametrize(
    ("start", "budget", "due"),
    [
        # the lunch break
        ("2026-11-24 11:49:59", 10, "2026-11-24 11:59:59"),
        ("2026-11-24 11:50:00", 10, "2026-11-24 12:00:00"),
        ("2026-11-24 11:50:01", 10, "2026-11-24 13:00:01"),
        ("2026-11-24 12:30", 10, "2026-11-24 13:10"),
        ("2026-11-24 12:00", 0, "2026-11-24 13:00"),
        ("2026-11-27 11:25", 10, "2026-11-27 13:05"),
        # Ramadan, from its first day to its last, with its own week
        ("2026-03-02 15:55", 10, "2026-03-03 08:05"),
        ("2026-03-03 14:50", 10, "2026-03-03 15:00"),
        ("2026-03-03 14:55", 10, "2026-03-09 08:05"),
        ("2026-03-09 14:55", 10, "2026-03-10 07:35"),
        # a closure of two days, and one of a Friday with a service day on the Saturday after it
        ("2026-11-06 14:25", 10, "2026-11-14 08:05"),
        ("2026-11-14 11:50", 10, "2026-11-14 12:00"),
        ("2026-11-14 11:55", 10, "2026-11-16 07:35"),
        # a service day on a holiday
        ("2026-08-14 14:25", 10, "2026-08-17 09:05"),
        ("2026-08-17 09:55", 10, "2026-08-18 07:35"),
    ],
)
def test_breaks_periods_closures_and_service_days_move_the_end(start: str, budget: int, due: str) -> None:
    assert LUNCH.due(wib(start), minutes(budget)) == wib(due)
    assert LUNCH.used(wib(start), wib(due)) == minutes(budget)


@pytest.mark.parametrize("start", ["2026-11-28 22:00", "2026-12-25 03:00", "2026-12-31 23:45"])
def test_where_every_minute_counts_nothing_stops_the_clock(start: str) -> None:
    assert CONTINUOUS.due(wib(start), minutes(30)) == wib(start) + minutes(30)
    assert CONTINUOUS.due(wib(start), minutes(0)) == wib(start)
    assert CONTINUOUS.used(wib(start), wib(start) + timedelta(days=400)) == timedelta(days=400)
    assert CONTINUOUS.is_open(wib(start))
    assert CONTINUOUS.closed_because(wib(start).date()) is None


@pytest.mark.parametrize(
    ("start", "end", "used"),
    [
        ("2026-11-24 09:00", "2026-11-24 09:00", 0),
        ("2026-11-24 09:00", "2026-11-24 08:00", 0),
        ("2026-11-25 09:00", "2026-11-20 09:00", 0),
        ("2026-11-24 06:00", "2026-11-24 07:30", 0),
        ("2026-11-24 16:00", "2026-11-25 07:30", 0),
        ("2026-11-24 11:30", "2026-11-24 13:30", 120),
        ("2026-11-23 00:00", "2026-11-30 00:00", 4 * 510 + 420),
        ("2026-12-23 16:00", "2026-12-28 07:30", 0),
    ],
)
def test_only_the_offices_hours_are_used_up(start: str, end: str, used: int) -> None:
    assert BANTUL.used(wib(start), wib(end)) == minutes(used)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-11-24 07:29:59", False),
        ("2026-11-24 07:30:00", True),
        ("2026-11-24 11:59:59", True),
        ("2026-11-24 12:00:00", False),
        ("2026-11-24 12:59:59", False),
        ("2026-11-24 13:00:00", True),
        ("2026-11-24 15:59:59", True),
        ("2026-11-24 16:00:00", False),
        ("2026-11-27 14:30:00", False),
        ("2026-11-09 09:00", False),
        ("2026-11-10 09:00", False),
        ("2026-11-14 09:00", True),
        ("2026-08-17 09:00", True),
        ("2026-08-17 10:00", False),
    ],
)
def test_the_office_is_open_from_an_opening_until_just_before_the_closing(at: str, *, is_open: bool) -> None:
    assert LUNCH.is_open(wib(at)) is is_open


@pytest.mark.parametrize(
    ("clock", "after", "opening"),
    [
        (LUNCH, "2026-11-24 07:29:59", "2026-11-24 07:30"),
        (LUNCH, "2026-11-24 07:30:00", "2026-11-27 07:30"),
        (LUNCH, "2026-11-24 12:30", "2026-11-27 07:30"),  # after lunch no day begins
        (LUNCH, "2026-11-06 23:00", "2026-11-14 08:00"),
        (BANTUL, "2026-12-23 16:00", "2026-12-28 07:30"),
        (CONTINUOUS, "2026-11-24 23:59:59", "2026-11-25 00:00"),
        (CONTINUOUS, "2026-11-25 00:00:00", "2026-11-26 00:00"),
    ],
)
def test_the_next_opening_is_the_first_of_a_later_beginning_of_service(
    clock: ServiceClock, after: str, opening: str
) -> None:
    assert clock.next_opening(wib(after)) == wib(opening)


@pytest.mark.parametrize(
    ("clock", "day", "reason", "estimated"),
    [
        (BANTUL, "2026-11-27", None, False),
        (BANTUL, "2026-11-28", "Sabtu", False),
        (BANTUL, "2026-11-29", "Minggu", False),
        (BANTUL, "2026-08-17", "Hari Kemerdekaan Republik Indonesia", False),
        (BANTUL, "2026-12-24", "Cuti Bersama Hari Raya Natal", False),
        (BANTUL, "2028-05-05", "Hari Raya Idul Adha (perkiraan)", True),
        (LUNCH, "2026-12-24", "Kamis", False),  # only public holidays there, and no service on a Thursday
        (LUNCH, "2026-11-10", "Pindah ruang", False),
        (LUNCH, "2026-03-06", "Jumat, Ramadan", False),
        (LUNCH, "2026-03-07", "Sabtu", False),
        (LUNCH, "2026-11-14", None, False),
        (LUNCH, "2026-08-17", None, False),
    ],
)
def test_a_closed_day_says_why_in_indonesian(
    clock: ServiceClock, day: str, reason: str | None, *, estimated: bool
) -> None:
    assert clock.closed_because(date.fromisoformat(day)) == reason
    assert clock.estimated(date.fromisoformat(day)) is estimated


def test_a_holiday_by_the_moon_is_moved_by_a_closure_and_a_service_day() -> None:
    moved = clock_of(
        VARIED
        + """
[[closures]]
from = 2028-05-08
reason = "Idul Adha 1449 H"

[[service_days]]
date = 2028-05-05
hours = [["07:30", "14:30"]]
"""
    )
    assert moved.closed_because(date(2028, 5, 5)) is None
    assert moved.closed_because(date(2028, 5, 8)) == "Idul Adha 1449 H"
    assert not moved.estimated(date(2028, 5, 5))
    assert not moved.estimated(date(2028, 5, 8))


def test_the_spans_of_a_day_are_given_in_utc() -> None:
    assert LUNCH.spans(date(2026, 11, 24)) == (
        (datetime(2026, 11, 24, 0, 30, tzinfo=UTC), datetime(2026, 11, 24, 5, tzinfo=UTC)),
        (datetime(2026, 11, 24, 6, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC)),
    )
    assert LUNCH.spans(date(2026, 11, 25)) == ()


def test_a_time_in_another_zone_is_the_same_instant_and_the_answer_is_in_utc() -> None:
    due = BANTUL.due(datetime(2026, 11, 24, 1, tzinfo=UTC), minutes(30))
    assert (due, due.tzinfo) == (wib("2026-11-24 08:30"), UTC)
    assert BANTUL.next_opening(wib("2026-11-24 08:00")).tzinfo is UTC


def test_a_time_without_its_zone_is_refused() -> None:
    naive, aware = datetime(2026, 11, 24, 9), wib("2026-11-24 09:00")  # noqa: DTZ001 - it is what must be refused
    for ask in (
        lambda: BANTUL.due(naive, minutes(1)),
        lambda: BANTUL.used(naive, aware),
        lambda: BANTUL.used(aware, naive),
        lambda: BANTUL.is_open(naive),
        lambda: BANTUL.next_opening(naive),
    ):
        with pytest.raises(ValueError, match="must say its zone"):
            ask()


def test_a_minute_of_the_procedure_can_be_shortened_and_the_hours_stay() -> None:
    fast = ServiceClock(BANTUL.calendar, minute=timedelta(seconds=1))
    assert fast.minutes(30) == timedelta(seconds=30)
    assert BANTUL.minutes(0.5) == timedelta(seconds=30)
    assert fast.spans(date(2026, 11, 24)) == BANTUL.spans(date(2026, 11, 24))
    with pytest.raises(ValueError, match="longer than"):
        ServiceClock(BANTUL.calendar, minute=timedelta())


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        BANTUL.due(wib("2026-11-24 09:00"), minutes(-1))


def test_a_calendar_that_stays_closed_is_an_error_and_no_endless_search() -> None:
    closed = clock_of(VARIED + '\n[[closures]]\nfrom = 2030-01-01\nto = 2099-12-31\nreason = "Bubar"\n')
    with pytest.raises(NoServiceTimeError, match="'Kantor uji' has no service in 400 days up to 2031"):
        closed.due(wib("2029-12-31 12:00"), minutes(2000))
    with pytest.raises(NoServiceTimeError):
        closed.next_opening(wib("2030-06-01 12:00"))
    assert closed.used(wib("2030-06-01 12:00"), wib("2031-06-01 12:00")) == timedelta()


def in_zone(zone: str, hours: str) -> ServiceClock:
    weekly = f"saturday = {hours}\nsunday = {hours}\n"
    return clock_of(f'name = "x"\ntimezone = "{zone}"\nconfirmed = true\n[weekly]\n{weekly}')


@pytest.mark.parametrize(
    ("zone", "hours", "day", "lengths"),
    [
        ("Europe/Berlin", [["00:00", "24:00"]], "2026-03-29", [23 * 60]),
        ("Europe/Berlin", [["00:00", "24:00"]], "2026-10-25", [25 * 60]),
        ("Europe/Berlin", [["01:00", "02:30"], ["02:45", "04:00"]], "2026-03-29", [60, 60]),
        ("Europe/Berlin", [["02:10", "02:50"]], "2026-03-29", []),  # never shown on that day
        ("Europe/Berlin", [["01:00", "02:30"], ["03:00", "04:00"]], "2026-10-25", [90, 60]),
        ("America/Nuuk", [["20:00", "23:30"]], "2026-03-28", [3 * 60]),  # from 23:00 to midnight at once
        ("Pacific/Apia", [["08:00", "16:00"]], "2011-12-31", [8 * 60]),  # the day after one that never was
    ],
)
def test_hours_are_kept_by_the_clock_on_the_wall_where_it_is_changed(
    zone: str, hours: list[list[str]], day: str, lengths: list[int]
) -> None:
    spans = in_zone(zone, str(hours).replace("'", '"')).spans(date.fromisoformat(day))
    assert [closes - opens for opens, closes in spans] == [minutes(length) for length in lengths]


def test_clocks_that_go_back_over_midnight_lose_no_service() -> None:
    clock = in_zone("America/St_Johns", '[["00:00", "24:00"]]')  # at 00:01 on 2 November 2008, a Sunday
    before, after = datetime(2008, 11, 2, 2, tzinfo=UTC), datetime(2008, 11, 2, 3, tzinfo=UTC)
    assert clock.used(before, after) == minutes(60)
    assert all(clock.is_open(before + minutes(number)) for number in range(60))


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('"Asia/Jakarta"', '"Asia/Bantul"', "timezone: invalid timezone: Asia/Bantul"),
        ("confirmed = true", "", "confirmed: is missing"),
        ('["13:00", "14:30"]', '["13:00", "13:00"]', "weekly.friday[1]: must close later than it opens"),
        ('["13:00", "14:30"]', '["11:00", "14:30"]', "weekly.friday: must be in order"),
        ('["13:00", "14:30"]', '["13:00", "24:01"]', "weekly.friday[1][1]: must be a time of day"),
        ('["13:00", "14:30"]', '["13:00", "14:60"]', "weekly.friday[1][1]: must be a time of day"),
        ('["13:00", "14:30"]', '["13.00", "14:30"]', "weekly.friday[1][0]: must be a time of day"),
        ('["13:00", "14:30"]', '["13:00"]', "weekly.friday[1][1]: is missing"),
        ("to = 2026-03-09", "to = 2026-03-02", "periods[0].to: must not be before 'from', 2026-03-03"),
        ('reason = "Listrik padam"', "", "closures[1].reason: is missing"),
        ("date = 2026-08-17", "date = 2026-11-14", "service_days[1].date: must not be given twice"),
        ("date = 2026-08-17", "date = 2026-11-13", "service_days[1].date: must not be closed as well"),
        ('hours = [["09:00", "10:00"]]', "hours = []", "service_days[1].hours: must have at least 1 item"),
        ('"ID"', '"NL"', "holidays.country: must be 'ID'"),
        ('["public"]', '["bank"]', "holidays.categories[0]: must be 'public' or 'government'"),
        (
            "confirmed = true",
            "confirmed = true\ncontinuous = true",
            "weekly: must not stand beside continuous",
        ),
        (
            "[[closures]]",
            '[[periods]]\nname = "x"\nfrom = 2026-03-09\nweekly.monday = [["08:00", "09:00"]]\n[[closures]]',
            "periods[1]: must not share a date with 'Ramadan'",
        ),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused_with_its_key(right: str, wrong: str, message: str) -> None:
    assert right in VARIED
    with pytest.raises(OfficeFileError) as refused:
        clock_of(VARIED.replace(right, wrong, 1))
    assert message in str(refused.value)


@pytest.mark.parametrize("weekly", ["", "[weekly]", "[weekly]\nmonday = []"])
def test_a_calendar_without_any_hours_is_refused(weekly: str) -> None:
    with pytest.raises(OfficeFileError, match=r"weekly: (is missing|must have hours)"):
        clock_of(f'name = "x"\ntimezone = "UTC"\nconfirmed = true\n{weekly}')


def test_the_hours_that_are_shipped_say_that_the_office_must_confirm_them() -> None:
    assert BANTUL.calendar.confirmed is False
    assert "dikonfirmasi" in BANTUL.calendar.note
    assert CONTINUOUS.calendar.continuous


def test_the_examples_in_the_shipped_calendar_can_be_used_as_they_are() -> None:
    text = (OFFICES / "bantul" / "calendar.toml").read_text(encoding="utf-8")
    examples = text[text.index("# Jam Ramadan") :].replace("\n# ", "\n")
    tables = "\n".join(line for line in examples.splitlines()[1:] if re.match(r"\[|\w+ = ", line))
    used = clock_of(text + tables)
    assert used.due(wib("2027-02-08 07:00"), minutes(10)) == wib("2027-02-08 08:10")
    assert used.closed_because(date(2027, 7, 21)) == "Pemindahan ruang layanan"
    assert used.is_open(wib("2027-07-24 08:00"))


def test_only_a_calendar_with_holidays_loads_the_package_of_holidays() -> None:
    program = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.office_file import read

for file, expected in (("continuous.toml", False), ("bantul/calendar.toml", True)):
    clock = ServiceClock(read(Path(sys.argv[1]) / file, OfficeCalendar))
    clock.due(datetime(2026, 11, 24, tzinfo=UTC), timedelta(minutes=30))
    assert ("holidays" in sys.modules) is expected, file
"""
    command = [sys.executable, "-c", program, str(OFFICES)]
    subprocess.run(command, check=True, cwd=OFFICES.parents[1])

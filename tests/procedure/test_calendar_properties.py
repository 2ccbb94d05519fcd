"""What holds of the service clock for every calendar, every start and every budget."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import aduan
from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.office_file import read

OFFICES = Path(aduan.__file__).parent / "offices"
SHIPPED = [ServiceClock(read(OFFICES / file, OfficeCalendar)) for file in ("bantul/calendar.toml", "continuous.toml")]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = ("Asia/Jakarta", "Europe/Berlin", "America/Nuuk", "Pacific/Chatham")
ZERO = timedelta()


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def hours(draw: st.DrawFn, least: int = 0) -> list[list[str]]:
    """The hours of a day: none to three spans, in order, perhaps touching."""
    spans = draw(st.integers(least, 3))
    marks = sorted(draw(st.sets(st.integers(0, 24 * 60), min_size=2 * spans, max_size=2 * spans)))
    touching = draw(st.booleans())
    if touching and spans > 1:
        marks[2] = marks[1]
    return [[_wall(opens), _wall(closes)] for opens, closes in zip(marks[::2], marks[1::2], strict=True)]


@st.composite
def calendars(draw: st.DrawFn) -> ServiceClock:
    """A clock over hours, closures and service days of any kind, in zones with and without summer time."""
    weekly = {day: draw(hours()) for day in DAYS} | {draw(st.sampled_from(DAYS)): draw(hours(least=1))}
    dates = draw(st.lists(st.dates(date(2026, 3, 1), date(2026, 4, 30)), unique=True, max_size=6))
    calendar = {
        "name": "x",
        "timezone": draw(st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/Nuuk", "Pacific/Chatham"])),
        "confirmed": True,
        "weekly": weekly,
        "closures": [{"from": day, "reason": "x"} for day in dates[:3]],
        "service_days": [{"date": day, "hours": draw(hours(least=1))} for day in dates[3:]],
    }
    return ServiceClock(OfficeCalendar.model_validate(calendar))


clocks = st.sampled_from(SHIPPED) | calendars()
starts = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30), timezones=st.just(UTC))  # noqa: DTZ001 - zoned there
budgets = st.timedeltas(ZERO, timedelta(days=4)) | st.integers(0, 500).map(lambda n: timedelta(minutes=n))
quick = settings(max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(clocks, starts, budgets)
def test_what_is_used_until_the_end_of_a_budget_is_the_budget(
    clock: ServiceClock, start: datetime, budget: timedelta
) -> None:
    assert clock.used(start, clock.due(start, budget)) == budget


@quick
@given(clocks, starts, budgets)
def test_a_budget_ends_within_the_hours_or_at_their_closing_and_never_sooner_than_it_must(
    clock: ServiceClock, start: datetime, budget: timedelta
) -> None:
    due = clock.due(start, budget)
    instant = timedelta(microseconds=1)
    assert due >= start + budget
    assert clock.is_open(due - instant if budget else due)
    assert not budget or clock.used(start, due - instant) < budget


@quick
@given(clocks, starts, budgets, budgets, st.timedeltas(ZERO, timedelta(days=3)))
def test_a_later_start_or_a_larger_budget_never_ends_sooner(
    clock: ServiceClock, start: datetime, budget: timedelta, more: timedelta, later: timedelta
) -> None:
    assert clock.due(start, budget) <= clock.due(start + later, budget)
    assert clock.due(start, budget) <= clock.due(start, budget + more)


@quick
@given(clocks, starts, budgets, budgets)
def test_a_budget_may_be_used_up_in_two_parts(
    clock: ServiceClock, start: datetime, first: timedelta, second: timedelta
) -> None:
    if second:
        assert clock.due(clock.due(start, first), second) == clock.due(start, first + second)


@quick
@given(clocks, starts, starts, starts)
def test_time_used_adds_up_and_is_never_more_than_the_time_that_passed(
    clock: ServiceClock, one: datetime, two: datetime, three: datetime
) -> None:
    one, two, three = sorted((one, two, three))
    assert clock.used(one, two) + clock.used(two, three) == clock.used(one, three) <= three - one
    assert clock.used(three, one) == ZERO


@quick
@given(clocks, starts)
def test_the_next_opening_is_later_and_open_and_no_earlier_day_begins_between(
    clock: ServiceClock, after: datetime
) -> None:
    opening = clock.next_opening(after)
    assert opening > after
    assert clock.is_open(opening)
    day = after.astimezone(clock.calendar.timezone).date()
    while not clock.spans(day) or clock.spans(day)[0][0] <= after:
        day += timedelta(days=1)
    assert clock.spans(day)[0][0] == opening


@quick
@given(clocks, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_spans_are_in_order_and_do_not_overlap_between_days(clock: ServiceClock, day: date) -> None:
    instants = [at for offset in range(3) for span in clock.spans(day + timedelta(offset)) for at in span]
    assert instants == sorted(instants)
    assert all(opens < closes for opens, closes in clock.spans(day))

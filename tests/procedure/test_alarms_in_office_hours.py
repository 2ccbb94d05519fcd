"""The same budgets over the office's hours: after closing, at weekends, on holidays, over lunch, by night."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aduan.procedure.acts import AddMessage
from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.definition import ActName
from aduan.procedure.office_file import parse
from aduan.procedure.workflow import Workflow
from tests.procedure.cases import (
    ADMIN,
    BANTUL,
    IN_OFFICE_HOURS,
    PROCEDURE,
    SECTION,
    WIB,
    Case,
    minutes,
    standing_at,
)

WITH_LUNCH = Workflow(
    PROCEDURE,
    ServiceClock(
        parse(
            """
            name = "Kantor uji"
            timezone = "Asia/Jakarta"
            confirmed = true
            [weekly]
            monday = [["07:30", "12:00"], ["13:00", "16:00"]]
            tuesday = [["07:30", "12:00"], ["13:00", "16:00"]]
            """,
            name="calendar.toml",
            model=OfficeCalendar,
        )
    ),
)


def wib(text: str) -> datetime:
    """A time on the office's wall."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


# office, the step's beginning, the end of 10 minutes (step 2), the end of 30 minutes (step 4)
BUDGETS = {
    "within a day": (IN_OFFICE_HOURS, "2026-11-23 08:00", "2026-11-23 08:10", "2026-11-23 08:30"),
    "up to the closing": (IN_OFFICE_HOURS, "2026-11-23 15:50", "2026-11-23 16:00", "2026-11-24 07:50"),
    "by night": (IN_OFFICE_HOURS, "2026-11-23 22:00", "2026-11-24 07:40", "2026-11-24 08:00"),
    "Friday afternoon": (IN_OFFICE_HOURS, "2026-11-27 14:25", "2026-11-30 07:35", "2026-11-30 07:55"),
    "Friday after closing": (IN_OFFICE_HOURS, "2026-11-27 15:00", "2026-11-30 07:40", "2026-11-30 08:00"),
    "on a Saturday": (IN_OFFICE_HOURS, "2026-11-28 10:00", "2026-11-30 07:40", "2026-11-30 08:00"),
    "before Independence Day": (IN_OFFICE_HOURS, "2026-08-14 14:25", "2026-08-18 07:35", "2026-08-18 07:55"),
    "on Independence Day": (IN_OFFICE_HOURS, "2026-08-17 09:00", "2026-08-18 07:40", "2026-08-18 08:00"),
    "before a cuti bersama": (IN_OFFICE_HOURS, "2026-12-23 15:55", "2026-12-28 07:35", "2026-12-28 07:55"),
    "over lunch": (WITH_LUNCH, "2026-11-23 11:55", "2026-11-23 13:05", "2026-11-23 13:25"),
    "up to lunch": (WITH_LUNCH, "2026-11-23 11:50", "2026-11-23 12:00", "2026-11-23 13:20"),
    "every minute counts by night": (BANTUL, "2026-11-23 22:00", "2026-11-23 22:10", "2026-11-23 22:30"),
    "every minute counts on a holiday": (BANTUL, "2026-08-17 09:00", "2026-08-17 09:10", "2026-08-17 09:30"),
    "every minute counts at a weekend": (BANTUL, "2026-11-28 23:55", "2026-11-29 00:05", "2026-11-29 00:25"),
}
ENDINGS: dict[int, Callable[[Case], object]] = {
    2: lambda case: case.staff(ActName.RECEIVE, ADMIN),
    4: lambda case: case.staff(ActName.VERIFY, SECTION),
}


@pytest.mark.parametrize("step", ENDINGS)
@pytest.mark.parametrize("when", BUDGETS)
def test_a_check_acts_at_the_end_of_the_service_time_and_not_a_second_before(when: str, step: int) -> None:
    workflow, start, *ends = BUDGETS[when]
    due = wib(ends[0] if step == 2 else ends[1])
    case = standing_at(step, workflow, wib(start))
    assert case.complaint.due_at == due

    case.now = due - timedelta(seconds=1)
    assert case.check().events == ()
    case.now = due
    assert "breached" in [event.type.value for event in case.check().events]


@pytest.mark.parametrize("step", ENDINGS)
@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, False), (1, True)])
@pytest.mark.parametrize("when", BUDGETS)
def test_an_act_is_late_a_second_after_the_service_time(when: str, seconds: int, late: bool, step: int) -> None:
    workflow, start, *ends = BUDGETS[when]
    case = standing_at(step, workflow, wib(start))
    case.now = wib(ends[0] if step == 2 else ends[1]) + timedelta(seconds=seconds)

    ENDINGS[step](case)

    assert bool(case.complaint.breaches) == late


def test_an_act_in_the_closed_hours_after_a_deadline_at_the_closing_is_late() -> None:
    case = standing_at(2, IN_OFFICE_HOURS, wib("2026-11-23 15:50"))
    case.now = wib("2026-11-23 19:00")
    case.staff(ActName.RECEIVE, ADMIN)
    assert case.breach.due_at == wib("2026-11-23 16:00")


LADDER_OVER_A_WEEKEND = [
    ("2026-11-27 14:30", "step_late"),
    ("2026-11-30 07:40", "step_late"),
    ("2026-11-30 07:50", "step_late"),
    ("2026-11-30 10:00", "total_late"),
    ("2026-12-01 07:30", "still_standing"),
    ("2026-12-02 07:30", "still_standing"),
    ("2026-12-03 07:30", "still_standing"),
    ("2026-12-04 07:30", "still_standing"),
    ("2026-12-07 07:30", "still_standing"),
]


def test_rungs_and_the_daily_list_keep_to_the_offices_hours() -> None:
    case = standing_at(2, IN_OFFICE_HOURS, wib("2026-11-27 14:20"))
    seen: list[tuple[datetime, str]] = []
    while len(seen) < len(LADDER_OVER_A_WEEKEND):
        case.ring()
        seen.append((case.now, case.told[-1][0]))
    assert seen == [(wib(at), reason) for at, reason in LADDER_OVER_A_WEEKEND]


def test_the_whole_is_counted_in_service_time() -> None:
    case = standing_at(2, IN_OFFICE_HOURS, wib("2026-11-26 14:00"))
    assert case.complaint.total_due_at == wib("2026-11-27 08:10")


def test_an_approval_is_reminded_in_the_offices_hours() -> None:
    case = standing_at(8, IN_OFFICE_HOURS, wib("2026-11-27 14:20"))
    assert case.complaint.approval_at == wib("2026-11-30 07:50")


def test_a_wait_over_a_weekend_gives_back_what_was_left_and_counts_service_time_alone() -> None:
    case = standing_at(3, IN_OFFICE_HOURS, wib("2026-11-27 14:00"))
    case.now = wib("2026-11-27 14:20")
    case.staff(ActName.ASK_COMPLAINANT, ADMIN)
    assert case.complaint.alarm is not None
    # 10 minutes of Friday, 8 hours and a half of Monday and of Tuesday, and the rest
    assert case.complaint.alarm.at == wib("2026-12-02 14:20")

    case.now = wib("2026-11-28 12:00")  # the reply comes on Saturday
    case.do(AddMessage())

    assert case.complaint.due_at == wib("2026-11-30 07:40")
    assert case.complaint.waited == minutes(10)


def test_a_minute_may_be_shorter_and_the_offices_hours_stay() -> None:
    seconds = ServiceClock(IN_OFFICE_HOURS.clock.calendar, timedelta(seconds=2))
    case = standing_at(2, Workflow(PROCEDURE, seconds), wib("2026-11-27 14:29"))

    assert case.complaint.due_at == wib("2026-11-27 14:29") + timedelta(seconds=20)
    assert case.complaint.total_due_at == wib("2026-11-30 07:30") + timedelta(seconds=260)

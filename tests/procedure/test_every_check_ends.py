"""However late a check comes, and in whatever state: it rings each alarm, and comes to an end."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from aduan.procedure.alarms import ring
from aduan.procedure.calendar import ServiceClock
from aduan.procedure.complaint import Changes, Complaint
from aduan.procedure.course import By, Course
from aduan.procedure.definition import ActName
from aduan.procedure.events import EventType
from aduan.procedure.roles import RANKS, Role
from tests.procedure.cases import (
    ADMIN,
    EVERY_MINUTE,
    IN_OFFICE_HOURS,
    OFFICE_HOURS,
    PROCEDURE,
    SECTION,
    Case,
    minutes,
    standing_at,
)

MOST_EVENTS = 60
DAY = 24 * 60


@dataclass
class Watched(Course):
    """A decision that may not go on for ever."""

    def record(
        self, kind: EventType, by: By | None = None, *, note: str | None = None, changes: Changes | None = None
    ) -> None:
        assert len(self.events) < MOST_EVENTS, f"a check without an end: {[event.type.value for event in self.events]}"
        super().record(kind, by, note=note, changes=changes)


def rung(
    complaint: Complaint, case: Case, after: float, clock: ServiceClock, vacant: frozenset[Role] = frozenset()
) -> Watched:
    """What a check brings about so many minutes after the start."""
    course = Watched(PROCEDURE, clock, case.start + minutes(after), vacant, complaint)
    ring(course)
    return course


def waiting(step: int) -> Case:
    """A complaint whose complainant was asked."""
    case = standing_at(step)
    case.staff(ActName.ASK_COMPLAINANT, ADMIN if step == 3 else SECTION)
    return case


def delivered() -> Case:
    """An answer that arrived, and that nobody approved yet."""
    case = standing_at(8)
    case.at(1).delivered()
    return case


STATES: dict[str, Callable[[], Case]] = {
    **{f"step {step}": partial(standing_at, step) for step in range(1, 9)},
    **{f"waiting at step {step}": partial(waiting, step) for step in (3, 4, 5)},
    "delivered": delivered,
}


@pytest.mark.parametrize("after", [0, 10, 35, 200, 3 * DAY])
@pytest.mark.parametrize("state", STATES)
def test_a_check_ends_and_leaves_no_alarm_that_is_due(state: str, after: float) -> None:
    case = STATES[state]()

    course = rung(case.complaint, case, after, EVERY_MINUTE)

    alarm = course.complaint.alarm
    assert alarm is None or alarm.at > course.now


@pytest.mark.parametrize("state", STATES)
def test_so_does_the_check_of_each_day_after(state: str) -> None:
    case = STATES[state]()
    complaint = case.complaint

    for day in (3, 4, 5):  # the ladder to its end, and twice the daily list
        course = rung(complaint, case, day * DAY, EVERY_MINUTE)
        complaint = course.complaint
        assert complaint.alarm is None or complaint.alarm.at > course.now


@pytest.mark.parametrize("step", range(1, 9))
def test_it_ends_where_nobody_is_there_too(step: int) -> None:
    case = standing_at(step)
    course = rung(case.complaint, case, 2 * DAY, EVERY_MINUTE, frozenset(RANKS))
    assert all(event.actor == "system" for event in course.events)


@pytest.mark.parametrize("step", range(1, 9))
def test_it_ends_in_office_hours_too(step: int) -> None:
    case = standing_at(step, IN_OFFICE_HOURS)
    course = rung(case.complaint, case, 8 * DAY, OFFICE_HOURS)
    assert course.complaint.alarm is None or course.complaint.alarm.at > course.now

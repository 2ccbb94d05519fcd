"""Waiting for the complainant: the only thing beside the office's hours that stops a clock."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aduan.procedure.acts import AddMessage
from aduan.procedure.complaint import AlarmKind, Status
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NotNow
from aduan.procedure.roles import Role
from tests.procedure.cases import ADMIN, COLLEAGUE, SECTION, Case, left_alone, minutes, standing_at

NEXT_DAY = 16 * 60  # minutes from the start to the opening of the next day, where every minute counts


def asked(at: float = 10, step: int = 3) -> Case:
    """A complaint whose holder asked the complainant."""
    case = standing_at(step)
    case.at(at).staff(ActName.ASK_COMPLAINANT, ADMIN if step == 3 else SECTION)
    return case


def test_a_wait_stops_the_clocks_of_the_step_and_of_the_whole() -> None:
    case = asked()

    assert (case.complaint.status, case.due_after, case.complaint.total_at) == (Status.WAITING, None, None)
    assert case.citizen_told[-1] == "question"
    assert case.events[-1].note == "Kapan Anda merekam data?"
    assert case.at(10 + 1440, seconds=-1).check().events == ()


ENDS_OF_A_WAIT: dict[str, Callable[[Case], object]] = {
    "the reply": lambda case: case.do(AddMessage()),
    "an act of the holder": lambda case: case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN),
}


@pytest.mark.parametrize("end", ENDS_OF_A_WAIT.values(), ids=ENDS_OF_A_WAIT.keys())
def test_the_clocks_go_on_with_what_they_had_left(end: Callable[[Case], object]) -> None:
    case = asked()
    end(case.at(100))

    assert (case.complaint.status, case.complaint.holder) == (Status.OPEN, ADMIN.email)
    assert (case.due_after, case.alarm_after) == (120, 120)
    assert case.complaint.total_at == case.complaint.total_due_at == case.start + minutes(250)
    assert case.complaint.waited == minutes(90)


def test_a_colleague_who_takes_over_does_not_end_the_wait() -> None:
    case = asked()
    case.at(20).staff(ActName.TAKE_OVER, COLLEAGUE)
    assert (case.complaint.status, case.complaint.holder) == (Status.WAITING, COLLEAGUE.email)


def test_a_wait_ends_at_its_limit() -> None:
    case = asked()
    case.ring()

    assert (case.happened[-1], case.alarm_after, case.due_after) == ("resumed", 1470, 1470)
    assert case.complaint.total_at == case.start + minutes(1600)
    with pytest.raises(NotNow):
        case.staff(ActName.ASK_COMPLAINANT, ADMIN)


def test_the_clocks_go_on_from_the_limit_however_late_it_is_noticed() -> None:
    case = asked()
    case.at(1460).check()
    assert (case.due_after, case.complaint.waited) == (1470, minutes(1440))

    late = asked()
    late.at(1500).check()
    assert late.happened[-3:] == ["resumed", "breached", "escalated"]
    assert (late.breach.due_at, late.due_after) == (late.start + minutes(1470), 1530)


def test_an_act_after_the_limit_that_comes_before_its_check_may_be_late() -> None:
    case = asked()
    case.at(1470, 1).staff(ActName.SETTLE, ADMIN)
    assert (case.breach.due_at, case.breach.rungs) == (case.start + minutes(1470), ())


def test_the_limit_is_for_all_waits_of_a_complaint_together() -> None:
    case = asked(at=0)
    case.at(1000).do(AddMessage())
    case.at(1010).staff(ActName.ASK_COMPLAINANT, ADMIN)
    assert case.alarm_after == 1010 + 440

    case.at(1110).staff(ActName.ASK_COMPLAINANT, ADMIN)  # the holder's act ends one wait and begins another

    assert case.alarm_after == 1110 + 340
    assert case.happened[-2:] == ["resumed", "waiting"]


@pytest.mark.parametrize(("seconds", "status"), [(-2, Status.WAITING), (-1, Status.OPEN), (1, Status.OPEN)])
def test_a_message_written_before_the_question_is_no_reply_to_it(seconds: int, status: Status) -> None:
    case = asked(at=10)

    case.at(11).do(AddMessage(at=case.start + minutes(10) + timedelta(seconds=seconds)))

    assert (case.complaint.status, case.complaint.unread) == (status, 1)


def test_what_was_late_when_the_citizen_was_asked_keeps_its_deadline_and_escalates_after_the_wait() -> None:
    case = asked(at=31)
    assert (case.breach.rungs, case.complaint.status) == ((), Status.WAITING)

    case.at(50).do(AddMessage())
    assert (case.due_after, case.alarm_after) == (30, 50)
    case.check()

    assert case.happened[-1] == "escalated"
    assert [rung.at for rung in case.breach.rungs] == [case.start + minutes(50)]


def test_a_question_in_the_last_second_leaves_nothing_and_takes_nothing() -> None:
    case = asked(at=30)
    case.at(40).do(AddMessage())
    assert (case.complaint.breaches, case.due_after) == ((), 40)


def test_the_next_rung_of_a_late_step_waits_too() -> None:
    case = standing_at(5)
    case.ring()
    case.at(40).staff(ActName.ASK_COMPLAINANT, SECTION)
    case.at(100).do(AddMessage())
    assert (case.due_after, case.alarm_after) == (30, 120)


def test_a_daily_list_goes_on_at_the_next_opening_after_a_wait() -> None:
    case = standing_at(5)
    left_alone(case, 160)
    case.at(200).staff(ActName.ASK_COMPLAINANT, SECTION)
    case.at(500).do(AddMessage())
    assert case.alarm_after == NEXT_DAY


def test_a_whole_that_was_late_before_the_wait_is_told_during_it() -> None:
    case = asked(at=161, step=5)
    assert case.complaint.alarm is not None
    assert case.complaint.alarm.kind is AlarmKind.TOTAL
    case.check()

    (whole,) = [breach for breach in case.complaint.breaches if breach.step is None]
    assert (whole.due_at, case.complaint.status) == (case.start + minutes(160), Status.WAITING)
    assert ("total_late", (Role.AGENCY_HEAD,)) in case.told

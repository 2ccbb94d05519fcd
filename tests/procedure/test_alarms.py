"""What the end of each budget brings about, on time and a second to either side."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from aduan.procedure.acts import AddMessage
from aduan.procedure.alarms import WHOLE
from aduan.procedure.complaint import Alarm, AlarmKind, RungTold
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NotNow
from aduan.procedure.roles import Role
from tests.procedure.cases import (
    ADMIN,
    COLLEAGUE,
    DIVISION,
    SECTION,
    Case,
    left_alone,
    minutes,
    standing_at,
)

ADMINS, KASI, KABID, KADIS = (
    Role.WHATSAPP_ADMIN,
    Role.SECTION_HEAD,
    Role.DIVISION_HEAD,
    Role.AGENCY_HEAD,
)
DAY = 24 * 60
MIDNIGHT = 16 * 60  # minutes from the start to the opening of the next day, where every minute counts
TOTAL = (160, "total_late", (KADIS,))
DAILY = [(MIDNIGHT + day * DAY, "still_standing", (KABID, KADIS)) for day in range(3)]

LADDERS: dict[int, list[tuple[float, str, tuple[Role, ...]]]] = {
    1: [],
    2: [
        (10, "step_late", (ADMINS, KASI)),
        (20, "step_late", (KABID,)),
        (30, "step_late", (KADIS,)),
        TOTAL,
        *DAILY,
    ],
    3: [(30, "escalated", (KASI,)), (60, "escalated", (KABID,)), (90, "step_late", (KADIS,)), TOTAL, *DAILY],
    4: [(30, "escalated", (KABID,)), (60, "step_late", (KADIS,)), TOTAL, *DAILY],
    5: [(30, "step_late", (KABID,)), (60, "step_late", (KADIS,)), TOTAL, *DAILY],
    6: [(30, "step_late", (KADIS,)), TOTAL, *DAILY],
    7: [(10, "step_late", (KASI,)), (20, "step_late", (KABID,)), (30, "step_late", (KADIS,)), TOTAL, *DAILY],
    8: [
        (10, "step_late", (ADMINS,)),
        (30, "approval_waiting", (KASI,)),
        (60, "approval_waiting", (KABID,)),
        (90, "approval_waiting", (KADIS,)),
        *DAILY,
    ],
}
"""Who is told what, and how many minutes after the step began, if nobody ever does anything."""

BUDGETS = {1: 10, 2: 10, 3: 30, 4: 30, 5: 30, 6: 30, 7: 10, 8: 10}

ENDINGS: dict[int, Callable[[Case], object]] = {
    2: lambda case: case.staff(ActName.RECEIVE, ADMIN),
    3: lambda case: case.staff(ActName.SETTLE, ADMIN),
    4: lambda case: case.staff(ActName.FORWARD, SECTION),
    5: lambda case: case.staff(ActName.RESPOND, SECTION),
    6: lambda case: case.staff(ActName.RESPOND, DIVISION),
    7: lambda case: case.staff(ActName.ANSWER, ADMIN),
    8: lambda case: case.delivered(),
}


@pytest.mark.parametrize("step", LADDERS)
def test_a_step_that_nobody_ends_climbs_its_ladder_and_is_then_listed_daily(step: int) -> None:
    assert left_alone(standing_at(step), MIDNIGHT + 2 * DAY) == LADDERS[step]


@pytest.mark.parametrize("step", LADDERS)
def test_each_rung_is_recorded_once_and_in_order(step: int) -> None:
    case = standing_at(step)
    left_alone(case, MIDNIGHT + 2 * DAY)

    for breach in case.complaint.breaches:
        assert [rung.rung for rung in breach.rungs] == list(range(1, len(breach.rungs) + 1))
    entries = [breach.entry for breach in case.complaint.breaches]
    assert len(entries) == len(set(entries))
    assert case.happened.count("breached") == len(entries)


@pytest.mark.parametrize("step", BUDGETS)
def test_a_second_before_the_deadline_nothing_happens_and_at_it_the_check_acts(step: int) -> None:
    case = standing_at(step)
    assert case.due_after == BUDGETS[step]
    assert case.at(BUDGETS[step], seconds=-1).check().events == ()
    assert case.at(BUDGETS[step]).check().events != ()


@pytest.mark.parametrize("step", ENDINGS)
@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, False), (1, True)])
def test_an_act_is_late_from_the_first_second_after_the_deadline(step: int, seconds: float, late: bool) -> None:
    case = standing_at(step)
    due, entry = case.complaint.due_at, case.complaint.entry
    case.at(BUDGETS[step], seconds)
    case.effects.clear()

    ENDINGS[step](case)

    noticed = [(b.step, b.entry, b.due_at, b.noticed_at, b.ended_at, b.rungs) for b in case.complaint.breaches]
    assert noticed == ([(step, entry, due, case.now, case.now, ())] if late else [])
    assert case.happened.count("breached") == late
    assert case.told == []
    assert "escalated" not in case.happened


@pytest.mark.parametrize("act", [ActName.TAKE_OVER, ActName.ASK_DATABASE_ADMIN, ActName.ASK_COMPLAINANT])
def test_a_late_act_that_does_not_end_its_step_notices_the_breach_too_and_the_check_still_acts(
    act: ActName,
) -> None:
    case = standing_at(3)
    case.at(30, 1).staff(act, COLLEAGUE if act is ActName.TAKE_OVER else ADMIN)
    assert (case.breach.noticed_at, case.breach.rungs, case.breach.ended_at) == (case.now, (), None)

    case.at(31).do(AddMessage())
    case.check()

    assert case.happened[-1] == "escalated"
    assert [rung.rung for rung in case.breach.rungs] == [1]
    assert case.happened.count("breached") == 1


def test_a_draft_is_reminded_once_and_its_overrun_is_no_breach() -> None:
    case = standing_at(1)
    case.ring()

    assert (case.happened, case.citizen_told) == (["reminded"], ["incomplete"])
    assert (case.complaint.rung, case.complaint.alarm) == (1, None)
    case.at(60).submit()
    assert case.complaint.breaches == ()


# A check decides nothing


@pytest.mark.parametrize("step", BUDGETS)
def test_the_same_check_twice_acts_once(step: int) -> None:
    case = standing_at(step)
    alarm = case.complaint.alarm
    case.ring()
    before = case.complaint
    assert case.check(alarm).events == ()
    assert case.check().events == ()
    assert case.complaint == before


@pytest.mark.parametrize("step", ENDINGS)
def test_the_check_of_a_step_that_is_over_changes_nothing_even_when_another_is_late(step: int) -> None:
    case = standing_at(step)
    alarm = case.complaint.alarm
    ENDINGS[step](case.at(1))
    before = case.complaint

    transition = case.at(DAY).check(alarm)

    assert (transition.events, transition.effects, case.complaint) == ((), (), before)


def test_a_check_that_comes_late_tells_every_rung_that_was_due_in_the_order_of_their_times() -> None:
    case = standing_at(2)
    case.at(200).check()

    assert case.happened[1:] == ["breached", "alerted", "alerted", "alerted", "breached", "alerted"]
    assert case.told == [(reason, roles) for _, reason, roles in LADDERS[2][:4]]


def test_a_breach_keeps_when_it_was_due_when_it_was_noticed_and_when_it_ended() -> None:
    case = standing_at(2)
    case.at(14).check()
    case.at(17).staff(ActName.RECEIVE, ADMIN)

    assert (case.breach.due_at, case.breach.noticed_at, case.breach.ended_at) == (
        case.start + minutes(10),
        case.start + minutes(14),
        case.start + minutes(17),
    )
    assert case.breach.rungs == (RungTold(rung=1, at=case.start + minutes(14), told=(ADMINS, KASI)),)


def test_the_second_rung_stands_one_budget_after_the_first_however_late_that_was_noticed() -> None:
    case = standing_at(2)
    case.at(14).check()
    assert case.alarm_after == 20


# Escalation


def test_the_next_step_begins_when_the_check_acted_and_says_that_it_came_by_escalation() -> None:
    case = standing_at(3)
    case.at(33).check()

    assert (case.complaint.step, case.complaint.by_escalation, case.due_after) == (4, True, 63)
    assert (case.complaint.holder_role, case.complaint.holder) == (KASI, None)
    assert (case.breach.due_at, case.breach.ended_at) == (case.start + minutes(30), case.now)
    assert [(rung.rung, rung.told) for rung in case.breach.rungs] == [(1, (KASI,))]


def test_an_escalation_leaves_a_note_of_why_of_what_was_done_and_of_what_is_missing() -> None:
    case = standing_at(3)
    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.ring()

    note = case.events[-1].note or ""
    assert "30 menit" in note
    assert ADMIN.email in note
    assert "jawaban ADB" in note


def test_an_escalation_takes_the_step_out_of_its_holders_hands() -> None:
    case = standing_at(3)
    case.ring()
    with pytest.raises(NotNow):
        case.staff(ActName.TAKE_OVER, ADMIN)


def test_the_ladder_of_an_escalated_complaint_starts_anew() -> None:
    case = standing_at(3)
    left_alone(case, 90)
    assert [(b.step, [r.rung for r in b.rungs]) for b in case.complaint.breaches] == [
        (3, [1]),
        (4, [1]),
        (6, [1]),
    ]


# The whole complaint's 160 minutes


def answered_at(count: float, seconds: float = 0) -> Case:
    """Answered so many minutes after the beginning, with every alarm before that on time."""
    case = standing_at(2)
    left_alone(case, 159)
    case.staff(ActName.RECEIVE, ADMIN)
    case.at(count, seconds).staff(ActName.SETTLE, ADMIN)
    return case


@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, False), (1, True)])
def test_the_whole_is_late_from_the_first_second_after_its_minutes(seconds: float, late: bool) -> None:
    case = answered_at(160, seconds)

    whole = [b for b in case.complaint.breaches if b.step is None]
    assert len(whole) == late
    assert all((b.entry, b.ended_at, b.rungs) == (WHOLE, case.now, ()) for b in whole)
    assert ("total_late", (KADIS,)) not in case.told


def test_the_alert_of_the_whole_is_told_once_and_its_breach_ends_with_the_answer() -> None:
    case = standing_at(2)
    left_alone(case, 170)
    case.at(170).staff(ActName.SETTLE, ADMIN)

    (whole,) = [b for b in case.complaint.breaches if b.step is None]
    assert (whole.due_at, whole.noticed_at, whole.ended_at) == (
        case.start + minutes(160),
        case.start + minutes(160),
        case.now,
    )
    assert [rung.told for rung in whole.rungs] == [(KADIS,)]
    assert case.told.count(("total_late", (KADIS,))) == 1


def test_the_whole_runs_from_the_first_message_and_step_2_from_the_registration() -> None:
    case = Case()
    case.at(200).submit()

    assert case.due_after == 210
    assert case.complaint.alarm is not None
    assert case.complaint.alarm.kind is AlarmKind.TOTAL
    case.check()
    assert case.told == [("total_late", (KADIS,))]


def test_a_refusal_in_time_lets_the_whole_run_on() -> None:
    case = standing_at(8)
    case.at(100).staff(ActName.REFUSE, SECTION)
    assert ("total_late", (KADIS,)) in [(reason, told) for _, reason, told in left_alone(case, 160)]


def test_what_was_answered_in_time_once_is_not_late_for_good_when_it_is_refused_later() -> None:
    case = standing_at(8)
    case.at(161).staff(ActName.REFUSE, SECTION)
    left_alone(case, 2 * DAY)
    assert all(breach.step is not None for breach in case.complaint.breaches)


def test_a_whole_that_was_late_is_not_told_again_after_a_refusal() -> None:
    case = standing_at(2)
    left_alone(case, 170)
    case.at(170).staff(ActName.SETTLE, ADMIN)
    case.at(171).staff(ActName.REFUSE, SECTION)
    left_alone(case, 2 * DAY)
    assert case.told.count(("total_late", (KADIS,))) == 1


# Approval


def test_an_approval_is_asked_for_in_turn_and_its_delay_is_no_breach() -> None:
    case = standing_at(8)
    case.at(1).delivered()

    assert left_alone(case, MIDNIGHT + 2 * DAY) == LADDERS[8][1:]
    assert case.complaint.breaches == ()
    assert case.complaint.daily


def test_between_delivery_and_approval_the_deadline_shown_is_the_next_reminder() -> None:
    case = standing_at(8)
    case.at(1).delivered()
    shown = [case.due_after]
    while len(shown) < 5:
        case.ring()
        shown.append(case.due_after)
    assert shown == [30, 60, 90, MIDNIGHT, MIDNIGHT + DAY]


def test_a_standing_approval_is_listed_on_each_later_day() -> None:
    case = standing_at(8)
    case.at(1).delivered()
    rung: list[datetime] = []
    while len(rung) < 7:
        assert case.complaint.alarm is not None
        rung.append(case.complaint.alarm.at)
        case.ring()
    assert rung == sorted(set(rung))
    assert rung[-1] - rung[-2] == timedelta(days=1)


def test_before_the_delivery_the_deadline_shown_is_the_steps() -> None:
    case = standing_at(8)
    left_alone(case, 60)
    assert case.due_after == 10


def test_an_approval_silences_its_reminders() -> None:
    case = standing_at(8)
    case.at(35).check()
    case.staff(ActName.APPROVE, SECTION)
    assert case.complaint.alarm is None
    assert not case.complaint.daily


# Delivery: judged by when it was delivered, not by when we heard of it


def test_a_delivery_in_time_that_is_heard_of_late_is_no_breach() -> None:
    case = standing_at(8)
    case.at(25).delivered(case.start + minutes(10))
    assert case.complaint.breaches == ()
    assert case.complaint.delivered_at == case.start + minutes(10)


def test_a_late_delivery_is_a_breach_that_ended_when_it_was_delivered() -> None:
    case = standing_at(8)
    case.at(25).delivered(case.start + minutes(11))
    assert (case.breach.step, case.breach.noticed_at, case.breach.ended_at, case.breach.rungs) == (
        8,
        case.now,
        case.start + minutes(11),
        (),
    )


def test_a_delivery_in_time_that_is_heard_of_after_the_check_shows_that_it_was_in_time() -> None:
    case = standing_at(8)
    case.ring()
    case.at(25).delivered(case.start + minutes(9))
    assert (case.breach.due_at, case.breach.ended_at) == (case.start + minutes(10), case.start + minutes(9))


# Nobody there


def test_a_desk_with_nobody_at_it_is_told_to_the_next_rung_at_once() -> None:
    case = standing_at(3)
    case.vacant = frozenset({KASI})
    case.staff(ActName.FORWARD, ADMIN)

    assert case.happened[-2:] == ["forwarded", "alerted"]
    assert case.told == [("desk_vacant", (KABID,))]
    assert (case.complaint.holder_role, case.due_after) == (KASI, 30)


def test_the_next_rung_is_the_next_that_has_somebody() -> None:
    case = standing_at(1)
    case.vacant = frozenset({ADMINS, KASI})
    case.submit()
    assert case.told == [("desk_vacant", (KABID,))]


def test_an_escalation_to_a_vacant_desk_is_told_to_the_next_rung() -> None:
    case = standing_at(3)
    case.vacant = frozenset({KASI})
    case.ring()

    assert case.told == [("desk_vacant", (KABID,))]
    assert case.complaint.step == 4
    assert [rung.told for rung in case.breach.rungs] == [(KABID,)]


def test_the_rungs_of_a_vacant_desk_reach_who_is_there_each_once() -> None:
    case = standing_at(2)
    case.vacant = frozenset({ADMINS})
    case.ring()
    assert case.told == [("step_late", (KASI,))]


def test_work_in_somebodys_hands_is_no_hole_though_their_desk_is_vacant() -> None:
    case = standing_at(2)
    case.vacant = frozenset({ADMINS})
    case.staff(ActName.RECEIVE, SECTION)
    case.staff(ActName.SETTLE, SECTION)
    assert case.told == []


def test_a_top_that_is_vacant_hides_no_alert() -> None:
    case = standing_at(6)
    case.vacant = frozenset({KADIS})
    case.ring()
    assert case.told == [("step_late", (KADIS,))]


# What an alarm says: its name in the queue is made of it


def test_an_alarm_says_of_which_entry_and_rung_it_speaks() -> None:
    case = standing_at(2)
    first = case.complaint.alarm
    case.ring()
    second = case.complaint.alarm
    assert first == Alarm(at=case.start + minutes(10), kind=AlarmKind.RUNG, entry=2, rung=1)
    assert second == Alarm(at=case.start + minutes(20), kind=AlarmKind.RUNG, entry=2, rung=2)

    waiting = standing_at(3)
    waiting.staff(ActName.ASK_COMPLAINANT, ADMIN)
    limit = Alarm(at=waiting.start + minutes(1440), kind=AlarmKind.WAIT_LIMIT, entry=3, rung=0)
    assert waiting.complaint.alarm == limit

    left_alone(case, 30)
    assert case.complaint.alarm == Alarm(at=case.start + minutes(160), kind=AlarmKind.TOTAL, entry=2, rung=1)

    delivered = standing_at(8)
    delivered.at(1).delivered()
    delivered.ring()
    second = Alarm(at=delivered.start + minutes(60), kind=AlarmKind.APPROVAL, entry=5, rung=2)
    assert delivered.complaint.alarm == second

"""What the head of a complaint says after a move: all that ended with it is gone, and nothing strange is there."""

from collections.abc import Callable

import pytest

from aduan.procedure.acts import AddMessage, Discard, StaffAct, Submit
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.course import Course
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.errors import NotNow
from aduan.procedure.office_file import parse
from aduan.procedure.roles import Role
from aduan.procedure.staff_acts import settle
from aduan.procedure.workflow import Workflow
from tests.procedure.cases import (
    ADMIN,
    APPROVED_FIRST,
    BANTUL,
    COLLEAGUE,
    DIVISION,
    EVERY_MINUTE,
    FORM,
    MONDAY,
    OFFICES,
    PROCEDURE,
    SECTION,
    Case,
    left_alone,
    minutes,
    standing_at,
)

NEXT_DAY = 16 * 60  # minutes from the start to the opening of the next day, where every minute counts


def settled() -> Case:
    """ADMIN's own answer is on its way."""
    case = standing_at(3)
    case.at(5).staff(ActName.SETTLE, ADMIN)
    return case


def refused() -> Case:
    """An answer that failed, arrived, was reminded of, and was refused all the same."""
    case = settled()
    case.failed()
    case.at(8).staff(ActName.RESEND, ADMIN)
    case.delivered()
    left_alone(case, NEXT_DAY)
    case.staff(ActName.REFUSE, SECTION)
    return case


def refused_on_its_way() -> Case:
    """An answer whose sending failed was refused before it arrived."""
    case = settled()
    case.failed()
    case.at(8).staff(ActName.REFUSE, SECTION)
    return case


def closed_after_a_wait() -> Case:
    """Waited, checked, escalated, answered, approved, delivered."""
    case = standing_at(3)
    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.at(1).staff(ActName.ASK_COMPLAINANT, ADMIN)
    case.at(2).do(AddMessage())
    left_alone(case, 40)
    case.at(41).staff(ActName.RESPOND, SECTION)
    case.at(42).staff(ActName.ANSWER, ADMIN)
    case.at(43).delivered()
    return case


def closed_late() -> Case:
    """Reminded of daily before it was approved."""
    case = settled()
    case.at(6).delivered()
    left_alone(case, NEXT_DAY)
    case.staff(ActName.APPROVE, DIVISION)
    return case


def dismissed() -> Case:
    """A draft that was reminded."""
    case = Case()
    case.ring()
    case.at(20).staff(ActName.DISMISS, ADMIN)
    return case


def given_up() -> Case:
    """A draft, in time."""
    case = Case()
    case.at(3).do(Discard())
    return case


def daily_and_moved() -> Case:
    """It stood for days, and then somebody received it."""
    case = standing_at(2)
    left_alone(case, NEXT_DAY)
    case.staff(ActName.RECEIVE, ADMIN)
    return case


WAYS: dict[str, Callable[[], Case]] = {
    "settled": settled,
    "refused": refused,
    "refused on its way": refused_on_its_way,
    "closed after a wait": closed_after_a_wait,
    "closed late": closed_late,
    "dismissed": dismissed,
    "given up": given_up,
    "daily, and moved": daily_and_moved,
    "settled, approved first": lambda: standing_at(3, APPROVED_FIRST),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_event_sets_fields_of_the_head_and_nothing_else(way: str) -> None:
    case = WAYS[way]()
    for event in case.events:
        assert set(event.changes) <= set(Complaint.model_fields), event.type


@pytest.mark.parametrize("way", ["closed after a wait", "closed late", "dismissed", "given up"])
def test_what_is_closed_is_at_no_step_in_no_hands_and_rings_no_more(way: str) -> None:
    case = WAYS[way]()
    head = case.complaint

    assert (head.status, head.closed_at) == (Status.CLOSED, case.now)
    assert (head.step, head.holder_role, head.holder, head.holder_as) == (None, None, None, None)
    assert (head.due_at, head.rung_at, head.total_at, head.approval_at, head.wait) == (None, None, None, None, None)
    assert (head.alarm, head.daily) == (None, False)


def test_an_answer_that_is_handed_over_says_when_and_starts_its_approval_anew() -> None:
    case = refused()
    case.at(1000).staff(ActName.TAKE_OVER, DIVISION)
    case.staff(ActName.FORWARD, DIVISION)
    case.at(1001).staff(ActName.RESPOND, DIVISION)
    case.at(1002).staff(ActName.ANSWER, ADMIN, answer="Sudah diperbaiki.")

    head = case.complaint
    assert (head.answered_at, head.delivered_at, head.send_failed) == (case.now, None, False)
    assert (head.approval_rung, head.approval_at) == (0, case.now + minutes(30))
    assert (head.total_at, head.unread, head.status) == (None, 0, Status.ANSWERED)


@pytest.mark.parametrize("way", ["refused", "refused on its way"])
def test_a_refusal_takes_back_all_that_the_answer_brought(way: str) -> None:
    case = WAYS[way]()
    head = case.complaint

    assert (head.status, head.step, head.holder_role) == (Status.OPEN, 4, Role.SECTION_HEAD)
    assert (head.approval_at, head.answered_at, head.delivered_at, head.send_failed) == (None, None, None, False)
    assert (head.entered_at, head.due_at, head.rung_at) == (case.now, case.now + minutes(30), case.now + minutes(30))
    assert (head.rung, head.daily, head.holder, head.holder_as) == (0, False, None, None)


def test_a_refusal_silences_the_reminders_of_its_approval() -> None:
    case = refused_on_its_way()
    told = left_alone(case, 100)
    assert [reason for _, reason, _ in told] == ["escalated", "step_late"]


def test_a_refusal_of_what_is_still_on_its_way_ends_that_steps_breach() -> None:
    case = settled()
    case.at(20).check()
    case.at(25).staff(ActName.REFUSE, SECTION)

    assert (case.breach.step, case.breach.noticed_at, case.breach.ended_at) == (8, case.start + minutes(20), case.now)


def test_a_late_refusal_of_what_is_still_on_its_way_notices_the_breach() -> None:
    case = settled()
    case.at(20).staff(ActName.REFUSE, SECTION)

    assert (case.breach.step, case.breach.due_at) == (8, case.start + minutes(15))
    assert (case.breach.noticed_at, case.breach.ended_at) == (case.now, case.now)


@pytest.mark.parametrize(("after", "rings"), [(159, True), (160, False), (161, False)])
def test_a_refusal_lets_the_whole_run_on_just_where_it_is_not_up(after: float, rings: bool) -> None:
    case = settled()
    case.at(after).staff(ActName.REFUSE, SECTION)

    assert case.complaint.total_at == (case.start + minutes(160) if rings else None)
    assert case.complaint.total_due_at == case.start + minutes(160)


def test_a_delivery_takes_the_answer_out_of_all_hands() -> None:
    case = settled()
    case.failed()
    case.at(6).staff(ActName.RESEND, COLLEAGUE)
    case.complaint = case.complaint.model_copy(
        update={"holder": ADMIN.email, "holder_as": Role.WHATSAPP_ADMIN, "send_failed": True}
    )
    case.at(7).delivered()

    head = case.complaint
    assert (head.holder, head.holder_as, head.holder_role) == (None, None, Role.SECTION_HEAD)
    assert (head.delivered_at, head.send_failed, head.rung_at) == (case.now, False, None)


def test_a_step_is_entered_fresh_whatever_happened_at_the_one_before() -> None:
    case = standing_at(3)
    left_alone(case, 60)  # two escalations, to the division
    assert case.complaint.by_escalation
    left_alone(case, NEXT_DAY)
    assert case.complaint.daily
    case.staff(ActName.RESPOND, DIVISION)

    head = case.complaint
    assert (head.step, head.by_escalation, head.daily, head.rung) == (7, False, False, 0)
    assert (head.entered_at, head.holder, head.holder_as) == (case.now, None, None)


def test_work_that_stays_at_one_desk_stays_in_the_same_hands_and_role() -> None:
    case = standing_at(4)
    case.staff(ActName.TAKE_OVER, DIVISION)
    case.staff(ActName.VERIFY, DIVISION)

    assert (case.complaint.step, case.complaint.holder_role) == (5, Role.SECTION_HEAD)
    assert (case.complaint.holder, case.complaint.holder_as) == (DIVISION.email, Role.DIVISION_HEAD)


def test_an_approval_stops_its_reminders_and_the_daily_list() -> None:
    case = settled()
    left_alone(case, NEXT_DAY)
    assert case.complaint.daily
    case.staff(ActName.APPROVE, DIVISION)

    head = case.complaint
    assert (head.approval_at, head.daily, head.status) == (None, False, Status.ANSWERED)


def test_a_submission_is_asked_nothing_more() -> None:
    case = Case()
    case.complaint = case.complaint.model_copy(update={"asking": "confirm"})
    case.do(Submit(form=FORM))
    assert case.complaint.asking is None


@pytest.mark.parametrize(
    ("workflow", "rows"),
    [
        (BANTUL, [("received", None), ("verified", "Bisa dijawab."), ("answered", None)]),
        (APPROVED_FIRST, [("received", None), ("forwarded", "Bisa dijawab.")]),
    ],
    ids=["after sending", "before sending"],
)
def test_the_note_of_a_settlement_stands_where_the_desk_is_done(
    workflow: Workflow, rows: list[tuple[str, str | None]]
) -> None:
    case = standing_at(2, workflow)
    case.staff(ActName.SETTLE, ADMIN)

    assert [(event.type.value, event.note) for event in case.events[1:]] == rows


def test_a_proposal_is_not_approved_whatever_was_before() -> None:
    case = standing_at(7, APPROVED_FIRST)
    before = case.complaint.approved
    assert before is not None
    case.complaint = standing_at(3, APPROVED_FIRST).complaint.model_copy(update={"approved": before})
    case.staff(ActName.SETTLE, ADMIN)
    assert case.complaint.approved is None


def test_one_act_over_several_steps_changes_what_it_hands_over_with_the_last_of_them() -> None:
    case = standing_at(4)
    case.staff(ActName.RESPOND, SECTION)
    verified, responded = case.events[-2:]
    assert "answer" not in verified.changes
    assert {"answer", "approved"} <= set(responded.changes)


@pytest.mark.parametrize(("seconds_left", "may"), [(0, False), (0.5, True), (1, True)])
def test_the_last_moment_of_the_waiting_time_may_still_be_waited(seconds_left: float, may: bool) -> None:
    case = standing_at(3)
    waited = minutes(1440) - minutes(seconds_left / 60)
    case.complaint = case.complaint.model_copy(update={"waited": waited})
    if may:
        case.staff(ActName.ASK_COMPLAINANT, ADMIN)
        assert case.complaint.status is Status.WAITING
    else:
        with pytest.raises(NotNow):
            case.staff(ActName.ASK_COMPLAINANT, ADMIN)


def test_a_step_without_a_daily_list_waits_without_an_alarm_after_its_last_rung() -> None:
    text = (OFFICES / "bantul" / "procedure.toml").read_text(encoding="utf-8")
    fifth = text.index("number = 5")
    silent = text[:fifth] + text[fifth:].replace('daily = ["division_head", "agency_head"]\n', "", 1)
    workflow = Workflow(parse(silent, name="procedure.toml", model=Procedure), EVERY_MINUTE)
    case = standing_at(5, workflow)
    left_alone(case, 200)
    assert (case.complaint.rung_at, case.complaint.daily, case.complaint.alarm) == (None, False, None)

    case.at(210).staff(ActName.ASK_COMPLAINANT, SECTION)
    assert case.complaint.wait is not None
    assert case.complaint.wait.rung_left is None
    case.at(220).do(AddMessage())

    assert (case.complaint.rung_at, case.complaint.alarm) == (None, None)


def test_staff_act_in_a_role_or_not_at_all() -> None:
    case = standing_at(3)
    course = Course(PROCEDURE, EVERY_MINUTE, MONDAY, frozenset(), case.complaint)
    with pytest.raises(LookupError, match=r"^an act of staff is done in a role$"):
        settle(course, StaffAct(name=ActName.SETTLE, actor=ADMIN, answer="Sudah jadi."))

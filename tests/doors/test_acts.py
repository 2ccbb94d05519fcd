"""Every act, by everybody, at every standing of a complaint, through the portal: as the table of acts says."""

from http import HTTPStatus

import pytest

from aduan.portal.names import ACTS
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow
from aduan.procedure.roles import StaffMember
from aduan.service.fields import ActFields
from tests.doors import rules
from tests.doors.people import ACTIVE, LEFT, OUTSIDERS, ROSTERS, Roster
from tests.doors.premises import JSON, Answer, Premises
from tests.doors.standings import FIELDS, STANDINGS
from tests.doors.tally import Tally

SAMPLE = ("1, a draft", "2", "3, held", "4", "6, held", "7", "8, not approved", "delivered, not approved", "closed")
"""For those who are turned away before anybody looks at the complaint."""


def path_of(complaint: Complaint, act: str) -> str:
    return f"/aduan/{complaint.number or f'D-{complaint.id}'}/{act}"


def tried(premises: Premises, complaint: Complaint, act: str, headers: dict[str, str]) -> Answer:
    """One act, whole and well formed."""
    body = {"version": complaint.version, "request_id": premises.request_id(), **FIELDS}
    return premises.ask("staff_portal", "POST", path_of(complaint, act), {**headers, **JSON}, json=body)


def came_in(answer: Answer) -> bool:
    """Whether anything was done or told beside the refusal."""
    return answer.changed > 0 or answer.status < HTTPStatus.BAD_REQUEST


def test_every_act_has_a_rule_and_every_rule_an_act() -> None:
    assert set(rules.ACTS) == {*ActName, rules.UNMASK} == set(ACTS)


def test_a_complaint_is_tried_at_every_step_and_in_every_status(standing: dict[str, Complaint]) -> None:
    assert {complaint.step for complaint in standing.values()} == {None, *range(1, 9)}
    assert {complaint.status.value for complaint in standing.values()} == {
        "draft", "open", "waiting", "answered", "closed",
    }  # fmt: skip
    assert set(SAMPLE) <= set(STANDINGS)


@pytest.mark.parametrize("act", rules.ACTS)
def test_an_act_is_done_by_whom_the_contract_names_and_by_nobody_else(
    premises: Premises, standing: dict[str, Complaint], tally: Tally, act: str
) -> None:
    answers, expected = {}, {}
    for where, complaint in standing.items():
        for member in ACTIVE:
            what = f"{act} at {where} by {member.email}"
            answers[what] = tried(premises, complaint, act, premises.assertion(member.email))
            expected[what] = rules.answer(act, member, complaint)

    may = {what: status is HTTPStatus.OK for what, status in expected.items()}
    wrong = tally.doors("acts", {what: (may[what], came_in(answer)) for what, answer in answers.items()})
    assert wrong == []
    assert {what: answer.status for what, answer in answers.items()} == expected
    assert any(may.values())
    assert not all(may.values())


@pytest.mark.parametrize("act", rules.ACTS)
def test_nobody_acts_who_is_not_on_the_list_or_not_active(
    premises: Premises, standing: dict[str, Complaint], tally: Tally, act: str
) -> None:
    emails = [*OUTSIDERS.values(), *(member.email for member in LEFT)]
    headers: dict[str, dict[str, str]] = {"nobody": {}, **{email: premises.assertion(email) for email in emails}}
    answers = {
        f"{act} at {where} by {who}": tried(premises, standing[where], act, proof)
        for where in SAMPLE
        for who, proof in headers.items()
    }

    assert tally.doors("acts", {what: (False, came_in(answer)) for what, answer in answers.items()}) == []
    statuses = {what: answer.status for what, answer in answers.items()}
    assert statuses == {what: 401 if what.endswith("nobody") else 403 for what in answers}


# While a desk is vacant


def outcome(premises: Premises, member: StaffMember, complaint: Complaint, act: str) -> HTTPStatus:
    """What the use case makes of it: the portal's part was tried above."""
    given = {"version": complaint.version, "request_id": premises.request_id(), **FIELDS}
    try:
        if act == rules.UNMASK:
            assert premises.unmasking.unmask(member, complaint.id, ActFields.typed(given)).in_full
        else:
            premises.house.desk.act(member, complaint.id, ActName(act), ActFields.typed(given))
    except NeverAllowed:
        return HTTPStatus.FORBIDDEN
    except NotNow:
        return HTTPStatus.CONFLICT
    return HTTPStatus.OK


@pytest.mark.parametrize("roster", ROSTERS[1:], ids=lambda roster: roster.name)
def test_a_vacant_desks_acts_fall_to_the_next_rung_and_to_nobody_else(
    premises: Premises, standing: dict[str, Complaint], tally: Tally, roster: Roster
) -> None:
    premises.seat(roster)
    found, expected = {}, {}
    for where, complaint in standing.items():
        vacant = roster.vacant(complaint.unit)
        for act in rules.ACTS:
            for member in roster.active:
                what = f"{act} at {where} by {member.email}, {roster.name}"
                before = premises.touched
                found[what] = outcome(premises, member, complaint, act), premises.touched > before
                expected[what] = rules.answer(act, member, complaint, vacant)

    may = {what: status is HTTPStatus.OK for what, status in expected.items()}
    outcomes = {what: (may[what], changed or status is HTTPStatus.OK) for what, (status, changed) in found.items()}
    assert tally.doors("acts at vacant desks", outcomes) == []
    assert {what: status for what, (status, _) in found.items()} == expected


def test_a_vacant_desk_opens_acts_that_are_shut_while_somebody_is_there(standing: dict[str, Complaint]) -> None:
    """The matrix above would show nothing if no roster made a difference."""
    for roster in ROSTERS[1:]:
        assert any(
            rules.answer(act, member, complaint, roster.vacant(complaint.unit)) is HTTPStatus.OK
            and rules.answer(act, member, complaint) is not HTTPStatus.OK
            for complaint in standing.values()
            for act in rules.ACTS
            for member in roster.active
        )

"""Who may do what, where: every act by every role at every state, against the contract's table."""

from http import HTTPStatus
from typing import NamedTuple

import pytest

from aduan.procedure.complaint import Complaint, DataCheck, Status
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate, ProcedureError
from aduan.procedure.roles import RANKS, Actor, Role, Roster, StaffMember, covered_by, reachable
from tests.doors.rules import answer
from tests.procedure.cases import (
    ADB,
    ADMIN,
    ADMIN_FOR_SECTION,
    AGENCY,
    BANTUL,
    COLLEAGUE,
    DIVISION,
    MONDAY,
    OTHER_SECTION,
    OTHER_UNIT,
    SECTION,
    UNIT,
    Case,
    standing_at,
)

ACTORS = {actor.roles[0]: actor for actor in (COLLEAGUE, SECTION, DIVISION, AGENCY, ADB)}
SOMEBODY_ELSE = "orang.lain@bantul.test"


class State(NamedTuple):
    """Where a complaint stands, in whose hands (seen from the actor), and what is asked for."""

    status: Status
    step: int | None
    holder: str = ""  # "", "mine" or "theirs"
    check_asked: bool = False
    awaits_approval: bool = False


STATES = (
    State(Status.DRAFT, 1),
    State(Status.OPEN, 2),
    *(State(Status.OPEN, step, holder) for step in range(3, 8) for holder in ("", "mine", "theirs")),
    *(State(Status.WAITING, step, holder) for step in range(3, 7) for holder in ("mine", "theirs")),
    *(State(Status.OPEN, step, "theirs", check_asked=True) for step in range(3, 7)),
    State(Status.ANSWERED, 8),
    State(Status.ANSWERED, 8, awaits_approval=True),
    State(Status.ANSWERED, None, awaits_approval=True),
    State(Status.CLOSED, None),
)


def complaint_in(state: State, actor: Actor) -> Complaint:
    """A complaint as the state says."""
    complaint = standing_at(state.step or 8).complaint
    holders = {"": None, "mine": actor.email, "theirs": SOMEBODY_ELSE}
    changes: dict[str, object] = {"status": state.status, "step": state.step, "holder": holders[state.holder]}
    if state.check_asked:
        changes["data_check"] = DataCheck(asked_by=SOMEBODY_ELSE, at=MONDAY)
    if state.status is Status.ANSWERED and not state.awaits_approval:
        case = standing_at(8)
        case.staff(ActName.APPROVE, DIVISION)
        return case.complaint
    return complaint.model_copy(update=changes)


def outcome(complaint: Complaint, act: ActName, actor: Actor) -> HTTPStatus:
    """What happens if it is tried."""
    case = Case()
    case.complaint = complaint
    try:
        case.staff(act, actor)
    except NeverAllowed:
        return HTTPStatus.FORBIDDEN
    except NotNow:
        return HTTPStatus.CONFLICT
    return HTTPStatus.OK


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("act", ActName)
def test_an_act_is_possible_where_the_contract_says_and_nowhere_else(act: ActName, role: Role) -> None:
    actor = ACTORS[role]

    tried = {state: outcome(complaint_in(state, actor), act, actor) for state in STATES}

    assert tried == {state: answer(act, actor, complaint_in(state, actor)) for state in STATES}


@pytest.mark.parametrize("role", ACTORS)
def test_the_acts_that_are_offered_are_those_that_are_possible(role: Role) -> None:
    actor = ACTORS[role]
    for state in STATES:
        complaint = complaint_in(state, actor)
        possible = {act for act in ActName if answer(act, actor, complaint) is HTTPStatus.OK}
        assert set(BANTUL.possible(complaint, actor)) == possible


# The order of refusals


REFUSED_FIRST_FOR_THE_ROLE = {
    "at another step": (2, ActName.VERIFY, ADMIN, None),
    "with an old version": (4, ActName.VERIFY, ADMIN, 1),
    "after the closing": (None, ActName.APPROVE, ADMIN, None),
    "with somebody else's complaint": (3, ActName.REPLY_DATA_CHECK, COLLEAGUE, 1),
    "of their own draft, with an old version": (8, ActName.APPROVE, ADMIN_FOR_SECTION, 1),
}


@pytest.mark.parametrize("what", REFUSED_FIRST_FOR_THE_ROLE)
def test_what_a_role_may_never_do_is_told_before_what_is_not_possible_now(what: str) -> None:
    step, act, actor, version = REFUSED_FIRST_FOR_THE_ROLE[what]
    case = standing_at(step or 8) if actor is not ADMIN_FOR_SECTION else drafted_by(ADMIN_FOR_SECTION)
    if step is None:
        case.staff(ActName.APPROVE, SECTION)
        case.delivered()

    with pytest.raises(NeverAllowed):
        case.staff(act, actor, version=version)


def test_a_complaint_that_moved_on_is_told_as_such_before_its_step_or_holder() -> None:
    case = standing_at(3)
    with pytest.raises(OutOfDate):
        case.staff(ActName.SETTLE, COLLEAGUE, version=case.complaint.version - 1)
    with pytest.raises(NotNow) as refused:
        case.staff(ActName.SETTLE, COLLEAGUE, version=case.complaint.version)
    assert not isinstance(refused.value, OutOfDate)


def test_a_refusal_names_the_act_and_the_step_and_changes_nothing() -> None:
    case = standing_at(3)
    before = case.complaint.model_dump()

    with pytest.raises(ProcedureError) as refused:
        case.staff(ActName.VERIFY, SECTION)

    assert (refused.value.act, refused.value.step) == ("verify", 3)
    assert case.complaint.model_dump() == before


def test_a_refusal_names_the_holder() -> None:
    case = standing_at(3)
    with pytest.raises(NotNow, match=ADMIN.email):
        case.staff(ActName.SETTLE, COLLEAGUE)


# Taking over


def test_a_colleague_takes_over_before_acting() -> None:
    case = standing_at(3)
    case.staff(ActName.TAKE_OVER, COLLEAGUE)
    case.staff(ActName.FORWARD, COLLEAGUE)
    assert case.events[-1].actor == COLLEAGUE.email


def test_whoever_lost_a_complaint_to_a_higher_rung_takes_it_back_before_acting() -> None:
    case = standing_at(3)
    case.staff(ActName.TAKE_OVER, SECTION)
    assert (case.complaint.holder_role, case.complaint.holder_as) == (Role.WHATSAPP_ADMIN, Role.SECTION_HEAD)
    with pytest.raises(NotNow):
        case.staff(ActName.SETTLE, ADMIN)
    case.staff(ActName.TAKE_OVER, ADMIN)
    case.staff(ActName.SETTLE, ADMIN)


def test_taking_over_leaves_the_deadline_as_it_was() -> None:
    case = standing_at(3)
    case.at(12).staff(ActName.TAKE_OVER, SECTION)
    assert (case.due_after, case.alarm_after) == (30, 30)


# Units, acting holders, vacancies


@pytest.mark.parametrize("act", [ActName.VERIFY, ActName.RESPOND, ActName.FORWARD, ActName.TAKE_OVER])
def test_a_section_head_of_another_unit_does_not_act(act: ActName) -> None:
    with pytest.raises(NotNow, match="unit lain"):
        standing_at(4).staff(act, OTHER_SECTION)


def test_a_section_head_of_another_unit_does_not_approve() -> None:
    with pytest.raises(NotNow, match="unit lain"):
        standing_at(8).staff(ActName.APPROVE, OTHER_SECTION)


def test_an_adb_of_another_unit_does_not_answer() -> None:
    case = standing_at(4)
    case.staff(ActName.ASK_DATABASE_ADMIN, SECTION)
    with pytest.raises(NotNow, match="unit lain"):
        case.staff(ActName.REPLY_DATA_CHECK, ADB.model_copy(update={"units": (OTHER_UNIT,)}))


def test_a_draft_has_no_unit_and_is_every_admins() -> None:
    standing_at(1).staff(ActName.REGISTER, ADMIN.model_copy(update={"units": (OTHER_UNIT,)}))


def test_an_acting_holder_acts_in_the_desks_role() -> None:
    case = standing_at(4)
    case.staff(ActName.RESPOND, ADMIN_FOR_SECTION)
    assert case.events[-1].role is Role.SECTION_HEAD
    assert case.complaint.approved is not None


def drafted_by(actor: Actor) -> Case:
    """An answer on its way that this person wrote as Admin WA."""
    case = standing_at(2)
    case.staff(ActName.SETTLE, actor)
    return case


@pytest.mark.parametrize(
    "actor",
    [ADMIN_FOR_SECTION, SECTION.model_copy(update={"roles": (Role.SECTION_HEAD, Role.WHATSAPP_ADMIN)})],
    ids=["an admin as Plh of the section head", "a section head as Plh of the admin"],
)
def test_nobody_approves_what_they_drafted_as_admin_not_even_as_acting_holder(actor: Actor) -> None:
    case = drafted_by(actor)
    assert case.complaint.approved is None
    assert ActName.APPROVE not in BANTUL.possible(case.complaint, actor)
    with pytest.raises(NeverAllowed):
        case.staff(ActName.APPROVE, actor)
    case.staff(ActName.APPROVE, SECTION if actor is ADMIN_FOR_SECTION else DIVISION)


def covering(actor: Actor, *desks: Role) -> Actor:
    """The same person while these desks below are vacant."""
    return actor.model_copy(update={"covers": frozenset(desks)})


@pytest.mark.parametrize(
    ("step", "act", "actor"),
    [
        (1, ActName.REGISTER, covering(SECTION, Role.WHATSAPP_ADMIN)),
        (1, ActName.DISMISS, covering(SECTION, Role.WHATSAPP_ADMIN)),
        (2, ActName.SETTLE, covering(SECTION, Role.WHATSAPP_ADMIN)),
        (4, ActName.RESPOND, covering(DIVISION, Role.SECTION_HEAD)),
        (6, ActName.RESPOND, covering(AGENCY, Role.DIVISION_HEAD)),
        (7, ActName.ANSWER, covering(SECTION, Role.WHATSAPP_ADMIN)),
        (8, ActName.RESEND, covering(SECTION, Role.WHATSAPP_ADMIN)),
    ],
)
def test_while_a_desk_is_vacant_the_next_rung_acts_there_without_taking_over(
    step: int, act: ActName, actor: Actor
) -> None:
    not_covering = actor.model_copy(update={"covers": frozenset()})
    with pytest.raises(NotNow if step not in (1, 8) else NeverAllowed):
        standing_at(step).staff(act, not_covering)

    case = standing_at(step)
    case.staff(act, actor)

    assert (case.events[-1].actor, case.events[-1].role) == (actor.email, actor.roles[0])


def test_what_somebody_holds_is_taken_over_even_from_a_desk_that_fell_vacant() -> None:
    with pytest.raises(NotNow):
        standing_at(3).staff(ActName.SETTLE, covering(SECTION, Role.WHATSAPP_ADMIN))


def member(role: Role, *, active: bool = True, **row: tuple[str, ...] | tuple[Role, ...]) -> StaffMember:
    """A row of the staff list."""
    return StaffMember.model_validate(
        {"email": f"{role}@bantul.test", "name": role.value, "role": role, "active": active, **row}
    )


VACANCIES = {
    "nobody at all": ([], {*RANKS, Role.DATABASE_ADMIN}),
    "not active": ([member(Role.SECTION_HEAD, active=False)], {*RANKS, Role.DATABASE_ADMIN}),
    "of another unit": ([member(Role.SECTION_HEAD, units=(OTHER_UNIT,))], {*RANKS, Role.DATABASE_ADMIN}),
    "of this unit": (
        [member(Role.SECTION_HEAD, units=(UNIT,))],
        {*RANKS, Role.DATABASE_ADMIN} - {Role.SECTION_HEAD},
    ),
    "acting for it": (
        [member(Role.WHATSAPP_ADMIN, acting_for=(Role.SECTION_HEAD,))],
        {Role.DIVISION_HEAD, Role.AGENCY_HEAD, Role.DATABASE_ADMIN},
    ),
}


@pytest.mark.parametrize(("members", "vacant"), VACANCIES.values(), ids=VACANCIES.keys())
def test_a_desk_is_vacant_where_nobody_is_active_in_role_and_unit(
    members: list[StaffMember], vacant: set[Role]
) -> None:
    assert Roster(members).vacant(UNIT) == vacant


COVERS = [
    (Role.SECTION_HEAD, {Role.WHATSAPP_ADMIN}, {Role.WHATSAPP_ADMIN}),
    (Role.DIVISION_HEAD, {Role.WHATSAPP_ADMIN}, set()),
    (Role.DIVISION_HEAD, {Role.WHATSAPP_ADMIN, Role.SECTION_HEAD}, {Role.WHATSAPP_ADMIN, Role.SECTION_HEAD}),
    (Role.DIVISION_HEAD, {Role.SECTION_HEAD}, {Role.SECTION_HEAD}),
    (Role.WHATSAPP_ADMIN, {Role.SECTION_HEAD}, set()),
    (Role.DATABASE_ADMIN, {Role.WHATSAPP_ADMIN}, set()),
    (Role.SECTION_HEAD, set(), set()),
]


@pytest.mark.parametrize(("role", "vacant", "covered"), COVERS)
def test_a_vacant_desk_falls_to_the_next_rung_that_has_somebody(
    role: Role, vacant: set[Role], covered: set[Role]
) -> None:
    assert covered_by(member(role), frozenset(vacant)) == covered


@pytest.mark.parametrize(
    ("roles", "vacant", "told"),
    [
        ((Role.SECTION_HEAD,), set(), (Role.SECTION_HEAD,)),
        ((Role.SECTION_HEAD,), {Role.SECTION_HEAD}, (Role.DIVISION_HEAD,)),
        ((Role.WHATSAPP_ADMIN, Role.SECTION_HEAD), {Role.WHATSAPP_ADMIN}, (Role.SECTION_HEAD,)),
        ((Role.WHATSAPP_ADMIN,), {Role.WHATSAPP_ADMIN, Role.SECTION_HEAD}, (Role.DIVISION_HEAD,)),
        ((Role.AGENCY_HEAD,), {Role.AGENCY_HEAD}, (Role.AGENCY_HEAD,)),
        ((Role.DATABASE_ADMIN,), {Role.DATABASE_ADMIN}, (Role.DATABASE_ADMIN,)),
    ],
)
def test_an_alert_to_a_vacant_desk_goes_to_the_next_rung_that_has_somebody(
    roles: tuple[Role, ...], vacant: set[Role], told: tuple[Role, ...]
) -> None:
    assert reachable(roles, frozenset(vacant)) == told


def test_a_member_of_staff_is_no_complainant() -> None:
    with pytest.raises(ValueError, match="a member of staff cannot have the role 'complainant'"):
        member(Role.COMPLAINANT)

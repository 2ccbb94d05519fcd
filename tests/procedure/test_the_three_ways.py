"""A complaint is settled by the Admin WA, the section or the division: every event and state on the way."""

import hashlib
from itertools import pairwise
from typing import NamedTuple

import pytest

from aduan.procedure.acts import Act, AddMessage, Delivered, Discard, Draft, Submit
from aduan.procedure.complaint import Approved, Complaint, Status, replayed
from aduan.procedure.definition import ActName
from aduan.procedure.effects import SendAnswer
from aduan.procedure.errors import NeverAllowed, NotNow, WrongField
from aduan.procedure.roles import Actor, Role
from aduan.procedure.workflow import Transition
from tests.procedure.cases import (
    ADB,
    ADMIN,
    AGENCY,
    APPROVED_FIRST,
    COLLEAGUE,
    DIVISION,
    FORM,
    MONDAY,
    SECTION,
    Case,
    minutes,
    standing_at,
)


class Stand(NamedTuple):
    """Where a complaint stands."""

    status: str
    step: int | None
    desk: Role | None
    holder: str | None


class Move(NamedTuple):
    """An act (None: something of the complainant's), the events that it brings, and where it leads."""

    act: ActName | str
    actor: Actor | None
    events: list[str]
    stand: Stand


ADMIN_DESK, SECTION_DESK, DIVISION_DESK = Role.WHATSAPP_ADMIN, Role.SECTION_HEAD, Role.DIVISION_HEAD

SUBMITTED = Move("submit", None, ["submitted"], Stand("open", 2, ADMIN_DESK, None))
RECEIVED = Move(ActName.RECEIVE, ADMIN, ["received"], Stand("open", 3, ADMIN_DESK, ADMIN.email))
FORWARDED = Move(ActName.FORWARD, ADMIN, ["forwarded"], Stand("open", 4, SECTION_DESK, None))

WAYS = {
    "the Admin WA settles, step by step": [
        SUBMITTED,
        RECEIVED,
        Move(ActName.SETTLE, ADMIN, ["verified", "answered"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered"], Stand("answered", None, SECTION_DESK, None)),
        Move(ActName.APPROVE, SECTION, ["approved", "closed"], Stand("closed", None, None, None)),
    ],
    "the Admin WA settles at once, and the approval comes before the delivery": [
        SUBMITTED,
        Move(
            ActName.SETTLE,
            ADMIN,
            ["received", "verified", "answered"],
            Stand("answered", 8, ADMIN_DESK, None),
        ),
        Move(ActName.APPROVE, DIVISION, ["approved"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered", "closed"], Stand("closed", None, None, None)),
    ],
    "the section settles, step by step": [
        SUBMITTED,
        RECEIVED,
        FORWARDED,
        Move(ActName.VERIFY, SECTION, ["verified"], Stand("open", 5, SECTION_DESK, SECTION.email)),
        Move(ActName.RESPOND, SECTION, ["responded"], Stand("open", 7, ADMIN_DESK, None)),
        Move(ActName.ANSWER, COLLEAGUE, ["answered"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered", "closed"], Stand("closed", None, None, None)),
    ],
    "the section verifies and responds at once": [
        SUBMITTED,
        RECEIVED,
        FORWARDED,
        Move(ActName.RESPOND, SECTION, ["verified", "responded"], Stand("open", 7, ADMIN_DESK, None)),
        Move(ActName.ANSWER, ADMIN, ["answered"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered", "closed"], Stand("closed", None, None, None)),
    ],
    "the division settles": [
        SUBMITTED,
        Move(ActName.FORWARD, ADMIN, ["received", "forwarded"], Stand("open", 4, SECTION_DESK, None)),
        Move(ActName.FORWARD, SECTION, ["forwarded"], Stand("open", 6, DIVISION_DESK, None)),
        Move(ActName.RESPOND, DIVISION, ["responded"], Stand("open", 7, ADMIN_DESK, None)),
        Move(ActName.ANSWER, ADMIN, ["answered"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered", "closed"], Stand("closed", None, None, None)),
    ],
    "a draft is registered in the citizen's name, and settled": [
        Move(ActName.REGISTER, ADMIN, ["submitted"], Stand("open", 2, ADMIN_DESK, None)),
        RECEIVED,
    ],
    "a draft is dismissed": [
        Move(ActName.DISMISS, ADMIN, ["dismissed"], Stand("closed", None, None, None)),
    ],
    "a section head takes step 3 over and settles there": [
        SUBMITTED,
        RECEIVED,
        Move(ActName.TAKE_OVER, SECTION, ["taken_over"], Stand("open", 3, ADMIN_DESK, SECTION.email)),
        Move(ActName.SETTLE, SECTION, ["verified", "answered"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered", "closed"], Stand("closed", None, None, None)),
    ],
    "a division head takes step 4 over, verifies and responds there": [
        SUBMITTED,
        RECEIVED,
        FORWARDED,
        Move(ActName.TAKE_OVER, DIVISION, ["taken_over"], Stand("open", 4, SECTION_DESK, DIVISION.email)),
        Move(ActName.VERIFY, DIVISION, ["verified"], Stand("open", 5, SECTION_DESK, DIVISION.email)),
        Move(ActName.RESPOND, DIVISION, ["responded"], Stand("open", 7, ADMIN_DESK, None)),
    ],
    "a higher rung receives, and stands at the Admin WA's desk": [
        SUBMITTED,
        Move(ActName.RECEIVE, AGENCY, ["received"], Stand("open", 3, ADMIN_DESK, AGENCY.email)),
        Move(ActName.SETTLE, AGENCY, ["verified", "answered"], Stand("answered", 8, ADMIN_DESK, None)),
    ],
    "the citizen is asked, answers, and the ADB checks": [
        SUBMITTED,
        RECEIVED,
        Move(ActName.ASK_COMPLAINANT, ADMIN, ["waiting"], Stand("waiting", 3, ADMIN_DESK, ADMIN.email)),
        Move("message", None, ["message_added", "resumed"], Stand("open", 3, ADMIN_DESK, ADMIN.email)),
        Move(
            ActName.ASK_DATABASE_ADMIN,
            ADMIN,
            ["data_check_asked"],
            Stand("open", 3, ADMIN_DESK, ADMIN.email),
        ),
        Move("message", None, ["message_added"], Stand("open", 3, ADMIN_DESK, ADMIN.email)),
    ],
    "an answer is refused, and a corrected one follows": [
        SUBMITTED,
        Move(
            ActName.SETTLE,
            ADMIN,
            ["received", "verified", "answered"],
            Stand("answered", 8, ADMIN_DESK, None),
        ),
        Move("delivered", None, ["delivered"], Stand("answered", None, SECTION_DESK, None)),
        Move(ActName.REFUSE, SECTION, ["refused"], Stand("open", 4, SECTION_DESK, None)),
        Move(ActName.RESPOND, SECTION, ["verified", "responded"], Stand("open", 7, ADMIN_DESK, None)),
        Move(ActName.ANSWER, ADMIN, ["answered"], Stand("answered", 8, ADMIN_DESK, None)),
        Move("delivered", None, ["delivered", "closed"], Stand("closed", None, None, None)),
    ],
}


@pytest.mark.parametrize("moves", WAYS.values(), ids=WAYS.keys())
def test_each_act_leads_where_the_instruction_says(moves: list[Move]) -> None:
    case = Case()
    for count, move in enumerate(moves):
        before = len(case.events)
        _do(case.at(count), move)
        now = case.complaint
        stand = Stand(now.status.value, now.step, now.holder_role, now.holder)
        assert (move.act, case.happened[before:], stand) == (move.act, move.events, move.stand)
    assert case.complaint.breaches == ()


@pytest.mark.parametrize("moves", WAYS.values(), ids=WAYS.keys())
def test_the_version_moves_just_with_step_status_holder_and_pause(moves: list[Move]) -> None:
    case = Case()
    stands = [case.complaint]
    for count, move in enumerate(moves):
        for event in _do(case.at(count), move).events:
            stands.append(stands[-1].after(event))

    for before, after in pairwise(stands):
        moved = any(getattr(before, name) != getattr(after, name) for name in ("step", "status", "holder", "wait"))
        assert after.version - before.version == moved


@pytest.mark.parametrize("moves", WAYS.values(), ids=WAYS.keys())
def test_the_record_tells_everything_in_order(moves: list[Move]) -> None:
    case = Case()
    for count, move in enumerate(moves):
        _do(case.at(count), move)

    blank = Complaint(id=case.complaint.id, citizen=case.complaint.citizen, started_at=case.start)
    assert [event.seq for event in case.events] == list(range(1, len(case.events) + 1))
    assert [event.at for event in case.events] == sorted(event.at for event in case.events)
    assert replayed(blank, tuple(case.events)) == case.complaint


def _do(case: Case, move: Move) -> Transition:
    if move.act == "submit":
        return case.submit()
    if move.act == "delivered":
        return case.delivered()
    if move.act == "message":
        return case.do(AddMessage())
    assert move.actor is not None
    return case.staff(ActName(move.act), move.actor)


def test_each_step_that_one_act_passes_is_entered_completed_and_recorded_at_its_own_step() -> None:
    case = Case()
    case.submit()
    case.at(4).staff(ActName.SETTLE, ADMIN)

    assert [(event.type.value, event.step) for event in case.events] == [
        ("submitted", 1),
        ("received", 2),
        ("verified", 3),
        ("answered", 7),
    ]
    assert case.complaint.entry == 5


def test_the_note_of_one_act_stands_where_the_work_is_handed_over() -> None:
    case = standing_at(2)
    case.staff(ActName.FORWARD, ADMIN, note="Arsip tidak ada di loket.")

    assert [(event.type.value, event.note) for event in case.events[1:]] == [
        ("received", None),
        ("forwarded", "Arsip tidak ada di loket."),
    ]


def test_a_complaint_is_numbered_and_gets_its_unit_when_it_is_submitted() -> None:
    case = standing_at(1)
    assert (case.complaint.number, case.complaint.unit) == (None, None)

    case.staff(ActName.REGISTER, ADMIN, category="birth_certificate", description="Akta anak saya salah nama.")

    assert (case.complaint.number, case.complaint.unit) == ("ADU-261123-ABCDE", "civil_registration")
    assert case.complaint.description == "Akta anak saya salah nama."
    assert case.citizen_told == ["registered"]


def test_a_service_that_the_office_does_not_have_is_refused() -> None:
    case = standing_at(1)
    with pytest.raises(WrongField) as refused:
        case.staff(ActName.REGISTER, ADMIN, category="passport")
    assert refused.value.fields.keys() == {"service"}


# Approval


def test_an_admins_own_answer_goes_out_at_once_and_waits_for_its_approval() -> None:
    case = standing_at(8)

    assert [effect.text for effect in case.effects if isinstance(effect, SendAnswer)] == ["KTP Anda bisa diambil."]
    assert case.complaint.approved is None
    assert case.complaint.approval_at == MONDAY + minutes(30)
    case.delivered()
    assert (case.complaint.status, case.due_after) == (Status.ANSWERED, 30)


@pytest.mark.parametrize("who", [SECTION, DIVISION, AGENCY], ids=lambda who: who.roles[0])
def test_the_record_keeps_who_approved_which_text_in_what_role_and_when(who: Actor) -> None:
    case = standing_at(8)
    case.at(5).staff(ActName.APPROVE, who)

    answer = case.complaint.answer
    assert answer is not None
    assert case.complaint.approved == Approved(
        email=who.email,
        role=who.roles[0],
        at=case.now,
        text_sha256=hashlib.sha256(answer.text.encode()).hexdigest(),
    )


@pytest.mark.parametrize("settler", [SECTION, DIVISION, AGENCY], ids=lambda who: who.roles[0])
def test_what_a_higher_rung_settles_is_approved_by_the_act(settler: Actor) -> None:
    case = standing_at(3)
    case.staff(ActName.TAKE_OVER, settler)
    case.staff(ActName.SETTLE, settler)

    assert case.complaint.approved is not None
    assert case.complaint.approved.role is settler.roles[0]
    assert case.complaint.approval_at is None


def test_nobody_approves_twice() -> None:
    case = standing_at(8)
    case.staff(ActName.APPROVE, SECTION)
    with pytest.raises(NotNow):
        case.staff(ActName.APPROVE, DIVISION)


def test_an_answer_that_is_sent_as_it_was_approved_stays_approved() -> None:
    case = standing_at(7)
    case.staff(ActName.ANSWER, ADMIN)

    assert case.complaint.approved is not None
    assert case.complaint.approved.email == SECTION.email
    assert case.complaint.answer is not None
    assert case.complaint.answer.by == SECTION.email


def test_an_answer_that_was_changed_is_sent_and_waits_for_approval_like_an_admins_own() -> None:
    case = standing_at(7)
    case.staff(ActName.ANSWER, ADMIN, answer="KTP Anda sudah dicetak, silakan diambil.")

    assert (case.complaint.approved, case.complaint.step) == (None, 8)
    assert isinstance(case.effects[-1], SendAnswer)
    with pytest.raises(NeverAllowed):
        case.staff(ActName.APPROVE, Actor(email=ADMIN.email, roles=(Role.WHATSAPP_ADMIN, Role.SECTION_HEAD)))
    case.staff(ActName.APPROVE, SECTION)
    assert case.delivered().complaint.status is Status.CLOSED


def test_a_section_head_who_took_step_7_over_may_change_the_text() -> None:
    case = standing_at(7)
    case.staff(ActName.TAKE_OVER, SECTION)
    case.staff(ActName.ANSWER, SECTION, answer="Sudah jadi.")

    assert case.complaint.approved is not None
    assert case.complaint.approved.text_sha256 == hashlib.sha256(b"Sudah jadi.").hexdigest()


def test_a_refusal_tells_the_citizen_that_a_corrected_answer_follows() -> None:
    case = standing_at(8)
    case.at(5).staff(ActName.REFUSE, SECTION, note="Nomor salah.")

    assert case.citizen_told == ["registered", "correction_follows"]
    assert (case.complaint.holder, case.complaint.approved, case.complaint.delivered_at) == (None, None, None)
    assert case.due_after == 35
    assert case.complaint.answer is not None  # stands as what was proposed


def test_news_of_an_answer_that_was_refused_is_old() -> None:
    case = standing_at(8)
    old = case.complaint.answer
    assert old is not None
    case.staff(ActName.REFUSE, SECTION)
    case.staff(ActName.RESPOND, SECTION)
    case.staff(ActName.ANSWER, ADMIN)

    transition = case.do(Delivered(at=case.now, text_sha256=old.sha256))

    assert transition.events == ()
    assert case.complaint.step == 8


# Approving before sending


def test_where_approval_comes_first_an_admins_answer_waits_at_step_4_as_proposed() -> None:
    case = standing_at(3, APPROVED_FIRST)
    case.staff(ActName.SETTLE, ADMIN)

    assert (case.happened[-1], case.complaint.step, case.complaint.status) == ("forwarded", 4, Status.OPEN)
    assert case.complaint.answer is not None
    assert not any(isinstance(effect, SendAnswer) for effect in case.effects)


def test_where_approval_comes_first_the_section_heads_response_is_it() -> None:
    case = standing_at(2, APPROVED_FIRST)
    case.staff(ActName.SETTLE, ADMIN)
    case.staff(ActName.RESPOND, SECTION, answer="KTP Anda bisa diambil.")
    with pytest.raises(NotNow):
        case.staff(ActName.ANSWER, ADMIN, answer="Lain.")
    case.staff(ActName.ANSWER, ADMIN, answer="KTP Anda bisa diambil.")

    assert case.complaint.approved is not None
    assert case.delivered().complaint.status is Status.CLOSED


def test_where_approval_comes_first_a_section_head_who_took_over_settles_at_once() -> None:
    case = standing_at(3, APPROVED_FIRST)
    case.staff(ActName.TAKE_OVER, SECTION)
    case.staff(ActName.SETTLE, SECTION)

    assert case.complaint.step == 8
    assert case.complaint.approved is not None


# Messages, sending, checks by the ADB


def test_further_messages_are_unread_until_the_desk_acts() -> None:
    case = standing_at(3)
    case.do(AddMessage())
    case.do(AddMessage())
    assert (case.complaint.unread, case.complaint.messages) == (2, 3)

    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)

    assert (case.complaint.unread, case.complaint.messages) == (0, 3)


@pytest.mark.parametrize(("seen", "unread"), [(None, 0), (3, 0), (2, 1), (1, 2), (0, 2), (9, 0)])
@pytest.mark.parametrize("act", [ActName.FORWARD, ActName.SETTLE, ActName.ASK_COMPLAINANT])
def test_what_came_while_an_act_was_thought_about_stays_unread(act: ActName, seen: int | None, unread: int) -> None:
    case = standing_at(3)
    case.do(AddMessage())
    case.do(AddMessage())

    case.staff(act, ADMIN, messages=seen)

    assert (case.complaint.unread, case.complaint.messages) == (unread, 3)


def test_a_closed_complaint_takes_no_message() -> None:
    case = standing_at(1)
    case.staff(ActName.DISMISS, ADMIN)
    with pytest.raises(NotNow):
        case.do(AddMessage())


def test_a_draft_keeps_what_was_written_and_changes_nothing_else() -> None:
    case = standing_at(1)
    case.do(Draft(form={"name": "Budi"}, asking="nik"))
    case.do(Draft(form={"name": "Budi", "nik": FORM["nik"]}, asking="description"))

    assert case.happened == ["message_added", "message_added"]
    assert (case.complaint.version, case.complaint.asking) == (0, "description")
    assert case.complaint.form == {"name": "Budi", "nik": FORM["nik"]}


def test_a_citizen_may_give_a_draft_up() -> None:
    case = standing_at(1)
    case.do(Discard())
    assert (case.happened, case.events[-1].actor) == (["dismissed"], "complainant")
    assert (case.complaint.status, case.complaint.alarm) == (Status.CLOSED, None)


@pytest.mark.parametrize(
    "act", [Draft(form={}, asking=None), Submit(form=FORM), Discard()], ids=lambda act: type(act).__name__
)
def test_what_was_submitted_is_no_draft_any_more(act: Act) -> None:
    case = standing_at(2)
    with pytest.raises(NotNow):
        case.do(act)


def test_a_failed_sending_is_told_to_the_admins_at_once_and_offered_again() -> None:
    case = standing_at(8)
    case.at(1).failed()
    assert (case.happened[-1], case.told) == ("send_failed", [("send_failed", (Role.WHATSAPP_ADMIN,))])
    assert case.failed().events == ()  # told once

    again = case.at(2).staff(ActName.RESEND, COLLEAGUE)

    assert [type(effect) for effect in again.effects] == [SendAnswer]
    assert (case.complaint.sending, case.complaint.send_failed, case.complaint.step) == (2, False, 8)
    assert case.failed(sending=1).events == ()  # news of the earlier sending
    assert case.failed(sending=2).events != ()


def test_a_failed_sending_to_a_vacant_desk_is_told_to_the_next_rung() -> None:
    case = standing_at(8)
    case.vacant = frozenset({Role.WHATSAPP_ADMIN})
    case.failed()
    assert case.told == [("send_failed", (Role.SECTION_HEAD,))]


def test_a_delivery_that_is_reported_twice_is_one() -> None:
    case = standing_at(8)
    case.delivered()
    assert case.delivered().events == ()


def test_a_data_check_is_answered_as_a_note_and_the_clock_runs_on() -> None:
    case = standing_at(4)
    case.at(5).staff(ActName.ASK_DATABASE_ADMIN, SECTION)
    assert (case.told, case.complaint.holder) == ([("data_check", (Role.DATABASE_ADMIN,))], SECTION.email)
    with pytest.raises(NotNow):
        case.staff(ActName.ASK_DATABASE_ADMIN, SECTION)

    case.at(20).staff(ActName.REPLY_DATA_CHECK, ADB, note="Data tunggal.")

    assert (case.events[-1].note, case.events[-1].role) == ("Data tunggal.", Role.DATABASE_ADMIN)
    assert (case.due_after, case.complaint.holder) == (30, SECTION.email)
    with pytest.raises(NotNow):
        case.staff(ActName.REPLY_DATA_CHECK, ADB)


def test_a_data_check_goes_along_to_the_next_desk_and_ends_with_the_answer() -> None:
    case = standing_at(3)
    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.staff(ActName.FORWARD, ADMIN)
    assert case.complaint.data_check is not None
    case.staff(ActName.RESPOND, SECTION)
    assert case.complaint.data_check is None

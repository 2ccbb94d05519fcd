"""What the procedure is made of is never changed in place, and its errors give nothing away."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta

import pytest
from pydantic import BaseModel, ValidationError

from aduan.procedure.acts import Act, AddMessage, Check, Delivered, Discard, Draft, SendFailed, StaffAct, Submit
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.definition import ActName
from aduan.procedure.events import COMPLAINANT, SYSTEM, Event, EventType
from aduan.procedure.roles import Actor, Role, StaffMember
from tests.procedure.cases import (
    ADB,
    ADMIN,
    DIVISION,
    FORM,
    MONDAY,
    OFFICE_HOURS,
    PROCEDURE,
    SECTION,
    Case,
    left_alone,
    standing_at,
)

ACTS: tuple[Act, ...] = (
    StaffAct(name=ActName.RECEIVE, actor=ADMIN),
    Draft(form={}, asking=None),
    Submit(form=FORM),
    Discard(),
    AddMessage(at=MONDAY),
    Delivered(at=MONDAY, text_sha256=""),
    SendFailed(text_sha256="", sending=1, reason=""),
    Check(),
)


def a_whole_course() -> Case:
    """With a wait, a data check, an escalation, an answer, its approval."""
    case = standing_at(3)
    case.at(1).staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.at(2).staff(ActName.ASK_COMPLAINANT, ADMIN)
    return case


def _values(thing: object) -> Iterator[BaseModel]:
    """Every model in it, however deep."""
    if isinstance(thing, BaseModel):
        yield thing
        for name in type(thing).model_fields:
            yield from _values(getattr(thing, name))
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from _values(value)
    elif isinstance(thing, list | tuple | AbstractSet):
        for item in thing:
            yield from _values(item)


def _one_of_each_kind() -> dict[str, BaseModel]:
    waiting, answered = a_whole_course(), standing_at(8)
    answered.staff(ActName.APPROVE, DIVISION)
    late = standing_at(2)
    left_alone(late, 30)
    staff = StaffMember(email="a@b.test", name="A", role=Role.SECTION_HEAD)
    cases = [(case.complaint, case.events, case.effects) for case in (waiting, answered, late)]
    alarm = waiting.complaint.alarm
    everything = (PROCEDURE, OFFICE_HOURS.calendar, ACTS, staff, cases, alarm, SECTION, ADB)
    return {type(value).__name__: value for value in _values(everything)}


KINDS = _one_of_each_kind()


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_can_be_changed_once_it_is_made(kind: str) -> None:
    value = KINDS[kind]
    for name in type(value).model_fields or ["anything"]:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(value, name, None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Complaint.model_validate({"id": ["Budi Santoso"], "citizen": "c", "started_at": MONDAY}),
        lambda: Event.model_validate({"seq": 1, "type": "received", "at": MONDAY, "note": ["Budi Santoso"]}),
    ],
    ids=["complaint", "event"],
)
def test_what_cannot_be_read_of_the_record_is_not_repeated_by_the_error(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValidationError) as refused:
        make()
    assert "Budi" not in str(refused.value)


def test_a_complaint_of_which_nothing_is_recorded_is_a_draft_without_anything() -> None:
    blank = Complaint(id="261123-ABCDE", citizen="citizen-1", started_at=MONDAY)

    said = blank.model_dump(exclude={"id", "citizen", "started_at", "status", "waited"})

    assert {name: value for name, value in said.items() if value} == {}
    nothing_yet = {name for name, value in said.items() if value is None}
    assert nothing_yet >= {"number", "step", "due_at", "rung_at", "holder", "holder_role", "wait", "answer", "approved"}
    assert (blank.status, blank.waited, blank.description, blank.alarm) == (Status.DRAFT, timedelta(), "", None)


def test_an_event_is_the_programs_unless_somebody_is_named() -> None:
    event = Event(seq=1, type=EventType.ALERTED, at=MONDAY, step=None, changes={})
    assert (event.actor, event.role, event.note) == ("system", None, None)
    assert (SYSTEM, COMPLAINANT) == ("system", "complainant")


def test_the_record_has_the_contracts_words() -> None:
    assert {kind.value for kind in EventType} == {
        "submitted",
        "received",
        "verified",
        "forwarded",
        "escalated",
        "responded",
        "answered",
        "delivered",
        "send_failed",
        "approved",
        "refused",
        "dismissed",
        "breached",
        "alerted",
        "reminded",
        "waiting",
        "resumed",
        "data_check_asked",
        "data_check_answered",
        "taken_over",
        "message_added",
        "unmasked",
        "closed",
        "reopened",
        "withdrawn",
        "rated",
        "erased",
    }
    assert [status.value for status in Status] == ["draft", "open", "waiting", "answered", "closed"]


def test_the_acts_have_the_names_that_the_portals_addresses_have() -> None:
    assert [name.value for name in ActName] == [
        "register",
        "dismiss",
        "receive",
        "settle",
        "forward",
        "verify",
        "respond",
        "answer",
        "resend",
        "approve",
        "refuse",
        "ask_complainant",
        "ask_database_admin",
        "reply_data_check",
        "take_over",
    ]


@pytest.mark.parametrize(
    "act",
    [StaffAct(name=ActName.RECEIVE, actor=Actor(email="a@b.test", roles=())), AddMessage(), Check()],
    ids=lambda act: type(act).__name__,
)
def test_an_act_says_no_more_than_it_was_given(act: Act) -> None:
    assert set(act.model_dump(exclude_none=True)) <= {"name", "actor"}

"""What is personal goes: when its term is over, or at once where the citizen asks; and the rest of the record stays."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from aduan.procedure.acts import Discard, Draft, Erase
from aduan.procedure.complaint import Complaint, Status, replayed
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.office_file import OfficeFileError, parse
from aduan.procedure.personal import ERASED, Identifier
from aduan.procedure.roles import Role
from tests.procedure.cases import ADMIN, EVERY_MINUTE, FORM, OFFICES, PROCEDURE, SECTION, Case
from tests.procedure.cases import minutes as after

TEXT = (OFFICES / "bantul" / "procedure.toml").read_text("utf-8")
TERMS = PROCEDURE.terms
SECOND = timedelta(seconds=1)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def closed() -> Case:
    """Answered, approved, delivered."""
    case = Case()
    case.submit()
    case.staff(ActName.FORWARD, ADMIN)
    case.staff(ActName.RESPOND, SECTION)
    case.staff(ActName.ANSWER, ADMIN)
    case.delivered()
    return case


def draft() -> Case:
    case = Case()
    case.do(Draft(form={"name": "Budi Santoso"}, asking="nik"))
    return case


def discarded() -> Case:
    case = draft()
    case.do(Discard())
    return case


@pytest.mark.parametrize(
    ("case", "term"), [(closed, TERMS.complaints), (draft, TERMS.drafts), (discarded, TERMS.drafts)]
)
def test_a_term_is_over_to_the_second(case: Callable[[], Case], term: int) -> None:
    standing = case()
    standing.now += days(term) - SECOND
    assert standing.do(Erase()).events == ()
    standing.now += SECOND
    assert standing.do(Erase()).events != ()
    assert standing.complaint.erased_at == standing.now


def test_each_word_of_the_citizen_begins_the_term_of_a_draft_anew() -> None:
    case = draft()
    case.now += days(TERMS.drafts) - SECOND
    case.do(Draft(form=FORM, asking="confirm"))
    assert case.complaint.erase_at == case.now + days(TERMS.drafts)


@pytest.mark.parametrize("acts", range(4))
def test_what_is_worked_at_has_no_term(acts: int) -> None:
    case = Case()
    case.submit()
    steps = ((ActName.FORWARD, ADMIN), (ActName.RESPOND, SECTION), (ActName.ANSWER, ADMIN))
    for name, actor in steps[:acts]:
        case.staff(name, actor)
    assert case.complaint.erase_at is None
    case.now += days(10_000)
    assert case.do(Erase()).events == ()


def test_a_draft_that_an_admin_registers_has_no_term_any_more() -> None:
    case = draft()
    case.staff(ActName.REGISTER, ADMIN)
    assert case.complaint.erase_at is None


def test_of_a_draft_nothing_is_left_by_which_its_citizen_could_be_looked_for_nor_what_was_asked_last() -> None:
    case = Case()
    case.do(Draft(form=FORM, asking="nik", identifiers=(Identifier(kind="nik", value=FORM["nik"]),)))
    assert (case.complaint.identifiers, case.complaint.asking) != ((), None)
    case.do(Erase(asked=True))
    assert (case.complaint.identifiers, case.complaint.asking) == ((), None)


def test_a_term_is_counted_in_days_from_then_on() -> None:
    case = Case()
    assert case.workflow.after_days(8, case.start) == case.start + days(8)


def texts(complaint: Complaint) -> set[str]:
    asked = {complaint.wait.question} if complaint.wait else set()
    answered = {complaint.answer.text} if complaint.answer else set()
    return {*complaint.form.values(), *asked, *answered}


def test_an_erased_complaint_has_no_text_and_nothing_that_leads_to_anybody_and_is_otherwise_as_it_was() -> None:
    case = closed()
    before = case.complaint
    case.now += days(TERMS.complaints)
    case.do(Erase())
    after_it = case.complaint
    assert texts(after_it) == {ERASED}
    assert (after_it.citizen, after_it.identifiers, after_it.asking, after_it.erase_at) == (ERASED, (), None, None)
    gone = {"form", "answer", "citizen", "identifiers", "asking", "erase_at", "erased_at", "seq"}
    assert after_it.model_dump(exclude=gone) == before.model_dump(exclude=gone)
    assert after_it.answer is not None
    assert before.answer is not None
    assert after_it.answer.sha256 == before.answer.sha256
    assert case.happened[-1] == "erased"


def test_an_erased_complaint_is_the_sum_of_its_events() -> None:
    case = closed()
    case.do(Erase(asked=True))
    start = Complaint(id=case.complaint.id, citizen="citizen-1", started_at=case.start)
    assert replayed(start, tuple(case.events)) == case.complaint


@pytest.mark.parametrize("asked", [False, True])
def test_what_is_erased_stays_as_it_is(*, asked: bool) -> None:
    case = closed()
    case.do(Erase(asked=True))
    case.now += days(10_000)
    assert case.do(Erase(asked=asked)).events == ()


def test_a_draft_ends_before_it_is_erased() -> None:
    case = draft()
    case.now += days(TERMS.drafts)
    case.do(Erase())
    assert case.happened[-2:] == ["dismissed", "erased"]
    assert case.complaint.status is Status.CLOSED


def test_what_is_open_is_withdrawn_and_runs_no_more() -> None:
    case = Case()
    case.submit()
    case.staff(ActName.RECEIVE, ADMIN)
    case.staff(ActName.ASK_DATABASE_ADMIN, ADMIN)
    case.staff(ActName.ASK_COMPLAINANT, ADMIN)
    case.at(5).do(Erase(asked=True))
    assert case.happened[-2:] == ["withdrawn", "erased"]
    complaint = case.complaint
    assert (complaint.status, complaint.step, complaint.holder_role) == (Status.CLOSED, None, None)
    assert (complaint.wait, complaint.data_check, complaint.alarm) == (None, None, None)
    assert complaint.breaches == ()
    assert [event.actor for event in case.events[-2:]] == ["system", "system"]
    assert case.check().events == ()


def test_what_was_late_until_then_stays_late() -> None:
    case = Case()
    case.submit()
    case.at(11).do(Erase(asked=True))
    assert case.happened[-3:] == ["breached", "withdrawn", "erased"]
    (breach,) = case.complaint.breaches
    assert (breach.step, breach.ended_at) == (2, case.now)


def test_the_whole_that_was_late_until_then_ends_too() -> None:
    case = Case()
    case.submit()
    case.at(161).check()
    case.do(Erase(asked=True))
    assert {breach.ended_at for breach in case.complaint.breaches} != {None}
    assert all(breach.ended_at is not None for breach in case.complaint.breaches)


def test_nobody_is_told_of_it() -> None:
    case = Case(vacant=frozenset({Role.WHATSAPP_ADMIN}))
    case.submit()
    case.effects.clear()
    case.at(1).do(Erase(asked=True))
    assert case.effects == []


def test_a_day_of_a_term_is_1440_minutes_of_the_file() -> None:
    assert EVERY_MINUTE.days(2) == after(2 * 1440)
    assert type(EVERY_MINUTE)(EVERY_MINUTE.calendar, timedelta(seconds=1)).days(1) == timedelta(seconds=1440)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("drafts", 8),
        ("messages", 8),
        ("media", 8),
        ("outbox", 31),
        ("requests", 2),
        ("unreadable", 8),
        ("complaints", 4),
    ],
)
def test_a_term_is_no_shorter_than_the_program_needs_it(name: str, least: int) -> None:
    below = {"messages": {"media": least}, "complaints": {"messages": 8, "media": 8}}
    fitting = {"complaints": {"complaints": 8}}.get(name, {name: least})  # its messages need as much
    text = with_terms(**fitting, **below.get(name, {}))
    assert parse(text, name="procedure.toml", model=Procedure).terms.model_dump().items() >= fitting.items()
    with pytest.raises(OfficeFileError, match=rf"terms\.{name}"):
        parse(with_terms(**{name: least - 1}), name="procedure.toml", model=Procedure)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"media": 366}, "files are kept no longer than their messages (365 days)"),
        ({"messages": 731}, "messages are kept no longer than complaints (730 days)"),
    ],
)
def test_nothing_is_kept_longer_than_what_it_belongs_to(terms: dict[str, int], why: str) -> None:
    with pytest.raises(OfficeFileError, match=re.escape(why)):
        parse(with_terms(**terms), name="procedure.toml", model=Procedure)


def with_terms(**terms: int) -> str:
    """The file, with other terms."""
    text = TEXT
    for name, count in terms.items():
        text, replaced = re.subn(rf"(?m)^{name} = \d+", f"{name} = {count}", text)
        assert replaced == 1
    return text

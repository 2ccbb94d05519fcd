"""The acts of staff: who may do which, when, and what it brings about. The model's side of 'Staff portal'."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from tests.model.case import APPROVAL, DESK, TOTAL, WHOLE, WITH_THE_CITIZENS_HELP, Case, Told, World
from tests.model.hours import NOTHING
from tests.model.people import ADB, ADMIN, RANKS, SECTION, Person, outranks

ACTS = (
    "register", "dismiss", "receive", "settle", "forward", "verify", "respond", "answer", "resend", "approve",
    "refuse", "ask_complainant", "ask_database_admin", "reply_data_check", "take_over",
)  # fmt: skip
NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "register": ("category", "description"),
        "settle": ("note", "answer"),
        "respond": ("note", "answer"),
        "answer": ("answer",),
        "ask_complainant": ("question",),
        **dict.fromkeys(
            ("dismiss", "forward", "verify", "refuse", "ask_database_admin", "reply_data_check"), ("note",)
        ),
    }
)
AT_STEPS: Mapping[str, frozenset[int]] = MappingProxyType(
    {
        "register": frozenset({1}),
        "dismiss": frozenset({1}),
        "receive": frozenset({2}),
        "settle": frozenset({2, 3}),
        "forward": frozenset({2, 3, 4}),
        "verify": frozenset({4}),
        "respond": frozenset({4, 5, 6}),
        "answer": frozenset({7}),
        "resend": frozenset({8}),
        "take_over": frozenset({3, 4, 5, 6, 7}),
        **dict.fromkeys(("ask_complainant", "ask_database_admin", "reply_data_check"), WITH_THE_CITIZENS_HELP),
    }
)
WAYS: Mapping[tuple[str, int], tuple[int, ...]] = MappingProxyType(
    {
        ("receive", 2): (3,),
        ("settle", 2): (3, 7, 8),
        ("settle", 3): (7, 8),
        ("forward", 2): (3, 4),
        ("forward", 3): (4,),
        ("forward", 4): (6,),
        ("verify", 4): (5,),
        ("respond", 4): (5, 7),
        ("respond", 5): (7,),
        ("respond", 6): (7,),
        ("answer", 7): (8,),
    }
)
"""The steps through which an act leads, each entered, completed and timed."""


ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Try:
    """Somebody's attempt at an act."""

    act: str
    person: Person
    answer: str = ""
    unit: str = ""


def may(case: Case, attempt: Try, world: World) -> bool:
    """Whether the contract lets this person do this now, given right fields and the version as it stands."""
    act, person = attempt.act, attempt.person
    if not person.serves(case.unit):
        return False
    if act in ("approve", "refuse"):
        return _may_approve(case, act, person)
    if case.step is None or case.step not in AT_STEPS[act]:
        return False
    if act == "reply_data_check":
        return case.data_check and ADB in person.roles
    sits = world.staff.sits(person, DESK[case.step], case.unit)
    stands = sits or outranks(person, DESK[case.step])
    if act == "take_over":
        return stands and case.holder != person.email
    unheld = stands if act == "receive" else sits
    turn = unheld if case.holder is None else case.holder == person.email and stands
    possible = {
        "ask_complainant": case.waits_left(world) > NOTHING,
        "ask_database_admin": not case.data_check,
    }
    return turn and possible.get(act, True)


def _may_approve(case: Case, act: str, person: Person) -> bool:
    """At least a Kepala Seksi, and nobody approves what they drafted themselves as Admin WA."""
    ranks = RANKS[RANKS.index(SECTION) :]
    own = act == "approve" and case.answered_by == (person.email, ADMIN)
    return case.status == "answered" and not case.approved and not own and any(r in ranks for r in person.roles)


def perform(case: Case, attempt: Try, world: World, told: Told) -> None:
    """What an act that is allowed does."""
    if attempt.act in _OTHERS:
        _OTHERS[attempt.act](case, attempt, world, told)
        return
    case.resume(world)
    case.late_by_act(world)
    assert case.step is not None
    role = world.staff.role_at(attempt.person, DESK[case.step])
    if attempt.act in ("settle", "respond", "answer"):
        _write(case, attempt, role)
    for step in WAYS[attempt.act, case.step]:
        case.leave(world, step, told, holder=attempt.person.email)
    if case.step == 8:
        _hand_over(case, world, told)


def _write(case: Case, attempt: Try, role: str) -> None:
    """What was approved stays approved as long as its text does; whoever is of the rank approves by the act."""
    if attempt.act == "answer" and case.approved and attempt.answer == case.answer:
        return
    case.answer, case.answered_by, case.approved = attempt.answer, (attempt.person.email, role), role != ADMIN


def _hand_over(case: Case, world: World, told: Told) -> None:
    if case.total_at and world.now > case.total_at:
        case.note_late(WHOLE, None, case.total_at, world.now)
    case.end_late(WHOLE, at=world.now)
    case.status, case.total_at = "answered", None
    case.sending, case.send_failed, case.delivered = case.sending + 1, False, False
    case.approval_rung = 0
    case.approval_at = None if case.approved else world.hours.due(world.now, APPROVAL)
    told.citizen["a"] += 1


def submit(case: Case, world: World, told: Told, unit: str) -> None:
    """The complaint is complete: it has a unit, and 160 minutes since the first message."""
    case.unit, case.status = unit, "open"
    case.total_at = case.total_due = world.hours.due(case.started_at, TOTAL)
    case.leave(world, 2, told)
    told.citizen["n"] += 1


def discard(case: Case, *_: object) -> None:
    case.close()


def _register(case: Case, attempt: Try, world: World, told: Told) -> None:
    submit(case, world, told, attempt.unit)


def _approve(case: Case, *_: object) -> None:
    case.approved, case.approval_at, case.daily = True, None, False
    if case.delivered:
        case.close()


def _refuse(case: Case, _: Try, world: World, told: Told) -> None:
    """Back to step 4, and the citizen is told that a corrected answer follows."""
    case.late_by_act(world)
    case.end_late(case.entry, at=world.now)
    case.status, case.approval_at, case.delivered, case.send_failed = "open", None, False, False
    case.total_at = case.total_due if case.total_due and case.total_due > world.now else None
    told.citizen["n"] += 1
    case.enter(world, 4, told)


def _resend(case: Case, _: Try, world: World, told: Told) -> None:
    case.late_by_act(world)
    case.sending, case.send_failed = case.sending + 1, False
    told.citizen["a"] += 1


def _ask_complainant(case: Case, attempt: Try, world: World, told: Told) -> None:
    case.resume(world)
    case.late_by_act(world)
    case.begin_wait(world)
    case.holder = attempt.person.email
    told.citizen["n"] += 1


def _ask_database_admin(case: Case, attempt: Try, world: World, told: Told) -> None:
    case.resume(world)
    case.late_by_act(world)
    case.holder, case.data_check = attempt.person.email, True
    case.alert(told, world, ADB)


def _reply(case: Case, *_: object) -> None:
    case.data_check = False


def _take_over(case: Case, attempt: Try, world: World, _: Told) -> None:
    case.late_by_act(world)
    case.holder = attempt.person.email


_OTHERS: Mapping[str, Callable[[Case, Try, World, Told], None]] = MappingProxyType(
    {
        "register": _register,
        "dismiss": discard,
        "approve": _approve,
        "refuse": _refuse,
        "resend": _resend,
        "ask_complainant": _ask_complainant,
        "ask_database_admin": _ask_database_admin,
        "reply_data_check": _reply,
        "take_over": _take_over,
    }
)


# What WhatsApp says


def arrived(case: Case, world: World, at: datetime) -> None:
    """Late or not is judged by when it was delivered, not by when we heard of it."""
    case.late_by_act(world, at)
    case.end_late(case.entry, at=at)
    case.step, case.rung_at, case.holder, case.holder_role = None, None, None, SECTION
    case.due_at, case.delivered, case.send_failed = case.approval_at, True, False
    if case.approved:
        case.close()


def failed(case: Case, world: World, told: Told) -> None:
    """A failed send is told to every Admin WA at once, and offered again."""
    case.send_failed = True
    case.alert(told, world, ADMIN)


# What the citizen says


def add_message(case: Case, world: World, written_at: datetime) -> None:
    """A further message changes nothing but that a reply ends the wait; WhatsApp's time has whole seconds."""
    if case.wait and written_at + ONE_SECOND >= case.wait.since:
        case.resume(world)

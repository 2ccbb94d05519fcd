"""What happens when time is up (procedure, 'The eight steps' and 'Rungs'), on the model's side."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from tests.model.case import APPROVAL, BUDGET, DESK, LAST_RUNGS, WHOLE, Case, Told, World
from tests.model.people import ADMIN, AGENCY, DIVISION, SECTION

ESCALATES: Mapping[int, int] = MappingProxyType({3: 4, 4: 6})
LADDER: Mapping[int, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        2: ((ADMIN, SECTION), (DIVISION,), (AGENCY,)),
        5: ((DIVISION,), (AGENCY,)),
        6: ((AGENCY,),),
        7: ((SECTION,), (DIVISION,), (AGENCY,)),
        8: ((ADMIN,),),
    }
)
LISTED_DAILY = frozenset({2, 5, 6, 7})
REMINDED_OF_APPROVAL = (SECTION, DIVISION, AGENCY)
KINDS = ("wait_limit", "rung", "total", "approval")


def next_alarm(case: Case) -> tuple[datetime, str] | None:
    """The earliest of what is running, and of what falls together the first in this order."""
    times = (case.wait.limit if case.wait else None, case.rung_at, case.total_at, case.approval_at)
    running = [(at, KINDS.index(kind), kind) for at, kind in zip(times, KINDS, strict=True) if at]
    return (min(running)[0], min(running)[2]) if running else None


def ring(case: Case, world: World, told: Told) -> list[str]:
    """Everything that is due by now, the earliest first; the kinds of what rang."""
    rang: list[str] = []
    while (alarm := next_alarm(case)) is not None and alarm[0] <= world.now:
        rang.append(_ring_one(case, world, told, *alarm))
    return rang


def _ring_one(case: Case, world: World, told: Told, at: datetime, kind: str) -> str:
    if kind == "wait_limit":
        case.resume(world)
        return kind
    if kind == "total":
        case.note_late(WHOLE, None, at, world.now)
        case.total_at = None
        _rung_told(case, WHOLE, case.alert(told, world, AGENCY))
        return kind
    if kind == "approval":
        return _remind_of_approval(case, world, told, at)
    return _rung(case, world, told, at)


def _rung(case: Case, world: World, told: Told, at: datetime) -> str:
    step = case.step
    assert step is not None
    assert case.due_at is not None
    if step == 1:
        case.rung, case.rung_at = 1, None
        told.citizen["n"] += 1
        return "reminder"
    if case.rung < len(LADDER.get(step, (None,))):
        case.note_late(case.entry, step, case.due_at, world.now)
    if step in ESCALATES:
        entry, onward = case.entry, ESCALATES[step]
        people = world.staff.reached((DESK[onward],), case.unit)
        _rung_told(case, entry, len(people))
        if not world.staff.is_vacant(DESK[onward], case.unit):
            told.staff.update(people)
        case.leave(world, onward, told)
        return "escalation"
    if case.rung == len(LADDER[step]):
        told.daily |= world.staff.reached(LAST_RUNGS, case.unit)
        case.rung_at = world.hours.next_opening(world.now)
        return "daily"
    _rung_told(case, case.entry, case.alert(told, world, *LADDER[step][case.rung]))
    case.rung += 1
    last = case.rung == len(LADDER[step])
    case.daily = last and step in LISTED_DAILY
    if last:
        case.rung_at = world.hours.next_opening(world.now) if case.daily else None
    else:
        case.rung_at = world.hours.due(at, BUDGET[step])
    return f"rung {case.rung} of step {step}"


def _rung_told(case: Case, entry: int, people: int) -> None:
    next(late for late in case.breaches if late.entry == entry).rungs.append(people)


def _remind_of_approval(case: Case, world: World, told: Told, at: datetime) -> str:
    """A reminder and no breach: Kepala Seksi, Kepala Bidang, Kepala Dinas in turn, then daily."""
    done = case.approval_rung == len(REMINDED_OF_APPROVAL)
    if done:
        told.daily |= world.staff.reached(LAST_RUNGS, case.unit)
    else:
        case.alert(told, world, REMINDED_OF_APPROVAL[case.approval_rung])
        case.approval_rung += 1
    last = case.approval_rung == len(REMINDED_OF_APPROVAL)
    case.approval_at = world.hours.next_opening(world.now) if last else world.hours.due(at, APPROVAL)
    case.daily = case.daily or last
    if case.step is None:
        case.due_at = case.approval_at
    return "approval daily" if done else f"approval {case.approval_rung}"

"""Whether an instruction hangs together: each check refuses the file with the line that is wrong."""

from typing import TYPE_CHECKING

from aduan.procedure.events import EventType
from aduan.procedure.form import DESCRIPTION, SERVICE, Check
from aduan.procedure.office_file import Misplaced
from aduan.procedure.roles import RANKS, Role, at_least

if TYPE_CHECKING:
    from aduan.procedure.definition import Procedure, Step


def check(procedure: "Procedure") -> None:
    """Raise `Misplaced` for the first thing that does not fit."""
    _check_titles(procedure)
    _check_numbers(procedure)
    _refuse_repeats(procedure)
    codes = [step.code for step in procedure.steps]
    for index, step in enumerate(procedure.steps):
        _check_ways(index, step, codes)
        _check_escalation(index, step, procedure, codes)
        _check_desk(index, step)
    _check_beginning(procedure)
    _check_delivery(procedure)
    _check_approval(procedure, codes)
    _refuse_unreachable(procedure)
    _check_services(procedure)
    _check_total(procedure)


def _check_titles(procedure: "Procedure") -> None:
    """Every desk, also one that the office has nobody for: what falls to it is told by its name."""
    if missing := [role for role in Role if role not in procedure.titles]:
        raise Misplaced(("titles",), f"needs a title for {', '.join(missing)}")


def _check_numbers(procedure: "Procedure") -> None:
    for index, step in enumerate(procedure.steps):
        if step.number != index + 1:
            message = f"steps are numbered in order: expected {index + 1}"
            raise Misplaced(("steps", index, "number"), message)


def _refuse_repeats(procedure: "Procedure") -> None:
    tables = {
        "steps": [step.code for step in procedure.steps],
        "units": [unit.code for unit in procedure.units],
        "services": [service.code for service in procedure.services],
    }
    for table, codes in tables.items():
        for index, code in enumerate(codes):
            if code in codes[:index]:
                raise Misplaced((table, index, "code"), f"the code '{code}' is used twice")


def _unknown(code: str, codes: list[str]) -> str:
    return f"unknown step '{code}', expected one of {', '.join(codes)}"


def _check_ways(index: int, step: "Step", codes: list[str]) -> None:
    if not step.leads:
        raise Misplaced(("steps", index, "leads"), "the step leads nowhere: name at least one way on")
    for outcome, code in step.leads.items():
        if code not in (*codes, EventType.CLOSED):
            raise Misplaced(("steps", index, "leads", outcome), _unknown(code, codes))


def _check_escalation(index: int, step: "Step", procedure: "Procedure", codes: list[str]) -> None:
    """It leads onward only, so that it ends."""
    target, place = step.overrun.escalate_to, ("steps", index, "overrun", "escalate_to")
    if target is None:
        return
    if target not in codes:
        raise Misplaced(place, _unknown(target, codes))
    if procedure.coded(target).number <= step.number or procedure.coded(target).actor is Role.COMPLAINANT:
        raise Misplaced(place, f"'{target}' is no later step of staff: an escalation leads onward")


def _check_desk(index: int, step: "Step") -> None:
    if step.holder_role not in RANKS:
        expected = f"a desk on the ladder ({', '.join(RANKS)})"
        raise Misplaced(("steps", index, "desk"), f"a step of '{step.actor}' needs {expected}")


def _check_beginning(procedure: "Procedure") -> None:
    for index, step in enumerate(procedure.steps):
        if step.overrun.remind_complainant != (index == 0):
            message = "the first step reminds the complainant, and no other: it runs on the citizen's own time"
            raise Misplaced(("steps", index, "overrun"), message)
    for way in (EventType.SUBMITTED, EventType.DISMISSED):
        if way not in procedure.first.leads:
            raise Misplaced(("steps", 0, "leads"), f"the first step needs the way '{way}'")


def _check_delivery(procedure: "Procedure") -> None:
    """What is answered is delivered, and nothing else stands between the answer and the end."""
    for index, step in enumerate(procedure.steps):
        code = step.leads.get(EventType.ANSWERED)
        if code is None:
            continue
        after = None if code == EventType.CLOSED else procedure.coded(code)
        if after is None or after.actor is not Role.COMPLAINANT or after.leads != {"delivered": "closed"}:
            message = "must lead to a step of 'complainant' that leads on by delivered = 'closed' alone"
            raise Misplaced(("steps", index, "leads", EventType.ANSWERED), message)


def _check_approval(procedure: "Procedure", codes: list[str]) -> None:
    code, place = procedure.approval.refused_to, ("approval", "refused_to")
    if code not in codes:
        raise Misplaced(place, _unknown(code, codes))
    if procedure.coded(code).actor is Role.COMPLAINANT:
        raise Misplaced(place, f"'{code}' is no step of staff")
    if procedure.approval.at_least not in RANKS:
        raise Misplaced(("approval", "at_least"), f"must be one of {', '.join(RANKS)}")
    _check_approved_before_sending(procedure)


def _check_approved_before_sending(procedure: "Procedure") -> None:
    """Where nothing is sent unapproved, what a step hands over for sending must be approved by that act."""
    approval = procedure.approval
    if approval.when != "before_sending":
        return
    for index, step in enumerate(procedure.steps):
        if EventType.RESPONDED in step.leads and step.holder_role not in at_least(approval.at_least):
            message = f"with before_sending, who responds must be of the rank that approves, '{approval.at_least}'"
            raise Misplaced(("steps", index, "actor"), message)


def _refuse_unreachable(procedure: "Procedure") -> None:
    reached: set[str] = {EventType.CLOSED}
    ahead = [procedure.first.code, procedure.approval.refused_to]
    while ahead:
        if (code := ahead.pop()) not in reached:
            reached.add(code)
            step = procedure.coded(code)
            ahead += [*step.leads.values(), step.overrun.escalate_to or EventType.CLOSED]
    for index, step in enumerate(procedure.steps):
        if step.code not in reached:
            raise Misplaced(("steps", index), f"no way leads to the step '{step.code}'")


def _check_services(procedure: "Procedure") -> None:
    units = [unit.code for unit in procedure.units]
    for index, service in enumerate(procedure.services):
        if service.unit not in units:
            message = f"unknown unit '{service.unit}', expected one of {', '.join(units)}"
            raise Misplaced(("services", index, "unit"), message)
    checks = {field.key: field.check for field in procedure.form.fields}
    if checks.get(SERVICE) is not Check.SERVICE or checks.get(DESCRIPTION) is not Check.TEXT:
        message = "the form needs a field 'service' with check = 'service', and 'description' with check = 'text'"
        raise Misplaced(("form", "fields"), message)


def _check_total(procedure: "Procedure") -> None:
    total = sum(step.standard.minutes for step in procedure.steps)
    if total != procedure.total.minutes:
        raise Misplaced(("total", "minutes"), f"the steps add up to {total} minutes")

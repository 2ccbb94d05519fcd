"""What the load left behind: is every complaint there once, where it should stand, and how late was the program."""

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from infra.local.office import STAFF
from tests.load.complaints import ADMINS, Life, Told
from tests.load.office import Office

_LEAST_PERCENT, _MOST_PERCENT = 50, 95


@dataclass(frozen=True)
class Judged:
    """All figures, and what is wrong (nothing, where all is well)."""

    figures: dict[str, Any]
    wrong: list[str]


def judge(office: Office, told: Told, came_in: float) -> Judged:
    """Read every complaint. `came_in`: the seconds over which they came."""
    seen = {life: office.complaint(life.number, ADMINS[0]) for life in told.lives if life.number}
    wrong = [
        *_lost_or_doubled(office, told),
        *(fault for life, complaint in seen.items() for fault in _faults(life, complaint)),
        *_told_twice(office),
    ]
    breaches = [breach for complaint in seen.values() for breach in complaint.get("breaches", [])]
    planned = sum(len(life.left) for life in told.lives)
    figures = {
        "complaints": len(told.lives),
        "came_in_seconds": came_in,
        "seconds_until_rest": round(told.seconds, 1),
        "unfinished": told.unfinished,
        "closed": sum(complaint.get("status") == "closed" for complaint in seen.values()),
        "events": sum(len(complaint.get("events", [])) for complaint in seen.values()),
        "messages_sent": len(office.stack.whatsapp.sent),
        "breaches": len(breaches),
        "breaches_planned": planned,
        "breaches_noticed_by_a_check": sum(bool(breach["rungs"]) for breach in breaches),
        "lateness_seconds": spread([_lateness(breach) for breach in breaches if breach["rungs"]]),
        "webhooks": len(office.webhook_seconds),
        "webhook_seconds": spread(office.webhook_seconds),
        "webhooks_over_a_second": sum(seconds > 1 for seconds in office.webhook_seconds),
        "acts": len(office.act_seconds),
        "act_seconds": spread(office.act_seconds),
        "errors": dict(office.errors),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "wrong": wrong[:_SHOWN],
    }
    return Judged(figures, wrong)


_SHOWN: Final = 50


def spread(values: Sequence[float]) -> dict[str, float]:
    """p50, p95 (nearest rank) and the largest, in seconds."""
    if not values:
        return {}
    ordered = sorted(values)
    ranks = {f"p{percent}": math.ceil(len(ordered) * percent / 100) - 1 for percent in (_LEAST_PERCENT, _MOST_PERCENT)}
    return {name: round(ordered[rank], 3) for name, rank in ranks.items()} | {"max": round(ordered[-1], 3)}


def _lateness(breach: dict[str, Any]) -> float:
    return (datetime.fromisoformat(breach["noticed_at"]) - datetime.fromisoformat(breach["due_at"])).total_seconds()


def _lost_or_doubled(office: Office, told: Told) -> list[str]:
    numbers = [life.number for life in told.lives if life.number]
    listed = Counter(office.all_numbers(ADMINS[0]))
    wrong = [f"{len(told.lives) - len(numbers)} complaints have no number"] if len(numbers) < len(told.lives) else []
    if listed != Counter(numbers):
        wrong.append(f"the office lists {listed.total()} complaints, the citizens were told {len(numbers)}")
    return wrong


def _faults(life: Life, complaint: dict[str, Any]) -> list[str]:
    """What is wrong with one complaint: with its end, its record, or its breaches."""
    faults = []
    if complaint.get("status") != "closed":
        faults.append(f"{life.number}: stands at {complaint.get('status')}, step {complaint.get('step')}")
    events = complaint.get("events", [])
    if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
        faults.append(f"{life.number}: its record has a hole")
    rows = Counter(breach["step"] for breach in complaint.get("breaches", []))
    if missing := [step for step in life.left if not rows[step]]:
        faults.append(f"{life.number}: the overrun of {missing} was not noticed")
    if doubled := [step for step, count in rows.items() if count > 1]:
        faults.append(f"{life.number}: the overrun of {doubled} was noticed twice")
    for breach in complaint.get("breaches", []):
        rungs = [rung["rung"] for rung in breach["rungs"]]
        if rungs != list(range(1, len(rungs) + 1)):
            faults.append(f"{life.number}: step {breach['step']} has the rungs {rungs}")
    return faults


def _told_twice(office: Office) -> list[str]:
    """Every message of ours left once; and nobody of the staff was told one thing twice."""
    copies = Counter(sent.callback for sent in office.stack.whatsapp.sent)
    wrong = [f"{callback} was sent {count} times" for callback, count in copies.items() if count > 1]
    for person in STAFF:
        phone = office.stack.whatsapp.staff(person.whatsapp, person.name)
        heard = Counter(message.text for message in phone.inbox)
        wrong += [f"{person.name} was told {count} times: {text}" for text, count in heard.items() if count > 1]
    return wrong

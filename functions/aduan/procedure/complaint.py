"""Where one complaint stands: nothing but the sum of its events."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from aduan.procedure.events import Event
from aduan.procedure.personal import Identifier, Personal
from aduan.procedure.roles import Role


class Frozen(BaseModel):
    """A value of the record."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Status(StrEnum):
    """How a complaint stands, in the contract's words."""

    DRAFT = "draft"
    OPEN = "open"
    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class Wait(Frozen):
    """A wait for the complainant. What is left of each running budget is kept, to be given back."""

    since: datetime
    question: Personal
    limit_at: datetime
    due_at: datetime  # the step's, as it was: kept where it had already passed
    step_left: timedelta | None  # None: it had already passed
    rung_left: timedelta | None
    total_left: timedelta | None  # None: it had already passed


class Answer(Frozen):
    """The text proposed or sent, and who wrote it in which role."""

    text: Personal
    sha256: str
    by: str
    role: Role

    @classmethod
    def written(cls, text: str, by: str, role: Role) -> Self:
        """A text with its hash."""
        return cls(text=text, sha256=hashlib.sha256(text.encode()).hexdigest(), by=by, role=role)


class Approved(Frozen):
    """Who approved which text, in what role, when."""

    email: str
    role: Role
    at: datetime
    text_sha256: str


class RungTold(Frozen):
    """One rung of a ladder: when which desks were told."""

    rung: int
    at: datetime
    told: tuple[Role, ...]


class Breach(Frozen):
    """One step entry that ran over (`step` None: the whole complaint).

    From due to ended the officer was late; from due to noticed the program was.
    """

    step: int | None
    entry: int
    due_at: datetime
    noticed_at: datetime
    ended_at: datetime | None = None
    rungs: tuple[RungTold, ...] = ()


class DataCheck(Frozen):
    """A question to the ADB that is not answered yet."""

    asked_by: str
    at: datetime


class AlarmKind(StrEnum):
    """What an alarm is for; in the order in which they ring when they fall together."""

    WAIT_LIMIT = "wait_limit"
    RUNG = "rung"
    TOTAL = "total"
    APPROVAL = "approval"


class Alarm(Frozen):
    """When a complaint must be looked at next, and why. `entry` and `rung` say of which state it speaks."""

    at: datetime
    kind: AlarmKind
    entry: int
    rung: int


class Complaint(Frozen):
    """The head. Every field was set by some event, and `seq` is the number of them.

    `entry` counts the steps entered; `rung` the rungs told in this one. `rung_at`, `total_at` and
    `approval_at` are when the next of each is due, or None. `version` moves with step, status, holder and
    pause only.
    """

    id: str
    citizen: str
    status: Status = Status.DRAFT
    number: str | None = None
    seq: int = 0
    version: int = 0

    form: dict[str, Personal] = {}
    category: str | None = None
    unit: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    asking: str | None = None  # what the conversation asked last: a field of the form, or its confirmation

    step: int | None = None
    entry: int = 0
    entered_at: datetime | None = None
    due_at: datetime | None = None
    rung: int = 0
    rung_at: datetime | None = None
    daily: bool = False  # the last rung was told: from here on it is listed once each service day
    by_escalation: bool = False
    holder_role: Role | None = None
    holder: str | None = None
    holder_as: Role | None = None

    started_at: datetime
    total_due_at: datetime | None = None
    total_at: datetime | None = None
    wait: Wait | None = None
    waited: timedelta = timedelta(0)
    data_check: DataCheck | None = None
    breaches: tuple[Breach, ...] = ()

    answer: Answer | None = None
    answered_at: datetime | None = None
    sending: int = 0  # how often an answer was handed over for sending; only the newest counts
    send_failed: bool = False
    delivered_at: datetime | None = None
    approved: Approved | None = None
    approval_at: datetime | None = None
    approval_rung: int = 0

    messages: int = 0
    unread: int = 0
    closed_at: datetime | None = None

    @property
    def description(self) -> str:
        """What is complained about; empty in a draft that does not say it yet."""
        return self.form.get("description", "")

    @property
    def awaits_approval(self) -> bool:
        """Whether its answer was sent, or is on its way, and nobody approved it yet."""
        return self.status is Status.ANSWERED and self.approved is None

    @property
    def alarm(self) -> Alarm | None:
        """The one next alarm: the earliest of what is running."""
        running = (
            (self.wait and self.wait.limit_at, AlarmKind.WAIT_LIMIT, 0),
            (self.rung_at, AlarmKind.RUNG, self.rung + 1),
            (self.total_at, AlarmKind.TOTAL, 1),
            (self.approval_at, AlarmKind.APPROVAL, self.approval_rung + 1),
        )
        alarms = [Alarm(at=at, kind=kind, entry=self.entry, rung=rung) for at, kind, rung in running if at]
        return min(alarms, key=lambda alarm: alarm.at, default=None)

    def after(self, event: Event) -> Self:
        """This complaint with one more event."""
        return self.model_copy(update={**event.changes, "seq": event.seq})


def replayed(start: Complaint, events: tuple[Event, ...]) -> Complaint:
    """A complaint from its first state and its record."""
    for event in events:
        start = start.after(event)
    return start


Changes = dict[str, Any]

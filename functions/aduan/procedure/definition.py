"""The office's instruction as data: what `procedure.toml` may say, and what it may not.

Nothing here knows how many steps there are or what they are called; the file says it, and a file that does
not fit together is refused with the line that is wrong.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from itertools import dropwhile
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from aduan.procedure import soundness
from aduan.procedure.events import EventType
from aduan.procedure.form import Check, Form, FormField
from aduan.procedure.office_file import Misplaced
from aduan.procedure.roles import Role, StaffRole, at_least
from aduan.procedure.terms import Terms


class Entry(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _names_somebody(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles:
        raise ValueError("must name at least one role")
    return roles


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Minutes = Annotated[int, Field(gt=0)]
Words = Annotated[str, Field(min_length=1)]
Rung = Annotated[tuple[StaffRole, ...], AfterValidator(_names_somebody)]
CLOSED = EventType.CLOSED.value
"""Where the last way leads; the end has no step."""


class ActName(StrEnum):
    """The acts of staff, by the names that the portal's addresses use."""

    REGISTER = "register"
    DISMISS = "dismiss"
    RECEIVE = "receive"
    SETTLE = "settle"
    FORWARD = "forward"
    VERIFY = "verify"
    RESPOND = "respond"
    ANSWER = "answer"
    RESEND = "resend"
    APPROVE = "approve"
    REFUSE = "refuse"
    ASK_COMPLAINANT = "ask_complainant"
    ASK_DATABASE_ADMIN = "ask_database_admin"
    REPLY_DATA_CHECK = "reply_data_check"
    TAKE_OVER = "take_over"


WALKS: Mapping[ActName, tuple[EventType, ...]] = MappingProxyType(
    {
        ActName.REGISTER: (EventType.SUBMITTED,),
        ActName.DISMISS: (EventType.DISMISSED,),
        ActName.RECEIVE: (EventType.RECEIVED,),
        ActName.SETTLE: (EventType.RECEIVED, EventType.VERIFIED, EventType.ANSWERED),
        ActName.FORWARD: (EventType.RECEIVED, EventType.FORWARDED),
        ActName.VERIFY: (EventType.VERIFIED,),
        ActName.RESPOND: (EventType.VERIFIED, EventType.RESPONDED),
        ActName.ANSWER: (EventType.ANSWERED,),
    }
)
"""The ways by which one act ends step after step; from a later step it leaves out those already behind.

The other acts end no step.
"""


class QualityStandard(Entry):
    """'Mutu Baku' of a step: Persyaratan/Kelengkapan, Waktu (minutes of service time), Output."""

    requirements: str
    minutes: Minutes
    output: str


class Overrun(Entry):
    """What happens by itself when a step's budget ends: one of remind, escalate, or a ladder of rungs.

    Each rung stands one more budget after the one before. `daily` is told once each service day after them.
    """

    remind_complainant: bool = False
    escalate_to: Code | None = None
    rungs: tuple[Rung, ...] = ()
    daily: tuple[StaffRole, ...] = ()
    source: Words

    @model_validator(mode="after")
    def _is_one_rule(self) -> Self:
        if self.remind_complainant + (self.escalate_to is not None) + bool(self.rungs) != 1:
            raise Misplaced((), "an overrun is exactly one of remind_complainant, escalate_to, or rungs")
        if self.daily and not self.rungs:
            raise Misplaced(("daily",), "only a step with rungs can be listed daily")
        return self


class Step(Entry):
    """One row of the instruction's table.

    `leads` maps how the step ends to the code of the next step, or 'closed'.
    """

    number: Annotated[int, Field(gt=0)]
    code: Code
    name: Words
    actor: Role
    desk: Role | None = None
    standard: QualityStandard
    leads: dict[EventType, Code]
    acts: tuple[ActName, ...] = ()
    overrun: Overrun
    source: Words

    @property
    def holder_role(self) -> Role:
        """The desk that looks after the step: its actor, or for a citizen's step the desk named for it."""
        return self.desk or self.actor

    def ways(self, act: ActName) -> tuple[EventType, ...]:
        """The ways by which an act ends steps from here on, in turn; empty where it cannot."""
        return tuple(dropwhile(lambda way: way not in self.leads, WALKS.get(act, ())))


class Total(Entry):
    """The instruction's 'Total Waktu'; when it ends without an answer, these are told, once."""

    minutes: Minutes
    alert: Rung
    source: Words


class ApprovalMoment(StrEnum):
    """Whether an Admin WA's own answer goes out at once, or waits for its approval first."""

    AFTER_SENDING = "after_sending"
    BEFORE_SENDING = "before_sending"


class Approval(Entry):
    """Who approves a settlement at least, when, and who is reminded in turn while it waits."""

    at_least: Role
    when: ApprovalMoment
    minutes: Minutes
    reminders: tuple[Rung, ...] = Field(min_length=1)
    daily: Rung
    refused_to: Code
    source: Words

    def is_given_by(self, role: Role) -> bool:
        """Whether who hands an answer over in this role approves it by that act."""
        return role in at_least(self.at_least)


class Waiting(Entry):
    """How long a complaint may wait for its complainant in all, in minutes of service time."""

    minutes: Minutes
    source: Words


class Unit(Entry):
    """A section of the office, to which its services belong."""

    code: Code
    name: Words


class Service(Entry):
    """What a complaint may be about, the unit it belongs to, and the words by which a citizen may name it."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=24)]  # stands as a row in a WhatsApp list
    unit: Code
    words: tuple[str, ...] = ()


class Procedure(Entry):
    """A whole instruction, checked to hang together."""

    name: Words
    instruction: Words
    office: Words
    total: Total
    approval: Approval
    waiting: Waiting
    terms: Terms
    titles: dict[Role, Words]
    form: Form
    units: tuple[Unit, ...] = Field(min_length=1)
    services: tuple[Service, ...] = Field(min_length=1, max_length=10)
    steps: tuple[Step, ...] = Field(min_length=2)

    @cached_property
    def _by_code(self) -> dict[str, Step]:
        return {step.code: step for step in self.steps}

    @cached_property
    def _by_number(self) -> dict[int, Step]:
        return {step.number: step for step in self.steps}

    def step(self, number: int) -> Step:
        """The step of this number, which there must be."""
        return self._by_number[number]

    def coded(self, code: str) -> Step:
        """The step of this code, which there must be."""
        return self._by_code[code]

    def worded(self, field: FormField, value: str) -> str:
        """A field's value as people read it: a service by its name."""
        service = self.service(value) if field.check is Check.SERVICE else None
        return service.name if service else value

    def service(self, code: str) -> Service | None:
        """The service of this code, or None."""
        return next((service for service in self.services if service.code == code), None)

    @property
    def first(self) -> Step:
        """Where every complaint begins."""
        return self.steps[0]

    def named(self, roles: Iterable[Role]) -> str:
        """Desks by the office's own titles: 'Kepala Bidang, Kepala Dinas'."""
        return ", ".join(self.titles[role] for role in roles)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        soundness.check(self)
        for index, step in enumerate(self.steps):
            for position, act in enumerate(step.acts):
                if act in WALKS and not all(self._leads_on(step, walk) for walk in self._walks(act)):
                    message = f"'{act}' ends steps by {', '.join(WALKS[act])}: no such way leads on from here"
                    raise Misplaced(("steps", index, "acts", position), message)
        return self

    def _walks(self, act: ActName) -> tuple[ActName, ...]:
        """How an act may go: a settlement that is approved before it is sent goes as if it was forwarded."""
        asks_first = act is ActName.SETTLE and self.approval.when is ApprovalMoment.BEFORE_SENDING
        return (act, ActName.FORWARD) if asks_first else (act,)

    def _leads_on(self, step: Step, walk: ActName) -> bool:
        code, ways = step.code, step.ways(walk)
        for way in ways:
            if code == CLOSED or way not in self.coded(code).leads:
                return False
            code = self.coded(code).leads[way]
        return bool(ways)

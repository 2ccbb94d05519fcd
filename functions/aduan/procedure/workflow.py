"""The procedure at work: one table of acts, and `decide`, which says what an act brings about or refuses it.

Source: IKMT-PIAK-01-06, steps 1 to 8. Which acts a step knows and where they lead stands in the procedure
file; this module knows no step by its number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from aduan.procedure import alarms, complainant_acts, erasing, staff_acts
from aduan.procedure.acts import Act, Check, Erase, StaffAct
from aduan.procedure.calendar import ServiceClock
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.course import By, Course
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.effects import Effect
from aduan.procedure.errors import ProcedureError
from aduan.procedure.events import COMPLAINANT, Event
from aduan.procedure.permission import Rule, Turn, permit
from aduan.procedure.roles import Actor, Role

_AT_WORK = frozenset({Status.OPEN, Status.WAITING})
_DRAFT = frozenset({Status.DRAFT})
_ANSWERED = frozenset({Status.ANSWERED})

TABLE: Mapping[ActName, Rule] = MappingProxyType(
    {
        # act: possible while, whose turn, what it does
        ActName.REGISTER: Rule(_DRAFT, Turn.DESK, staff_acts.register),
        ActName.DISMISS: Rule(_DRAFT, Turn.DESK, staff_acts.dismiss),
        ActName.RECEIVE: Rule(_AT_WORK, Turn.DESK_OR_ABOVE, staff_acts.hand_on),
        ActName.SETTLE: Rule(_AT_WORK, Turn.DESK, staff_acts.settle),
        ActName.FORWARD: Rule(_AT_WORK, Turn.DESK, staff_acts.hand_on),
        ActName.VERIFY: Rule(_AT_WORK, Turn.DESK, staff_acts.hand_on),
        ActName.RESPOND: Rule(_AT_WORK, Turn.DESK, staff_acts.respond),
        ActName.ANSWER: Rule(_AT_WORK, Turn.DESK, staff_acts.answer),
        ActName.RESEND: Rule(_ANSWERED, Turn.DESK, staff_acts.resend),
        ActName.APPROVE: Rule(_ANSWERED, Turn.APPROVER, staff_acts.approve),
        ActName.REFUSE: Rule(_ANSWERED, Turn.APPROVER, staff_acts.refuse),
        ActName.ASK_COMPLAINANT: Rule(_AT_WORK, Turn.DESK, staff_acts.ask_complainant),
        ActName.ASK_DATABASE_ADMIN: Rule(_AT_WORK, Turn.DESK, staff_acts.ask_database_admin),
        ActName.REPLY_DATA_CHECK: Rule(_AT_WORK, Turn.DATABASE_ADMIN, staff_acts.reply_data_check),
        ActName.TAKE_OVER: Rule(_AT_WORK, Turn.TAKER, staff_acts.take_over),
    }
)


@dataclass(frozen=True)
class Transition:
    """What an act brought about. No events: it changed nothing, as a repeat or a check that came too late."""

    complaint: Complaint
    events: tuple[Event, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Workflow:
    """An office's procedure over its clock."""

    procedure: Procedure
    clock: ServiceClock

    def begin(self, complaint_id: str, citizen: str, started_at: datetime) -> Complaint:
        """A complaint of which nothing is recorded yet, at the first step since the first message."""
        blank = Complaint(id=complaint_id, citizen=citizen, started_at=started_at)
        course = Course(self.procedure, self.clock, started_at, frozenset(), blank)
        return blank.model_copy(update=course.entering(self.procedure.first))

    def after_days(self, count: int, at: datetime) -> datetime:
        """When a term of `count` days from `at` is over."""
        return at + self.clock.days(count)

    def decide(
        self, complaint: Complaint, act: Act, now: datetime, vacant: frozenset[Role] = frozenset()
    ) -> Transition:
        """What `act` does to `complaint` at `now`.

        `vacant`: roles known to have nobody active in the complaint's unit; the others count as staffed.
        Raises a `ProcedureError` where the act is not allowed, and nothing has changed then.
        """
        course = Course(self.procedure, self.clock, now, vacant, complaint)
        try:
            self._perform(course, act)
        except ProcedureError as refusal:
            refusal.act = act.name if isinstance(act, StaffAct) else type(act).__name__
            refusal.step = complaint.step
            raise
        return Transition(course.complaint, tuple(course.events), tuple(course.effects))

    def _perform(self, course: Course, act: Act) -> None:
        complaint = course.complaint
        if isinstance(act, StaffAct):
            rule = TABLE[act.name]
            course.by = By(act.actor.email, permit(self.procedure, complaint, act, rule))
            course.seen = act.messages
            rule.perform(course, act)
        elif isinstance(act, Check):
            if not alarms.is_stale(complaint, act.alarm):
                alarms.ring(course)
        elif isinstance(act, Erase):
            erasing.erase(course, act)
        else:
            course.by = By(COMPLAINANT)
            complainant_acts.PERFORM[type(act)](course, act)

    def possible(self, complaint: Complaint, actor: Actor) -> tuple[ActName, ...]:
        """The acts that this person may do with this complaint now, by the same rules that judge them."""
        return tuple(name for name, rule in TABLE.items() if self._permits(complaint, name, rule, actor))

    def _permits(self, complaint: Complaint, name: ActName, rule: Rule, actor: Actor) -> bool:
        try:
            permit(self.procedure, complaint, StaffAct(name=name, actor=actor), rule)
        except ProcedureError:
            return False
        return True

"""A decision in the making: the events so far, the complaint as they leave it, the effects they ask for."""

from dataclasses import dataclass, field
from datetime import datetime

from aduan.procedure.calendar import ServiceClock
from aduan.procedure.complaint import Breach, Changes, Complaint, RungTold, Status
from aduan.procedure.definition import CLOSED, ActName, Procedure, Step
from aduan.procedure.effects import AlertReason, Effect, TellStaff
from aduan.procedure.events import SYSTEM, Event, EventType
from aduan.procedure.notes import alert_note
from aduan.procedure.roles import Role, above, reachable

MOVES = ("step", "entry", "status", "holder", "wait")
"""The fields whose change makes a form that somebody has open out of date."""


@dataclass(frozen=True)
class By:
    """Who does it: an email in a role, 'complainant', or the program itself."""

    actor: str = SYSTEM
    role: Role | None = None


@dataclass
class Course:
    """Local to one decision, and never kept: `Workflow.decide` returns what it holds."""

    procedure: Procedure
    clock: ServiceClock
    now: datetime
    vacant: frozenset[Role]
    complaint: Complaint
    by: By = By()
    seen: int | None = None  # so many of the citizen's messages were before the eyes of whoever acts; None: all
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    @property
    def step(self) -> Step:
        """The step that the complaint stands at; only asked where it stands at one."""
        if self.complaint.step is None:
            raise LookupError("the complaint stands at no step")
        return self.procedure.step(self.complaint.step)

    @property
    def read(self) -> Changes:
        """What an act leaves unread: the messages that came while it was thought about."""
        unseen = 0 if self.seen is None else max(0, self.complaint.messages - self.seen)
        return {"unread": min(self.complaint.unread, unseen)}

    def record(
        self,
        kind: EventType,
        by: By | None = None,
        *,
        note: str | None = None,
        changes: Changes | None = None,
    ) -> None:
        """One event, at the step where the complaint stands before it."""
        before, changes, by = self.complaint, changes or {}, by or self.by
        if before.seq == 0:  # the record tells the beginning too, so that it can be replayed from nothing
            changes = {**{name: getattr(before, name) for name in before.model_fields_set}, **changes}
        if any(name in changes and changes[name] != getattr(before, name) for name in MOVES):
            changes = {**changes, "version": before.version + 1}
        event = Event(
            seq=before.seq + 1,
            type=kind,
            at=self.now,
            step=before.step,
            actor=by.actor,
            role=by.role,
            note=note,
            changes=changes,
        )
        self.events.append(event)
        self.complaint = before.after(event)

    def after_minutes(self, start: datetime, count: int) -> datetime:
        """When `count` minutes of service time after `start` are over."""
        return self.clock.due(start, self.clock.minutes(count))

    # Entering and leaving a step

    def entering(self, step: Step) -> Changes:
        """What a complaint becomes by entering a step. Its deadline is a fact from here on."""
        due = self.after_minutes(self.now, step.standard.minutes)
        return {
            "step": step.number,
            "entry": self.complaint.entry + 1,
            "entered_at": self.now,
            "due_at": due,
            "rung": 0,
            "rung_at": due,
            "daily": False,
            "by_escalation": False,
            "holder_role": step.holder_role,
            "holder": None,
            "holder_as": None,
            "data_check": self.complaint.data_check if ActName.REPLY_DATA_CHECK in step.acts else None,
            "erase_at": None,
        }

    def _in_hand(self, step: Step) -> Changes:
        """Work stays with whoever acted while it is at one desk; a citizen's step is in nobody's hands."""
        from_desk_to_desk = Role.COMPLAINANT not in (self.step.actor, step.actor)
        if from_desk_to_desk and step.holder_role == self.step.holder_role:
            return {"holder": self.by.actor, "holder_as": self.by.role}
        return {}

    def leave(
        self,
        outcome: EventType,
        *,
        note: str | None = None,
        changes: Changes | None = None,
        ends: tuple[int, ...] = (),
    ) -> None:
        """End the step where the complaint stands by one of its ways, and enter the next.

        `ends` are the entries of breaches that end with it, beside the step's own.
        """
        self.breach_if_late(self.now)
        ended = {"breaches": self.ended_breaches(self.complaint.entry, *ends)}
        self.record(outcome, note=note, changes={**ended, **self._onward(outcome), **(changes or {})})
        self.tell_if_vacant()

    def _onward(self, outcome: EventType) -> Changes:
        target = self.step.leads[outcome]
        if target == CLOSED:
            return self.closing()
        step = self.procedure.coded(target)
        return {**self.entering(step), **self._in_hand(step)}

    def closing(self) -> Changes:
        """What a complaint becomes when nothing more is to be done: no step, no desk, no alarm."""
        nowhere = dict.fromkeys(("step", "holder_role", "holder", "holder_as"))
        silent = dict.fromkeys(("due_at", "rung_at", "total_at", "approval_at"))
        terms = self.procedure.terms
        kept = terms.complaints if self.complaint.number else terms.drafts
        closed = {"status": Status.CLOSED, "closed_at": self.now, "erase_at": self.after_days(kept)}
        return {**nowhere, **silent, "daily": False, **closed}

    def after_days(self, count: int) -> datetime:
        """When a term of `count` days from now is over: days of the calendar, not of service."""
        return self.now + self.clock.days(count)

    def tell_if_vacant(self) -> None:
        """A desk with nobody at it is never a hole: the next rung that has somebody is told at once."""
        if self.complaint.step is None or self.step.actor is Role.COMPLAINANT:
            return
        if self.step.holder_role in self.vacant and self.complaint.holder is None:
            told = reachable(above(self.step.holder_role)[:1], self.vacant)
            self.tell(told, AlertReason.DESK_VACANT)
            self.record(EventType.ALERTED, By(), note=alert_note(self.procedure, AlertReason.DESK_VACANT, told))

    # Breaches: a fact once for each step entry, whoever notices it

    def breach_if_late(self, at: datetime) -> None:
        """What is done after the deadline is late even where no check has fired: the act notices it."""
        due = self.complaint.due_at
        if self.complaint.step is None or due is None or at <= due:
            return
        if not self.step.overrun.remind_complainant:  # the first step runs on the complainant's own time
            self.breach(self.step.number, self.complaint.entry, due)

    def breach_if_standing(self) -> None:
        """A check at the very deadline finds the step still standing, and that is a breach already."""
        if self.complaint.due_at is not None:
            self.breach(self.step.number, self.complaint.entry, self.complaint.due_at)

    def breach(self, step: int | None, entry: int, due_at: datetime) -> None:
        """Record it, unless it was noticed before."""
        if any(breach.entry == entry for breach in self.complaint.breaches):
            return
        breach = Breach(step=step, entry=entry, due_at=due_at, noticed_at=self.now)
        self.record(EventType.BREACHED, By(), changes={"breaches": (*self.complaint.breaches, breach)})

    def ended_breaches(
        self, *entries: int, of: tuple[Breach, ...] | None = None, at: datetime | None = None
    ) -> tuple[Breach, ...]:
        """The breaches, with those of these step entries ended (now, or at `at`) that are open."""
        return tuple(
            breach.model_copy(update={"ended_at": at or self.now})
            if breach.entry in entries and breach.ended_at is None
            else breach
            for breach in (self.complaint.breaches if of is None else of)
        )

    def told_breaches(self, entry: int, rung: int, told: tuple[Role, ...]) -> tuple[Breach, ...]:
        """The breaches, with one more rung told for this step entry."""
        row = RungTold(rung=rung, at=self.now, told=told)
        return tuple(
            breach.model_copy(update={"rungs": (*breach.rungs, row)}) if breach.entry == entry else breach
            for breach in self.complaint.breaches
        )

    def tell(self, roles: tuple[Role, ...], reason: AlertReason) -> None:
        """Ask for an alert to everybody at these desks."""
        self.effects.append(TellStaff(roles=roles, reason=reason, step=self.complaint.step))

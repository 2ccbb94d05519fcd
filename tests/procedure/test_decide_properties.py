"""Whatever anybody does in whatever order, what is never allowed does not happen."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aduan.procedure.acts import (
    Act,
    AddMessage,
    Check,
    Delivered,
    Discard,
    Draft,
    SendFailed,
    StaffAct,
    Submit,
)
from aduan.procedure.complaint import Alarm, AlarmKind, Breach, Complaint, Status, replayed
from aduan.procedure.definition import ActName
from aduan.procedure.errors import ProcedureError
from aduan.procedure.events import Event
from aduan.procedure.roles import RANKS, Actor, Role, at_least
from aduan.procedure.workflow import Transition, Workflow
from tests.procedure.cases import (
    ADB,
    ADMIN,
    ADMIN_FOR_SECTION,
    AGENCY,
    APPROVED_FIRST,
    BANTUL,
    COLLEAGUE,
    DIVISION,
    FIELDS,
    FORM,
    IN_OFFICE_HOURS,
    MONDAY,
    OTHER_SECTION,
    SECTION,
    minutes,
)

STAFF = (ADMIN, COLLEAGUE, SECTION, OTHER_SECTION, ADMIN_FOR_SECTION, DIVISION, AGENCY, ADB)
TEXTS = ("KTP Anda sudah dicetak.", "KTP Anda bisa diambil.")
PAUSES = (0, 1 / 60, 5, 9, 10, 10 + 1 / 60, 20, 30, 30 + 1 / 60, 100, 600, 1440, 4000)
STEPS: dict[Status, tuple[int | None, ...]] = {
    Status.DRAFT: (1,),
    Status.OPEN: (2, 3, 4, 5, 6, 7),
    Status.WAITING: (3, 4, 5, 6),
    Status.ANSWERED: (8, None),
    Status.CLOSED: (None,),
}
MOVES = ("step", "status", "holder", "wait")

AT_DESK = {1: ADMIN, 2: ADMIN, 3: ADMIN, 4: SECTION, 5: SECTION, 6: DIVISION, 7: ADMIN, 8: SECTION, None: DIVISION}
ONWARD = {
    1: (ActName.REGISTER,),
    2: (ActName.SETTLE, ActName.FORWARD, ActName.RECEIVE),
    3: (ActName.SETTLE, ActName.FORWARD, ActName.ASK_COMPLAINANT),
    4: (ActName.RESPOND, ActName.FORWARD, ActName.VERIFY),
    5: (ActName.RESPOND, ActName.ASK_COMPLAINANT),
    6: (ActName.RESPOND, ActName.ASK_COMPLAINANT),
    7: (ActName.ANSWER,),
    8: (ActName.APPROVE, ActName.REFUSE),
    None: (ActName.APPROVE, ActName.REFUSE),
}
"""What the person at the desk does to bring a complaint on, likeliest first."""

actors = st.sampled_from(STAFF)
texts = st.sampled_from(TEXTS)
pauses = st.sampled_from(PAUSES)


class Anything(RuleBasedStateMachine):
    """One complaint, and everybody who can do something to it."""

    @initialize(workflow=st.sampled_from((BANTUL, IN_OFFICE_HOURS, APPROVED_FIRST)), submitted=st.booleans())
    def begin(self, workflow: Workflow, submitted: bool) -> None:
        """A citizen wrote, most often a whole complaint."""
        self.workflow = workflow
        self.now = MONDAY
        self.complaint = self.workflow.begin("261123-ABCDE", "citizen-1", MONDAY)
        self.blank = Complaint(id="261123-ABCDE", citizen="citizen-1", started_at=MONDAY)
        self.events: list[Event] = []
        self.alarms: list[Alarm] = []
        self.vacant: frozenset[Role] = frozenset()
        if submitted:
            self.take(Submit(form=FORM))

    # What may happen

    @rule(times=st.integers(1, 4), which=st.sampled_from((0, 0, 1, 2)), text=texts, pause=pauses)
    def the_work_goes_on(self, times: int, which: int, text: str, pause: float) -> None:
        """Whoever has it in hand, or stands at its desk, does what belongs there."""
        for _ in range(times):
            step = self.complaint.step
            self.now += timedelta(minutes=pause)
            holders = [actor for actor in STAFF if actor.email == self.complaint.holder]
            acts = ONWARD[step]
            self.staff_act(acts[which % len(acts)], (holders or [AT_DESK[step]])[0], text, None)

    @rule(actor=actors, which=st.integers(0, 14), text=texts)
    def somebody_does_what_they_may(self, actor: Actor, which: int, text: str) -> None:
        """One of the acts that are offered to them; they are all accepted, or refused for what they say."""
        offered = self.workflow.possible(self.complaint, actor)
        if offered:
            self.staff_act(offered[which % len(offered)], actor, text, None)

    @rule(name=st.sampled_from(ActName), actor=actors, text=texts, behind=st.sampled_from((None, 0, 1)))
    def somebody_tries_anything(self, name: ActName, actor: Actor, text: str, behind: int | None) -> None:
        """Whether they may or not."""
        self.staff_act(name, actor, text, None if behind is None else self.complaint.version - behind)

    @rule(act=st.sampled_from((AddMessage(), Submit(form=FORM), Draft(form={}, asking="nik"), Discard())))
    def the_citizen_writes(self, act: Act) -> None:
        """Something, wanted or not."""
        self.take(act)

    @precondition(lambda self: self.complaint.answer is not None)
    @rule(
        ago=st.sampled_from((0, 1, 11)),
        which=st.sampled_from(("delivered", "failed")),
        back=st.integers(0, 1),
    )
    def whatsapp_reports(self, ago: int, which: str, back: int) -> None:
        """About this answer, or one before."""
        assert self.complaint.answer is not None
        sha256 = self.complaint.answer.sha256
        if which == "delivered":
            self.take(Delivered(at=self.now - minutes(ago), text_sha256=sha256))
        else:
            self.take(SendFailed(text_sha256=sha256, sending=self.complaint.sending - back, reason="131026"))

    @precondition(lambda self: self.complaint.alarm is not None)
    @rule(late=st.sampled_from((0, 0, 0, 3, 500)))
    def the_next_alarm_rings(self, late: int) -> None:
        """On time, or late."""
        assert self.complaint.alarm is not None
        self.now = max(self.now, self.complaint.alarm.at + minutes(late))
        self.check(self.complaint.alarm)

    @rule()
    def the_sweep_looks(self) -> None:
        """At any time."""
        self.check(None)

    @precondition(lambda self: self.alarms)
    @rule(which=st.integers(0, 1000))
    def an_old_alarm_rings(self, which: int) -> None:
        """Early, repeated, or long since stale."""
        self.check(self.alarms[which % len(self.alarms)])

    @rule(pause=pauses)
    def time_passes(self, pause: float) -> None:
        """And nobody does anything."""
        self.now += timedelta(minutes=pause)

    @rule(vacant=st.frozensets(st.sampled_from((*RANKS, Role.DATABASE_ADMIN)), max_size=2))
    def people_come_and_go(self, vacant: frozenset[Role]) -> None:
        """So that desks are empty."""
        self.vacant = vacant

    # What is done with it

    def staff_act(self, name: ActName, actor: Actor, text: str, version: int | None) -> None:
        """An act with everything that its form asks for."""
        fields = FIELDS.get(name, {})
        answer = {"answer": text} if "answer" in fields else {}
        given = {"name": name, "actor": actor, "version": version, **fields, **answer}
        self.take(StaffAct.model_validate(given))

    def check(self, alarm: Alarm | None) -> None:
        """Afterwards nothing is due that this check had to do, and a second one finds nothing."""
        speaks_of_the_past = (
            alarm is not None
            and alarm.kind is AlarmKind.RUNG
            and (alarm.entry != self.complaint.entry or self.complaint.step is None)
        )
        transition = self.take(Check(alarm=alarm))
        if speaks_of_the_past:
            assert transition is not None
            assert (transition.events, transition.effects) == ((), ())
            return
        assert self.complaint.alarm is None or self.complaint.alarm.at > self.now
        again = self.workflow.decide(self.complaint, Check(), self.now, self.vacant)
        assert (again.events, again.effects, again.complaint) == ((), (), self.complaint)

    def take(self, act: Act) -> Transition | None:
        """Decide; a refused act changes nothing."""
        before, as_it_was = self.complaint, self.complaint.model_dump_json()
        if before.alarm is not None:
            self.alarms.append(before.alarm)
        try:
            transition = self.workflow.decide(before, act, self.now, self.vacant)
        except ProcedureError:
            assert before.model_dump_json() == as_it_was
            return None
        self.complaint = transition.complaint
        self.events += transition.events
        self.is_recorded(before, transition)
        self.keeps_breaches(before, act)
        return transition

    # What must hold after each act

    def is_recorded(self, before: Complaint, transition: Transition) -> None:
        """Events are contiguous, and the version moves just with step, status, holder and pause."""
        stands = [before]
        for event in transition.events:
            assert (event.seq, event.at, event.step) == (stands[-1].seq + 1, self.now, stands[-1].step)
            stands.append(stands[-1].after(event))
        assert stands[-1] == transition.complaint
        for earlier, later in pairwise(stands):
            moved = any(getattr(earlier, name) != getattr(later, name) for name in MOVES)
            assert later.version - earlier.version == moved

    def keeps_breaches(self, before: Complaint, act: Act) -> None:
        """Facts of a breach stay; only rungs are added, and its end. Only a check adds a rung."""
        kept = self.complaint.breaches[: len(before.breaches)]
        for earlier, later in zip(before.breaches, kept, strict=True):
            assert facts(earlier) == facts(later)
            assert later.rungs[: len(earlier.rungs)] == earlier.rungs
            assert earlier.ended_at in (None, later.ended_at)
            assert isinstance(act, Check) or earlier.rungs == later.rungs
        if not isinstance(act, Check):
            assert all(breach.rungs == () for breach in self.complaint.breaches[len(before.breaches) :])

    @invariant()
    def the_record_is_the_complaint(self) -> None:
        """From nothing, and in the order of time."""
        if self.events:
            assert replayed(self.blank, tuple(self.events)) == self.complaint
        assert [event.at for event in self.events] == sorted(event.at for event in self.events)

    @invariant()
    def each_breach_and_each_rung_is_told_once(self) -> None:
        """For each entry of a step."""
        entries = [breach.entry for breach in self.complaint.breaches]
        assert len(entries) == len(set(entries)) == [e.type.value for e in self.events].count("breached")
        for breach in self.complaint.breaches:
            assert breach.noticed_at >= breach.due_at
            assert [rung.rung for rung in breach.rungs] == list(range(1, len(breach.rungs) + 1))
            assert (breach.ended_at is not None) == self.is_over(breach)

    def is_over(self, breach: Breach) -> bool:
        """Whether the step entry of a breach, or for the whole the time until the answer, is over."""
        if breach.step is None:
            happened = [event.type.value for event in self.events]
            nth = [b.entry for b in self.complaint.breaches].index(breach.entry)
            noticed = [seq for seq, what in enumerate(happened) if what == "breached"][nth]
            return "answered" in happened[noticed:]
        return breach.entry != self.complaint.entry or self.complaint.step is None

    @invariant()
    def what_is_closed_was_approved_and_delivered_or_was_a_dismissed_draft(self) -> None:
        """And nobody approved what they drafted themselves as Admin WA."""
        complaint = self.complaint
        if complaint.approved is not None:
            assert complaint.answer is not None
            assert complaint.approved.role in at_least(Role.SECTION_HEAD)
            assert complaint.approved.text_sha256 == complaint.answer.sha256
            drafted = (complaint.answer.by, complaint.answer.role)
            assert drafted != (complaint.approved.email, Role.WHATSAPP_ADMIN)
        if complaint.status is Status.CLOSED and self.events[-1].type.value != "dismissed":
            assert complaint.approved is not None
            assert complaint.delivered_at is not None

    @invariant()
    def what_is_open_has_its_next_alarm_and_what_is_closed_has_none(self) -> None:
        """An answered one has an alarm as long as it is not approved."""
        complaint = self.complaint
        if complaint.status in (Status.OPEN, Status.WAITING) or complaint.awaits_approval:
            assert complaint.alarm is not None
        if complaint.status is Status.CLOSED:
            assert complaint.alarm is None

    @invariant()
    def status_step_desk_and_pause_fit_together(self) -> None:
        """As the contract says."""
        complaint = self.complaint
        assert complaint.step in STEPS[complaint.status]
        assert (complaint.wait is not None) == (complaint.status is Status.WAITING)
        assert (complaint.due_at is None) == (complaint.status in (Status.WAITING, Status.CLOSED)) or (
            complaint.step is None
        )
        if complaint.step is not None:
            assert complaint.holder_role is self.workflow.procedure.step(complaint.step).holder_role


def facts(breach: Breach) -> tuple[object, ...]:
    """What no later act may change about a breach."""
    return breach.step, breach.entry, breach.due_at, breach.noticed_at


TestAnything = Anything.TestCase
TestAnything.settings = settings(stateful_step_count=40)

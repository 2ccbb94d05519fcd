"""One complaint as the procedure has it: where it stands, by when, and what has been late. The model's whole state."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from tests.model.hours import NOTHING, Hours
from tests.model.people import ADMIN, AGENCY, DIVISION, SECTION, Staff

MINUTE = timedelta(minutes=1)
BUDGET: Mapping[int, timedelta] = MappingProxyType(
    {step: minutes * MINUTE for step, minutes in zip(range(1, 9), (10, 10, 30, 30, 30, 30, 10, 10), strict=True)}
)
DESK: Mapping[int, str] = MappingProxyType(
    {1: ADMIN, 2: ADMIN, 3: ADMIN, 4: SECTION, 5: SECTION, 6: DIVISION, 7: ADMIN, 8: ADMIN}
)
OF_THE_CITIZEN = frozenset({1, 8})
WITH_THE_CITIZENS_HELP = frozenset({3, 4, 5, 6})
TOTAL = 160 * MINUTE
APPROVAL = 30 * MINUTE
ALL_WAITS = 24 * 60 * MINUTE
WHOLE = 0
"""The entry under which the breach of the whole complaint's time is noted."""


@dataclass
class Late:
    """A step entry that ran over. `told`: rung by rung, how many were alerted."""

    step: int | None
    entry: int
    due: datetime
    noticed: datetime
    ended: datetime | None = None
    rungs: list[int] = field(default_factory=list)


@dataclass
class Wait:
    """A wait for the citizen, and what was left of each budget that ran (None: nothing was)."""

    since: datetime
    limit: datetime
    due: datetime
    step_left: timedelta | None
    rung_left: timedelta | None
    total_left: timedelta | None


@dataclass
class Told:
    """What an act must have put in the outbox: alerts by person, and notices ('n') and answers ('a') to the citizen."""

    staff: Counter[str] = field(default_factory=Counter)
    citizen: Counter[str] = field(default_factory=Counter)
    daily: set[str] = field(default_factory=set)


@dataclass
class World:
    """What every rule of the procedure depends on beside the complaint."""

    now: datetime
    hours: Hours
    staff: Staff


@dataclass
class Case:
    """A complaint. The names are the contract's."""

    id: str
    citizen: str
    started_at: datetime
    due_at: datetime | None = None
    rung_at: datetime | None = None
    status: str = "draft"
    step: int | None = 1
    entry: int = 1
    messages: int = 0
    rung: int = 0
    daily: bool = False
    unit: str | None = None
    holder_role: str | None = ADMIN
    holder: str | None = None
    breaches: list[Late] = field(default_factory=list)
    total_due: datetime | None = None
    total_at: datetime | None = None
    wait: Wait | None = None
    waited: timedelta = NOTHING
    data_check: bool = False
    answer: str | None = None
    answered_by: tuple[str, str] | None = None  # who, in which role
    approved: bool = False
    sending: int = 0
    send_failed: bool = False
    delivered: bool = False
    approval_at: datetime | None = None
    approval_rung: int = 0

    def alert(self, told: Told, world: World, *roles: str) -> int:
        people = world.staff.reached(roles, self.unit)
        told.staff.update(people)
        return len(people)

    # Steps

    def enter(self, world: World, step: int, told: Told, holder: str | None = None) -> None:
        """A step begins, with its own budget, at its own desk; what is in somebody's hands there stays in them."""
        same_desk = self.step is not None and DESK[self.step] == DESK[step]
        between_desks = not OF_THE_CITIZEN & {self.step, step}
        self.step, self.entry = step, self.entry + 1
        self.due_at = self.rung_at = world.hours.due(world.now, BUDGET[step])
        self.rung, self.daily = 0, False
        self.holder_role, self.holder = DESK[step], holder if same_desk and between_desks else None
        self.data_check = self.data_check and step in WITH_THE_CITIZENS_HELP
        if self.holder is None and step not in OF_THE_CITIZEN and world.staff.is_vacant(DESK[step], self.unit):
            self.alert(told, world, DESK[step])

    def note_late(self, entry: int, step: int | None, due: datetime, now: datetime) -> None:
        if all(late.entry != entry for late in self.breaches):
            self.breaches.append(Late(step, entry, due, now))

    def late_by_act(self, world: World, at: datetime | None = None) -> None:
        """A breach is judged from the deadline against the time of the act; step 1 is the citizen's own time."""
        if self.step not in (None, 1) and self.due_at is not None and (at or world.now) > self.due_at:
            self.note_late(self.entry, self.step, self.due_at, world.now)

    def end_late(self, *entries: int, at: datetime) -> None:
        for late in self.breaches:
            if late.entry in entries and late.ended is None:
                late.ended = at

    def leave(self, world: World, step: int, told: Told, holder: str | None = None) -> None:
        self.late_by_act(world)
        self.end_late(self.entry, at=world.now)
        self.enter(world, step, told, holder)

    def close(self) -> None:
        self.status, self.step, self.holder_role, self.holder = "closed", None, None, None
        self.due_at = self.rung_at = self.total_at = self.approval_at = None

    # Waiting

    def resume(self, world: World) -> None:
        """Each budget gets back what it had left; a wait is over at its limit, however late that is noticed."""
        if (wait := self.wait) is None:
            return
        over = min(world.now, wait.limit)
        self.status, self.wait = "open", None
        self.waited += world.hours.used(wait.since, over)
        self.due_at = wait.due if wait.step_left is None else world.hours.due(over, wait.step_left)
        self.rung_at = None if wait.rung_left is None else world.hours.due(over, wait.rung_left)
        if self.daily:
            self.rung_at = world.hours.next_opening(over)
        if wait.total_left is not None:
            self.total_at = self.total_due = world.hours.due(over, wait.total_left)

    def waits_left(self, world: World) -> timedelta:
        waited = self.waited
        if self.wait:
            waited += world.hours.used(self.wait.since, min(world.now, self.wait.limit))
        return ALL_WAITS - waited

    def begin_wait(self, world: World) -> None:
        assert self.due_at is not None
        hours, now = world.hours, world.now
        self.wait = Wait(
            since=now,
            limit=hours.due(now, self.waits_left(world)),
            due=self.due_at,
            step_left=hours.used(now, self.due_at) if self.due_at >= now else None,
            rung_left=hours.used(now, self.rung_at) if self.rung_at else None,
            total_left=hours.used(now, self.total_at) if self.total_at and self.total_at >= now else None,
        )
        self.status, self.due_at, self.rung_at = "waiting", None, None
        if self.wait.total_left is not None:
            self.total_at = None


def begun(world: World, complaint: str, citizen: str, started_at: datetime) -> Case:
    """A draft: step 1 runs since the first message, by WhatsApp's time."""
    due = world.hours.due(started_at, BUDGET[1])
    return Case(complaint, citizen, started_at, due_at=due, rung_at=due)


LAST_RUNGS = (DIVISION, AGENCY)
"""Who gets the daily list."""

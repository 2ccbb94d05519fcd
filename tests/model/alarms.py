"""Time: alarms ring early, on time, late, twice or never; the sweep; clocks jump and calendars change."""

import copy

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.model.bench import Bench, counted, picked
from tests.model.case import Case, Told
from tests.model.citizens import CRASHES, PICK
from tests.model.hours import DAY, WIB, Hours
from tests.model.ladder import next_alarm, ring
from tests.model.office import AlarmTask, Crash

JUMPS = (*(1, 20, 60, 300, 299, 600, 601) * 3, *(1500, 1800, 3600) * 2, 5 * 3600, 16 * 3600, 3 * 86400)
"""Seconds. The long ones are seldom, or nothing would be done in time."""

SOONEST = 3  # which of these rings first is open: a queue keeps no order
OF_ALL = 4  # one of so many may be for a step that has moved on
_PENDING = precondition(lambda self: self.office.tasks.alarms)


class Alarms(Bench):
    """What time does."""

    def _check(self, task: AlarmTask, crash: str | None = None) -> None:
        """One alarm rings, and does what is due now; for a step that has moved on it does nothing."""
        case, now = self.book.cases.get(task.complaint), self.office.clock.now
        known = self.book.heads.get(task.complaint)
        stands = case is not None and known is not None
        stale = task.alarm.kind.value == "rung" and (
            case is None or case.step is None or task.alarm.entry != case.entry
        )
        self.office.store.die(crash)
        died = False
        asked = self.office.tasks.calls
        try:
            self.office.house.checking.check(task.complaint, task.alarm)
        except Crash:
            died = True
            self.office.tasks.alarms.append(task)
        finally:
            self.office.store.die(None)
        commits = self.commits()
        if case is None or not stands or stale:
            assert not commits, "a check for a step that has moved on changed something"
            return
        alarm = next_alarm(case)
        if alarm is not None and alarm[0] > now and known is not None and known.alarm == task.alarm:
            assert self.office.tasks.calls > asked, "a check that comes early sets the alarm again"
        if not (died and crash == "before"):
            told = Told()
            after = self._rung(case, told)
            moved = (after.due_at, next_alarm(after)) != (case.due_at, alarm)
            assert bool(commits) == moved, "a check does what is due, and nothing else"
            self.expect(commits, [after] if commits else [], told)

    def _is_behind(self, task: AlarmTask) -> bool:
        """Whether its step is over, while something of the step that follows is due: that is not this alarm's."""
        case = self.book.cases.get(task.complaint)
        alarm = next_alarm(case) if case else None
        due = alarm is not None and alarm[0] <= self.office.clock.now
        return due and case is not None and task.alarm.kind.value == "rung" and task.alarm.entry != case.entry

    def _is_standing(self, task: AlarmTask) -> bool:
        head = self.book.heads.get(task.complaint)  # None: the process died before it was written
        return head is not None and head.alarm == task.alarm

    def _rung(self, case: Case, told: Told) -> Case:
        after = copy.deepcopy(case)
        for kind in ring(after, self.world, told):
            self.tally.rang[kind] += 1
        self.keep(after)
        return after

    def sweep(self) -> None:
        """Everything that is due rings now, and then nothing stands past its time unnoticed."""
        swept = self.office.house.sweeping.sweep()
        assert not swept.failed
        told, commits = Told(), self.commits()
        due = [case for case in self.book.cases.values() if (at := next_alarm(case)) and at[0] <= self.world.now]
        after = [self._rung(case, told) for case in sorted(due, key=lambda case: next_alarm(case) or ())]
        self.expect(commits, after, told)
        assert not self.office.store.due_alarms(self.world.now, 1), "a step stands past its deadline after a sweep"

    # Rules

    @_PENDING
    @counted(which=st.lists(PICK, min_size=1, max_size=4), crash=CRASHES)
    def alarms_ring_on_time(self, which: list[int], crash: str | None) -> None:
        """One after the other, with nothing between them: so ladders are climbed to their end."""
        tasks = self.office.tasks
        for pick in which:
            soonest = sorted(tasks.alarms, key=lambda task: task.at)
            standing = [task for task in soonest if self._is_standing(task)]
            if not standing:
                return
            task = picked(standing if pick % OF_ALL else soonest[:SOONEST], pick)
            self.office.clock.now = self.world.now = max(self.office.clock.now, task.at)
            tasks.alarms.remove(task)
            tasks.run_alarms.append(task)
            self._check(task, crash)

    @_PENDING
    @counted(which=PICK, fate=st.sampled_from(("early or late", "early or late", "lost", "lost", "once more")))
    def alarm_goes_astray(self, which: int, fate: str) -> None:
        """It rings whenever the clock has it, or never, or another that has rung does so again."""
        tasks = self.office.tasks
        if fate == "once more":
            behind = [task for task in tasks.run_alarms if self._is_behind(task)]
            if tasks.run_alarms:
                self._check(picked(behind or tasks.run_alarms, which))
            return
        task = tasks.alarms.pop(which % len(tasks.alarms))
        if fate == "early or late":
            tasks.run_alarms.append(task)
            self._check(task)

    @counted(seconds=st.sampled_from(JUMPS), swept=st.sampled_from((False, False, True)))
    def time_passes(self, seconds: int, swept: bool) -> None:
        """The scheduler may be late, but not for ever."""
        self.office.pass_time(seconds)
        self.world.now = self.office.clock.now
        if swept:
            self.sweep()

    @counted(continuous=st.booleans(), closed=st.lists(st.integers(0, 4), max_size=2))
    def office_changes_its_hours(self, continuous: bool, closed: list[int]) -> None:
        """From now on; what runs keeps the deadline that it has. A closure may be today's."""
        today = self.office.clock.now.astimezone(WIB).date()
        dates = frozenset(today + days * DAY for days in closed)
        self.world.hours = Hours() if continuous else Hours(continuous=False, closed=dates)
        self.office.keep(self.world.hours)

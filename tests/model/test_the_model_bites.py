"""The model sees an office that does not keep the procedure: one part is broken, and a run fails."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from aduan.adapters.firestore_connection import Create, Delete, FirestoreConnection, Put, Write
from aduan.adapters.firestore_queries import OUTBOX
from aduan.bootstrap import House
from aduan.procedure.calendar import ServiceClock
from aduan.procedure.complaint import Alarm
from aduan.procedure.roles import Role, StaffMember
from aduan.procedure.workflow import Workflow
from aduan.service.checking import Checking
from aduan.service.desk import Desk
from aduan.service.sweeping import Sweeping, Swept
from infra.local.firestore import FirestoreEmulator
from tests.model.hours import Hours
from tests.model.machine import drive
from tests.model.office import PROCEDURE, KeptTasks, Office, calendar_of
from tests.model.tally import Tally

EXAMPLES, STEPS = 500, 60
"""Many more than it takes, for the first that fails is the last."""


class SleepingSweep(Sweeping):
    """A sweep that does nothing."""

    def sweep(self) -> Swept:
        return Swept()


class ForgetfulTasks(KeptTasks):
    """Every alarm is accepted, and lost."""

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        super().set_alarm(complaint_id, alarm, again)
        self.alarms.clear()


class NobodyWatches(Office):
    """Every alarm is lost, and the sweep never looks."""

    def a_house(self, hours: Hours) -> House:
        if not isinstance(self.tasks, ForgetfulTasks):
            self.tasks = ForgetfulTasks()
        house = super().a_house(hours)
        house.sweeping = SleepingSweep(house.checking, house.store, house.tasks, house.sweeping.terms, house.clock)
        return house


class AnyAlarmWillDo(Checking):
    """A check that does not ask which step its alarm was for."""

    def check(self, complaint_id: str, alarm: Alarm | None) -> bool:
        loaded = self.store.complaint(complaint_id)
        standing = loaded.value.alarm if loaded else None
        is_due = standing is not None and standing.at <= self.clock()
        return super().check(complaint_id, None if is_due else alarm)


class NoStaleness(Office):
    """A check for a step that has moved on does what is due now."""

    def a_house(self, hours: Hours) -> House:
        house = super().a_house(hours)
        house.checking = AnyAlarmWillDo(house.settling, house.store, house.staff, house.tasks, house.clock)
        return house


class HastyClock(Office):
    """Checks come a minute early, and act."""

    def a_house(self, hours: Hours) -> House:
        house = super().a_house(hours)
        early = lambda: self.clock.now + timedelta(minutes=1)  # noqa: E731 - a clock is a function
        house.checking = Checking(house.settling, house.store, house.staff, house.tasks, early)
        return house


class EverybodyIsEverything(Desk):
    """A desk that asks for no role."""

    def act(self, member: StaffMember, *args: Any) -> Any:
        return super().act(member.model_copy(update={"acting_for": tuple(Role)[1:]}), *args)


class OpenDoors(Office):
    """Anybody may do anything."""

    def a_house(self, hours: Hours) -> House:
        house = super().a_house(hours)
        house.desk = EverybodyIsEverything(house.settling, house.store, house.staff, house.clock)
        return house


class AnotherProcedure(Office):
    """An Admin WA approves, too."""

    def a_house(self, hours: Hours) -> House:
        house = super().a_house(hours)
        approval = PROCEDURE.approval.model_copy(update={"at_least": Role.WHATSAPP_ADMIN})
        procedure = PROCEDURE.model_copy(update={"approval": approval})
        house.workflow = Workflow(procedure, ServiceClock(calendar_of(hours)))
        return house


class ChangedWrites(FirestoreConnection):
    """A connection that writes something else than it was asked to."""

    @property
    def calls(self) -> Any:
        return _Changed(super().calls, self.changed)

    def changed(self, writes: Sequence[Write]) -> list[Write]:
        raise NotImplementedError


class _Changed:
    def __init__(self, calls: Any, changed: Any) -> None:
        self._calls, self._change = calls, changed
        self.get, self.query, self.close = calls.get, calls.query, calls.close

    def commit(self, writes: Sequence[Write]) -> None:
        self._calls.commit(self._change(writes))


class NoPreconditions(ChangedWrites):
    """Whoever writes last wins."""

    def changed(self, writes: Sequence[Write]) -> list[Write]:
        return [write if isinstance(write, Delete) else Put(write.ref, write.document) for write in writes]


class LosesEvents(ChangedWrites):
    """The sixth event of a complaint is not written."""

    def changed(self, writes: Sequence[Write]) -> list[Write]:
        return [write for write in writes if write.ref.id != "000006"]


class ForgetsSending(ChangedWrites):
    """What became of a row is not noted."""

    def changed(self, writes: Sequence[Write]) -> list[Write]:
        return [write for write in writes if isinstance(write, Create) or write.ref.collection != OUTBOX]


class LastOneWins(Office):
    """Nothing that is written depends on what was read."""

    def connected(self, project: str) -> FirestoreConnection:
        return NoPreconditions(project)


class RecordWithAHole(Office):
    """The record loses an event."""

    def connected(self, project: str) -> FirestoreConnection:
        return LosesEvents(project)


class OutboxWithoutMemory(Office):
    """The outbox does not know what has left."""

    def connected(self, project: str) -> FirestoreConnection:
        return ForgetsSending(project)


@pytest.mark.parametrize(
    ("office", "complaint"),
    [
        (NobodyWatches, "past its deadline|should be"),
        (NoStaleness, "moved on"),
        (HastyClock, "what is due, and nothing else|should be"),
        (OpenDoors, "should have been refused|should be"),
        (AnotherProcedure, "should be"),
        (LastOneWins, "written over another|one request is one act|should"),
        (RecordWithAHole, "chain is broken"),
        (OutboxWithoutMemory, "sent again|for ever"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.__name__,
)
def test_a_broken_office_is_found_out(
    firestore_emulator: FirestoreEmulator, office: type[Office], complaint: str
) -> None:
    quick = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, phases=[Phase.generate], database=None,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True,
    )  # fmt: skip
    with pytest.raises(AssertionError, match=complaint):
        drive(office, firestore_emulator.host, Tally(), quick)

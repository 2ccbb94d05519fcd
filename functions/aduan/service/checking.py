"""An alarm rang: what is due is read off the complaint, and done."""

from dataclasses import dataclass

from aduan.procedure.acts import Check
from aduan.procedure.complaint import Alarm
from aduan.service.ports import Clock, Commit, StaffList, Store, Tasks
from aduan.service.retrying import until_settled
from aduan.service.settling import Settling


@dataclass(frozen=True)
class Checking:
    """The use case behind `sla_check`, and what the sweep does for an alarm that was lost."""

    settling: Settling
    store: Store
    staff: StaffList
    tasks: Tasks
    clock: Clock

    def check(self, complaint_id: str, alarm: Alarm | None) -> bool:
        """Do what is due. True if something was.

        An alarm for a complaint that never came, or for a step that is over, changes nothing. One that came early is
        set again, under another name, for its own is used up.
        """
        return until_settled(lambda: self._check(complaint_id, alarm))

    def _check(self, complaint_id: str, alarm: Alarm | None) -> bool:
        loaded, now = self.store.complaint(complaint_id), self.clock()
        if loaded is None or loaded.value.alarm is None:
            return False
        standing = loaded.value.alarm
        if standing.at > now:
            if alarm == standing:
                self.tasks.set_alarm(complaint_id, standing, again=now)
            return False
        members = self.staff.members()
        transition = self.settling.decide(loaded.value, Check(alarm=alarm), now, members)
        if not transition.events:
            return False
        self.settling.settle(loaded, transition, now, Commit(), members)
        return True

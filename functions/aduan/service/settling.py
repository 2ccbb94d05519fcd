"""The one way in which a decision becomes a fact: alarm first, then the commit, then the tasks.

The alarm is set before the commit that needs it: if we crash between the two, an alarm rings for a step that never
came and changes nothing. The tasks of the outbox are made after it: if we crash before, the sweep finds the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from aduan.procedure.acts import Act
from aduan.procedure.complaint import Alarm, Complaint, Status
from aduan.procedure.effects import TellStaff
from aduan.procedure.roles import Role, Roster, StaffMember
from aduan.procedure.workflow import Transition, Workflow
from aduan.service.model import Message, OutboxRow, Request
from aduan.service.outgoing import Outgoing
from aduan.service.ports import Commit, Loaded, RowRef, StaffList, Store, Tasks

log = structlog.get_logger()


def tell(transition: Transition) -> None:
    """A line of the log for each event that was just written: by whose role, and not by whom."""
    for event in transition.events:
        about = {"type": event.type.value, "seq": event.seq, "step": event.step, "role": event.role}
        log.info("recorded", complaint=transition.complaint.id, **about)


@dataclass(frozen=True)
class Settling:
    """Decide, save, and let the effects leave."""

    workflow: Workflow
    store: Store
    staff: StaffList
    tasks: Tasks
    outgoing: Outgoing

    def decide(
        self, complaint: Complaint, act: Act, now: datetime, members: Sequence[StaffMember] | None
    ) -> Transition:
        """The decision. Who is at a desk is asked only where the complaint comes to one, unless `members` are known."""
        if members is not None:
            return self.workflow.decide(complaint, act, now, Roster(members).vacant(complaint.unit))
        transition = self.workflow.decide(complaint, act, now)
        vacant = self._vacant_desk(complaint, transition.complaint)
        return self.workflow.decide(complaint, act, now, vacant) if vacant else transition

    def _vacant_desk(self, before: Complaint, after: Complaint) -> frozenset[Role]:
        """The vacant roles, if the complaint has come to a desk with nobody at it: one small query."""
        desk = after.holder_role
        if after.step is None or after.holder or desk is None or not self._has_come_to(before, after):
            return frozenset()
        if Roster(self.staff.at(desk)).at(desk, after.unit):
            return frozenset()
        return Roster(self.staff.members()).vacant(after.unit)

    def _has_come_to(self, before: Complaint, after: Complaint) -> bool:
        """Whether it stands before a desk where it did not stand: a draft is the citizen's own until it is reminded."""
        return after.status is not Status.DRAFT and after.entry != before.entry

    def settle(
        self, before: Loaded[Complaint], transition: Transition, now: datetime, commit: Commit,
        members: Sequence[StaffMember] | None = None,
    ) -> Loaded[Complaint]:  # fmt: skip
        """Save a transition together with what else `commit` holds. Raises `Conflict` or `AlreadyDone`."""
        after = replace(before, value=transition.complaint)
        rows = (*commit.new_rows, *self._rows(transition, now, members))
        alarm = transition.complaint.alarm
        if alarm is not None and alarm != (before.value.alarm if before.mark is not None else None):
            self._set_alarm(transition.complaint.id, alarm)
        self.store.commit(replace(commit, complaint=after, events=transition.events, new_rows=rows))
        tell(transition)
        self.dispatch(rows, commit.message)
        return after

    def _set_alarm(self, complaint_id: str, alarm: Alarm) -> None:
        """A queue that is down must not stop the office: the head knows the alarm too, and the sweep rings it."""
        try:
            self.tasks.set_alarm(complaint_id, alarm)
        except Exception:
            log.exception("alarm_left_to_the_sweep", complaint=complaint_id, at=alarm.at.isoformat())

    def request(self, request_id: str, email: str, act: str, complaint: str, now: datetime) -> Request:
        """The mark of an act of staff, for as long as the same request could come again."""
        expire_at = self.workflow.after_days(self.workflow.procedure.terms.requests, now)
        return Request(id=request_id, email=email, act=act, complaint=complaint, expire_at=expire_at)

    def dispatch(self, rows: Sequence[OutboxRow], message: Message | None = None) -> None:
        """Tasks for rows, and for a message's file, that are already kept.

        Whatever fails here is the sweep's to mend: the act itself is done.
        """
        files = [message.id] if message is not None and message.wants_file else []
        if not rows and not files:
            return
        try:
            self.tasks.send([RowRef.to(row) for row in rows], fetch=files)
        except Exception:
            log.exception("tasks_left_to_the_sweep", rows=[row.id for row in rows], files=files)

    def _rows(self, transition: Transition, now: datetime, members: Sequence[StaffMember] | None) -> list[OutboxRow]:
        tells = any(isinstance(effect, TellStaff) for effect in transition.effects)
        told = members if members is not None else (self.staff.members() if tells else ())
        return self.outgoing.rows(transition, self.store, told, now)

"""The use cases behind the webhook and the desk, over a store in memory."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.office_file import read
from aduan.procedure.roles import Role, StaffMember
from aduan.procedure.workflow import Workflow
from aduan.service.channel import InboundMessage, OutboundMessage
from aduan.service.desk import Desk
from aduan.service.erasing import Erasing
from aduan.service.fields import ActFields
from aduan.service.intake import Intake
from aduan.service.model import OUTBOUND, Citizen, OutboxRow, RowKind
from aduan.service.outgoing import Outgoing
from aduan.service.self_service import SelfService
from aduan.service.settling import Settling
from tests.service.fake_erasures import InMemoryErasures
from tests.service.fakes import FakeClock, InMemoryMediaStore, InMemoryStaffList, InMemoryStore, RecordingTasks
from tests.service.talk import CONVERSATION, OFFICE, PROCEDURE, SITI, WORDS, message

ADMIN = StaffMember(email="admin@office.test", name="Ani", role=Role.WHATSAPP_ADMIN, active=True)
KASI = StaffMember(email="kasi@office.test", name="Citra", role=Role.SECTION_HEAD, active=True)
CALENDAR = read(OFFICE.parent / "continuous.toml", OfficeCalendar)


@dataclass
class HouseOfFakes:
    """An office whose every minute counts, in memory."""

    clock: FakeClock = field(default_factory=FakeClock)
    tasks: RecordingTasks = field(default_factory=RecordingTasks)
    store: InMemoryStore = field(default_factory=lambda: InMemoryStore(InMemoryStaffList(ADMIN, KASI)))
    media: InMemoryMediaStore = field(default_factory=InMemoryMediaStore)
    procedure: Procedure = PROCEDURE

    def __post_init__(self) -> None:
        """Build the use cases over the ports."""
        workflow = Workflow(self.procedure, ServiceClock(CALENDAR))
        timezone = CALENDAR.timezone
        outgoing = Outgoing(PROCEDURE, WORDS, CONVERSATION, "https://staff.office.test", workflow.clock)
        settling = Settling(workflow, self.store, self.store.staff, self.tasks, outgoing)
        commands = SelfService(self.store, CONVERSATION, outgoing, WORDS, self.clock, timezone)
        self.outgoing = outgoing
        self.intake = Intake(settling, self.store, CONVERSATION, commands, outgoing, self.clock)
        self.desk = Desk(settling, self.store, self.store.staff, self.clock)
        self.erasing = Erasing(workflow, self.store, InMemoryErasures(self.store), self.media, self.clock)

    def hear(
        self, *messages: InboundMessage | str, apart: timedelta = timedelta(seconds=10), late: timedelta = timedelta()
    ) -> list[str]:
        """Take messages of Siti's, written some time apart, as `late` as they come; the replies, as they are read."""
        before = {row.id for row in self.store.rows}
        for one in messages:
            self.clock.now += apart
            self.intake.take(replace(message(one) if isinstance(one, str) else one, at=self.clock.now - late))
        return [read_on_the_phone(row) for row in self.to_siti() if row.id not in before]

    def act(self, name: ActName, member: StaffMember = ADMIN, **fields: Any) -> Complaint:
        """An act of staff on Siti's current complaint."""
        complaint = self.complaint
        given = ActFields(request_id=secrets.token_hex(16), version=complaint.version, **fields)
        return self.desk.act(member, complaint.id, name, given).value

    def to_siti(self) -> Sequence[OutboxRow]:
        """Everything that is to go to the citizen, oldest first."""
        rows = [row for row in self.store.rows if row.kind is not RowKind.ALERT]
        return sorted(rows, key=lambda row: row.created_at)

    @property
    def citizen(self) -> Citizen:
        loaded = self.store.inbound("wamid.unknown", SITI).citizen
        if loaded is None:
            raise LookupError("she has not written yet")
        return loaded.value

    @property
    def complaint(self) -> Complaint:
        """The one that her next message belongs to."""
        loaded = self.store.complaint(self.citizen.current or "")
        if loaded is None:
            raise LookupError("she has no complaint")
        return loaded.value

    @property
    def complaints(self) -> list[Complaint]:
        return list(self.store.complaints)


def read_on_the_phone(row: OutboxRow) -> str:
    """A row's words."""
    said: OutboundMessage = OUTBOUND.validate_json(row.message)
    return getattr(said, "body", "")

"""Complaints to try the procedure on: an office with its people, and one complaint that is led through it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import aduan
from aduan.procedure.acts import Act, Check, Delivered, SendFailed, StaffAct, Submit
from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.complaint import Alarm, Breach, Complaint
from aduan.procedure.definition import ActName, ApprovalMoment, Procedure
from aduan.procedure.effects import Effect, TellComplainant, TellStaff
from aduan.procedure.events import Event
from aduan.procedure.office_file import read
from aduan.procedure.roles import Actor, Role
from aduan.procedure.workflow import Transition, Workflow

OFFICES = Path(aduan.__file__).parent / "offices"
WIB = timezone(timedelta(hours=7))

PROCEDURE = read(OFFICES / "bantul" / "procedure.toml", Procedure)
OFFICE_HOURS = ServiceClock(read(OFFICES / "bantul" / "calendar.toml", OfficeCalendar))
EVERY_MINUTE = ServiceClock(read(OFFICES / "continuous.toml", OfficeCalendar))

BANTUL = Workflow(PROCEDURE, EVERY_MINUTE)
IN_OFFICE_HOURS = Workflow(PROCEDURE, OFFICE_HOURS)
_ASKS_FIRST = PROCEDURE.approval.model_copy(update={"when": ApprovalMoment.BEFORE_SENDING})
APPROVED_FIRST = Workflow(PROCEDURE.model_copy(update={"approval": _ASKS_FIRST}), EVERY_MINUTE)

UNIT = "population_registration"
OTHER_UNIT = "civil_registration"

ADMIN = Actor(email="ani@bantul.test", roles=(Role.WHATSAPP_ADMIN,))
COLLEAGUE = Actor(email="adi@bantul.test", roles=(Role.WHATSAPP_ADMIN,))
SECTION = Actor(email="sari@bantul.test", roles=(Role.SECTION_HEAD,), units=(UNIT,))
OTHER_SECTION = Actor(email="slamet@bantul.test", roles=(Role.SECTION_HEAD,), units=(OTHER_UNIT,))
DIVISION = Actor(email="dewi@bantul.test", roles=(Role.DIVISION_HEAD,))
AGENCY = Actor(email="kadis@bantul.test", roles=(Role.AGENCY_HEAD,))
ADB = Actor(email="adb@bantul.test", roles=(Role.DATABASE_ADMIN,))
ADMIN_FOR_SECTION = Actor(email="plh@bantul.test", roles=(Role.WHATSAPP_ADMIN, Role.SECTION_HEAD))

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=WIB)
FORM = {
    "service": "identity_card",
    "name": "Budi Santoso",
    "nik": "3402011203900001",
    "description": "KTP saya belum jadi sejak dua bulan lalu.",
}
FIELDS: dict[ActName, dict[str, str]] = {
    ActName.REGISTER: {"category": "identity_card", "description": FORM["description"]},
    ActName.DISMISS: {"note": "Ucapan terima kasih."},
    ActName.SETTLE: {"note": "Bisa dijawab.", "answer": "KTP Anda bisa diambil."},
    ActName.FORWARD: {"note": "Perlu cek arsip."},
    ActName.VERIFY: {"note": "Bisa diselesaikan di seksi."},
    ActName.RESPOND: {"note": "Sudah dicek.", "answer": "KTP Anda sudah dicetak."},
    ActName.ANSWER: {"answer": "KTP Anda sudah dicetak."},
    ActName.REFUSE: {"note": "Data belum sesuai."},
    ActName.ASK_COMPLAINANT: {"question": "Kapan Anda merekam data?"},
    ActName.ASK_DATABASE_ADMIN: {"note": "Mohon cek data ganda."},
    ActName.REPLY_DATA_CHECK: {"note": "Tidak ganda."},
}


def minutes(count: float) -> timedelta:
    """A time span, in minutes."""
    return timedelta(minutes=count)


@dataclass
class Case:
    """One complaint, its whole record, and everything that was asked to leave the house."""

    workflow: Workflow = BANTUL
    start: datetime = MONDAY
    vacant: frozenset[Role] = frozenset()
    complaint: Complaint = field(init=False)
    now: datetime = field(init=False)
    events: list[Event] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The citizen has just written."""
        self.complaint = self.workflow.begin("261123-ABCDE", "citizen-1", self.start)
        self.now = self.start

    def at(self, count: float, seconds: float = 0) -> "Case":
        """Let it be so many minutes after the start."""
        self.now = self.start + timedelta(minutes=count, seconds=seconds)
        return self

    def do(self, act: Act) -> Transition:
        """Decide, and keep what came of it."""
        transition = self.workflow.decide(self.complaint, act, self.now, self.vacant)
        self.complaint = transition.complaint
        self.events += transition.events
        self.effects += transition.effects
        return transition

    def staff(self, name: ActName, actor: Actor, **fields: str | int | None) -> Transition:
        """An act of staff, with what its form asks for."""
        given = {"name": name, "actor": actor, **FIELDS.get(name, {}), **fields}
        return self.do(StaffAct.model_validate(given))

    def submit(self) -> Transition:
        """The whole complaint in the set format."""
        return self.do(Submit(form=FORM))

    def check(self, alarm: Alarm | None = None) -> Transition:
        """The sweep looks, or an alarm rings."""
        return self.do(Check(alarm=alarm))

    def ring(self) -> Transition:
        """The next alarm rings on time."""
        alarm = self.complaint.alarm
        assert alarm is not None
        self.now = alarm.at
        return self.check(alarm)

    def delivered(self, at: datetime | None = None) -> Transition:
        """WhatsApp reports the newest answer delivered."""
        return self.do(Delivered(at=at or self.now, text_sha256=self._sha256()))

    def failed(self, sending: int | None = None) -> Transition:
        """WhatsApp reports that a sending failed."""
        newest = self.complaint.sending if sending is None else sending
        return self.do(SendFailed(text_sha256=self._sha256(), sending=newest, reason="131026"))

    def _sha256(self) -> str:
        assert self.complaint.answer is not None
        return self.complaint.answer.sha256

    # What a test looks at

    @property
    def happened(self) -> list[str]:
        """Every event's type, in order."""
        return [event.type.value for event in self.events]

    @property
    def told(self) -> list[tuple[str, tuple[Role, ...]]]:
        """Every alert to staff: why, and to which desks."""
        return [(e.reason.value, e.roles) for e in self.effects if isinstance(e, TellStaff)]

    @property
    def citizen_told(self) -> list[str]:
        """Why the complainant was told something, in order."""
        return [e.reason.value for e in self.effects if isinstance(e, TellComplainant)]

    @property
    def breach(self) -> Breach:
        """The only breach."""
        (breach,) = self.complaint.breaches
        return breach

    @property
    def due_after(self) -> float | None:
        """Minutes from the start to the step's deadline."""
        due = self.complaint.due_at
        return None if due is None else (due - self.start) / minutes(1)

    @property
    def alarm_after(self) -> float | None:
        """Minutes from the start to the next alarm."""
        alarm = self.complaint.alarm
        return None if alarm is None else (alarm.at - self.start) / minutes(1)


def respond_as_section(case: Case) -> None:
    """Step 7, by way of the section."""
    case.staff(ActName.FORWARD, ADMIN)
    case.staff(ActName.RESPOND, SECTION)


_WAYS: dict[int, Callable[[Case], object]] = {
    1: lambda _: None,
    2: lambda _: None,
    3: lambda case: case.staff(ActName.RECEIVE, ADMIN),
    4: lambda case: case.staff(ActName.FORWARD, ADMIN),
    5: lambda case: (case.staff(ActName.FORWARD, ADMIN), case.staff(ActName.VERIFY, SECTION)),
    6: lambda case: (case.staff(ActName.FORWARD, ADMIN), case.staff(ActName.FORWARD, SECTION)),
    7: respond_as_section,
    8: lambda case: case.staff(ActName.SETTLE, ADMIN),
}


def standing_at(step: int, workflow: Workflow = BANTUL, start: datetime = MONDAY) -> Case:
    """A complaint at a step since its very start, nobody's but at steps 3 (ADMIN's) and 5 (SECTION's).

    At step 8 it is ADMIN's own answer, not yet approved.
    """
    case = Case(workflow, start)
    if step > 1:
        case.submit()
    _WAYS[step](case)
    assert case.complaint.step == step
    return case


def left_alone(case: Case, until: float) -> list[tuple[float, str, tuple[Role, ...]]]:
    """Let every alarm ring on time; who was told what, and when."""
    told = []
    while case.alarm_after is not None and case.alarm_after <= until:
        after = case.alarm_after
        before = len(case.told)
        case.ring()
        told += [(after, *alert) for alert in case.told[before:]]
    return told

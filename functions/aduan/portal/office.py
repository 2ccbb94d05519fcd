"""The office as its pages speak of it: names of steps, services and people, times in its own zone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from aduan.procedure.complaint import Complaint
from aduan.procedure.events import COMPLAINANT, SYSTEM
from aduan.procedure.roles import Role, StaffMember
from aduan.procedure.workflow import Workflow
from aduan.service.wording import local_time

_MINUTES_PER_HOUR = 60
_LONG = 120  # from here on hours are easier to grasp


@dataclass(frozen=True)
class Office:
    """Words for what the procedure knows by codes."""

    workflow: Workflow
    timezone: ZoneInfo

    @property
    def name(self) -> str:
        return self.workflow.procedure.office

    def time(self, at: datetime) -> str:
        """'Selasa, 24 November 2026 pukul 14.05 WIB'."""
        return local_time(at, self.timezone)

    def hour(self, at: datetime) -> str:
        """'pukul 14.05 WIB', where the day is clear."""
        return f"pukul {self.time(at).rpartition(' pukul ')[2]}"

    def when(self, at: datetime, now: datetime) -> str:
        """'pukul 14.05 WIB' today, with its date on any other day."""
        same_day = at.astimezone(self.timezone).date() == now.astimezone(self.timezone).date()
        return self.hour(at) if same_day else self.time(at)

    def service(self, complaint: Complaint) -> str:
        """What it is about."""
        code = complaint.category or complaint.form.get("service", "")
        service = self.workflow.procedure.service(code)
        return service.name if service else "Layanan belum disebut"

    def title(self, role: Role) -> str:
        """What the office calls a desk."""
        return self.workflow.procedure.titles[role]

    def named(self, roles: Iterable[Role]) -> str:
        """Desks by the office's own titles."""
        return self.workflow.procedure.named(roles)

    def unit(self, code: str) -> str:
        """A section's name."""
        return next((unit.name for unit in self.workflow.procedure.units if unit.code == code), code)

    def step(self, number: int) -> str:
        """'Tahap 3: Verifikasi oleh Admin WA'."""
        return f"Tahap {number}: {self.workflow.procedure.step(number).name}"

    def minutes(self, start: datetime, end: datetime) -> float:
        """Minutes of service time between two instants, of the procedure's own length."""
        clock = self.workflow.clock
        return clock.used(start, end) / clock.minutes(1)

    def budget(self, step: int) -> int:
        """A step's minutes."""
        return self.workflow.procedure.step(step).standard.minutes

    def pause(self, now: datetime) -> str | None:
        """What to say while the office is closed and no budget runs; None while it is open."""
        clock = self.workflow.clock
        if clock.is_open(now):
            return None
        return f"Di luar jam layanan: waktu tahap berhenti sampai {self.time(clock.next_opening(now))}."


@dataclass(frozen=True)
class People:
    """Who is meant by an address in the record."""

    titles: Mapping[Role, str]
    members: Mapping[str, StaffMember]

    def name(self, actor: str) -> str:
        """A name for an email, 'complainant' or 'system'; an address that left the list stays an address."""
        if actor == COMPLAINANT:
            return self.titles[Role.COMPLAINANT]
        if actor == SYSTEM:
            return "Otomatis"
        member = self.members.get(actor)
        return member.name if member else actor

    def with_role(self, actor: str, role: Role | None) -> str:
        """'Siti Aminah (Kepala Seksi)'."""
        return f"{self.name(actor)} ({self.titles[role]})" if role else self.name(actor)


def length(minutes: float) -> str:
    """'12 menit', '3 jam 20 menit'; parts of a minute count as one."""
    whole = ceil(minutes)
    if whole < 1:
        return "kurang dari 1 menit"
    if whole < _LONG:
        return f"{whole} menit"
    hours, rest = divmod(whole, _MINUTES_PER_HOUR)
    return f"{hours} jam {rest} menit" if rest else f"{hours} jam"

"""Who asks: somebody of every kind that the office has on its list, and of every kind that it has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from aduan.procedure.roles import RANKS, Role, StaffMember

UNIT, OTHER_UNIT = "population_registration", "civil_registration"
TASKS_ACCOUNT, SCHEDULER_ACCOUNT = "tasks@office.test", "scheduler@office.test"


def _member(name: str, role: Role, *acting_for: Role, units: tuple[str, ...] | None = None) -> StaffMember:
    return StaffMember(
        email=f"{name}@office.test", name=name.title(), role=role, whatsapp="+6281100000001", active=True,
        acting_for=acting_for, units=units,
    )  # fmt: skip


ADMIN = _member("ani", Role.WHATSAPP_ADMIN)
COLLEAGUE = _member("budi", Role.WHATSAPP_ADMIN)
ADMIN_ELSEWHERE = _member("asri", Role.WHATSAPP_ADMIN, units=(OTHER_UNIT,))
SECTION = _member("citra", Role.SECTION_HEAD, units=(UNIT,))
SECTION_ELSEWHERE = _member("dodi", Role.SECTION_HEAD, units=(OTHER_UNIT,))
DIVISION = _member("eko", Role.DIVISION_HEAD)
DIVISION_ELSEWHERE = _member("evi", Role.DIVISION_HEAD, units=(OTHER_UNIT,))
AGENCY = _member("fitri", Role.AGENCY_HEAD)
CHECKER = _member("gani", Role.DATABASE_ADMIN)
CHECKER_ELSEWHERE = _member("gita", Role.DATABASE_ADMIN, units=(OTHER_UNIT,))
ADMIN_FOR_SECTION = _member("hani", Role.WHATSAPP_ADMIN, Role.SECTION_HEAD)
SECTION_FOR_ADMIN = _member("iwan", Role.SECTION_HEAD, Role.WHATSAPP_ADMIN)
DIVISION_FOR_AGENCY = _member("joko", Role.DIVISION_HEAD, Role.AGENCY_HEAD)

ACTIVE = (
    ADMIN, COLLEAGUE, ADMIN_ELSEWHERE, SECTION, SECTION_ELSEWHERE, DIVISION, DIVISION_ELSEWHERE, AGENCY, CHECKER,
    CHECKER_ELSEWHERE, ADMIN_FOR_SECTION, SECTION_FOR_ADMIN, DIVISION_FOR_AGENCY,
)  # fmt: skip
LEFT = tuple(
    _member(f"left.{role.value}", role).model_copy(update={"active": False}) for role in (*RANKS, Role.DATABASE_ADMIN)
)
"""Whoever is on the list and not active: of every role, for the highest must not come in either."""

OUTSIDERS = {
    "a citizen with an account": "siti@warga.test",
    "the tasks' service account": TASKS_ACCOUNT,
    "the scheduler's service account": SCHEDULER_ACCOUNT,
    "an address that begins like a member's": f"{ADMIN.email}.example",
    "a path": f"../staff/{ADMIN.email}",
}
"""Whom Identity-Aware Proxy may prove, and who is not on the list."""


@dataclass(frozen=True)
class Roster:
    """Who of the list is active, as it is at some time."""

    name: str
    away: tuple[StaffMember, ...] = ()

    @cached_property
    def active(self) -> tuple[StaffMember, ...]:
        return tuple(member for member in ACTIVE if member not in self.away)

    @property
    def rows(self) -> tuple[StaffMember, ...]:
        """The whole list."""
        gone = (member.model_copy(update={"active": False}) for member in self.away)
        return (*self.active, *gone, *LEFT)

    def vacant(self, unit: str | None) -> frozenset[Role]:
        """The roles that nobody active in this unit has, nor stands in for. A draft's unit, None, is everybody's."""
        serving = (member for member in self.active if None in (unit, member.units) or unit in (member.units or ()))
        return frozenset(Role) - {role for member in serving for role in member.roles}


def _with(roles: Iterable[Role]) -> tuple[StaffMember, ...]:
    return tuple(member for member in ACTIVE if not set(roles).isdisjoint(member.roles))


ROSTERS = (
    Roster("everybody is there"),
    Roster("no Admin WA is there", _with([Role.WHATSAPP_ADMIN])),
    Roster("neither Admin WA nor Kepala Seksi is there", _with([Role.WHATSAPP_ADMIN, Role.SECTION_HEAD])),
    Roster("no Kepala Bidang is there", _with([Role.DIVISION_HEAD])),
)

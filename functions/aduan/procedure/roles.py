"""Who takes part: the instruction's actors, their ranks, and the people who fill the desks."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Role(StrEnum):
    """An actor of the instruction ('Kualifikasi Pelaksana'), or the citizen."""

    COMPLAINANT = "complainant"
    WHATSAPP_ADMIN = "whatsapp_admin"
    SECTION_HEAD = "section_head"
    DIVISION_HEAD = "division_head"
    AGENCY_HEAD = "agency_head"
    DATABASE_ADMIN = "database_admin"


RANKS = (Role.WHATSAPP_ADMIN, Role.SECTION_HEAD, Role.DIVISION_HEAD, Role.AGENCY_HEAD)
"""The ladder, lowest first. The ADB stands beside it and holds no step."""


def above(role: Role) -> tuple[Role, ...]:
    """The ranks above a role, nearest first; none above a role that is not on the ladder."""
    return RANKS[RANKS.index(role) + 1 :] if role in RANKS else ()


def at_least(role: Role) -> tuple[Role, ...]:
    """A rank and those above it, lowest first."""
    return RANKS[RANKS.index(role) :]


def _staff_role(role: Role) -> Role:
    if role is Role.COMPLAINANT:
        raise ValueError("a member of staff cannot have the role 'complainant'")
    return role


StaffRole = Annotated[Role, AfterValidator(_staff_role)]


class StaffMember(BaseModel):
    """One row of the staff list. `units` absent means all; `acting_for` are roles held as Plh or Plt."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    email: str
    name: str
    role: StaffRole
    whatsapp: str = ""
    active: bool = False
    acting_for: tuple[StaffRole, ...] = ()
    units: tuple[str, ...] | None = None

    @property
    def roles(self) -> tuple[Role, ...]:
        """Their own role, then those that they hold for somebody else."""
        return (self.role, *self.acting_for)

    def serves(self, unit: str | None) -> bool:
        """Whether a complaint of this unit is theirs. A draft has no unit yet, and is everybody's."""
        return unit is None or self.units is None or unit in self.units


class Roster:
    """The people who are active now: who sits at a desk, and who is reached where nobody does."""

    def __init__(self, members: Iterable[StaffMember]) -> None:
        self._members = tuple(member for member in members if member.active)

    def at(self, role: Role, unit: str | None) -> tuple[StaffMember, ...]:
        """Everybody active in a role and unit, or acting for it."""
        return tuple(m for m in self._members if role in m.roles and m.serves(unit))

    def has(self, email: str | None) -> bool:
        """Whether this is somebody active. What somebody holds who is not stands before the whole desk."""
        return any(member.email == email for member in self._members)

    def vacant(self, unit: str | None) -> frozenset[Role]:
        """The roles in which nobody is active in this unit."""
        staffed = {role for m in self._members if m.serves(unit) for role in m.roles}
        return frozenset({*RANKS, Role.DATABASE_ADMIN} - staffed)

    def among(self, roles: Iterable[Role], unit: str | None) -> tuple[StaffMember, ...]:
        """Everybody at any of these desks, each once."""
        found = {m.email: m for role in roles for m in self.at(role, unit)}
        return tuple(found.values())


def reachable(roles: Iterable[Role], vacant: frozenset[Role]) -> tuple[Role, ...]:
    """The desks that are told: a vacant one is replaced by the next rank up that has somebody, each once."""
    told: dict[Role, None] = {}
    for role in roles:
        ladder = (role, *above(role))
        told[next((r for r in ladder if r not in vacant), role)] = None
    return tuple(told)


class Actor(BaseModel):
    """A member of staff at the moment of an act. `covers`: vacant desks below, theirs meanwhile."""

    model_config = ConfigDict(frozen=True)

    email: str
    roles: tuple[Role, ...]
    units: tuple[str, ...] | None = None
    covers: frozenset[Role] = frozenset()

    @classmethod
    def of(cls, member: StaffMember, covers: frozenset[Role] = frozenset()) -> "Actor":
        """A row of the staff list at work."""
        return cls(email=member.email, roles=member.roles, units=member.units, covers=covers)

    def serves(self, unit: str | None) -> bool:
        """As for a row of the staff list."""
        return unit is None or self.units is None or unit in self.units

    def sits_at(self, desk: Role) -> bool:
        """Whether this desk is theirs: in their role, for somebody, or because it is vacant."""
        return desk in self.roles or desk in self.covers

    def outranks(self, desk: Role) -> bool:
        """Whether they stand above a desk on the ladder."""
        return any(role in above(desk) for role in self.roles)

    def role_at(self, desk: Role) -> Role:
        """The role in which they act at a desk: its own if they have it, else their highest rank above it."""
        if desk in self.roles:
            return desk
        higher = [role for role in reversed(RANKS) if role in self.roles and role in above(desk)]
        return higher[0] if higher else self.roles[0]


def covered_by(member: StaffMember, vacant: frozenset[Role]) -> frozenset[Role]:
    """The vacant desks that fall to this person: all below them with no staffed rank between."""
    covered: set[Role] = set()
    for role in member.roles:
        if role not in RANKS:
            continue
        for lower in reversed(RANKS[: RANKS.index(role)]):
            if lower not in vacant:
                break
            covered.add(lower)
    return frozenset(covered)

"""Who is at which desk: the ranks, Plh and Plt, units, and what a vacant desk means (contract, 'Ranks')."""

from collections.abc import Iterable
from dataclasses import dataclass, field

ADMIN, SECTION, DIVISION, AGENCY = RANKS = ("whatsapp_admin", "section_head", "division_head", "agency_head")
ADB = "database_admin"
UNITS = ("population_registration", "civil_registration")


def above(role: str) -> tuple[str, ...]:
    return RANKS[RANKS.index(role) + 1 :] if role in RANKS else ()


@dataclass
class Person:
    """A row of the staff list. `units` None: all."""

    email: str
    role: str
    units: tuple[str, ...] | None = None
    acting_for: tuple[str, ...] = ()
    active: bool = True

    @property
    def roles(self) -> tuple[str, ...]:
        return (self.role, *self.acting_for)

    def serves(self, unit: str | None) -> bool:
        return unit is None or self.units is None or unit in self.units


def an_office() -> list[Person]:
    """Two Admin WA, a Kepala Seksi for each unit and one for both, and one person of each other role."""
    population, civil = UNITS
    return [
        Person("admin@office.test", ADMIN),
        Person("admin2@office.test", ADMIN),
        Person("kasi@office.test", SECTION, units=(population,)),
        Person("kasi2@office.test", SECTION, units=(civil,)),
        Person("kabid@office.test", DIVISION),
        Person("kadis@office.test", AGENCY),
        Person("adb@office.test", ADB),
    ]


@dataclass
class Staff:
    """Everybody of the office."""

    people: list[Person] = field(default_factory=an_office)

    def at(self, role: str, unit: str | None) -> set[str]:
        """Everybody active in a role and unit, or acting for it."""
        return {p.email for p in self.people if p.active and role in p.roles and p.serves(unit)}

    def is_vacant(self, role: str, unit: str | None) -> bool:
        return not self.at(role, unit)

    def reached(self, roles: Iterable[str], unit: str | None) -> set[str]:
        """Who is told: of a vacant desk, the next rung up that has somebody."""
        told: set[str] = set()
        for role in roles:
            told |= next((at for rung in (role, *above(role)) if (at := self.at(rung, unit))), set())
        return told

    def covers(self, person: Person, desk: str, unit: str | None) -> bool:
        """Whether a vacant desk falls to this person: no rung between them has anybody."""
        if desk not in RANKS:
            return False
        staffed = next((rung for rung in (desk, *above(desk)) if not self.is_vacant(rung, unit)), None)
        return staffed != desk and staffed in person.roles

    def sits(self, person: Person, desk: str, unit: str | None) -> bool:
        """Whether it is this person's desk: by role, for somebody, or because nobody is there."""
        return desk in person.roles or self.covers(person, desk, unit)

    def role_at(self, person: Person, desk: str) -> str:
        """In which role they act there: the desk's if they have it, else their own, which is higher."""
        return desk if desk in person.roles else next(r for r in reversed(RANKS) if r in person.roles)


def outranks(person: Person, desk: str) -> bool:
    return any(role in above(desk) for role in person.roles)

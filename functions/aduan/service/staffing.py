"""The staff list in the hands of those who may change it: each change checked, and kept with who made it."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from aduan.procedure.definition import Procedure
from aduan.procedure.errors import NeverAllowed, NotNow, WrongField
from aduan.procedure.roles import RANKS, Role, StaffMember
from aduan.service.errors import Unknown
from aduan.service.model import StaffChange
from aduan.service.phones import e164
from aduan.service.ports import Clock, StaffList
from aduan.service.retrying import until_settled

KEEPERS = (Role.AGENCY_HEAD, Role.DATABASE_ADMIN)
"""Who may see and change the list (ours: the instruction does not say)."""

STAFF_ROLES = (*RANKS, Role.DATABASE_ADMIN)
NAME_MOST = 100
EMAIL_MOST = 254
HISTORY = 20

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)


@dataclass(frozen=True)
class TypedMember:
    """A row of the list as it was typed. `seen` marks the row as it was read then, or that there was none."""

    email: str
    name: str
    role: str
    whatsapp: str
    active: bool
    acting_for: tuple[str, ...]
    units: tuple[str, ...]
    seen: str


def mark(member: StaffMember | None) -> str:
    """What tells a row from the same row after somebody changed it."""
    row = member.model_dump(mode="json") if member else None
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Staffing:
    """Use cases of the staff list. For the Kepala Dinas and the ADB only: others get `NeverAllowed`."""

    staff: StaffList
    procedure: Procedure
    clock: Clock

    def may(self, member: StaffMember) -> bool:
        """Whether this person may see and change the list."""
        return not set(KEEPERS).isdisjoint(member.roles)

    def listed(self, by: StaffMember) -> tuple[tuple[StaffMember, ...], tuple[StaffChange, ...]]:
        """Everybody, active ones first, and the newest changes."""
        self._refuse_others(by)
        people = sorted(self.staff.members(), key=lambda member: (not member.active, member.name.casefold()))
        return tuple(people), self.staff.changes(HISTORY)

    def row(self, by: StaffMember, email: str) -> StaffMember:
        """One person, active or not. Raises `Unknown`."""
        self._refuse_others(by)
        member = self.staff.member(email) if _EMAIL.fullmatch(email.lower()) else None
        if member is None:
            raise Unknown(email)
        return member

    def save(self, by: StaffMember, typed: TypedMember) -> StaffMember:
        """Write a row, new or changed, with the change that it is; what changes nothing is not written.

        Raises `WrongField`, `NeverAllowed`, and `NotNow` if somebody else has changed the row meanwhile.
        """
        email = typed.email.strip().lower()
        member = self._checked(email, typed)
        self._refuse_others(by)
        return until_settled(lambda: self._save(by, member, typed.seen))

    def _save(self, by: StaffMember, member: StaffMember, seen: str) -> StaffMember:
        """Whoever loses a race for the row decides anew on what stands then, and is told as if they had come later."""
        found = self.staff.loaded(member.email)
        before = found.value
        if member == before:  # also where it was this very change that was saved, and its answer lost
            return member
        if mark(before) != seen:
            raise NotNow("Data petugas ini sudah ada atau sudah diubah orang lain. Periksa dulu, lalu ulangi.")
        self._refuse_locking_out(member)
        self.staff.save(member, self._change(by, before, member), found.mark)
        return member

    def _refuse_others(self, by: StaffMember) -> None:
        if not self.may(by):
            raise NeverAllowed(f"Daftar petugas hanya untuk {self._keepers()}.")

    def _keepers(self, joined: str = "dan") -> str:
        return f" {joined} ".join(self.procedure.titles[role] for role in KEEPERS)

    def _checked(self, email: str, typed: TypedMember) -> StaffMember:
        name, phone = " ".join(typed.name.split()), e164(typed.whatsapp)
        unit_codes = {unit.code for unit in self.procedure.units}
        right = {
            "email": (
                len(email) <= EMAIL_MOST and _EMAIL.fullmatch(email) is not None,
                "Tulis alamat email akun Google petugas, misalnya nama@contoh.go.id.",
            ),
            "name": (
                0 < len(name) <= NAME_MOST and name.isprintable(),
                f"Tulis nama petugas, paling banyak {NAME_MOST} huruf.",
            ),
            "role": (typed.role in STAFF_ROLES, "Pilih peran dari daftar."),
            "whatsapp": (phone is not None, "Tulis nomor WhatsApp, misalnya 0812 3456 7890."),
            "acting_for": (set(typed.acting_for) <= set(STAFF_ROLES), "Pilih peran dari daftar."),
            "units": (set(typed.units) <= unit_codes, "Pilih unit dari daftar."),
        }
        if wrong := {field: words for field, (is_right, words) in right.items() if not is_right}:
            raise WrongField(wrong)
        role = Role(typed.role)
        acting_for = [other for other in STAFF_ROLES if other in typed.acting_for and other is not role]
        return StaffMember(
            email=email,
            name=name,
            role=role,
            whatsapp=phone or "",
            active=typed.active,
            acting_for=tuple(acting_for),
            units=self._units(typed.units),
        )

    def _units(self, chosen: Sequence[str]) -> tuple[str, ...] | None:
        """None, that is all of them and any that come later, where no single one was chosen."""
        return tuple(unit.code for unit in self.procedure.units if unit.code in chosen) or None

    def _refuse_locking_out(self, member: StaffMember) -> None:
        """Somebody active must always be able to change the list; acting holders come and go."""
        others = (other for other in self.staff.members() if other.email != member.email)
        if not any(person.active and person.role in KEEPERS for person in (*others, member)):
            words = f"Harus ada paling sedikit satu {self._keepers('atau')} yang aktif."
            raise WrongField({"role" if member.active else "active": words})

    def _change(self, by: StaffMember, before: StaffMember | None, after: StaffMember) -> StaffChange:
        return StaffChange(
            at=self.clock(), by=by.email, email=after.email, before=_row(before), after=_row(after) or {}
        )


def _row(member: StaffMember | None) -> dict[str, object] | None:
    return member.model_dump(mode="json", exclude={"email"}) if member else None

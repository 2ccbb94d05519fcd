"""An office with somebody at every desk, and the use cases that look at it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName
from aduan.procedure.roles import Role, StaffMember
from aduan.service.channel import OutboundMessage
from aduan.service.checking import Checking
from aduan.service.fields import ActFields
from aduan.service.model import OUTBOUND, OutboxRow
from aduan.service.unmasking import Unmasking
from tests.service.fakes import InMemoryStaffList, InMemoryStore
from tests.service.house_of_fakes import HouseOfFakes

UNIT, OTHER_UNIT = "population_registration", "civil_registration"
NIK = "3402014107900001"
SET_FORMAT = f"Layanan: KTP\nNama: Siti Aminah\nNIK: {NIK}\nAduan: KTP saya belum jadi dua bulan."
STAFF_URL = "https://staff.office.test"


def member(name: str, role: Role, **row: object) -> StaffMember:
    """A row of the staff list."""
    given = {"email": f"{name}@office.test", "name": name, "role": role, "active": True, **row}
    return StaffMember.model_validate(given)


ANI = member("ani", Role.WHATSAPP_ADMIN)
BUDI = member("budi", Role.WHATSAPP_ADMIN)
CITRA = member("citra", Role.SECTION_HEAD, units=(UNIT,))
DODI = member("dodi", Role.SECTION_HEAD, units=(OTHER_UNIT,))
EKO = member("eko", Role.DIVISION_HEAD)
FITRI = member("fitri", Role.AGENCY_HEAD)
GANI = member("gani", Role.DATABASE_ADMIN)
EVERYBODY = (ANI, BUDI, CITRA, DODI, EKO, FITRI, GANI)


def without(*gone: StaffMember) -> tuple[StaffMember, ...]:
    """Everybody but these."""
    return tuple(person for person in EVERYBODY if person not in gone)


@dataclass
class FullHouse(HouseOfFakes):
    """A complaint of Siti's can be led from here through every desk."""

    def __post_init__(self) -> None:
        super().__post_init__()
        settling = self.desk.settling
        self.checking = Checking(settling, self.store, self.store.staff, self.tasks, self.clock)
        self.unmasking = Unmasking(self.desk)

    def do(self, name: ActName, who: StaffMember, **fields: str) -> Complaint:
        """An act of staff on Siti's current complaint, with what its form has."""
        filled = {**_FILLED.get(name, {}), **fields}
        return self.act(name, who, **filled)

    def given(self, **fields: object) -> ActFields:
        """What a form sends along, for the complaint as it is."""
        return ActFields.model_validate(
            {"request_id": secrets.token_hex(16), "version": self.complaint.version, **fields}
        )

    def wait(self, minutes: float) -> "FullHouse":
        """Let time pass."""
        self.clock.now += timedelta(minutes=minutes)
        return self

    def ring(self) -> bool:
        """Let the next alarm of Siti's complaint ring, on time."""
        alarm = self.complaint.alarm
        assert alarm is not None
        self.clock.now = max(self.clock.now, alarm.at)
        return self.checking.check(self.complaint.id, alarm)

    def alerts(self) -> list[tuple[str | None, OutboundMessage]]:
        """Everything that staff are told: whom, and in which words."""
        return [(row.to_staff, said(row)) for row in self.store.rows if row.to_staff]


_FILLED: dict[ActName, dict[str, str]] = {
    ActName.SETTLE: {"note": "Bisa dijawab.", "answer": "KTP Anda bisa diambil."},
    ActName.FORWARD: {"note": "Perlu cek arsip."},
    ActName.VERIFY: {"note": "Bisa diselesaikan."},
    ActName.RESPOND: {"note": "Sudah dicek.", "answer": "KTP Anda sudah dicetak."},
    ActName.ANSWER: {"answer": "KTP Anda sudah dicetak."},
    ActName.REFUSE: {"note": "Data belum sesuai."},
    ActName.ASK_COMPLAINANT: {"question": "Kapan Anda merekam data?"},
    ActName.ASK_DATABASE_ADMIN: {"note": "Mohon cek data ganda."},
    ActName.REPLY_DATA_CHECK: {"note": "Tidak ganda."},
}


def full_house(*staff: StaffMember) -> FullHouse:
    """With these people, or with everybody."""
    return FullHouse(store=InMemoryStore(InMemoryStaffList(*(staff or EVERYBODY))))


def with_a_complaint(*staff: StaffMember) -> FullHouse:
    """Siti's complaint has just been registered: step 2."""
    house = full_house(*staff)
    house.hear(SET_FORMAT)
    return house


def said(row: OutboxRow) -> OutboundMessage:
    """A row's message."""
    return OUTBOUND.validate_json(row.message)

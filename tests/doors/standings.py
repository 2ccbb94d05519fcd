"""Everywhere a complaint can stand, each reached by the acts that lead there; one complaint for each."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from aduan.procedure.acts import Delivered
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName
from aduan.procedure.roles import StaffMember
from aduan.service.channel import Address, InboundMessage, Media, MessageKind
from aduan.service.fields import ActFields
from aduan.service.model import message_id
from aduan.service.ports import Commit
from tests.doors.people import ADMIN, ADMIN_FOR_SECTION, AGENCY, CHECKER, DIVISION, SECTION, SECTION_ELSEWHERE
from tests.doors.premises import PICTURE, Premises

FORMAT = "Layanan: {service}\nNama: Siti Aminah\nNIK: 3402014107900001\nAduan: KTP saya belum jadi sejak dua bulan."
FIELDS = {
    "note": "Perlu cek arsip.",
    "answer": "KTP Anda sudah dicetak.",
    "question": "Kapan Anda merekam data?",
    "category": "identity_card",
    "description": "KTP saya belum jadi sejak dua bulan.",
}
"""Whole and well formed for every act."""


@dataclass
class Case:
    """One complaint that is led somewhere."""

    premises: Premises
    phone: str
    complaint_id: str = ""
    wamid: str = ""
    _wamids: "itertools.count[int]" = field(default_factory=itertools.count)

    def write(self, text: str, kind: MessageKind = MessageKind.TEXT, media: Media | None = None) -> "Case":
        """Its citizen writes."""
        house, sender = self.premises.house, Address(phone=self.phone)
        self.wamid = f"wamid.{self.phone}.{next(self._wamids)}"
        now = self.premises.clock.now
        house.intake.take(InboundMessage(self.wamid, now, sender, kind, "{}", text=text, media=media))
        citizen = self.premises.store.inbound("wamid.none", sender).citizen
        self.complaint_id = (citizen.value.current if citizen else None) or self.complaint_id
        return self

    def send_picture(self) -> "Case":
        """Its citizen sends one, and it is fetched."""
        self.write("Ini fotonya.", MessageKind.IMAGE, Media(PICTURE, "image/png"))
        self.premises.house.fetching.fetch(message_id(self.wamid))
        return self

    def complain(self, service: str = "KTP") -> "Case":
        """In the set format: step 2."""
        return self.write(FORMAT.format(service=service))

    def act(self, who: StaffMember, *names: ActName, **fields: str) -> "Case":
        """Somebody does these, one after the other."""
        for name in names:
            given = {"request_id": self.premises.request_id(), "version": self.complaint.version, **FIELDS, **fields}
            self.premises.house.desk.act(who, self.complaint_id, name, ActFields.typed(given))
        return self

    def deliver(self) -> "Case":
        """WhatsApp reports the answer delivered."""
        house, now = self.premises.house, self.premises.clock.now
        loaded = house.desk.open(self.complaint_id)
        answer = loaded.value.answer
        assert answer is not None
        transition = house.workflow.decide(loaded.value, Delivered(at=now, text_sha256=answer.sha256), now)
        house.settling.settle(loaded, transition, now, Commit())
        return self

    def late(self, minutes: int) -> "Case":
        """Its next alarm rings after so many minutes."""
        clock, alarm = self.premises.clock, self.complaint.alarm
        before, clock.now = clock.now, clock.now + timedelta(minutes=minutes)
        self.premises.house.checking.check(self.complaint_id, alarm)
        clock.now = before
        return self

    @property
    def complaint(self) -> Complaint:
        return self.premises.house.desk.open(self.complaint_id).value


def _received(case: Case) -> Case:
    return case.complain().act(ADMIN, ActName.RECEIVE)


def _at_section(case: Case) -> Case:
    return _received(case).act(ADMIN, ActName.FORWARD)


def _at_division(case: Case) -> Case:
    return _at_section(case).act(SECTION, ActName.FORWARD)


def _responded(case: Case) -> Case:
    return _at_section(case).act(SECTION, ActName.RESPOND)


def _settled(case: Case) -> Case:
    return _received(case).act(ADMIN, ActName.SETTLE)


STANDINGS: dict[str, Callable[[Case], Case]] = {
    "1, a draft": lambda case: case.write("Selamat pagi, KTP saya hilang."),
    "1, a draft that was reminded": lambda case: case.write("Selamat pagi, KTP saya hilang.").late(10),
    "2": lambda case: case.complain(),
    "2, of another unit": lambda case: case.complain("Akta kelahiran"),
    "2, late": lambda case: case.complain().late(10),
    "3, held": _received,
    "3, of another unit, held": lambda case: case.complain("Akta kelahiran").act(ADMIN, ActName.RECEIVE),
    "3, with a picture": lambda case: _received(case).send_picture(),
    "3, waiting": lambda case: _received(case).act(ADMIN, ActName.ASK_COMPLAINANT),
    "3, with a data check": lambda case: _received(case).act(ADMIN, ActName.ASK_DATABASE_ADMIN),
    "3, taken over from above": lambda case: _received(case).act(SECTION, ActName.TAKE_OVER),
    "4": _at_section,
    "4, of another unit": lambda case: case.complain("Akta kelahiran").act(ADMIN, ActName.RECEIVE, ActName.FORWARD),
    "4, by escalation": lambda case: _received(case).late(30),
    "4, held": lambda case: _at_section(case).act(SECTION, ActName.TAKE_OVER),
    "4, of another unit, held": lambda case: (
        case.complain("Akta kelahiran")
        .act(ADMIN, ActName.RECEIVE, ActName.FORWARD)
        .act(SECTION_ELSEWHERE, ActName.TAKE_OVER)
    ),
    "4, waiting": lambda case: _at_section(case).act(SECTION, ActName.ASK_COMPLAINANT),
    "4, with a data check": lambda case: _at_section(case).act(SECTION, ActName.ASK_DATABASE_ADMIN),
    "4, with a data check that is answered": lambda case: (
        _at_section(case).act(SECTION, ActName.ASK_DATABASE_ADMIN).act(CHECKER, ActName.REPLY_DATA_CHECK)
    ),
    "4, taken over from above": lambda case: _at_section(case).act(DIVISION, ActName.TAKE_OVER),
    "4, refused": lambda case: _settled(case).act(SECTION, ActName.REFUSE),
    "5, held": lambda case: _at_section(case).act(SECTION, ActName.VERIFY),
    "5, waiting": lambda case: _at_section(case).act(SECTION, ActName.VERIFY, ActName.ASK_COMPLAINANT),
    "5, with a data check": lambda case: _at_section(case).act(SECTION, ActName.VERIFY, ActName.ASK_DATABASE_ADMIN),
    "5, taken over from above": lambda case: (
        _at_section(case).act(SECTION, ActName.VERIFY).act(AGENCY, ActName.TAKE_OVER)
    ),
    "6": _at_division,
    "6, held": lambda case: _at_division(case).act(DIVISION, ActName.TAKE_OVER),
    "6, waiting": lambda case: _at_division(case).act(DIVISION, ActName.ASK_COMPLAINANT),
    "6, with a data check": lambda case: _at_division(case).act(DIVISION, ActName.ASK_DATABASE_ADMIN),
    "6, taken over from above": lambda case: _at_division(case).act(AGENCY, ActName.TAKE_OVER),
    "7": _responded,
    "7, held": lambda case: _responded(case).act(ADMIN, ActName.TAKE_OVER),
    "7, taken over from above": lambda case: _responded(case).act(SECTION, ActName.TAKE_OVER),
    "8, approved": lambda case: _responded(case).act(ADMIN, ActName.ANSWER),
    "8, not approved": _settled,
    "8, drafted by who stands in for the approver": lambda case: case.complain().act(
        ADMIN_FOR_SECTION, ActName.RECEIVE, ActName.SETTLE
    ),
    "delivered, not approved": lambda case: _settled(case).deliver(),
    "closed": lambda case: _responded(case).act(ADMIN, ActName.ANSWER).deliver(),
    "dismissed": lambda case: case.write("Terima kasih.").act(ADMIN, ActName.DISMISS),
}


def led(premises: Premises, after: int = 0) -> dict[str, Case]:
    """A complaint at every standing, each with a citizen of its own; `after` so many that were led before."""
    numbered = enumerate(STANDINGS.items(), start=after)
    return {name: lead(Case(premises, f"+62812{number:08}")) for number, (name, lead) in numbered}


def reached(premises: Premises) -> dict[str, Complaint]:
    """The same as they stand. From here on the store keeps nothing."""
    cases = led(premises)
    premises.store.keeping = False
    return {name: case.complaint for name, case in cases.items()}

"""A portal with people and complaints in it, whose clock stands until it is moved."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

import aduan
from aduan.portal.app import create_portal
from aduan.portal.proof import FormProof
from aduan.procedure.acts import Delivered
from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from aduan.procedure.roles import Role, StaffMember
from aduan.procedure.workflow import Workflow
from aduan.service.channel import Address, InboundMessage, Media, MessageKind
from aduan.service.checking import Checking
from aduan.service.conversation import Conversation
from aduan.service.desk import Desk
from aduan.service.errors import Unproven
from aduan.service.intake import Intake
from aduan.service.outgoing import Outgoing
from aduan.service.ports import ChannelLog, Commit, Filters, StaffList, Store
from aduan.service.self_service import SelfService
from aduan.service.settling import Settling
from aduan.service.wording import Words
from tests.service.fakes import FakeClock, InMemoryMediaStore, RecordingTasks

OFFICE = Path(aduan.__file__).parent / "offices" / "bantul"
NINE_ON_TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Selasa, 24 November 2026 pukul 09.00 WIB: an ordinary working morning."""

ADMIN = "admin@kantor.test"
ADMIN2 = "admin2@kantor.test"
KASI = "kasi@kantor.test"
KABID = "kabid@kantor.test"
KADIS = "kadis@kantor.test"
ADB = "adb@kantor.test"
LEFT = "pindah@kantor.test"
STRANGER = "orang@lain.test"

STAFF = (
    StaffMember(email=ADMIN, name="Siti Rahayu", role=Role.WHATSAPP_ADMIN, whatsapp="+6281100000001", active=True),
    StaffMember(email=ADMIN2, name="Budi Santoso", role=Role.WHATSAPP_ADMIN, whatsapp="+6281100000002", active=True),
    StaffMember(
        email=KASI,
        name="Dewi Lestari",
        role=Role.SECTION_HEAD,
        whatsapp="+6281100000003",
        active=True,
        units=("population_registration",),
    ),
    StaffMember(email=KABID, name="Agus Prasetyo", role=Role.DIVISION_HEAD, whatsapp="+6281100000004", active=True),
    StaffMember(email=KADIS, name="Sri Wahyuni", role=Role.AGENCY_HEAD, whatsapp="+6281100000005", active=True),
    StaffMember(email=ADB, name="Rudi Hartono", role=Role.DATABASE_ADMIN, whatsapp="+6281100000006", active=True),
    StaffMember(email=LEFT, name="Tono", role=Role.WHATSAPP_ADMIN, whatsapp="+6281100000007", active=False),
)
ACTIVE = tuple(member.email for member in STAFF if member.active)

NIK = "3402014107900001"
PHONE = "+6281234567890"
FORMAT = "Layanan: {service}\nNama: Siti Aminah\nNIK: {nik}\nAduan: {text}"
TEXT = "KTP saya belum jadi sejak dua bulan lalu, padahal sudah rekam."
NOTE = "Sudah dicek di arsip."
ANSWER = "KTP Anda sudah jadi. Silakan ambil di loket 3."

SIGNED_WITH = "a secret of this test's own"
JSON = {"Accept": "application/json", "X-Requested-With": "test"}


def identify(assertion: str | None) -> str:
    """Believes whoever says 'I am …': the real proof is tested where it lives."""
    if assertion is None or not assertion.startswith("I am "):
        raise Unproven("no assertion")
    return assertion.removeprefix("I am ").lower()


def proof_of(email: str) -> dict[str, str]:
    """The header that Identity-Aware Proxy would add."""
    return {"X-Goog-IAP-JWT-Assertion": f"I am {email}"}


def content(response: TestResponse) -> Any:
    """What a response holds as JSON."""
    return json.loads(response.text)


@dataclass
class Scene:
    """What a test drives: citizens write, staff act in the portal, time passes."""

    store: Store
    staff: StaffList
    channel_log: ChannelLog
    clock: FakeClock
    reads: list[int] = field(default_factory=list)  # documents, by each call to the store
    tasks: RecordingTasks = field(default_factory=RecordingTasks)
    media: InMemoryMediaStore = field(default_factory=InMemoryMediaStore)
    _wamids: "itertools.count[int]" = field(default_factory=itertools.count)
    _requests: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Build the house over the store."""
        calendar = read(OFFICE / "calendar.toml", OfficeCalendar)
        self.procedure = read(OFFICE / "procedure.toml", Procedure)
        self.words = read(OFFICE / "messages.toml", Words)
        self.workflow = Workflow(self.procedure, ServiceClock(calendar))
        talk = Conversation(self.procedure, self.words)
        outgoing = Outgoing(self.procedure, self.words, talk, "https://portal.test", self.workflow.clock)
        self.settling = Settling(self.workflow, self.store, self.staff, self.tasks, outgoing)
        self.desk = Desk(self.settling, self.store, self.staff, self.clock)
        self.checking = Checking(self.settling, self.store, self.staff, self.tasks, self.clock)
        self_service = SelfService(self.store, talk, outgoing, self.words, self.clock, calendar.timezone)
        self.intake = Intake(self.settling, self.store, talk, self_service, outgoing, self.clock)
        self.app: Flask = create_portal(
            self.desk, self.channel_log, self.media, identify, SIGNED_WITH, self.clock, calendar.timezone
        )

    # Citizens and time

    def write(
        self, text: str | None, phone: str = PHONE, *, media: str | None = None, name: str = "Siti", ago: float = 0
    ) -> None:
        """A citizen's message."""
        message = InboundMessage(
            wamid=f"wamid.{next(self._wamids)}",
            at=self.clock.now - timedelta(minutes=ago),
            sender=Address(phone=phone),
            kind=MessageKind.IMAGE if media else MessageKind.TEXT,
            raw="{}",
            text=text,
            media=Media("media-1", media) if media else None,
            profile_name=name,
        )
        self.intake.take(message)

    def complain(self, text: str = TEXT, *, service: str = "KTP", phone: str = PHONE, nik: str = NIK) -> str:
        """A complaint in the set format, registered at once. Its number."""
        before = {complaint.id for complaint in self._open()}
        self.write(FORMAT.format(service=service, text=text, nik=nik), phone)
        (new,) = [complaint for complaint in self._open() if complaint.id not in before]
        assert new.number is not None
        return new.number

    def draft(self, text: str = "Selamat pagi, saya mau tanya soal KTP saya yang hilang.") -> str:
        """A message that is no complaint yet. The draft's address."""
        self.write(text, "+6281299990000")
        drafts = self.desk.listed(Filters(statuses=(Status.DRAFT,)), None).items
        return f"D-{drafts[0].id}"

    def _open(self) -> tuple[Complaint, ...]:
        return self.desk.listed(Filters(), None).items

    def minutes(self, count: float) -> None:
        """Time passes; alarms do not ring by themselves."""
        self.clock.now += timedelta(minutes=count)

    def ring(self, number: str) -> None:
        """The alarm of a complaint rings."""
        complaint = self.complaint(number)
        assert complaint.alarm is not None
        self.checking.check(complaint.id, complaint.alarm)

    def deliver(self, number: str) -> None:
        """WhatsApp reports the answer delivered."""
        loaded = self.desk.open(number.removeprefix("ADU-"))
        assert loaded.value.answer is not None
        act = Delivered(at=self.clock.now, text_sha256=loaded.value.answer.sha256)
        transition = self.workflow.decide(loaded.value, act, self.clock.now)
        self.settling.settle(loaded, transition, self.clock.now, Commit())

    def complaint(self, address: str) -> Complaint:
        """As it stands."""
        return self.desk.open(address.removeprefix("ADU-").removeprefix("D-")).value

    # Staff

    def get(self, path: str, email: str | None = ADMIN, **headers: str) -> TestResponse:
        """A page as a browser asks for it."""
        proof = proof_of(email) if email else {}
        return self.app.test_client().get(path, headers={**proof, **headers})

    def get_json(self, path: str, email: str = ADMIN) -> Any:
        """The same as JSON, which has to be there."""
        response = self.get(path, email, Accept="application/json")
        assert response.status_code == 200, response.text
        return response.json

    def fields(self, address: str, **fields: Any) -> dict[str, Any]:
        """An act's fields, with the version as it is now and a request id of their own."""
        common = {"version": self.complaint(address).version, "request_id": f"request-{next(self._requests):012}"}
        return {**common, **fields}

    def token(self, email: str) -> str:
        """The token of a form that this person is given now."""
        return FormProof(SIGNED_WITH, self.clock).token(email)

    def post_form(self, path: str, email: str, fields: Mapping[str, Any]) -> TestResponse:
        """A form as a browser sends it."""
        data = {"csrf_token": self.token(email), **fields}
        return self.app.test_client().post(path, data=data, headers=proof_of(email))

    def post_json(self, path: str, email: str, fields: Any) -> TestResponse:
        """The same as a program sends it."""
        return self.app.test_client().post(path, json=fields, headers={**proof_of(email), **JSON})

    def act(self, address: str, act: str, email: str, **fields: Any) -> Any:
        """An act that has to work. The complaint as JSON."""
        response = self.post_json(f"/aduan/{address}/{act}", email, self.fields(address, **fields))
        assert response.status_code == 200, response.text
        return response.json

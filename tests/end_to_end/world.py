"""A whole office on this machine, whose time stands still until a test moves it.

Everything is real but the clock and WhatsApp: each function is served over HTTP with the handler that `main.py` calls,
on the Firestore emulator in a project of its own, with the stand-in for Cloud Tasks calling the functions back.
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import httpx
import pytest
from flask import Flask, Request, Response, request
from google.cloud import firestore

from aduan import handlers
from aduan.bootstrap import House
from aduan.settings import Settings
from infra.local.cloud_tasks import CloudTasksEmulator
from infra.local.identity import LocalIdentity, certs_app
from infra.local.templates_file import Templates
from infra.local.whatsapp import WhatsAppSimulator
from infra.local.whatsapp_phone import Phone
from tests.between import Between
from tests.infra_local.receiver import serving

OFFICES = Path(handlers.__file__).parent / "offices"
CONTINUOUS = OFFICES / "continuous.toml"
TASKS_ACCOUNT = "tasks@office.test"
SCHEDULER_ACCOUNT = "scheduler@office.test"
IAP_AUDIENCE = "/projects/1/global/backendServices/2"
TARGETS: dict[str, Callable[[House, Request], Response]] = {
    "whatsapp_webhook": handlers.whatsapp_webhook,
    "staff_portal": handlers.staff_portal,
    "sla_check": handlers.sla_check,
    "send_message": handlers.send_message,
    "fetch_media": handlers.fetch_media,
    "sweep": handlers.sweep,
}
AutoStatus = Literal["sent", "delivered", "read"] | None
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

NINE_ON_TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Selasa, 24 November 2026 pukul 09.00 WIB: an ordinary working morning."""

STAFF = {
    "admin@office.test": ("Ani", "whatsapp_admin", "+6281100000001"),
    "admin2@office.test": ("Budi", "whatsapp_admin", "+6281100000002"),
    "kasi@office.test": ("Citra", "section_head", "+6281100000003"),
    "kabid@office.test": ("Dewi", "division_head", "+6281100000004"),
    "kadis@office.test": ("Eko", "agency_head", "+6281100000005"),
    "adb@office.test": ("Fajar", "database_admin", "+6281100000006"),
}
ADMIN, ADMIN2, KASI, KABID, KADIS, ADB = STAFF

SET_FORMAT = """Layanan: KTP
Nama: Siti Aminah
NIK: 3402014107900001
Aduan: KTP saya belum jadi sejak dua bulan lalu."""


@dataclass
class SteeredClock:
    """Time that moves only when told."""

    now: datetime = NINE_ON_TUESDAY

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Invocation:
    """One request that came to a function, and what it asked of the outside meanwhile. `answered` in bytes."""

    target: str
    firestore: int = 0
    tasks: int = 0
    answered: int = 0


@dataclass
class Calls:
    """The calls outside, as they were made, and the requests that made them."""

    firestore: list[tuple[str, int, int]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    invocations: list[Invocation] = field(default_factory=list)
    _now: threading.local = field(default_factory=threading.local)

    @property
    def reads(self) -> int:
        return sum(reads for _, reads, _ in self.firestore)

    @property
    def writes(self) -> int:
        return sum(writes for _, _, writes in self.firestore)

    def asked(self, kind: str, reads: int, writes: int) -> None:
        """A round trip to Firestore."""
        self.firestore.append((kind, reads, writes))
        if (invocation := getattr(self._now, "invocation", None)) is not None:
            invocation.firestore += 1

    def set_task(self, queue: str) -> None:
        """A task was asked for."""
        self.tasks.append(queue)
        if (invocation := getattr(self._now, "invocation", None)) is not None:
            invocation.tasks += 1

    def of(self, target: str, handler: Callable[[House, Request], Response]) -> Callable[[House, Request], Response]:
        """The handler, whose requests are written down."""

        def counted(house: House, request: Request) -> Response:
            self._now.invocation = invocation = Invocation(target)
            self.invocations.append(invocation)
            try:
                response = handler(house, request)
            finally:
                self._now.invocation = None
            invocation.answered = response.calculate_content_length() or 0
            return response

        return counted

    def clear(self) -> None:
        self.firestore.clear()
        self.tasks.clear()
        self.invocations.clear()


@dataclass
class World:
    """What a test drives: citizens write, staff act, time passes."""

    clock: SteeredClock
    tasks: CloudTasksEmulator
    whatsapp: WhatsAppSimulator
    identity: LocalIdentity
    house: House
    urls: dict[str, str]
    http: httpx.Client
    calls: Calls
    client: firestore.Client
    environment: Mapping[str, str]
    between: Between | None = None

    # Time

    def settle(self) -> None:
        """Let everything that is due now happen: tasks, and WhatsApp's statuses."""
        for _ in range(20):
            ran = self.tasks.run_due()
            if not self.whatsapp.flush_statuses() and not ran:
                return
        raise AssertionError("the world does not come to rest")

    def advance(self, minutes: float = 0, seconds: float = 0) -> None:
        """Move time from alarm to alarm, so that each rings when it is due."""
        goal = self.clock.now + timedelta(minutes=minutes, seconds=seconds)
        while (due := self.tasks.next_due()) is not None and due <= goal:
            self.clock.now = max(self.clock.now, due)
            self.settle()
        self.clock.now = goal
        self.settle()

    # Citizens

    def citizen(self, phone: str = "+6281234567890", **more: Any) -> Phone:
        return self.whatsapp.citizen(phone=phone, **more)

    def submit(self, phone: str = "+6281234567890", text: str = SET_FORMAT) -> str:
        """A complaint in the set format; its number."""
        citizen = self.citizen(phone, name="Siti")
        assert citizen.write(text) == 200
        self.settle()
        numbers = [str(c["number"]) for c in self.complaints() if c["number"]]
        return max(numbers, key=lambda number: self.complaint(number)["started_at"])

    # Staff

    def headers(self, email: str, **more: str) -> dict[str, str]:
        return {"X-Goog-IAP-JWT-Assertion": self.identity.mint_iap(email, IAP_AUDIENCE), **more}

    def get(self, path: str, email: str = ADMIN, *, html: bool = False) -> httpx.Response:
        accept = {} if html else {"Accept": "application/json"}
        return self.http.get(self.urls["staff_portal"] + path, headers=self.headers(email, **accept))

    def complaint(self, number: str, email: str = ADMIN) -> dict[str, Any]:
        answer = self.get(f"/aduan/{number}", email)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def complaints(self, query: str = "") -> list[dict[str, Any]]:
        return list(self.get(f"/aduan{query}").json()["complaints"])

    def act(self, number: str, act: str, email: str, version: int | None = None, **fields: Any) -> httpx.Response:
        """Do an act over JSON, at the version as it stands unless told another."""
        if version is None:
            shown = self.get(f"/aduan/{number}", email)
            version = shown.json().get("version", 0)
        body = {"version": version, "request_id": secrets.token_hex(16), **fields}
        headers = self.headers(email, Accept="application/json") | {"X-Requested-With": "test"}
        return self.http.post(f"{self.urls['staff_portal']}/aduan/{number}/{act}", json=body, headers=headers)

    def did(self, number: str, act: str, email: str, **fields: Any) -> dict[str, Any]:
        """An act that must work; then everything due happens."""
        answer = self.act(number, act, email, **fields)
        assert answer.status_code == 200, answer.text
        self.settle()
        return self.complaint(number, email)

    def put_staff(self, email: str, **changes: Any) -> None:
        self.client.document(f"staff/{email}").set(changes, merge=True)

    # The machine

    def call(self, target: str, body: bytes = b"", token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.post(self.urls[target], content=body, headers=headers)

    def sweep(self) -> httpx.Response:
        answer = self.call("sweep", token=self.identity.mint_oidc(SCHEDULER_ACCOUNT, self.urls["sweep"]))
        self.settle()
        return answer


def served(handler: Callable[[House, Request], Response], house: Callable[[], House]) -> Flask:
    """A function as functions-framework serves it: any path, most methods, one handler."""
    app = Flask("function")

    @app.route("/", defaults={"path": ""}, methods=ALL_METHODS)
    @app.route("/<path:path>", methods=ALL_METHODS)
    def function(path: str) -> Response:
        del path
        return handler(house(), request)

    return app


def connect(house: House, firestore_host: str) -> None:
    """Open its connection now: Google's client reads the emulator's address from the environment when it is made."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
        assert house.connection.calls is house.connection.calls


@cache
def _identity() -> LocalIdentity:
    """One for all worlds, which differ in their addresses: to make its keys takes longer than a test."""
    return LocalIdentity()


@contextmanager
def a_world(
    firestore_host: str, project: str, client: firestore.Client, *, calendar: Path | None = CONTINUOUS,
    now: datetime = NINE_ON_TUESDAY, office: Path | None = None, auto_status: AutoStatus = "delivered",
    watched: bool = False, tasks_file: Path | None = None, number_id: str = "111222333",
) -> Iterator[World]:  # fmt: skip
    """A world of its own. `calendar` None: the office's hours. `watched`: its calls outside pass `World.between`.

    `tasks_file`: where the tasks are kept, in SQLite; None: in memory. `number_id`: Meta's id of the office's number.
    """
    clock, calls, identity, templates = SteeredClock(now), Calls(), _identity(), Templates.read()
    worlds: list[World] = []
    with ExitStack() as stack:
        urls = {
            target: stack.enter_context(serving(served(calls.of(target, handler), lambda: worlds[0].house)))
            for target, handler in TARGETS.items()
        }
        certs = stack.enter_context(serving(certs_app(identity)))
        tasks = stack.enter_context(
            CloudTasksEmulator(identity, path=tasks_file or ":memory:", clock=clock, autostart=False)
        )
        whatsapp = WhatsAppSimulator(
            number_id, "a-token", "app-secret", "verify-me", clock=clock, webhook_url=urls["whatsapp_webhook"],
            templates=templates.counts, template_bodies=templates.bodies, template_buttons=templates.buttons,
            auto_status=auto_status,
        )  # fmt: skip
        stack.enter_context(whatsapp.serve())
        environment = {
            "GOOGLE_CLOUD_PROJECT": project,
            "FIRESTORE_EMULATOR_HOST": firestore_host,
            "CLOUD_TASKS_EMULATOR_HOST": tasks.address,
            "SLA_CHECK_URL": urls["sla_check"],
            "SEND_MESSAGE_URL": urls["send_message"],
            "FETCH_MEDIA_URL": urls["fetch_media"],
            "MEDIA_STORE": f"file://{stack.enter_context(TemporaryDirectory())}/media",
            "SWEEP_URL": urls["sweep"],
            "TASKS_SERVICE_ACCOUNT": TASKS_ACCOUNT,
            "SCHEDULER_SERVICE_ACCOUNT": SCHEDULER_ACCOUNT,
            "IAP_AUDIENCE": IAP_AUDIENCE,
            "OIDC_CERTS_URL": f"{certs}/oidc/certs",
            "IAP_CERTS_URL": f"{certs}/iap/certs",
            "WHATSAPP_API_BASE": whatsapp.base_url,
            "WHATSAPP_PHONE_NUMBER_ID": number_id,
            "WHATSAPP_ACCESS_TOKEN": "a-token",
            "WHATSAPP_APP_SECRET": "app-secret,next-app-secret",  # as while one is being rotated
            "WHATSAPP_VERIFY_TOKEN": "verify-me",
            "STAFF_URL": urls["staff_portal"],
            **({"CALENDAR_FILE": str(calendar)} if calendar else {}),
            **({"OFFICE_DIR": str(office)} if office else {}),
        }
        between = None
        if watched:
            between = stack.enter_context(
                Between(firestore=firestore_host, tasks=tasks.address, whatsapp=whatsapp.base_url)
            )
            environment |= between.environment
        house = House(Settings(environment), clock, calls.asked, calls.set_task)
        if between:
            connect(house, environment["FIRESTORE_EMULATOR_HOST"])
        http = stack.enter_context(httpx.Client(trust_env=False, timeout=30, verify=False))  # noqa: S501 - no TLS here; certificates cost 30 ms
        world = World(clock, tasks, whatsapp, identity, house, urls, http, calls, client, environment, between)
        worlds.append(world)
        for email, (name, role, phone) in STAFF.items():
            world.put_staff(email, name=name, role=role, whatsapp=phone, active=True)
            whatsapp.staff(phone, name)
        yield world

"""All the functions, as `main.py` calls them, over a store in memory that can be told to keep nothing.

The handlers, the proofs, the portal and the rules are the real ones, built by the real `House`; only what lies behind
them is in memory. A store that keeps nothing shows what somebody would have changed, and lets every try start alike.
"""

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as BaseResponse

import aduan
from aduan.bootstrap import House
from aduan.procedure.roles import StaffMember
from aduan.service.erasing import Erasing
from aduan.service.model import StaffChange
from aduan.service.ports import Commit
from aduan.service.unmasking import Unmasking
from aduan.settings import Settings
from tests.doors.forging import Forger
from tests.doors.people import ROSTERS, SCHEDULER_ACCOUNT, TASKS_ACCOUNT, Roster
from tests.end_to_end.world import TARGETS
from tests.service.fake_erasures import InMemoryErasures
from tests.service.fakes import (
    FakeChannel,
    FakeClock,
    FakeMediaSource,
    InMemoryChannelLog,
    InMemoryMediaStore,
    InMemoryStaffList,
    InMemoryStore,
    RecordingTasks,
)

URLS = {target: f"https://{target.replace('_', '-')}.office.test/" for target in TARGETS}
IAP_AUDIENCE = "/projects/1/global/backendServices/2"
APP_SECRET, VERIFY_TOKEN, NUMBER_ID = "app-secret", "verify-me", "111222333"
PICTURE = "media-1"
JSON = {"Accept": "application/json", "X-Requested-With": "test"}
_A_DAY = 86_400
ASSERTION = "X-Goog-IAP-JWT-Assertion"


class WatchedStaffList(InMemoryStaffList):
    """A staff list that writes down what it should save, and keeps what it has."""

    def __init__(self, *members: StaffMember) -> None:
        super().__init__(*members)
        self.touched: list[StaffChange] = []

    def save(self, member: StaffMember, change: StaffChange, mark: object | None = None) -> None:
        del member, mark
        self.touched.append(change)


class WatchedStore(InMemoryStore):
    """A store that refuses and accepts as it always does, and while it is not `keeping` writes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.keeping = True
        self.touched: list[object] = []

    def commit(self, commit: Commit) -> None:
        if self.keeping:
            super().commit(commit)
        else:
            self._refuse(commit)
            self.touched.append(commit)

    def keep_unreadable(self, raw: str, *more: Any) -> int:
        self.touched.append((raw, *more))
        return 1


class _Behind:
    """A staff list that can be exchanged as a whole."""

    def __init__(self) -> None:
        self.now = WatchedStaffList()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.now, name)


@dataclass(frozen=True)
class Answer:
    """What came back; `changed` is how much would have been kept, set or sent for it."""

    status: int
    text: str
    headers: Mapping[str, str]
    changed: int

    @property
    def content(self) -> Any:
        return json.loads(self.text)


@dataclass
class Premises:
    """The office, and its doors. `certs` is where the signing keys are read."""

    identity: Forger
    certs: str
    clock: FakeClock = field(default_factory=FakeClock)
    store: WatchedStore = field(default_factory=WatchedStore)
    tasks: RecordingTasks = field(default_factory=RecordingTasks)
    channel: FakeChannel = field(default_factory=FakeChannel)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _assertions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.house = house = House(Settings(_environment(self.certs)), self.clock)
        self._staff = _Behind()
        house.store, house.staff, house.tasks, house.channel = self.store, self._staff, self.tasks, self.channel
        house.channel_log = InMemoryChannelLog(self.store)
        house.media_store = InMemoryMediaStore()
        house.media_source = FakeMediaSource(files={PICTURE: b"\x89PNG\r\n\x1a\n" + bytes(40)})
        erasures = InMemoryErasures(self.store)
        house.erasing = Erasing(house.workflow, self.store, erasures, house.media_store, house.clock)
        self.unmasking = Unmasking(house.desk)
        self.seat(ROSTERS[0])

    def seat(self, roster: Roster) -> None:
        """These are the people now."""
        self._staff.now = WatchedStaffList(*roster.rows)
        self.store.staff = self._staff.now

    # Proofs

    def assertion(self, email: str) -> dict[str, str]:
        """What Identity-Aware Proxy adds once it let somebody in; good for as long as a slow run may last."""
        if email not in self._assertions:
            self._assertions[email] = self.identity.mint_iap(email, IAP_AUDIENCE, exp=int(time.time()) + _A_DAY)
        return {ASSERTION: self._assertions[email]}

    def bearer(self, email: str, target: str) -> dict[str, str]:
        """What Cloud Tasks and Cloud Scheduler send."""
        return {"Authorization": f"Bearer {self.identity.mint_oidc(email, URLS[target])}"}

    # Asking

    def request_id(self) -> str:
        return f"request-{next(self._numbers):012}"

    def ask(
        self, target: str, method: str = "GET", path: str = "/", headers: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        """One request, answered by the handler itself; no network is between."""
        before = self.touched
        builder = EnvironBuilder(path=path, method=method, headers=Headers(headers or {}), **more)
        request = Request(builder.get_environ())
        builder.close()
        response: BaseResponse
        try:
            response = TARGETS[target](self.house, request)
        except HTTPException as refusal:
            response = refusal.get_response()  # as functions-framework answers it
        text = response.get_data(as_text=True) if response.mimetype != "image/png" else ""
        response.close()
        return Answer(response.status_code, text, dict(response.headers), self.touched - before)

    @property
    def touched(self) -> int:
        """How much was kept, set and sent, or would have been."""
        kept = len(self.store.touched) + len(self.store.commits) + len(self._staff.now.touched)
        tasks = self.tasks
        return kept + len(tasks.alarms) + len(tasks.sent) + len(tasks.fetches) + len(self.channel.sent)


def _environment(certs: str) -> dict[str, str]:
    offices = Path(aduan.__file__).parent / "offices"
    return {
        "GOOGLE_CLOUD_PROJECT": "doors",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",  # nobody is there, and nobody is asked
        "SLA_CHECK_URL": URLS["sla_check"],
        "SEND_MESSAGE_URL": URLS["send_message"],
        "FETCH_MEDIA_URL": URLS["fetch_media"],
        "SWEEP_URL": URLS["sweep"],
        "STAFF_URL": URLS["staff_portal"],
        "MEDIA_STORE": "gs://nobody-asks/it",
        "TASKS_SERVICE_ACCOUNT": TASKS_ACCOUNT,
        "SCHEDULER_SERVICE_ACCOUNT": SCHEDULER_ACCOUNT,
        "IAP_AUDIENCE": IAP_AUDIENCE,
        "OIDC_CERTS_URL": f"{certs}/oidc/certs",
        "IAP_CERTS_URL": f"{certs}/iap/certs",
        "WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID,
        "WHATSAPP_ACCESS_TOKEN": "a-token",
        "WHATSAPP_APP_SECRET": APP_SECRET,
        "WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
        "CALENDAR_FILE": str(offices / "continuous.toml"),
    }

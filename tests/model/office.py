"""A real house whose clock, queues and WhatsApp a test moves: its record is Firestore's emulator."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aduan
from aduan.adapters.firestore_connection import FirestoreConnection, Put, Ref
from aduan.adapters.firestore_queries import STAFF
from aduan.adapters.firestore_store import FirestoreStore
from aduan.adapters.sealing import OfficeKey
from aduan.bootstrap import House
from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.complaint import Alarm
from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from aduan.procedure.roles import StaffMember
from aduan.procedure.terms import Terms
from aduan.procedure.workflow import Workflow
from aduan.service.channel import Address, ChannelError, Failure, OutboundMessage
from aduan.service.model import StaffChange
from aduan.service.ports import Commit, RowRef
from aduan.settings import Settings
from tests.model.hours import Hours
from tests.model.people import Person

OFFICE = Path(aduan.__file__).parent / "offices" / "bantul"
_BANTUL = read(OFFICE / "procedure.toml", Procedure)
_LASTING = dict.fromkeys(Terms.model_fields.keys() - {"source"}, 36_500)  # days
PROCEDURE = _BANTUL.model_copy(update={"terms": _BANTUL.terms.model_copy(update=_LASTING)})
"""Bantul's. Only that nothing ends by its term: a life of an office here may last for a year of daily alarms."""

NINE_ON_TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
_KEY = OfficeKey(b"a key for thirty-two bytes, full")
_WEEK = {
    **{day: [["07:30", "16:00"]] for day in ("monday", "tuesday", "wednesday", "thursday")},
    "friday": [["07:30", "14:30"]],
}


class Crash(Exception):
    """The process died here: whoever called gets no answer."""


@dataclass
class Clock:
    """Time that moves only when told."""

    now: datetime = NINE_ON_TUESDAY

    def __call__(self) -> datetime:
        return self.now


class WatchedStore(FirestoreStore):
    """The real store, which keeps what was written, and dies when it is told to.

    `meanwhile` is what somebody else does between the next commit and the reading that it stands on.
    """

    def __init__(self, connection: FirestoreConnection, office_key: OfficeKey) -> None:
        super().__init__(connection, office_key)
        self.written: list[Commit] = []
        self.meanwhile: Callable[[], None] | None = None
        self._dies_in: int | None = None
        self._dies_after = False

    def commit(self, commit: Commit) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        if self._dies_in is not None:
            self._dies_in -= 1
        dies = self._dies_in is not None and self._dies_in <= 0
        if dies:
            self._dies_in = None
        if dies and not self._dies_after:
            raise Crash
        super().commit(commit)
        self.written.append(commit)
        if dies:
            raise Crash

    def die(self, when: str | None, commits: int = 1) -> None:
        """At which coming commit, and whether 'before' or 'after' it was written; None: not at all."""
        self._dies_in, self._dies_after = (commits if when else None), when == "after"


@dataclass(frozen=True)
class AlarmTask:
    """An alarm that was asked for."""

    complaint: str
    alarm: Alarm
    at: datetime


class KeptTasks:
    """A `Tasks` that keeps all that was asked: a test runs each early, late, twice or never."""

    def __init__(self) -> None:
        self.alarms: list[AlarmTask] = []
        self.rows: list[tuple[RowRef, datetime | None]] = []
        self.run_alarms: list[AlarmTask] = []
        self.run_rows: list[RowRef] = []
        self.asked: set[tuple[str, Alarm]] = set()
        self.calls = 0
        self._names: set[object] = set()

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        self.asked.add((complaint_id, alarm))
        self.calls += 1
        if self._is_new((complaint_id, alarm, again)):
            self.alarms.append(AlarmTask(complaint_id, alarm, alarm.at))

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        del fetch  # files are nobody's business here
        for row in rows:
            if self._is_new((row.row, not_before)):
                self.rows.append((row, not_before))

    def _is_new(self, name: object) -> bool:
        """A name is used once: asking again is success, and makes no second task."""
        if name in self._names:
            return False
        self._names.add(name)
        return True


@dataclass
class Attempt:
    """One hand-over to WhatsApp, and what WhatsApp knows of it. `sure`: its acceptance was told to us."""

    row: str
    to: Address
    message: OutboundMessage
    wamid: str
    on_phone: bool
    sure: bool
    failed: bool = False
    moved: list[str] = field(default_factory=list)  # the states that were reported


class ScriptedWhatsApp:
    """A `Channel` whose next outcomes are written down before."""

    def __init__(self) -> None:
        self.script: list[str] = []
        self.attempts: list[Attempt] = []
        self.before_answer: Callable[[Attempt], None] = lambda _: None
        self.expect: Callable[[str], None] = lambda _: None
        self._numbers = itertools.count(1)

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str:
        """What comes of it stands in the script.

        'accepted'; 'told early', a status overtakes the answer; 'unknown', it was accepted; 'lost'; or a `Failure`.
        """
        outcome = self.script.pop(0) if self.script else "accepted"
        self.expect(callback)
        on_phone = outcome in ("accepted", "told early", "unknown")
        attempt = Attempt(callback, to, message, f"wamid.out.{next(self._numbers)}", on_phone, sure=True)
        self.attempts.append(attempt)
        if outcome in ("unknown", "lost"):
            attempt.sure = False
            raise ChannelError(Failure.UNKNOWN, None, "no answer in time")
        if not on_phone:
            raise ChannelError(Failure(outcome), 0, "refused")
        if outcome == "told early":
            self.before_answer(attempt)
        return attempt.wamid


class Office:
    """One project's house. A change of the calendar is a new house over the same record, as a deployment is."""

    def __init__(self, project: str, host: str) -> None:
        self.clock, self.tasks, self.whatsapp = Clock(), KeptTasks(), ScriptedWhatsApp()
        self._settings = Settings(
            {
                "GOOGLE_CLOUD_PROJECT": project,
                "FIRESTORE_EMULATOR_HOST": host,
                "STAFF_URL": "https://staff.office.test",
                "MEDIA_STORE": f"file:///nonexistent/{project}",  # no file is ever fetched here
            }
        )
        self.connection = self.connected(project)
        self.store = WatchedStore(self.connection, _KEY)
        self.house = self.a_house(Hours())

    def connected(self, project: str) -> FirestoreConnection:
        return FirestoreConnection(project)

    def a_house(self, hours: Hours) -> House:
        """A house that keeps these hours."""
        house = House(self._settings, self.clock)
        house.connection, house.store = self.connection, self.store
        house.tasks, house.channel = self.tasks, self.whatsapp
        house.workflow = Workflow(PROCEDURE, ServiceClock(calendar_of(hours)))
        return house

    def keep(self, hours: Hours) -> None:
        """Other hours from now on."""
        self.house = self.a_house(hours)

    def open_with(self, people: Sequence[Person]) -> None:
        """The staff list as it is at the beginning, in one go."""
        self.connection.calls.commit([Put(Ref(STAFF, person.email), _row_of(person)) for person in people])

    def put(self, person: Person) -> None:
        """Write a person's row of the staff list."""
        member = StaffMember.model_validate({"email": person.email, **_row_of(person)})
        change = StaffChange(at=self.clock.now, by="test", email=person.email, before=None, after={})
        self.house.staff.save(member, change, self.house.staff.loaded(person.email).mark)

    def pass_time(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)

    def close(self) -> None:
        self.connection.close()


def _row_of(person: Person) -> dict[str, object]:
    units = {} if person.units is None else {"units": list(person.units)}
    return {
        "name": person.email, "role": person.role, "whatsapp": "+6281100000000", "active": person.active,
        "acting_for": list(person.acting_for), **units,
    }  # fmt: skip


def calendar_of(hours: Hours) -> OfficeCalendar:
    """The same hours as the program's calendar."""
    known: dict[str, object] = {"name": "model", "timezone": "Asia/Jakarta", "confirmed": True}
    if hours.continuous:
        return OfficeCalendar.model_validate({**known, "continuous": True})
    closures = [{"from": day, "reason": "tutup"} for day in sorted(hours.closed)]
    return OfficeCalendar.model_validate({**known, "weekly": _WEEK, "closures": closures})

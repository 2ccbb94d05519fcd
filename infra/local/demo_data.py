"""`make demo-data`: a believable month of complaints, through the use cases, each at its own time.

Nothing is written past the program: messages go through the intake, staff act at their desks, alarms ring when they
are due, answers leave and are reported delivered. Only time is simulated; what is still to come at the end (an
alarm of tomorrow) is given to the running Cloud Tasks.
"""

import heapq
import json
import logging
import os
import random
import secrets
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from tqdm import tqdm

from aduan import settings as names
from aduan.bootstrap import House
from aduan.procedure.complaint import Alarm, Complaint, Status
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.errors import ProcedureError
from aduan.procedure.form import DESCRIPTION, Check, named_service
from aduan.procedure.roles import Role, StaffMember
from aduan.service.channel import (
    Address,
    DeliveryState,
    DeliveryStatus,
    InboundMessage,
    MessageKind,
    OutboundMessage,
)
from aduan.service.errors import NotYet
from aduan.service.fields import REQUIRED, ActFields
from aduan.service.ports import Channel, RowRef, Tasks
from aduan.settings import Settings
from infra.local.demo_texts import ANSWERS, COMPLAINTS, NOTES, PEOPLE, QUESTIONS
from infra.local.firestore import is_free
from infra.local.running import ADDRESSES
from infra.local.stack import running

DAYS = 30
A_DAY = range(3, 8)  # complaints
_SLOW = 0.12  # of the acts come after their step's time


@dataclass
class Simulation:
    """Time as a row of things to happen, the earliest first."""

    now: datetime
    _coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def clock(self) -> datetime:
        return self.now

    def at(self, when: datetime, happens: Callable[[], None]) -> None:
        heapq.heappush(self._coming, (max(when, self.now), len(self._coming) + secrets.randbelow(10**9), happens))

    def run_until(self, end: datetime, tell: Callable[[datetime], None]) -> None:
        while self._coming and self._coming[0][0] <= end:
            self.now, _, happens = heapq.heappop(self._coming)
            happens()
            tell(self.now)
        self.now = end


@dataclass
class SimulatedTasks:
    """Alarms and sendings in simulated time. `left` are the alarms that were still to ring at its end."""

    simulation: Simulation
    house: "DemoHouse | None" = None
    left: dict[str, Alarm] = field(default_factory=dict)

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        del again
        self.left[complaint_id] = alarm
        self.simulation.at(alarm.at, lambda: self._ring(complaint_id, alarm))

    def _ring(self, complaint_id: str, alarm: Alarm) -> None:
        if self.house is not None:
            self.house.checking.check(complaint_id, alarm)

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        del not_before
        soon = self.simulation.now + timedelta(seconds=2)
        for row in rows:
            self.simulation.at(soon, partial(self._send, row))
        for message in fetch:
            self.simulation.at(soon, partial(self._fetch, message))

    def _fetch(self, message: str) -> None:
        if self.house is not None:
            self.house.fetching.fetch(message)

    def _send(self, row: RowRef) -> None:
        if self.house is None:
            return
        try:
            self.house.sending.send(row)
        except NotYet:
            self.send([row])


@dataclass
class SimulatedChannel:
    """Takes every message, and reports it delivered a little later."""

    simulation: Simulation
    house: "DemoHouse | None" = None

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str:
        del to, message
        wamid = f"wamid.demo.{secrets.token_hex(12)}"
        later = self.simulation.now + timedelta(seconds=random.randint(2, 90))  # noqa: S311 - a story, no secret
        self.simulation.at(later, lambda: self._delivered(wamid, callback, later))
        return wamid

    def _delivered(self, wamid: str, callback: str, at: datetime) -> None:
        if self.house is not None:
            self.house.delivery.take(DeliveryStatus(wamid, DeliveryState.DELIVERED, at, callback))


class DemoHouse(House):
    """The house as it is, with simulated time at its doors."""

    tasks: Tasks = None  # type: ignore[assignment]
    channel: Channel = None  # type: ignore[assignment]


@dataclass
class Story:
    """What citizens and staff do, by chance and by the procedure's own table."""

    house: House
    simulation: Simulation
    dice: random.Random
    staff: Sequence[StaffMember]
    counter: int = 0

    def day(self, morning: datetime) -> None:
        """A day's complaints, from seven in the morning to eight in the evening."""
        for _ in range(self.dice.choice(A_DAY)):
            at = morning + timedelta(minutes=self.dice.randint(0, 13 * 60))
            self.simulation.at(at, self._complain)

    def _complain(self) -> None:
        self.counter += 1
        name = self.dice.choice(PEOPLE)
        sender = Address(phone=f"+62812{self.dice.randint(10_000_000, 99_999_999)}")
        written = self._form(name)
        message = InboundMessage(
            wamid=f"wamid.demo.{secrets.token_hex(12)}", at=self.simulation.now, sender=sender,
            kind=MessageKind.TEXT, raw="{}", text=written, profile_name=name,
        )  # fmt: skip
        self.house.intake.take(message)
        found = self.house.store.inbound(message.wamid, sender).complaint
        if found is not None:
            self._soon(found.value)

    def _form(self, name: str) -> str:
        """The office's own form, filled in."""
        procedure = self.house.workflow.procedure
        service, text = self.dice.choice(_stories(procedure))
        birth = f"{self.dice.randint(1, 28):02d}{self.dice.randint(1, 12):02d}{self.dice.randint(60, 99):02d}"
        nik = f"3402{self.dice.randint(1, 17):02d}{birth}{self.counter % 10000:04d}"
        filled = {Check.SERVICE: service, Check.NAME: name, Check.NIK: nik}
        lines = []
        for one in procedure.form.fields:
            said = text if one.key == DESCRIPTION else f"{self.counter:0{one.least}d}"
            lines.append(f"{one.label}: {filled.get(one.check, said)}")
        return "\n".join(lines)

    def _soon(self, complaint: Complaint) -> None:
        """Somebody takes the next step, mostly within its time."""
        clock, procedure = self.house.workflow.clock, self.house.workflow.procedure
        minutes = procedure.step(complaint.step).standard.minutes if complaint.step else procedure.approval.minutes
        share = self.dice.uniform(1.1, 3.0) if self.dice.random() < _SLOW else self.dice.uniform(0.1, 0.9)
        at = clock.due(self.simulation.now, clock.minutes(1) * minutes * share)
        self.simulation.at(at, lambda: self._work(complaint.id))

    def _work(self, complaint_id: str) -> None:
        loaded = self.house.store.complaint(complaint_id)
        if loaded is None or loaded.value.status is Status.CLOSED:
            return
        complaint = loaded.value
        for member in self.dice.sample(self.staff, len(self.staff)):
            acts = [act for act in self.house.desk.possible(member, complaint) if act in _LIKELY]
            if member.role is Role.AGENCY_HEAD or not acts:
                continue
            act = self.dice.choices(acts, [_LIKELY[act] for act in acts])[0]
            self._act(member, complaint, act)
            break
        after = self.house.store.complaint(complaint_id)
        if after is not None and after.value.status is not Status.CLOSED:
            self._soon(after.value)

    def _act(self, member: StaffMember, complaint: Complaint, act: ActName) -> None:
        written = {
            "note": self.dice.choice(NOTES),
            "answer": complaint.answer.text if complaint.answer else self.dice.choice(ANSWERS),
            "question": self.dice.choice(QUESTIONS),
        }
        marks = {"request_id": secrets.token_hex(16), "version": complaint.version}
        given = ActFields.typed({**marks, **{name: written[name] for name in REQUIRED[act]}})
        try:
            self.house.desk.act(member, complaint.id, act, given)
        except ProcedureError:
            return  # somebody, or time itself, was faster


def _stories(procedure: Procedure) -> Sequence[tuple[str, str]]:
    """What is complained of: of the services that the office has, or of each of its own in the same words."""
    known = [(service, text) for service, text in COMPLAINTS if named_service(service, procedure.services)]
    return known or [(one.name, f"{one.name}, sudah seminggu belum ada kabar.") for one in procedure.services]


_LIKELY = {
    ActName.RECEIVE: 8, ActName.SETTLE: 4, ActName.FORWARD: 3, ActName.VERIFY: 3, ActName.RESPOND: 5,
    ActName.ANSWER: 9, ActName.APPROVE: 9, ActName.REFUSE: 0.4, ActName.ASK_COMPLAINANT: 0.3,
    ActName.ASK_DATABASE_ADMIN: 0.3, ActName.REPLY_DATA_CHECK: 5,
}  # fmt: skip


def fill(environment: dict[str, str]) -> int:
    """Tell the story of the last month. Returns the number of complaints."""
    end = datetime.now(UTC).replace(microsecond=0)
    simulation = Simulation(end - timedelta(days=DAYS))
    tasks, channel = SimulatedTasks(simulation), SimulatedChannel(simulation)
    settings = Settings({**environment, "SECONDS_PER_MINUTE": "60"})
    house = DemoHouse(settings, simulation.clock)
    house.tasks, house.channel = tasks, channel
    tasks.house = channel.house = house
    story = Story(house, simulation, random.Random(7), [m for m in house.staff.members() if m.active])  # noqa: S311 - a story
    seven = simulation.now.astimezone(house.workflow.clock.calendar.timezone).replace(hour=7, minute=0, second=0)
    for day in range(DAYS + 1):
        story.day(seven + timedelta(days=day))
    with tqdm(total=DAYS, unit=" hari", desc="Mengisi sebulan aduan") as bar:
        start = simulation.now

        def tell(now: datetime) -> None:
            bar.update((now - start).days - bar.n)

        simulation.run_until(end, tell)
        bar.update(DAYS - bar.n)
    _hand_over_alarms(House(settings), tasks, end)
    return story.counter


def _hand_over_alarms(house: House, tasks: SimulatedTasks, end: datetime) -> None:
    """What is still to ring is given to the running Cloud Tasks."""
    for complaint_id, alarm in tasks.left.items():
        if alarm.at > end:
            house.tasks.set_alarm(complaint_id, alarm)


def main() -> int:
    """Fill what is running; start it for the purpose where it is not."""
    # A month of log lines would hide the progress bar.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    folder = Path(os.environ.get("ADUAN_RUN_DIR", ".run"))
    with ExitStack() as stack:
        addresses = folder / ADDRESSES
        environment = json.loads(addresses.read_text("utf-8")) if addresses.exists() else None
        port = int(environment["FIRESTORE_EMULATOR_HOST"].rpartition(":")[2]) if environment else 0
        if environment is None or is_free(port):
            print("Menyalakan Aduan untuk mengisi data …", flush=True)
            office = {"OFFICE_DIR": os.environ["OFFICE_DIR"]} if os.environ.get("OFFICE_DIR") else {}
            environment = dict(stack.enter_context(running(folder, office)).environment)
        os.environ["FIRESTORE_EMULATOR_HOST"] = environment[names.FIRESTORE_EMULATOR_HOST.name]
        print(f"{fill(environment)} aduan ditulis.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

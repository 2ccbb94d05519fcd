"""What every rule stands on: the office and its model side by side, and how one is held to the other after each act."""

import copy
import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, rule

from aduan.procedure.complaint import Complaint
from aduan.service.channel import InboundMessage
from aduan.service.model import OutboxRow, RowKind
from aduan.service.ports import Commit
from tests.model.acts import arrived, failed
from tests.model.case import Case, Told, World
from tests.model.hours import WIB, Hours
from tests.model.ladder import next_alarm
from tests.model.office import Attempt, Office
from tests.model.people import Person, Staff
from tests.model.tally import Tally


@dataclass
class Writer:
    """A citizen: how WhatsApp calls them, who they are to us once they wrote, and what their next message is about."""

    phone: str
    bsuid: str | None = None
    id: str | None = None
    current: str | None = None
    known_by_both: bool = False


@dataclass
class Taken:
    """A message that was kept, and the complaint that it belongs to (None: to none)."""

    writer: Writer
    message: InboundMessage
    complaint: str | None


@dataclass(frozen=True)
class Done:
    """An act that worked, as it was asked for."""

    case: str
    act: str
    email: str
    fields: Mapping[str, Any]


@dataclass
class Book:
    """Everything that the model knows."""

    world: World
    cases: dict[str, Case] = field(default_factory=dict)
    heads: dict[str, Complaint] = field(default_factory=dict)
    rows: dict[str, OutboxRow] = field(default_factory=dict)
    writers: list[Writer] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    untaken: list[tuple[Writer, InboundMessage, str]] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    daily: set[tuple[object, str]] = field(default_factory=set)  # the day, and who got its list


def counted(**strategies: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule whose runs are counted, and which leaves a mark if it does not come to its end."""

    def decorate(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def run(self: "Bench", **drawn: Any) -> None:
            self.tally.steps[function.__name__] += 1
            self.sound = False
            self.book.world.now = self.office.clock.now
            function(self, **drawn)
            self.look()
            self.sound = True

        as_rule: Any = rule
        return as_rule(**strategies)(run)

    return decorate


class Bench(RuleBasedStateMachine):
    """The office beside its model."""

    def __init__(self, office: Office, tally: Tally) -> None:
        super().__init__()
        self.office, self.tally, self.sound = office, tally, True
        self.book = Book(World(office.clock.now, Hours(), Staff()))
        self.numbers = itertools.count(1)
        self._seen = 0
        self.said_at: datetime | None = None
        office.open_with(self.staff.people)
        office.whatsapp.expect = self._expect_right_to_send
        office.whatsapp.before_answer = self.overtaking_status
        tally.examples += 1

    @property
    def world(self) -> World:
        return self.book.world

    @property
    def staff(self) -> Staff:
        return self.book.world.staff

    def look(self) -> None:
        """What must hold after every step."""
        raise NotImplementedError

    def overtaking_status(self, attempt: Attempt) -> None:
        """WhatsApp reports a message before its answer to our call has come."""
        raise NotImplementedError

    # What was written

    def commits(self) -> list[Commit]:
        """What was written since this was last asked; each by itself is held to what holds for all."""
        new = self.office.store.written[self._seen :]
        self._seen += len(new)
        for commit in new:
            for row in commit.new_rows:
                assert row.id not in self.book.rows, "a row of the outbox was written twice"
                self.book.rows[row.id] = row
            if commit.complaint is not None:
                head = commit.complaint.value
                before = self.book.heads.get(head.id)
                follows = range((before.seq if before else 0) + 1, head.seq + 1)
                assert [event.seq for event in commit.events] == list(follows), "an event was written over another"
                self.book.heads[head.id] = head
                alarm = head.alarm
                assert alarm is None or (head.id, alarm) in self.office.tasks.asked, "an alarm nobody asked for"
        return new

    def expect(self, commits: Sequence[Commit], cases: Iterable[Case], told: Told, spare: int = 0) -> None:
        """The complaints stand as the model has them, nobody else's was touched, and just these were told.

        `spare`: replies of the conversation, of which the model says only how many there may be.
        """
        expected = {case.id: case for case in cases}
        touched = {commit.complaint.value.id for commit in commits if commit.complaint}
        assert touched <= set(expected), f"another complaint was changed: {touched - set(expected)}"
        for case in expected.values():
            self.stands(case)
        rows = [row for commit in commits for row in commit.new_rows]
        alerts = Counter(row.to_staff for row in rows if row.kind is RowKind.ALERT and row.complaint)
        assert alerts == told.staff, f"alerted {dict(alerts)}, and it should be {dict(told.staff)}"
        citizen = Counter(row.kind.value for row in rows if row.kind is not RowKind.ALERT)
        assert citizen["a"] - told.citizen["a"] in range(spare + 1)
        assert citizen["n"] - told.citizen["n"] in range(spare + 1), f"{citizen} to the citizen, not {told.citizen}"
        self._expect_daily([row for row in rows if row.kind is RowKind.ALERT and not row.complaint], told.daily)

    def _expect_daily(self, rows: Sequence[OutboxRow], told: set[str]) -> None:
        """One list a day and person."""
        today = self.office.clock.now.astimezone(WIB).date()
        listed = Counter(row.to_staff for row in rows)
        expected = {email for email in told if (today, email) not in self.book.daily}
        assert listed == Counter(expected), f"listed to {dict(listed)}, and it should be {expected}"
        self.book.daily |= {(today, email) for email in expected}

    def stands(self, case: Case) -> None:
        head = self.book.heads[case.id]
        have, want = seen(head), expected_of(case)
        wrong = {name: (have[name], want[name]) for name in want if have[name] != want[name]}
        assert not wrong, f"{case.id} at step {case.step}: (is, should be) {wrong}"

    def keep(self, case: Case) -> None:
        before = self.book.cases.get(case.id)
        if case.step and (before is None or before.entry != case.entry):
            self.tally.entered[case.step] += 1
        self.book.cases[case.id] = case

    # What WhatsApp is asked, and says

    def _expect_right_to_send(self, row_id: str) -> None:
        """Nothing goes out twice but after an unknown outcome, and then once; no answer that was replaced goes out."""
        copies = [a for a in self.office.whatsapp.attempts if a.row == row_id and a.on_phone and not a.failed]
        assert len(copies) <= 1, "a third copy of a message"
        assert not any(copy.sure for copy in copies), "sent again, though it was known to be accepted"
        row = self.book.rows[row_id]
        if row.kind is RowKind.ANSWER:
            case = self.book.cases[row.complaint or ""]
            assert case.status in ("answered", "closed"), "an answer that was refused is sent"
            assert (row.text_sha256, row.sending) == (self._sha(case), case.sending), (
                "an answer that was replaced is sent"
            )

    def _sha(self, case: Case) -> str | None:
        answer = self.book.heads[case.id].answer
        return answer.sha256 if answer and answer.text == case.answer else None

    def is_awaited(self, row: OutboxRow) -> bool:
        """Whether news of this row's text is news of an answer on its way."""
        case = self.book.cases.get(row.complaint or "")
        return (
            row.kind is RowKind.ANSWER and case is not None and case.status == "answered" and not case.delivered
            and row.text_sha256 == self._sha(case)
        )  # fmt: skip

    def absorb_news(self, row: OutboxRow, *, template: bool) -> list[str]:
        """What WhatsApp's word did to a complaint: an answer arrived or failed, and nothing else ever."""
        news = []
        for commit in self.commits():
            told = Told()
            assert not commit.new_rows or commit.complaint
            if commit.complaint is None:
                continue
            kinds = {event.type.value for event in commit.events}
            awaited = self.is_awaited(row)
            case = copy.deepcopy(self.book.cases[commit.complaint.value.id])
            assert awaited, f"{kinds} by news of something that nobody waits for"
            assert case.id == row.complaint
            if "delivered" in kinds:
                assert not template, "a template is not the answer"
                arrived(case, self.world, self.said_at or self.office.clock.now)
            else:
                assert kinds == {"send_failed"}
                assert not case.send_failed
                assert row.sending == case.sending
                failed(case, self.world, told)
            self.keep(case)
            self.expect([commit], [case], told)
            news += sorted(kinds)
        return news


def expected_of(case: Case) -> dict[str, object]:
    """What of a case can be seen at the complaint's head."""
    alarm = next_alarm(case)
    return {
        "status": case.status,
        "step": case.step,
        "entry": case.entry,
        "holder_role": case.holder_role,
        "holder": case.holder,
        "due_at": case.due_at,
        "alarm": alarm,
        "waited": case.waited,
        "waiting": case.wait is not None,
        "unit": case.unit,
        "answer": case.answer,
        "approved": case.approved and case.status in ("answered", "closed"),
        "sending": case.sending,
        "send_failed": case.send_failed,
        "delivered": case.delivered,
        "data_check": case.data_check,
        "started_at": case.started_at,
        "messages": case.messages,
        "breaches": [(b.step, b.entry, b.due, b.noticed, b.ended, len(b.rungs)) for b in case.breaches],
    }


def seen(head: Complaint) -> dict[str, object]:
    """The same of a head."""
    alarm = head.alarm
    for breach in head.breaches:
        assert [told.rung for told in breach.rungs] == list(range(1, len(breach.rungs) + 1)), "a rung twice"
    return {
        "status": head.status.value,
        "step": head.step,
        "entry": head.entry,
        "holder_role": head.holder_role.value if head.holder_role else None,
        "holder": head.holder,
        "due_at": head.due_at,
        "alarm": (alarm.at, alarm.kind.value) if alarm else None,
        "waited": head.waited,
        "waiting": head.wait is not None,
        "unit": head.unit,
        "answer": head.answer.text if head.answer else None,
        "approved": head.approved is not None and head.status.value in ("answered", "closed"),
        "sending": head.sending,
        "send_failed": head.send_failed,
        "delivered": head.delivered_at is not None,
        "data_check": head.data_check is not None,
        "started_at": head.started_at,
        "messages": head.messages,
        "breaches": [(b.step, b.entry, b.due_at, b.noticed_at, b.ended_at, len(b.rungs)) for b in head.breaches],
    }


def picked(things: Sequence[Any], pick: int) -> Any:
    return things[pick % len(things)]


def person_of(staff: Staff, email: str) -> Person:
    return next(person for person in staff.people if person.email == email)

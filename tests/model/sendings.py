"""Rows leave the house, or do not; WhatsApp says what became of them, in any order, twice, late, or not at all."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from aduan.service.channel import ChannelError, DeliveryState, DeliveryStatus, Failure, Template
from aduan.service.errors import NotYet
from aduan.service.model import RowKind
from aduan.service.ports import RowRef
from tests.model.bench import Bench, counted, picked
from tests.model.citizens import CRASHES, PICK
from tests.model.office import Attempt, Crash

OUTCOMES = ("accepted",) * 6 + ("told early", "unknown", "lost", *Failure)
STATES = (*DeliveryState, DeliveryState.DELIVERED)
LAST_STATES = (DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.READ, DeliveryState.FAILED)
AGES = st.sampled_from((0, 0, 0, 5, 600))  # seconds
NEWS_WITHOUT_OUR_ID = 8  # one of so many
OF_OTHERS = 3  # one of so many sendings is of any row, the others are of answers
_PENDING = precondition(lambda self: self.office.tasks.rows)
_ATTEMPTED = precondition(lambda self: self.office.whatsapp.attempts)


class Sendings(Bench):
    """What the queue of messages and WhatsApp do."""

    def send(self, ref: RowRef, crash: str | None = None, commits: int = 1) -> bool:
        """Run the task of a row; whether it is done with."""
        whatsapp, row = self.office.whatsapp, self.book.rows[ref.row]
        before = len(whatsapp.attempts)
        self.office.store.die(crash, commits)
        try:
            self.office.house.sending.send(ref)
            done = True
        except (NotYet, Crash) as error:
            done = False
            if isinstance(error, Crash) and crash == "before":
                for attempt in whatsapp.attempts[before:]:
                    attempt.sure = False
        finally:
            self.office.store.die(None)
        made = whatsapp.attempts[before:]
        template = bool(made) and isinstance(made[-1].message, Template)
        for kind in self.absorb_news(row, template=template):
            self.tally.sent[kind] += 1
        self.tally.sent["to WhatsApp"] += len(made)
        return done

    def overtaking_status(self, attempt: Attempt) -> None:
        self._report(attempt, DeliveryState.DELIVERED)

    def _report(self, attempt: Attempt, state: DeliveryState, age: int = 0, failure: Failure | None = None) -> None:
        at = self.office.clock.now - timedelta(seconds=age)
        error = ChannelError(failure, 0, "reported") if failure else None
        arrived = {DeliveryState.DELIVERED.value, DeliveryState.READ.value} & set(attempt.moved)
        if state is DeliveryState.FAILED:
            # That something arrived is noted of answers alone: of anything else WhatsApp's last word counts.
            is_answer = self.book.rows[attempt.row].kind is RowKind.ANSWER
            attempt.failed = attempt.failed or not (arrived and is_answer)
        else:
            attempt.sure = True
        attempt.moved.append(state.value)
        self.said_at = at
        try:
            self.office.house.delivery.take(DeliveryStatus(attempt.wamid, state, at, attempt.row, error))
        finally:
            self.said_at = None

    def _status(self, attempt: Attempt, state: DeliveryState, age: int, failure: Failure | None) -> None:
        row = self.book.rows[attempt.row]
        template = isinstance(attempt.message, Template)
        clean = not any(one.failed for one in self.office.whatsapp.attempts if one.row == row.id)
        is_news = state in (DeliveryState.DELIVERED, DeliveryState.READ) and self.is_awaited(row)
        self._report(attempt, state, age, failure)
        self.said_at = self.office.clock.now - timedelta(seconds=age)
        news = self.absorb_news(row, template=template)
        self.said_at = None
        if is_news and clean and not template and not self._went_as_template(row.id):
            assert "delivered" in news, "the answer arrived, and the complaint does not know"
        for kind in news:
            self.tally.sent[kind] += 1

    def _went_as_template(self, row: str) -> bool:
        return any(isinstance(one.message, Template) for one in self.office.whatsapp.attempts if one.row == row)

    def send_all(self) -> None:
        """Every task whose time has come runs once."""
        tasks, now = self.office.tasks, self.office.clock.now
        due = [(ref, at) for ref, at in tasks.rows if at is None or at <= now]
        tasks.rows = [(ref, at) for ref, at in tasks.rows if at is not None and at > now]
        for ref, at in due:
            if self.send(ref):
                tasks.run_rows.append(ref)
            else:
                tasks.rows.append((ref, at))

    # Rules

    @_PENDING
    @counted(which=PICK, outcome=st.sampled_from(OUTCOMES), crash=CRASHES, commits=st.integers(1, 2))
    def row_is_sent(self, which: int, outcome: str, crash: str | None, commits: int) -> None:
        tasks = self.office.tasks
        answers = [task for task in tasks.rows if self.book.rows[task[0].row].kind is RowKind.ANSWER]
        task = picked(answers if answers and which % OF_OTHERS else tasks.rows, which)
        tasks.rows.remove(task)
        ref, at = task
        self.office.whatsapp.script = [str(outcome)]
        if self.send(ref, crash, commits):
            tasks.run_rows.append(ref)
        else:
            tasks.rows.append((ref, at))
        self.office.whatsapp.script = []

    @_PENDING
    @counted()
    def queue_of_messages_runs(self) -> None:
        self.send_all()

    @_PENDING
    @counted(which=PICK, lost=st.booleans())
    def task_of_a_row_goes_astray(self, which: int, lost: bool) -> None:
        """Cloud Tasks forgets one, or runs one twice."""
        tasks = self.office.tasks
        if lost:
            tasks.rows.pop(which % len(tasks.rows))
        elif tasks.run_rows:
            self.send(picked(tasks.run_rows, which))

    @_ATTEMPTED
    @counted(which=PICK, state=st.sampled_from(STATES), age=AGES, failure=st.sampled_from(list(Failure)))
    def whatsapp_reports_anything(self, which: int, state: DeliveryState, age: int, failure: Failure) -> None:
        known = [one for one in self.office.whatsapp.attempts if one.on_phone]
        if known and not which % NEWS_WITHOUT_OUR_ID:
            attempt = picked(known, which)
            self.office.house.delivery.take(DeliveryStatus(attempt.wamid, state, self.office.clock.now))
            assert not self.commits()
        elif known:
            told = failure if state is DeliveryState.FAILED and failure is not Failure.UNKNOWN else None
            self._status(picked(known, which), state, age, told)

    @precondition(lambda self: any(row.kind is RowKind.ANSWER for row in self.book.rows.values()))
    @counted(which=PICK, age=AGES, state=st.sampled_from(LAST_STATES))
    def answer_is_sent_and_reported(self, which: int, age: int, state: DeliveryState) -> None:
        """As it mostly goes."""
        self.send_all()
        fresh = [one for one in self.office.whatsapp.attempts if one.on_phone and not one.moved]
        awaited = [one for one in fresh if self.is_awaited(self.book.rows[one.row])]
        if awaited:
            failure = Failure.NEVER if state is DeliveryState.FAILED else None
            self._status(picked(awaited, which), state, age, failure)

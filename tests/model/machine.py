"""All rules together, and how a run ends: everything that was left undone is done, and then the record is audited."""

import uuid
from typing import Any

import hypothesis
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from aduan.service.model import RowKind
from tests.model.acts import ACTS, AT_STEPS, Try, may
from tests.model.alarms import Alarms
from tests.model.audit import audit
from tests.model.desks import Desks
from tests.model.ladder import next_alarm
from tests.model.office import Office
from tests.model.sendings import Sendings
from tests.model.tally import Tally

PROJECT_LETTERS = 12
ROUNDS = 60
A_ROUND = 100  # seconds: longer than an unknown outcome is waited for
SWEPT_EVERY = 3  # rounds: five minutes
LOOKED_AT_EVERY = 5  # steps


class OfficeMachine(Desks, Alarms, Sendings):
    """The office, driven at random."""

    looks = 0

    def look(self) -> None:
        self._something_will_ring()
        self._what_is_stored_and_shown_is_right()

    def _something_will_ring(self) -> None:
        for case in self.book.cases.values():
            if case.status != "closed" and case.step not in (1, 8):
                assert next_alarm(case) is not None, "nothing would ever ring for it"

    def _what_is_stored_and_shown_is_right(self) -> None:
        """One complaint, now and then: the other look at what was written is at what was to be written."""
        self.looks += 1
        cases = list(self.book.cases.values())
        if self.looks % LOOKED_AT_EVERY or not cases:
            return
        case = cases[(self.looks // LOOKED_AT_EVERY) % len(cases)]
        loaded = self.office.store.complaint(case.id)
        assert loaded is not None
        self.book.world.now = self.office.clock.now
        assert loaded.value == self.book.heads[case.id]
        self.stands(case)
        self._shows_just_what_may_be_done(case.id)

    def _shows_just_what_may_be_done(self, case_id: str) -> None:
        """The buttons that somebody sees are the acts that would work."""
        case, people = self.book.cases[case_id], self.staff.people
        person = people[self.looks // LOOKED_AT_EVERY % len(people)]
        desk = self.office.house.desk
        member = desk.member(person.email)
        if member is None:
            return
        shown = {act.value for act in desk.possible(member, self.book.heads[case_id])}
        right = {act for act in ACTS if (act not in AT_STEPS or case.step in AT_STEPS[act])}
        right = {act for act in right if may(case, Try(act, person), self.world)}
        exhausted = {"ask_complainant", "ask_database_admin"}  # that it was asked already is said when it is tried
        assert shown - exhausted == right - exhausted, f"{person.email} is shown {shown}, and may {right}"

    # The end

    def teardown(self) -> None:
        try:
            if self.sound:
                self.end()
                audit(self.office, self.book, self.tally)
        finally:
            self.office.close()

    def end(self) -> None:
        """Time passes, WhatsApp accepts everything, the sweep comes: what was lost or died is mended."""
        self.world.now = self.office.clock.now
        while self.book.untaken:
            self._take(*self.book.untaken.pop())
        for number in range(ROUNDS):
            self.office.pass_time(A_ROUND)
            self.world.now = self.office.clock.now
            self.send_all()
            if number % SWEPT_EVERY == 0:
                self.sweep()
                if not self._standing():
                    return
        raise AssertionError(f"rows stand for ever: {self._standing()}")

    def _standing(self) -> list[str]:
        later = self.office.clock.now.replace(year=self.office.clock.now.year + 1)
        rows = [due.ref.row for due in self.office.store.due_rows(later, 100)]
        assert all(row[0] in set(RowKind) for row in rows)
        return rows


def drive(office: type[Office], host: str, tally: Tally, how: settings, seed: int | None = None) -> None:
    """Run it, each example in an office of its own, in a project of its own on the emulator at `host`.

    `seed` of the chance, in place of the one that the settings name.
    """

    def example() -> OfficeMachine:
        return OfficeMachine(office(f"model-{uuid.uuid4().hex[:PROJECT_LETTERS]}", host), tally)

    factory: Any = example  # a class is asked for, and whatever makes a machine is taken
    if seed is not None:
        factory = hypothesis.seed(seed)(factory)
    run_state_machine_as_test(factory, settings=how)

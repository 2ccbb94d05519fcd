"""Staff act: mostly what they may, and at any time anything; they leave, come back, and stand in for each other."""

import copy
import secrets
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow, ProcedureError, WrongField
from aduan.procedure.roles import StaffMember
from aduan.service.errors import RequestReused
from aduan.service.fields import ActFields
from tests.model.acts import ACTS, AT_STEPS, NEEDS, Try, may, perform
from tests.model.bench import Done, counted, person_of, picked
from tests.model.case import Case, Told
from tests.model.citizens import CRASHES, PICK, Citizens
from tests.model.office import PROCEDURE, Crash
from tests.model.people import ADB, RANKS, Person

UNIT_OF = {service.code: service.unit for service in PROCEDURE.services}
WRONGS = ("nothing", "nothing", "a field is missing", "a field is too long", "an old version")
TOO_LONG = 5000
MOST_AWAY = 2
SENT_OFTEN = 3
GO_ON = frozenset({"receive", "forward", "verify", "respond", "answer", "approve", "settle"})
ONWARD = 3  # times as likely, so that complaints come to their end


class Desks(Citizens):
    """What staff do."""

    def _fields(self, case: Case, act: str, pick: int) -> dict[str, Any]:
        """Right fields for an act. At step 7 mostly what was proposed, sometimes another text."""
        texts = {
            "note": f"Catatan {pick}",
            "question": f"Mohon foto KK {pick}",
            "description": "KTP belum jadi sejak dua bulan lalu",
            "category": picked(sorted(UNIT_OF), pick),
            "answer": case.answer if act == "answer" and pick % 3 else f"Silakan ambil hari Senin, loket {pick}.",
        }
        needed = {name: texts[name] for name in NEEDS.get(act, ())}
        return {"request_id": secrets.token_hex(16), "version": self.book.heads[case.id].version, **needed}

    def _possible(self, case_id: str | None = None) -> dict[str, list[tuple[Case, Person]]]:
        """What could be done now, by act; with one complaint or any."""
        found: dict[str, list[tuple[Case, Person]]] = {}
        for case in self.book.cases.values():
            if case.status == "closed" or case_id not in (None, case.id):
                continue
            for act in ACTS:
                if act in AT_STEPS and case.step not in AT_STEPS[act]:
                    continue
                if act == "resend" and case.sending >= SENT_OFTEN:
                    continue
                for person in self.staff.people:
                    if person.active and may(case, Try(act, person), self.world):
                        found.setdefault(act, []).append((case, person))
        return found

    def _attempt(
        self, case: Case, act: str, person: Person, fields: dict[str, Any], crash: str | None = None,
    ) -> None:  # fmt: skip
        """Try it, and hold what came of it to the model."""
        member = self.office.house.desk.member(person.email)
        assert (member is not None) == person.active
        if member is None:
            return
        refusal = self._asked(member, case, act, fields, crash)
        case = self.book.cases[case.id]  # as the act found it, whatever happened meanwhile
        attempt = Try(act, person, fields.get("answer") or "", UNIT_OF.get(fields.get("category") or "", ""))
        right_fields = all(0 < len(fields.get(name) or "") < TOO_LONG for name in NEEDS.get(act, ()))
        current = fields["version"] == self.book.heads[case.id].version
        allowed = right_fields and current and may(case, attempt, self.world)
        commits = self.commits()
        if not allowed:
            assert isinstance(refusal, ProcedureError), f"{act} by {person.email} should have been refused"
            assert isinstance(refusal, WrongField) == (not right_fields)
            assert not commits, "a refused act changed something"
            self.tally.refused[act] += 1
            return
        assert refusal is None or isinstance(refusal, Crash), f"{act} by {person.email} was refused: {refusal}"
        self.book.done.append(Done(case.id, act, person.email, fields))
        if not commits:
            assert crash == "before"
            return
        self._did(case, attempt, commits)

    def _asked(
        self, member: StaffMember, case: Case, act: str, fields: dict[str, Any], crash: str | None
    ) -> Exception | None:
        """The use case itself, and how it refused."""
        store = self.office.store
        store.die(crash)
        try:
            self.office.house.desk.act(member, case.id, ActName(act), ActFields(**fields))
        except (ProcedureError, RequestReused, Crash) as error:
            return error
        finally:
            store.die(None)
            store.meanwhile = None
        return None

    def _did(self, case: Case, attempt: Try, commits: list[Any]) -> None:
        after, told = copy.deepcopy(case), Told()
        perform(after, attempt, self.world, told)
        self.keep(after)
        self.expect(commits, [after], told)
        if attempt.act == "ask_complainant":
            writer = next(writer for writer in self.book.writers if writer.id == case.citizen)
            writer.current = case.id
        self.tally.acts[attempt.act] += 1

    # Rules

    @precondition(lambda self: self.book.cases)
    @counted(what=PICK, where=PICK, text=PICK)
    def staff_acts_while_the_citizen_writes(self, what: int, where: int, text: int) -> None:
        """Between the act's reading and its writing: both are done, one after the other."""
        possible = self._possible()
        if not possible:
            return
        act = picked(sorted(possible), what)
        case, person = picked(possible[act], where)
        writer = next(one for one in self.book.writers if one.id == case.citizen)
        self.office.store.meanwhile = lambda: self.write(writer, "words", 0, text="Mohon segera")
        self._attempt(case, act, person, self._fields(case, act, text))

    def _work(self, what: int, where: int, text: int, crash: str | None, case_id: str | None = None) -> None:
        possible = self._possible(case_id)
        if not possible:
            return
        act = picked([act for act in sorted(possible) for _ in range(ONWARD if act in GO_ON else 1)], what)
        case, person = picked(possible[act], where)
        self._attempt(case, act, person, self._fields(case, act, text), crash)

    @precondition(lambda self: self.book.cases)
    @counted(acts=st.lists(st.tuples(PICK, PICK, PICK), min_size=1, max_size=3), crash=CRASHES)
    def staff_does_what_it_may(self, acts: list[tuple[int, int, int]], crash: str | None) -> None:
        for what, where, text in acts:
            self._work(what, where, text, crash)

    @precondition(lambda self: self.book.cases)
    @counted(where=PICK, acts=st.lists(st.tuples(PICK, PICK), min_size=1, max_size=4))
    def staff_goes_on_with_one(self, where: int, acts: list[tuple[int, int]]) -> None:
        """So that complaints come to their end, and not one of them alone."""
        case = picked(list(self.book.cases), where)
        for what, text in acts:
            self._work(what, text, text, None, case)

    @precondition(lambda self: self.book.cases)
    @counted(where=PICK, who=PICK, what=PICK, fits=st.booleans(), wrong=st.sampled_from(WRONGS), text=PICK)
    def staff_tries_anything(self, where: int, who: int, what: int, fits: bool, wrong: str, text: int) -> None:
        """Half of it is what the step knows, and so refused by role or field alone."""
        case, person = picked(list(self.book.cases.values()), where), picked(self.staff.people, who)
        act = picked([act for act in ACTS if not fits or case.step in AT_STEPS.get(act, (case.step,))], what)
        fields = self._fields(case, act, text)
        for name in NEEDS.get(act, ())[:1]:
            fields[name] = {"a field is missing": None, "a field is too long": "x" * TOO_LONG}.get(wrong, fields[name])
        fields["version"] -= wrong == "an old version"
        self._attempt(case, act, person, fields)

    @precondition(lambda self: self.book.done)
    @counted(which=PICK, as_what=st.sampled_from(ACTS), same=st.booleans())
    def staff_sends_a_form_again(self, which: int, as_what: str, same: bool) -> None:
        """The same request is one act; its number for another act is refused."""
        done = picked(self.book.done, which)
        act = done.act if same else as_what
        member = self.office.house.desk.member(done.email)
        if member is None:
            return
        was_kept = self.office.store.request(done.fields["request_id"]) is not None
        if not was_kept:  # the process died before: this is the act itself
            if same:
                self._attempt(self.book.cases[done.case], act, person_of(self.staff, done.email), dict(done.fields))
            return
        try:
            self.office.house.desk.act(member, done.case, ActName(act), ActFields(**done.fields))
        except (NeverAllowed, NotNow, WrongField, RequestReused):
            assert act != done.act, "the same request again is no refusal"
        assert not self.commits(), "one request is one act"

    @counted(who=PICK, what=st.sampled_from(("leaves", "comes back", "comes back", *RANKS, ADB, None, None)))
    def staff_list_changes(self, who: int, what: str | None) -> None:
        """Somebody leaves or comes back, or is made Plh or Plt for a role, or for none any more."""
        people = self.staff.people
        away = [person for person in people if not person.active]
        person = picked(away or people, who) if what == "comes back" else picked(people, who)
        if what == "leaves" and len(away) < MOST_AWAY:
            person.active = False
        elif what == "comes back":
            person.active = True
        elif what != "leaves":
            person.acting_for = (what,) if what and what != person.role else ()
        self.office.put(person)

"""What staff can do and see: the use cases behind the portal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from aduan.procedure.acts import StaffAct
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.definition import ActName
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate
from aduan.procedure.events import Event
from aduan.procedure.form import nik
from aduan.procedure.roles import RANKS, Actor, Role, Roster, StaffMember, covered_by
from aduan.procedure.workflow import Transition
from aduan.service.case_files import NEWEST, CaseFile, Window, case_file, events_of
from aduan.service.errors import RequestReused, Unknown
from aduan.service.fields import ActFields, checked
from aduan.service.masking import DOT, restored
from aduan.service.model import Citizen
from aduan.service.phones import e164
from aduan.service.ports import (
    AlreadyDone,
    Clock,
    Commit,
    Filters,
    Loaded,
    Page,
    StaffList,
    Store,
)
from aduan.service.retrying import until_settled
from aduan.service.settling import Settling

PAGE = 50


@dataclass(frozen=True)
class Work:
    """What stands before one person, each list soonest deadline first."""

    held: tuple[Complaint, ...]  # in their own hands
    waiting_for_desk: tuple[Complaint, ...]  # anybody at their desk may take it
    to_approve: tuple[Complaint, ...]
    data_checks: tuple[Complaint, ...]
    drafts: tuple[Complaint, ...]  # reminded, and still incomplete
    undelivered: tuple[Complaint, ...]  # answers that failed, or are late in arriving


@dataclass(frozen=True)
class Desk:
    """Acts and views of staff. Identity was proven before; here it is asked what the person may do."""

    settling: Settling
    store: Store
    staff: StaffList
    clock: Clock

    def member(self, email: str) -> StaffMember | None:
        """The person, if they are on the staff list and active: read at every request, so a change holds at once."""
        member = self.staff.member(email)
        return member if member is not None and member.active else None

    # One act

    def act(self, member: StaffMember, complaint_id: str, name: ActName, fields: ActFields) -> Loaded[Complaint]:
        """Do one act, once for its request id. Answers with the complaint as it is then.

        Raises `Unknown`, `WrongField`, `NeverAllowed`, `NotNow` (`OutOfDate`) and `RequestReused`, in that order.
        """
        try:
            return until_settled(lambda: self._act(member, complaint_id, name, fields))
        except AlreadyDone:
            return self._repeated(member, complaint_id, name, fields.request_id)

    def _act(self, member: StaffMember, complaint_id: str, name: ActName, fields: ActFields) -> Loaded[Complaint]:
        loaded = self.open(complaint_id)
        given = self._in_full(loaded, checked(name, fields, self.settling.workflow.procedure))
        now = self.clock()
        try:
            transition = self._decide(member, loaded.value, name, given, now)
        except NeverAllowed:
            # The desk may have been theirs when they did it: what was done then is answered as done.
            if not self._was_done(member, complaint_id, name, fields.request_id):
                raise
            return self.open(complaint_id)
        except NotNow:
            # The same request again is no refusal: it was this very act that moved the complaint on.
            if self.store.request(fields.request_id) is None:
                raise
            return self._repeated(member, complaint_id, name, fields.request_id)
        request = self.settling.request(fields.request_id, member.email, name, complaint_id, now)
        asked = name is ActName.ASK_COMPLAINANT
        citizen = self._listening(loaded.value) if asked else None
        return self.settling.settle(loaded, transition, now, Commit(request=request, citizen=citizen))

    def _in_full(self, loaded: Loaded[Complaint], given: ActFields) -> ActFields:
        """A draft's words with their numbers as the citizen wrote them: who registers it was shown them hidden.

        What is registered hidden would be hidden for good.
        """
        if given.description is None or DOT not in given.description:
            return given
        return given.model_copy(update={"description": restored(given.description, self.file(loaded).told)})

    def _listening(self, complaint: Complaint) -> Loaded[Citizen] | None:
        """Whoever is asked answers with their next message: it belongs to this complaint, whatever they began since."""
        citizen = self.store.citizen(complaint.citizen)
        if citizen is None or citizen.value.current == complaint.id:
            return None
        return replace(citizen, value=citizen.value.model_copy(update={"current": complaint.id}))

    def _decide(
        self, member: StaffMember, complaint: Complaint, name: ActName, fields: ActFields, now: datetime
    ) -> Transition:
        act = StaffAct(name=name, actor=Actor.of(member), **fields.model_dump())
        try:
            return self.settling.decide(complaint, act, now, None)
        except OutOfDate:
            raise
        except (NeverAllowed, NotNow):
            covers = self._covers(member, complaint)
            if not covers:
                raise
            return self.settling.decide(
                complaint, act.model_copy(update={"actor": Actor.of(member, covers)}), now, None
            )

    def _covers(self, member: StaffMember, complaint: Complaint) -> frozenset[Role]:
        """The vacant desks that fall to this person. Asked only where their own role did not suffice."""
        if not set(member.roles) & set(RANKS[1:]):
            return frozenset()
        return covered_by(member, Roster(self.staff.members()).vacant(complaint.unit))

    def _repeated(self, member: StaffMember, complaint_id: str, name: ActName, request_id: str) -> Loaded[Complaint]:
        if not self._was_done(member, complaint_id, name, request_id):
            raise RequestReused("Permintaan ini sudah dipakai untuk tindakan lain. Muat ulang halaman, lalu ulangi.")
        return self.open(complaint_id)

    def _was_done(self, member: StaffMember, complaint_id: str, name: ActName, request_id: str) -> bool:
        """Whether this request was this very act, by this person."""
        request = self.store.request(request_id)
        this = (member.email, name, complaint_id)
        return request is not None and (request.email, request.act, request.complaint) == this

    # What can be seen

    def open(self, complaint_id: str) -> Loaded[Complaint]:
        loaded = self.store.complaint(complaint_id)
        if loaded is None:
            raise Unknown(complaint_id)
        return loaded

    def events(self, loaded: Loaded[Complaint], before: int | None = None) -> tuple[Event, ...]:
        return events_of(self.store, loaded, before)

    def file(self, loaded: Loaded[Complaint], window: Window = NEWEST) -> CaseFile:
        return case_file(self.store, loaded, window)

    def possible(self, member: StaffMember, complaint: Complaint) -> tuple[ActName, ...]:
        """Just the acts that this person may do now."""
        workflow = self.settling.workflow
        acts = workflow.possible(complaint, Actor.of(member))
        if covers := self._covers(member, complaint) if complaint.holder != member.email else frozenset():
            acts = workflow.possible(complaint, Actor.of(member, covers))
        return acts

    def possible_among(self, member: StaffMember, complaints: Sequence[Complaint]) -> Mapping[str, tuple[ActName, ...]]:
        """The same for a whole list, by complaint id; the staff list is read once for all of it."""
        above_a_desk = complaints and set(member.roles) & set(RANKS[1:])
        roster = Roster(self.staff.members()) if above_a_desk else None
        possible = {}
        for complaint in complaints:
            held = complaint.holder == member.email
            covers = covered_by(member, roster.vacant(complaint.unit)) if roster and not held else frozenset()
            possible[complaint.id] = self.settling.workflow.possible(complaint, Actor.of(member, covers))
        return possible

    def listed(self, filters: Filters, cursor: str | None) -> Page[Complaint]:
        return self.store.listed(filters, cursor, PAGE)

    def work(self, member: StaffMember) -> Work:
        """Everything that stands before a person."""
        roster = Roster(self.staff.members())
        desks = frozenset(RANKS) & {*member.roles, *covered_by(member, roster.vacant(None))}
        at_desks = partial(self._at_desks, desks, member)
        return Work(
            held=self._all(Filters(holder=member.email), lambda c: c.step is not None),
            waiting_for_desk=at_desks(_AT_WORK, lambda c: not roster.has(c.holder)),
            to_approve=self._to_approve(member),
            data_checks=self._data_checks(member),
            drafts=self._drafts() if Role.WHATSAPP_ADMIN in desks else (),
            undelivered=at_desks((Status.ANSWERED,), lambda c: c.step is not None and self._stuck(c)),
        )

    def _at_desks(
        self,
        desks: frozenset[Role],
        member: StaffMember,
        statuses: tuple[Status, ...],
        wanted: Callable[[Complaint], bool],
    ) -> tuple[Complaint, ...]:
        """The first fifty of some desks together. Each is asked to the end: what is wanted may stand behind a lot."""
        found: list[Complaint] = []
        for role in desks:
            at_desk = Filters(statuses=statuses, role=role)
            found += self._all(at_desk, lambda c: member.serves(c.unit) and wanted(c))
        return tuple(sorted(found, key=lambda c: (c.due_at is None, c.due_at or c.started_at, c.id))[:PAGE])

    def _stuck(self, complaint: Complaint) -> bool:
        return complaint.send_failed or (complaint.due_at is not None and self.clock() > complaint.due_at)

    def _to_approve(self, member: StaffMember) -> tuple[Complaint, ...]:
        actor, workflow = Actor.of(member), self.settling.workflow
        answered = Filters(statuses=(Status.ANSWERED,))
        return self._all(answered, lambda c: ActName.APPROVE in workflow.possible(c, actor))

    def _data_checks(self, member: StaffMember) -> tuple[Complaint, ...]:
        if Role.DATABASE_ADMIN not in member.roles:
            return ()
        return self._all(Filters(check_open=True), lambda c: member.serves(c.unit))

    def _drafts(self) -> tuple[Complaint, ...]:
        return self._all(Filters(statuses=(Status.DRAFT,)), lambda draft: draft.rung > 0)

    def _all(self, filters: Filters, wanted: Callable[[Complaint], bool]) -> tuple[Complaint, ...]:
        """The first fifty that are wanted, soonest deadline first: nobody has more before their eyes at once."""
        found: list[Complaint] = []
        page: Page[Complaint] | None = None
        while page is None or (page.next is not None and len(found) < PAGE):
            page = self.store.listed(filters, page.next if page else None, PAGE)
            found += filter(wanted, page.items)
        return tuple(found[:PAGE])

    def lookup(self, wanted: str) -> Filters | str:
        """What `q` asks for: a number's complaint id, or the filter that finds a NIK or a phone."""
        return _lookup(self.store, wanted)


_AT_WORK = (Status.OPEN, Status.WAITING)


def complaint_id(address: str) -> str:
    """The id behind a number ('ADU-…') or a draft's address ('D-…'). Raises `Unknown` for anything else."""
    for prefix in ("ADU-", "D-"):
        if address.upper().startswith(prefix):
            return address[len(prefix) :].upper()
    raise Unknown(address)


def _lookup(store: Store, wanted: str) -> Filters | str:
    text = wanted.strip()
    try:
        return complaint_id(text)
    except Unknown:
        pass
    if digits := nik(text):
        return Filters(found_by=store.lookup_hashes("nik", digits))
    if phone := e164(text):
        return Filters(found_by=store.lookup_hashes("phone", phone))
    raise Unknown(wanted)

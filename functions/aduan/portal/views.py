"""What the pages show, gathered from the use cases: each page's own view, ready for its template."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aduan.portal.act_forms import NOTHING_TRIED, ActForm, Attempt, FormMaker
from aduan.portal.addresses import address_of
from aduan.portal.names import STATUSES
from aduan.portal.office import Office, People
from aduan.portal.older import OtherParts, other_parts
from aduan.portal.record_view import Happening, Said, StepRow, conversation, happenings, step_rows
from aduan.portal.timing import Timing, timing
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.form import DESCRIPTION, SERVICE
from aduan.procedure.roles import StaffMember
from aduan.service.case_files import CaseFile
from aduan.service.desk import Desk, Work
from aduan.service.masking import summary
from aduan.service.unmasking import ACT as UNMASK
from aduan.service.unmasking import Unmasking

MOST_NEW = 10
"""Messages that stand above the acts; all are in the conversation."""

GROUPS = (
    ("held", "Sedang saya pegang"),
    ("waiting_for_desk", "Menunggu di meja saya"),
    ("to_approve", "Menunggu persetujuan saya"),
    ("data_checks", "Cek data yang diminta"),
    ("undelivered", "Jawaban belum sampai ke pemohon"),
    ("drafts", "Draf yang belum lengkap"),
)


def request_id() -> str:
    """A fresh mark for a form, by which the same form sent twice is one act."""
    return secrets.token_urlsafe(24)


def due_first(complaint: Complaint) -> tuple[bool, datetime]:
    """Soonest deadline first; what has none comes last. A draft's time is the complainant's own."""
    has_none = complaint.due_at is None or complaint.status is Status.DRAFT
    return has_none, complaint.due_at or complaint.started_at


@dataclass(frozen=True)
class Row:
    """One complaint in a list."""

    complaint: Complaint
    address: str
    service: str
    summary: str
    where: str
    timing: Timing
    holder: str
    likely: ActForm | None = None


@dataclass(frozen=True)
class CaseView:
    """Everything on a complaint's page."""

    complaint: Complaint
    address: str
    service: str
    where: str
    timing: Timing
    holder: str
    held_by_other: bool
    is_mine: bool
    form: tuple[tuple[str, str], ...]
    name: str
    phone: str
    acts: tuple[ActForm, ...]
    seen: int  # so many of the citizen's messages are shown, or older than what is shown
    unmask: ActForm | None
    left_over: tuple[tuple[str, str], ...]
    steps: Sequence[StepRow]
    steps_are_whole: bool
    record: Sequence[Happening]
    talk: Sequence[Said]
    parts: OtherParts
    new: Sequence[Said]  # the newest of what the desk has not answered to
    unmasked: bool = False


@dataclass(frozen=True)
class Views:
    """Makes the views."""

    desk: Desk
    office: Office
    unmasking: Unmasking

    def people(self) -> People:
        """The staff list, for names."""
        return People(
            self.office.workflow.procedure.titles, {member.email: member for member in self.desk.staff.members()}
        )

    # Lists

    def rows(self, complaints: Iterable[Complaint], people: People, now: datetime) -> list[Row]:
        """Complaints as lines of a list."""
        return [self._row(complaint, people, now, None) for complaint in complaints]

    def work(self, member: StaffMember, work: Work, now: datetime) -> list[tuple[str, str, list[Row]]]:
        """The groups that have something in them: code, heading, lines; each line with its likely act.

        The group with the soonest deadline comes first, as the lines do within each.
        """
        people = self.people()
        groups = [(code, title, getattr(work, code)) for code, title in GROUPS if getattr(work, code)]
        groups.sort(key=lambda group: min(due_first(complaint) for complaint in group[2]))
        likely = self._likely(member, [complaint for _, _, group in groups for complaint in group])
        return [
            (code, title, [self._row(c, people, now, likely.get(c.id)) for c in group]) for code, title, group in groups
        ]

    def _likely(self, member: StaffMember, complaints: Sequence[Complaint]) -> Mapping[str, ActForm]:
        procedure = self.office.workflow.procedure
        possible = self.desk.possible_among(member, complaints)
        forms = {c.id: FormMaker(procedure, c, member).forms(possible[c.id]) for c in complaints}
        return {complaint_id: offered[0] for complaint_id, offered in forms.items() if offered}

    def _row(self, complaint: Complaint, people: People, now: datetime, likely: ActForm | None) -> Row:
        return Row(
            complaint=complaint,
            address=address_of(complaint),
            service=self.office.service(complaint),
            summary=summary(complaint.description) or "Belum ada isi aduan.",
            where=self.where(complaint),
            timing=timing(self.office, complaint, now),
            holder=self.holder(complaint, people),
            likely=likely,
        )

    def where(self, complaint: Complaint) -> str:
        """At which step it stands, or how it stands if at none."""
        if complaint.step is not None:
            return self.office.step(complaint.step)
        if complaint.awaits_approval:
            return "Jawaban menunggu persetujuan"
        return STATUSES[complaint.status]

    def holder(self, complaint: Complaint, people: People) -> str:
        """Who has it in hand, or at which desk it waits."""
        if complaint.holder:
            return people.with_role(complaint.holder, complaint.holder_as)
        return f"Meja {self.office.title(complaint.holder_role)}" if complaint.holder_role else ""

    # One complaint

    def case(
        self,
        member: StaffMember,
        case: CaseFile,
        people: People,
        now: datetime,
        attempt: Attempt = NOTHING_TRIED,
        *,
        unmasked: bool = False,
    ) -> CaseView:
        """A complaint as this person may see it now, with the acts that they may do."""
        complaint, address = case.complaint, address_of(case.complaint)
        talk = conversation(case.conversation, case.unread_since, address)
        maker = FormMaker(self.office.workflow.procedure, complaint, member, attempt, case.told, unmasked=unmasked)
        acts = maker.forms(self.desk.possible(member, complaint))
        return CaseView(
            complaint=complaint,
            address=address,
            service=self.office.service(complaint),
            where=self.where(complaint),
            timing=timing(self.office, complaint, now),
            holder=self.holder(complaint, people),
            held_by_other=complaint.holder is not None and complaint.holder != member.email,
            is_mine=complaint.holder == member.email,
            form=self._form(complaint),
            name=(case.citizen.name or "") if case.citizen else "",
            phone=(case.citizen.phone or "") if case.citizen else "",
            acts=acts,
            seen=complaint.messages - (0 if case.window.messages is None else complaint.unread),
            unmask=maker.form(UNMASK) if self.unmasking.may(member, complaint) else None,
            left_over=maker.left_over(acts),
            steps=step_rows(self.office, complaint, case.turns, people, now, is_whole=case.is_whole),
            steps_are_whole=case.is_whole,
            record=happenings(case.events, people),
            talk=talk,
            parts=other_parts(case),
            new=[said for said in talk if said.is_new and case.window.messages is None][-MOST_NEW:],
            unmasked=unmasked,
        )

    def _form(self, complaint: Complaint) -> tuple[tuple[str, str], ...]:
        """The fields of the complaint's format beside its service and its text, with their labels."""
        fields = self.office.workflow.procedure.form.fields
        beside = [field for field in fields if field.key not in (SERVICE, DESCRIPTION)]
        return tuple((field.label, complaint.form.get(field.key) or "belum diisi") for field in beside)

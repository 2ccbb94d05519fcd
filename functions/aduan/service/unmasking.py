"""NIK and phone in full, once, to whoever holds the complaint: the one act that changes nothing, and is recorded."""

from dataclasses import dataclass

from aduan.procedure.complaint import Complaint
from aduan.procedure.errors import NeverAllowed, NotNow, OutOfDate
from aduan.procedure.events import Event, EventType
from aduan.procedure.form import Check
from aduan.procedure.roles import RANKS, Actor, Role, Roster, StaffMember, covered_by
from aduan.procedure.workflow import Transition
from aduan.service.desk import Desk
from aduan.service.errors import RequestReused
from aduan.service.fields import ActFields
from aduan.service.ports import AlreadyDone, Commit, Loaded
from aduan.service.retrying import until_settled

ACT = "unmask"


@dataclass(frozen=True)
class Unmasked:
    """A complaint, and whether it may be shown in full this time: a repeat of the same request may not."""

    loaded: Loaded[Complaint]
    in_full: bool


@dataclass(frozen=True)
class Unmasking:
    """Who may see a NIK and a phone number in full, and the record of it."""

    desk: Desk

    def unmask(self, member: StaffMember, complaint_id: str, fields: ActFields) -> Unmasked:
        """Record that this person saw it. Raises as `Desk.act` does."""
        try:
            return until_settled(lambda: self._unmask(member, complaint_id, fields))
        except AlreadyDone:
            return self._repeated(member, complaint_id, fields.request_id)

    def _unmask(self, member: StaffMember, complaint_id: str, fields: ActFields) -> Unmasked:
        loaded = self.desk.open(complaint_id)
        try:
            role = self._role(member, loaded.value)
            if fields.version != loaded.value.version:
                raise OutOfDate("Aduan ini sudah berubah sejak Anda membukanya. Periksa dulu, lalu ulangi.")
        except NotNow:
            if self.desk.store.request(fields.request_id) is None:
                raise
            return self._repeated(member, complaint_id, fields.request_id)
        now, complaint = self.desk.clock(), loaded.value
        event = Event(
            seq=complaint.seq + 1,
            type=EventType.UNMASKED,
            at=now,
            step=complaint.step,
            actor=member.email,
            role=role,
            changes={},
        )
        request = self.desk.settling.request(fields.request_id, member.email, ACT, complaint_id, now)
        transition = Transition(complaint.after(event), (event,), ())
        return Unmasked(self.desk.settling.settle(loaded, transition, now, Commit(request=request)), in_full=True)

    def seen(self, unmasked: Unmasked) -> dict[str, str | None]:
        """The NIK and the phone number; None for what is not known."""
        complaint = unmasked.loaded.value
        fields = self.desk.settling.workflow.procedure.form.fields
        citizen = self.desk.store.citizen(complaint.citizen)
        return {
            "nik": next((complaint.form.get(field.key) for field in fields if field.check is Check.NIK), None),
            "phone": citizen.value.phone if citizen else None,
        }

    def _repeated(self, member: StaffMember, complaint_id: str, request_id: str) -> Unmasked:
        request = self.desk.store.request(request_id)
        if request is None or (request.email, request.act, request.complaint) != (
            member.email,
            ACT,
            complaint_id,
        ):
            raise RequestReused("Permintaan ini sudah dipakai untuk tindakan lain. Muat ulang halaman, lalu ulangi.")
        return Unmasked(self.desk.open(complaint_id), in_full=False)

    def may(self, member: StaffMember, complaint: Complaint) -> bool:
        """Whether this person may do it now."""
        try:
            self._role(member, complaint)
        except (NeverAllowed, NotNow):
            return False
        return True

    def _role(self, member: StaffMember, complaint: Complaint) -> Role:
        """In which role they may: as the holder, at the desk that it waits for, or as the ADB who was asked."""
        is_asked = complaint.data_check is not None and Role.DATABASE_ADMIN in member.roles
        if not is_asked and not set(member.roles) & set(RANKS):
            raise NeverAllowed("Peran Anda tidak berwenang melihat NIK dan nomor telepon aduan ini.")
        if not member.serves(complaint.unit):
            raise NotNow("Aduan ini milik unit lain.")
        if is_asked:
            return Role.DATABASE_ADMIN
        return self._role_at_desk(member, complaint)

    def _role_at_desk(self, member: StaffMember, complaint: Complaint) -> Role:
        desk = complaint.holder_role
        if desk is None:
            raise NotNow("Aduan ini sudah selesai dan tidak ada di meja siapa pun.")
        if complaint.holder is not None and complaint.holder != member.email:
            raise NotNow(f"Aduan ini sedang dipegang oleh {complaint.holder}. Ambil alih dulu bila perlu.")
        actor = Actor.of(member)
        if complaint.holder is None and not actor.sits_at(desk):
            vacant = Roster(self.desk.staff.members()).vacant(complaint.unit)
            if desk not in covered_by(member, vacant):
                raise NotNow(f"Aduan ini menunggu {self.desk.settling.workflow.procedure.titles[desk]}.")
        return actor.role_at(desk)

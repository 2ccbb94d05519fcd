"""A queue that is down, work whose holder is gone, a question to somebody who is busy elsewhere: none is a hole."""

from collections.abc import Sequence
from datetime import datetime

from aduan.procedure.complaint import Alarm, Status
from aduan.procedure.definition import ActName
from aduan.procedure.roles import Role, StaffMember
from aduan.service.fields import ActFields
from aduan.service.model import StaffChange
from aduan.service.ports import RowRef
from tests.service.fakes import RecordingTasks
from tests.service.house_of_fakes import ADMIN, KASI, HouseOfFakes

SET_FORMAT = "Layanan: KTP\nNama: Siti Aminah\nNIK: 3402014107900001\nAduan: KTP saya belum jadi dua bulan."
OTHER_ADMIN = StaffMember(email="lain@office.test", name="Budi", role=Role.WHATSAPP_ADMIN, active=True)


def join(office: HouseOfFakes, member: StaffMember) -> None:
    """Write a row of the staff list."""
    change = StaffChange(at=office.clock.now, by=KASI.email, email=member.email, before=None, after={})
    office.desk.staff.save(member, change, office.desk.staff.loaded(member.email).mark)


class QueuesDown(RecordingTasks):
    """Nothing can be asked of Cloud Tasks."""

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        raise ConnectionError(complaint_id, alarm, again)

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        raise ConnectionError(rows, not_before, fetch)


def test_what_is_done_while_the_queues_are_down_is_kept_and_is_the_sweeps_to_ring_and_send() -> None:
    office = HouseOfFakes(tasks=QueuesDown())

    office.hear(SET_FORMAT)
    complaint = office.act(ActName.RECEIVE)

    assert complaint.step == 3
    assert complaint.alarm is not None
    assert [due.id for due in office.store.due_alarms(complaint.alarm.at, 10)] == [complaint.id]
    assert office.store.due_rows(complaint.alarm.at, 10) != ()


def test_what_somebody_holds_who_is_no_longer_active_stands_before_the_whole_desk() -> None:
    office = HouseOfFakes()
    office.hear(SET_FORMAT)
    complaint = office.act(ActName.RECEIVE)
    join(office, OTHER_ADMIN)
    assert office.desk.work(OTHER_ADMIN).waiting_for_desk == ()

    join(office, ADMIN.model_copy(update={"active": False}))

    assert [c.id for c in office.desk.work(OTHER_ADMIN).waiting_for_desk] == [complaint.id]
    assert office.desk.work(KASI).waiting_for_desk == ()


def test_the_reply_to_a_question_goes_to_the_complaint_that_asked_it_whatever_was_begun_since() -> None:
    office = HouseOfFakes()
    office.hear(SET_FORMAT)
    office.act(ActName.RECEIVE)
    asking = office.complaint
    office.hear("ADUAN BARU", "Akta kelahiran")
    assert office.complaint.id != asking.id

    given = ActFields(request_id="r" * 16, version=asking.version, question="Kapan Anda merekam data?")
    office.desk.act(ADMIN, asking.id, ActName.ASK_COMPLAINANT, given)
    office.hear("Bulan Oktober di kecamatan.")

    assert (office.complaint.id, office.complaint.status, office.complaint.wait) == (asking.id, Status.OPEN, None)

"""An alarm rings: early, on time, twice, for a step that is over, for a complaint that never came."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from aduan.procedure.complaint import Alarm
from aduan.procedure.definition import ActName
from aduan.procedure.roles import Role, StaffMember
from aduan.service import retrying
from aduan.service.channel import Template
from aduan.service.ports import AlreadyDone, Commit, Conflict
from tests.service.fakes import InMemoryStaffList, InMemoryStore
from tests.service.full_house import ANI, BUDI, CITRA, EKO, EVERYBODY, SET_FORMAT, FullHouse, with_a_complaint, without


def alarm_of(house: FullHouse) -> Alarm:
    """The one that is next."""
    alarm = house.complaint.alarm
    assert alarm is not None
    return alarm


def test_an_alarm_on_time_does_what_is_due_and_sets_the_next_one() -> None:
    house = with_a_complaint()
    alarm = alarm_of(house)
    house.clock.now = alarm.at

    assert house.checking.check(house.complaint.id, alarm)

    assert {email for email, _ in house.alerts()} == {ANI.email, BUDI.email, CITRA.email}
    assert house.complaint.breaches[0].noticed_at == alarm.at
    assert house.tasks.alarms[-1] == (house.complaint.id, alarm_of(house), None)
    assert alarm_of(house) != alarm


def test_the_same_alarm_again_does_nothing() -> None:
    house = with_a_complaint()
    alarm = alarm_of(house)
    house.ring()
    before = house.complaint
    assert not house.checking.check(before.id, alarm)
    assert house.complaint == before


def test_an_alarm_that_comes_early_is_set_again_under_another_name() -> None:
    house = with_a_complaint()
    alarm = alarm_of(house)
    before = house.complaint
    house.clock.now = alarm.at - timedelta(seconds=1)

    assert not house.checking.check(before.id, alarm)

    assert house.tasks.alarms[-1] == (before.id, alarm, house.clock.now)
    assert house.complaint == before


def test_an_early_alarm_of_another_time_or_the_sweeps_look_is_not_set_again() -> None:
    house = with_a_complaint()
    set_before = list(house.tasks.alarms)
    house.wait(1)
    for alarm in (None, alarm_of(house).model_copy(update={"rung": 2})):
        assert not house.checking.check(house.complaint.id, alarm)
    assert house.tasks.alarms == set_before


def test_the_alarm_of_a_step_that_is_over_does_nothing_though_another_is_late() -> None:
    house = with_a_complaint()
    old = alarm_of(house)
    house.do(ActName.RECEIVE, ANI)
    house.wait(99)
    before = house.complaint
    assert not house.checking.check(before.id, old)
    assert house.complaint == before
    assert house.checking.check(before.id, None)


def test_a_complaint_that_never_came_or_rings_no_more_is_left_alone() -> None:
    house = with_a_complaint()
    alarm = alarm_of(house)
    assert not house.checking.check("261124-NEVER", alarm)
    house.hear("ADUAN BARU", "batal")
    assert house.complaint.alarm is None
    assert not house.checking.check(house.complaint.id, alarm)


def test_a_vacant_desk_is_known_to_the_check() -> None:
    house = with_a_complaint(*without(CITRA))
    house.do(ActName.RECEIVE, ANI)
    house.ring()
    ((email, alert),) = house.alerts()
    assert email == EKO.email
    assert isinstance(alert, Template)
    assert alert.parameters[1].endswith("tetapi belum ada petugas di meja itu")


class Counting(InMemoryStaffList):
    """A staff list that knows how often the whole of it was read."""

    reads = 0

    def members(self) -> tuple[StaffMember, ...]:
        self.reads += 1
        return super().members()


def test_a_check_reads_the_staff_list_once() -> None:
    staff = Counting(*EVERYBODY)
    house = FullHouse(store=InMemoryStore(staff))
    house.hear(SET_FORMAT)
    staff.reads = 0
    assert house.ring()
    assert staff.reads == 1


class Busy(InMemoryStore):
    """Somebody else writes first, so many times."""

    conflicts = 0

    def commit(self, commit: Commit) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise Conflict
        super().commit(commit)


@pytest.mark.parametrize("conflicts", [1, 3])
def test_a_check_that_meets_another_writer_looks_again(conflicts: int) -> None:
    store = Busy(InMemoryStaffList(*EVERYBODY))
    house = FullHouse(store=store)
    house.hear(SET_FORMAT)
    store.conflicts = conflicts
    assert house.ring()
    assert store.conflicts == 0
    assert len(house.complaint.breaches) == 1


def test_whoever_meets_another_writer_every_time_is_told_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(retrying, "time", SimpleNamespace(sleep=pauses.append))
    store = Busy(InMemoryStaffList(*EVERYBODY))
    house = FullHouse(store=store)
    house.hear(SET_FORMAT)
    store.conflicts = 12
    with pytest.raises(Conflict):
        house.ring()
    assert (store.conflicts, len(pauses)) == (0, 11)


def test_what_was_done_before_is_no_conflict_and_is_not_tried_again() -> None:
    store = Busy(InMemoryStaffList(*EVERYBODY))
    house = FullHouse(store=store)
    house.hear(SET_FORMAT)
    given = house.given()
    house.desk.act(ANI, house.complaint.id, ActName.RECEIVE, given)
    loaded = house.desk.open(house.complaint.id)
    with pytest.raises(AlreadyDone):
        store.commit(Commit(complaint=loaded, request=store.requests[given.request_id]))


def test_the_record_says_who_was_told_in_place_of_a_desk_with_nobody_at_it() -> None:
    house = with_a_complaint(*without(CITRA))

    house.ring()

    told = (Role.WHATSAPP_ADMIN, Role.DIVISION_HEAD)
    assert [rung.told for rung in house.complaint.breaches[0].rungs] == [told]
    assert {email for email, _ in house.alerts()} == {ANI.email, BUDI.email, EKO.email}

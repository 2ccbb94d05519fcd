"""How a decision becomes a fact: the alarm first, then one commit, then the tasks; and what is asked of the list."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from aduan.procedure.acts import AddMessage
from aduan.procedure.complaint import Alarm
from aduan.procedure.definition import ActName
from aduan.procedure.roles import Role, StaffMember
from aduan.service.channel import MessageKind
from aduan.service.model import RowKind
from aduan.service.ports import Commit, Conflict, RowRef
from tests.service.fakes import InMemoryStaffList, InMemoryStore, RecordingTasks
from tests.service.full_house import (
    ANI,
    BUDI,
    CITRA,
    DODI,
    EKO,
    EVERYBODY,
    SET_FORMAT,
    FullHouse,
    full_house,
    with_a_complaint,
    without,
)
from tests.service.talk import message


class Diary:
    """What happened, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []


class WritingStore(InMemoryStore):
    """A store that notes its commits; `broken`: it takes none."""

    diary: Diary
    broken = False

    def commit(self, commit: Commit) -> None:
        if self.broken:
            raise Conflict
        super().commit(commit)
        self.diary.lines.append("commit")


class WritingTasks(RecordingTasks):
    """Tasks that note what is asked of them."""

    diary: Diary

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        super().set_alarm(complaint_id, alarm, again)
        self.diary.lines.append("alarm")

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        super().send(rows, not_before, fetch=fetch)
        self.diary.lines.append(f"{len(rows)} rows, {len(fetch)} files")


class CountingStaff(InMemoryStaffList):
    """A staff list that notes how it is asked."""

    def __init__(self, *members: StaffMember) -> None:
        super().__init__(*members)
        self.asked: list[str] = []

    def members(self) -> tuple[StaffMember, ...]:
        self.asked.append("all")
        return super().members()

    def at(self, role: Role) -> tuple[StaffMember, ...]:
        self.asked.append(role.value)
        return tuple(member for member in super().members() if role in member.roles)


def writing(*staff: StaffMember) -> tuple[FullHouse, Diary, CountingStaff]:
    """A house whose every step is noted."""
    diary, people = Diary(), CountingStaff(*(staff or EVERYBODY))
    store, tasks = WritingStore(people), WritingTasks()
    store.diary = tasks.diary = diary
    house = FullHouse(store=store, tasks=tasks)
    house.hear(SET_FORMAT)
    people.asked.clear()
    return house, diary, people


def test_the_alarm_is_set_before_the_commit_that_needs_it_and_the_tasks_after_it() -> None:
    house, diary, _ = writing()
    diary.lines.clear()
    house.do(ActName.SETTLE, ANI)
    assert diary.lines == ["alarm", "commit", "1 rows, 0 files"]


def test_an_alarm_that_stands_already_is_not_set_again() -> None:
    house, diary, _ = writing()
    house.do(ActName.RECEIVE, ANI)
    diary.lines.clear()
    house.do(ActName.ASK_DATABASE_ADMIN, ANI)
    assert diary.lines == ["commit", "1 rows, 0 files"]


def test_what_nobody_is_told_needs_no_task() -> None:
    house, diary, _ = writing()
    diary.lines.clear()
    house.do(ActName.RECEIVE, ANI)
    assert diary.lines == ["alarm", "commit"]


def test_what_rings_no_more_sets_no_alarm() -> None:
    house, diary, _ = writing()
    house.hear("ADUAN BARU")
    diary.lines.clear()
    house.hear("batal")
    assert diary.lines == ["commit", "1 rows, 0 files"]


def test_the_first_alarm_of_a_draft_is_set_though_nothing_was_read_before() -> None:
    diary = Diary()
    store, tasks = WritingStore(CountingStaff(*EVERYBODY)), WritingTasks()
    store.diary = tasks.diary = diary
    house = FullHouse(store=store, tasks=tasks)
    house.hear("Selamat pagi")
    assert diary.lines == ["alarm", "commit", "1 rows, 0 files"]
    assert [(name, alarm) for name, alarm, _ in tasks.alarms] == [(house.complaint.id, house.complaint.alarm)]


def test_a_commit_that_fails_sends_nothing() -> None:
    house, diary, _ = writing()
    store = house.store
    assert isinstance(store, WritingStore)
    loaded = house.desk.open(house.complaint.id)
    transition = house.desk.settling.decide(loaded.value, AddMessage(), house.clock.now, None)
    diary.lines.clear()
    store.broken = True
    with pytest.raises(Conflict):
        house.desk.settling.settle(loaded, transition, house.clock.now, Commit())
    assert diary.lines == []


def test_everything_is_in_one_commit_and_comes_back_as_it_is_written() -> None:
    house = with_a_complaint()
    loaded = house.desk.open(house.complaint.id)
    act_rows = house.store.commits[-1].new_rows
    assert [row.kind for row in act_rows] == [RowKind.NOTICE]
    now = house.clock.now
    transition = house.desk.settling.decide(loaded.value, AddMessage(), now, None)
    extra = house.outgoing.to_citizen(
        ("x",), house.citizen.id, None, house.outgoing.answer_text(loaded.value, "x"), now
    )

    after = house.desk.settling.settle(loaded, transition, now, Commit(new_rows=(extra,)))

    commit = house.store.commits[-1]
    assert (commit.complaint, commit.events, commit.new_rows) == (after, transition.events, (extra,))
    assert (after.value, after.key, after.mark) == (transition.complaint, loaded.key, loaded.mark)
    assert house.tasks.sent[-1] == (RowRef.to(extra), None)


# Files


def test_a_message_with_a_file_asks_for_it_to_be_fetched_and_one_without_does_not() -> None:
    house = with_a_complaint()
    assert house.tasks.fetches == []
    house.hear(message(kind=MessageKind.IMAGE))
    (wanted,) = (one for one in house.store.messages if one.file)
    assert house.tasks.fetches == [(wanted.id, None)]


# Who is asked for


def test_where_nobody_new_is_concerned_the_staff_list_is_not_read() -> None:
    house, _, people = writing()
    house.hear("Halo?")  # it stands before the desk where it stood
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.TAKE_OVER, BUDI)
    house.hear("Halo?")
    assert people.asked == []


def test_a_message_to_a_desk_that_is_vacant_tells_the_next_rung_no_second_time() -> None:
    house = with_a_complaint(*without(ANI, BUDI))
    told = house.alerts()
    assert [email for email, _ in told] == [CITRA.email]
    house.hear("Halo?", "Bagaimana?")
    assert house.alerts() == told


def test_where_it_comes_to_a_desk_just_that_desk_is_asked_for() -> None:
    house, _, people = writing()
    house.do(ActName.FORWARD, ANI)
    assert people.asked == ["section_head"]


def test_where_the_desk_is_vacant_in_this_unit_the_whole_list_is_read_and_the_next_rung_told() -> None:
    for gone in ((CITRA, DODI), (CITRA,)):
        house, _, people = writing(*without(*gone))
        people.asked.clear()
        house.do(ActName.FORWARD, ANI)
        assert people.asked[:2] == ["section_head", "all"]
        assert [email for email, _ in house.alerts()] == [EKO.email]


def test_a_desk_whose_only_person_is_not_active_is_vacant() -> None:
    house, _, _ = writing(*without(CITRA), CITRA.model_copy(update={"active": False}))
    house.do(ActName.FORWARD, ANI)
    assert [email for email, _ in house.alerts()] == [EKO.email]


def test_a_draft_is_its_citizens_own_and_tells_nobody_that_a_desk_is_vacant() -> None:
    house = full_house(*without(ANI, BUDI))
    house.hear("Selamat pagi", "KTP")
    assert house.alerts() == []
    house.hear(SET_FORMAT)
    assert [email for email, _ in house.alerts()] == [CITRA.email]


def test_what_is_in_somebodys_hands_asks_for_no_desk() -> None:
    house, _, people = writing(*without(ANI, BUDI))
    house.do(ActName.RECEIVE, CITRA)
    assert [row for row in house.alerts() if row[0] != CITRA.email] == []
    people.asked.clear()
    house.do(ActName.ASK_DATABASE_ADMIN, CITRA)
    assert "whatsapp_admin" not in people.asked


def test_a_decision_may_be_told_who_is_there() -> None:
    house = with_a_complaint()
    settling, complaint = house.desk.settling, house.complaint
    alarm = complaint.alarm
    assert alarm is not None
    told_all = settling.decide(complaint, AddMessage(), house.clock.now, EVERYBODY)
    assert told_all.effects == ()
    replaced = replace(settling, staff=InMemoryStaffList())
    act = AddMessage()
    assert replaced.decide(complaint, act, house.clock.now, None).effects == ()

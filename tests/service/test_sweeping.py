"""What the tasks missed: found by the sweep, page after page, and one that is broken holds up no other."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aduan.procedure.complaint import Complaint
from aduan.service.channel import MessageKind
from aduan.service.ports import DueAlarm, DueRow, Loaded, RowRef
from aduan.service.sweeping import Swept
from tests.service.fakes import InMemoryStore, RecordingTasks
from tests.service.full_house import SET_FORMAT
from tests.service.post_room import PostRoom, post_room
from tests.service.talk import message

MINUTE = timedelta(minutes=1)


def settled() -> PostRoom:
    """Nothing is due."""
    room = post_room()
    room.send()
    return room


def test_where_nothing_is_due_nothing_is_done() -> None:
    room = settled()
    assert room.sweeping.sweep() == Swept(0, 0, 0, 0, 0)
    assert room.tasks.sent == []


@pytest.mark.parametrize(("late", "holes"), [(timedelta(), 0), (5 * MINUTE, 0), (5 * MINUTE + timedelta(seconds=1), 1)])
def test_an_alarm_that_nobody_rang_is_rung_and_is_a_hole_after_a_whole_period(late: timedelta, holes: int) -> None:
    room = settled()
    alarm = room.complaint.alarm
    assert alarm is not None
    room.clock.now = alarm.at + late

    swept = room.sweeping.sweep()

    assert (swept.alarms, swept.holes, swept.failed) == (1, holes, 0)
    assert room.complaint.breaches != ()
    assert {email for email, _ in room.alerts()} != set()


@pytest.mark.parametrize(("late", "holes"), [(timedelta(), 0), (5 * MINUTE, 0), (5 * MINUTE + timedelta(seconds=1), 1)])
def test_a_row_that_no_task_took_up_gets_another_and_is_a_hole_after_a_whole_period(
    late: timedelta, holes: int
) -> None:
    room = post_room()
    row = room.row()
    assert row.next_at is not None
    room.clock.now = row.next_at + late

    swept = room.sweeping.sweep()

    assert (swept.rows, swept.holes, swept.alarms, swept.failed) == (1, holes, 0, 0)
    assert room.now_tasks() == [(row.id, room.clock.now)]


@pytest.mark.parametrize(("seconds", "files"), [(59, 0), (60, 1), (61, 1)])
def test_a_file_that_no_task_fetched_gets_another_but_not_while_it_is_being_fetched(seconds: int, files: int) -> None:
    room = settled()
    room.hear(message(kind=MessageKind.IMAGE))
    room.tasks.fetches.clear()
    room.clock.now += timedelta(seconds=seconds)

    swept = room.sweeping.sweep()

    assert swept.media == files
    kept = [one.id for one in room.store.messages if one.wants_file]
    assert room.tasks.fetches == [(name, room.clock.now) for name in kept[:files]]


class Crowded(InMemoryStore):
    """Far more is due than a page holds, and all of it stays so."""

    many = 0
    asked: list[tuple[int, str | None]]

    def due_rows(self, until: datetime, limit: int, after: DueRow | None = None) -> tuple[DueRow, ...]:
        self.asked.append((limit, after.ref.row if after else None))
        first = int(after.ref.row) + 1 if after else 0
        last = min(self.many, first + limit)
        return tuple(DueRow(RowRef(str(number)), until - MINUTE * number) for number in range(first, last))


def crowded(many: int) -> PostRoom:
    """So many rows are due."""
    room = post_room()
    store = Crowded(room.store.staff)
    vars(store).update(vars(room.store))
    store.many, store.asked = many, []
    room.sweeping = replace(room.sweeping, store=store)
    return room


@pytest.mark.parametrize(
    ("many", "pages"), [(0, 1), (99, 1), (100, 2), (101, 2), (250, 3), (10_000, 100), (10_001, 100), (20_000, 100)]
)
def test_after_an_outage_all_rows_are_found_page_after_page_and_there_is_an_end(many: int, pages: int) -> None:
    room = crowded(many)

    swept = room.sweeping.sweep()

    found = min(many, 10_000)
    assert (swept.rows, swept.failed) == (found, 0)
    assert swept.holes == max(0, found - 6)
    assert [ref.row for ref, _ in room.tasks.sent] == [str(number) for number in range(found)]
    store = room.sweeping.store
    assert isinstance(store, Crowded)
    assert store.asked == [(100, None), *((100, str(100 * page - 1)) for page in range(1, pages))]


class Broken(RecordingTasks):
    """Takes nothing after so many calls."""

    calls = 0

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Sequence[str] = ()) -> None:
        if self.calls == 0:
            raise ConnectionError("the queue is down")
        self.calls -= 1
        super().send(rows, not_before, fetch=fetch)


@pytest.mark.parametrize(("calls", "rows", "failed"), [(0, 0, 2), (1, 100, 2), (2, 200, 2), (3, 250, 1)])
def test_a_queue_that_is_down_stops_the_sweep_of_its_rows_and_says_so(calls: int, rows: int, failed: int) -> None:
    room = crowded(250)
    tasks = Broken()
    tasks.calls = calls
    room.sweeping = replace(room.sweeping, tasks=tasks)

    swept = room.sweeping.sweep()

    assert (swept.rows, swept.failed, swept.media) == (rows, failed, 0)
    assert swept.holes == max(0, rows - 6)


class OneIsBroken(InMemoryStore):
    """One complaint cannot be read, and is always due; others are due until they are checked."""

    broken = ""
    due: list[DueAlarm]

    def due_alarms(self, until: datetime, limit: int) -> tuple[DueAlarm, ...]:
        assert limit >= 100
        return tuple(one for one in self.due if one.at <= until)[:limit]

    def complaint(self, complaint_id: str) -> Loaded[Complaint] | None:
        if complaint_id == self.broken:
            raise ValueError("cannot be opened")
        self.due = [one for one in self.due if one.id != complaint_id]
        return super().complaint(complaint_id)


def test_one_complaint_that_cannot_be_mended_holds_up_no_other() -> None:
    room = settled()
    alarm = room.complaint.alarm
    assert alarm is not None
    room.clock.now = alarm.at
    store = OneIsBroken(room.store.staff)
    vars(store).update(vars(room.store))
    store.broken = "first"
    others = [DueAlarm(f"unknown-{number}", room.clock.now, None, None) for number in range(250)]
    broken = DueAlarm("first", room.clock.now - 6 * MINUTE, "ADU-1", None)
    store.due = [broken, *others, DueAlarm(room.complaint.id, alarm.at, room.complaint.number, None)]
    room.sweeping = replace(room.sweeping, store=store, checking=replace(room.checking, store=store))

    swept = room.sweeping.sweep()

    assert (swept.failed, swept.alarms, swept.holes) == (1, 1, 1)
    assert store.due == [broken]


def test_what_was_swept_adds_up() -> None:
    both = Swept(1, 2, 3, 4, 5, 6, 7) + Swept(10, 20, 30, 40, 50, 60, 70)
    assert both == Swept(11, 22, 33, 44, 55, 66, 77)


def test_what_a_sweep_asks_for_again_is_sent_when_its_task_comes() -> None:
    room = post_room()
    room.wait(2)
    room.sweeping.sweep()
    ((ref, _),) = room.tasks.sent
    room.sending.send(ref)
    assert room.row().accepted_at == room.clock.now


def test_all_alarms_that_nobody_rang_are_counted() -> None:
    room = settled()
    room.hear("ADUAN BARU", SET_FORMAT)
    first, second = room.complaints
    assert first.alarm is not None
    assert second.alarm is not None
    room.clock.now = max(first.alarm.at, second.alarm.at)
    assert room.sweeping.sweep().alarms == 2


class Full(InMemoryStore):
    """More files are due than are asked for at a time."""

    def due_fetches(self, until: datetime, limit: int) -> tuple[str, ...]:
        assert until < datetime.max.replace(tzinfo=until.tzinfo)
        return tuple(str(number) for number in range(2000))[:limit]


def test_a_thousand_files_are_asked_for_at_a_time() -> None:
    room = settled()
    store = Full(room.store.staff)
    vars(store).update(vars(room.store))
    assert replace(room.sweeping, store=store).sweep().media == 1000
    assert len(room.tasks.fetches) == 1000

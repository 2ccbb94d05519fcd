"""Budgets are minutes of service time: the same moments under the office's hours, with a lunch break, and continuous.

Each moment is lived through over HTTP: a complaint comes, its deadline is read off the portal, and time runs up to the
second before it and to the deadline itself.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.scenes import ANSWER, NOTE, another_world, inbox, submitted, told
from tests.end_to_end.world import ADMIN, ADMIN2, CONTINUOUS, KABID, KADIS, KASI, World

WIB = ZoneInfo("Asia/Jakarta")
SECOND = timedelta(seconds=1)
LUNCH_BREAK = """
name = "Kantor dengan istirahat siang"
timezone = "Asia/Jakarta"
confirmed = true
[weekly]
monday = [["07:30", "12:00"], ["13:00", "16:00"]]
tuesday = [["07:30", "12:00"], ["13:00", "16:00"]]
wednesday = [["07:30", "12:00"], ["13:00", "16:00"]]
thursday = [["07:30", "12:00"], ["13:00", "16:00"]]
friday = [["07:30", "11:30"], ["13:00", "14:30"]]
[holidays]
country = "ID"
categories = ["public", "government"]
"""


def wib(text: str) -> datetime:
    """A moment on the office's wall clock, as '2026-08-14 14:25'."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


@dataclass(frozen=True)
class Moment:
    """When a complaint comes, and when its step 2 is due under each calendar; None: it is not lived through there."""

    sent: str
    office: str
    continuous: str
    lunch: str | None = None


# Chronological, each after the deadline of the one before: they are lived through one after the other.
MOMENTS = {
    "on a national holiday": Moment("2026-05-01 09:00", "2026-05-04 07:40", "2026-05-01 09:10"),
    "on cuti bersama": Moment("2026-05-15 09:00", "2026-05-18 07:40", "2026-05-15 09:10"),
    "over Friday prayers": Moment("2026-08-07 11:25", "2026-08-07 11:35", "2026-08-07 11:35", "2026-08-07 13:05"),
    "until Friday's closing": Moment("2026-08-07 14:20", "2026-08-07 14:30", "2026-08-07 14:30", "2026-08-07 14:30"),
    "in the morning": Moment("2026-08-11 09:00", "2026-08-11 09:10", "2026-08-11 09:10", "2026-08-11 09:10"),
    "over the lunch break": Moment("2026-08-11 11:55", "2026-08-11 12:05", "2026-08-11 12:05", "2026-08-11 13:05"),
    "in the lunch break": Moment("2026-08-12 12:30", "2026-08-12 12:40", "2026-08-12 12:40", "2026-08-12 13:10"),
    "before 17 August, a Monday": Moment("2026-08-14 14:25", "2026-08-18 07:35", "2026-08-14 14:35"),
    "on Friday afternoon": Moment("2026-11-27 14:25", "2026-11-30 07:35", "2026-11-27 14:35"),
    "at Friday's closing": Moment("2026-12-04 14:30", "2026-12-07 07:40", "2026-12-04 14:40"),
    "at the weekend": Moment("2026-12-12 10:00", "2026-12-14 07:40", "2026-12-12 10:10"),
    "before the office opens": Moment("2026-12-15 07:25", "2026-12-15 07:40", "2026-12-15 07:35"),
    "at 22:00": Moment("2026-12-15 22:00", "2026-12-16 07:40", "2026-12-15 22:10"),
    "before cuti bersama": Moment("2026-12-23 15:55", "2026-12-28 07:35", "2026-12-23 16:05"),
}
CALENDARS = ("office", "lunch", "continuous")
CASES = [(calendar, name) for calendar in CALENDARS for name in MOMENTS if getattr(MOMENTS[name], calendar)]


@dataclass(frozen=True)
class Lived:
    """What was seen of one moment."""

    due: datetime
    acknowledged: datetime
    told_a_second_before: list[str]
    told_at_the_deadline: list[str]


def live_through(world: World, sent: datetime, phone: str) -> Lived:
    world.clock.now = sent
    number = submitted(world, phone)
    due = datetime.fromisoformat(world.complaint(number)["due_at"])
    world.advance(seconds=(due - SECOND - world.clock.now).total_seconds())
    before = [email for people in told(world, number).values() for email in people]
    world.advance(seconds=1)
    after = [email for people in told(world, number).values() for email in people]
    world.tasks.drop_all()  # of its next rungs; the next moment stands for itself
    return Lived(due, world.citizen(phone).inbox[0].at, before, after)


@pytest.fixture(scope="module")
def lived(
    firestore_emulator: FirestoreEmulator, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Lived]:
    """Every moment under each calendar."""
    lunch = tmp_path_factory.mktemp("kantor") / "calendar.toml"
    lunch.write_text(LUNCH_BREAK, encoding="utf-8")
    seen = {}
    for calendar, file in {"office": None, "lunch": lunch, "continuous": CONTINUOUS}.items():
        with another_world(firestore_emulator.host, calendar=file, now=wib("2026-05-01 08:00")) as world:
            for index, name in enumerate(name for under, name in CASES if under == calendar):
                sent = wib(MOMENTS[name].sent)
                assert sent >= world.clock.now
                seen[calendar, name] = live_through(world, sent, f"+62812000000{index:02}")
    return seen


@pytest.mark.parametrize(("calendar", "name"), CASES)
def test_the_deadline_is_counted_in_service_time(lived: dict[tuple[str, str], Lived], calendar: str, name: str) -> None:
    assert lived[calendar, name].due == wib(getattr(MOMENTS[name], calendar))


@pytest.mark.parametrize(("calendar", "name"), CASES)
def test_the_check_rings_at_the_deadline_and_not_a_second_before(
    lived: dict[tuple[str, str], Lived], calendar: str, name: str
) -> None:
    assert lived[calendar, name].told_a_second_before == []
    assert lived[calendar, name].told_at_the_deadline == [ADMIN, ADMIN2, KASI]


@pytest.mark.parametrize(("calendar", "name"), CASES)
def test_a_complaint_is_acknowledged_at_once_whatever_the_hour(
    lived: dict[tuple[str, str], Lived], calendar: str, name: str
) -> None:
    assert lived[calendar, name].acknowledged == wib(MOMENTS[name].sent)


# What else the office's hours stop


OfficeAt = Callable[[str], World]


@pytest.fixture
def office_at(firestore_emulator: FirestoreEmulator) -> Iterator[OfficeAt]:
    """A world with the office's hours, beginning at a moment on its wall clock."""
    with ExitStack() as stack:
        host = firestore_emulator.host
        yield lambda now: stack.enter_context(another_world(host, calendar=None, now=wib(now)))


def until(world: World, moment: str) -> None:
    world.advance(seconds=(wib(moment) - world.clock.now).total_seconds())


def told_when(world: World) -> dict[datetime, list[str]]:
    """Who was told, by the moment."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return {start + timedelta(minutes=at): people for at, people in told(world, since=start).items()}


def test_escalations_and_the_whole_stop_at_the_closing_and_go_on_at_the_opening(office_at: OfficeAt) -> None:
    world = office_at("2026-11-24 15:40")
    number = submitted(world)
    world.did(number, "receive", ADMIN)
    until(world, "2026-11-25 10:00")
    assert told_when(world) == {
        wib("2026-11-25 07:40"): [KASI],  # 20 minutes of step 3 on Tuesday, 10 on Wednesday
        wib("2026-11-25 08:10"): [KABID],
        wib("2026-11-25 08:40"): [KADIS],
        wib("2026-11-25 09:50"): [KADIS],  # 20 and 140 minutes make the 160
    }


def test_what_stands_after_its_last_rung_is_listed_when_the_office_opens_on_each_service_day(
    office_at: OfficeAt,
) -> None:
    world = office_at("2026-11-27 13:30")
    submitted(world)
    until(world, "2026-12-01 12:00")
    lists = [message.at for message in inbox(world, KABID) if "Daftar harian" in message.text]
    assert lists == [wib("2026-11-30 07:30"), wib("2026-12-01 07:30")]


def test_a_missing_approval_is_reminded_in_service_time(office_at: OfficeAt) -> None:
    world = office_at("2026-11-27 14:10")
    number = submitted(world)
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    until(world, "2026-11-30 08:20")
    assert told_when(world) == {wib("2026-11-30 07:40"): [KASI], wib("2026-11-30 08:10"): [KABID]}


def test_a_wait_is_limited_to_24_hours_of_service_time(office_at: OfficeAt) -> None:
    world = office_at("2026-11-24 09:00")
    number = submitted(world)
    world.did(number, "receive", ADMIN)
    world.did(number, "ask_complainant", ADMIN, question="Nomor KK Anda?")
    until(world, "2026-11-26 15:59")  # 7 hours on Tuesday, 8½ on Wednesday, 8½ on Thursday
    assert world.complaint(number)["paused"]
    until(world, "2026-11-26 16:00")
    assert not world.complaint(number)["paused"]
    until(world, "2026-11-27 07:59")
    assert told_when(world) == {}
    until(world, "2026-11-27 08:00")
    assert told_when(world) == {wib("2026-11-27 08:00"): [KASI]}


def test_a_draft_begun_at_night_is_reminded_ten_minutes_after_the_opening(office_at: OfficeAt) -> None:
    world = office_at("2026-11-24 22:00")
    citizen = world.citizen()
    citizen.write("Selamat malam")
    world.settle()
    until(world, "2026-11-25 12:00")
    assert [message.at for message in citizen.inbox] == [wib("2026-11-24 22:00"), wib("2026-11-25 07:40")]

"""The eight clocks of IKMT-PIAK-01-06, each alarm rung by the stand-in for Cloud Tasks, each alert read off a phone.

All eight steps stand side by side in one world, entered in the same minute, so that one walk through time tells the
story of each. Every minute counts here; the office's hours are `test_service_hours_over_http.py`'s.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from infra.local.firestore import FirestoreEmulator
from tests.end_to_end.scenes import (
    ANSWER,
    EVERY_STEP,
    MINUTES,
    NOTE,
    Case,
    another_world,
    checks,
    events,
    finish,
    inbox,
    minute,
    numbers_in,
    standing_at,
    submitted,
    told,
)
from tests.end_to_end.world import ADMIN, ADMIN2, KABID, KADIS, KASI, NINE_ON_TUESDAY, World

ADMINS_AND_KASI = [ADMIN, ADMIN2, KASI]
KABID_AND_KADIS = [KABID, KADIS]
OPENING = 15 * 60
"""Minutes from nine in the morning to the next midnight, when a service day without hours begins."""
DAY = 24 * 60

DAILY = {OPENING: KABID_AND_KADIS, OPENING + DAY: KABID_AND_KADIS}
WHOLE = {160: [KADIS]}
LADDERS: dict[int, dict[int, list[str]]] = {
    1: {},
    2: {10: ADMINS_AND_KASI, 20: [KABID], 30: [KADIS], **WHOLE, **DAILY},
    3: {30: [KASI], 60: [KABID], 90: [KADIS], **WHOLE, **DAILY},
    4: {30: [KABID], 60: [KADIS], **WHOLE, **DAILY},
    5: {30: [KABID], 60: [KADIS], **WHOLE, **DAILY},
    6: {30: [KADIS], **WHOLE, **DAILY},
    7: {10: [KASI], 20: [KABID], 30: [KADIS], **WHOLE, **DAILY},
    8: {10: [ADMIN, ADMIN2]},
}
"""Who is told at which minute after the step began, if nobody does anything."""

Silent = Callable[[], AbstractContextManager[World]]
Rungs = list[tuple[int, int, list[str]]]
ONE_TWO_THREE: Rungs = [
    (1, 10, ["whatsapp_admin", "section_head"]), (2, 20, ["division_head"]), (3, 30, ["agency_head"]),
]  # fmt: skip
BREACHES: dict[int, list[tuple[int | None, int, Rungs]]] = {
    1: [],
    2: [(2, 10, ONE_TWO_THREE)],
    3: [
        (3, 30, [(1, 30, ["section_head"])]),
        (4, 60, [(1, 60, ["division_head"])]),
        (6, 90, [(1, 90, ["agency_head"])]),
    ],
    4: [(4, 30, [(1, 30, ["division_head"])]), (6, 60, [(1, 60, ["agency_head"])])],
    5: [(5, 30, [(1, 30, ["division_head"]), (2, 60, ["agency_head"])])],
    6: [(6, 30, [(1, 30, ["agency_head"])])],
    7: [(7, 10, [(1, 10, ["section_head"]), (2, 20, ["division_head"]), (3, 30, ["agency_head"])])],
    8: [(8, 10, [(1, 10, ["whatsapp_admin"])])],
}
"""The steps that ran over, when each was due, and its rungs: number, minute, desks told."""
WHOLE_BREACH = (None, 160, [(1, 160, ["agency_head"])])


@dataclass(frozen=True)
class Scene:
    """The eight cases, and what is known of each."""

    world: World
    cases: dict[int, Case]
    seen: dict[int, dict[str, Any]] = field(default_factory=dict)

    def complaint(self, step: int) -> dict[str, Any]:
        return self.world.complaint(self.cases[step].address)


@pytest.fixture(scope="module")
def silent(firestore_emulator: FirestoreEmulator) -> Silent:
    """Makes worlds in which WhatsApp reports nothing as delivered, so that step 8 stands."""
    return lambda: another_world(firestore_emulator.host, auto_status="sent")


def all_steps(world: World) -> Scene:
    scene = Scene(world, {step: standing_at(world, step) for step in EVERY_STEP})
    assert world.clock.now == NINE_ON_TUESDAY
    return scene


# Left alone


@pytest.fixture(scope="module")
def left_alone(silent: Silent) -> Iterator[Scene]:
    """Two days in which nobody does anything."""
    with silent() as world:
        scene = all_steps(world)
        world.advance(minutes=OPENING + DAY + 1)
        yield scene


@pytest.mark.parametrize("step", EVERY_STEP)
def test_each_person_is_told_once_at_each_rung(left_alone: Scene, step: int) -> None:
    assert told(left_alone.world, left_alone.cases[step].known_as) == LADDERS[step]


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_breach_is_recorded_once_with_each_rung_that_was_told(left_alone: Scene, step: int) -> None:
    breaches = left_alone.complaint(step)["breaches"]
    found = [
        (breach["step"], minute(breach["due_at"]), [(r["rung"], minute(r["at"]), r["told"]) for r in breach["rungs"]])
        for breach in breaches
    ]
    expected = [*BREACHES[step], *([WHOLE_BREACH] if 160 in LADDERS[step] else [])]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert all(breach["noticed_at"] == breach["due_at"] for breach in breaches)


def test_the_complainant_is_reminded_once_of_what_is_missing(left_alone: Scene) -> None:
    draft = left_alone.cases[1]
    greeting, reminder = draft.citizen.inbox
    assert minute(reminder.at) == 10
    assert "Nama, NIK" in reminder.text
    assert "Nama, NIK" not in greeting.text
    assert [event["type"] for event in events(left_alone.complaint(1), "reminded", "breached")] == ["reminded"]


def test_the_daily_list_is_one_message_a_day_that_names_all_that_stand(left_alone: Scene) -> None:
    standing = sorted(left_alone.cases[step].address for step in (2, 3, 4, 5, 6, 7))
    for email in (KABID, KADIS):
        lists = [message for message in inbox(left_alone.world, email) if "Daftar harian" in message.text]
        assert [minute(message.at) for message in lists] == [OPENING, OPENING + DAY]
        assert [sorted(numbers_in(message.text)) for message in lists] == [standing, standing]


def test_every_check_that_has_rung_may_come_once_more_and_changes_nothing(left_alone: Scene) -> None:
    world = left_alone.world
    before = told(world), {step: left_alone.complaint(step) for step in EVERY_STEP}
    rung = {call.name for call in world.tasks.created("sla-checks")} - set(checks(world))
    assert len(rung) > len(EVERY_STEP)
    assert all(world.tasks.redeliver(name).succeeded for name in rung)
    world.settle()
    assert (told(world), {step: left_alone.complaint(step) for step in EVERY_STEP}) == before


def test_a_citizen_who_completes_the_form_long_after_the_reminder_is_no_breach_of_step_one(left_alone: Scene) -> None:
    """The last test in this scene: it goes on with it."""
    assert finish(left_alone.world, left_alone.cases[1]) == HTTPStatus.OK
    left_alone.world.advance(seconds=2)  # an alarm whose time has passed rings a little after its commit
    complaint = left_alone.complaint(1)
    assert (complaint["status"], complaint["step"]) == ("open", 2)
    assert [breach["step"] for breach in complaint["breaches"]] == [None]  # of the 160 minutes, honestly late


# On time


def at(world: World, minutes: int, seconds: int = 0) -> None:
    """Let time run up to a moment of the scene."""
    goal = NINE_ON_TUESDAY + timedelta(minutes=minutes, seconds=seconds)
    world.advance(seconds=(goal - world.clock.now).total_seconds())


@pytest.fixture(scope="module")
def on_time(silent: Silent) -> Iterator[Scene]:
    """Each step ends in its last second; then its check comes, and comes again. Seen before and after them."""
    with silent() as world:
        scene = all_steps(world)
        alarms = checks(world)
        for minutes in (10, 30):
            at(world, minutes, -1)
            due = [case for case in scene.cases.values() if MINUTES[case.step] == minutes]
            assert [finish(world, case) for case in due] == [HTTPStatus.OK] * len(due)
            before = {case.step: scene.complaint(case.step) for case in due}
            at(world, minutes, +1)
            assert all(world.tasks.redeliver(name).succeeded for name in alarms)
            world.settle()
            for case in due:
                after, heard = scene.complaint(case.step), told(world, case.known_as)
                scene.seen[case.step] = {"before": before[case.step], "after": after, "told": heard}
        yield scene


AFTERWARDS = {1: 2, 2: 3, 3: 4, 4: 5, 5: 7, 6: 7, 7: 8, 8: None}


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_step_that_ends_in_its_last_second_is_on_time(on_time: Scene, step: int) -> None:
    seen = on_time.seen[step]
    assert seen["after"]["step"] == AFTERWARDS[step]
    assert seen["after"]["breaches"] == []
    assert seen["told"] == {}


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_check_for_a_step_that_is_over_changes_nothing(on_time: Scene, step: int) -> None:
    assert on_time.seen[step]["before"] == on_time.seen[step]["after"]


# A second late


@pytest.fixture(scope="module")
def a_second_late(silent: Silent) -> Iterator[Scene]:
    """Each check comes once too early, which uses its task up, and twice when due; a second later the step is ended."""
    with silent() as world:
        scene = all_steps(world)
        early = checks(world)
        world.tasks.drop_all()
        assert all(world.tasks.redeliver(name).succeeded for name in early)
        again = world.tasks.pending("sla-checks")
        for minutes in (10, 30):
            at(world, minutes)
            assert all(world.tasks.redeliver(task.name).succeeded for task in again)
            at(world, minutes, +1)
            for case in scene.cases.values():
                if MINUTES[case.step] == minutes:
                    heard, status = told(world, case.known_as), finish(world, case)
                    scene.seen[case.step] = {"told": heard, "status": status, "complaint": scene.complaint(case.step)}
        yield scene


@pytest.mark.parametrize("step", EVERY_STEP)
def test_a_check_that_came_too_early_rings_again_on_time_and_one_that_comes_twice_tells_once(
    a_second_late: Scene, step: int
) -> None:
    first_rung = {at: people for at, people in LADDERS[step].items() if at <= MINUTES[step]}
    assert a_second_late.seen[step]["told"] == first_rung


@pytest.mark.parametrize("step", [2, 5, 6, 7, 8])
def test_an_act_a_second_late_is_accepted_and_ends_the_breach_that_was_noticed(a_second_late: Scene, step: int) -> None:
    assert a_second_late.seen[step]["status"] == HTTPStatus.OK
    complaint = a_second_late.seen[step]["complaint"]
    assert complaint["step"] == AFTERWARDS[step]
    (breach,) = complaint["breaches"]
    assert [minute(breach[at]) for at in ("due_at", "noticed_at")] == [MINUTES[step]] * 2
    assert minute(breach["ended_at"]) == pytest.approx(MINUTES[step] + 1 / 60)
    assert [rung["rung"] for rung in breach["rungs"]] == [1]


@pytest.mark.parametrize(("step", "now_at"), [(3, 4), (4, 6)])
def test_an_act_a_second_after_an_escalation_comes_too_late(a_second_late: Scene, step: int, now_at: int) -> None:
    assert a_second_late.seen[step]["status"] == HTTPStatus.CONFLICT
    complaint = a_second_late.seen[step]["complaint"]
    assert (complaint["step"], complaint["holder"]) == (now_at, None)


def test_a_form_completed_a_second_late_was_reminded_and_is_no_breach(a_second_late: Scene) -> None:
    complaint = a_second_late.seen[1]["complaint"]
    assert (complaint["step"], complaint["breaches"]) == (2, [])
    assert [event["type"] for event in events(complaint, "reminded")] == ["reminded"]


# Late though no check has fired


@pytest.fixture(scope="module")
def unnoticed(silent: Silent) -> Iterator[Scene]:
    """Every alarm is lost, and each step is ended a second late."""
    with silent() as world:
        scene = all_steps(world)
        world.tasks.drop_all()
        for minutes in (10, 30):
            world.clock.now = NINE_ON_TUESDAY + timedelta(minutes=minutes, seconds=1)
            for case in scene.cases.values():
                if MINUTES[case.step] == minutes:
                    status, heard = finish(world, case), told(world, case.known_as)
                    scene.seen[case.step] = {"told": heard, "status": status, "complaint": scene.complaint(case.step)}
        yield scene


@pytest.mark.parametrize("step", [2, 3, 4, 5, 6, 7, 8])
def test_a_late_act_before_any_check_records_the_breach_and_tells_nobody(unnoticed: Scene, step: int) -> None:
    assert unnoticed.seen[step]["status"] == HTTPStatus.OK
    complaint = unnoticed.seen[step]["complaint"]
    assert complaint["step"] == AFTERWARDS[step]
    (breach,) = complaint["breaches"]
    assert (breach["step"], minute(breach["due_at"]), breach["rungs"]) == (step, MINUTES[step], [])
    acted = MINUTES[step] + 1 / 60
    assert [minute(breach["noticed_at"]), minute(breach["ended_at"])] == pytest.approx([acted, acted])
    assert unnoticed.seen[step]["told"] == {}
    assert events(complaint, "escalated", "alerted") == []


# Escalation, and the whole


def test_a_late_check_escalates_from_the_moment_when_it_came(world: World) -> None:
    case = standing_at(world, 3)
    world.clock.now += timedelta(minutes=37)  # Cloud Tasks is seven minutes late
    world.settle()
    complaint = world.complaint(case.address)
    assert (complaint["step"], complaint["holder_role"], complaint["holder"]) == (4, "section_head", None)
    assert minute(complaint["due_at"]) == 37 + 30
    (breach,) = complaint["breaches"]
    assert [minute(breach[at]) for at in ("due_at", "noticed_at", "ended_at")] == [30, 37, 37]
    (escalated,) = events(complaint, "escalated")
    assert (escalated["actor"], escalated["step"]) == ("system", 3)
    assert "melewati 30 menit" in escalated["note"]
    assert f"dipegang oleh {ADMIN}" in escalated["note"]
    assert told(world) == {37: [KASI]}


def test_what_was_escalated_is_settled_by_the_desk_that_it_came_to(world: World) -> None:
    number = standing_at(world, 3).address
    world.advance(minutes=61)
    assert world.act(number, "respond", KASI, note=NOTE, answer=ANSWER).status_code == HTTPStatus.CONFLICT
    complaint = world.did(number, "respond", KABID, note=NOTE, answer=ANSWER)
    assert (complaint["step"], complaint["approved_by"]["role"]) == (7, "division_head")
    assert [breach["step"] for breach in complaint["breaches"]] == [3, 4]


def test_the_whole_is_not_late_when_it_is_answered_in_its_last_second(world: World) -> None:
    number = submitted(world)
    world.advance(minutes=159, seconds=59)
    complaint = world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    world.advance(minutes=1)
    assert "melewati total waktu" not in str([message.text for message in inbox(world, KADIS)])
    assert [breach["step"] for breach in complaint["breaches"]] == [2]


def test_the_whole_runs_from_the_first_message_and_ends_with_the_answer(world: World) -> None:
    citizen = world.citizen()
    citizen.write("Selamat pagi")
    world.advance(minutes=8)
    number = submitted(world)
    world.advance(minutes=170 - 8)
    complaint = world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    whole = next(breach for breach in complaint["breaches"] if breach["step"] is None)
    assert [minute(whole[at]) for at in ("due_at", "noticed_at", "ended_at")] == [160, 160, 170]
    assert told(world, "melewati total waktu") == {160: [KADIS]}

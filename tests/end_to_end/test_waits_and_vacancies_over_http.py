"""What stands beside the eight clocks: a missing approval, a wait for the complainant, a desk with nobody at it."""

from http import HTTPStatus

import pytest

from tests.end_to_end.scenes import ANSWER, NOTE, events, inbox, minute, numbers_in, standing_at, submitted, told
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, KABID, KADIS, KASI, World

KABID_AND_KADIS = [KABID, KADIS]
OPENING = 15 * 60
"""Minutes from nine in the morning to the next midnight, when a service day without hours begins."""
DAY = 24 * 60
DAILY = {OPENING: KABID_AND_KADIS, OPENING + DAY: KABID_AND_KADIS}


# Approval


def test_a_missing_approval_is_reminded_up_the_ladder_in_turn_and_then_daily(world: World) -> None:
    number = submitted(world)
    complaint = world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    dues = [minute(complaint["due_at"])]
    for _ in range(3):
        world.advance(minutes=30)
        dues.append(minute(world.complaint(number)["due_at"]))
    assert dues == [30, 60, 90, OPENING]
    world.advance(minutes=OPENING + DAY)
    assert told(world, number) == {30: [KASI], 60: [KABID], 90: [KADIS], **DAILY}
    complaint = world.complaint(number)
    assert complaint["breaches"] == []
    assert {event["type"] for event in events(complaint) if event["actor"] == "system"} == {"reminded"}
    assert world.did(number, "approve", KABID)["status"] == "closed"
    world.advance(minutes=DAY)
    assert told(world, number) == {30: [KASI], 60: [KABID], 90: [KADIS], **DAILY}


def test_the_daily_list_names_late_steps_and_missing_approvals_in_one_message(world: World) -> None:
    standing, unapproved = submitted(world, "+628111"), submitted(world, "+628112")
    world.did(unapproved, "settle", ADMIN, note=NOTE, answer=ANSWER)
    world.advance(minutes=OPENING)
    for email in (KABID, KADIS):
        (listed,) = [message.text for message in inbox(world, email) if "Daftar harian" in message.text]
        assert sorted(numbers_in(listed)) == sorted([standing, unapproved])


# Waiting for the complainant


@pytest.fixture
def waiting(world: World) -> str:
    """Asked for what is missing, ten minutes into step 3."""
    number = standing_at(world, 3).address
    world.advance(minutes=10)
    complaint = world.did(number, "ask_complainant", ADMIN, question="Nomor KK Anda?")
    assert (complaint["status"], complaint["paused"], complaint["due_at"]) == ("waiting", True, None)
    assert "Nomor KK Anda?" in world.citizen("+6281234567803").inbox[-1].text
    return number


def test_a_wait_stops_the_clock_until_the_reply_and_the_whole_with_it(world: World, waiting: str) -> None:
    world.advance(minutes=300)
    assert told(world) == {}
    world.citizen("+6281234567803").write("3402010101010001")
    world.settle()
    complaint = world.complaint(waiting)
    assert (complaint["status"], complaint["paused"], complaint["holder"]) == ("open", False, ADMIN)
    assert minute(complaint["due_at"]) == 30 + 300
    assert [event["actor"] for event in events(complaint, "waiting", "resumed")] == [ADMIN, "complainant"]
    world.advance(minutes=19, seconds=59)
    assert told(world) == {}
    world.advance(minutes=160)
    assert told(world) == {330: [KASI], 360: [KABID], 390: [KADIS], 460: [KADIS]}


def test_an_act_of_the_holder_ends_a_wait(world: World, waiting: str) -> None:
    world.advance(minutes=300)
    complaint = world.did(waiting, "forward", ADMIN, note=NOTE)
    assert (complaint["step"], complaint["status"], complaint["breaches"]) == (4, "open", [])
    assert minute(complaint["due_at"]) == 310 + 30
    assert [event["actor"] for event in events(complaint, "resumed")] == [ADMIN]


def test_a_wait_ends_at_its_limit_and_all_waits_of_a_complaint_share_it(world: World, waiting: str) -> None:
    world.advance(minutes=DAY - 1)
    assert world.complaint(waiting)["paused"]
    world.advance(minutes=1)
    complaint = world.complaint(waiting)
    assert (complaint["status"], minute(complaint["due_at"])) == ("open", 30 + DAY)
    assert [event["actor"] for event in events(complaint, "resumed")] == ["system"]
    again = world.act(waiting, "ask_complainant", ADMIN, question="Nomor KK Anda?")
    assert again.status_code == HTTPStatus.CONFLICT
    world.advance(minutes=20)
    assert told(world) == {30 + DAY: [KASI]}


def test_a_second_wait_has_what_the_first_left_of_the_limit(world: World, waiting: str) -> None:
    world.advance(minutes=1000)
    world.did(waiting, "ask_complainant", ADMIN, question="Nama ibu Anda?")
    world.advance(minutes=DAY - 1000 - 1)
    assert world.complaint(waiting)["paused"]
    world.advance(minutes=1)
    assert not world.complaint(waiting)["paused"]


# Nobody there


def absent(world: World, *emails: str) -> None:
    for email in emails:
        world.put_staff(email, active=False)


def test_where_no_admin_is_active_the_section_head_is_told_at_once_and_may_act_without_taking_over(
    world: World,
) -> None:
    absent(world, ADMIN, ADMIN2)
    number = submitted(world)
    assert told(world, number) == {0: [KASI]}
    assert "belum ada petugas" in inbox(world, KASI)[-1].text
    closed = world.did(number, "settle", KASI, note=NOTE, answer=ANSWER)
    assert closed["status"] == "closed"
    assert (closed["approved_by"]["email"], closed["approved_by"]["role"]) == (KASI, "section_head")
    assert events(closed, "taken_over") == []


def test_an_unassigned_complaint_of_a_vacant_desk_escalates_like_any_other(world: World) -> None:
    absent(world, ADMIN, ADMIN2)
    number = submitted(world)
    world.did(number, "receive", KASI)
    world.advance(minutes=30)
    assert told(world, number) == {0: [KASI], 30: [KASI]}
    assert world.complaint(number, KASI)["step"] == 4


def test_an_escalation_to_a_vacant_desk_tells_the_next_rung_up_once(world: World) -> None:
    case = standing_at(world, 3)
    absent(world, KASI)
    world.advance(minutes=30)
    assert told(world) == {30: [KABID]}
    complaint = world.did(case.address, "respond", KABID, note=NOTE, answer=ANSWER)
    assert (complaint["step"], complaint["approved_by"]["role"]) == (7, "division_head")


def test_the_acting_holder_of_a_vacant_desk_has_the_work(world: World) -> None:
    absent(world, ADMIN, ADMIN2)
    world.put_staff(KASI, acting_for=["whatsapp_admin"])
    number = submitted(world)
    assert told(world, number) == {}
    world.advance(minutes=10)
    assert told(world, number) == {10: [KASI]}  # one person at two desks is told once
    received = world.did(number, "receive", KASI)
    assert (received["step"], received["holder"]) == (3, KASI)
    assert events(received, "received")[0]["role"] == "whatsapp_admin"


def test_a_rung_whose_desk_is_vacant_is_told_to_the_next_one_up(world: World) -> None:
    absent(world, ADMIN, ADMIN2, KASI)
    number = submitted(world)
    world.advance(minutes=30)
    assert told(world, number) == {0: [KABID], 10: [KABID], 20: [KABID], 30: [KADIS]}


def test_a_person_of_another_unit_is_not_told(world: World) -> None:
    world.put_staff(ADMIN2, units=["civil_registration"])
    number = submitted(world)
    world.advance(minutes=10)
    assert told(world, number) == {10: [ADMIN, KASI]}


def test_the_adb_is_told_of_a_data_check_and_the_clock_runs_on(world: World) -> None:
    case = standing_at(world, 3)
    world.advance(minutes=5)
    complaint = world.did(case.address, "ask_database_admin", ADMIN, note="NIK ganda?")
    assert (complaint["status"], minute(complaint["due_at"])) == ("open", 30)
    assert told(world) == {5: [ADB]}
    world.did(case.address, "reply_data_check", ADB, note="Tidak ganda.")
    assert minute(world.complaint(case.address)["due_at"]) == 30

"""What is past its term goes, and who asks for it is forgotten, with every key and trace; the record stays whole."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest

from aduan.procedure.complaint import Complaint
from aduan.procedure.personal import ERASED
from infra.record.checking import check
from infra.record.database import Database
from infra.record.replaying import rebuild_here
from tests.end_to_end.erased import (
    CITIZEN,
    MARKS,
    closed_complaint,
    count,
    days_later,
    documents,
    files,
    leads,
    readable,
    traces,
)
from tests.end_to_end.scenes import numbers_in, standing_at, submitted
from tests.end_to_end.world import ADMIN, SET_FORMAT, TASKS_ACCOUNT, World


def wrong(world: World) -> list[str]:
    """What the check of the record finds, the heads made from their events again included."""
    key = world.house.office_key
    with Database(world.client.project, emulator=world.environment["FIRESTORE_EMULATOR_HOST"]) as database:
        looked = list(check(database, database.now(), rebuild=lambda record: rebuild_here(record, key)))
    return [line for one in looked for line in one.wrong]


def head(world: World, number: str) -> Complaint:
    loaded = world.house.store.complaint(number.removeprefix("ADU-").removeprefix("D-"))
    assert loaded is not None
    return loaded.value


def forget(world: World, phone: str = CITIZEN) -> None:
    """The office's command."""
    assert world.house.erasing.forget(phone)


def test_a_closed_complaint_is_readable_to_the_last_day_of_its_term_and_gone_after_it(world: World) -> None:
    number = closed_complaint(world)
    days_later(world, 729.9)
    assert head(world, number).form["name"] == "Siti Aminah"
    days_later(world, 0.2)
    assert set(head(world, number).form.values()) == {ERASED}
    assert traces(world) == []
    assert files(world) == []
    assert leads(world) == []
    assert wrong(world) == []


def test_before_its_term_the_scene_shows_everything_that_the_others_look_for(world: World) -> None:
    closed_complaint(world)
    assert traces(world) == list(MARKS)
    assert len(files(world)) == 1
    assert len(leads(world)) >= 3


def test_what_is_left_of_an_erased_complaint_is_that_and_when_and_by_whom_it_was_worked_at(world: World) -> None:
    number = closed_complaint(world)
    before = world.complaint(number)
    days_later(world, 730)
    after = world.complaint(number)
    assert (after["description"], after["answer"]) == (ERASED, ERASED)
    assert {event["note"] for event in after["events"]} == {None, ERASED}
    same = ("number", "status", "started_at", "category", "breaches", "approved_by", "version")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert [event | {"note": None} for event in after["events"][:-1]] == [
        event | {"note": None} for event in before["events"]
    ]
    assert after["events"][-1]["type"] == "erased"


def test_the_pages_show_that_it_was_erased_and_neither_messages_nor_files(world: World) -> None:
    number = closed_complaint(world)
    shown = world.get(f"/aduan/{number}", html=True).text
    (attachment,) = set(re.findall(rf"/aduan/{number}/lampiran/\w+", shown))
    assert world.get(attachment, html=True).status_code == HTTPStatus.OK
    days_later(world, 730)
    page = world.get(f"/aduan/{number}", html=True)
    assert page.status_code == HTTPStatus.OK
    assert ERASED in page.text
    assert "Data pribadi dihapus" in page.text
    assert [mark for mark in MARKS if mark in page.text] == []
    assert "lampiran" not in page.text
    assert world.get(attachment, html=True).status_code == HTTPStatus.NOT_FOUND
    assert world.get("/aduan?status=closed", html=True).status_code == HTTPStatus.OK
    assert [one["summary"] for one in world.complaints("?status=closed")] == [ERASED]


def test_a_silent_draft_goes_after_its_term_with_its_files_and_a_word_of_the_citizen_starts_it_anew(
    world: World,
) -> None:
    citizen = world.citizen(CITIZEN, name="Siti Aminah")
    assert citizen.send_image(b"\xff\xd8\xff a card", caption="foto KK") == HTTPStatus.OK
    world.settle()
    days_later(world, 29)
    assert citizen.write("Sebentar, saya cari dulu NIK saya.") == HTTPStatus.OK
    days_later(world, 29)
    assert len(files(world)) == 1
    (draft,) = world.complaints("?status=draft")
    days_later(world, 1.1)
    assert world.complaints("?status=draft") == []
    assert files(world) == []
    gone = head(world, draft["id"])
    assert (gone.status.value, set(gone.form.values()), gone.erased_at is not None) == ("closed", {ERASED}, True)
    assert "foto KK" not in "\n".join(readable(world))
    assert wrong(world) == []


def test_who_writes_after_their_draft_was_erased_is_answered_and_nothing_leads_from_it_to_them(world: World) -> None:
    citizen = world.citizen(CITIZEN)
    assert citizen.write("Halo") == HTTPStatus.OK
    world.settle()
    days_later(world, 31)
    gone = {path.split("/")[1] for path in documents(world) if path.startswith("complaints/")}
    heard = len(citizen.inbox)
    for text in ("BANTUAN", "STATUS", "Selamat pagi"):
        assert citizen.write(text) == HTTPStatus.OK
        world.settle()
        heard += 1
        assert len(citizen.inbox) == heard
    about = ("messages", "outbox", "citizens")
    named = {
        path for path, one in documents(world).items() if path.startswith(about) and gone & {*map(str, one.values())}
    }
    assert (len(gone), named) == (1, set())


def test_a_citizen_goes_when_the_last_of_their_complaints_has_gone(world: World) -> None:
    closed_complaint(world)
    days_later(world, 366)
    assert count(world, "citizens") == count(world, "citizen_aliases") == 1
    assert count(world, "messages") == 0
    days_later(world, 364.1)
    assert [count(world, name) for name in ("citizens", "citizen_aliases", "complaint_keys", "erasures")] == [0] * 4


def test_who_only_asked_for_help_is_forgotten_after_the_term_of_their_message(world: World) -> None:
    assert world.citizen(CITIZEN).write("BANTUAN") == HTTPStatus.OK
    world.settle()
    days_later(world, 364.9)
    assert (count(world, "citizens"), count(world, "messages")) == (1, 1)
    days_later(world, 0.2)
    assert {path.partition("/")[0] for path in documents(world)} <= {"staff", "channel"}


def test_an_open_complaint_has_no_term(world: World) -> None:
    number = submitted(world)
    days_later(world, 1000)
    assert head(world, number).form["name"] == "Siti Aminah"
    assert count(world, "citizens") == 1


@pytest.mark.parametrize(
    ("collection", "days"), [("messages", 365), ("outbox", 90), ("requests", 30), ("unreadable", 30)]
)
def test_what_has_a_term_from_the_beginning_says_so_and_stays_no_longer(
    world: World, collection: str, days: int
) -> None:
    closed_complaint(world)
    world.whatsapp.post_body(b"no webhook at all")
    stored = {path: one for path, one in documents(world).items() if path.startswith(f"{collection}/")}
    assert stored
    assert {(one["expire_at"] - world.clock.now).days for one in stored.values()} <= {days, days - 1}
    days_later(world, days - 0.1)
    assert len(stored) <= count(world, collection)
    days_later(world, 0.2)
    assert not [path for path in stored if path in documents(world)]


# Asked for


@pytest.mark.parametrize("step", range(1, 9))
def test_a_citizen_who_asks_for_it_is_forgotten_at_every_step_and_late_tasks_harm_nothing(
    world: World, step: int
) -> None:
    case = standing_at(world, step)
    phone = case.citizen.record.phone or ""
    case.citizen.send_image(b"\xff\xd8\xff a card", caption="foto KK")
    tasks = [task for queue in ("sla-checks", "messages", "media") for task in world.tasks.pending(queue)]
    assert tasks
    name = case.known_as
    forget(world, phone)
    assert traces(world) == []
    assert leads(world, phone) == []
    assert (files(world), wrong(world)) == ([], [])
    stood = documents(world)
    alarm_token = world.identity.mint_oidc(TASKS_ACCOUNT, world.urls["sla_check"])
    for task in tasks:
        world.http.post(task.url, content=task.body, headers={"Authorization": f"Bearer {alarm_token}"})
    world.advance(minutes=24 * 60)
    assert world.sweep().status_code == HTTPStatus.OK
    assert {path for path in documents(world) if path.startswith(("complaints/", "citizens/"))} == {
        path for path in stood if path.startswith(("complaints/", "citizens/"))
    }
    assert head(world, name).erased_at is not None
    assert wrong(world) == []


def test_what_is_sent_again_after_it_is_no_new_message_and_late_statuses_change_nothing(world: World) -> None:
    citizen = world.citizen(CITIZEN, name="Siti Aminah")
    first = citizen.write(SET_FORMAT, deliver=False)
    assert world.whatsapp.post(first) == [HTTPStatus.OK]
    world.settle()
    late = [world.whatsapp.status(message.id, "read", deliver=False) for message in citizen.inbox]
    forget(world)
    stood = documents(world)
    assert world.whatsapp.post(first, *late) == [HTTPStatus.OK] * (1 + len(late))
    world.settle()
    assert documents(world) == stood
    days_later(world, 7.5)
    assert world.whatsapp.post(first) == [HTTPStatus.OK]
    assert count(world, "citizens") == 0


def test_who_writes_again_after_it_starts_anew(world: World) -> None:
    first = closed_complaint(world)
    citizen = world.citizen(CITIZEN)
    forget(world)
    assert citizen.write("STATUS") == HTTPStatus.OK
    world.settle()
    assert "Belum ada aduan dari Anda" in citizen.inbox[-1].text
    assert citizen.write(SET_FORMAT) == HTTPStatus.OK
    world.settle()
    (second,) = numbers_in(citizen.inbox[-1].text)
    assert second != first
    assert (head(world, second).form["name"], head(world, first).citizen) == ("Siti Aminah", ERASED)
    forget(world)
    assert traces(world) == []
    assert (leads(world), wrong(world)) == ([], [])


def test_who_writes_while_they_are_being_forgotten_is_somebody_new_and_keeps_what_they_wrote(world: World) -> None:
    number = closed_complaint(world)
    erasing, citizen = world.house.erasing, world.citizen(CITIZEN)
    known = erasing.erasures.known_as(CITIZEN)
    assert known is not None
    begun = erasing.erasures.forget(known, world.clock.now)
    assert citizen.write(SET_FORMAT) == HTTPStatus.OK
    world.settle()
    erasing.finish(begun)
    assert head(world, number).erased_at is not None
    (second,) = numbers_in(citizen.inbox[-1].text)
    assert head(world, second).form["name"] == "Siti Aminah"
    assert citizen.write("Mohon dipercepat.") == HTTPStatus.OK
    assert head(world, second).unread == 1
    assert wrong(world) == []


def test_an_answer_on_its_way_to_somebody_who_was_forgotten_meanwhile_is_dropped_and_alarms_nobody(
    world: World,
) -> None:
    number = submitted(world)
    assert world.act(number, "settle", ADMIN, note="Sudah siap.", answer="Silakan.").status_code == HTTPStatus.OK
    known = world.house.erasing.erasures.known_as(CITIZEN)
    assert known is not None
    begun = world.house.erasing.erasures.forget(known, world.clock.now)
    told, sent = len(world.citizen(CITIZEN).inbox), len(world.whatsapp.sent)
    world.settle()
    assert (len(world.citizen(CITIZEN).inbox), len(world.whatsapp.sent)) == (told, sent)
    world.house.erasing.finish(begun)
    assert head(world, number).erased_at is not None


@pytest.mark.parametrize("open_complaints", [0, 1, 7])
def test_a_sweep_that_finds_nothing_due_costs_the_same_whatever_is_kept(world: World, open_complaints: int) -> None:
    closed_complaint(world)
    for number in range(open_complaints):
        submitted(world, f"+62812000000{number:02}")
    world.calls.clear()
    assert world.sweep().status_code == HTTPStatus.OK
    assert (len(world.calls.firestore), world.calls.reads, world.calls.writes) == (12, 12, 0)


def test_an_erasure_costs_what_it_removes(world: World) -> None:
    for number in range(3):
        closed_complaint(world, f"+62812000000{number:02}")
    world.clock.now += timedelta(days=731)
    kept, erased = count(world, "messages") + count(world, "outbox") + count(world, "requests"), 3
    world.calls.clear()
    assert world.sweep().status_code == HTTPStatus.OK
    assert count(world, "messages") == count(world, "outbox") == count(world, "requests") == 0
    assert world.calls.writes == kept + erased * 11
    assert world.calls.reads <= kept + erased * 25 + 12


def test_an_erasure_that_was_begun_is_finished_by_the_next_sweep(world: World) -> None:
    closed_complaint(world)
    erasing = world.house.erasing
    known = erasing.erasures.known_as(CITIZEN)
    assert known is not None
    erasing.erasures.forget(known, world.clock.now)
    assert traces(world) != []
    assert world.sweep().status_code == HTTPStatus.OK
    assert (traces(world), leads(world), files(world), count(world, "erasures")) == ([], [], [], 0)

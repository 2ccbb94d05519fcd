"""Everything that the program stands on goes away for a while, and comes back: `infra/runbook.md` says what is seen."""

import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
from structlog.testing import capture_logs

from aduan.adapters.whatsapp_errors import CODES
from aduan.service.channel import Failure
from infra.local.firestore import FirestoreEmulator
from tests.between import FIRESTORE, TASKS, WHATSAPP, Between, Call, Lose, Pass, Verdict, passing, refusing
from tests.end_to_end.scenes import (
    ANSWER,
    FAILED,
    NOTE,
    another_world,
    answered,
    approved,
    copies,
    events,
    minute,
    numbers_in,
    submitted,
    told,
)
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, KABID, KADIS, KASI, SCHEDULER_ACCOUNT, SET_FORMAT, World

PERIOD = 5.0
"""Minutes between two sweeps."""


@pytest.fixture
def watched(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """A world whose calls outside can be refused."""
    with another_world(firestore_emulator.host, watched=True) as world:
        yield world


def between(world: World) -> Between:
    assert world.between is not None
    return world.between


# Cloud Tasks


def test_with_the_queues_down_for_an_hour_all_work_goes_on_and_the_sweep_rings_and_sends(watched: World) -> None:
    number = submitted(watched)
    before = len(watched.citizen().inbox)
    with between(watched).ruled(refusing(TASKS)):
        assert watched.citizen("+628222").write(SET_FORMAT) == HTTPStatus.OK
        assert watched.act(number, "receive", ADMIN).status_code == HTTPStatus.OK
        tried = [call for call in between(watched).calls if call.place == TASKS]
        assert watched.act(number, "ask_database_admin", ADMIN, note=NOTE).status_code == HTTPStatus.OK
        # Whoever finds the queues down does not wait for them again: the next minutes' work is as fast as ever.
        assert [call for call in between(watched).calls if call.place == TASKS] == tried
        watched.tasks.drop_all()
        watched.clock.now += timedelta(minutes=31)
        # It rings what is due, and says that it could not ask for the tasks of what must leave.
        assert watched.sweep().status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        escalated = watched.complaint(number)
        assert (escalated["step"], escalated["holder_role"]) == (4, "section_head")
        assert told(watched) == {}
    watched.clock.now += timedelta(minutes=PERIOD)
    assert watched.sweep().status_code == HTTPStatus.OK
    assert told(watched, number.removeprefix("ADU-")) == {36: [KASI, ADB]}
    (other,) = [c for c in watched.complaints() if c["number"] != number]
    assert len(watched.citizen("+628222").inbox) == 1
    assert len(watched.citizen().inbox) == before
    assert other["step"] == 2


def test_where_every_task_is_lost_for_hours_everybody_is_told_a_sweeps_period_late_at_most(world: World) -> None:
    number = submitted(world)
    for _ in range(int(180 / PERIOD)):
        world.tasks.drop_all()
        world.clock.now += timedelta(minutes=PERIOD)
        assert world.sweep().status_code == HTTPStatus.OK
    due = {10: [ADMIN, ADMIN2, KASI], 20: [KABID], 30: [KADIS], 160: [KADIS]}
    told_at = told(world, number.removeprefix("ADU-"))
    assert list(told_at.values()) == list(due.values())
    assert all(0 <= at - wanted <= PERIOD for at, wanted in zip(told_at, due, strict=True))
    breaches = world.complaint(number)["breaches"]
    assert [(b["step"], len(b["rungs"])) for b in breaches] == [(2, 3), (None, 1)]


def test_a_sweep_that_finds_a_hole_says_so_as_an_error_and_the_next_one_has_nothing_to_say(world: World) -> None:
    submitted(world)
    world.tasks.drop_all()
    world.clock.now += timedelta(minutes=10 + PERIOD + 1)
    reports = []
    for _ in range(2):
        with capture_logs() as logs:
            world.sweep()
        reports += [(line["log_level"], line["alarms"], line["holes"]) for line in logs if line["event"] == "swept"]
    assert reports == [("error", 1, 1), ("info", 0, 0)]


def test_after_an_outage_more_rows_than_a_page_holds_leave_with_one_sweep(world: World) -> None:
    for index in range(110):
        assert world.citizen(f"+62814000{index:05}").write(SET_FORMAT) == HTTPStatus.OK
    world.tasks.drop_all()
    world.clock.now += timedelta(minutes=2)
    assert world.sweep().status_code == HTTPStatus.OK
    for _ in range(10):  # so many tasks take more than one `settle`
        world.settle()
    assert sum(len(world.citizen(f"+62814000{index:05}").inbox) for index in range(110)) == 110


# WhatsApp


@pytest.mark.parametrize("how", ["refuses", "breaks"])
def test_what_was_written_while_whatsapp_was_down_for_an_hour_arrives_within_a_quarter_after_it(
    watched: World, how: str
) -> None:
    number = submitted(watched)
    rule = refusing(WHATSAPP) if how == "refuses" else _broken
    with between(watched).ruled(rule):
        watched.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
        assert watched.citizen("+628222").write("Selamat pagi") == HTTPStatus.OK
        watched.settle()
        watched.advance(minutes=60)
        assert copies(watched) == []
    watched.advance(minutes=16)
    # Where a call broke nobody knows whether it arrived: one more copy at most, then somebody is asked to look.
    if how == "refuses":
        assert len(copies(watched)) == 1
        assert watched.complaint(number)["step"] is None
        assert watched.citizen("+628222").inbox != ()
    else:
        assert len(events(watched.complaint(number), "send_failed")) == 1
        assert told(watched, FAILED) == {} or list(told(watched, FAILED).values()) == [[ADMIN, ADMIN2]]


def _broken(call: Call) -> Verdict:
    return Lose() if call.place == WHATSAPP else Pass()


def test_an_answer_that_whatsapp_took_and_whose_receipt_was_lost_is_not_sent_again_when_a_status_tells(
    watched: World,
) -> None:
    number = approved(watched)
    with between(watched).ruled(lambda call: Lose(answered=True) if call.place == WHATSAPP else Pass()):
        watched.act(number, "answer", ADMIN, answer=ANSWER)
        watched.tasks.run_due()
    watched.settle()  # WhatsApp reports what it delivered
    watched.advance(minutes=30)
    assert len(copies(watched)) == 1
    assert watched.complaint(number)["status"] == "closed"


@pytest.fixture(scope="module")
def busy(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """A world in which each error comes to one answer after the other."""
    with another_world(firestore_emulator.host, auto_status=None) as world:
        yield world


EVERY_CODE = [(failure, code) for failure, codes in CODES.items() for code in codes if isinstance(code, int)]


@pytest.mark.parametrize(("failure", "code"), EVERY_CODE, ids=str)
def test_each_error_of_whatsapps_is_sent_again_or_told_and_never_both(busy: World, failure: Failure, code: int) -> None:
    phone = f"+62815{code:07}"
    number, now = approved(busy, phone=phone), minute(busy.clock.now)
    busy.whatsapp.fail_next(code=code)
    busy.did(number, "answer", ADMIN, answer=ANSWER)
    failed = told(busy, FAILED).get(now, [])
    busy.advance(seconds=20)
    arrived = [message for message in busy.citizen(phone).inbox if ANSWER in message.text or message.template]
    given_up = events(busy.complaint(number), "send_failed")
    if failure is Failure.NEVER:
        assert (len(arrived), len(given_up), failed) == (0, 1, [ADMIN, ADMIN2])
    else:
        assert (len(arrived), len(given_up), failed) == (1, 0, [])
    assert (arrived[-1].template == "aduan_answer" if arrived else False) == (failure is Failure.WINDOW_CLOSED)
    busy.advance(minutes=1)


# Firestore


def test_while_firestore_refuses_nothing_is_confirmed_and_afterwards_nothing_is_lost_or_double(watched: World) -> None:
    number = submitted(watched)
    form = {"version": watched.complaint(number)["version"], "request_id": secrets.token_hex(16)}
    with between(watched).ruled(refusing(FIRESTORE)):
        assert watched.citizen("+628222").write(SET_FORMAT) == HTTPStatus.INTERNAL_SERVER_ERROR
        refused = watched.act(number, "receive", ADMIN, **form)
        assert (refused.status_code, refused.json()["title"]) == (503, "Belum dapat diproses")
        token = watched.identity.mint_oidc(SCHEDULER_ACCOUNT, watched.urls["sweep"])
        assert watched.call("sweep", token=token).status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        watched.clock.now += timedelta(minutes=10)
        attempts = watched.tasks.run_due()
        assert [attempt.succeeded for attempt in attempts] == [False]
    watched.clock.now += timedelta(minutes=1)
    assert watched.whatsapp.redeliver(only_due=False) == 1
    watched.settle()
    assert watched.act(number, "receive", ADMIN, **form).status_code == HTTPStatus.OK
    watched.settle()
    assert len(watched.complaints()) == 2
    assert len(watched.citizen("+628222").inbox) == 1
    received = watched.complaint(number)
    assert [event["type"] for event in events(received, "received", "breached", "alerted")][-1] == "received"
    assert [(b["step"], len(b["rungs"])) for b in received["breaches"]] == [(2, 1)]


def test_a_form_that_firestore_refused_is_shown_again_with_what_was_typed_and_sends_the_same_act(
    watched: World,
) -> None:
    number = submitted(watched)
    page = watched.get(f"/aduan/{number}", html=True).text
    form = form_of(page, "settle") | {"note": NOTE, "answer": f"{ANSWER} </textarea><b>"}
    url = f"{watched.urls['staff_portal']}/aduan/{number}/settle"
    with between(watched).ruled(refusing(FIRESTORE)):
        refused = watched.http.post(url, data=form, headers=watched.headers(ADMIN))
    assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "Belum ada yang tersimpan" in refused.text
    assert "Silakan ambil hari Senin. &lt;/textarea&gt;&lt;b&gt;" in refused.text
    assert form["request_id"] in refused.text
    for _ in range(2):  # pressed twice
        again = watched.http.post(url, data=form, headers=watched.headers(ADMIN))
        assert again.status_code == HTTPStatus.SEE_OTHER
    watched.settle()
    assert len(copies(watched)) == 1


def form_of(page: str, act: str) -> dict[str, str]:
    """The hidden fields of an act's form, as a browser sends them."""
    (form,) = re.findall(rf'<form[^>]*/{act}"[^>]*>(.*?)</form>', page, re.DOTALL)
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


def test_one_refusal_of_firestores_is_tried_again_before_anybody_notices(watched: World) -> None:
    seen: list[Call] = []

    def once(call: Call) -> Verdict:
        seen.append(call)
        return refusing(FIRESTORE)(call) if len(seen) == 1 else passing(call)

    with between(watched).ruled(once):
        assert watched.citizen().write(SET_FORMAT) == HTTPStatus.OK
    watched.settle()
    assert len(watched.complaints()) == 1


def test_a_commit_whose_answer_was_lost_is_done_once(watched: World) -> None:
    seen: list[Call] = []

    def lose_the_first_commits_answer(call: Call) -> Verdict:
        if call.place == FIRESTORE and call.name == "Commit":
            seen.append(call)
            return Lose(answered=True) if len(seen) == 1 else Pass()
        return Pass()

    with between(watched).ruled(lose_the_first_commits_answer):
        assert watched.citizen().write(SET_FORMAT) == HTTPStatus.OK
    watched.settle()
    watched.clock.now += timedelta(minutes=2)
    watched.sweep()
    (complaint,) = watched.complaints()
    assert [event["type"] for event in watched.complaint(complaint["number"])["events"]] == ["submitted"]
    assert len(watched.citizen().inbox) == 1


# What comes late


def test_the_backlog_of_a_day_is_registered_with_its_own_times_and_asks_nobody_old_questions(world: World) -> None:
    now, webhooks = world.clock.now, []
    for index in range(30):
        citizen = world.citizen(f"+62816000{index:05}")
        text = SET_FORMAT if index % 3 else "Selamat pagi"
        webhooks.append(citizen.write(text, deliver=False, at=now - timedelta(minutes=24 * 60 - index)))
    assert set(world.whatsapp.post(*webhooks)) == {HTTPStatus.OK}
    world.settle()
    complaints = world.complaints()
    assert len(complaints) == 20
    assert {c["step"] for c in complaints} == {2}
    assert {minute(c["due_at"]) for c in complaints} == {10.0}  # nobody is late at step 2 who had no time for it
    assert sorted(round(minute(c["started_at"])) for c in complaints)[:2] == [-1439, -1438]
    world.advance(minutes=1)
    # The whole is honestly late, and each is told once to the Kepala Dinas.
    late = {(b["step"], len(b["rungs"])) for c in complaints for b in world.complaint(c["number"])["breaches"]}
    assert late == {(None, 1)}
    assert list(told(world, "total waktu").values()) == [[KADIS] * 20]
    # Each hears one thing: the number, or by the reminder what is missing. The greeting's own question is a day old.
    inboxes = [world.citizen(f"+62816000{index:05}").inbox for index in range(30)]
    assert [len(inbox) for inbox in inboxes] == [1] * 30
    assert sum(bool(numbers_in(inbox[0].text)) for inbox in inboxes) == 20


def test_a_webhook_that_is_delivered_again_a_week_later_changes_nothing(world: World) -> None:
    citizen = world.citizen()
    first, more = citizen.write(SET_FORMAT, deliver=False), citizen.write("Tolong ya.", deliver=False)
    world.whatsapp.post(first, more)
    world.settle()
    (complaint,) = world.complaints()
    number = str(complaint["number"])
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    world.did(number, "approve", KASI)
    before, inbox = world.complaint(number), len(citizen.inbox)
    world.clock.now += timedelta(days=7)
    for _ in range(2):
        assert world.whatsapp.post(first, more) == [HTTPStatus.OK] * 2
        world.settle()
    assert world.complaint(number) == before
    assert len(citizen.inbox) == inbox
    assert len(world.complaints()) == 1


def test_a_status_that_comes_a_week_late_ends_what_stood_and_nothing_twice(busy: World) -> None:
    number = answered(busy, "+628333")
    text = copies(busy, phone="+628333")[0]
    busy.tasks.drop_all()
    busy.clock.now += timedelta(days=7)
    arrived = busy.clock.now - timedelta(days=7) + timedelta(minutes=1)
    for _ in range(2):
        busy.whatsapp.status(text.id, "delivered", at=arrived)
        busy.settle()
    closed = busy.complaint(number)
    assert closed["status"] == "closed"
    assert [event["type"] for event in events(closed, "delivered", "closed")] == ["delivered", "closed"]
    assert [b for b in closed["breaches"] if b["step"] == 8] == []

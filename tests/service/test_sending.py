"""A row leaves the house: once, or once more where nobody knows; and what is done where WhatsApp says no."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aduan.procedure.complaint import Status
from aduan.procedure.definition import ActName
from aduan.service.channel import Address, Failure, OutboundMessage, Template, Text
from aduan.service.errors import NotYet
from aduan.service.model import RowKind, RowState
from aduan.service.ports import Commit, RowRef, SendJob
from aduan.service.sending import superseded
from tests.service.fakes import FakeChannel, InMemoryStore
from tests.service.full_house import ANI, BUDI, CITRA, EVERYBODY, said
from tests.service.post_room import PostRoom, post_room, refusal
from tests.service.talk import SITI


def test_a_row_goes_to_its_citizen_with_its_id_and_is_noted_as_sent() -> None:
    room = post_room()

    row = room.send()

    assert room.channel.sent == [(SITI, said(row), row.id)]
    assert (row.state, row.wamid, row.attempts, row.copies, row.next_at) == (RowState.SENT, "wamid.OUT1", 1, 0, None)
    assert (row.attempted_at, row.accepted_at, row.by_template) == (room.clock.now, room.clock.now, False)


def test_an_alert_goes_to_its_members_number() -> None:
    room = post_room()
    room.wait(31).ring()
    row = room.send(RowKind.ALERT)

    number = room.store.staff.member(row.to_staff or "")
    assert number is not None
    assert [to for to, _, _ in room.channel.sent] == [Address(phone=number.whatsapp)]
    assert row.state is RowState.SENT


@pytest.mark.parametrize("state", [RowState.SENT, RowState.DELIVERED, RowState.READ, RowState.FAILED, RowState.DROPPED])
def test_a_task_for_a_row_that_does_not_stand_any_more_does_nothing(state: RowState) -> None:
    room = post_room()
    before = room.changed(state=state)
    assert room.send() == before
    assert room.channel.sent == []


def test_a_task_for_no_row_does_nothing() -> None:
    room = post_room()
    room.sending.send(RowRef("a-nothing"))
    assert room.channel.sent == []


# Whether it still stands


def test_an_answer_that_was_handed_over_anew_is_dropped() -> None:
    room = post_room()
    first = room.row()
    room.do(ActName.RESEND, BUDI)

    room.sending.send(RowRef.to(first))

    row = room.store.row(first.id)
    assert row is not None
    assert (row.value.state, row.value.next_at) == (RowState.DROPPED, None)
    assert room.channel.sent == []
    assert room.send().state is RowState.SENT


def test_an_answer_that_was_refused_is_dropped() -> None:
    room = post_room()
    first = room.row()
    room.do(ActName.REFUSE, CITRA)
    room.sending.send(RowRef.to(first))
    assert room.row().state is RowState.DROPPED


def test_what_was_to_go_to_somebody_who_was_erased_meanwhile_is_dropped_and_told_to_nobody() -> None:
    for kind in (RowKind.ANSWER, RowKind.NOTICE):
        room = post_room()
        room.changed(kind, state=RowState.PENDING, attempts=0)
        room.store.citizens.drop(room.complaint.citizen)
        row = room.send(kind)
        assert (row.state, row.next_at) == (RowState.DROPPED, None)
        assert (room.channel.sent, room.alerts()) == ([], [])


def test_nothing_about_a_complaint_that_was_erased_leaves() -> None:
    room = post_room()
    erased = room.complaint.model_copy(update={"erased_at": room.clock.now})
    assert superseded(room.row(), erased)
    assert superseded(room.row(RowKind.NOTICE), erased)


def test_what_is_no_answer_is_never_replaced() -> None:
    room = post_room()
    complaint = room.complaint
    notice = room.row(RowKind.NOTICE)
    assert not superseded(notice.model_copy(update={"sending": 9}), complaint)
    assert not superseded(room.row(), None)
    assert not superseded(room.row(), complaint)


@pytest.mark.parametrize(
    ("head", "is_replaced"),
    [
        ({"status": Status.CLOSED}, False),
        ({"status": Status.OPEN}, True),
        ({"status": Status.WAITING}, True),
        ({"answer": None}, True),
        ({"sending": 2}, True),
    ],
)
def test_an_answer_stands_as_long_as_it_is_the_complaints(head: dict[str, object], is_replaced: bool) -> None:
    room = post_room()
    assert superseded(room.row(), room.complaint.model_copy(update=head)) is is_replaced


def test_an_answer_of_another_text_is_replaced() -> None:
    room = post_room()
    assert superseded(room.row().model_copy(update={"text_sha256": "0" * 64}), room.complaint)


# What nobody knows


def test_a_row_that_is_being_sent_is_left_until_its_status_can_no_longer_come() -> None:
    room = post_room()
    room.changed(state=RowState.SENDING, attempts=1, attempted_at=room.clock.now)

    room.clock.now += timedelta(seconds=89)
    with pytest.raises(NotYet, match=r"^the outcome of an earlier attempt is not known yet$"):
        room.send()
    assert room.channel.sent == []

    room.clock.now += timedelta(seconds=1)
    row = room.send()
    assert (row.state, row.copies, row.attempts) == (RowState.SENT, 1, 2)


def test_one_that_is_being_sent_since_nobody_knows_when_waits_too() -> None:
    room = post_room()
    room.changed(state=RowState.SENDING, attempts=1, attempted_at=None)
    with pytest.raises(NotYet):
        room.send()


def test_it_goes_out_once_more_and_never_again() -> None:
    room = post_room()
    for _ in range(2):
        room.channel.refusals.append(refusal(Failure.UNKNOWN))
        with pytest.raises(NotYet, match=r"^WhatsApp did not answer; its status is waited for$"):
            room.send()
        assert room.row().state is RowState.SENDING
        assert room.row().next_at == room.clock.now + timedelta(seconds=90)
        room.clock.now += timedelta(seconds=90)

    row = room.send()

    assert room.channel.sent == []
    assert (row.state, row.error, row.next_at) == (RowState.FAILED, "hasil pengiriman tidak diketahui", None)
    assert room.complaint.send_failed


# Too early, too many


@pytest.mark.parametrize(("seconds", "goes"), [(2.1, False), (2, True), (0, True), (-1, True)])
def test_a_task_that_comes_before_whatsapp_asked_for_it_changes_nothing(seconds: float, goes: bool) -> None:
    room = post_room()
    room.changed(attempts=1, next_at=room.clock.now + timedelta(seconds=seconds))
    row = room.send()
    assert (row.state is RowState.SENT) is goes


def test_the_first_task_of_a_row_is_never_too_early() -> None:
    room = post_room()
    assert (room.row().next_at or room.clock.now) > room.clock.now + timedelta(seconds=2)
    assert room.send().state is RowState.SENT


class TakenUpMeanwhile(InMemoryStore):
    """Another process writes the row between every look at it and what is done then."""

    def send_job(self, row: RowRef) -> SendJob | None:
        job = super().send_job(row)
        assert job is not None
        self.commit(Commit(row=job.row))
        return job


def test_a_row_that_somebody_else_took_up_meanwhile_is_theirs() -> None:
    room = post_room()
    sending = replace(room.sending, store=TakenUpMeanwhile(room.store.staff))
    vars(sending.store).update(vars(room.store))

    with pytest.raises(NotYet, match=r"^another attempt is under way$"):
        sending.send(RowRef.to(room.row()))
    room.shut()
    with pytest.raises(NotYet, match=r"^another attempt is under way$"):
        sending.send(RowRef.to(room.row()))

    assert (room.channel.sent, room.tasks.sent) == ([], [])


# Nobody to send it to


def test_a_row_for_somebody_who_has_no_number_fails_and_is_told() -> None:
    room = post_room()
    room.changed(RowKind.ANSWER, to_citizen=None)

    row = room.send()

    assert (row.state, row.error) == (RowState.FAILED, "tidak ada nomor tujuan")
    assert room.complaint.send_failed
    assert {email for email, _ in room.alerts()} == {ANI.email, BUDI.email}


def test_an_alert_to_somebody_without_a_number_fails_and_is_told_to_nobody() -> None:
    room = post_room(staff=EVERYBODY)
    room.wait(31).ring()
    before = len(room.store.rows)

    row = room.send(RowKind.ALERT)

    assert (row.state, row.error) == (RowState.FAILED, "tidak ada nomor tujuan")
    assert len(room.store.rows) == before
    assert not room.complaint.send_failed


# WhatsApp says no


def test_a_closed_window_is_answered_by_the_template_at_once() -> None:
    room = post_room()
    room.channel.refusals = [refusal(Failure.WINDOW_CLOSED)]

    row = room.send()

    ((to, message, callback),) = room.channel.sent
    assert isinstance(message, Template)
    assert (to, callback, row.state, row.by_template, row.attempts) == (SITI, row.id, RowState.SENT, True, 1)
    assert row.accepted_at == room.clock.now


@pytest.mark.parametrize(("hours", "by_template"), [(24 - 1 / 60, False), (24, True), (48, True)])
def test_a_window_that_is_known_to_be_closed_is_not_tried(hours: float, by_template: bool) -> None:
    room = post_room()
    assert room.citizen.last_message_at < room.clock.now
    room.clock.now = room.citizen.last_message_at + timedelta(hours=hours)

    row = room.send()

    ((_, message, _),) = room.channel.sent
    assert (isinstance(message, Template), row.by_template) == (by_template, by_template)


def test_what_has_no_template_goes_as_it_is_whatever_the_window() -> None:
    room = post_room()
    notice = room.changed(RowKind.NOTICE, state=RowState.PENDING, attempts=0)
    assert notice.fallback is None
    room.clock.now += timedelta(days=3)
    assert not room.send(RowKind.NOTICE).by_template
    assert isinstance(room.channel.sent[0][1], Text)


@pytest.mark.parametrize("failure", [Failure.NEVER, Failure.WINDOW_CLOSED])
def test_what_will_never_be_taken_fails_and_the_desk_is_told(failure: Failure) -> None:
    room = post_room()
    room.changed(by_template=True)
    room.channel.refusals = [refusal(failure, 131026)]

    row = room.send()

    assert (row.state, row.next_at) == (RowState.FAILED, None)
    assert row.error == f"{failure} (WhatsApp code 131026): no"
    assert (room.complaint.send_failed, room.complaint.step) == (True, 8)
    assert room.now_tasks() == [(alert.id, None) for alert in room.store.rows if alert.kind is RowKind.ALERT]


WAITS = [(1, 15), (2, 30), (3, 60), (4, 120), (5, 240), (6, 480), (7, 900), (8, 900), (80, 900)]


@pytest.mark.parametrize(("attempt", "seconds"), WAITS)
def test_a_refusal_for_now_is_waited_out_twice_as_long_each_time(attempt: int, seconds: int) -> None:
    room = post_room()
    room.changed(attempts=attempt - 1, next_at=None)
    room.channel.refusals = [refusal(Failure.RETRY)]

    row = room.send()

    at = room.clock.now + timedelta(seconds=seconds)
    assert (row.state, row.next_at, row.attempts) == (RowState.PENDING, at, attempt)
    assert row.error == "retry (WhatsApp code 131000): no"
    assert room.now_tasks() == [(row.id, at)]


@pytest.mark.parametrize(("asked", "waited"), [(5, 15), (40, 40), (None, 15)])
def test_it_is_waited_as_long_as_whatsapp_asks_for(asked: float | None, waited: int) -> None:
    room = post_room()
    room.channel.refusals = [refusal(Failure.RETRY, retry_after=asked)]
    assert room.send().next_at == room.clock.now + timedelta(seconds=waited)


@pytest.mark.parametrize(("hours", "state"), [(24 - 1 / 60, RowState.PENDING), (24, RowState.FAILED)])
def test_what_was_refused_for_a_day_is_given_up(hours: float, state: RowState) -> None:
    room = post_room()
    room.clock.now = room.row().created_at + timedelta(hours=hours)
    room.channel.refusals = [refusal(Failure.RETRY)]
    assert room.send().state is state


@pytest.mark.parametrize("failure", [Failure.STOP, Failure.OPERATOR])
def test_a_channel_that_is_refused_shuts_the_gate_and_gives_nothing_up(failure: Failure) -> None:
    room = post_room()
    room.clock.now = room.row().created_at + timedelta(days=2)
    room.channel.refusals = [refusal(failure, 190)]

    row = room.send()

    state = room.log.state().value
    assert (state.failure, state.code, state.detail, state.since) == (failure, 190, "no", room.clock.now)
    assert (row.state, row.next_at) == (RowState.PENDING, state.probe_at)
    assert room.now_tasks() == [(row.id, state.probe_at)]


def test_while_the_channel_is_shut_a_row_stands_as_it_is_and_comes_again() -> None:
    room = post_room()
    room.shut()
    before = room.row()

    row = room.send()

    at = room.clock.now + timedelta(minutes=15)
    assert row == before.model_copy(update={"next_at": at})
    assert room.now_tasks() == [(row.id, at)]
    assert room.channel.sent == []


def test_the_row_that_is_let_through_opens_the_gate_for_all() -> None:
    room = post_room()
    room.wait(1).do(ActName.RESEND, BUDI)
    room.tasks.sent.clear()
    room.shut(probe_in=timedelta())
    waiting = [row for row in room.store.rows if row.state is RowState.PENDING]

    row = room.send()

    assert row.state is RowState.SENT
    assert room.log.state().value.failure is None
    assert room.log.state().value.mended_at == room.clock.now
    others = {one.id for one in waiting} - {row.id}
    assert {(name, at) for name, at in room.now_tasks()} == {(name, room.clock.now) for name in others}


def test_an_open_gate_is_not_opened_again() -> None:
    room = post_room()
    room.send()
    assert room.log.state().value.mended_at is None


class Delivers(FakeChannel):
    """Tells that a message is delivered while it still answers that it was taken over."""

    room: PostRoom | None = None

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str:
        if self.room is not None:
            self.room.changed(state=RowState.DELIVERED)
        return super().send(to, message, callback)


def test_what_a_status_told_meanwhile_is_not_taken_back() -> None:
    channel = Delivers()
    channel.room = post_room(channel=channel)
    assert channel.room.send().state is RowState.DELIVERED


def test_a_template_of_which_nobody_knows_is_waited_for_as_one() -> None:
    room = post_room()
    room.channel.refusals = [refusal(Failure.WINDOW_CLOSED), refusal(Failure.UNKNOWN)]
    with pytest.raises(NotYet):
        room.send()
    row = room.row()
    assert (row.state, row.by_template) == (RowState.SENDING, True)
    assert row.next_at == room.clock.now + timedelta(seconds=90)


def test_a_try_that_is_refused_leaves_the_gate_shut() -> None:
    room = post_room()
    room.shut(probe_in=timedelta())
    room.channel.refusals = [refusal(Failure.RETRY)]
    room.send()
    assert room.log.state().value.failure is Failure.OPERATOR

    again = post_room()
    again.shut(probe_in=timedelta())
    again.channel.refusals = [refusal(Failure.WINDOW_CLOSED), refusal(Failure.RETRY)]
    again.send()
    assert again.log.state().value.failure is Failure.OPERATOR


def test_a_row_about_no_complaint_is_sent_too() -> None:
    room = post_room()
    room.changed(RowKind.NOTICE, complaint=None, state=RowState.PENDING, attempts=0)
    assert room.send(RowKind.NOTICE).state is RowState.SENT


class DeliversAndRefuses(FakeChannel):
    """Tells that a message is delivered, and then that it was refused."""

    room: PostRoom | None = None

    def send(self, to: Address, message: OutboundMessage, callback: str) -> str:
        if self.room is not None:
            self.room.changed(state=RowState.DELIVERED)
            raise refusal(Failure.NEVER)
        return super().send(to, message, callback)


def test_a_refusal_of_what_was_delivered_meanwhile_fails_nothing() -> None:
    channel = DeliversAndRefuses()
    channel.room = post_room(channel=channel)
    assert channel.room.send().state is RowState.DELIVERED
    assert not channel.room.complaint.send_failed


def test_the_failure_of_a_notice_about_a_complaint_is_not_its_answers() -> None:
    room = post_room()
    room.changed(
        RowKind.NOTICE, to_citizen=None, state=RowState.PENDING, attempts=0, text_sha256=room.row().text_sha256
    )
    room.changed(RowKind.NOTICE, sending=1)
    assert room.send(RowKind.NOTICE).state is RowState.FAILED
    assert not room.complaint.send_failed


@pytest.mark.parametrize(
    ("phone", "bsuid"), [("+62811", None), (None, "ID.1"), ("+62811", "ID.1"), (None, None), ("", "")]
)
def test_a_citizen_is_reached_by_whatever_names_are_known(phone: str | None, bsuid: str | None) -> None:
    room = post_room()
    loaded = room.store.citizen(room.citizen.id)
    assert loaded is not None
    known = loaded.value.model_copy(update={"phone": phone, "bsuid": bsuid})
    room.store.citizens.put(known.id, replace(loaded, value=known))
    row = room.send()
    if phone or bsuid:
        assert [to for to, _, _ in room.channel.sent] == [Address(phone=phone, bsuid=bsuid)]
    else:
        assert (row.state, row.error) == (RowState.FAILED, "tidak ada nomor tujuan")

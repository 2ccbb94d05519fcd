"""WhatsApp says how far a message came, in any order and more than once: what each word of it changes."""

from datetime import timedelta

import pytest

from aduan.procedure.complaint import Status
from aduan.procedure.definition import ActName
from aduan.service.channel import DeliveryState, DeliveryStatus, Failure
from aduan.service.model import OutboxRow, RowKind, RowState
from aduan.service.ports import Loaded
from tests.service.fakes import InMemoryStore
from tests.service.full_house import BUDI, CITRA
from tests.service.post_room import PostRoom, post_room, refusal

SENT, DELIVERED, READ, FAILED = DeliveryState


def sent() -> PostRoom:
    """The answer was taken over by WhatsApp."""
    room = post_room()
    room.send()
    room.wait(1)
    return room


# It came through


@pytest.mark.parametrize("state", [DELIVERED, READ])
def test_an_answer_that_arrived_is_delivered_at_the_time_that_whatsapp_gives(state: DeliveryState) -> None:
    room = sent()
    at = room.clock.now - timedelta(seconds=20)

    row = room.hears(state, at=at)

    assert (row.state, row.wamid, row.next_at) == (RowState(state.value), "wamid.OUT1", None)
    assert (room.complaint.delivered_at, room.complaint.step) == (at, None)
    assert room.store.record[room.complaint.id][-1].type == "delivered"


def test_a_time_in_the_future_is_now() -> None:
    room = sent()
    room.hears(DELIVERED, at=room.clock.now + timedelta(hours=1))
    assert room.complaint.delivered_at == room.clock.now


def test_the_first_word_of_it_says_when_it_was_accepted_where_our_call_did_not() -> None:
    room = post_room()
    room.changed(state=RowState.SENDING, attempts=1, attempted_at=room.clock.now)

    row = room.hears(SENT)

    assert (row.state, row.accepted_at, row.next_at) == (RowState.SENT, room.clock.now, None)
    assert row.wamid == "wamid.OUT1"
    assert room.complaint.delivered_at is None
    accepted = row.accepted_at
    room.wait(1)
    assert room.hears(DELIVERED).accepted_at == accepted


ORDERS: list[tuple[RowState, DeliveryState, RowState]] = [
    (RowState.PENDING, SENT, RowState.SENT),
    (RowState.SENDING, DELIVERED, RowState.DELIVERED),
    (RowState.DROPPED, DELIVERED, RowState.DELIVERED),
    (RowState.SENT, SENT, RowState.SENT),
    (RowState.SENT, READ, RowState.READ),
    (RowState.DELIVERED, SENT, RowState.DELIVERED),
    (RowState.DELIVERED, DELIVERED, RowState.DELIVERED),
    (RowState.DELIVERED, READ, RowState.READ),
    (RowState.READ, DELIVERED, RowState.READ),
    (RowState.FAILED, DELIVERED, RowState.FAILED),
    (RowState.FAILED, READ, RowState.FAILED),
]


@pytest.mark.parametrize(("stands", "heard", "then"), ORDERS)
def test_a_word_moves_a_row_only_upwards(stands: RowState, heard: DeliveryState, then: RowState) -> None:
    room = sent()
    before = room.changed(state=stands, wamid="wamid.EARLIER")
    row = room.hears(heard, wamid="wamid.NEW")
    assert row.state is then
    assert (row == before) is (stands is then)


def test_what_we_gave_up_ourselves_and_arrived_after_all_is_delivered() -> None:
    room = sent()
    room.changed(state=RowState.FAILED, wamid=None)
    assert room.hears(DELIVERED, wamid="wamid.LATE").state is RowState.DELIVERED
    assert room.complaint.delivered_at == room.clock.now


@pytest.mark.parametrize(
    ("state", "is_written"),
    [(RowState.PENDING, True), (RowState.SENDING, True), (RowState.SENT, False), (RowState.DELIVERED, False)],
)
def test_for_anything_but_an_answer_only_an_unknown_outcome_is_worth_a_write(state: RowState, is_written: bool) -> None:
    room = sent()
    room.changed(RowKind.NOTICE, state=state, wamid=None)
    before = len(room.store.commits)
    row = room.hears(READ, kind=RowKind.NOTICE)
    assert len(room.store.commits) - before == is_written
    assert row.state is (RowState.READ if is_written else state)


@pytest.mark.parametrize("state", [RowState.PENDING, RowState.SENDING])
def test_a_late_word_of_an_attempt_that_failed_says_nothing_of_the_next(state: RowState) -> None:
    room = sent()
    before = room.changed(state=state, wamid="wamid.OUT1")
    assert room.hears(DELIVERED, wamid="wamid.OUT1") == before
    assert room.hears(DELIVERED, wamid="wamid.OUT9").state is RowState.DELIVERED


def test_a_template_that_arrived_is_not_the_answer() -> None:
    room = sent()
    room.changed(by_template=True)
    assert room.hears(DELIVERED).state is RowState.DELIVERED
    assert room.complaint.delivered_at is None


def test_an_answer_that_was_refused_meanwhile_may_arrive_and_changes_its_row_alone() -> None:
    room = sent()
    room.do(ActName.REFUSE, CITRA)
    before = room.complaint
    assert room.hears(DELIVERED).state is RowState.DELIVERED
    assert room.complaint == before


@pytest.mark.parametrize("complaint", [None, "261124-GONE2"])
def test_an_answer_of_no_complaint_changes_its_row_alone(complaint: str | None) -> None:
    room = sent()
    room.changed(complaint=complaint)
    assert room.hears(DELIVERED).state is RowState.DELIVERED
    assert room.complaint.delivered_at is None


def test_a_word_of_no_message_of_ours_is_left_alone() -> None:
    room = sent()
    before = len(room.store.commits)
    for callback in (None, "a-unknown"):
        for state in DeliveryState:
            room.delivery.take(DeliveryStatus("wamid.X", state, room.clock.now, callback))
    assert len(room.store.commits) == before


def test_a_row_that_was_just_read_is_not_read_again_unless_it_moved_on() -> None:
    room = sent()
    row_id = room.row().id
    known = room.store.row(row_id)
    assert known is not None
    status = DeliveryStatus("wamid.OUT1", DELIVERED, room.clock.now, row_id)
    room.changed(error="somebody wrote meanwhile")

    room.delivery.take(status, known)

    assert (room.row().state, room.row().error) == (RowState.DELIVERED, "somebody wrote meanwhile")


class Reads(InMemoryStore):
    """A store that counts how often a row is read."""

    reads = 0

    def row(self, row_id: str) -> Loaded[OutboxRow] | None:
        self.reads += 1
        return super().row(row_id)


def test_a_row_that_was_just_read_costs_no_other_read() -> None:
    room = post_room(store=Reads)
    room.send()
    store = room.store
    assert isinstance(store, Reads)
    row = room.row()
    known = store.row(row.id)
    store.reads = 0
    room.delivery.take(DeliveryStatus(row.wamid or "", DELIVERED, room.clock.now, row.id), known)
    assert (store.reads, room.row().state) == (0, RowState.DELIVERED)
    room.delivery.take(DeliveryStatus(row.wamid or "", READ, room.clock.now, row.id))
    assert (store.reads, room.row().state) == (1, RowState.READ)


def test_an_approved_answer_that_arrived_closes_the_complaint() -> None:
    room = sent()
    room.do(ActName.APPROVE, CITRA)
    room.hears(DELIVERED)
    assert room.complaint.status is Status.CLOSED


# It failed


@pytest.mark.parametrize("failure", [Failure.NEVER, Failure.UNKNOWN])
def test_a_failure_for_good_is_written_down_and_told(failure: Failure) -> None:
    room = sent()

    row = room.hears(FAILED, refusal(failure, 131026))

    assert (row.state, row.next_at, row.error) == (RowState.FAILED, None, f"{failure} (WhatsApp code 131026): no")
    assert room.complaint.send_failed
    assert room.store.record[room.complaint.id][-1].note == row.error


def test_a_failure_without_a_reason_is_one_for_good() -> None:
    room = sent()
    row = room.hears(FAILED)
    assert (row.state, row.error) == (RowState.FAILED, "gagal")


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 4), (2, 16), (3, 64), (4, 256)])
def test_a_failure_for_now_goes_again_after_four_to_the_power_of_the_attempts(attempts: int, seconds: int) -> None:
    room = sent()
    room.changed(attempts=attempts)

    row = room.hears(FAILED, refusal(Failure.RETRY))

    at = room.clock.now + timedelta(seconds=seconds)
    assert (row.state, row.next_at, row.by_template) == (RowState.PENDING, at, False)
    assert row.wamid == "wamid.OUT1"
    assert (row.id, at) in room.now_tasks()
    assert not room.complaint.send_failed


def test_the_attempt_that_failed_is_remembered_by_its_wamid() -> None:
    room = sent()
    room.changed(state=RowState.SENDING, wamid=None)
    assert room.hears(FAILED, refusal(Failure.RETRY), wamid="wamid.7").wamid == "wamid.7"


@pytest.mark.parametrize("failure", [Failure.RETRY, Failure.STOP, Failure.OPERATOR])
def test_the_fifth_attempt_is_the_last(failure: Failure) -> None:
    room = sent()
    room.changed(attempts=5)
    assert room.hears(FAILED, refusal(failure)).state is RowState.FAILED


@pytest.mark.parametrize("by_template", [True, False])
def test_what_went_as_a_template_goes_again_as_one(by_template: bool) -> None:
    room = sent()
    room.changed(by_template=by_template)
    assert room.hears(FAILED, refusal(Failure.RETRY)).by_template is by_template
    other = sent()
    other.changed(by_template=by_template)
    assert other.hears(FAILED, refusal(Failure.STOP)).by_template is by_template


def test_a_window_that_was_closed_after_all_goes_again_at_once_as_a_template() -> None:
    room = sent()
    row = room.hears(FAILED, refusal(Failure.WINDOW_CLOSED))
    assert (row.state, row.by_template, row.next_at) == (RowState.PENDING, True, room.clock.now)
    assert (row.id, room.clock.now) in room.now_tasks()


@pytest.mark.parametrize(("field", "value"), [("fallback", None), ("by_template", True)])
def test_a_closed_window_for_what_has_no_other_template_is_for_good(field: str, value: object) -> None:
    room = sent()
    room.changed(RowKind.ANSWER, **{field: value})
    assert room.hears(FAILED, refusal(Failure.WINDOW_CLOSED)).state is RowState.FAILED


@pytest.mark.parametrize("failure", [Failure.STOP, Failure.OPERATOR])
def test_a_channel_that_is_refused_shuts_the_gate_and_the_row_waits_for_it(failure: Failure) -> None:
    room = sent()

    row = room.hears(FAILED, refusal(failure, 368))

    state = room.log.state().value
    assert (state.failure, state.code) == (failure, 368)
    assert (row.state, row.next_at) == (RowState.PENDING, state.probe_at)
    assert (row.id, state.probe_at) in room.now_tasks()


@pytest.mark.parametrize("state", [RowState.DELIVERED, RowState.READ, RowState.FAILED])
def test_no_failure_changes_what_has_ended(state: RowState) -> None:
    room = sent()
    before = room.changed(state=state)
    assert room.hears(FAILED, refusal(Failure.NEVER)) == before


@pytest.mark.parametrize(
    ("state", "wamid", "heard", "is_old"),
    [
        (RowState.SENT, "wamid.2", "wamid.2", False),
        (RowState.SENT, "wamid.2", "wamid.1", True),
        (RowState.SENDING, "wamid.1", "wamid.1", True),
        (RowState.SENDING, "wamid.1", "wamid.2", False),
        (RowState.SENDING, None, "wamid.1", False),
        (RowState.PENDING, "wamid.1", "wamid.1", True),
        (RowState.PENDING, "wamid.1", "wamid.2", True),
        (RowState.DROPPED, None, "wamid.1", True),
    ],
)
def test_a_failure_of_an_earlier_attempt_is_old_news(
    state: RowState, wamid: str | None, heard: str, is_old: bool
) -> None:
    room = sent()
    before = room.changed(state=state, wamid=wamid)
    after: OutboxRow = room.hears(FAILED, refusal(Failure.NEVER), wamid=heard)
    assert (after == before) is is_old


def test_the_failure_of_a_notice_is_told_to_nobody() -> None:
    room = sent()
    room.changed(RowKind.NOTICE, state=RowState.SENT, wamid="wamid.OUT1")
    row = room.hears(FAILED, refusal(Failure.NEVER), kind=RowKind.NOTICE)
    assert row.state is RowState.FAILED
    assert not room.complaint.send_failed
    assert room.alerts() == []


def test_the_failure_of_an_answer_that_was_handed_over_anew_is_told_to_nobody() -> None:
    room = sent()
    first = room.row()
    room.do(ActName.RESEND, BUDI)
    room.delivery.take(DeliveryStatus("wamid.OUT1", FAILED, room.clock.now, first.id, refusal(Failure.NEVER)))
    row = room.store.row(first.id)
    assert row is not None
    assert row.value.state is RowState.FAILED
    assert not room.complaint.send_failed

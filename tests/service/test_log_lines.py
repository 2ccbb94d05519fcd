"""What the log says: the names that the operator's alarms listen for, each with what it is about and nobody's data."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from aduan.procedure.complaint import Alarm
from aduan.procedure.definition import ActName
from aduan.procedure.roles import Role
from aduan.service.channel import DeliveryState, DeliveryStatus, Failure, MessageKind
from aduan.service.fetching import Fetching
from aduan.service.media import LARGEST, MediaError, MediaFailure, MediaLink
from aduan.service.model import FileState, RowKind, RowState
from aduan.service.ports import Commit, Conflict, RowRef
from aduan.service.terms import Terms
from tests.service.fake_erasures import InMemoryErasures
from tests.service.fakes import FakeMediaSource, InMemoryMediaStore, InMemoryStore, RecordingTasks
from tests.service.full_house import ANI, SET_FORMAT
from tests.service.post_room import PostRoom, post_room, refusal
from tests.service.talk import PROCEDURE, message

PERSONAL = ("Siti", "3402014107900001", "6281234567890", "KTP", "wamid")


def lines(happen: Callable[[], object]) -> list[EventDict]:
    """What was logged meanwhile; nothing of it is anybody's data."""
    with capture_logs() as logged:
        happen()
    for line in logged:
        assert not any(word in str({**line, "exc_info": None}) for word in PERSONAL), line
    return logged


def line(event: str, level: str, **about: object) -> EventDict:
    """One of them."""
    return {"event": event, "log_level": level, **about}


# What leaves


def test_a_message_that_was_sent() -> None:
    room = post_room()
    about = {"row": room.row().id, "complaint": room.complaint.id}
    assert lines(room.send) == [line("message_sent", "info", template=False, **about)]

    room = post_room()
    about = {"row": room.row().id, "complaint": room.complaint.id}
    room.channel.refusals = [refusal(Failure.WINDOW_CLOSED)]
    assert lines(room.send) == [line("message_sent", "info", template=True, **about)]


def test_a_message_that_was_refused_for_good() -> None:
    room = post_room()
    room.channel.refusals = [refusal(Failure.NEVER, 131026)]
    about = {"row": room.row().id, "complaint": room.complaint.id}
    failed = {"complaint": room.complaint.id, "type": "send_failed", "seq": 5, "step": 8, "role": None}
    assert lines(room.send) == [
        line("message_refused", "warning", code=131026, **about),
        line("recorded", "info", **failed),
    ]


def test_a_message_that_is_given_up_says_whether_there_was_anybody_to_send_it_to() -> None:
    for otherwise, has_address in (({"to_citizen": None}, False), ({"state": RowState.SENDING, "copies": 1}, True)):
        room = post_room()
        room.changed(attempted_at=room.clock.now, **otherwise)
        room.wait(2)
        given_up = lines(room.send)[0]
        about = {"row": room.row().id, "complaint": room.complaint.id, "has_address": has_address}
        assert given_up == line("message_given_up", "warning", **about)


def test_a_message_that_waits_says_until_when() -> None:
    room = post_room()
    about = {"row": room.row().id, "complaint": room.complaint.id}
    room.channel.refusals = [refusal(Failure.RETRY)]
    (waits,) = lines(room.send)
    until = room.row().next_at
    assert until is not None
    assert waits == line("message_waits", "info", until=until.isoformat(), **about)
    assert lines(room.send) == [waits]  # a task that comes early: the row stands for its time


def test_a_message_whose_channel_is_shut_waits() -> None:
    room = post_room()
    room.channel.refusals = [refusal(Failure.OPERATOR, 190)]
    room.send()
    room.hear("ADUAN BARU")
    (waits,) = lines(lambda: room.send(RowKind.NOTICE))
    row = room.row(RowKind.NOTICE)
    assert row.next_at is not None
    assert row.attempts == 0
    about = {"row": row.id, "complaint": row.complaint, "until": row.next_at.isoformat()}
    assert waits == line("message_waits", "info", **about)


def test_a_task_that_comes_again_says_that_its_message_is_known() -> None:
    room = post_room()
    room.send()
    assert lines(room.send) == [line("message_known", "info", row=room.row().id)]


def test_a_message_that_nobody_may_get_any_more_is_dropped() -> None:
    room = post_room()
    about = {"row": room.row().id, "complaint": room.complaint.id}
    room.do(ActName.RESEND, ANI)
    first = RowRef(row=str(about["row"]), complaint=room.complaint.id, citizen=room.complaint.citizen, staff=None)
    assert lines(lambda: room.sending.send(first)) == [line("message_dropped", "info", **about)]


def test_a_channel_that_needs_its_operator_and_one_that_was_mended() -> None:
    room = post_room()
    room.channel.refusals = [refusal(Failure.OPERATOR, 190)]
    needs = line("channel_needs_operator", "error", failure="operator", code=190, detail="no")
    waits = line("message_waits", "info", row=room.row().id, complaint=room.complaint.id)
    logged = lines(room.send)
    assert logged == [needs, {**waits, "until": logged[-1]["until"]}]
    room.wait(5)
    sent = line("message_sent", "info", template=False, row=room.row().id, complaint=room.complaint.id)
    assert lines(room.send) == [sent, line("channel_mended", "warning")]


def test_a_status_of_nothing_that_is_ours() -> None:
    room = post_room()
    nameless = DeliveryStatus("wamid.X", DeliveryState.READ, room.clock.now)
    unknown = replace(nameless, callback="a-unknown")
    assert lines(lambda: room.delivery.take(nameless)) == [line("status_without_callback", "info", state="read")]
    assert lines(lambda: room.delivery.take(unknown)) == [line("status_of_unknown_row", "info", row="a-unknown")]


class QueuesDown(RecordingTasks):
    """Nothing can be asked of the queues."""

    def set_alarm(self, complaint_id: str, alarm: Alarm, again: datetime | None = None) -> None:
        raise ConnectionError(complaint_id, alarm.kind, again)

    def send(self, rows: Sequence[RowRef], not_before: datetime | None = None, *, fetch: Iterable[str] = ()) -> None:
        raise ConnectionError(len(rows), not_before, fetch)


def without_queues() -> PostRoom:
    """An office whose queues are down."""
    room = PostRoom(tasks=QueuesDown(), store=post_room().store)
    room.clock.now = room.row().created_at
    return room


def test_what_is_left_to_the_sweep_while_the_queues_are_down() -> None:
    room = without_queues()
    logged = lines(lambda: room.hear("ADUAN BARU", message(SET_FORMAT, MessageKind.IMAGE)))

    complaint = room.complaint
    assert complaint.alarm is not None
    alarms = [one for one in logged if one["event"] == "alarm_left_to_the_sweep"]
    assert alarms[-1] == line(
        "alarm_left_to_the_sweep", "error", complaint=complaint.id, at=complaint.alarm.at.isoformat(), exc_info=True
    )
    kept = next(one for one in room.store.messages if one.file)
    told = [row.id for row in room.store.rows if row.complaint == complaint.id]
    tasks = [one for one in logged if one["event"] == "tasks_left_to_the_sweep"]
    assert tasks[-1] == line("tasks_left_to_the_sweep", "error", rows=told[-1:], files=[kept.id], exc_info=True)


# The sweep


def test_a_sweep_says_what_it_did_and_loudly_where_something_was_wrong() -> None:
    room = post_room()
    nothing = {"alarms": 0, "rows": 0, "media": 0, "holes": 0, "failed": 0, "erased": 0, "dropped": 0}
    assert lines(room.sweeping.sweep) == [line("swept", "info", **nothing)]
    room.wait(1.5)
    assert lines(room.sweeping.sweep) == [line("swept", "info", **{**nothing, "rows": 1})]
    room.wait(6)
    assert lines(room.sweeping.sweep) == [line("swept", "error", **{**nothing, "rows": 1, "holes": 1})]


def test_a_sweep_without_queues_leaves_the_rest_to_the_next() -> None:
    room = without_queues()
    assert lines(room.sweeping.sweep) == [
        line("rows_left_to_the_next_sweep", "error", exc_info=True),
        line("files_left_to_the_next_sweep", "error", exc_info=True),
        line("swept", "error", alarms=0, rows=0, media=0, holes=0, failed=2, erased=0, dropped=0),
    ]


class Unreadable(InMemoryStore):
    """No complaint can be opened."""

    def complaint(self, complaint_id: str) -> None:
        raise ValueError(len(complaint_id))


def test_a_complaint_that_the_sweep_could_not_mend_is_named() -> None:
    room = post_room()
    room.send()
    alarm = room.complaint.alarm
    assert alarm is not None
    room.clock.now = alarm.at
    store = Unreadable(room.store.staff)
    vars(store).update(vars(room.store))
    sweeping = replace(room.sweeping, checking=replace(room.checking, store=store))
    broken, swept = lines(sweeping.sweep)
    assert broken == line("sweep_failed", "error", complaint=room.complaint.id, exc_info=True)
    assert (swept["log_level"], swept["failed"]) == ("error", 1)


# What goes


def test_an_erasure_that_is_over_says_of_what() -> None:
    room = post_room()
    citizen, complaint = room.citizen.id, room.complaint.id
    logged = lines(lambda: room.erasing.forget(citizen))
    assert [one for one in logged if one["event"] == "erased"] == [
        line("erased", "info", kind="complaint", id=complaint),
        line("erased", "info", kind="citizen", id=citizen),
    ]


class Unlisted(InMemoryErasures):
    """What is due of complaints cannot be read, and every citizen writes at just that moment."""

    def due_complaints(self, until: datetime, limit: int) -> tuple[str, ...]:
        raise ConnectionError(until, limit)

    def complaints_of(self, citizen_id: str, limit: int) -> tuple[str, ...]:
        loaded = self.store.citizen(citizen_id)
        assert loaded is not None
        self.store.commit(Commit(citizen=loaded))
        return super().complaints_of(citizen_id, limit)


def test_what_could_not_be_let_go_at_its_term() -> None:
    room = post_room()
    room.wait(timedelta(days=PROCEDURE.terms.messages) / timedelta(minutes=1))
    terms = Terms(replace(room.erasing, erasures=Unlisted(room.store)))
    assert lines(terms.end) == [
        line("term_not_ended", "error", exc_info=True),
        line("citizen_wrote_meanwhile", "info"),
    ]


# Files


class Taken(InMemoryStore):
    """Whoever writes a message finds that another did."""

    def commit(self, commit: Commit) -> None:
        if commit.known_message is not None:
            raise Conflict
        super().commit(commit)


def a_picture(
    store: InMemoryStore | None = None, tasks: RecordingTasks | None = None
) -> tuple[Fetching, FakeMediaSource, str]:
    """One that came in, and its way."""
    room = PostRoom(store=store or InMemoryStore())
    room.hear(message(kind=MessageKind.IMAGE))
    (kept,) = room.store.messages
    source = FakeMediaSource({"1": b"\xff\xd8\xff"})
    fetching = Fetching(room.store, source, InMemoryMediaStore(), tasks or RecordingTasks(), room.clock)
    return fetching, source, kept.id


def complaint_of(fetching: Fetching, name: str) -> str | None:
    """Whose it is."""
    loaded = fetching.store.message(name)
    assert loaded is not None
    return loaded.value.complaint


def test_a_file_that_is_kept() -> None:
    fetching, _, name = a_picture()
    about = {"complaint": complaint_of(fetching, name), "kept_type": "image/jpeg", "size": 3}
    assert lines(lambda: fetching.fetch(name)) == [line("file_kept", "info", file=name, **about)]


@pytest.mark.parametrize("failure", [MediaFailure.LATER, MediaFailure.NO_ROOM])
def test_a_file_that_waits(failure: MediaFailure) -> None:
    fetching, source, name = a_picture()
    source.faults = [MediaError(failure, "busy")]
    about = {"complaint": complaint_of(fetching, name), "why": failure.value, "detail": "busy"}
    assert lines(lambda: fetching.fetch(name)) == [line("file_waits", "info", file=name, **about)]


def test_a_file_that_waits_for_the_operator() -> None:
    fetching, source, name = a_picture()
    source.faults = [MediaError(MediaFailure.OPERATOR, "190")]
    about = {"file": name, "complaint": complaint_of(fetching, name), "why": "operator", "detail": "190"}
    assert lines(lambda: fetching.fetch(name)) == [
        line("channel_needs_operator", "error", **about),
        line("file_waits", "info", **about),
    ]


def test_a_file_that_will_never_be_here() -> None:
    fetching, source, name = a_picture()
    source.faults = [MediaError(MediaFailure.TOO_LARGE, "by far")]
    about = {"complaint": complaint_of(fetching, name), "why": "too_large", "detail": "by far"}
    assert lines(lambda: fetching.fetch(name)) == [line("file_missing", "warning", file=name, **about)]
    loaded = fetching.store.message(name)
    assert loaded is not None
    assert loaded.value.file is not None
    assert (loaded.value.file.state, loaded.value.file.fetch_at) == (FileState.MISSING, None)


@pytest.mark.parametrize(
    ("claim", "size", "why", "detail"),
    [("0" * 64, 1, "damaged", "its hash is another"), (None, LARGEST + 1, "too_large", "by WhatsApp's own word")],
)
def test_a_file_that_is_not_what_whatsapp_says_or_more_than_is_kept(
    claim: str | None, size: int, why: str, detail: str
) -> None:
    fetching, _, name = a_picture()

    class Claiming(FakeMediaSource):
        def locate(self, media_id: str) -> MediaLink:
            return MediaLink(media_id, claim, size)

    claiming = replace(fetching, source=Claiming({"1": b"bytes"}))
    (told,) = lines(lambda: claiming.fetch(name))
    assert (told["why"], told["detail"]) == (why, detail)


def test_a_file_that_two_fetched_at_once() -> None:
    fetching, source, name = a_picture(Taken())
    assert lines(lambda: fetching.fetch(name)) == [line("file_fetched_twice", "info", file=name)]
    source.faults = [MediaError(MediaFailure.LATER, "busy")]
    assert lines(lambda: fetching.fetch(name)) == [line("file_fetched_twice", "info", file=name)]
    source.faults = [MediaError(MediaFailure.TOO_LARGE, "by far")]
    assert lines(lambda: fetching.fetch(name)) == [line("file_fetched_twice", "info", file=name)]


def test_a_file_that_is_left_to_the_sweep() -> None:
    fetching, source, name = a_picture(tasks=QueuesDown())
    source.faults = [MediaError(MediaFailure.LATER, "busy")]
    waits, left = lines(lambda: fetching.fetch(name))
    assert waits["event"] == "file_waits"
    assert left == line("tasks_left_to_the_sweep", "error", files=[name], exc_info=True)


# The record


def test_an_act_says_what_it_wrote_and_by_whose_role() -> None:
    room = post_room()
    act = {"type": "answered", "seq": 5, "step": 8, "role": Role.WHATSAPP_ADMIN}
    about = {"complaint": room.complaint.id, **act}
    assert lines(lambda: room.do(ActName.RESEND, ANI)) == [line("recorded", "info", **about)]
    assert room.row().state is RowState.PENDING

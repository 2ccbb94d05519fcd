"""A message comes in: whose it is, what it belongs to, what is kept of it, and how soon the same is said again."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aduan.procedure.complaint import Status
from aduan.procedure.definition import ActName
from aduan.procedure.personal import Identifier
from aduan.service.channel import Address, InboundMessage, Media, MessageKind, Text
from aduan.service.model import Message, RowKind
from aduan.service.ports import RowRef
from tests.service.fakes import FakeClock
from tests.service.full_house import ANI, NIK, SET_FORMAT, FullHouse, full_house, said, with_a_complaint
from tests.service.talk import SITI, WORDS, message

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BSUID = "ID.4711"


def take(house: FullHouse, text: str | None = "Selamat pagi", **changed: object) -> InboundMessage:
    """One message as it is written now, with some of it otherwise; what was taken."""
    given = replace(message(text), at=house.clock.now, **changed)  # type: ignore[arg-type]
    house.intake.take(given)
    return given


def kept(house: FullHouse, taken: InboundMessage) -> Message:
    """What the record has of it."""
    return next(one for one in house.store.messages if one.wamid == taken.wamid)


def owner(house: FullHouse, sender: Address) -> str | None:
    """Whose the next message of this sender would be."""
    found = house.store.inbound("wamid.next", sender).citizen
    return found.value.id if found else None


# Whose it is


def test_whoever_writes_first_becomes_a_citizen_with_their_names_and_a_key() -> None:
    house = full_house()
    sender = Address(phone="+6281234567890", bsuid=BSUID)

    taken = take(house, sender=sender, profile_name="Siti A.")

    citizen = house.store.citizen(owner(house, sender))  # type: ignore[arg-type]
    assert citizen is not None
    value = citizen.value
    assert (value.phone, value.bsuid, value.name) == (sender.phone, BSUID, "Siti A.")
    assert (value.last_message_at, value.current) == (taken.at, house.complaints[0].id)
    complaint = house.store.complaint(house.complaints[0].id)
    assert complaint is not None
    assert (citizen.key, complaint.key) == ("key 1", "key 2")  # so that it can be erased while they have another
    assert complaint.value.citizen == value.id
    for name in (Address(phone=sender.phone), Address(bsuid=BSUID)):
        assert owner(house, name) == value.id


def test_what_is_not_said_again_stays_known_and_what_is_new_is_learnt() -> None:
    house = full_house()
    take(house, profile_name="Siti A.")
    take(house, sender=Address(phone=SITI.phone, bsuid=BSUID))
    assert (house.citizen.phone, house.citizen.bsuid, house.citizen.name) == (SITI.phone, BSUID, "Siti A.")
    take(house, sender=Address(bsuid=BSUID), profile_name="Siti Aminah")
    assert (house.citizen.phone, house.citizen.name) == (SITI.phone, "Siti Aminah")
    assert len(house.store.citizens) == 1


def test_a_window_opens_with_the_newest_message_and_an_older_one_does_not_close_it() -> None:
    house = full_house()
    take(house)
    newest = house.clock.now
    house.intake.take(replace(message("Halo"), at=newest - MINUTE))
    assert house.citizen.last_message_at == newest
    house.wait(5)
    take(house)
    assert house.citizen.last_message_at == house.clock.now


def test_whoever_changes_their_number_stays_who_they_are_and_the_old_number_is_nobodys() -> None:
    house = full_house()
    take(house, SET_FORMAT)
    siti, number = house.citizen.id, Address(phone="+6289876543210")

    taken = take(house, None, kind=MessageKind.NUMBER_CHANGED, new_sender=number)

    assert owner(house, number) == siti
    assert owner(house, SITI) is None
    citizen = house.store.citizen(siti)
    assert citizen is not None
    assert citizen.value.phone == number.phone
    assert (kept(house, taken).citizen, kept(house, taken).complaint) == (siti, house.complaints[0].id)
    assert house.complaints[0].unread == 0

    take(house, "Selamat pagi")  # somebody who has the old number now
    assert house.citizen.id != siti
    assert house.complaint.id != house.complaints[0].id


def test_a_change_of_the_number_keeps_the_other_name() -> None:
    house = full_house()
    both, number = Address(phone=SITI.phone, bsuid=BSUID), Address(phone="+6289876543210")
    take(house, sender=both)
    siti = owner(house, both)
    take(house, None, kind=MessageKind.NUMBER_CHANGED, sender=both, new_sender=number)
    assert owner(house, Address(bsuid=BSUID)) == owner(house, number) == siti
    assert owner(house, SITI) is None


def test_a_change_of_the_business_id_keeps_the_number() -> None:
    house = full_house()
    both, new = Address(phone=SITI.phone, bsuid=BSUID), Address(bsuid="ID.4712")
    take(house, sender=both)
    siti = owner(house, both)
    take(house, None, kind=MessageKind.NUMBER_CHANGED, sender=both, new_sender=new)
    assert owner(house, new) == owner(house, SITI) == siti
    assert owner(house, Address(bsuid=BSUID)) is None


def test_a_change_to_the_same_number_changes_nobody() -> None:
    house = full_house()
    take(house)
    siti = house.citizen.id
    take(house, None, kind=MessageKind.NUMBER_CHANGED, new_sender=SITI)
    assert owner(house, SITI) == siti


def test_a_number_that_comes_with_another_business_id_is_another_person() -> None:
    house = full_house()
    first = Address(phone=SITI.phone, bsuid=BSUID)
    take(house, SET_FORMAT, sender=first)
    take(house, "Selamat pagi", sender=Address(phone=SITI.phone, bsuid="ID.9999"))
    assert len(house.store.citizens) == 2
    assert house.complaints[0].messages == 1
    assert owner(house, Address(bsuid=BSUID)) != owner(house, SITI)


# What is kept


def test_a_message_is_kept_as_it_came_with_whose_it_is_and_what_it_belongs_to() -> None:
    house = full_house()
    house.wait(3)
    taken = take(house, SET_FORMAT, raw='{"as": "it came"}')

    one = kept(house, taken)

    assert (one.citizen, one.complaint) == (house.citizen.id, house.complaint.id)
    assert (one.text, one.raw, one.kind) == (SET_FORMAT, '{"as": "it came"}', MessageKind.TEXT)
    assert (one.at, one.received_at, one.file) == (taken.at, house.clock.now, None)


@pytest.mark.parametrize("kind", [MessageKind.REACTION, MessageKind.EDIT, MessageKind.REVOKE])
def test_what_asks_for_nothing_is_kept_with_its_complaint_and_changes_nothing(kind: MessageKind) -> None:
    house = with_a_complaint()
    before = house.complaint
    rows = len(house.store.rows)

    taken = take(house, "👍", kind=kind, media=Media("1"))

    assert (kept(house, taken).complaint, kept(house, taken).citizen) == (before.id, house.citizen.id)
    assert (house.complaint, len(house.store.rows)) == (before, rows)
    assert house.tasks.fetches[-1] == (kept(house, taken).id, None)


def test_what_asks_for_nothing_before_any_complaint_is_kept_with_its_citizen() -> None:
    house = full_house()
    taken = take(house, "👍", kind=MessageKind.REACTION)
    assert (kept(house, taken).complaint, kept(house, taken).citizen) == (None, house.citizen.id)
    assert house.complaints == []


def test_what_cannot_be_read_is_kept_for_its_term_and_a_repeat_prolongs_nothing() -> None:
    house = full_house()
    begun = house.clock.now
    for _ in range(2):
        house.intake.keep_unreadable("{", "no JSON")
        house.wait(60)
    assert house.store.unreadable == {"{": ("{", "no JSON", begun)}
    assert house.store.unreadable_until == {"{": begun + timedelta(days=30)}


def test_a_command_is_kept_with_the_complaint_that_stands_and_answered_about_it() -> None:
    house = with_a_complaint()
    before = house.complaint
    house.wait(1)

    taken = take(house, "STATUS")

    row = [one for one in house.store.rows if one.kind is RowKind.NOTICE][-1]
    assert (kept(house, taken).complaint, row.complaint) == (before.id, before.id)
    assert (row.to_citizen, row.created_at) == (house.citizen.id, house.clock.now)
    assert house.tasks.sent[-1] == (RowRef.to(row), None)
    assert house.citizen.prompted == "command:status"


def test_a_command_before_any_complaint_is_answered_about_none() -> None:
    house = full_house()
    taken = take(house, "STATUS")
    (row,) = house.store.rows
    assert (kept(house, taken).complaint, row.complaint, row.to_citizen) == (None, None, house.citizen.id)


def test_a_turn_of_the_conversation_is_answered_about_its_draft_and_remembered() -> None:
    house = full_house()
    house.hear("Selamat pagi", "KTP")
    row = list(house.store.rows)[-1]
    assert (row.complaint, row.to_citizen) == (house.complaint.id, house.citizen.id)
    assert (house.citizen.prompted, house.citizen.prompted_at) == ("ask:name:", house.clock.now)
    assert (house.complaint.asking, house.complaint.form) == ("name", {"service": "identity_card"})
    assert getattr(said(row), "body", "") == "Siapa nama lengkap Anda, sesuai KTP?"  # and no greeting again


def test_what_is_added_is_answered_about_its_complaint_and_counted() -> None:
    house = with_a_complaint()
    house.wait(11)
    taken = take(house, "Kapan jadi?")
    row = list(house.store.rows)[-1]
    number = house.complaint.number
    assert said(row) == Text(WORDS.conversation.added.format(number=number))
    assert (row.complaint, kept(house, taken).complaint) == (house.complaint.id, house.complaint.id)
    assert (house.complaint.unread, house.citizen.prompted) == (1, f"added:{house.complaint.id}")


def test_a_reply_that_was_written_before_the_question_does_not_end_the_wait() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    house.wait(5).do(ActName.ASK_COMPLAINANT, ANI)
    house.intake.take(replace(message("Halo?"), at=house.clock.now - MINUTE))
    after_the_old_one = house.complaint.status
    house.wait(1)
    take(house, "Bulan Oktober.")
    assert (after_the_old_one, house.complaint.status) == (Status.WAITING, Status.OPEN)


def test_a_complaint_is_found_by_the_nik_and_the_phone_of_its_citizen() -> None:
    house = with_a_complaint()
    sought = (Identifier(kind="nik", value=NIK), Identifier(kind="phone", value="+6281234567890"))
    assert house.complaint.identifiers == sought
    unnamed = full_house()
    take(unnamed, "Selamat pagi", sender=Address(bsuid=BSUID))
    assert unnamed.complaints[0].identifiers == ()


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 24, 16, 59, tzinfo=UTC), "261124"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=UTC), "261125"),
    ],
)
def test_an_id_is_the_offices_day_and_five_letters_that_can_be_read_out(at: datetime, day: str) -> None:
    house = FullHouse(clock=FakeClock(at))
    take(house)
    assert re.fullmatch(rf"{day}-[2-9A-HJ-NP-Z]{{5}}", house.complaints[0].id)


def test_ids_do_not_repeat() -> None:
    house = full_house()
    for number in range(20):
        take(house, sender=Address(phone=f"+62811{number:07}"))
    assert len({complaint.id for complaint in house.complaints}) == 20


# How soon the same is said again


def replies(house: FullHouse, *after: timedelta, **changed: object) -> int:
    """How many replies there are to messages that come so long after the first of them."""
    begun, before = house.clock.now, len(house.to_siti())
    for wait in (timedelta(), *after):
        house.clock.now = begun + wait
        take(house, **changed)  # type: ignore[arg-type]
    return len(house.to_siti()) - before


@pytest.mark.parametrize(("pause", "count"), [(SECOND * 4.9, 1), (SECOND * 5, 2)])
def test_the_same_words_are_answered_again_after_five_seconds(pause: timedelta, count: int) -> None:
    assert replies(full_house(), pause) == count


@pytest.mark.parametrize(("pause", "count"), [(SECOND * 59.9, 1), (MINUTE, 2)])
def test_files_are_answered_again_after_a_minute(pause: timedelta, count: int) -> None:
    house = full_house()
    assert replies(house, pause, text=None, kind=MessageKind.IMAGE, media=Media("1")) == count


@pytest.mark.parametrize(("pause", "count"), [(10 * MINUTE - SECOND, 1), (10 * MINUTE, 2)])
def test_what_is_added_is_acknowledged_again_after_ten_minutes(pause: timedelta, count: int) -> None:
    house = with_a_complaint()
    house.wait(30)
    assert replies(house, pause) == count


@pytest.mark.parametrize(("late", "count"), [(15 * MINUTE, 1), (15 * MINUTE + SECOND, 0)])
def test_a_message_from_an_outage_is_kept_and_not_answered(late: timedelta, count: int) -> None:
    house = full_house()
    house.intake.take(replace(message("Selamat pagi"), at=house.clock.now - late))
    assert (len(house.to_siti()), len(house.store.messages)) == (count, 1)


# A flood


def flooded(house: FullHouse, count: int, *texts: str, apart: timedelta) -> int:
    """How many replies there are to so many messages, with these texts in turn."""
    before = len(house.to_siti())
    for place in range(count):
        house.clock.now += apart
        take(house, texts[place % len(texts)])
    return len(house.to_siti()) - before


@pytest.mark.parametrize("begin", [full_house, with_a_complaint])
@pytest.mark.parametrize("text", ["Halo", "STATUS", "BANTUAN", "P"])
def test_two_hundred_messages_in_a_minute_are_all_kept_and_answered_once(
    begin: Callable[[], FullHouse], text: str
) -> None:
    house = begin().wait(30)
    before = len(house.store.messages)
    assert flooded(house, 200, text, apart=MINUTE / 200) == 1
    assert len(house.store.messages) == before + 200


def test_what_is_no_answer_is_asked_for_and_once_more_with_what_is_wrong_with_it() -> None:
    assert flooded(full_house(), 200, "\N{PILE OF POO}", apart=MINUTE / 200) == 2


@pytest.mark.parametrize("count", [200, 2000])
def test_who_makes_every_message_another_turn_is_answered_ten_times_and_then_once_a_minute(count: int) -> None:
    house = full_house()
    assert flooded(house, count, "STATUS", "BANTUAN", apart=MINUTE / 200) == 10 + count // 200 - 1


def test_a_flood_is_over_after_a_pause_of_five_seconds() -> None:
    house = full_house()
    flooded(house, 50, "STATUS", "BANTUAN", apart=MINUTE / 200)
    assert flooded(house, 1, "STATUS", apart=SECOND * 4.9) == 0
    assert flooded(house, 1, "STATUS", apart=SECOND * 5) == 1
    assert house.citizen.in_a_row == 1


def test_in_a_flood_the_next_reply_is_a_whole_minute_after_the_last() -> None:
    house = full_house()
    flooded(house, 10, "STATUS", "BANTUAN", apart=SECOND)
    assert flooded(house, 59, "STATUS", "BANTUAN", apart=SECOND) == 0
    assert flooded(house, 1, "STATUS", apart=SECOND) == 1


def test_ten_messages_of_somebody_who_types_fast_are_each_answered() -> None:
    house = full_house()
    assert flooded(house, 10, "STATUS", "BANTUAN", apart=SECOND * 4.9) == 10
    assert flooded(house, 1, "STATUS", apart=SECOND * 4.9) == 0


def test_files_are_no_words_of_a_flood() -> None:
    house = full_house()
    replies(house, *[SECOND * 0.1 * place for place in range(30)], text=None, kind=MessageKind.IMAGE, media=Media("1"))
    assert house.citizen.in_a_row == 0


@pytest.mark.parametrize(("pause", "count"), [(SECOND * 4.9, 0), (SECOND * 5, 1)])
def test_a_picture_right_after_words_is_part_of_the_same_turn(pause: timedelta, count: int) -> None:
    house = full_house()
    take(house, "Selamat pagi")
    house.clock.now += pause
    assert replies(house, text=None, kind=MessageKind.IMAGE, media=Media("1")) == count


def test_words_of_another_turn_are_answered_at_once() -> None:
    house = full_house()
    take(house, "Selamat pagi")
    assert replies(house, text="KTP") == 1


@pytest.mark.parametrize(("pause", "count"), [(SECOND * 59, 0), (MINUTE, 1)])
def test_the_rest_of_an_album_that_was_the_complaint_is_not_acknowledged(pause: timedelta, count: int) -> None:
    house = with_a_complaint()
    assert house.citizen.prompted == "submitted"
    house.clock.now += pause
    assert replies(house, text=None, kind=MessageKind.IMAGE, media=Media("1")) == count


@pytest.mark.parametrize(("pause", "count"), [(SECOND * 30, 1), (MINUTE, 2)])
def test_what_cannot_be_read_is_told_so_once_a_minute(pause: timedelta, count: int) -> None:
    house = with_a_complaint()
    house.wait(30)
    assert replies(house, pause, text=None, kind=MessageKind.UNREADABLE) == count
    assert house.citizen.prompted == "unreadable"


def test_a_picture_without_words_is_added_like_any_message() -> None:
    house = with_a_complaint()
    house.wait(30)
    take(house, None, kind=MessageKind.IMAGE, media=Media("1"))
    added = WORDS.conversation.added.format(number=house.complaint.number)
    assert said(list(house.store.rows)[-1]) == Text(added)


# Texts that wait behind a button


def behind_a_button(house: FullHouse, reply_id: str) -> list[str]:
    """What a tap brings."""
    before = {row.id for row in house.store.rows}
    taken = take(house, "Lihat", kind=MessageKind.REPLY, reply_id=reply_id)
    rows = [row for row in house.store.rows if row.id not in before]
    assert [ref for ref, _ in house.tasks.sent[len(house.tasks.sent) - len(rows) :]] == [RowRef.to(r) for r in rows]
    assert kept(house, taken).complaint == house.complaint.id
    return [getattr(said(row), "body", "") for row in rows]


def test_a_tap_brings_the_answer_as_the_answer_of_its_complaint() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    number = complaint.number

    words = behind_a_button(house, f"answer:{complaint.id}")

    assert words == [f"Jawaban aduan {number}:\n\nKTP Anda bisa diambil."]
    row = [one for one in house.store.rows if one.kind is RowKind.ANSWER][-1]
    assert complaint.answer is not None
    assert (row.text_sha256, row.sending, row.complaint) == (complaint.answer.sha256, 1, complaint.id)
    assert (row.to_citizen, row.created_at, row.fallback) == (complaint.citizen, house.clock.now, None)
    assert row.next_at == house.clock.now + MINUTE


def test_a_tap_brings_the_question_while_it_is_asked() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    complaint = house.do(ActName.ASK_COMPLAINANT, ANI)
    words = behind_a_button(house, f"question:{complaint.id}")
    assert words == [f"Pertanyaan tentang aduan {complaint.number}:\n\nKapan Anda merekam data?"]
    row = [one for one in house.store.rows if one.kind is RowKind.NOTICE][-1]
    assert (row.complaint, row.to_citizen, row.created_at) == (complaint.id, complaint.citizen, house.clock.now)
    house.do(ActName.FORWARD, ANI)
    assert behind_a_button(house, f"question:{complaint.id}") == []


@pytest.mark.parametrize("tapped", ["answer:{id}", "question:{id}", "answer:unknown", "answer", "acknowledged:{id}"])
def test_a_tap_on_what_is_not_there_brings_nothing_and_changes_nothing(tapped: str) -> None:
    house = with_a_complaint()
    before = house.complaint
    assert behind_a_button(house, tapped.format(id=before.id)) == []
    assert house.complaint == before


def test_an_answer_that_was_only_proposed_or_refused_is_not_shown() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    loaded = house.store.complaint(complaint.id)
    assert loaded is not None
    proposed = complaint.model_copy(update={"answered_at": None})
    house.store.complaints.put(complaint.id, replace(loaded, value=proposed))
    assert behind_a_button(house, f"answer:{complaint.id}") == []


def test_nobody_sees_the_answer_to_somebody_else() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    other = Address(phone="+6289876543210")
    before = len(house.store.rows)
    take(house, "Lihat", sender=other, kind=MessageKind.REPLY, reply_id=f"answer:{complaint.id}")
    assert len(house.store.rows) == before


def test_the_answer_may_be_asked_for_as_often_as_one_likes() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    assert len(behind_a_button(house, f"answer:{complaint.id}")) == 1
    assert len(behind_a_button(house, f"answer:{complaint.id}")) == 1


def test_a_picture_called_status_is_a_picture() -> None:
    house = with_a_complaint()
    house.wait(30)
    taken = take(house, "STATUS", kind=MessageKind.IMAGE, media=Media("1"))
    assert house.complaint.unread == 1
    assert kept(house, taken).file is not None
    titled = take(house, "status", reply_id="unknown:x")
    assert kept(house, titled).text == "status"
    assert house.complaint.unread == 2


def status_of(house: FullHouse) -> str:
    """What STATUS is answered."""
    take(house, "STATUS")
    return getattr(said(list(house.store.rows)[-1]), "body", "")


def test_status_of_a_question_repeats_it_with_the_number_as_long_as_both_fit() -> None:
    house = with_a_complaint()
    house.do(ActName.RECEIVE, ANI)
    complaint = house.do(ActName.ASK_COMPLAINANT, ANI)
    words = f"Aduan {complaint.number} menunggu jawaban Anda atas pertanyaan ini:\n\n"
    assert status_of(house) == f"{words}Kapan Anda merekam data?"

    for length, is_framed in ((4096 - len(words), True), (4097 - len(words), False)):
        again = with_a_complaint()
        again.do(ActName.RECEIVE, ANI)
        asking = again.do(ActName.ASK_COMPLAINANT, ANI, question="x" * length)
        assert (asking.number or "") in status_of(again) or not is_framed
        assert status_of(again.wait(1)).startswith("Aduan ") is is_framed


def test_status_of_what_is_closed_says_so() -> None:
    house = with_a_complaint()
    complaint = house.do(ActName.SETTLE, ANI)
    loaded = house.store.complaint(complaint.id)
    assert loaded is not None
    closed = complaint.model_copy(update={"status": Status.CLOSED, "step": None, "due_at": None})
    house.store.complaints.put(complaint.id, replace(loaded, value=closed))
    assert status_of(house) == f"Aduan {complaint.number} sudah selesai."

"""STATUS, ADUAN BARU and BANTUAN, in every state in which a citizen may send them, and what a burst is answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aduan.procedure.complaint import Status
from aduan.procedure.definition import ActName
from aduan.service import limits
from aduan.service.channel import MessageKind
from aduan.service.conversation import CONFIRM
from aduan.service.self_service import Command
from tests.service.house_of_fakes import HouseOfFakes
from tests.service.talk import CONVERSATION, PROCEDURE, WORDS, message

NIK = "3402014107900001"
SET_FORMAT = f"Layanan: KTP\nNama: Siti Aminah\nNIK: {NIK}\nAduan: KTP saya belum jadi sejak dua bulan lalu."
QUESTION = "Apakah Anda sudah perekaman?"


def _nothing(house: HouseOfFakes) -> None:
    """She has never written."""
    del house


def _draft(house: HouseOfFakes) -> None:
    house.hear("Selamat pagi", "KTP")


def _unconfirmed(house: HouseOfFakes) -> None:
    house.hear(SET_FORMAT.removeprefix("Layanan: KTP\n"))
    assert house.complaint.asking == CONFIRM


def _given_up(house: HouseOfFakes) -> None:
    house.hear("Selamat pagi", "batal")


def _open(house: HouseOfFakes) -> None:
    house.hear(SET_FORMAT)


def _waiting(house: HouseOfFakes) -> None:
    _open(house)
    house.act(ActName.RECEIVE)
    house.act(ActName.ASK_COMPLAINANT, question=QUESTION)


def _answered(house: HouseOfFakes) -> None:
    _open(house)
    house.act(ActName.SETTLE, note="Data benar.", answer="Silakan diambil.")


STATES: dict[str, Callable[[HouseOfFakes], None]] = {
    "nothing": _nothing,
    "draft": _draft,
    "unconfirmed": _unconfirmed,
    "given up": _given_up,
    "open": _open,
    "waiting": _waiting,
    "answered": _answered,
}


def house_with(state: str) -> HouseOfFakes:
    house = HouseOfFakes()
    STATES[state](house)
    house.clock.now += timedelta(minutes=1)
    return house


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("nothing", "Belum ada aduan dari Anda"),
        ("draft", "belum lengkap. Yang belum ada: Nama, NIK, Aduan."),
        ("unconfirmed", "Yang belum ada: konfirmasi Anda."),
        ("given up", "Belum ada aduan dari Anda"),
        ("open", "{number} sedang ditangani. Tahap sekarang: Admin WA menerima aduan, dengan batas waktu Selasa, 24 "),
        ("waiting", QUESTION),
        ("answered", "{number} sudah kami jawab"),
    ],
)
@pytest.mark.parametrize("written", ["STATUS", "status", "Status.", " *STATUS* ", "cek status kak 🙏"])
def test_status_says_where_it_stands_and_changes_nothing(state: str, says: str, written: str) -> None:
    house = house_with(state)
    before = house.complaints
    (reply,) = house.hear(written)
    number = house.complaints[0].number if before else ""
    assert says.format(number=number) in reply
    assert house.complaints == before


@pytest.mark.parametrize("state", STATES)
def test_help_shows_the_set_format_and_changes_nothing(state: str) -> None:
    house = house_with(state)
    before = house.complaints
    (reply,) = house.hear("Bantuan")
    assert all(f"{field.label}: " in reply for field in PROCEDURE.form.fields)
    assert CONVERSATION.kept() in reply
    assert house.complaints == before


def test_the_format_that_help_shows_is_read_back_when_it_is_filled_in() -> None:
    house = HouseOfFakes()
    (reply,) = house.hear("BANTUAN")
    blank = reply[reply.index("Layanan:") : reply.index("Kata yang bisa")]
    filled = blank.replace("Layanan: ", "Layanan: KTP").replace("Nama: ", "Nama: Siti").replace("NIK: ", f"NIK: {NIK}")
    house.hear(filled.replace("Aduan: ", "Aduan: KTP belum jadi juga"))
    assert house.complaint.status is Status.OPEN


@pytest.mark.parametrize("state", ["nothing", "draft", "unconfirmed", "given up"])
def test_another_complaint_begins_anew_and_leaves_one_draft(state: str) -> None:
    house = house_with(state)
    (reply,) = house.hear("ADUAN BARU")
    assert WORDS.conversation.greeting.format(office=PROCEDURE.office, kept=CONVERSATION.kept()) in reply
    assert (house.complaint.status, house.complaint.form) == (Status.DRAFT, {})
    assert [c.status for c in house.complaints].count(Status.DRAFT) == 1


@pytest.mark.parametrize("state", ["open", "waiting", "answered"])
def test_another_complaint_leaves_the_open_one_as_it_is(state: str) -> None:
    house = house_with(state)
    first = house.complaint
    house.hear("Aduan baru")
    assert house.complaint.status is Status.DRAFT
    house.hear(SET_FORMAT)
    assert house.complaints[0] == first
    assert house.complaint.number not in (None, first.number)


def test_asking_for_another_complaint_again_and_again_leaves_one_draft() -> None:
    house = HouseOfFakes()
    replies = house.hear(*["ADUAN BARU"] * 30, apart=timedelta(seconds=1))
    assert len(house.complaints) == 1
    assert len(replies) <= 6
    assert len(house.store.messages) == 30


def test_a_question_of_any_length_can_be_asked_for_again() -> None:
    house = house_with("open")
    house.act(ActName.RECEIVE)
    house.act(ActName.ASK_COMPLAINANT, question="x" * limits.TEXT)
    (reply,) = house.hear("STATUS")
    assert reply == "x" * limits.TEXT


# What a burst is answered


@pytest.mark.parametrize("text", ["STATUS", "BANTUAN", "halo", "P", SET_FORMAT, "Terima kasih"])
@pytest.mark.parametrize("state", STATES)
def test_thirty_messages_in_three_seconds_are_all_kept_and_answered_at_most_thrice(state: str, text: str) -> None:
    house = house_with(state)
    before = len(house.store.messages)
    replies = house.hear(*[text] * 30, apart=timedelta(milliseconds=100))
    assert len(house.store.messages) == before + 30
    assert len(replies) <= 3


@pytest.mark.parametrize("state", ["nothing", "draft", "open", "waiting", "answered"])
def test_an_album_is_one_turn(state: str) -> None:
    house = house_with(state)
    house.clock.now += timedelta(minutes=30)
    pictures = [message(kind=MessageKind.IMAGE) for _ in range(10)]
    assert len(house.hear(*pictures, apart=timedelta(seconds=0.5))) == 1


def test_the_rest_of_an_album_whose_first_picture_was_the_complaint_is_not_acknowledged_again() -> None:
    house = HouseOfFakes()
    pictures = [message(kind=MessageKind.IMAGE) for _ in range(9)]
    replies = house.hear(message(SET_FORMAT, MessageKind.IMAGE), *pictures, apart=timedelta(seconds=0.5))
    assert len(replies) == 1
    assert house.complaint.messages == 10


def test_a_picture_sent_as_the_answer_to_a_question_is_answered() -> None:
    house = house_with("draft")
    (reply,) = house.hear(message(kind=MessageKind.IMAGE), apart=timedelta(seconds=20))
    assert WORDS.conversation.media_kept in reply


def test_messages_to_an_open_complaint_are_acknowledged_once_in_ten_minutes() -> None:
    house = house_with("open")
    assert len(house.hear("Halo pak", "Bagaimana?", "Kok lama", apart=timedelta(minutes=3))) == 1
    assert len(house.hear("Halo lagi", apart=timedelta(minutes=10))) == 1
    assert house.complaint.unread == 4


def test_a_message_that_comes_hours_late_is_kept_and_is_not_asked_an_old_question() -> None:
    house = HouseOfFakes()
    written = house.clock.now + timedelta(seconds=10) - timedelta(hours=3)
    assert house.hear("Selamat pagi", late=timedelta(hours=3)) == []
    assert (house.complaint.status, house.complaint.started_at) == (Status.DRAFT, written)


def test_a_whole_complaint_that_comes_hours_late_is_registered_and_told_its_number() -> None:
    house = HouseOfFakes()
    (reply,) = house.hear(SET_FORMAT, late=timedelta(hours=3))
    assert house.complaint.number is not None
    assert house.complaint.number in reply


def test_what_cannot_be_read_in_an_open_complaint_is_told_kindly_and_counted() -> None:
    house = house_with("open")
    (reply,) = house.hear(message(kind=MessageKind.UNREADABLE))
    assert reply == WORDS.conversation.unreadable
    assert house.complaint.unread == 1


@pytest.mark.parametrize("state", ["open", "waiting", "answered"])
@pytest.mark.parametrize("tapped", ["confirm:send", "confirm:cancel", "service:family_card", "edit:nik"])
def test_a_button_of_the_conversation_tapped_again_afterwards_changes_nothing(state: str, tapped: str) -> None:
    house = house_with(state)
    before, kept = house.complaint, len(house.store.messages)
    assert house.hear(message("Kirim", MessageKind.REPLY, tapped)) == []
    assert house.complaint == before
    assert len(house.store.messages) == kept + 1


def test_a_draft_that_only_waits_for_its_yes_is_reminded_with_the_buttons() -> None:
    house = house_with("unconfirmed")
    reminder, template = house.outgoing.reminder(house.complaint)
    assert [option.id for option in getattr(reminder, "options", ())] == [
        f"{CONFIRM}:send", f"{CONFIRM}:edit", f"{CONFIRM}:cancel",
    ]  # fmt: skip
    assert template.parameters == (WORDS.conversation.confirmation,)


def test_a_draft_is_reminded_with_the_question_that_stands() -> None:
    house = HouseOfFakes()
    house.hear(SET_FORMAT.replace("KTP", "berkas").replace(NIK, "3402"))
    reminder, _ = house.outgoing.reminder(house.complaint)
    asked = PROCEDURE.form.field(house.complaint.asking or "")
    assert getattr(reminder, "body", "").endswith(asked.question)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        *((text, Command.STATUS) for text in ("status", "Cek status", "STATUS ADUAN kak")),
        *((text, Command.HELP) for text in ("bantuan", "Help", "menu")),
        ("Aduan baru", Command.NEW_COMPLAINT),
        ("status saya", None),
    ],
)
def test_a_command_is_known_however_it_is_written(text: str, command: Command | None) -> None:
    assert HouseOfFakes().intake.self_service.command(message(text)) is command

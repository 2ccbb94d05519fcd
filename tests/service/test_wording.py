"""The office's words: what they may name, how a time is told, and how much of a list an alert holds."""

import tomllib
from copy import deepcopy
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from aduan.procedure.effects import AlertReason
from aduan.procedure.office_file import OfficeFileError, parse
from aduan.service.channel import Template, Text
from aduan.service.limits import TEMPLATE_PARAMETERS
from aduan.service.wording import Words, local_time, term_in_words
from tests.service.talk import OFFICE, PROCEDURE, WORDS

TEXT = (OFFICE / "messages.toml").read_text(encoding="utf-8")
LINK = "https://staff.office.test/aduan?late=1"


@pytest.mark.parametrize(
    ("at", "zone", "told"),
    [
        (datetime(2026, 11, 24, 7, 5, tzinfo=UTC), "Asia/Jakarta", "Selasa, 24 November 2026 pukul 14.05 WIB"),
        (datetime(2026, 1, 31, 17, 0, tzinfo=UTC), "Asia/Jakarta", "Minggu, 1 Februari 2026 pukul 00.00 WIB"),
        (datetime(2026, 5, 1, 0, 0, tzinfo=UTC), "Asia/Makassar", "Jumat, 1 Mei 2026 pukul 08.00 WITA"),
        (datetime(2026, 3, 7, 0, 0, tzinfo=UTC), "Asia/Jayapura", "Sabtu, 7 Maret 2026 pukul 09.00 WIT"),
        (datetime(2026, 4, 6, 0, 0, tzinfo=UTC), "UTC", "Senin, 6 April 2026 pukul 00.00 UTC"),
    ],
)
def test_a_time_is_told_in_words_and_in_the_offices_zone(at: datetime, zone: str, told: str) -> None:
    assert local_time(at, ZoneInfo(zone)) == told


def test_every_month_has_its_name() -> None:
    names = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
    months = [local_time(datetime(2026, month, 15, tzinfo=UTC), ZoneInfo("UTC")).split()[2] for month in range(1, 13)]
    assert " ".join(months) == names


def test_every_weekday_has_its_name() -> None:
    days = [local_time(datetime(2026, 6, day, tzinfo=UTC), ZoneInfo("UTC")).split(",")[0] for day in range(1, 8)]
    assert days == ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]


PLACEHOLDERS = {
    "conversation": {
        "greeting": "office kept",
        "kept": "messages complaints",
        "confirm": "summary",
        "help": "format kept",
        "added": "number",
        **dict.fromkeys(("choose_service", "media_kept", "unreadable", "confirmation", "confirm_send"), ""),
        **dict.fromkeys(("confirm_edit", "confirm_cancel", "choose_field", "choose_field_label"), ""),
        **dict.fromkeys(("cancelled", "nothing_open"), ""),
    },
    "status": {
        "draft": "missing",
        "open": "number step due",
        "waiting": "number question",
        "answered": "number",
        "closed": "number",
    },
    "notices": {
        "registered": "number",
        "incomplete": "missing question",
        "question": "number text",
        "answer": "number text",
        "correction_follows": "number",
    },
    "alerts": {
        **dict.fromkeys(("step_late", "escalated", "desk_vacant", "total_late"), "number step name"),
        **dict.fromkeys(("approval_waiting", "send_failed", "data_check"), "number step name"),
        "still_standing": "numbers",
        "still_standing_more": "numbers count",
        "still_standing_title": "",
        "acknowledge": "",
    },
}
"""What each text of the file may name."""

PLACES = [(table, key) for table, keys in PLACEHOLDERS.items() for key in keys]


def words_with(table: str, key: str, text: str) -> Words:
    """The office's words with one of them changed."""
    data = tomllib.loads(TEXT)
    data[table][key] = text
    return Words.model_validate(data)


@pytest.mark.parametrize(("table", "key"), PLACES)
def test_a_text_may_name_only_what_the_program_fills_in(table: str, key: str) -> None:
    names = [f"{{{name}}}" for name in PLACEHOLDERS[table][key].split()]

    words = words_with(table, key, f" ya: {' '.join(names)} ")
    with pytest.raises(ValidationError) as refused:
        words_with(table, key, "{nik}")

    assert getattr(getattr(words, table), key) == f"ya: {' '.join(names)}".strip()
    assert f"unknown placeholder {{nik}}, expected {', '.join(names) or 'none'} " in str(refused.value)


def test_every_text_of_the_file_is_held_to_its_placeholders() -> None:
    texts = [(table, key) for table, keys in tomllib.loads(TEXT).items() for key in keys if table != "templates"]
    assert sorted(texts) == sorted(PLACES)


@pytest.mark.parametrize(
    "key", ["choose_service", "choose_field_label", "confirm_send", "confirm_edit", "confirm_cancel"]
)
def test_what_stands_on_a_button_is_no_longer_than_whatsapp_takes(key: str) -> None:
    assert getattr(words_with("conversation", key, "x" * 20).conversation, key) == "x" * 20
    with pytest.raises(ValidationError, match="at most 20 characters"):
        words_with("conversation", key, "x" * 21)


def test_the_first_strange_placeholder_is_told() -> None:
    with pytest.raises(OfficeFileError, match=r"unknown placeholder \{a\}, expected \{number\}"):
        parse(TEXT.replace("sudah selesai.", "{b} {a}", 1), name="m.toml", model=Words)


def test_a_text_loses_the_blanks_around_it() -> None:
    words = parse(TEXT.replace('cancelled = "', 'cancelled = " \\n '), name="m.toml", model=Words)
    assert words.conversation.cancelled == WORDS.conversation.cancelled


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (AlertReason.STEP_LATE, "melewati batas waktu tahap 3 (Verifikasi oleh Admin WA)"),
        (AlertReason.TOTAL_LATE, "melewati total waktu instruksi dan belum dijawab"),
        (AlertReason.SEND_FAILED, "jawabannya gagal terkirim; mohon kirim ulang"),
    ],
)
def test_an_alert_names_one_complaint_what_happened_and_where_to_look(reason: AlertReason, words: str) -> None:
    alert = WORDS.alert(reason, "ADU-261124-23456", PROCEDURE.step(3), LINK)
    assert alert == Template("aduan_alert", ("ADU-261124-23456", words, LINK), ("acknowledged",))


def test_an_alert_may_name_the_number_among_its_words() -> None:
    alert = words_with("alerts", "step_late", "{number} lewat").alert(AlertReason.STEP_LATE, "ADU-1", None, LINK)
    assert alert.parameters == ("ADU-1", "ADU-1 lewat", LINK)


def test_an_alert_at_no_step_has_a_dash_for_it() -> None:
    alert = WORDS.alert(AlertReason.STEP_LATE, "ADU-1", None, LINK)
    assert alert.parameters[1] == "melewati batas waktu tahap – (–)"


def numbers(count: int) -> list[str]:
    """So many complaints."""
    return [f"ADU-261124-{number:05}" for number in range(count)]


def test_a_daily_list_names_all_that_stand() -> None:
    message = WORDS.daily_list(numbers(2), LINK)
    words = "masih melewati batas waktu: ADU-261124-00000, ADU-261124-00001"
    assert message == Template("aduan_alert", ("Daftar harian", words, LINK), ("acknowledged",))


def test_a_long_daily_list_names_as_many_as_a_template_holds_and_counts_the_rest() -> None:
    message = WORDS.daily_list(numbers(100), LINK)

    title, words, link = message.parameters
    named = words.count("ADU-")
    rest = f" dan {100 - named} lainnya"
    assert words == f"masih melewati batas waktu: {', '.join(numbers(named))}{rest}"
    length = len(title) + len(words) + len(link)
    assert length <= TEMPLATE_PARAMETERS < length + len(", ADU-261124-00000")


def test_a_list_that_fills_a_template_to_the_last_letter_is_told_whole() -> None:
    words = WORDS.daily_list(numbers(3), LINK).parameters
    room = TEMPLATE_PARAMETERS - sum(map(len, words))
    longer = [*numbers(3)[:2], numbers(3)[2] + "x" * room]
    assert WORDS.daily_list(longer, LINK).parameters[1].endswith("x" * room)
    too_long = WORDS.daily_list([*longer[:2], longer[2] + "x"], LINK)
    assert too_long.parameters[1].endswith("ADU-261124-00001 dan 1 lainnya")


@pytest.mark.parametrize(("length", "is_framed"), [(4096 - 33, True), (4096 - 32, False)])
def test_a_frame_is_left_out_where_it_would_not_fit(length: int, is_framed: bool) -> None:
    text = "x" * length
    frame = "Jawaban aduan {number}:\n\n{text}"
    whole = f"Jawaban aduan ADU-261124-23456:\n\n{text}"
    assert len(whole) - length == 33
    assert WORDS.framed(frame, "ADU-261124-23456", text) == Text(whole if is_framed else text)


@pytest.mark.parametrize(
    ("days", "told"), [(30, "30 hari"), (364, "364 hari"), (365, "1 tahun"), (366, "366 hari"), (730, "2 tahun")]
)
def test_a_term_is_told_in_days_or_in_whole_years(days: int, told: str) -> None:
    assert term_in_words(days) == told


def test_a_key_that_belongs_nowhere_is_refused_in_every_table() -> None:
    data = tomllib.loads((OFFICE / "messages.toml").read_text("utf-8"))
    places = [(), *((name,) for name, value in data.items() if isinstance(value, dict))]
    for place in places:
        changed = deepcopy(data)
        table = changed[place[0]] if place else changed
        table["colour"] = "merah"
        with pytest.raises(ValidationError) as refused:
            Words.model_validate(changed)
        assert [error["loc"] for error in refused.value.errors()] == [(*place, "colour")]

"""Numbers that name a person are hidden wherever a text is shown, however they are written; other numbers are not."""

import re
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aduan.service import masking
from aduan.service.masking import masked, masked_alone, restored, summary

NIK = "3402014107900001"
HIDDEN = "3402••••••••••01"


def in_script(nought: int) -> str:
    """The NIK in digits that begin at a code point."""
    return "".join(chr(nought + int(digit)) for digit in NIK)


WRITTEN = {
    "together": NIK,
    "in fours": "3402 0141 0790 0001",
    "one by one": " ".join(NIK),
    "dotted": "34.02.01.410790.0001",
    "dashed": "3402-0141-0790-0001",
    "with long dashes": "3402\u20130141\u20140790\u20110001",
    "slashed": "34/02/01/410790/0001",
    "with strokes below": "3402_0141_0790_0001",
    "with commas": "3402, 0141, 0790, 0001",
    "in brackets": "(3402)0141(0790)0001",
    "over four lines": "3402\n0141\r\n0790\n0001",
    "with tabs": "3402\t0141\t0790\t0001",
    "with hard spaces": "3402\xa00141\xa00790\u202f0001",
    "with invisible spaces": "\u200b".join(NIK),
    "with invisible joiners": "3402\u2060\u200d0141\ufeff0790\u00ad0001",
    "from right to left": "\u202e3402\u202c0141\u200f0790\u200e0001",
    "struck through": "".join(f"{digit}\u0336" for digit in NIK),
    "in keycaps": "".join(f"{digit}\ufe0f\u20e3" for digit in NIK),
    "with stars": "3402*0141*0790*0001",
    "with letters O and I": "34O2OI4IO79OOOOI",
    "with small letters": "34o2ol4lo79ooool",
    "with letters, in fours": "34O2 OI4I O79O OOOI",
    "with a letter group by itself": "3402 0141 0790 OOOl",
    "with Cyrillic letters": "34\u041e2\u043e14107900001",
    "in wide digits": in_script(0xFF10),
    "in Arabic digits": in_script(0x660),
    "in Devanagari digits": in_script(0x966),
    "in mathematical digits": in_script(0x1D7EC),
    "in circles": "③④⓪②⓪①④①⓪⑦⑨⓪⓪⓪⓪①",
    "raised": "³⁴⁰²⁰¹⁴¹⁰⁷⁹⁰⁰⁰⁰¹",
    "with many invisible spaces": ("\u200b" * 5).join(NIK),
    "struck through often": ("\u0336" * 5).join(NIK),
    "in many keycaps": ("\u20e3" * 5).join(NIK),
    "with many control characters": ("\x00" * 5).join(NIK),
}


@pytest.mark.parametrize("number", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_nik_is_hidden_however_it_is_written(number: str) -> None:
    assert HIDDEN in masked(number)
    assert HIDDEN in masked(f"NIK saya {number}, mohon dicek.")
    shown = masked(f"NIK{number}atas nama Siti")
    assert sum(masking._is_digit(char) for char in shown) <= 6  # noqa: SLF001 - what a digit is, in any script
    assert shown.startswith("NIK")
    assert shown.endswith("atas nama Siti")


OTHERS = {
    "a family card": ("KK 3402010203040506", "KK 3402••••••••••06"),
    "a mobile number": ("hubungi 0812-3456-7890 ya", "hubungi 0812••••••90 ya"),
    "with its country": ("+62 812-3456-7890", "6281•••••••90"),
    "in brackets": ("(+62) 81234567890", "(6281•••••••90"),
    "a link": ("https://wa.me/6281234567890", "https://wa.me/6281•••••••90"),
    "a fixed line": ("(0274) 367509", "(02••••••09"),
    "a short fixed line": ("0274-36750", "0••••••50"),
    "an address": ("siti081234567890@example.id", "siti0812••••••90@example.id"),
    "two after one another": (f"{NIK} 081234567890", f"{HIDDEN} 0812••••••90"),
    "two on two lines": (f"{NIK}\n3402010203040506", f"{HIDDEN}\n3402••••••••••06"),
    "two in groups": ("3402 0141 0790 0001 0812 3456 7890", "3402••••••••••••••••90"),
    "beside a date": (f"01-07-1990 {NIK}", f"01-07-1990 {HIDDEN}"),
    "beside a time": (f"pukul 14.05: {NIK}", f"pukul 14.05: {HIDDEN}"),
    "with what looks like a date in it": ("0812 10 11 2012", "0812••••••12"),
    "with what looks like a time in it": ("0812 14.05 9912", "0812••••••12"),
    "with a word behind": ("0812 3456 7890 BISA", "0812••••••90 BISA"),
    "with a bus behind": ("0812 3456 7890 BIS", "0812••••••90 BIS"),
    "no sum, for it is none of rupiah": ("812.345.678", "8••••••78"),
    "a sum that is none": ("Rp 3402014107900001", "Rp 3402••••••••••01"),
    "one too long for any": ("1" * 60, "1111••••••••••••••••11"),
    "of a complaint that is none": ("ADU-340201-4107900001", "ADU-3402••••••••••01"),
    "of a complaint of no day": ("D-081234-56789", "D-081••••••89"),
    "in pairs, as no time is": ("hp 08.38.12.9416", "hp 08••••••16"),
    "with a zone that is none": ("hp 08.24-2365-60", "hp 08••••••60"),
    "with seconds and a zone that is none": ("hp 08.24.23-6560", "hp 08••••••60"),
    "in brackets, with a dash": ("(0274) - 367509", "(02••••••09"),
    "with a word at its end": ("081234567Oke", "0••••••67Oke"),
    "a quarter of it in digits": ("34O2OI4IOOZOOOOI", "3402••••••••••01"),
    "two far from one another": (f"{NIK} ------ 081234567890", f"{HIDDEN} ------ 0812••••••90"),
    "the shortest two": ("027436750 081234567", "0••••••50 0••••••67"),
    "one that is whole in groups, before another": ("027 436 750 081234567890", "0••••••50 0812••••••90"),
    "too few digits, before another": ("1234 5678 081234567890", "1234••••••••••••••90"),
    "too few digits, between two": (f"{NIK} 1234 5678 081234567890", f"{HIDDEN} 1234••••••••••••••90"),
    "too few digits, behind another": (f"{NIK} 08123456", f"{HIDDEN} ••••••56"),
    "the shortest, beside a date": ("01-07-1990 027436750", "01-07-1990 0••••••50"),
    "beside a date and a counter": (f"123, 01-07-1990 {NIK}", f"123, 01-07-1990 {HIDDEN}"),
}


@pytest.mark.parametrize(("text", "shown"), OTHERS.values(), ids=OTHERS.keys())
def test_numbers_that_name_somebody_are_hidden_each_by_itself(text: str, shown: str) -> None:
    assert masked(text) == shown


KEPT = (
    "",
    "loket 3, 14.05, tahun 2026",
    "aduan ADU-261124-23456",
    "aduan ADU-261124-23456, ADU-261124-78923 dan draf D-261124-23456",
    "aduan adu-261124-234ab, Adu-261124-23456 dan d-261124-8bgzs",
    "12/11/2026 14.05",
    "12-11-2026 s.d. 13-11-2026",
    "Selasa, 24 11 2026 08.00-15.00",
    "2026-11-24T02:00:00.123456+00:00",
    "2026-11-24 02:00:00+07:00",
    "tahun 2024/2025, 2025/2026",
    "Rp 150.000.000",
    "Rp150.000.000,-",
    "IDR 1.250.000.000",
    "RT 03 RW 05, 55711",
    "antre nomor 12, lalu 1234567",
    "0812 3456",
    "BISA BIS SOS IBI OLI BOLOS SOLO BOIL",
    "OOOOOOOOOOOO",
    "!!!!!!!!!!!!! ... |||||||||||||",
    "1 dua 3 empat 5 enam 7 delapan 9 sepuluh",
    "no 12345678",
    "12345678 oleh Siti",
    "0274 ----- 36750",
    "34OZOI4IOOZOOOOI",
)


@pytest.mark.parametrize("text", KEPT)
def test_the_programs_own_numbers_dates_times_sums_and_short_numbers_stay(text: str) -> None:
    assert masked(text) == text


def test_at_least_six_digits_of_a_number_are_hidden_and_six_at_most_are_shown() -> None:
    for length in range(masking.FEWEST, 40):
        shown = masked("7" * length)
        assert shown.count("7") <= 6
        assert shown.count("•") >= 6
    assert masked("7" * (masking.FEWEST - 1)) == "7" * (masking.FEWEST - 1)


@given(
    st.lists(st.sampled_from(("", " ", ".", "-", "/", "\n", "\u200b", ") (", " - ")), min_size=15, max_size=15),
    st.text(st.sampled_from("aceKxyäßж")),
)
def test_a_nik_with_anything_between_its_digits_shows_six_of_them_at_most(between: list[str], around: str) -> None:
    written = "".join(digit + gap for digit, gap in zip(NIK, [*between, ""], strict=True))
    shown = masked(f"{around}{written}{around}")
    assert len(re.findall(r"\d", shown)) <= 6 or not re.search(r"\d(?:\W{0,4}\d){8}", shown)
    assert "3402014107900001" not in re.sub(r"\D", "", shown)


@given(st.text())
def test_what_is_masked_once_stays_as_it_is(text: str) -> None:
    once = masked(text)
    assert masked(once) == once
    assert masked(masked_alone(text)) == masked(text) or "•" in masked_alone(text)


def test_a_summary_is_masked_before_it_is_cut() -> None:
    assert summary(f"{'a' * 70} 3402014107900001") == f"{'a' * 70} 3402•••••"


# What the program says of its own work


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"to {NIK}!", f"to {HIDDEN}!"),
        ("recipient +62 812-3456-7890", "recipient 6281•••••••90"),
        ("3402.0141.0790.0001", HIDDEN),
        ("by ID-081234567890", "by ID-0812••••••90"),
    ],
)
def test_a_number_that_stands_alone_in_a_log_line_is_hidden(text: str, shown: str) -> None:
    assert masked_alone(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "a3f9c2e13402014107900001ff",
        "0812345678901234567890abcdef",
        "ADU-261124-23456",
        "D-261124-23456",
        "261124-ABCDE",
        "2026-11-24T02:00:00.123456+00:00",
        "2026-11-24 02:00:00",
        "2026-11-24 123",
        "code 131047",
    ],
)
def test_ids_times_and_codes_of_a_log_line_stay(text: str) -> None:
    assert masked_alone(text) == text


# What was hidden, where it is registered


@pytest.mark.parametrize(
    "told",
    [
        "KK saya 3402010101080002, telp suami 081234567890.",
        "KK 3402 0101 0108 0002, telp +62 812-3456-7890",
        "NIK 34O2OI4IO79OOOOI dan KK 3402010101080002",
        "sama: 3402010101080002 dan 3402 0101 0108 0002",
        "tanpa nomor",
    ],
)
def test_a_text_that_was_shown_hidden_is_restored_as_it_was_written(told: str) -> None:
    shown = masked(told)
    assert restored(shown, told).replace(" ", "") == told.replace(" ", "")
    assert restored(f"Menurut warga: {shown}", told).startswith("Menurut warga: ")


def test_a_number_of_which_there_are_two_that_look_the_same_stays_hidden() -> None:
    told = "KK 3402010101080002, KK adik 3402019999990002"
    assert restored(masked(told), told) == masked(told)


@pytest.mark.parametrize("text", ["KK 3402••••••••••02", "telp 0812••••••90", "daftar:\n• KTP\n• KK", "••••"])
def test_what_the_original_does_not_have_stays_as_it_is(text: str) -> None:
    assert restored(text, "KK saya 3402014107900001 hilang") == text


# Hostile texts

HOSTILE = (
    "1",
    "1 ",
    " ",
    "I",
    "O1",
    "1\u200b",
    "1.1/2026 ",
    "12/11/2026 ",
    "14.05 ",
    "1     ",
    "ADU-261124-",
    "Rp 1.000",
)


def test_no_pattern_has_a_quantifier_over_one_that_can_take_the_same_text() -> None:
    """The stretch is one class with one quantifier, and what follows walks over it once."""
    assert masking._STRETCH.endswith("]{9,}")  # noqa: SLF001 - it is the pattern that is judged
    assert masking._STRETCH.count("[") == 1  # noqa: SLF001 - the same


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_four_times_as_long_takes_four_times_the_steps(piece: str) -> None:
    steps = [_steps(piece * (size // len(piece))) for size in (600, 2_400, 9_600)]
    assert all(more <= 4.2 * less + 50 for less, more in pairwise(steps))


def _steps(text: str) -> int:
    """The calls that masking makes, those into C too."""
    events: Counter[str] = Counter()
    sys.setprofile(lambda _frame, event, _about: events.update((event,)))
    try:
        masked(text)
        masked_alone(text)
    finally:
        sys.setprofile(None)
    return events["call"] + events["c_call"]


LETTERS = {
    "0": "OoQ\u041e\u043e\u039f\u03bf", "1": "IiLl|!", "2": "Zz", "5": "Ss", "6": "Gb", "8": "B", "9": "gq",
}  # fmt: skip


@pytest.mark.parametrize(("digit", "letter"), [(digit, one) for digit, letters in LETTERS.items() for one in letters])
def test_a_letter_that_is_written_for_a_digit_is_counted_and_shown_as_it(digit: str, letter: str) -> None:
    assert masked(f"3402014107900{letter}01") == "3402••••••••••01"
    assert masked(f"34020141079000{letter}1") == f"3402••••••••••{digit}1"
    assert masked(f"3{letter}02014107900001") == f"3{digit}02••••••••••01"


@pytest.mark.parametrize("letter", "XxAaEeCcDdKkMmNnPpRrTtUuVvWwYy")
def test_any_other_letter_ends_a_number(letter: str) -> None:
    assert masked(f"12345678{letter}9") == f"12345678{letter}9"

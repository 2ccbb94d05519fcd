"""What is read out of a text that nobody gave a form to, and what is not."""

import pytest

from aduan.service.free_text import (
    cancels,
    is_greeting,
    mentions,
    name_within,
    nik_within,
    plainly,
    says_no,
    says_yes,
    substance,
)

NIK, OTHER = "3402014107900001", "3402014107900002"


@pytest.mark.parametrize(
    ("text", "yes"),
    [("ya", True), ("Iyaaa kak", True), ("\N{THUMBS UP SIGN}", True), ("pak", False), ("", False), ("ya tapi", False)],
)
def test_a_yes_is_nothing_but_a_yes(text: str, yes: bool) -> None:
    assert says_yes(text) is yes


@pytest.mark.parametrize(
    ("text", "no"),
    [
        ("salah", True),
        ("nama saya salah", True),
        ("pak nama saya salah", True),
        ("nama saya juga salah", False),
        ("tidak ada yang salah", False),
        ("nama", False),
    ],
)
def test_a_no_stands_within_the_first_three_words(text: str, no: bool) -> None:
    assert says_no(text) is no


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Assalamualaikum pak, saya mau lapor: KTP hilang!", "ktp hilang"),
        ("Asslamualaikum wr. wb. mohon izin tanya KK", "kk"),
        ("KTP saya mau hilang", "ktp saya mau hilang"),
        ("selamat pagi", ""),
    ],
)
def test_what_a_text_says_begins_after_its_greeting_and_its_introduction(text: str, said: str) -> None:
    assert substance(text) == said


@pytest.mark.parametrize(
    ("text", "greets"),
    [
        ("Selamat pagi pak", True),
        ("halo", True),
        ("Selamat", False),
        ("salam", False),
        ("", False),
        ("halo ktp", False),
    ],
)
def test_a_greeting_is_nothing_but_that_and_no_single_word_that_is_a_name_too(text: str, greets: bool) -> None:
    assert is_greeting(text) is greets


def test_words_are_read_without_courtesies_marks_and_drawn_out_letters() -> None:
    assert plainly("STATUS kak \N{PERSON WITH FOLDED HANDS}") == "status"
    assert plainly("Tidaaak jadiii, pak") == "tidak jadi"
    assert cancels("Tidak jadi pak!")
    assert not cancels("tidak jadi dikirim")


def test_a_word_is_mentioned_as_a_whole_word_only() -> None:
    assert mentions("Nama saya salah", frozenset({"nama"}))
    assert not mentions("namanya salah", frozenset({"nama"}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NIK, NIK),
        ("3402 0141 0790 0001", NIK),
        (f"KK {NIK}", None),
        (f"kartu keluarga no {NIK}", None),
        (f"KK {NIK} NIK {OTHER}", OTHER),
        (f"{NIK} atau {OTHER}", None),
        (f"{NIK} ya, {NIK}", NIK),
        (f"NIK {NIK}, yang lain {OTHER}", NIK),
        (f"NIK {NIK} KK {OTHER}", NIK),
        (f"a{NIK}", None),
        (f"{NIK}9", None),
        (f"KK saya sudah lama hilang di jalan, {NIK}", NIK),
    ],
)
def test_the_one_nik_of_a_text_is_no_family_cards_number(text: str, found: str | None) -> None:
    assert nik_within(text) == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"Siti Aminah no. NIK: {NIK}", "Siti Aminah"),
        (f"\n  Siti Aminah ({NIK})", "Siti Aminah"),
        ("nama lengkap saya adalah Siti", "Siti"),
        ("perkenalkan Siti Aminah,", "Siti Aminah"),
        ("nama saya FELIX", "FELIX"),
        (f"MARIA X NIK {NIK}", "MARIA X"),
        ("Siti Nomor", "Siti Nomor"),
        ("", ""),
        (NIK, NIK),
    ],
)
def test_a_name_is_what_is_left_without_what_surrounds_it(text: str, name: str) -> None:
    assert name_within(text) == name


@pytest.mark.parametrize(
    "text", ["batal", "Batalkan pak", "dibatalkan", "Cancel", "tidak jadi", "gak jadi", "ga jadi kak", "nggak jadi"]
)
def test_however_it_is_called_off_it_is(text: str) -> None:
    assert cancels(text)
    assert not cancels(f"{text} atau lanjut")


YES = (
    "ya iya y yes yup yoi kirim kirimkan benar bener betul sudah sdh udah ok oke okey okay siap setuju sip lanjut "
    "lanjutkan"
)
GREETINGS = (
    "assalamualaikum assalamu asalamu wr wb warahmatullahi warohmatullahi wabarakatuh wabarokatuh waalaikumsalam met "
    "pagi siang sore malam halo hallo hello hai hi hei hey permisi punten kulonuwun nuwun sewu p ping tes test"
)
INTRODUCTIONS = (
    "saya sy aku kami mau ingin pengen pingin hendak maaf izin ijin numpang tanya bertanya nanya lapor melapor "
    "melaporkan mengadu mengadukan ngadu adu aduan pengaduan info bantuan bantu dibantu yth ya di tempat mengenai "
    "tentang soal"
)


@pytest.mark.parametrize("word", YES.split())
def test_each_word_for_yes_is_one(word: str) -> None:
    assert says_yes(word.capitalize())


@pytest.mark.parametrize("word", GREETINGS.split())
def test_each_greeting_is_one_and_no_answer(word: str) -> None:
    assert is_greeting(word.capitalize())


@pytest.mark.parametrize("word", INTRODUCTIONS.split())
def test_each_word_before_the_matter_is_none_of_it(word: str) -> None:
    assert substance(f"Halo {word} KTP hilang") == "ktp hilang"


@pytest.mark.parametrize("label", ["NIK", "KTP", "No", "Nomor", "no. KTP", "Nomor NIK"])
def test_what_stands_before_a_number_is_no_part_of_the_name(label: str) -> None:
    assert name_within(f"Budi Santoso {label} 3402014107900001") == "Budi Santoso"

"""The set format is read forgivingly; what cannot be read is asked for, and nothing makes the reader fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aduan.procedure.form import named_service, nik
from tests.procedure.cases import PROCEDURE

FORM = PROCEDURE.form
SERVICES = PROCEDURE.services
WHOLE = {
    "service": "KTP elektronik",
    "name": "Budi Santoso",
    "nik": "3402011203900001",
    "description": "KTP saya belum jadi sejak dua bulan.",
}

FORMATS = {
    "as set": """
Layanan: KTP elektronik
Nama: Budi Santoso
NIK: 3402011203900001
Aduan: KTP saya belum jadi sejak dua bulan.""",
    "in another order": """
Aduan: KTP saya belum jadi sejak dua bulan.
NIK: 3402011203900001
Nama: Budi Santoso
Layanan: KTP elektronik""",
    "in capitals and small letters": """
LAYANAN: KTP elektronik
nama: Budi Santoso
Nik: 3402011203900001
aDUAN: KTP saya belum jadi sejak dua bulan.""",
    "spaced": """
  Layanan   :KTP elektronik

  Nama :   Budi Santoso
NIK:3402011203900001
\tAduan\t: KTP saya belum jadi sejak dua bulan.  """,
    "with bullets and numbers": """
- Layanan: KTP elektronik
• Nama: Budi Santoso
3. NIK: 3402011203900001
4) Aduan: KTP saya belum jadi sejak dua bulan.""",
    "with bold labels": """
*Layanan:* KTP elektronik
*Nama*: Budi Santoso
_NIK_ : 3402011203900001
~Aduan~: KTP saya belum jadi sejak dua bulan.""",
    "all bold": """
*Layanan: KTP elektronik*
*Nama: Budi Santoso*
*NIK: 3402011203900001*
*Aduan: KTP saya belum jadi sejak dua bulan.*""",
    "with bold values": """
Layanan: *KTP elektronik*
Nama: *Budi Santoso*
NIK: *3402011203900001*
Aduan: KTP saya belum jadi sejak dua bulan.""",
    "with other names for the labels": """
Jenis Layanan: KTP elektronik
Nama Lengkap: Budi Santoso
No. KTP: 3402011203900001
Isi Pengaduan: KTP saya belum jadi sejak dua bulan.""",
    "with other signs": """
Layanan = KTP elektronik
Nama = Budi Santoso
NIK\uff1a3402011203900001
Aduan= KTP saya belum jadi sejak dua bulan.""",
    "after a greeting": """Assalamualaikum, selamat pagi
Layanan: KTP elektronik
Nama: Budi Santoso
NIK: 3402011203900001
Aduan: KTP saya belum jadi sejak dua bulan.""",
    "with the values on the next line": """
Layanan:
KTP elektronik
Nama:
Budi Santoso
NIK:
3402011203900001
Aduan:
KTP saya belum jadi sejak dua bulan.""",
    "after an empty form": """
Layanan:
Nama:
NIK:
Aduan:

Layanan: KTP elektronik
Nama: Budi Santoso
NIK: 3402011203900001
Aduan: KTP saya belum jadi sejak dua bulan.""",
    "with the lines of another system": "Layanan: KTP elektronik\r\nNama: Budi Santoso\r\n"
    "NIK: 3402011203900001\r\nAduan: KTP saya belum jadi sejak dua bulan.",
}


@pytest.mark.parametrize("text", FORMATS.values(), ids=FORMATS.keys())
def test_the_format_is_read_however_it_was_written(text: str) -> None:
    assert FORM.read(text) == WHOLE


@pytest.mark.parametrize("value", ["Xenia Putri", "Alex", "FELIX", "A*B", "D_D"])
def test_only_the_marks_around_a_value_go(value: str) -> None:
    assert FORM.read(f"Nama: *_~ {value}\t~_*")["name"] == value


def test_a_field_may_run_over_several_lines() -> None:
    text = "Nama: Budi Santoso\nAduan: KTP saya belum jadi.\nSudah dua kali ke kantor.\n\nMohon dibantu."
    assert FORM.read(text)["description"] == "KTP saya belum jadi.\nSudah dua kali ke kantor.\n\nMohon dibantu."


def test_a_label_that_comes_again_is_a_line_of_the_text_and_nothing_is_lost() -> None:
    text = "Nama: Budi Santoso\nAduan: akta anak saya salah\nNama: Siti\nKeterangan: seharusnya Sitti"
    assert FORM.read(text) == {
        "name": "Budi Santoso",
        "description": "akta anak saya salah\nNama: Siti\nKeterangan: seharusnya Sitti",
    }


@pytest.mark.parametrize(
    "text", ["", "Pagi, mau tanya", "KTP saya belum jadi: sudah dua bulan", "http://contoh.test", "Alamat: Sewon"]
)
def test_a_text_without_a_label_of_the_format_is_not_in_it(text: str) -> None:
    assert FORM.read(text) == {}


def test_what_is_missing_is_asked_for_in_the_order_of_the_format() -> None:
    assert [field.key for field in FORM.missing({"name": "Budi", "nik": ""})] == ["service", "nik", "description"]
    assert FORM.missing(WHOLE) == ()


# NIK: Permendagri 108/2019


NIKS = {
    "plain": ("3402011203900001", "3402011203900001"),
    "spaced": ("3402 0112 0390 0001", "3402011203900001"),
    "dotted": ("340201.120390.0001", "3402011203900001"),
    "dashed": ("34-02-01-120390-0001", "3402011203900001"),
    "with a line break": ("34020112\n03900001", "3402011203900001"),
    "letters that look like digits": ("34O2Oll2O39OOOOI", "3402011203900001"),
    "a woman's, 40 added to the day": ("3402015203900001", "3402015203900001"),
    "a woman born on the last of a month": ("3402017101900001", "3402017101900001"),
    "born on a leap day": ("3402012902000001", "3402012902000001"),
    "born on a leap day, with a high number": ("3402012902001001", "3402012902001001"),
    "a woman born on a leap day": ("3402016902960001", "3402016902960001"),
    "a leap day of no leap year": ("3402012902010001", None),
    "a woman's leap day of no leap year": ("3402016902010001", None),
    "day 0": ("3402010001900001", None),
    "day 32": ("3402013201900001", None),
    "day 40, nobody's": ("3402014001900001", None),
    "day 72": ("3402017201900001", None),
    "month 0": ("3402011200900001", None),
    "month 13": ("3402011213900001", None),
    "31 April": ("3402013104900001", None),
    "15 digits": ("340201120390001", None),
    "17 digits": ("34020112039000011", None),
    "words around it": ("NIK saya 3402011203900001", None),
    "nothing": ("", None),
    "digits of another script": ("٣٤٠٢٠١١٢٠٣٩٠٠٠٠١", None),
}


@pytest.mark.parametrize(("written", "kept"), NIKS.values(), ids=NIKS.keys())
def test_a_nik_is_sixteen_digits_with_a_possible_date_of_birth(written: str, kept: str | None) -> None:
    assert nik(written) == kept


# Services


NAMED = [
    ("identity_card", "identity_card"),
    ("KTP elektronik", "identity_card"),
    ("ktp", "identity_card"),
    ("E-KTP", "identity_card"),
    ("KTP-el saya hilang", "identity_card"),
    ("mau perekaman", "identity_card"),
    ("kk", "family_card"),
    ("Kartu  Keluarga.", "family_card"),
    ("KIA", "child_identity_card"),
    ("akte kelahiran", "birth_certificate"),
    ("Akta lahir anak saya", "birth_certificate"),
    ("akta kematian", "death_certificate"),
    ("akta nikah", "marriage_certificate"),
    ("mau pindah domisili", "relocation"),
    ("IKD", "digital_identity"),
    ("lain-lain", "other"),
    ("Lainnya", "other"),
    ("KTP dan KK", None),
    ("akta kelahiran dan akta kematian", None),
    ("okkk", None),
    ("", None),
    ("paspor", None),
]


@pytest.mark.parametrize(("said", "code"), NAMED)
def test_a_service_is_known_by_its_words_and_asked_for_where_none_or_several_are_meant(
    said: str, code: str | None
) -> None:
    assert named_service(said, SERVICES) == code


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.code)
def test_each_service_is_known_by_each_of_its_names(service: object) -> None:
    code, name, words = service.code, service.name, service.words  # type: ignore[attr-defined]
    assert {named_service(said, SERVICES) for said in (code, name, *words)} == {code}


# Values


MOST = FORM.field("description").most

VALUES = [
    ("name", "  Budi   Santoso ", "Budi Santoso"),
    ("name", "Siti Nur'aini, S.Pd.", "Siti Nur'aini, S.Pd."),
    ("name", "A", None),
    ("name", "3402011203900001", None),
    ("name", "12345", None),
    ("name", "x" * 100, "x" * 100),
    ("name", "x" * 101, None),
    ("description", "KTP rusak", None),
    ("description", "KTP rusak.", "KTP rusak."),
    ("description", "x" * MOST, "x" * MOST),
    ("description", "x" * (MOST + 1), None),
    ("description", "satu baris\ndua baris", "satu baris\ndua baris"),
    ("service", "ktp", "identity_card"),
    ("service", "passport", None),
    ("nik", "3402 0112 0390 0001", "3402011203900001"),
    ("nik", "3402", None),
]


@pytest.mark.parametrize(("key", "written", "kept"), VALUES)
def test_a_value_is_kept_as_it_should_be_or_asked_for_again(key: str, written: str, kept: str | None) -> None:
    assert FORM.accept(key, written, SERVICES) == kept


LABELS = [name for field in FORM.fields for name in (field.label, *field.names)]
lines = st.one_of(
    st.text(max_size=60),
    st.builds("{}{}{}".format, st.sampled_from(LABELS), st.sampled_from([":", " : ", "=", ""]), st.text(max_size=60)),
    st.text(alphabet="_*~-•. \t:3402", max_size=200),
)


@given(st.lists(lines, max_size=8).map("\n".join))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    for key, value in FORM.read(text).items():
        assert value.strip()
        accepted = FORM.accept(key, value, SERVICES)
        assert accepted is None or FORM.accept(key, accepted, SERVICES) == accepted


@given(st.text(max_size=300))
def test_no_answer_makes_a_field_fail(text: str) -> None:
    for field in FORM.fields:
        assert FORM.accept(field.key, text, SERVICES) != ""


@pytest.mark.parametrize("character", ["_", "*", " ", "-", "1", "a", ".", ":"])
def test_the_longest_message_of_one_character_is_read_at_once(character: str) -> None:
    """In a fraction of a second: a reader that tries every way to read it would need minutes."""
    assert FORM.read(character * 40_000) == {}

"""The fields of each act's form: which it needs, which it leaves out, and what is said of a wrong one."""

import pytest

from aduan.procedure.definition import ActName
from aduan.procedure.errors import WrongField
from aduan.service.fields import NOTE_MOST, ActFields, checked
from tests.service.talk import PROCEDURE

RIGHT = {"request_id": "r" * 16, "version": 3}
TEXTS = ("category", "description", "note", "answer", "question")
WHOLE = ActFields(
    request_id="r" * 16,
    version=3,
    category="identity_card",
    description="KTP belum jadi.",
    note="Sudah dicek.",
    answer="Silakan diambil.",
    question="Kapan direkam?",
)
NEEDS: dict[ActName, set[str]] = {
    ActName.REGISTER: {"category", "description"},
    ActName.DISMISS: {"note"},
    ActName.RECEIVE: set(),
    ActName.SETTLE: {"note", "answer"},
    ActName.FORWARD: {"note"},
    ActName.VERIFY: {"note"},
    ActName.RESPOND: {"note", "answer"},
    ActName.ANSWER: {"answer"},
    ActName.RESEND: set(),
    ActName.APPROVE: set(),
    ActName.REFUSE: {"note"},
    ActName.ASK_COMPLAINANT: {"question"},
    ActName.ASK_DATABASE_ADMIN: {"note"},
    ActName.REPLY_DATA_CHECK: {"note"},
    ActName.TAKE_OVER: set(),
}
SAID = {
    "category": "Pilih layanan yang diadukan.",
    "description": "Tulis isi aduan.",
    "note": "Tulis Catatan Tindak Lanjut.",
    "answer": "Tulis jawaban untuk pemohon.",
    "question": "Tulis pertanyaan untuk pemohon.",
}


def wrong(**given: object) -> dict[str, str]:
    """What is said of the fields that came."""
    with pytest.raises(WrongField) as refused:
        ActFields.typed({**RIGHT, **given})
    return refused.value.fields


def refused_by(act: ActName, **changed: object) -> dict[str, str]:
    """What is said of an act's own fields."""
    with pytest.raises(WrongField) as refused:
        checked(act, WHOLE.model_copy(update=changed), PROCEDURE)
    return refused.value.fields


@pytest.mark.parametrize("act", ActName)
def test_an_act_takes_just_the_fields_of_its_form(act: ActName) -> None:
    given = checked(act, WHOLE, PROCEDURE)

    assert {name for name in TEXTS if getattr(given, name) is not None} == NEEDS[act]
    assert (given.request_id, given.version) == ("r" * 16, 3)
    assert all(getattr(given, name) == getattr(WHOLE, name) for name in NEEDS[act])


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("act", [act for act in ActName if NEEDS[act]])
def test_every_missing_field_is_named_with_what_to_do(act: ActName, empty: str | None) -> None:
    assert refused_by(act, **dict.fromkeys(TEXTS, empty)) == {name: SAID[name] for name in NEEDS[act]}


@pytest.mark.parametrize(
    ("act", "field", "most"),
    [
        (ActName.REGISTER, "description", 4000),
        (ActName.FORWARD, "note", 4000),
        (ActName.ANSWER, "answer", 4096),
        (ActName.ASK_COMPLAINANT, "question", 4096),
    ],
)
def test_a_text_is_as_long_as_it_may_be_and_not_a_letter_longer(act: ActName, field: str, most: int) -> None:
    assert getattr(checked(act, WHOLE.model_copy(update={field: "x" * most}), PROCEDURE), field) == "x" * most
    assert refused_by(act, **{field: "x" * (most + 1)}) == {
        field: f"Terlalu panjang: {most + 1} huruf, paling banyak {most}. Mohon persingkat."
    }


def test_a_category_is_a_service_of_the_office() -> None:
    assert refused_by(ActName.REGISTER, category="passport") == {
        "category": "Layanan ini tidak dikenal. Pilih dari daftar."
    }
    too_long = refused_by(ActName.REGISTER, category="x" * (NOTE_MOST + 1))
    assert too_long == {"category": "Terlalu panjang: 4001 huruf, paling banyak 4000. Mohon persingkat."}
    assert refused_by(ActName.REGISTER, category=None) == {"category": "Pilih layanan yang diadukan."}


# As it was typed


@pytest.mark.parametrize(("length", "is_right"), [(15, False), (16, True), (64, True), (65, False)])
def test_a_request_id_has_16_to_64_letters(length: int, is_right: bool) -> None:
    given = {**RIGHT, "request_id": "r" * length}
    if is_right:
        assert ActFields.typed(given).request_id == "r" * length
    else:
        assert wrong(request_id="r" * length) == {
            "request_id": "Harus 16 sampai 64 huruf. Muat ulang halaman, lalu ulangi."
        }


@pytest.mark.parametrize(("version", "read"), [(0, 0), (7, 7), ("7", 7), ("-1", -1), (" 12 ", 12)])
def test_a_version_is_an_integer_written_or_not(version: object, read: int) -> None:
    assert ActFields.typed({**RIGHT, "version": version}).version == read


@pytest.mark.parametrize("version", [None, "", "tiga", "1.5", 1.5, True, [1]])
def test_anything_else_is_no_version(version: object) -> None:
    assert wrong(version=version) == {"version": "Harus bilangan bulat. Muat ulang halaman, lalu ulangi."}


def test_what_is_wrong_is_told_all_at_once() -> None:
    assert wrong(request_id=5, version=None, note=["x"], answer=7, question={}) == {
        "request_id": "Harus 16 sampai 64 huruf. Muat ulang halaman, lalu ulangi.",
        "version": "Harus bilangan bulat. Muat ulang halaman, lalu ulangi.",
        "note": "Harus berupa teks.",
        "answer": "Harus berupa teks.",
        "question": "Harus berupa teks.",
    }


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_loses_its_edges_its_control_characters_and_the_line_breaks_of_windows(name: str) -> None:
    given = {**RIGHT, name: "  \tBaris satu\r\nBaris\x00 d\x07ua\x7f\ud800 \n"}
    assert getattr(ActFields.typed(given), name) == "Baris satu\nBaris dua"


def test_what_did_not_come_is_none_and_what_does_not_belong_is_left_out() -> None:
    fields = ActFields.typed({**RIGHT, "colour": "blue", "csrf_token": "x"})
    assert fields == ActFields(request_id="r" * 16, version=3)
    assert {getattr(fields, name) for name in TEXTS} == {None}


@pytest.mark.parametrize(
    ("given", "seen"), [("3", 3), (4, 4), (0, 0), (None, None), ("", None), ("x", None), (True, None)]
)
def test_how_many_messages_were_shown_may_be_left_out(given: object, seen: int | None) -> None:
    marks = {"request_id": "r" * 16, "version": 1}
    assert ActFields.typed({**marks, "messages": given}).messages == seen
    assert ActFields.typed(marks).messages is None

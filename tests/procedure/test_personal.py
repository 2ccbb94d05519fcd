"""Personal text is sealed by whoever dumps a model with a seal, opened by whoever loads it with one, else plain."""

import pytest
from pydantic import BaseModel, ValidationError

from aduan.procedure.complaint import Answer
from aduan.procedure.personal import DESTROYED_KEY, ERASED, Identifier, Personal, blanked
from aduan.procedure.roles import Role


class Backwards:
    """A seal that anybody can open, and that notes what went through it."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def seal(self, plain: str) -> str:
        return f"sealed:{plain[::-1]}"

    def open(self, sealed: str) -> str:
        self.opened.append(sealed)
        return sealed.removeprefix("sealed:")[::-1]


class Letter(BaseModel):
    """One with a text that may be absent, and others that are nobody's secret."""

    to: Personal
    about: Personal | None = None
    form: dict[str, Personal] = {}
    number: str = ""


LETTER = Letter(to="Siti", about=None, form={"nik": "3402"}, number="ADU-1")


def test_with_a_seal_what_is_personal_is_stored_sealed_and_the_rest_plain() -> None:
    stored = LETTER.model_dump(context=Backwards())
    assert stored == {"to": "sealed:itiS", "about": None, "form": {"nik": "sealed:2043"}, "number": "ADU-1"}


def test_what_was_stored_is_opened_by_the_same_seal() -> None:
    seal = Backwards()
    assert Letter.model_validate(LETTER.model_dump(context=seal), context=seal) == LETTER
    assert seal.opened == ["sealed:itiS", "sealed:2043"]


def test_without_a_seal_it_stays_plain_both_ways() -> None:
    stored = LETTER.model_dump()
    assert (stored["to"], stored["form"]) == ("Siti", {"nik": "3402"})
    assert Letter.model_validate(stored) == LETTER


def test_what_is_no_text_is_not_opened_and_is_refused() -> None:
    seal = Backwards()
    with pytest.raises(ValidationError):
        Letter.model_validate({"to": 5}, context=seal)
    assert seal.opened == []


def test_the_text_of_an_answer_is_sealed_and_its_hash_is_not() -> None:
    answer = Answer.written("Sudah jadi.", "ani@bantul.test", Role.WHATSAPP_ADMIN)

    stored = answer.model_dump(mode="json", context=Backwards())

    assert stored["text"] == "sealed:.idaj haduS"
    assert stored["sha256"] == answer.sha256


def test_where_a_text_was_erased_the_page_says_so_and_what_was_absent_stays_absent() -> None:
    assert blanked(LETTER) == Letter(to="[dihapus]", about=None, form={"nik": "[dihapus]"}, number="ADU-1")


def test_the_words_of_an_erasure_are_those_that_stand_in_what_is_stored() -> None:
    assert (ERASED, DESTROYED_KEY) == ("[dihapus]", "destroyed")


def test_an_identifier_is_never_changed_and_no_error_repeats_it() -> None:
    known = Identifier(kind="nik", value="3402011203900001")
    for name in Identifier.model_fields:
        with pytest.raises(ValidationError):
            setattr(known, name, "")
    with pytest.raises(ValidationError) as refused:
        Identifier.model_validate({"kind": 3402011203900001, "value": "3402011203900001"})
    assert "3402" not in str(refused.value)

"""The templates as they are kept: within Meta's limits, and those that the program sends."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from pydantic import TypeAdapter

from aduan.procedure.definition import ActName
from aduan.service.channel import Template
from aduan.service.limits import TEMPLATE_FIXED_WORDS
from aduan.service.model import OUTBOUND
from infra.whatsapp.templates_file import BadTemplates, read_templates
from tests.service.full_house import ANI, FullHouse, with_a_complaint
from tests.service.talk import WORDS

GOOD: dict[str, Any] = {
    "category": "UTILITY", "language": "id", "body": "Aduan nomor {{1}} sudah dijawab oleh {{2}} di kantor.",
    "examples": ["ADU-261124-23456", "petugas"], "buttons": ["Baca"],
}  # fmt: skip


def written(folder: Path, name: str = "aduan_contoh", **changes: object) -> Path:
    """A file with one template."""
    file = folder / "templates.toml"
    file.write_text(tomli_w.dumps({name: GOOD | changes}), "utf-8")
    return file


def test_the_file_is_within_metas_limits() -> None:
    assert len(read_templates()) == 5
    assert {template.language for template in read_templates().values()} == {Template("x").language}


def test_the_fixed_words_leave_the_parameters_the_room_that_the_program_counts_on() -> None:
    assert max(template.fixed_length for template in read_templates().values()) <= TEMPLATE_FIXED_WORDS


def test_what_is_right_is_read(tmp_path: Path) -> None:
    template = read_templates(written(tmp_path))["aduan_contoh"]
    assert (template.parameters, template.fixed_length) == (2, len("Aduan nomor  sudah dijawab oleh  di kantor."))
    assert template.components == [
        {"type": "BODY", "text": GOOD["body"], "example": {"body_text": [["ADU-261124-23456", "petugas"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Baca"}]},
    ]
    bare = read_templates(written(tmp_path, body="Kantor tutup hari ini.", examples=[], buttons=[]))["aduan_contoh"]
    assert bare.components == [{"type": "BODY", "text": "Kantor tutup hari ini."}]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Aduan"}, "aduan|pattern"),
        ({"name": "a" * 513}, "512"),
        ({"language": "indonesia"}, "language"),
        ({"category": "AUTHENTICATION"}, "category"),
        ({"footer": "Disdukcapil"}, "footer"),
        ({"body": ""}, "body"),
        ({"body": "x" * 1025, "examples": []}, "1024"),
        ({"body": "{{1}} dan {{2}} sudah dijawab di kantor."}, "2388299"),
        ({"body": "Aduan nomor {{1}} sudah dijawab oleh {{2}}."}, "2388299"),
        ({"body": "Aduan nomor yang ini {{1}}, {{2}} sudah dijawab di kantor."}, "not only marks"),
        ({"body": "Aduan {{1}} dijawab {{2}} ya."}, "2388293"),
        ({"body": "Aduan nomor {{2}} sudah dijawab oleh {{1}} di kantor."}, "in this order"),
        ({"body": "Aduan nomor {{1}} sudah dijawab oleh {{1}} di kantor."}, "each once"),
        ({"body": "Aduan nomor {{1}} sudah dijawab oleh {{3}} di kantor."}, "in this order"),
        ({"body": "Aduan nomor {{1}} sudah dijawab oleh {2} di kantor {{2}} kita."}, "brace"),
        ({"body": "Aduan nomor {{ 1 }} sudah dijawab."}, "brace"),
        ({"body": "Aduan nomor {{1}} sudah dijawab\n\n\noleh {{2}} di kantor."}, "three line breaks"),
        ({"examples": ["ADU-261124-23456"]}, "as many examples"),
        ({"examples": ["ADU-261124-23456", "dua\nbaris"]}, "line break"),
        ({"examples": ["ADU-261124-23456", ""]}, "examples"),
        ({"examples": ["ADU-261124-23456", "x" * 1000]}, "with its examples"),
        ({"buttons": ["x" * 26]}, "25"),
        ({"buttons": ["Baca {{1}}"]}, "buttons"),
        ({"buttons": [f"Tombol {number}" for number in range(11)]}, "10 buttons"),
        ({"buttons": ["Baca", "Baca"]}, "words of its own"),
    ],
)
def test_what_meta_would_refuse_is_refused_with_its_reason(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadTemplates, match=why):
        read_templates(written(tmp_path, **changes))


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "templates.toml"
    file.write_text("[aduan", "utf-8")
    with pytest.raises(BadTemplates, match=r"^templates\.toml: "):
        read_templates(file)


# What the program sends


def settled(house: FullHouse) -> None:
    house.do(ActName.SETTLE, ANI)


def asked(house: FullHouse) -> None:
    house.do(ActName.RECEIVE, ANI)
    house.do(ActName.ASK_COMPLAINANT, ANI)


def reminded(house: FullHouse) -> None:
    house.hear("ADUAN BARU", "KTP")
    house.ring()


def sent(house: FullHouse) -> list[Template]:
    """The templates of all rows that are to leave."""
    texts = [text for row in house.store.rows for text in (row.message, row.fallback) if text]
    return [message for message in map(OUTBOUND.validate_json, texts) if isinstance(message, Template)]


def fits(message: Template) -> bool:
    """Whether the file has it: as many variables, as many buttons, and room."""
    template = read_templates()[message.name]
    length = template.fixed_length + sum(map(len, message.parameters))
    counts = (len(message.parameters), len(message.payloads))
    return counts == (template.parameters, len(template.buttons)) and length <= 1024


def test_the_office_names_the_templates_of_the_file() -> None:
    names = TypeAdapter(dict[str, str]).validate_python(WORDS.templates.model_dump())
    assert set(names.values()) == set(read_templates())


@pytest.mark.parametrize(
    ("happens", "name"), [(settled, "aduan_answer"), (asked, "aduan_question"), (reminded, "aduan_reminder")]
)
def test_what_a_citizen_is_sent_fits_the_file(happens: Callable[[FullHouse], None], name: str) -> None:
    house = with_a_complaint()
    happens(house)
    assert name in {message.name for message in sent(house)}
    assert all(map(fits, sent(house)))


def test_the_longest_daily_list_fits_with_the_fixed_words_around_it() -> None:
    numbers = [f"ADU-261124-{number:05d}" for number in range(100)]
    message = WORDS.daily_list(numbers, "https://aduan.contoh.go.id/aduan?late=1")
    assert message.name == "aduan_alert"
    assert fits(message)

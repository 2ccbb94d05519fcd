"""What may be left out of a call or a record says nothing by being left out; a word that is kept keeps its name."""

from enum import StrEnum

import pytest
from pydantic import BaseModel

from aduan import service
from aduan.service.case_files import Window
from aduan.service.model import FileState, RowState
from tests.left_out import classes, defaults, words

DEFAULTS = defaults(service)
WORDS = words(service)
SOMETHING = {
    "AttachedFile.state": FileState.WANTED,
    "Desk.file(window)": Window(),
    "OutboxRow.state": RowState.PENDING,
    "Staffing._keepers(joined)": "dan",
    "Template.language": "id",
    "_known(most)": 4096,
    "case_file(window)": Window(),
    "e164(region)": "ID",
    "summary(length)": 80,
    "template_parameter(limit)": 900,
}
"""All that says something where it is left out."""

OTHER_NAMES = {
    "Command": {"NEW_COMPLAINT": "aduan baru", "HELP": "bantuan"},
    "Ephemera": {"ROWS": "outbox"},
    "RowKind": {"ANSWER": "a", "NOTICE": "n", "ALERT": "s"},
}
"""The words that are not their names: what citizens write, and what others call it."""


@pytest.mark.parametrize("place", DEFAULTS)
def test_what_is_left_out_says_nothing_and_is_of_its_type(place: str) -> None:
    default = DEFAULTS[place]
    assert default.is_of_its_type
    assert default.value == SOMETHING[place] if place in SOMETHING else default.says_nothing


def test_every_exception_is_there() -> None:
    assert SOMETHING.keys() <= DEFAULTS.keys()
    assert OTHER_NAMES.keys() <= {one.__name__ for one in WORDS}


@pytest.mark.parametrize("one", WORDS, ids=lambda one: str(one.__name__))
def test_a_word_that_is_kept_is_its_name(one: type[StrEnum]) -> None:
    others = OTHER_NAMES.get(one.__name__, {})
    assert {word.name: word.value for word in one} == {word.name: word.name.lower() for word in one} | others


@pytest.mark.parametrize(
    "model", [one for one in classes(service) if issubclass(one, BaseModel)], ids=lambda one: one.__name__
)
def test_what_was_kept_or_read_is_not_changed_in_place(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen")

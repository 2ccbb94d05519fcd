"""The page of promises is what the runs say, and as far as it can be counted again, it is counted again."""

import json

import pytest

from tests.promises.breaking import TOP, broken
from tests.promises.kept import KEPT, Break
from tests.promises.page import FIGURES, PAGE, counted, page

BREAKS = [how for promise in KEPT for how in promise.breaks]
FIGURES_OF_THE_RUNS = json.loads(FIGURES.read_text("utf-8"))


def test_the_page_is_made_of_the_figures() -> None:
    assert PAGE.read_text("utf-8") == page(FIGURES_OF_THE_RUNS)


def test_as_many_tests_try_each_promise_as_the_page_says() -> None:
    assert counted() == FIGURES_OF_THE_RUNS["cases"], "make promises, or python -m tests.promises --page"


@pytest.mark.parametrize("how", BREAKS, ids=lambda how: how.what)
def test_each_break_still_fits_the_program_and_was_noticed(how: Break) -> None:
    text = (TOP / how.file).read_text("utf-8")
    assert broken(text, how) != text
    assert FIGURES_OF_THE_RUNS["breaks"][how.what] != []


def test_no_break_is_on_the_page_that_is_not_tried() -> None:
    assert set(FIGURES_OF_THE_RUNS["breaks"]) == {how.what for how in BREAKS}


def test_every_file_that_is_said_to_try_a_promise_exists() -> None:
    named = {file for promise in KEPT for file in (*promise.tests, *(t for how in promise.breaks for t in how.tests))}
    assert [file for file in sorted(named) if not (TOP / file).exists()] == []

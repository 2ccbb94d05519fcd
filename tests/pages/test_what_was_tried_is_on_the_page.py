"""The page of promises tells as many tries as there were: counted last, when all have been made."""

import json

from tests.pages.tally import Tally
from tests.promises.page import FIGURES


def test_the_page_tells_what_was_tried(tally: Tally) -> None:
    told = json.loads(FIGURES.read_text("utf-8"))["pages"]["by"]
    if tally.is_whole:
        assert tally.told()["by"] == told
    else:  # a developer tried some of it
        assert {kind for kind, tried in tally.tried.items() if tried > told[kind.name.lower()]["tried"]} == set()

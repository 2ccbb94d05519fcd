"""The page of promises tells as many doors as there are: counted last, when all have been tried."""

import json

from tests.doors.tally import Tally
from tests.promises.page import FIGURES


def test_the_page_tells_the_doors_that_were_tried(tally: Tally) -> None:
    told = json.loads(FIGURES.read_text("utf-8"))["doors"]["by"]
    if tally.is_whole:
        assert tally.told()["by"] == told
    else:  # a developer tried some of them
        assert {kind: tried for kind, tried in tally.tried.items() if tried > told[kind]} == {}

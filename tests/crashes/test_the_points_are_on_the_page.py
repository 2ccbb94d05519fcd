"""The page of promises tells as many crash points as there are: counted last, when all have been tried."""

import json

from tests.crashes.everything import SCENARIOS
from tests.crashes.tally import Tally
from tests.promises.page import FIGURES


def test_the_page_tells_the_points_that_were_tried(tally: Tally) -> None:
    told, counted = json.loads(FIGURES.read_text("utf-8"))["crashes"], tally.told()
    assert len(SCENARIOS) == told["scenarios"]
    if tally.scenarios.total() == len(SCENARIOS):
        assert counted["by"] == told["by"]
    else:  # a developer tried some of them
        assert counted["crash_points"] <= told["crash_points"]

"""The process is killed before and after each outgoing call of everything that it does, one point a run.

Then the world does what it does: the webhook is sent again, the act is pressed again, the task is tried again, the
sweep comes by. Afterwards everything is as if nobody had been killed.
"""

import ast
from pathlib import Path

import pytest

from tests.crashes import staff_list
from tests.crashes.everything import SCENARIOS
from tests.crashes.runs import Enumeration
from tests.crashes.scenario import Scenario
from tests.crashes.stage import Stage
from tests.crashes.tally import Tally

ONLY_READ = {"/cari"}
"""What is posted only so that a NIK stands in no address."""

MAIN = Path(__file__).parents[2] / "functions" / "main.py"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_whenever_the_process_is_killed_the_record_is_whole_afterwards(
    stage: Stage, tally: Tally, scenario: Scenario
) -> None:
    findings = Enumeration.of(stage, scenario).findings()
    tally.add(scenario, findings)
    assert findings.points == 2 * len(findings.calls) > 0
    assert not findings.wrong, "\n".join(["", *findings.wrong])


def test_every_function_has_scenarios() -> None:
    module = ast.parse(MAIN.read_text("utf-8"))
    functions = {
        node.name for node in module.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    assert functions == {scenario.target for scenario in SCENARIOS}


def test_every_page_that_writes_has_scenarios(stage: Stage) -> None:
    rules = stage.world.house.portal.url_map.iter_rules()
    posted = {rule.rule for rule in rules if "POST" in (rule.methods or ())}
    assert posted == {"/aduan/<number>/<act>", staff_list.ADDED, staff_list.CHANGED, *ONLY_READ}


def test_no_two_scenarios_have_one_name() -> None:
    assert len({str(scenario) for scenario in SCENARIOS}) == len(SCENARIOS)

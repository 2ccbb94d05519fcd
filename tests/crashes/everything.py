"""All scenarios, made from what the program itself says that there is."""

from typing import Final

from tests.crashes import acts, staff_list, tasks, webhooks
from tests.crashes.scenario import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *webhooks.scenarios(),
    *acts.scenarios(),
    *staff_list.scenarios(),
    *tasks.checks(),
    *tasks.sends(),
    *tasks.fetches(),
    *tasks.sweeps(),
    *tasks.terms(),
)

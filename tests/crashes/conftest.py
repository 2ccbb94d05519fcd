"""One stage for all scenarios, and what was counted on it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from aduan import logs
from infra.local.firestore import FirestoreEmulator
from tests.crashes.everything import SCENARIOS
from tests.crashes.stage import Stage, a_stage
from tests.crashes.tally import Tally

TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def stage(firestore_emulator: FirestoreEmulator) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as environment:
        # Google's client reads the emulator's address from the environment, whenever it is made.
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        structlog.configure(processors=logs.processors({}))  # a picture of every stack would take seconds
        with a_stage(firestore_emulator.host) as stage:
            yield stage
        structlog.reset_defaults()


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(TALLY, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many points there were, and write it down for the page that shows what is promised."""
    tally = config.stash.get(TALLY, None)
    if tally is None or not tally.scenarios:
        return
    terminalreporter.section("crashes")
    for line in tally.lines():
        terminalreporter.write_line(line)
    folder = os.environ.get("ADUAN_PROMISES")
    if folder and tally.scenarios.total() == len(SCENARIOS):  # a part of them promises nothing
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "crashes.json").write_text(json.dumps(tally.told(), indent=2) + "\n", "utf-8")

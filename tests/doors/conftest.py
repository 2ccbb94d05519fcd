"""One office for all doors, and what was counted at them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from aduan import logs
from aduan.procedure.complaint import Complaint
from infra.local.identity import certs_app
from tests.doors.forging import Forger
from tests.doors.people import ROSTERS
from tests.doors.premises import Premises
from tests.doors.standings import reached
from tests.doors.tally import Tally
from tests.infra_local.receiver import serving

LONG_FORM = 100_000
"""As many requests are the JSON door's long form, which is run by itself."""

TALLY = pytest.StashKey[Tally]()


@pytest.fixture(autouse=True, scope="session")
def _logs_as_in_production() -> Iterator[None]:
    """A line of JSON an event: the default would draw a picture of every stack."""
    structlog.configure(processors=logs.processors({}))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def office() -> Iterator[Premises]:
    """A house whose store is in memory, with its signing keys served beside it."""
    identity = Forger()
    with serving(certs_app(identity)) as certs:
        yield Premises(identity, certs)


@pytest.fixture(scope="session")
def standing(office: Premises) -> dict[str, Complaint]:
    """A complaint at every standing. From here on nothing that is done is kept."""
    return reached(office)


@pytest.fixture
def premises(office: Premises, standing: dict[str, Complaint]) -> Premises:
    """The office with everybody in it, and a complaint at every standing."""
    assert standing
    office.seat(ROSTERS[0])
    return office


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(TALLY, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was tried and opened, and write it down for the page that shows what is promised."""
    tally = config.stash.get(TALLY, None)
    if tally is None or not (tally.tried or tally.fuzzed):
        return
    terminalreporter.section("doors")
    for line in tally.lines():
        terminalreporter.write_line(line)
    if folder := os.environ.get("ADUAN_PROMISES"):
        if tally.is_whole:
            _leave(Path(folder) / "doors.json", tally.told())
        elif tally.fuzzed.total() >= LONG_FORM:
            _leave(Path(folder) / "json_door.json", tally.told_of_fuzzing())


def _leave(file: Path, told: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=2) + "\n", "utf-8")

"""A portal, a browser, and the count of everything that is tried here."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from infra.local.firestore import FirestoreEmulator
from tests.browser.conftest import (  # noqa: F401 - pytest finds fixtures by their names here
    _firestore_host,
    _logs_as_in_production,
)
from tests.browser.place import a_place
from tests.end_to_end.conftest import world  # noqa: F401 - as above
from tests.pages.hostile import Hostile, a_hostile_morning
from tests.pages.tally import Tally
from tests.portal.conftest import scene  # noqa: F401 - as above

TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(TALLY, Tally())


@pytest.fixture(scope="session")
def office(firestore_emulator: FirestoreEmulator, browser: Browser) -> Iterator[Hostile]:
    """One for the whole run: it takes a while until everything was written everywhere."""
    with a_place(firestore_emulator.host, browser) as place:
        yield a_hostile_morning(place)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was tried, and write it down for the page that shows what is promised."""
    tally = config.stash.get(TALLY, None)
    if tally is None or not tally.tried:
        return
    terminalreporter.section("pages")
    for line in tally.lines():
        terminalreporter.write_line(line)
    folder = os.environ.get("ADUAN_PROMISES")
    if folder and tally.is_whole:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / "pages.json").write_text(json.dumps(tally.told(), indent=2) + "\n", "utf-8")

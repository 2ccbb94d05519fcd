"""What could not be checked is said at the end of the run, where nobody overlooks it."""

import pytest

from tests.supply.notes import Notes

_NOTES = pytest.StashKey[Notes]()


def _of(config: pytest.Config) -> Notes:
    return config.stash.setdefault(_NOTES, Notes())


@pytest.fixture
def notes(pytestconfig: pytest.Config) -> Notes:
    """Those of this run."""
    return _of(pytestconfig)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say them, in red where something was not checked."""
    for line in _of(terminalreporter.config).lines:
        terminalreporter.write_line(f"supply: {line}", red=line.startswith("NOT"), bold=line.startswith("NOT"))

"""A test is run and passes, or the run fails: there is no third outcome.

Refused always: skip, importorskip, xfail (also one that passes), and running a test again until it passes.
Refused where everything must run (``ADUAN_ALL_TESTS``, set by `make test`, or ``CI``): leaving tests out,
with ``-k``, ``-m``, ``--deselect``, by paths, or in a file that gives no test. Elsewhere selecting is how one
works on one thing, so a developer may.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

PLUGINS_THAT_RUN_AGAIN = ("rerunfailures", "flaky")
TEST_FILES = "test_*.py"


def must_run_everything() -> bool:
    """Tell whether this run vouches for the whole tree."""
    return bool(os.environ.get("ADUAN_ALL_TESTS") or os.environ.get("CI"))


class Refusals:
    """Counts what was collected and run, and fails the session for what was not."""

    def __init__(self, *, everything: bool) -> None:
        """Refuse selections too if ``everything`` has to run."""
        self._everything = everything
        self._collected: set[str] = set()
        self._started: set[str] = set()
        self._ran: set[str] = set()
        self._files: set[Path] = set()
        self._reasons: list[str] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Turn a module that skips itself into an error."""
        report = yield
        if report.skipped:
            report.outcome = "failed"
            report.longrepr = self._refuse(f"{collector.nodeid} skips itself")
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn a skip and an expected failure into a failure."""
        report = yield
        if report.skipped or hasattr(report, "wasxfail"):
            outcome = "xfails" if hasattr(report, "wasxfail") else "skips itself"
            # Terminal and exit status judge by these three; without wasxfail it is an ordinary failure.
            vars(report).pop("wasxfail", None)
            report.outcome = "failed"
            report.longrepr = self._refuse(f"{item.nodeid} {outcome}")
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count each test once, and refuse a second try."""
        if report.when == "setup":
            if report.nodeid in self._started:
                self._refuse(f"{report.nodeid} ran more than once")
            self._started.add(report.nodeid)
        elif report.when == "call":
            self._ran.add(report.nodeid)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Refuse a selection in a run that vouches for everything."""
        if self._everything:
            self._refuse(f"{len(items)} tests were deselected")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is about to run."""
        self._collected = {item.nodeid for item in session.items}
        self._files = {item.path for item in session.items}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a session that would pass although something was left out."""
        if session.config.option.collectonly:
            return
        if self._everything:
            for path in self._files_without_a_test(session.config):
                self._refuse(f"{path} was left out, or gives no test")
        left_out = len(self._collected - self._ran)
        if left_out and session.exitstatus == pytest.ExitCode.OK:
            self._refuse(f"{left_out} tests did not run")
        if self._reasons and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many tests ran, and what was refused."""
        if self._reasons:
            terminalreporter.section("refused")
            for reason in self._reasons:
                terminalreporter.write_line(reason)
        terminalreporter.write_line(f"{len(self._collected)} tests collected, {len(self._ran)} run")

    def _refuse(self, reason: str) -> str:
        self._reasons.append(reason)
        return f"Refused: {reason}. A test is run and passes, or it is removed."

    def _files_without_a_test(self, config: pytest.Config) -> Iterator[Path]:
        for folder in config.getini("testpaths"):
            for path in sorted((config.rootpath / folder).rglob(TEST_FILES)):
                if path not in self._files:
                    yield path.relative_to(config.rootpath)


def pytest_configure(config: pytest.Config) -> None:
    """Set the refusals up, and refuse what would run a failed test again.

    Raises:
        pytest.UsageError: A plugin that runs failed tests again is loaded.
    """
    for name in PLUGINS_THAT_RUN_AGAIN:
        if config.pluginmanager.hasplugin(name):
            raise pytest.UsageError(f"Refused: the plugin {name} runs a failed test again.")
    config.pluginmanager.register(Refusals(everything=must_run_everything()), "refusals")

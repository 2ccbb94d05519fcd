"""Runs pytest in pytest: each way around a test must fail the run, and say why."""

import pytest

PASSES = "def test_passes(): pass\n"

WAYS_AROUND = {
    "a mark that skips": (
        "import pytest\n@pytest.mark.skip(reason='later')\ndef test_it(): assert False",
        "*test_it skips itself*",
    ),
    "a condition that skips": (
        "import pytest\n@pytest.mark.skipif(True, reason='not here')\ndef test_it(): assert False",
        "*test_it skips itself*",
    ),
    "a skip while it runs": (
        "import pytest\ndef test_it(): pytest.skip('no emulator')",
        "*test_it skips itself*",
    ),
    "a skip in a fixture": (
        "import pytest\n@pytest.fixture\ndef emulator(): pytest.skip('none')\ndef test_it(emulator): pass",
        "*test_it skips itself*",
    ),
    "a skip by unittest": (
        "import unittest as u\nclass TestIt(u.TestCase):\n  @u.skip('later')\n  def test_it(self): pass",
        "*test_it skips itself*",
    ),
    "a skip of a part": (
        "import pytest\ndef test_it(subtests):\n    with subtests.test('part'): pytest.skip('later')",
        "*test_it skips itself*",
    ),
    "a module that skips itself": (
        "import pytest\npytest.skip('not today', allow_module_level=True)",
        "*skips itself*",
    ),
    "a module that is not there": (
        "import pytest\npytest.importorskip('no_such_module_anywhere')",
        "*skips itself*",
    ),
    "an expected failure": (
        "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False",
        "*test_it xfails*",
    ),
    "an expected failure that is not run": (
        "import pytest\n@pytest.mark.xfail(run=False)\ndef test_it(): assert False",
        "*test_it xfails*",
    ),
    "an expected failure that passes": (
        "import pytest\n@pytest.mark.xfail\ndef test_it(): pass",
        "*test_it xfails*",
    ),
    "an expected failure while it runs": (
        "import pytest\ndef test_it(): pytest.xfail('known')",
        "*test_it xfails*",
    ),
    "an end before the last test": (
        "import pytest\ndef test_it(): pytest.exit('enough', returncode=0)\ndef test_other(): assert False",
        "*2 tests did not run*",
    ),
}

TWICE = """
from _pytest.runner import runtestprotocol
def pytest_runtest_protocol(item, nextitem):
    runtestprotocol(item, nextitem=nextitem)
    return runtestprotocol(item, nextitem=nextitem) is not None
"""

FLAKY = """
class Again: pass
def pytest_configure(config):
    config.pluginmanager.register(Again(), "rerunfailures")
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest on what the test wrote, with the refusals of this tree."""
    # Without schemathesis' plugin, as in .pytest.ini: each inner run would load it anew.
    return pytester.runpytest_inprocess("-p", "no:schemathesis", "-p", "tests.refusals", *arguments)


@pytest.fixture(params=[None, "ADUAN_ALL_TESTS", "CI"])
def vouched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the inner run has to run everything: on a developer's machine, by `make test`, in CI."""
    monkeypatch.delenv("ADUAN_ALL_TESTS", raising=False)
    monkeypatch.delenv("CI", raising=False)
    if request.param:
        monkeypatch.setenv(request.param, "1")
    return bool(request.param)


@pytest.mark.parametrize(("source", "message"), WAYS_AROUND.values(), ids=WAYS_AROUND.keys())
def test_a_way_around_a_test_fails_the_run(pytester: pytest.Pytester, source: str, message: str) -> None:
    pytester.makepyfile(test_inner=source)
    pytester.makepyfile(test_beside=PASSES)

    result = run(pytester)

    assert result.ret != 0
    result.stdout.fnmatch_lines([message])


def test_a_test_that_runs_twice_fails_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(TWICE)
    pytester.makepyfile(PASSES)

    result = run(pytester)

    assert result.ret != 0
    result.stdout.fnmatch_lines(["*test_passes ran more than once*"])


def test_a_plugin_that_runs_failures_again_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(FLAKY)
    pytester.makepyfile(PASSES)

    result = run(pytester)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*rerunfailures runs a failed test again*"])


@pytest.mark.parametrize("selection", [("-k", "passes"), ("--deselect", "test_inner.py::test_other")])
def test_a_selection_is_for_developers_only(
    pytester: pytest.Pytester, selection: tuple[str, str], vouched: bool
) -> None:
    pytester.makepyfile(test_inner=PASSES + "def test_other(): pass")

    result = run(pytester, *selection)

    assert (result.ret != 0) == vouched
    assert ("1 tests were deselected" in result.stdout.str()) == vouched


def test_a_file_that_is_left_out_is_for_developers_only(pytester: pytest.Pytester, vouched: bool) -> None:
    pytester.makeini("[pytest]\ntestpaths = .")
    pytester.makepyfile(test_inner=PASSES, test_left_out=PASSES)

    result = run(pytester, "test_inner.py")

    assert (result.ret != 0) == vouched
    assert ("test_left_out.py was left out" in result.stdout.str()) == vouched


def test_what_runs_and_passes_is_counted_and_passes(pytester: pytest.Pytester, vouched: bool) -> None:
    pytester.makepyfile(PASSES + "def test_too(): pass")

    result = run(pytester)

    assert result.ret == 0, vouched
    result.stdout.fnmatch_lines(["2 tests collected, 2 run"])


def test_no_test_at_all_fails_the_run(pytester: pytest.Pytester) -> None:
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED

"""Mutants outside of functions, in tables and defaults: everything is imported anew, in a fork, with one changed.

What the project only uses is loaded before the fork, so that it costs nothing again. The files of tests that noticed
most changes of a module are read first: most changes need no others.
"""

import gc
import io
import mmap
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import hypothesis
import phonenumbers
import pydantic.main
import pytest
import structlog

from infra.local import firestore
from tests.mutation.meeting import FirstRunFailedError
from tests.mutation.mutants import Mutant
from tests.mutation.processes import (
    ALL_PASSED,
    ONE_FAILED,
    PYTEST_OPTIONS,
    EndAtFirstFailure,
    Outcome,
    limit_time,
    outcome,
    run,
)
from tests.mutation.running import QuickSettings

LOADED = (hypothesis, phonenumbers, pydantic.main, structlog, firestore)


LONGEST_TEST = 2.0  # seconds of processor time, and of all imports
FIRST_FILES = 3
MOST_COUNTED = 255


class Files:
    """The files of tests, and which of them noticed how much. Made before the forks, which share what they learn."""

    def __init__(self, folders: Sequence[str], modules: Iterable[str]) -> None:
        paths = [path for folder in folders for path in sorted(Path(folder).rglob("test_*.py"))]
        self._texts = {str(path): path.read_text(encoding="utf-8") for path in paths}
        self._places = {name: place for place, name in enumerate(self._texts)}
        self._kills = {module: mmap.mmap(-1, len(paths)) for module in modules}

    def note_kill(self, module: str, nodeid: str) -> None:
        """Called in a fork: this test noticed a change in that module."""
        kills, place = self._kills[module], self._places[nodeid.partition("::")[0]]
        kills[place] = min(MOST_COUNTED, kills[place] + 1)

    def soonest_first(self, module: str) -> list[str]:
        """First those that noticed most changes of this module, then those that name it."""

        def rank(name: str) -> tuple[int, bool, int]:
            place = self._places[name]
            in_all = sum(kills[place] for kills in self._kills.values())
            return -self._kills[module][place], module not in self._texts[name], -in_all

        return sorted(self._texts, key=rank)


def try_all(mutants: Mapping[int, Mutant], tests: Sequence[str], jobs: int) -> Iterator[tuple[int, Outcome]]:
    """Each mutant with all the tests of these folders. Raises FirstRunFailedError."""
    _warm_up()
    ((_, ended),) = run([("", partial(_run, tests, EndAtFirstFailure(lambda _: LONGEST_TEST)))], jobs=1)
    if ended != ALL_PASSED:
        raise FirstRunFailedError
    files = Files(tests, {mutant.module.name for mutant in mutants.values()})
    for key, how in run(((key, partial(_try, mutant, files)) for key, mutant in mutants.items()), jobs):
        yield key, outcome(how)


def _warm_up() -> None:
    """Load the test runner and its plugins: with all else it would cost every mutant the half of its time."""
    with redirect_stdout(io.StringIO()):
        pytest.main([str(Path(__file__).parent), *PYTEST_OPTIONS, "--collect-only"])
    gc.collect()
    gc.freeze()  # what is there stays shared with the forks


def _try(mutant: Mutant, files: Files) -> int:
    sys.meta_path.insert(0, _Changed(mutant))
    ending = EndAtFirstFailure(lambda _: LONGEST_TEST, partial(files.note_kill, mutant.module.name))
    names = files.soonest_first(mutant.module.name)
    for some in (names[:FIRST_FILES], names[FIRST_FILES:]):
        if _run(some, ending) == ONE_FAILED:
            return ONE_FAILED
    return ending.verdict


def _run(tests: Sequence[str], ending: EndAtFirstFailure) -> int:
    limit_time(LONGEST_TEST)
    status = pytest.main([*tests, *PYTEST_OPTIONS], plugins=(ending, QuickSettings(), PropertiesLast()))
    return ending.verdict if ending.time_outs else (ONE_FAILED if status else ALL_PASSED)


class PropertiesLast:
    """A plugin of pytest: what takes longest comes last, for the first failure ends it all."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A property is marked by its library."""
        items.sort(key=lambda item: item.get_closest_marker("hypothesis") is not None)


class _Changed(MetaPathFinder):
    """Finds one module changed."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        module = self._mutant.module
        if fullname != module.name:
            return None
        return spec_from_file_location(fullname, module.path, loader=_Loader(self._mutant))


class _Loader(SourceFileLoader):
    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module.name, str(mutant.module.path))
        self._mutant = mutant

    def get_code(self, _fullname: str) -> CodeType | None:
        return compile(self._mutant.source, self.path, "exec", dont_inherit=True)

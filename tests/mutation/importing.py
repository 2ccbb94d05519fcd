"""Mutants outside of functions, in tables and defaults: everything is imported anew, in a fork, with one changed.

What the project only uses is loaded before the fork, so that it costs nothing again.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, ModuleType

import hypothesis
import pydantic
import pytest

from infra.local import firestore
from tests.mutation.meeting import FirstRunFailedError
from tests.mutation.mutants import Mutant
from tests.mutation.processes import ALL_PASSED, PYTEST_OPTIONS, EndAtFirstFailure, Outcome, limit_time, outcome, run
from tests.mutation.running import QuickSettings

LOADED = (hypothesis, pydantic, firestore)


LONGEST_TEST = 2.0  # seconds of processor time, and of all imports


def try_all(mutants: Mapping[int, Mutant], tests: Sequence[str], jobs: int) -> Iterator[tuple[int, Outcome]]:
    """Each mutant with all the tests of these folders. Raises FirstRunFailedError."""
    ((_, ended),) = run([("", partial(_try, None, tests))], jobs=1)
    if ended != ALL_PASSED:
        raise FirstRunFailedError
    for key, how in run(((key, partial(_try, mutant, tests)) for key, mutant in mutants.items()), jobs):
        yield key, outcome(how)


def _try(mutant: Mutant | None, tests: Sequence[str]) -> int:
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    limit_time(LONGEST_TEST)
    ending = EndAtFirstFailure(lambda _: LONGEST_TEST)
    status = pytest.main([*tests, *PYTEST_OPTIONS], plugins=(ending, QuickSettings(), PropertiesLast()))
    return ending.verdict if ending.time_outs else int(bool(status))


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

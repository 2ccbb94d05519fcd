"""Mutants inside functions: the tests are collected once, and a function's code is exchanged in a fork.

Nothing is imported again, so a mutant costs milliseconds and the tests that run its lines.
"""

import gc
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from hypothesis import Phase, settings

from tests.mutation.meeting import Meetings, run_one
from tests.mutation.mutants import Mutant
from tests.mutation.processes import CANNOT_BE_DONE_HERE, EndAtFirstFailure, Outcome, outcome, run

Key = tuple[str, str, int]
"""A function's file, name and first line."""

Functions = dict[Key, list[FunctionType]]
"""All that run one piece of code."""


class QuickSettings:
    """A plugin of pytest: a property that fails has done its work, and nothing is shrunk."""

    def pytest_collection(self) -> None:
        """Before any test is read, for then its settings are fixed."""
        settings.register_profile("mutation", settings(), phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutation")


class InForks:
    """A plugin of pytest that runs, in place of the tests, every mutant against the tests that meet it.

    Of each it sends its key and what became of it; None for one that has to be imported to be met.
    """

    def __init__(self, mutants: Mapping[int, Mutant], scratch: Path, jobs: int, results: Connection) -> None:
        self._mutants = mutants
        self._jobs = jobs
        self._results = results
        self._meetings = Meetings(mutants.values(), scratch)
        self._meetings.watch_imports()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of the tests."""
        meetings = self._meetings
        self._ending = EndAtFirstFailure(meetings.seconds, meetings.note_kill, meetings.note_time_out)
        session.config.pluginmanager.register(self._ending)
        meetings.learn(session.items)
        self._functions = _functions({str(mutant.module.path) for mutant in self._mutants.values()})
        gc.freeze()  # what is there stays shared with the forks
        # By the second time, the tests that notice that there is no end come before those that wait for it.
        timed_out = self._run(self._mutants)
        for key in self._run({key: self._mutants[key] for key in timed_out}, hang=True):
            self._results.send((key, Outcome.TIMED_OUT))
        return True

    def _run(self, mutants: Mapping[int, Mutant], *, hang: bool = False) -> list[int]:
        """Tell of all that did not run out of time; those that did."""
        timed_out = []
        for key, ended in run(self._work(mutants, hang), self._jobs):
            survived = outcome(ended) is Outcome.SURVIVED and self._meetings.is_imported(self._mutants[key])
            if outcome(ended) is Outcome.TIMED_OUT:
                timed_out.append(key)
            else:
                self._results.send((key, None if survived or ended == CANNOT_BE_DONE_HERE else outcome(ended)))
        return timed_out

    def _work(self, mutants: Mapping[int, Mutant], hang: bool) -> Iterator[tuple[int, Callable[[], int]]]:
        for key, mutant in mutants.items():
            items = self._meetings.with_mutant(mutant, hangs=hang)
            if items:
                yield key, partial(self._try, mutant, items)
            else:
                self._results.send((key, None if self._meetings.is_imported(mutant) else Outcome.NOT_COVERED))

    def _try(self, mutant: Mutant, items: list[pytest.Item]) -> int:
        if not _exchange(mutant, self._functions):
            return CANNOT_BE_DONE_HERE
        self._meetings.meet(mutant)
        for item in items:
            run_one(item)
        return self._ending.verdict


def _exchange(mutant: Mutant, functions: Functions) -> bool:
    """Give the function its changed code, wherever it is held; False where that cannot be done."""
    assert mutant.function is not None
    path = str(mutant.module.path)
    place = (path, mutant.function.name.rpartition(".")[-1], mutant.function.first_line)
    changed = next((c for c in _outermost(compile(mutant.source, path, "exec")) if _place(c) == place), None)
    found = functions.get(place, [])
    if changed is None or not found:
        return False
    for function in found:
        if function.__code__.co_freevars != changed.co_freevars:
            return False
        function.__code__ = changed
    return True


def _functions(paths: set[str]) -> Functions:
    found: Functions = {}
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in paths:
            found.setdefault(_place(thing.__code__), []).append(thing)
    return found


def _place(code: CodeType) -> Key:
    return code.co_filename, code.co_name, code.co_firstlineno


def _outermost(code: CodeType) -> Iterator[CodeType]:
    """The functions and methods of a module; what stands inside of a function comes with it."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            is_function = constant.co_flags & inspect.CO_OPTIMIZED
            yield from (constant,) if is_function else _outermost(constant)

"""All mutants of a package, each tried in the way that its place allows."""

import io
import multiprocessing
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from tests.mutation import importing
from tests.mutation.meeting import FirstRunFailedError
from tests.mutation.mutants import Mutant
from tests.mutation.processes import PYTEST_OPTIONS, Outcome
from tests.mutation.running import InForks, QuickSettings

Found = tuple[int, Outcome | None]
"""A mutant's place in the list, and what became of it; None where it must be imported to be met."""


def outcomes(mutants: Sequence[Mutant], tests: Sequence[str], jobs: int) -> Iterator[tuple[int, Outcome]]:
    """What became of each, as it is found, by its place in the list. Raises FirstRunFailedError."""
    to_import = {place: mutant for place, mutant in enumerate(mutants) if mutant.function is None}
    to_run = {place: mutant for place, mutant in enumerate(mutants) if mutant.function is not None}
    for place, outcome in _in_forks(to_run, tests, jobs):
        if outcome is None:
            to_import[place] = mutants[place]
        else:
            yield place, outcome
    if to_import:
        yield from importing.try_all(to_import, tests, jobs)


def _in_forks(mutants: Mapping[int, Mutant], tests: Sequence[str], jobs: int) -> Iterator[Found]:
    """In a process of its own, so that this one never imports what is changed."""
    if not mutants:
        return
    processes = multiprocessing.get_context("fork")
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=_run_tests, args=(mutants, tests, jobs, sender))
    process.start()
    sender.close()
    try:
        while True:
            yield receiver.recv()
    except EOFError:
        process.join()
    if process.exitcode:
        raise FirstRunFailedError


def _run_tests(mutants: Mapping[int, Mutant], tests: Sequence[str], jobs: int, results: Connection) -> None:
    with tempfile.TemporaryDirectory(prefix="aduan-mutation-") as scratch, redirect_stdout(io.StringIO()) as said:
        plugins = (QuickSettings(), InForks(mutants, Path(scratch), jobs, results))
        status = pytest.main([*tests, *PYTEST_OPTIONS], plugins=plugins)
    # The project's own plugin says 'failed' of a run in whose place something else ran.
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise SystemExit(said.getvalue())

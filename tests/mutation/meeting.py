"""Which tests run which lines, learnt by running them all once."""

import gc
import mmap
import time
from collections.abc import Iterable, Sequence
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.mutation.mutants import Mutant
from tests.mutation.processes import ALL_PASSED, run

NO_LIMIT = 3600.0  # seconds: the tests themselves may take what they need
MOST_COUNTED = 255
HUNG_WEIGHS = 4  # kills: a time-out costs as much time as many tests
HERE_WEIGHS = 20  # kills: who noticed a change of this very function notices the next
AT_IMPORT = "while the tests were collected"

Lines = dict[str, dict[int, list[str]]]
"""Of each file, by line: who ran it."""


class FirstRunFailedError(Exception):
    """The tests fail without any mutant."""


class Meetings:
    """The tests that meet a mutant, in the order in which one of them is soonest to notice."""

    def __init__(self, mutants: Iterable[Mutant], scratch: Path) -> None:
        functions = dict.fromkeys(_function(mutant) for mutant in mutants)
        self._files = sorted({path for path, _ in functions})
        self._functions = {function: place for place, function in enumerate(functions)}
        self._met: Mutant | None = None
        self._scratch = scratch
        self._imports = self._covering("imports")
        self._items: dict[str, pytest.Item] = {}
        self._seconds: dict[str, float] = {}
        self._lines: Lines = {}
        self._imported: Lines = {}

    def watch_imports(self) -> None:
        """From here on, until `learn`, what runs does so because modules are imported."""
        self._imports.start()
        self._imports.switch_context(AT_IMPORT)

    def learn(self, items: Sequence[pytest.Item]) -> None:
        """Run all tests, in a fork: what they leave in memory is met by no mutant. Raises FirstRunFailedError."""
        self._imports.stop()
        self._imported = self._by_line(self._imports.get_data())
        self._items = {item.nodeid: item for item in items}
        self._places = {nodeid: place for place, nodeid in enumerate(self._items)}
        # Shared with the forks, a byte for each test: in all, and by function.
        self._kills, self._time_outs = self._shared(1), self._shared(1)
        self._kills_here = self._shared(len(self._functions))
        self._time_outs_here = self._shared(len(self._functions))
        ((_, ended),) = run([("", self._run_all)], jobs=1)
        if ended != ALL_PASSED:
            raise FirstRunFailedError
        rows = (self._scratch / "seconds").read_text(encoding="utf-8").splitlines()
        self._seconds = {nodeid: float(seconds) for seconds, nodeid in (row.split(" ", 1) for row in rows)}
        data = CoverageData(str(self._scratch / "tests"))
        data.read()
        self._lines = self._by_line(data)

    def with_mutant(self, mutant: Mutant, *, hangs: bool = False) -> list[pytest.Item]:
        """The tests that run one of its lines, in the order in which they should be tried.

        `hangs`: it ran tests out of time before; those that never did so with a change of this function come first.
        """
        by_line = self._lines.get(str(mutant.module.path), {})
        names = {name for line in mutant.lines for name in by_line.get(line, [])}
        first = self._first_place(mutant)

        def rank(name: str) -> tuple[int, int, float, str]:
            """First who killed most and hung least, then who is quickest."""
            place = self._places[name]
            kills = HERE_WEIGHS * self._kills_here[first + place] + self._kills[place]
            hung_here = self._time_outs_here[first + place] if hangs else 0
            return hung_here, HUNG_WEIGHS * self._time_outs[place] - kills, self._seconds[name], name

        return [self._items[name] for name in sorted(names, key=rank)]

    def is_imported(self, mutant: Mutant) -> bool:
        """Whether its function also runs while modules are imported: what it made then is as it was."""
        by_line = self._imported.get(str(mutant.module.path), {})
        body = mutant.function.lines if mutant.function else mutant.lines
        return any(by_line.get(line) for line in body)

    def seconds(self, nodeid: str) -> float:
        """The processor time that a test takes without a mutant; while it is learnt, there is no limit."""
        return self._seconds.get(nodeid, NO_LIMIT)

    def meet(self, mutant: Mutant) -> None:
        """Called in a fork: what is noted from here on is noted of this one."""
        self._met = mutant

    def note_kill(self, nodeid: str) -> None:
        """Called in a fork: this test failed."""
        place = self._places[nodeid]
        _count(self._kills, place)
        if self._met is not None:
            _count(self._kills_here, self._first_place(self._met) + place)

    def note_time_out(self, nodeid: str) -> None:
        """Called in a fork: this test came to no end."""
        place = self._places[nodeid]
        _count(self._time_outs, place)
        if self._met is not None:
            _count(self._time_outs_here, self._first_place(self._met) + place)

    def _first_place(self, mutant: Mutant) -> int:
        return self._functions[_function(mutant)] * len(self._items)

    def _shared(self, rows: int) -> mmap.mmap:
        return mmap.mmap(-1, max(1, rows * len(self._items)))

    def _run_all(self) -> int:
        covering = self._covering("tests")
        remembered = [
            thing for thing in gc.get_objects() if isinstance(thing, _lru_cache_wrapper) and self._is_ours(thing)
        ]
        covering.start()
        rows = []
        for nodeid, item in self._items.items():
            # What a test would only be told again is still its own to notice.
            for cache in remembered:
                cache.cache_clear()
            covering.switch_context(nodeid)
            begun = time.process_time()
            run_one(item)
            rows.append(f"{time.process_time() - begun} {nodeid}")
        covering.stop()
        covering.save()
        (self._scratch / "seconds").write_text("\n".join(rows), encoding="utf-8")
        return ALL_PASSED

    def _is_ours(self, remembering: "_lru_cache_wrapper[object]") -> bool:
        code = getattr(remembering.__wrapped__, "__code__", None)
        return code is not None and code.co_filename in self._files

    def _covering(self, name: str) -> Coverage:
        return Coverage(data_file=str(self._scratch / name), include=self._files, config_file=False)

    def _by_line(self, data: CoverageData) -> Lines:
        return {
            path: {line: [who for who in names if who] for line, names in data.contexts_by_lineno(path).items()}
            for path in self._files
        }


def _function(mutant: Mutant) -> tuple[str, str]:
    return str(mutant.module.path), mutant.function.name if mutant.function else ""


def _count(counts: mmap.mmap, place: int) -> None:
    counts[place] = min(MOST_COUNTED, counts[place] + 1)


def run_one(item: pytest.Item) -> None:
    """With its fixtures, which end with it. `EndAtFirstFailure` ends the process if it fails."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

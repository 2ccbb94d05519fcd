"""Which tests run which lines, learnt by running them all once."""

import gc
import mmap
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.mutation.mutants import Mutant
from tests.mutation.processes import ALL_PASSED, run

NO_LIMIT = 3600.0  # seconds: the tests themselves may take what they need
MOST_COUNTED = 255
HUNG_WEIGHS = 4  # kills: a time-out costs as much time as many tests
AT_IMPORT = "while the tests were collected"

_Remembering = type(lru_cache(len))

Lines = dict[str, dict[int, list[str]]]
"""Of each file, by line: who ran it."""


class FirstRunFailedError(Exception):
    """The tests fail without any mutant."""


class Meetings:
    """The tests that meet a mutant, in the order in which one of them is soonest to notice."""

    def __init__(self, files: Iterable[str], scratch: Path) -> None:
        self._files = sorted(files)
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
        # Shared with the forks, a byte for each test.
        self._kills = mmap.mmap(-1, max(1, len(self._items)))
        self._time_outs = mmap.mmap(-1, max(1, len(self._items)))
        ((_, ended),) = run([("", self._run_all)], jobs=1)
        if ended != ALL_PASSED:
            raise FirstRunFailedError
        rows = (self._scratch / "seconds").read_text(encoding="utf-8").splitlines()
        self._seconds = {nodeid: float(seconds) for seconds, nodeid in (row.split(" ", 1) for row in rows)}
        data = CoverageData(str(self._scratch / "tests"))
        data.read()
        self._lines = self._by_line(data)

    def with_mutant(self, mutant: Mutant) -> list[pytest.Item]:
        """The tests that run one of its lines, in the order in which they should be tried."""
        by_line = self._lines.get(str(mutant.module.path), {})
        names = {name for line in mutant.lines for name in by_line.get(line, [])}
        return [self._items[name] for name in sorted(names, key=self._rank)]

    def is_imported(self, mutant: Mutant) -> bool:
        """Whether its function also runs while modules are imported: what it made then is as it was."""
        by_line = self._imported.get(str(mutant.module.path), {})
        body = mutant.function.lines if mutant.function else mutant.lines
        return any(by_line.get(line) for line in body)

    def seconds(self, nodeid: str) -> float:
        """The processor time that a test takes without a mutant; while it is learnt, there is no limit."""
        return self._seconds.get(nodeid, NO_LIMIT)

    def note_kill(self, nodeid: str) -> None:
        """Called in a fork: this test failed."""
        self._count(self._kills, nodeid)

    def note_time_out(self, nodeid: str) -> None:
        """Called in a fork: this test came to no end."""
        self._count(self._time_outs, nodeid)

    def _count(self, counts: mmap.mmap, nodeid: str) -> None:
        place = self._places[nodeid]
        counts[place] = min(MOST_COUNTED, counts[place] + 1)

    def _rank(self, name: str) -> tuple[int, float, str]:
        """First who killed most and hung least, then who is quickest."""
        place = self._places[name]
        return HUNG_WEIGHS * self._time_outs[place] - self._kills[place], self._seconds[name], name

    def _run_all(self) -> int:
        covering = self._covering("tests")
        remembered = [thing for thing in gc.get_objects() if isinstance(thing, _Remembering)]
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

    def _covering(self, name: str) -> Coverage:
        return Coverage(data_file=str(self._scratch / name), include=self._files, config_file=False)

    def _by_line(self, data: CoverageData) -> Lines:
        return {
            path: {line: [who for who in names if who] for line, names in data.contexts_by_lineno(path).items()}
            for path in self._files
        }


def run_one(item: pytest.Item) -> None:
    """With its fixtures, which end with it. `EndAtFirstFailure` ends the process if it fails."""
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

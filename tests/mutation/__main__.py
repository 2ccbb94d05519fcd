"""`python -m tests.mutation procedure`: change each thing in it, and count the changes that a test notices."""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from tests.mutation import survivors
from tests.mutation.mutants import Module, Mutant
from tests.mutation.processes import Outcome
from tests.mutation.trial import outcomes

TOP = Path(__file__).parents[2]
FUNCTIONS = TOP / "functions"
FIGURES = "mutation.json"
FIGURES_FOLDER = "ADUAN_PROMISES"
"""The variable that names the folder where the figures are left; without it they are only shown."""

PARTS = ("inside", "outside")
"""Of functions: what is tried in milliseconds, and what takes seconds."""

Result = tuple[Mutant, Outcome]


@dataclass(frozen=True)
class Target:
    """A package, the tests that must notice, and the percentage of its changes that they must notice."""

    package: str
    tests: tuple[str, ...]
    least: float


TARGETS = {
    "procedure": Target("aduan/procedure", ("tests/procedure",), 95.0),
    "service": Target("aduan/service", ("tests/service",), 85.0),
}


def main(arguments: Sequence[str]) -> int:
    """Try them all; 0 where enough were killed and every other is on the list."""
    chosen = _chosen(arguments)
    target = TARGETS[chosen.target]
    os.chdir(TOP)
    everything = _mutants(target)
    mutants = [mutant for mutant in everything if not chosen.module or mutant.module.path.stem in chosen.module]
    if chosen.only:
        mutants = [mutant for mutant in mutants if _part(mutant) == chosen.only]
    if chosen.sample:
        chance = random.Random(chosen.seed)  # noqa: S311 - no secret
        mutants = chance.sample(mutants, min(chosen.sample, len(mutants)))
    begun = time.monotonic()
    results = _tried(mutants, target, chosen)
    _print_table(results)
    sys.stdout.write(f"{time.monotonic() - begun:.0f} s with {chosen.jobs} at once\n")
    whole = [part for part in PARTS if _of(part, mutants) == _of(part, everything)]
    _leave_figures(chosen.target, whole, results)
    if chosen.write_list:
        survivors.write(results, everything)
    return _judge(results, target.least if len(mutants) == len(everything) else 0.0)


def _part(mutant: Mutant) -> str:
    return "outside" if mutant.function is None else "inside"


def _of(part: str, mutants: Iterable[Mutant]) -> int:
    return sum(_part(mutant) == part for mutant in mutants)


def _chosen(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--module", action="append", help="only this file of it; may be repeated")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="only so many, by chance: a quick look")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of that chance")
    parser.add_argument("--only", choices=PARTS, help="of functions: quick; tables and defaults: slow")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="so many at once")
    parser.add_argument("--show", action="store_true", help="print each that is not killed as soon as it is known")
    parser.add_argument("--write-list", action="store_true", help="write survivors.md anew, with the reasons it has")
    return parser.parse_args(arguments)


def _mutants(target: Target) -> list[Mutant]:
    paths = sorted((FUNCTIONS / target.package).glob("*.py"))
    names = [".".join(path.relative_to(FUNCTIONS).with_suffix("").parts) for path in paths]
    return [mutant for path, name in zip(paths, names, strict=True) for mutant in Module(path, name).mutants()]


def _tried(mutants: Sequence[Mutant], target: Target, chosen: argparse.Namespace) -> list[Result]:
    found: dict[int, Outcome] = {}
    bar = tqdm(
        outcomes(mutants, target.tests, chosen.jobs),
        total=len(mutants),
        unit="mutant",
        desc=chosen.target,
        file=sys.stderr,
    )
    for place, outcome in bar:
        found[place] = outcome
        if chosen.show and outcome is not Outcome.KILLED:
            change = survivors.change(mutants[place])
            bar.write(f"{outcome}: {change.file}:{mutants[place].lines[0]}\n{change}", file=sys.stdout)
    return [(mutant, found[place]) for place, mutant in enumerate(mutants)]


def _print_table(results: Iterable[Result]) -> None:
    rows = Counter((mutant.module.path.stem, outcome) for mutant, outcome in results)
    heads = "".join(f"{outcome:>13}" for outcome in Outcome)
    sys.stdout.write(f"{'':<20}{'mutants':>9}{heads}\n")
    for name in [*sorted({name for name, _ in rows}), ""]:
        counts = Counter[Outcome]()
        for (module, outcome), count in rows.items():
            if name in (module, ""):
                counts[outcome] += count
        figures = "".join(f"{counts[outcome]:>13}" for outcome in Outcome)
        sys.stdout.write(f"{name or 'in all':<20}{counts.total():>9}{figures}{_percent(counts):>9.1f} %\n")


def _percent(counts: Counter[Outcome]) -> float:
    """Of all, whether a test can see them or not: none is left out for being equivalent."""
    return 100 * counts[Outcome.KILLED] / max(1, counts.total())


def _leave_figures(name: str, parts: Iterable[str], results: Iterable[Result]) -> None:
    """Of each part that was tried as a whole; what is left of another run's other part stays."""
    folder = os.environ.get(FIGURES_FOLDER)
    if not folder:
        return
    path = Path(folder) / FIGURES
    figures = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for part in parts:
        counts = Counter(outcome for mutant, outcome in results if _part(mutant) == part)
        figures.setdefault(name, {})[part] = {
            "mutants": counts.total(),
            "killed": counts[Outcome.KILLED],
            "timeouts": counts[Outcome.TIMED_OUT],
        }
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _judge(results: Sequence[Result], least: float) -> int:
    wrong = [f"{how}: {change.file}\n{change}" for how, change in survivors.differences(results, survivors.listed())]
    percent = _percent(Counter(outcome for _, outcome in results))
    if percent < least:
        wrong.append(f"{percent:.1f} % are killed, and {least:.0f} % must be\n")
    sys.stdout.write("".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

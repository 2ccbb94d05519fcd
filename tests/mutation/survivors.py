"""The list of the changes that no test notices, each with the reason why: `survivors.md`.

A heading names a file; a paragraph is a reason, and the `diff` below it has the changes for which it holds. They
are known by their text, for lines move.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.processes import Outcome

LIST = Path(__file__).with_name("survivors.md")
NO_REASON = "No reason is given yet."


@dataclass(frozen=True)
class Change:
    """The lines of a file that differ, as they were and as they are. The file is named from its package on."""

    file: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"- {self.before}\n+ {self.after}\n"


Reasons = dict[Change, str]


def change(mutant: Mutant) -> Change:
    """What a mutant changes, by its text."""
    path = mutant.module.path
    return Change(f"{path.parent.name}/{path.name}", *mutant.before_and_after)


def listed() -> Reasons:
    """The changes of the list, with their reasons."""
    found: Reasons = {}
    file, reason, before, in_diff = "", "", "", False
    for line in _sections().splitlines():
        if line.startswith("```"):
            in_diff = not in_diff
        elif in_diff and line.startswith("-"):
            before = line[1:].strip()
        elif in_diff:
            found[Change(file, before, line[1:].strip())] = reason
        elif line.startswith("## "):
            file = line[3:].strip()
        elif line:
            reason = line
    return found


def differences(results: Iterable[tuple[Mutant, Outcome]], known: Iterable[Change]) -> Iterator[tuple[str, Change]]:
    """Where the list and what was found are not the same: what it does not name, and what is killed by now."""
    alive: set[Change] = set()
    killed: set[Change] = set()
    for mutant, outcome in results:
        (killed if outcome is Outcome.KILLED else alive).add(change(mutant))
    names = set(known)
    yield from (("not listed", one) for one in sorted(alive - names, key=_text))
    yield from (("killed, and still listed", one) for one in sorted(names & (killed - alive), key=_text))


def write(results: Sequence[tuple[Mutant, Outcome]], everything: Iterable[Mutant]) -> None:
    """The list anew, with the reasons that it has. `everything`: all of the package; what was not tried stays."""
    known, standing, tried = listed(), set(map(change, everything)), {change(mutant) for mutant, _ in results}
    files_of_it = {one.file for one in standing}
    kept = (one for one in known if one.file not in files_of_it or one in standing - tried)
    alive = (change(mutant) for mutant, outcome in results if outcome is not Outcome.KILLED)
    files: dict[str, dict[str, list[Change]]] = {}
    for one in dict.fromkeys([*kept, *alive]):
        files.setdefault(one.file, {}).setdefault(known.get(one, NO_REASON), []).append(one)
    text = LIST.read_text(encoding="utf-8")
    parts = [text[: len(text) - len(_sections())].rstrip("\n") + "\n"]
    for file, reasons in sorted(files.items()):
        parts.append(f"## {file}\n")
        parts += [f"{reason}\n\n```diff\n{''.join(map(str, ones))}```\n" for reason, ones in reasons.items()]
    LIST.write_text("\n".join(parts), encoding="utf-8")


def _sections() -> str:
    """The list without its introduction."""
    text = LIST.read_text(encoding="utf-8")
    _, mark, sections = text.partition("\n## ")
    return f"## {sections}" if mark else ""


def _text(one: Change) -> tuple[str, str]:
    return one.file, str(one)

"""What was tried, and what it opened."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

KINDS: Final = ("functions", "routes", "acts", "acts at vacant desks", "tokens", "stand-ins", "Firestore", "over HTTP")
"""Every kind of door. A run that left one out promises nothing."""


@dataclass
class Tally:
    """Counts over the session. `fuzzed` counts requests to the JSON door; `broken`, those that were a fault of ours."""

    tried: Counter[str] = field(default_factory=Counter)
    opened_wrongly: list[str] = field(default_factory=list)
    shut_wrongly: list[str] = field(default_factory=list)
    fuzzed: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def door(self, kind: str, what: str, *, may: bool, was_in: bool) -> str | None:
        """One try. What is wrong with its outcome, if anything is."""
        self.tried[kind] += 1
        if may == was_in:
            return None
        wrong = f"{kind}: {what}"
        (self.opened_wrongly if was_in else self.shut_wrongly).append(wrong)
        return wrong

    def doors(self, kind: str, outcomes: Mapping[str, tuple[bool, bool]]) -> list[str]:
        """Many: by what was tried, whether it may come in, and whether it came in. Those that are wrong."""
        found = (self.door(kind, what, may=may, was_in=was_in) for what, (may, was_in) in outcomes.items())
        return [wrong for wrong in found if wrong]

    @property
    def is_whole(self) -> bool:
        """Whether every kind of door was tried, and the JSON door fuzzed."""
        return all(self.tried[kind] for kind in KINDS) and bool(self.fuzzed)

    def told(self) -> dict[str, Any]:
        """For a page that is made of it."""
        return {
            "doors_tried": self.tried.total(),
            "opened_wrongly": len(self.opened_wrongly),
            "shut_wrongly": len(self.shut_wrongly),
            "by": {kind: self.tried[kind] for kind in KINDS},
            "json_door": self.told_of_fuzzing(),
        }

    def told_of_fuzzing(self) -> dict[str, Any]:
        """The same of the JSON door alone, which has a long form of its own."""
        return {"cases": self.fuzzed.total(), "failures": len(self.broken), "by": dict(self.fuzzed)}

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield (
            f"{self.tried.total()} doors tried. Opened wrongly: {len(self.opened_wrongly)}. "
            f"Shut wrongly: {len(self.shut_wrongly)}."
        )
        yield "; ".join(f"{kind}: {count}" for kind, count in self.tried.items())
        if self.fuzzed:
            yield f"{self.fuzzed.total()} requests made from the JSON door's description; faults: {len(self.broken)}."

"""What all runs together showed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.crashes.runs import Findings
from tests.crashes.scenario import Scenario


@dataclass
class Tally:
    """Counts over the session."""

    scenarios: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    with_status: int = 0
    second_copies: int = 0
    lost: int = 0
    doubled: int = 0

    def add(self, scenario: Scenario, findings: Findings) -> None:
        """One scenario more."""
        self.scenarios[scenario.kind] += 1
        self.points[scenario.kind] += findings.points
        for call in findings.calls:
            self.places["media" if call.name.startswith("GET ") else call.place] += 2
        self.with_status += findings.with_status
        self.second_copies += findings.second_copies
        self.lost += findings.lost
        self.doubled += findings.doubled

    def told(self) -> dict[str, Any]:
        """For a page that is made of it."""
        return {
            "crash_points": self.points.total(),
            "scenarios": self.scenarios.total(),
            "lost": self.lost,
            "doubled": self.doubled,
            "second_copies": self.second_copies,
            "with_status": self.with_status,
            "by": {kind: {"scenarios": self.scenarios[kind], "points": self.points[kind]} for kind in self.scenarios},
            "places": dict(self.places),
        }

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield (
            f"{self.points.total()} points in {self.scenarios.total()} scenarios: the process was killed before and "
            f"after each outgoing call. Lost: {self.lost}. Doubled: {self.doubled}."
        )
        yield "; ".join(f"{kind}: {self.points[kind]} points in {self.scenarios[kind]}" for kind in self.scenarios)
        yield "; ".join(f"{place}: {points}" for place, points in self.places.items())
        yield (
            f"Between WhatsApp's acceptance and our note of it: {self.with_status} points; a second copy left after "
            f"{self.second_copies} of them, and after none where its status came first."
        )

"""What the runs did: steps by rule, acts that worked, alarms that rang, ends that complaints came to."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Tally:
    """Counts over all examples of a run."""

    examples: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    rang: Counter[str] = field(default_factory=Counter)
    entered: Counter[int] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    lost: int = 0
    doubled: int = 0

    @property
    def total(self) -> int:
        return sum(self.steps.values())

    def told(self) -> str:
        """A few lines to read."""
        complaints = sum(self.ends.values())
        ends = ", ".join(f"{end} {count}" for end, count in self.ends.most_common())
        return "\n".join(
            (
                f"{self.total} steps in {self.examples} examples; {self.messages} messages",
                f"{complaints} complaints ended as: {ends}",
                f"acts done: {dict(self.acts.most_common())}; refused: {sum(self.refused.values())}",
                f"alarms: {dict(self.rang.most_common())}",
                f"steps entered: {dict(sorted(self.entered.items()))}; sendings: {dict(self.sent.most_common())}",
                f"by rule: {dict(self.steps.most_common())}",
                f"lost: {self.lost}, doubled: {self.doubled}",
            )
        )

    def write(self, folder: Path) -> None:
        """The figures as `model.json`."""
        figures = {
            "steps": self.total,
            "examples": self.examples,
            "by_rule": dict(self.steps.most_common()),
            "lost": self.lost,
            "doubled": self.doubled,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")

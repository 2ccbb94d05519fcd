"""What was measured, as tables for a terminal or for the README."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reach:
    """What a figure should reach, in words, and whether it did."""

    wanted: str
    reached: bool

    def __str__(self) -> str:
        return f"{self.wanted}: {'reached' if self.reached else 'NOT REACHED'}"


def at_most(value: float, limit: float) -> Reach:
    """A figure that should not be larger."""
    return Reach(f"at most {limit:g}", value <= limit)


def at_least(value: float, limit: float) -> Reach:
    """A figure that should not be smaller."""
    return Reach(f"at least {limit:g}", value >= limit)


@dataclass(frozen=True)
class Table:
    """Rows under `columns`, with what stands below them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = field(default=())

    def plain(self) -> str:
        """For a terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[number]) for line in lines) for number in range(len(self.columns))]
        texts = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        rule = "  ".join("-" * width for width in widths)
        body = [text.rstrip() for text in (texts[0], rule, *texts[1:])]
        return "\n".join([self.title, *body, *self.notes])

    def markdown(self) -> str:
        """For the README."""
        rule = ["---"] * len(self.columns)
        lines = [f"| {' | '.join(line)} |" for line in (self.columns, rule, *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, *(f"\n{note}" for note in self.notes)])

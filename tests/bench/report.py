"""What was measured, as tables for a terminal or for the README."""

from collections.abc import Sequence
from dataclasses import dataclass, field


def verdict(*, reached: bool) -> str:
    """Whether a figure is what it should be."""
    return "reached" if reached else "NOT REACHED"


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

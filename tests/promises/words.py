"""Figures in words."""

from typing import Final

NOUGHT: Final = "nought"


def count(number: int) -> str:
    """A count of what should not be."""
    return f"**{number:,}**" if number else NOUGHT

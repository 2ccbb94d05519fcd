"""WhatsApp's marks in a text (*tebal*, _miring_, ~coret~, ```tetap```, links), read into plain pieces.

The page puts each piece into the document as text, never as HTML: nothing that was written can become markup.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum


class Mark(StrEnum):
    """What a pair of marks does to the text between them."""

    BOLD = "bold"
    ITALIC = "italic"
    STRIKE = "strike"
    MONO = "mono"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with its marks; `link` is set for an address."""

    text: str
    marks: tuple[Mark, ...] = ()
    link: str | None = None


_SYMBOLS = {"*": Mark.BOLD, "_": Mark.ITALIC, "~": Mark.STRIKE}
# A mark counts only at a word's edge and around something that neither begins nor ends with a space.
_TOKEN = re.compile(
    r"```(?P<mono>.+?)```"
    r"|(?P<link>https?://[^\s<>\"]*[^\s<>\".,;:!?)\]*_~])"
    r"|(?<!\w)(?P<symbol>[*_~])(?P<inner>[^\s](?:[^\n]*?[^\s])?)(?P=symbol)(?!\w)",
    re.DOTALL,
)


def pieces(text: str) -> tuple[Piece, ...]:
    """Split a text at its marks. The marks themselves are gone; everything else is kept as it is."""
    found: list[Piece] = []
    end = 0
    for match in _TOKEN.finditer(text):
        found += _plain(text[end : match.start()])
        found += _marked(match)
        end = match.end()
    return tuple(found + _plain(text[end:]))


def _plain(text: str) -> list[Piece]:
    return [Piece(text)] if text else []


def _marked(match: re.Match[str]) -> list[Piece]:
    if match["mono"]:
        return [Piece(match["mono"], (Mark.MONO,))]
    if match["link"]:
        return [Piece(match["link"], link=match["link"])]
    mark = _SYMBOLS[match["symbol"]]
    return [replace(inner, marks=(mark, *inner.marks)) for inner in pieces(match["inner"])]

"""What others wrote, made legible on any screen: nothing in it can turn, hide or bury what stands around it.

The text itself stays as it was written, in the record and for programs.
"""

import re
from typing import Final

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_OVERRIDES: Final = re.compile("[\u202d\u202e]")
"""They show letters in another order than the one in which a program, and a search, reads them: 'gpj.exe'."""

_MARKS: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED: Final = re.compile(f"({_MARKS}{{3}}){_MARKS}+")
"""No writing puts more than three marks on a letter; a hundred would cover the lines above and below."""


_EMPTY: Final = re.compile(r"\n(?:[^\S\n]*\n){2,}")
"""Two empty lines and more, which would push away what comes after them."""


def legible(text: str) -> str:
    """`text` without what would make it illegible; what has no shape of its own is shown as U+FFFD."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shaped = _OVERRIDES.sub("", _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", lines))
    return _EMPTY.sub("\n\n", _PILED.sub(r"\1", shaped))

"""The ways in which a part of a webhook is damaged.

What JSON's writer cannot write (a name that stands twice, a number of five thousand digits, a stray byte) is a mark in
the tree, and is put in its place in the bytes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from random import Random
from types import MappingProxyType
from typing import Any, Final

Spot = tuple[Any, Any]
"""What holds a part (an object or a list), and the part's name or place in it."""

_TWICE, _BYTE = "@@TWICE@@", "@@BYTE@@"
_MARKS: Final = re.compile(rb'"@@(?P<kind>DEEP|OBJECTS|DIGITS):(?P<count>\d+)@@"')
_STRAY: Final = b"\xff"

LONG, LONGER, LONGEST = 70_000, 400_000, 1_200_000
"""Characters: more than WhatsApp lets anybody write, more than is kept in one piece, more than a document holds."""


def spots(part: object) -> list[Spot]:
    """Every part inside another, at any depth."""
    return list(_spots(part))


def _spots(part: object) -> Iterator[Spot]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(part, dict):
        inner = list(part.items())
    elif isinstance(part, list):
        inner = list(enumerate(part))
    for key, item in inner:
        yield part, key
        yield from _spots(item)


def written(tree: object) -> bytes:
    """The tree as a body, its marks put in place."""
    text = json.dumps(tree, separators=(",", ":")).encode()
    text = text.replace(_TWICE.encode(), b"").replace(_BYTE.encode(), _STRAY)
    return _MARKS.sub(_put, text)


def _put(mark: re.Match[bytes]) -> bytes:
    count = int(mark["count"])
    if mark["kind"] == b"DEEP":
        return b"[" * count + b"]" * count
    if mark["kind"] == b"OBJECTS":
        return b'{"a":' * count + b"1" + b"}" * count
    return b"9" * count


Change = Callable[[Random, Any], Any]
"""A part in the place of another."""

_ODD_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "NUL": "a\0b",
        "lone surrogate": "a\ud800b",
        "stray byte": f"a{_BYTE}b",
        "right to left": "\u202egnalu\u202c \u2067abc\u2069",
        "zero width": "\u200b\u200d\ufeff",
        "no character": "\uffff\U0010ffff",
        "emoji": "\N{FACE WITH TEARS OF JOY}" * 4096,
        "marks upon marks": "a" + "\u0301" * 5000,
        "line ends": "a\r\nb\u2028c\x85d",
        "controls": "".join(map(chr, range(1, 32))) + "\x7f",
        "path": "../../__x__/.",
        "template": "{number} %s ${x} {{ 7*7 }} <script>",
    }
)


def _always(text: str) -> Change:
    return lambda _chance, _old: text


_REPLACED: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "null": lambda _chance, _old: None,
        "true": lambda _chance, _old: True,
        "false": lambda _chance, _old: False,
        "whole number": lambda _chance, _old: 7,
        "negative number": lambda _chance, _old: -1,
        "fraction": lambda _chance, _old: 1.5,
        "no number": lambda chance, _old: chance.choice([float("nan"), float("inf"), float("-inf")]),
        "beyond 64 bits": lambda _chance, _old: 2**64,
        "number of 5,000 digits": lambda _chance, _old: "@@DIGITS:5000@@",
        "text": lambda _chance, _old: "teks",
        "number as text": lambda _chance, old: str(old) if isinstance(old, int | float) else "0",
        "empty text": lambda _chance, _old: "",
        "blank text": lambda _chance, _old: " \t\n",
        "empty list": lambda _chance, _old: [],
        "empty object": lambda _chance, _old: {},
        "list": lambda _chance, _old: [1, "a", None, {}],
        "object": lambda _chance, _old: {"a": 1, "b": None},
        "in a list": lambda _chance, old: [old],
        "in two lists": lambda _chance, old: [[old]],
        "in an object": lambda _chance, old: {"value": old},
        "twice in a list": lambda _chance, old: [old, deepcopy(old)],
        "long": lambda _chance, _old: "x" * LONG,
        "long list": lambda _chance, old: [deepcopy(old) for _ in range(200)],
        "large object": lambda _chance, _old: {f"field {n}": n for n in range(2000)},
        "60 deep": lambda _chance, _old: "@@DEEP:60@@",
        "600 deep": lambda _chance, _old: "@@OBJECTS:600@@",
        "10,000 deep": lambda chance, _old: chance.choice(["@@DEEP:10000@@", "@@OBJECTS:10000@@"]),
        "before time": lambda _chance, _old: "0",
        "after time": lambda _chance, _old: "99999999999",
        **{name: _always(text) for name, text in _ODD_TEXTS.items()},
    }
)  # fmt: skip


def _replacing(change: Change) -> "Damage":
    def damage(chance: Random, holder: Any, key: Any) -> None:
        holder[key] = change(chance, holder[key])

    return damage


def _missing(_chance: Random, holder: Any, key: Any) -> None:
    del holder[key]


def _doubled(_chance: Random, holder: Any, key: Any) -> None:
    """Once more under the same name, or in the same list."""
    if isinstance(holder, dict):
        holder[f"{_TWICE}{key}"] = deepcopy(holder[key])
    else:
        holder.insert(key, deepcopy(holder[key]))


def _contradicted(_chance: Random, holder: Any, key: Any) -> None:
    """Twice under one name, and not the same."""
    if isinstance(holder, dict):
        holder[f"{_TWICE}{key}"] = "yang lain"
    else:
        holder.append("yang lain")


def _renamed(chance: Random, holder: Any, key: Any) -> None:
    if isinstance(holder, dict):
        new = chance.choice([str(key).upper(), f" {key}", f"{key}\0", f"{key}\ud800", "", "__proto__"])
        holder[new] = holder.pop(key)
    else:
        holder[key] = {"renamed": holder[key]}


Damage = Callable[[Random, Any, Any], None]
DAMAGES: Final[Mapping[str, Damage]] = MappingProxyType(
    {
        "missing": _missing,
        "doubled": _doubled,
        "contradicted": _contradicted,
        "renamed": _renamed,
        **{name: _replacing(change) for name, change in _REPLACED.items()},
    }
)
"""What is done to one part, by name."""

VAST: Final[Mapping[str, Damage]] = MappingProxyType(
    {
        "longer": _replacing(lambda _chance, _old: "x" * LONGER),
        "longest": _replacing(lambda _chance, _old: "x" * LONGEST),
        "longest in one character each": _replacing(lambda _chance, _old: "\N{GRINNING FACE}" * LONGER),
        "very long list": _replacing(lambda _chance, old: [deepcopy(old) for _ in range(1000)]),
    }
)
"""The same, of what takes long: not at every place, but at many."""


def _cut_off(chance: Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body))]


def _byte_changed(chance: Random, body: bytes) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]


def _byte_added(chance: Random, body: bytes) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + bytes([chance.randrange(256)]) + body[at:]


WHOLE: Final[Mapping[str, Callable[[Random, bytes], bytes]]] = MappingProxyType(
    {
        "cut off": _cut_off,
        "a byte changed": _byte_changed,
        "a byte added": _byte_added,
        "a byte order mark": lambda _chance, body: b"\xef\xbb\xbf" + body,
        "UTF-16": lambda _chance, body: body.decode("utf-8", "replace").encode("utf-16"),
        "twice": lambda _chance, body: body + body,
        "something behind": lambda _chance, body: body + b" x",
        "spaces around": lambda _chance, body: b"\n\t " + body + b" \r\n",
        "in a list": lambda _chance, body: b"[" + body + b"]",
        "nothing": lambda _chance, _body: b"",
        "chance bytes": lambda chance, _body: chance.randbytes(200),
    }
)
"""What is done to a body as it goes."""

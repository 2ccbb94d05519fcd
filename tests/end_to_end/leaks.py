"""Looks for secrets in bytes: as they were written, and in each way in which a program might have put them.

They are looked for plain, in any case, percent-encoded, escaped as JSON or HTML, in hex, in UTF-16, backwards, in
base64 wherever in a longer text it began, packed, and, being numbers that can be guessed, as a bare hash. Numbers are
looked for in every way in which people write them, too.
"""

import base64
import hashlib
import html
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

SHORTEST: Final = 8
"""Bytes of what is looked for: in a mebibyte of random letters of base64 that stands once in 270 million times."""

_SEPARATORS: Final = (" ", ".", "-", "/", "\u200b")
_LETTERS: Final = str.maketrans("01", "OI")
_HASHES: Final = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True)
class Secret:
    """A word of a citizen's, or a number. `is_number`: digits alone."""

    text: str
    is_number: bool = False


def phone_secret(digits: str) -> Secret:
    """A phone number, without its country code: however it begins, that much stands in it."""
    return Secret(digits.removeprefix("62"), is_number=True)


def spellings(secret: Secret) -> tuple[str, ...]:
    """How people write it."""
    if not secret.is_number:
        return (secret.text,)
    digits = secret.text
    written = [digits, digits.translate(_LETTERS)]
    for ends in ((4, 8, 12), (2, 6, 10), (3, 7, 11), (3, 6, 9)):
        groups = [digits[start:end] for start, end in pairwise((0, *ends, len(digits))) if digits[start:end]]
        written += [separator.join(groups) for separator in _SEPARATORS]
    return tuple(dict.fromkeys(written))


def _forms(text: str) -> Iterator[bytes]:
    """In lower case."""
    plain = text.casefold()
    yield from (form.encode() for form in (plain, quote(plain).lower(), html.escape(plain), json.dumps(plain)[1:-1]))
    yield from (one.encode().hex().encode() for one in (plain, text, text.upper()))
    yield from (plain.encode("utf-16-le"), plain.encode("utf-16-be"))
    yield plain[::-1].encode()


def _exact_forms(text: str) -> Iterator[bytes]:
    """Where upper and lower case differ: base64 of it, at each of the three places where it may begin."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + text.encode()).rstrip(b"=")
        begins, ends = -(-before * 8 // 6), (before + len(text.encode())) * 8 // 6
        yield from (whole[begins:ends], whole[begins:ends].replace(b"+", b"-").replace(b"/", b"_"))


def _hashes(text: str) -> Iterator[bytes]:
    for name in _HASHES:
        digest = hashlib.new(name, text.encode()).digest()
        yield from (digest, digest.hex().encode(), base64.b64encode(digest), base64.urlsafe_b64encode(digest))


@dataclass(frozen=True)
class Found:
    """A secret, and where it stood: a surface ('firestore'), and a place in it."""

    secret: str
    surface: str
    place: str


@dataclass
class Scan:
    """Looks, and counts what it looked at."""

    secrets: tuple[Secret, ...]
    found: list[Found] = field(default_factory=list)
    sizes: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Raises ValueError for a secret that could stand somewhere by chance."""
        self._folded = [(needle, s.text) for s in self.secrets for one in spellings(s) for needle in _forms(one)]
        exact = [(needle, s.text) for s in self.secrets for one in spellings(s) for needle in _exact_forms(one)]
        numbers = [s for s in self.secrets if s.is_number]
        begun = [(f"{start}{s.text}", s.text) for s in numbers for start in ("", "0", "62", "+62")]
        self._exact = exact + [(needle, text) for one, text in begun for needle in _hashes(one)]
        if short := [text for needle, text in (*self._folded, *self._exact) if len(needle) < SHORTEST]:
            raise ValueError(f"too short to be sure of: {short[0]}")

    def look(self, surface: str, place: str, content: bytes | str, fields: int = 1) -> None:
        """Look into something, and into its name. `fields` is how many values it holds."""
        whole = (
            place.encode() + b"\n" + (content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        )
        self.places[surface] += 1
        self.fields[surface] += fields
        self.sizes[surface] += len(whole)
        shown = self._shown(whole) | {text for inner in _unpacked(whole) for text in self._shown(inner)}
        self.found += [Found(text, surface, place) for text in sorted(shown)]

    def _shown(self, whole: bytes) -> set[str]:
        folded = whole.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape")
        lowered = whole.lower()  # as bytes: what is no UTF-8 all through
        shown = {text for needle, text in self._folded if needle in folded or needle in lowered}
        return shown | {text for needle, text in self._exact if needle in whole}

    def figures(self) -> str:
        """What was looked at, for a person."""
        return "; ".join(
            f"{surface}: {self.places[surface]} places, {self.fields[surface]} values, {self.sizes[surface]:,} bytes"
            for surface in sorted(self.places)
        )


def _unpacked(whole: bytes) -> Iterator[bytes]:
    """What was packed: the beginnings of zlib and gzip are looked for anywhere."""
    for magic, window in ((b"\x1f\x8b\x08", 31), (b"\x78\x9c", 15), (b"\x78\xda", 15)):
        at = whole.find(magic)
        while at >= 0:
            with suppress(zlib.error):
                yield zlib.decompressobj(window).decompress(whole[at:])
            at = whole.find(magic, at + 1)


def values_in(value: Any) -> int:
    """How many values a document holds, at any depth."""
    match value:
        case Mapping():
            return sum(map(values_in, value.values()))
        case list() | tuple():
            return sum(map(values_in, value))
        case _:
            return 1


def texts(*groups: Iterable[str]) -> tuple[Secret, ...]:
    """Words as secrets."""
    return tuple(Secret(word) for group in groups for word in group)

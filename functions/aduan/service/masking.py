"""NIK, KK and phone numbers, recognised in any text however they are written, and shown with their middle hidden.

People write a number in groups, with dots, strokes or brackets, over two lines, with an O for a nought, or in the
digits of another script; an invisible character may stand between any two. So everything between two letters that
are no digits is looked at as one stretch, its digits are counted, and in doubt it is a number. What is not one: the
program's own numbers of complaints, dates, times, sums in rupiah, and whatever has fewer than nine digits.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

FEWEST: Final = 9
"""Digits of a number that names somebody: a fixed line with its area code. A NIK and a KK have 16."""

_HEAD, _TAIL, _HIDDEN = 4, 2, 6
"""Digits that are shown at each end, and how many at least are not."""
_MOST_DOTS: Final = 16
DOT: Final = "•"
_SHOWN: Final = re.compile(rf"[0-9]{{0,{_HEAD}}}{DOT}{{{_HIDDEN},{_MOST_DOTS}}}[0-9]{{{_TAIL}}}")
"""A number as `masked` shows it."""

_WIDEST_GAP: Final = 4
"""Characters between two digits of one number that can be seen, as the four of '(0274) - 36…'."""

_FEW: Final = 3
"""Digits that may be left over beside a date without making it doubtful: a counter, a house."""

_LOOKALIKES: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys("OoQ\u041e\u043e\u039f\u03bf", "0")
    | dict.fromkeys("IiLl|!", "1")
    | dict.fromkeys("Zz", "2")
    | dict.fromkeys("Ss", "5")
    | dict.fromkeys("Gb", "6")
    | dict.fromkeys("B", "8")
    | dict.fromkeys("gq", "9")
)
"""Letters that are written for digits, Latin, Cyrillic and Greek."""
_STROKES: Final = frozenset("OoIl")
"""Those of which a whole group may consist, as the last of '3402 0141 0790 OOOI'."""

_LETTERS_FOR_A_DIGIT: Final = 4
"""A quarter of a number is written in digits at least: the last four of '34O2OI4IO79OOOOI' are letters."""

_FIGURES: Final = "²³¹⁰⁴-⁹₀-₉①-⑨⓪❶-❾➀-➉🄀-🄊"
_DIGITS: Final = rf"\d{_FIGURES}{''.join(_LOOKALIKES)}"

# One class, one quantifier: it takes time in proportion to the text, whatever that is.
_STRETCH: Final = rf"[\W_{_DIGITS}]{{{FEWEST},}}"
_OURS: Final = r"\b(?i:ADU|D)-[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])-(?i:[2-9A-HJ-NP-Z]{5})\b"
"""A day, and five of the letters that `Intake` gives, however they are typed: no more looks like a number of ours."""

_FOUND: Final = re.compile(rf"(?P<ours>{_OURS})|(?P<stretch>{_STRETCH})")
_GROUP: Final = re.compile(rf"[{_DIGITS}]+")

_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0?[1-9]|1[0-2])"
_YEAR: Final = r"(?:19|20)\d\d"
_SECONDS: Final = r"(?:\.[0-5]\d(?:\.[0-5]\d)?|:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)"
_CLOCK: Final = rf"(?:[01]?\d|2[0-4]){_SECONDS}(?:[+-](?:0\d|1[0-4]):?[03]0)?"
"""Fractions follow colons alone, and zones are few: the rest of '08.38.12.9416' or '08.24-2365-60' is a phone's."""

_DATE: Final = rf"{_DAY}[-/. ]{_MONTH}[-/. ]{_YEAR}|{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}|{_YEAR}[/-]{_YEAR}"
_MOMENT: Final = re.compile(rf"(?<!\d)(?<!\d[.:/])(?:{_DATE}|{_CLOCK})(?!\d)(?![.:/]\d)")
_RUPIAH: Final = re.compile(r"(?:\brp|\bidr)[\W_]*\Z", re.IGNORECASE)
_SUM: Final = re.compile(r"[\W_]*\d{1,3}(?:\.\d{3})+(?:,\d\d|,-)?[\W_]*")
_LONGEST_MARK: Final = 8  # 'Rp. ', with room

_ALONE: Final = re.compile(
    rf"(?P<ours>{_OURS})|(?<![0-9A-Za-z])\+?\d(?:[ .\-/()]{{0,2}}\d){{{FEWEST},}}(?![0-9A-Za-z])"
)


def masked(text: str) -> str:
    """The text with every number that may name somebody shown as its first four and last two digits."""
    return _replaced(text, lambda _, digits: _hidden(digits))


def restored(text: str, original: str) -> str:
    """The text with each number that it shows hidden as it is written in the original.

    One that the original does not have stays hidden, and so does one of which it has two that look the same.
    """
    written: dict[str, dict[str, str]] = {}

    def note(number: str, digits: str) -> str:
        written.setdefault(_hidden(digits), {}).setdefault(digits, number)
        return number

    def told(found: "re.Match[str]") -> str:
        numbers = [*written.get(found[0], {}).values()]
        return numbers[0] if len(numbers) == 1 else found[0]

    _replaced(original, note)
    return _SHOWN.sub(told, text)


def summary(text: str, length: int = 80) -> str:
    """The beginning of a text for a list: masked first, so that a number is never cut out of recognition."""
    return masked(" ".join(text.split()))[:length]


def masked_alone(text: str) -> str:
    """Only numbers that stand by themselves, ten digits and more: so that ids, which are hexadecimal, stay readable.

    For what the program says of its own work, where no citizen's text should be at all.
    """

    def told(found: "re.Match[str]") -> str:
        return found[0] if found["ours"] or _is_moment(found[0]) else _hidden(_digits_of(found[0]))

    return _ALONE.sub(told, text)


@dataclass(frozen=True)
class _Group:
    """Digits that stand together, and where."""

    start: int
    end: int
    digits: str


def _replaced(text: str, how: Callable[[str, str], str]) -> str:
    """The text with what is made of each number, of how it is written and of its digits."""
    return _FOUND.sub(lambda found: found[0] if found["ours"] else _told(found, how), text)


def _told(found: "re.Match[str]", how: Callable[[str, str], str]) -> str:
    """A stretch between two letters."""
    text, start, end = found.string, found.start(), found.end()
    stretch = found[0]
    if _is_sum(text, start, stretch):
        return stretch
    parts, at = [], 0
    groups = _groups(stretch, after_letter=_letter(text, start - 1), before_letter=_letter(text, end))
    for number in _numbers(groups, stretch):
        before = stretch[at : number.start].removesuffix("+")
        parts += [before, how(stretch[at + len(before) : number.end], number.digits)]
        at = number.end
    return "".join([*parts, stretch[at:]])


def _letter(text: str, at: int) -> bool:
    """Whether a stretch is cut out of a word there."""
    return 0 <= at < len(text) and text[at].isalnum()


def _is_sum(text: str, start: int, stretch: str) -> bool:
    """'Rp 150.000.000': the letters before the stretch say so."""
    before = text[max(0, start - _LONGEST_MARK) : start]
    return bool(_RUPIAH.search(before)) and bool(_SUM.fullmatch(stretch))


def _groups(stretch: str, *, after_letter: bool, before_letter: bool) -> Iterator[_Group]:
    """The groups of digits; letters that belong to a word beside them are none."""
    for found in _GROUP.finditer(stretch):
        start, end = found.span()
        if after_letter and start == 0:
            start = next((at for at in range(end) if _is_digit(stretch[at])), end)
        if before_letter and end == len(stretch):
            end = next((at for at in range(end, start, -1) if _is_digit(stretch[at - 1])), start)
        if start < end:
            yield _Group(start, end, _digits_of(stretch[start:end]))


def _numbers(groups: Iterable[_Group], stretch: str) -> Iterator[_Group]:
    """What is to be hidden of a stretch, in its order."""
    run: list[_Group] = []
    for group in groups:
        if run and _gap(stretch[run[-1].end : group.start]) > _WIDEST_GAP:
            yield from _of_run(_trimmed(run, stretch), stretch)
            run = []
        run.append(group)
    yield from _of_run(_trimmed(run, stretch), stretch)


def _gap(between: str) -> int:
    """How many characters between two groups can be seen."""
    return sum(unicodedata.category(char) not in {"Cf", "Mn", "Me", "Cc"} or char in "\n\t" for char in between)


def _trimmed(run: list[_Group], stretch: str) -> list[_Group]:
    """Without the groups of letters alone at its ends: a word that happens to look like digits."""
    figures = [at for at, group in enumerate(run) if _is_figures(stretch, group)]
    return run[figures[0] : figures[-1] + 1] if figures else []


def _of_run(run: list[_Group], stretch: str) -> Iterator[_Group]:
    """One number in groups, or several after one another."""
    if _count(run) < FEWEST or _is_word(run, stretch):
        return
    pieces = _without_moments(run, stretch)
    if any(_FEW < _count(piece) < FEWEST for piece in pieces):
        pieces = [run]  # what looks like a date may be a part of the number
    for piece in pieces:
        if _count(piece) >= FEWEST:
            yield from _apart(piece)


def _is_word(run: list[_Group], stretch: str) -> bool:
    """Whether it has too few digits for a number."""
    written = stretch[run[0].start : run[-1].end]
    return _LETTERS_FOR_A_DIGIT * sum(map(_is_digit, written)) < _count(run)


def _without_moments(run: list[_Group], stretch: str) -> list[list[_Group]]:
    """The groups between dates and times."""
    start, end = run[0].start, run[-1].end
    moments = [(start + found.start(), start + found.end()) for found in _MOMENT.finditer(stretch[start:end])]
    pieces: list[list[_Group]] = [[]]
    at = 0
    for group in run:
        while at < len(moments) and moments[at][1] <= group.start:
            at += 1
        if at < len(moments) and moments[at][0] <= group.start and group.end <= moments[at][1]:
            pieces.append([])
        else:
            pieces[-1].append(group)
    return [piece for piece in pieces if piece]


def _apart(piece: list[_Group]) -> Iterator[_Group]:
    """The numbers of a piece: a group that is one by itself stands alone, shorter ones belong together."""
    together: list[_Group] = []
    length = 0
    for group in piece:
        if len(group.digits) >= FEWEST and (not together or length >= FEWEST):
            yield from _joined(together)
            yield group
            together, length = [], 0
        else:
            together.append(group)
            length += len(group.digits)
    yield from _joined(together)


def _joined(groups: list[_Group]) -> Iterator[_Group]:
    if groups:
        yield _Group(groups[0].start, groups[-1].end, "".join(group.digits for group in groups))


def _count(groups: list[_Group]) -> int:
    return sum(len(group.digits) for group in groups)


def _is_figures(stretch: str, group: _Group) -> bool:
    written = stretch[group.start : group.end]
    return _STROKES.issuperset(written) or any(map(_is_digit, written))


def _is_digit(char: str) -> bool:
    return char not in _LOOKALIKES and unicodedata.digit(char, None) is not None


def _digits_of(text: str) -> str:
    """The digits that a text shows, as Latin ones."""
    read = (_LOOKALIKES.get(char) or unicodedata.digit(char, None) for char in text)
    return "".join(str(digit) for digit in read if digit is not None)


def _is_moment(text: str) -> bool:
    return len(_digits_of(_MOMENT.sub("", text))) <= _FEW


def _hidden(digits: str) -> str:
    head = max(0, min(_HEAD, len(digits) - _TAIL - _HIDDEN))
    dots = min(len(digits) - head - _TAIL, _MOST_DOTS)
    return f"{digits[:head]}{DOT * dots}{digits[-_TAIL:]}"

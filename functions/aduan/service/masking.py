"""NIK, KK and phone numbers, recognised in any text and shown with their middle hidden."""

import re

_SEPARATED_DIGITS = re.compile(r"(?<!\w)(?<!ADU-)(?<!D-)\+?\d(?:[ .\-/]?\d){8,19}(?!\w)")
_HEAD, _TAIL = 4, 2


def masked(text: str) -> str:
    """The text with every number of 9 to 20 digits, however spaced, shown as its first four and last two digits."""
    return _SEPARATED_DIGITS.sub(lambda match: _hidden(match[0]), text)


def _hidden(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f"{digits[:_HEAD]}{'•' * (len(digits) - _HEAD - _TAIL)}{digits[-_TAIL:]}"


def summary(text: str, length: int = 80) -> str:
    """The beginning of a text for a list: masked first, so that a number is never cut out of recognition."""
    return masked(" ".join(text.split()))[:length]

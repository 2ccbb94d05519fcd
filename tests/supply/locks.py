"""The lists of pinned packages, as uv writes them: each package with its version, its hashes, and who asked for it."""

import os.path
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

TOP: Final = Path(__file__).resolve().parents[2]

LOCKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "functions/requirements.in": "requirements.txt",
        "tests/requirements.in": "tests/requirements.txt",
        "infra/local/java.in": "infra/local/java.txt",
        "infra/local/virtualenv.in": "infra/local/virtualenv.txt",
    }
)
"""What is asked for, by name, and the list that is made of it."""

HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_HEAD: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[\w.+!]+)(?: ; (?P<marker>[^\\]+?))? \\")
_REASON: Final = re.compile(r"^ +# +(?:via +)?(?P<by>(?!via$)\S.*)$")
_ASKED: Final = re.compile(r"^[a-z][a-z0-9-]*", re.MULTILINE)


class NoLock(ValueError):
    """A line of a list is not as uv writes it; the message has the line."""


@dataclass(frozen=True)
class Pin:
    """One package of a list. `via`: the packages or files that ask for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    via: tuple[str, ...]


def pins_in(text: str) -> tuple[Pin, ...]:
    """Every package of a list. Raises `NoLock` for a line that is anything else, such as one without a version."""
    return tuple(_pin(block) for block in _blocks(text))


def pins(lock: str) -> tuple[Pin, ...]:
    """Every package of one of the lists of this tree."""
    return pins_in((TOP / lock).read_text("utf-8"))


def asked_for(source: str) -> frozenset[str]:
    """The packages that a list of names asks for."""
    return frozenset(_ASKED.findall((TOP / source).read_text("utf-8")))


def versions() -> dict[str, str]:
    """Every package of all lists and its version. Raises `NoLock` where two lists differ."""
    found: dict[str, str] = {}
    for lock in LOCKS.values():
        for pin in pins(lock):
            if found.setdefault(pin.name, pin.version) != pin.version:
                raise NoLock(f"{pin.name} is {found[pin.name]} in one list and {pin.version} in {lock}")
    return found


def _blocks(text: str) -> Iterator[list[str]]:
    """The lines of each package: its head, and what is indented under it."""
    block: list[str] = []
    for line in text.splitlines():
        if line.startswith(" "):
            block.append(line)
        elif line and not line.startswith("#"):
            if block:
                yield block
            block = [line]
    if block:
        yield block


def _pin(block: list[str]) -> Pin:
    head = _HEAD.fullmatch(block[0])
    if head is None:
        raise NoLock(block[0])
    hashes, via = [], []
    for line in block[1:]:
        reason = _REASON.match(line)
        if reason:
            via.append(_asker(reason["by"]))
        elif HASH.fullmatch(line.strip(" \\")):
            hashes.append(line.strip(" \\"))
        elif line.strip() != "# via":
            raise NoLock(line)
    return Pin(head["name"], head["version"], tuple(hashes), tuple(via))


def _asker(reason: str) -> str:
    """A package, or a file as it is named from the top: uv writes '-c tests/../requirements.txt'."""
    kind, _, path = reason.rpartition(" ")
    return os.path.normpath(path) if kind in {"-r", "-c"} else reason

"""Known holes of every pinned package, as pip-audit finds them at the OSV service.

Every list is asked for whole: also what only another system or another Python would install.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from tests.supply.exceptions import Hole

SECONDS_FOR_AN_ANSWER: Final = 10
SECONDS_IN_ALL: Final = 300
_NOT_REACHED: Final = frozenset(
    {"ConnectionError", "ConnectTimeout", "ReadTimeout", "ProxyError", "SSLError", "ServiceError"}
)
_LONGEST_REASON: Final = 200


class NotReached(Exception):
    """The service did not answer: nothing is known of any package."""


class Broken(Exception):
    """pip-audit itself failed, and not for want of an answer."""


@dataclass(frozen=True)
class Found:
    """A hole of a package. `ids`: the advisory's own id, and those by which others know it."""

    package: str
    version: str
    ids: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended yet"
        return f"{self.package} {self.version}: {', '.join(self.ids)}, {mended}"


@dataclass(frozen=True)
class Judged:
    """What came of an audit. `open` must be nought, and so must `idle`: exceptions that nothing needs, or too old."""

    packages: int
    open: tuple[Found, ...]
    excepted: tuple[Found, ...]
    idle: tuple[Hole, ...]

    @property
    def is_clean(self) -> bool:
        return not self.open and not self.idle


def found_in(versions: Mapping[str, str], service: str | None = None) -> tuple[Found, ...]:
    """Ask for each package. `service`: the address of another OSV service.

    Raises `NotReached`, and `Broken` where it is not for want of an answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()), "utf-8")
        elsewhere = ("--osv-url", service) if service else ()
        command = (
            *(sys.executable, "-m", "pip_audit", "--requirement", str(pins), "--disable-pip", "--no-deps"),
            *("--vulnerability-service", "osv", "--timeout", str(SECONDS_FOR_AN_ANSWER), *elsewhere),
            *("--format", "json", "--desc", "off", "--aliases", "on", "--progress-spinner", "off"),
        )
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS_IN_ALL)
        except subprocess.TimeoutExpired as late:
            raise NotReached(f"no answer in {SECONDS_IN_ALL} seconds") from late
    return _read(done.stdout, done.stderr, versions)


def _read(told: str, errors: str, versions: Mapping[str, str]) -> tuple[Found, ...]:
    last = errors.strip().rpartition("\n")[2]
    try:
        packages = json.loads(told)["dependencies"]
    except ValueError:
        kind = last.partition(":")[0]
        if kind.rpartition(".")[2] in _NOT_REACHED:
            raise NotReached(kind) from None
        raise Broken(last[:_LONGEST_REASON]) from None
    asked = {package["name"] for package in packages if "vulns" in package}
    if asked != versions.keys():
        raise Broken(f"not asked for: {', '.join(sorted(versions.keys() ^ asked))}")
    return tuple(
        Found(package["name"], package["version"], (hole["id"], *hole["aliases"]), tuple(hole["fix_versions"]))
        for package in packages
        for hole in package["vulns"]
    )


def judged(found: Collection[Found], exceptions: Collection[Hole], packages: int, today: date) -> Judged:
    """What is open, what is excepted, and the exceptions that except nothing today."""
    used: set[Hole] = set()
    excepted = []
    for hole in found:
        matching = {e for e in exceptions if e.package == hole.package and e.id in hole.ids and e.holds_on(today)}
        used |= matching
        if matching:
            excepted.append(hole)
    still_open = tuple(hole for hole in found if hole not in excepted)
    return Judged(packages, still_open, tuple(excepted), tuple(hole for hole in exceptions if hole not in used))

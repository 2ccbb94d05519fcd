"""Secrets in the tree and in all that its history ever held, as detect-secrets and our own patterns find them.

A text that was written once stands in the history for good, whoever removes it. A line is judged once, wherever and how
often it stands; no comment in a line can turn the search off.
"""

import hashlib
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from detect_secrets.plugins.keyword import DENYLIST
from detect_secrets.settings import default_settings, get_plugins, get_settings

from aduan import settings
from aduan.environment import Setting
from tests.architecture.tree import project_files

_KNOWN_ENDINGS: Final = frozenset({".py", ".sh", ".yaml", ".toml", ".json", ".js", ".md", ".cfg", ".ini"})
"""Of files whose kind detect-secrets knows; it reads the others as plain text, so that it leaves none out."""

_ALLOWING: Final = "detect_secrets.filters.allowlist.is_line_allowlisted"
_CHUNK: Final = 400  # lines that a pattern is tried on at once: most have nothing, in C
_WORTH_A_LOOK: Final = re.compile("|".join([*DENYLIST, r"""["'](?:[0-9a-f]{9,}|[\w+/=\\-]{23,})["']"""]), re.IGNORECASE)
"""What lines have in which detect-secrets can see a word for a secret, or chance enough (3 bits a digit of hex, 4.5 of
base64): shorter ones never have as much."""

_SECONDS_OF_GIT: Final = 60
_SHOWN: Final = 8  # bytes of a hash


@dataclass(frozen=True)
class Line:
    """A line, and where it stands first."""

    text: str
    path: str
    where: str


@dataclass(frozen=True)
class Secret:
    """What was found; not the text itself, which would then stand in a log. `sha256`: its first 16 digits."""

    kind: str
    where: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.where}: {self.kind}, sha256 {self.sha256}"


@dataclass(frozen=True)
class History:
    """What git told. `whole`: nothing was cut off, as in a shallow clone."""

    lines: Sequence[Line]
    commits: int
    whole: bool


def tree(top: Path) -> tuple[Sequence[Line], int]:
    """Every line of every file of the tree, and how many files there are."""
    files = list(project_files(top))
    lines = []
    for file in files:
        path = file.relative_to(top).as_posix()
        texts = file.read_bytes().decode("utf-8", "replace").splitlines()
        lines += [Line(text, path, f"{path}:{number}") for number, text in enumerate(texts, 1)]
    return lines, len(files)


def history(top: Path) -> History | None:
    """Every line of every commit that leads here, its message's too; None where there is no repository."""
    try:
        shallow = _git(top, "rev-parse", "--is-shallow-repository").strip()
        log = _git(
            top, "log", "-p", "-U0", "--no-renames", "--diff-merges=first-parent", "--no-color", "--no-ext-diff",
            "--no-textconv", "--text", "--format=%x00%h%n%B",
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    commits = log.split("\0")[1:]
    lines = [line for commit in commits for line in _lines_of(commit)]
    return History(lines, len(commits), shallow == "false")


def secrets_in(lines: Iterable[Line]) -> list[Secret]:
    """What looks like a secret, each once, where it stands first."""
    unique: dict[tuple[str, str], Line] = {}
    for line in lines:
        text = line.text.strip()
        if text:
            unique.setdefault((_ending(line.path), text), line)
    found: dict[str, Secret] = {}
    with default_settings():
        get_settings().disable_filters(_ALLOWING)
        suspects = _suspects(list(unique.values()))
        for line, kind, text in (*_by_detect_secrets(suspects), *_by_our_patterns(unique.values())):
            digest = _shown(text)
            found.setdefault(digest, Secret(kind, line.where, digest))
    return list(found.values())


def _shown(text: str) -> str:
    """The start of its hash, in groups: in one piece it would itself look like a key."""
    return hashlib.sha256(text.encode()).digest()[:_SHOWN].hex(" ", 2)


def _git(top: Path, *arguments: str) -> str:
    command = ["git", "-C", str(top), *arguments]
    done = subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS_OF_GIT)
    return done.stdout.decode("utf-8", "replace")


def _lines_of(commit: str) -> Iterator[Line]:
    """What a commit says, and what it adds and takes away."""
    name, *rest = commit.splitlines()
    path = "message"
    for text in rest:
        if text.startswith("+++ b/"):
            path = text.removeprefix("+++ b/")
        if path == "message" or text[:1] in {"+", "-"}:
            yield Line(text if path == "message" else text[1:], path, f"commit {name}, {path}")


@cache
def _ending(path: str) -> str:
    ending = PurePosixPath(path).suffix
    return ending if ending in _KNOWN_ENDINGS else ".txt"


def _suspects(lines: Sequence[Line]) -> list[Line]:
    """The lines in which any plugin sees anything, before its filters."""
    plugins = get_plugins()
    worth_a_look = [line for line in lines if _WORTH_A_LOOK.search(line.text)]
    seen: set[int] = set()
    for plugin in plugins:
        by_pattern = isinstance(plugin, RegexBasedDetector)
        found = _with_pattern(plugin, lines) if by_pattern else _seen(plugin, worth_a_look)
        seen.update(id(line) for line in found)
    return [line for line in lines if id(line) in seen]


def _with_pattern(plugin: RegexBasedDetector, lines: Sequence[Line]) -> Iterator[Line]:
    for start in range(0, len(lines), _CHUNK):
        chunk = lines[start : start + _CHUNK]
        if any(plugin.analyze_string("\n".join(line.text for line in chunk))):
            yield from (line for line in chunk if any(plugin.analyze_string(line.text)))


def _seen(plugin: BasePlugin, lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        if plugin.analyze_line(filename=f"x{_ending(line.path)}", line=line.text, line_number=1):
            yield line


def _by_detect_secrets(suspects: Sequence[Line]) -> Iterator[tuple[Line, str, str]]:
    """Its own judgement, filters and all, of the lines that are worth it."""
    by_ending: Mapping[str, list[Line]] = defaultdict(list)
    for line in suspects:
        by_ending[_ending(line.path)].append(line)
    with tempfile.TemporaryDirectory() as folder:
        for ending, lines in by_ending.items():
            file = Path(folder) / f"lines{ending}"
            file.write_text("".join(f"{line.text}\n" for line in lines), "utf-8", "replace")
            found = SecretsCollection()
            found.scan_file(str(file))
            for _, secret in found:
                yield lines[secret.line_number - 1], secret.type, str(secret.secret_value)


def _by_our_patterns(lines: Iterable[Line]) -> Iterator[tuple[Line, str, str]]:
    """What detect-secrets does not know: Meta's and Google's tokens, and our settings with a value, quoted or not."""
    whole = _any_of_our_patterns()
    for line in lines:
        for match in whole.finditer(line.text):
            kind, text = next((name, text) for name, text in match.groupdict().items() if text)
            yield line, kind.replace("_", " "), text


@cache
def _any_of_our_patterns() -> re.Pattern[str]:
    known = vars(settings).values()
    names = "|".join(sorted(one.name for one in known if isinstance(one, Setting) and one.secret))
    return re.compile(
        r"\b(?P<token_of_Meta>EAA[A-Za-z0-9]{24,})"
        r"|\b(?P<key_of_Google>AIza[\w-]{35})"
        r"|\b(?P<token_of_Google>ya29\.[\w-]{24,})"
        rf"|\b(?:{names})[\"']?\s*[:=]\s*[\"']?(?P<secret_of_ours>[\w+/=.,-]{{16,}}+)(?!\()"
    )

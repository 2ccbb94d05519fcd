"""No secret stands in the tree, nor in anything that its history ever held."""

import secrets
import string
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import TOP
from tests.supply.exceptions import Exceptions
from tests.supply.notes import Notes
from tests.supply.scanning import History, Line, Secret, history, secrets_in, tree

HEX, ALPHABET = string.hexdigits.lower(), string.ascii_letters + string.digits


def drawn(length: int, alphabet: str = ALPHABET) -> str:
    """A secret that stands in no file: this one is searched too."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


SEEDED: dict[str, tuple[str, Callable[[], str]]] = {
    "a token of Meta's": ("x.py", lambda: f"send('EA{'A'}{drawn(60)}')"),
    "a key of Google's": ("x.md", lambda: f"curl ?key=AI{'za'}{drawn(35)}"),
    "a private key": ("key.txt", lambda: f"-----BEGIN {'RSA'} PRIVATE KEY-----"),
    "a key of AWS": ("x.toml", lambda: f"key = 'AK{'IA'}{drawn(16, string.ascii_uppercase)}'"),
    "a password": ("x.py", lambda: f"{'pass'}word = '{drawn(12)}'"),
    "a password of yaml's": ("x.yaml", lambda: f"{'pass'}word: {drawn(12)}"),
    "a key in base64": ("x.py", lambda: f"sealed_with('{drawn(64)}=')"),
    "a key in hex": ("x.py", lambda: f"sealed_with('{drawn(64, HEX)}')"),
    "a setting of ours": ("x.sh", lambda: f"export FIELD_{'KEY'}={drawn(43)}"),
    "a setting in a style sheet": ("x.css", lambda: f"/* PORTAL_{'SECRET'}: {drawn(20)} */"),
    "an address with a password": ("x.md", lambda: f"https://office:{drawn(12)}@example.org/"),
    "one that says it is none": ("x.py", lambda: f"{'pass'}word = '{drawn(12)}'  # pragma: {'allow'}list secret"),
}
"""By what it is: the file, and a line."""


@pytest.mark.parametrize("what", SEEDED)
def test_a_secret_that_is_put_there_is_found(what: str) -> None:
    path, line = SEEDED[what]
    around = [Line(f"# line {number}", path, f"{path}:{number}") for number in range(500)]
    found = secrets_in([*around, Line(line(), path, "here"), *around])
    assert {secret.where for secret in found} == {"here"}


@pytest.mark.parametrize(
    "line",
    ["password = getenv('PASSWORD')", "token = read(settings)", "NAME = 'Siti Aminah'", "PORTAL_SECRET: required"],
)
def test_what_is_no_secret_is_left_alone(line: str) -> None:
    assert secrets_in([Line(line, "x.py", "here")]) == []


@dataclass(frozen=True)
class Searched:
    """All of it."""

    files: int
    past: History | None
    found: tuple[Secret, ...]


@pytest.fixture(scope="module")
def searched() -> Searched:
    """The tree and its history, searched once."""
    lines, files = tree(TOP)
    past = history(TOP)
    return Searched(files, past, tuple(secrets_in([*lines, *(past.lines if past else ())])))


def test_no_secret_stands_in_the_tree_or_in_its_history(searched: Searched, notes: Notes) -> None:
    known = {entry.sha256 for entry in Exceptions.read().no_secret}
    assert [str(secret) for secret in searched.found if secret.sha256 not in known] == []
    assert searched.files > 300  # all of it, not a corner
    if searched.past is None:
        notes.not_checked("secrets in the history: this is no git repository")
    elif not searched.past.whole:
        notes.not_checked(f"secrets before the last {searched.past.commits} commits: this clone is shallow")
    else:
        notes.checked(f"secrets in {searched.files} files and {searched.past.commits} commits")


def test_every_text_that_is_let_be_is_there_to_be_let_be(searched: Searched, notes: Notes) -> None:
    found = {secret.sha256 for secret in searched.found}
    idle = [entry.why for entry in Exceptions.read().no_secret if entry.sha256 not in found]
    if searched.past is not None and searched.past.whole:
        assert idle == []
    elif idle:
        notes.not_checked(f"{len(idle)} exceptions that may be about an older history than is here")


# The history


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with a secret that was added, and removed by the next commit."""
    _git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    for text, words in ((f"{'pass'}word = '{drawn(12)}'\n", "Add"), ("nothing = 1\n", f"Remove EA{'A'}{drawn(40)}")):
        (tmp_path / "x.py").write_text(text, "utf-8")
        _git(tmp_path, "add", "x.py")
        _git(tmp_path, "-c", "user.name=A", "-c", "user.email=a@office.test", "commit", "--quiet", "--message", words)
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True)  # noqa: S607 - as for the tree itself


def test_a_secret_that_was_removed_is_found_and_one_in_a_commits_words(clone: Path) -> None:
    past = history(clone)
    assert past is not None
    assert (past.commits, past.whole) == (2, True)
    assert secrets_in(tree(clone)[0]) == []
    assert sorted(secret.kind for secret in secrets_in(past.lines)) == ["Secret Keyword", "token of Meta"]


def test_a_shallow_clone_is_searched_as_far_as_it_goes_and_says_so(clone: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", clone.as_uri(), shallow], check=True)  # noqa: S607 - see above
    past = history(shallow)
    assert past is not None
    assert (past.commits, past.whole) == (1, False)
    assert [secret.kind for secret in secrets_in(past.lines)] == ["token of Meta"]


def test_a_folder_that_is_no_repository_has_no_history(tmp_path: Path) -> None:
    assert history(tmp_path) is None

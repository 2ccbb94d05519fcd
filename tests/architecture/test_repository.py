"""The tree as a stranger finds it: a tidy top, no trace of one machine. Its packages: tests/supply."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import TOP, project_files

ALLOWED_AT_THE_TOP = frozenset(
    {"functions", "infra", "tests", "README.md", "requirements.txt", "cloudbuild.yaml", "Makefile", "LICENSE"}
)
HOME_OF_A_MACHINE = re.compile(r"(?<![\w.~$}])/(?:work|root|home|Users)/[\w.]")


def machine_paths(text: str) -> list[str]:
    """Return the paths in ``text`` that exist on somebody's machine only."""
    return [match.group() for match in HOME_OF_A_MACHINE.finditer(text)]


def test_the_top_of_the_tree_holds_what_the_readme_says() -> None:
    shown = {entry.name for entry in TOP.iterdir() if not entry.name.startswith(".")}
    assert shown <= ALLOWED_AT_THE_TOP


def test_no_file_names_a_path_of_one_machine() -> None:
    found = {str(path.relative_to(TOP)): machine_paths(_text(path)) for path in project_files()}
    assert {name: paths for name, paths in found.items() if paths} == {}
    assert found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("open('/" + "home/budi/aduan')", True),
        ("/" + "root/.cache", True),
        ("$HOME/.cache", False),
        ("https://example.org/" + "work/1", False),
        ("/usr/lib/google-cloud-sdk", False),
    ],
)
def test_a_path_of_one_machine_is_seen(text: str, is_found: bool) -> None:
    assert bool(machine_paths(text)) == is_found


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")

"""The tree as a stranger finds it: a tidy top, pins that install anywhere, no trace of one machine."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import TOP, project_files

ALLOWED_AT_THE_TOP = frozenset(
    {"functions", "infra", "tests", "README.md", "requirements.txt", "cloudbuild.yaml", "Makefile", "LICENSE"}
)
PIN_FILES = ("requirements.txt", "tests/requirements.txt", "infra/local/java.txt")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)", re.MULTILINE)
HASHED_PIN = re.compile(r"^[a-z0-9-]+==[^\n]+\\\n    --hash=sha256:", re.MULTILINE)

HOME_OF_A_MACHINE = re.compile(r"(?<![\w.~$}])/(?:work|root|home|Users)/[\w.]")


def machine_paths(text: str) -> list[str]:
    """Return the paths in ``text`` that exist on somebody's machine only."""
    return [match.group() for match in HOME_OF_A_MACHINE.finditer(text)]


def pins(path: str) -> dict[str, str]:
    """Return the pinned version of each package of a requirements file."""
    return {match["name"]: match["version"] for match in PIN.finditer((TOP / path).read_text("utf-8"))}


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


@pytest.mark.parametrize("path", PIN_FILES)
def test_every_package_is_pinned_with_its_hashes_and_names_no_index(path: str) -> None:
    text = (TOP / path).read_text("utf-8")
    assert len(HASHED_PIN.findall(text)) == len(pins(path)) > 0
    assert "://" not in text
    assert "--index-url" not in text


def test_the_tests_run_on_the_versions_that_run_in_the_cloud() -> None:
    cloud, tests = pins("requirements.txt"), pins("tests/requirements.txt")
    both = cloud.keys() & tests.keys()
    assert {name: tests[name] for name in both} == {name: cloud[name] for name in both}
    assert both


@pytest.mark.parametrize("folder", ["functions", "tests", "infra/local"])
def test_every_package_that_is_asked_for_is_pinned(folder: str) -> None:
    (source,) = (TOP / folder).glob("*.in")
    target = {
        "functions": "requirements.txt",
        "tests": "tests/requirements.txt",
        "infra/local": "infra/local/java.txt",
    }
    asked = re.findall(r"^[a-z][a-z0-9-]*", source.read_text("utf-8"), re.MULTILINE)
    assert set(asked) <= pins(target[folder]).keys()
    assert asked


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")

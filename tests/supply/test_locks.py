"""Every package is pinned with its hashes, is there because something asks for it, and is checked when installed."""

import ast
import re
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from tests.architecture.tree import TOP, imported_modules, project_files, python_files
from tests.supply.locks import LOCKS, NoLock, Pin, asked_for, pins, pins_in, versions

RUNS_PIP = re.compile(r"pip[\"', ]+install\b(?:[^\n]*\\\n)*[^\n]*")
NOT_IMPORTED = {
    "tzdata": "data that zoneinfo reads",
    "functions-framework": "it imports us",
}
A_HASH = f"    --hash=sha256:{'0' * 64}"


def installs(text: str) -> list[str]:
    """Every command of a text that installs with pip, whole, though it goes over several lines."""
    return RUNS_PIP.findall(text)


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_line_of_every_list_is_a_pin_with_hashes(lock: str) -> None:
    found = pins(lock)
    assert [pin.name for pin in found if not pin.hashes] == []
    assert found


@pytest.mark.parametrize(("source", "lock"), LOCKS.items())
def test_every_package_is_pinned_because_something_asks_for_it(source: str, lock: str) -> None:
    by_name = {pin.name: pin for pin in pins(lock)}
    constraints = set(LOCKS.values()) - {lock}
    for pin in by_name.values():
        askers = set(pin.via) - constraints
        assert askers, f"nothing asks for {pin.name}"
        assert askers <= by_name.keys() | {source}, pin
    by_hand = {name for name, pin in by_name.items() if source in pin.via}
    assert by_hand == asked_for(source)


def test_the_functions_list_at_the_top_is_the_one_made_of_their_names() -> None:
    assert {pin.name for pin in pins("requirements.txt")} >= asked_for("functions/requirements.in")
    assert (TOP / "requirements.txt").read_text("utf-8").splitlines()[1] == "#    make lock"
    uploaded = (TOP / ".gcloudignore").read_text("utf-8").splitlines()
    assert "!/requirements.txt" in uploaded
    assert list((TOP / "functions").rglob("requirements*.txt")) == []


def test_a_package_has_one_version_in_all_lists() -> None:
    assert versions().keys() == {pin.name for lock in LOCKS.values() for pin in pins(lock)}


def test_every_list_of_names_has_its_list_of_pins() -> None:
    sources = {str(path.relative_to(TOP)) for path in project_files() if path.suffix == ".in"}
    assert sources == LOCKS.keys()
    makefile = (TOP / "Makefile").read_text("utf-8")
    assert all(f"{source} -o {lock}\n" in makefile for source, lock in LOCKS.items())


def test_the_functions_import_what_is_asked_for_and_nothing_else_is_asked_for() -> None:
    asked = asked_for("functions/requirements.in")
    brings = {module: owner for owner in asked for module in modules_of(owner)}
    imported = {name for path in python_files("functions") for name in foreign_imports(path)}
    owners = {name: owner_of(name, brings) for name in imported}
    assert {name for name, owner in owners.items() if owner is None} == set(), "imported, and not asked for"
    assert asked - set(owners.values()) == NOT_IMPORTED.keys()


def modules_of(distribution: str) -> set[str]:
    """The modules that an installed package brings, with their full names."""
    files = metadata.files(distribution) or []
    paths = (file for file in files if file.suffix in {".py", ".so"})
    return {".".join([*path.parts[:-1], path.name.partition(".")[0]]).removesuffix(".__init__") for path in paths}


def foreign_imports(path: Path) -> set[str]:
    """What a module of ours imports that is neither ours nor Python's."""
    ours = {entry.stem for entry in (TOP / "functions").iterdir()} | sys.stdlib_module_names
    return {name for name in imported_modules(ast.parse(path.read_text("utf-8"))) if name.partition(".")[0] not in ours}


def owner_of(name: str, brings: Mapping[str, str]) -> str | None:
    """Who brings a module, or the thing in a module, of this name."""
    parts = name.split(".")
    return next((brings[".".join(parts[:n])] for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in brings), None)


def test_whoever_installs_with_pip_checks_the_hashes() -> None:
    commands = {
        str(path.relative_to(TOP)): installs(path.read_bytes().decode("utf-8", "replace"))
        for path in project_files()
        if path.suffix in {"", ".sh", ".py", ".yaml"} and TOP / "tests" not in path.parents
    }
    found = [(name, command) for name, each in commands.items() for command in each]
    assert [name for name, command in found if "--require-hashes" not in command] == []
    assert {name for name, _ in found} >= {"Makefile", "infra/local/make_venv.sh", "infra/local/prerequisites.py"}


# That each of these can fail


@pytest.mark.parametrize(
    "text",
    [
        "flask\n",
        "flask>=3\n",
        "flask==3.1.3\n",
        "git+https://example.org/flask\n",
        f"--index-url https://example.org\nflask==3.1.3 \\\n{A_HASH}\n",
        "flask==3.1.3 \\\n    --hash=md5:0\n",
        "flask==3.1.3 \\\n    --hash=sha256:0\n",
    ],
)
def test_a_line_that_is_no_pin_is_refused(text: str) -> None:
    with pytest.raises(NoLock):
        pins_in(text)


def test_a_pin_is_read_with_all_that_it_says() -> None:
    text = (
        f"# by uv\nflask==3.1.3 ; python_version < '3.12' \\\n{A_HASH} \\\n{A_HASH}\n    # via\n    #   a\n    #   b\n"
    )
    assert pins_in(text) == (Pin("flask", "3.1.3", (A_HASH.strip(),) * 2, ("a", "b")),)
    assert pins_in(f"flask==3.1.3 \\\n{A_HASH}\n    # via -r x.in\n")[0].via == ("x.in",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pip install flask", ["pip install flask"]),
        ("x\n\tpip install \\\n\t\tflask\ny", ["pip install \\\n\t\tflask"]),
        ('run("pip", "install", "flask")', ['pip", "install", "flask")']),
        ("uv pip compile flask", []),
    ],
)
def test_an_installation_is_seen_whole(text: str, found: list[str]) -> None:
    assert installs(text) == found

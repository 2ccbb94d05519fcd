"""Modules of 300 lines, functions of thirty, and names that say what is in them."""

import ast

import pytest

from tests.architecture.tree import TOP, functions_in, lines_of, python_files

LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 30
OLDEST_PYTHON = (3, 11)
NAMES_THAT_SAY_NOTHING = frozenset({"utils", "util", "helpers", "helper", "common", "core", "misc", "base"})


def long_functions(source: str) -> list[str]:
    """Return the functions of ``source`` that are too long, each with its length."""
    lengths = [(function.name, lines_of(function)) for function in functions_in(ast.parse(source))]
    return [f"{name}: {lines}" for name, lines in lengths if lines > LINES_OF_A_FUNCTION]


def test_every_file_is_python_of_the_oldest_release_that_is_promised() -> None:
    for path in python_files("functions", "infra", "tests"):
        ast.parse(path.read_text("utf-8"), filename=str(path), feature_version=OLDEST_PYTHON)


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(TOP)): len(path.read_text("utf-8").splitlines())
        for path in python_files("functions", "infra")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES_OF_A_MODULE} == {}


def test_no_function_is_too_long() -> None:
    found = {
        str(path.relative_to(TOP)): long_functions(path.read_text("utf-8"))
        for path in python_files("functions", "infra")
    }
    assert {name: functions for name, functions in found.items() if functions} == {}


@pytest.mark.parametrize(("body_lines", "is_too_long"), [(30, False), (31, True)])
def test_a_function_is_measured_without_its_docstring(body_lines: int, is_too_long: bool) -> None:
    docstring = '    """One.\n\n    Two.\n    """\n'
    source = "class C:\n  def f(self):\n" + docstring + "    x = 1\n" * body_lines
    assert bool(long_functions(source)) == is_too_long


def test_every_module_has_a_name_that_says_what_is_in_it() -> None:
    files = python_files("functions", "infra", "tests")
    nameless = [
        str(path.relative_to(TOP))
        for path in files
        if NAMES_THAT_SAY_NOTHING & {path.stem, *path.relative_to(TOP).parts}
    ]
    assert nameless == []
    assert files

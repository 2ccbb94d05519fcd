"""The procedure is a function of its arguments: no clock, no chance, no world. No clock in a use case."""

import ast
import sys

import pytest

from tests.architecture.tree import TOP, imported_modules, python_files

PROCEDURE = "functions/aduan/procedure"
SERVICE = "functions/aduan/service"

PROCEDURE_MAY_IMPORT = frozenset({"pydantic", "pydantic_core", "holidays"})
THE_WORLD = frozenset(
    {"asyncio", "http", "logging", "os", "random", "secrets", "shutil", "socket", "subprocess", "threading"}
    | {"time", "urllib", "uuid"}
)
CLOCK_READINGS = frozenset(
    {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
)


def impure_imports(source: str) -> set[str]:
    """Return what ``source`` imports beside the pure part of the standard library and the two packages."""
    modules = imported_modules(ast.parse(source))
    return {name for name in modules if not _is_pure(name)}


def clock_readings(source: str) -> list[str]:
    """Return each place of ``source`` that reads the clock, or hands the clock itself on."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and any(ast.unparse(node).endswith(reading) for reading in CLOCK_READINGS)
    ]


def _is_pure(name: str) -> bool:
    root = name.partition(".")[0]
    if root == "aduan":
        return name.startswith("aduan.procedure")
    return root in PROCEDURE_MAY_IMPORT or (root in sys.stdlib_module_names and root not in THE_WORLD)


def test_the_procedure_imports_nothing_of_the_world() -> None:
    files = python_files(PROCEDURE)
    found = {str(path.relative_to(TOP)): impure_imports(path.read_text("utf-8")) for path in files}
    assert {name: modules for name, modules in found.items() if modules} == {}
    assert files


def test_neither_the_procedure_nor_a_use_case_reads_the_clock() -> None:
    files = python_files(PROCEDURE, SERVICE)
    found = {str(path.relative_to(TOP)): clock_readings(path.read_text("utf-8")) for path in files}
    assert {name: places for name, places in found.items() if places} == {}
    assert files


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", {"os"}),
        ("import logging.config", {"logging.config"}),
        ("from google.cloud import firestore", {"google.cloud.firestore"}),
        ("from aduan.service import ports", {"aduan.service.ports"}),
        ("from . import roles", {"..roles"}),
        ("def f():\n    import time", {"time"}),
        ("import holidays\nfrom pydantic import BaseModel\nfrom datetime import datetime", set()),
        ("from aduan.procedure.roles import Role\nimport tomllib", set()),
    ],
)
def test_an_impure_import_is_seen(source: str, found: set[str]) -> None:
    assert impure_imports(source) == found


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("from datetime import UTC, datetime\nnow = datetime.now(UTC)", 1),
        ("import datetime as dt\nnow = dt.datetime.now(dt.UTC)", 1),
        ("import datetime\nclock = datetime.datetime.utcnow", 1),
        ("from datetime import date\nday = date.today()", 1),
        ("import time\nx = time.time()", 1),
        ("def rule(now): return now.time()", 0),
        ("def use_case(clock): return clock()", 0),
    ],
)
def test_a_reading_of_the_clock_is_seen(source: str, count: int) -> None:
    assert len(clock_readings(source)) == count

"""The files of the project, and what can be read off their syntax."""

import ast
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

# Everything else that begins with a dot at some level is made by a tool and is not the project's.
HIDDEN_FOLDERS_OF_THE_PROJECT = frozenset({".ci"})
MADE_BY_TOOLS = frozenset({"__pycache__"})


def project_files(folder: Path = TOP) -> Iterator[Path]:
    """Give every file below ``folder`` that belongs to the project."""
    for entry in sorted(folder.iterdir()):
        if entry.is_file():
            yield entry
        elif entry.is_dir() and _is_ours(entry.name):
            yield from project_files(entry)


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of these folders of the project."""
    return [path for folder in folders for path in project_files(TOP / folder) if path.suffix == ".py"]


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def functions_in(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give every function and method, nested ones too."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's own work: its body without its docstring and without the functions inside it.

    A signature is a list of names, and a function inside is counted for itself.
    """
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    inner = (node for statement in body for node in ast.walk(statement) if isinstance(node, FUNCTIONS))
    return sum(map(_span, body)) - sum(map(_span, inner))


def _span(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return (node.end_lineno or node.lineno) - first + 1


def imported_modules(module: ast.Module) -> set[str]:
    """Return the full names of what a module imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module or '.'}.{alias.name}" for alias in node.names)
    return names


def _is_ours(name: str) -> bool:
    if name.startswith("."):
        return name in HIDDEN_FOLDERS_OF_THE_PROJECT
    return name not in MADE_BY_TOOLS

"""The mutants of a module: mutmut's changes, each made in every place where code runs.

mutmut's own runner leaves out all that is decorated (properties, validators) and all that stands outside of
functions (tables, defaults); here these are changed as well. Left out, for a change there says nothing of the
tests: annotations, decorators, docstrings, and what `len` and `isinstance` are asked about, which can only raise.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider, WhitespaceInclusivePositionProvider
from mutmut.mutation.mutators import mutation_operators

UNTOUCHED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
RAISES_AT_ONCE = ("len", "isinstance")

Place = tuple[int, int]
"""A line, from 1, and a column."""

Places = tuple[Place, Place]
"""From where to where."""


@dataclass(frozen=True)
class Function:
    """An outermost function or method: a change inside its body can be made while the program runs."""

    name: str
    first_line: int  # of its decorators, as in its code object
    begins: Place
    ends: Place

    @property
    def lines(self) -> range:
        """Those of its body."""
        return range(self.begins[0], self.ends[0] + 1)


@dataclass(frozen=True)
class Mutant:
    """One change in a module. `lines` are those that it touches, `function` the one whose body it is in.

    `stands` is from where to where the node's text goes, by character.
    """

    module: "Module"
    node: cst.CSTNode
    changed: cst.CSTNode
    stands: slice
    lines: range
    function: Function | None

    @cached_property
    def source(self) -> str:
        """The whole module, changed."""
        tree, text = self.module.tree, self.module.source
        if text[self.stands] == tree.code_for_node(self.node):  # a tenth of the time that a new tree takes
            return text[: self.stands.start] + tree.code_for_node(self.changed) + text[self.stands.stop :]
        return cst.ensure_type(tree.deep_replace(self.node, self.changed), cst.Module).code

    @cached_property
    def before_and_after(self) -> tuple[str, str]:
        """The lines that differ, as they were and as they are."""
        before, after = self.module.source.splitlines(), self.source.splitlines()
        top = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(after))
        bottom = 0
        while bottom < min(len(before), len(after)) - top and before[-1 - bottom] == after[-1 - bottom]:
            bottom += 1
        return _joined(before[top : len(before) - bottom]), _joined(after[top : len(after) - bottom])


@dataclass(frozen=True)
class Module:
    """A file of the code that is changed."""

    path: Path
    name: str

    @cached_property
    def source(self) -> str:
        """Its text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def _parsed(self) -> MetadataWrapper:
        return MetadataWrapper(cst.parse_module(self.source))

    @property
    def tree(self) -> cst.Module:
        """Its tree, of which each mutant changes one node."""
        return self._parsed.module

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Its outermost functions and methods."""
        return tuple(_functions(ast.parse(self.source).body, ""))

    def mutants(self) -> Iterator[Mutant]:
        """Every change, from the top down."""
        visitor = _Changes()
        self._parsed.visit(visitor)
        for node, changed, whole, (begins, ends) in visitor.found:
            function = next((f for f in self.functions if f.begins <= begins and ends <= f.ends), None)
            stands = slice(self._character(*whole[0]), self._character(*whole[1]))
            yield Mutant(self, node, changed, stands, range(begins[0], ends[0] + 1), function)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *accumulate(len(line) for line in self.source.splitlines(keepends=True))]

    def _character(self, line: int, column: int) -> int:
        return self._line_starts[line - 1] + column


class _Changes(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (  # type: ignore[mutable-override] # as the library has it
        PositionProvider,
        WhitespaceInclusivePositionProvider,
    )

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, Places, Places]] = []
        self._here: Places = ((1, 0), (1, 0))
        self._in_statement = False

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, UNTOUCHED) or _raises_at_once(node) or _is_docstring(node):
            return False
        position = self.get_metadata(PositionProvider, node, None)
        # A line within a statement may have no code of its own: the statement's lines count as one.
        if isinstance(position, CodeRange) and not self._in_statement:
            self._here = _places(position)
            self._in_statement = isinstance(node, cst.SimpleStatementLine)
        for kind, changes in mutation_operators:
            if isinstance(node, kind):
                self.found += [(node, changed, self._whole(node), self._here) for changed in changes(node)]
        return True

    def _whole(self, node: cst.CSTNode) -> Places:
        return _places(self.get_metadata(WhitespaceInclusivePositionProvider, node))

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.SimpleStatementLine):
            self._in_statement = False


def _places(position: CodeRange) -> Places:
    return (position.start.line, position.start.column), (position.end.line, position.end.column)


def _raises_at_once(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in RAISES_AT_ONCE


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString)


def _functions(body: list[ast.stmt], outer: str) -> Iterator[Function]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{outer}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.decorator_list[0] if node.decorator_list else node
            begins, last = node.body[0], node.body[-1]
            ends = (last.end_lineno or last.lineno, last.end_col_offset or 0)
            yield Function(f"{outer}{node.name}", first.lineno, (begins.lineno, begins.col_offset), ends)


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)

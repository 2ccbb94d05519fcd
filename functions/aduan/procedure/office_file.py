"""Reads an office's TOML files, and says in plain English which line is wrong and what was expected there.

The people who edit these files are not programmers. `tomllib` tells no positions and pydantic no lines, so
this module notes on which line each key stands and joins the two.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

KeyPath = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

SHOWN = 60  # of a wrong value, so many characters are shown
TOML_WORDS = (
    (r"^\w+ should ", "must "),
    (r"\ba valid (?:tuple|list)\b", "a list"),
    (r"\ba valid dictionary(?: or instance of \w+)?", "a table"),
)
"""What pydantic says in the words of Python, and how the file's reader would say it."""

_TOKEN = re.compile(
    r'"{3}(?:\\.|[^\\])*?"{3,5}' + r"|'{3}.*?'{3,5}"  # text over several lines
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'"""  # text on one line
    r"""|\#[^\n]*|[\[\]{},=\n]|[^\[\]{},=\n"'\#]+""",  # a comment, a mark, anything bare
    re.DOTALL,
)


class OfficeFileError(ValueError):
    """An office's file cannot be used. The message has one line a problem: file, line, key, what is wrong."""


class Misplaced(ValueError):
    """What a model's own validator raises about a value below it, such as a reference that leads nowhere.

    `path` starts at the model that raises, in the file's own words: `("steps", 3, "leads_to", 0)`.
    """

    def __init__(self, path: KeyPath, message: str) -> None:
        super().__init__(message)
        self.path = path


def read(path: Path, model: type[M]) -> M:
    """The file at `path`, in UTF-8, as a `model`. Raises OfficeFileError."""
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Notepad puts a mark before the first letter
    except OSError as error:
        raise OfficeFileError(f"{path.name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise OfficeFileError(f"{path.name}, line {line}: must be saved as UTF-8 text") from error
    return parse(text, name=path.name, model=model)


def parse(text: str, *, name: str, model: type[M]) -> M:
    """`text` as a `model`; `name` is what the messages call the file. Raises OfficeFileError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OfficeFileError(f"{name}, {_syntax_problem(str(error), text)}") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = _KeyLines(text).lines
        problems = sorted(_located(detail, data, lines, model) for detail in error.errors())
        raise OfficeFileError("\n".join(f"{name}, line {line}: {what}" for line, what in problems)) from error


def _syntax_problem(message: str, text: str) -> str:
    if at := re.search(r" \(at line (\d+), column (\d+)\)$", message):
        return f"line {at[1]}: is not valid TOML near column {at[2]}: {message[: at.start()]}"
    return f"line {text.rstrip().count(chr(10)) + 1}: is not valid TOML: {message}"


def _located(
    detail: ErrorDetails, data: dict[str, object], lines: Mapping[KeyPath, int], model: type[BaseModel]
) -> tuple[int, str]:
    """One error of pydantic as the line where it belongs, and the words for it."""
    path = _path_in_file(detail, data)
    words = _words(detail, path, model)
    place = path
    while place not in lines:
        place = place[:-1]
    return lines[place], f"{_dotted(path)}: {words}" if path else words


def _words(detail: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    """What is wrong, without the place."""
    found = f"(found {_shown(detail['input'])})"
    match detail:
        case {"type": "missing"}:
            return "is missing"
        case {"type": "extra_forbidden"}:
            allowed = ", ".join(sorted(_allowed_keys(model, path[:-1])))
            return f"is not a key that belongs here (allowed: {allowed})"
        case {"ctx": {"error": Misplaced() as cause}}:
            return str(cause)
        case {"ctx": {"error": ValueError() as cause}, "input": dict() | BaseModel()}:
            return str(cause)
        case {"ctx": {"error": ValueError() as cause}}:
            return f"{cause} {found}"
    words = detail["msg"]
    for pattern, plain in TOML_WORDS:
        words = re.sub(pattern, plain, words)
    return f"{words} {found}"


def _path_in_file(detail: ErrorDetails, data: object) -> KeyPath:
    """Where the error is, without what pydantic adds to it, such as the member of a union that was tried."""
    path: KeyPath = ()
    for part in detail["loc"]:
        items = dict(enumerate(data)) if isinstance(data, list) else data
        if isinstance(items, dict) and part in items:
            path, data = (*path, part), items[part]
    if detail["type"] == "missing":
        return (*path, detail["loc"][-1])
    cause = detail.get("ctx", {}).get("error")
    return path + cause.path if isinstance(cause, Misplaced) else path


def _allowed_keys(annotation: object, path: KeyPath) -> set[str]:
    """The keys of the model that stands at `path` below `annotation`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        return _allowed_keys(fields.get(str(path[0])), path[1:]) if path else set(fields)
    inner = path if get_origin(annotation) in {Union, UnionType, Annotated} else path[1:]
    return {key for argument in get_args(annotation) for key in _allowed_keys(argument, inner)}


def _dotted(path: KeyPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


class _KeyLines:
    """`lines`: where each table, key and list item of valid TOML stands; `()` is the file's first line."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {(): 1}
        self._repeats: dict[KeyPath, int] = {}  # how often each [[table]] came so far
        self._ahead = list(_tokens(text))[::-1]  # the next one is the last
        table: KeyPath = ()
        while self._ahead:
            if self._next_is("["):
                table = self._header()
            elif self._next_is("\n"):
                self._ahead.pop()
            else:
                self._pair(table)

    def _header(self) -> KeyPath:
        line = self._ahead[-1][1]
        text = self._text_until("\n").strip()
        *outer, own = _keys(text.strip("[]"))
        path: KeyPath = ()
        for key in outer:
            path = (*path, key)
            path = (*path, self._repeats[path] - 1) if path in self._repeats else path
        path = (*path, own)
        if text.startswith("[["):
            self._repeats[path] = self._repeats.get(path, 0) + 1
            path = (*path, self._repeats[path] - 1)
        self._note(path, line)
        return path

    def _pair(self, table: KeyPath) -> None:
        self._value((*table, *_keys(self._text_until("="))))

    def _value(self, path: KeyPath) -> None:
        opening, line = self._ahead.pop()
        self._note(path, line)
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)

    def _list(self, path: KeyPath) -> None:
        item = 0
        while not self._next_is("]"):
            if self._next_is(",", "\n"):
                item += self._ahead.pop()[0] == ","
            else:
                self._value((*path, item))
        self._ahead.pop()

    def _inline_table(self, path: KeyPath) -> None:
        while not self._next_is("}"):
            if self._next_is(",", "\n"):
                self._ahead.pop()
            else:
                self._pair(path)
        self._ahead.pop()

    def _next_is(self, *marks: str) -> bool:
        return self._ahead[-1][0] in marks

    def _text_until(self, mark: str) -> str:
        text = ""
        while self._ahead and (token := self._ahead.pop()[0]) != mark:
            text += token
        return text

    def _note(self, path: KeyPath, line: int) -> None:
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """The pieces of TOML with their lines; blanks and comments are left out, ends of lines are not."""
    line = 1
    for token in _TOKEN.findall(text):
        if token.strip(" \t\r") and not token.startswith("#"):
            yield token, line
        line += token.count("\n")


def _keys(dotted: str) -> list[str]:
    keys: list[str] = []
    below: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(below, dict):
        ((key, below),) = below.items()
        keys.append(key)
    return keys

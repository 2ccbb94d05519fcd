"""The templates that are registered with Meta, as `templates.toml` keeps them, held to Meta's limits.

Source: Meta, WhatsApp Business Platform, "Template components", "Template review" and "Error codes" (2388xxx),
November 2026. A file that this refuses would be refused, or rejected, by Meta.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError, model_validator

from aduan.service import limits

FILE: Final = Path(__file__).parent / "templates.toml"

LONGEST_NAME: Final = 512
BODY: Final = limits.TEMPLATE_BODY
BUTTON: Final = 25
BUTTONS: Final = 10

_PLACEHOLDER: Final = re.compile(r"\{\{(\d+)\}\}")
_NOT_IN_A_VALUE: Final = re.compile(r"[\n\r\t]| {5}")
_TOO_MUCH_SPACE: Final = re.compile(r"\n{3}| {5}|\t")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=LONGEST_NAME)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=BUTTON, pattern=r"^[^{}\n]+$")]


class BadTemplates(Exception):
    """The file cannot be registered: which template, and why."""


class Template(BaseModel):
    """One template. `examples` are made-up values of {{1}}, {{2}} …, for Meta's review; `buttons` are quick replies."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    category: Literal["UTILITY", "MARKETING"]
    language: Language
    body: Annotated[str, StringConstraints(min_length=1, max_length=BODY)]
    examples: list[Annotated[str, StringConstraints(min_length=1)]]
    buttons: list[Title]

    @property
    def parameters(self) -> int:
        """How many values a send must give."""
        return len(set(_PLACEHOLDER.findall(self.body)))

    @property
    def fixed_length(self) -> int:
        """Characters of the body that are no value."""
        return len(_PLACEHOLDER.sub("", self.body))

    @property
    def components(self) -> list[dict[str, Any]]:
        """As Graph takes them."""
        body: dict[str, Any] = {"type": "BODY", "text": self.body}
        if self.examples:
            body["example"] = {"body_text": [self.examples]}
        if not self.buttons:
            return [body]
        return [body, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": text} for text in self.buttons]}]

    @model_validator(mode="after")
    def _as_meta_takes_it(self) -> Self:
        problems = [words for words, wrong in self._rules() if wrong]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _rules(self) -> list[tuple[str, bool]]:
        numbers = [int(number) for number in _PLACEHOLDER.findall(self.body)]
        pieces = [piece.strip() for piece in _PLACEHOLDER.split(self.body)[::2]]
        words = sum(any(map(str.isalnum, word)) for piece in pieces for word in piece.split())
        filled = _PLACEHOLDER.sub(lambda match: dict(enumerate(self.examples, 1)).get(int(match[1]), ""), self.body)
        return [
            ("variables are {{1}}, {{2}} … in this order, each once", numbers != [*range(1, len(numbers) + 1)]),
            ("a brace belongs to a variable, written {{1}}", bool(re.search(r"[{}]", "".join(pieces)))),
            ("no variable at the start or the end, with a mark after it or not (2388299)", not _framed(pieces)),
            ("words between two variables, not only marks", bool(numbers) and not all(map(_says, pieces[1:-1]))),
            (f"{len(numbers)} variables need {2 * len(numbers) + 1} words around them (2388293)",
             bool(numbers) and words < 2 * len(numbers) + 1),
            (f"{len(numbers)} variables need as many examples", len(self.examples) != len(numbers)),
            ("an example holds no line break, tab or five spaces", any(map(_NOT_IN_A_VALUE.search, self.examples))),
            (f"with its examples the body has more than {BODY} characters", len(filled) > BODY),
            ("no tab, no three line breaks, no five spaces in a row", bool(_TOO_MUCH_SPACE.search(self.body))),
            (f"{BUTTONS} buttons at most", len(self.buttons) > BUTTONS),
            ("every button has words of its own", len(set(self.buttons)) != len(self.buttons)),
        ]  # fmt: skip


def _framed(pieces: list[str]) -> bool:
    return len(pieces) == 1 or (_says(pieces[0]) and _says(pieces[-1]))


def _says(piece: str) -> bool:
    return any(map(str.isalnum, piece))


_FILE: Final = TypeAdapter(dict[Name, Template])


def read_templates(file: Path = FILE) -> Mapping[str, Template]:
    """All templates, by name. Raises `BadTemplates`, with every problem."""
    try:
        return _FILE.validate_python(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise BadTemplates(f"{file.name}: {error}") from error
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise BadTemplates(f"{file.name}: {'; '.join(problems)}") from error

"""What came with a request, read so that nothing in it can break us: its body, its filters, what it wants back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from flask import Request

from aduan.procedure.errors import WrongField

LARGEST_BODY: Final = 4 * 1024 * 1024
_JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
_PROBLEM: Final = "application/problem+json"
_UNREADABLE: Final = "Ada huruf yang tidak terbaca. Mohon tulis ulang."


def wants_json(request: Request) -> bool:
    """Whether the answer is for a program. A browser asks for HTML, and so does who does not say."""
    best = request.accept_mimetypes.best_match(["text/html", _JSON, _PROBLEM], default="text/html")
    return best != "text/html"


@dataclass(frozen=True)
class Body:
    """The fields that came, or why there are none. `lists`: all values of each, as checkboxes send them."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None

    def text(self, name: str) -> str:
        """A text, or '' for what is none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; what is none is left out."""
        values = self.lists.get(name)
        return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()

    def readable(self) -> Mapping[str, Any]:
        """The fields. Raises `WrongField` if the body, or a text in it, cannot be read."""
        if self.problem is not None:
            raise WrongField({"body": self.problem})
        values = {name: [self.fields[name], *self.texts(name)] for name in self.fields}
        wrong = {name: _UNREADABLE for name, given in values.items() if not all(map(is_readable, given))}
        if wrong:
            raise WrongField(wrong)
        return self.fields


def read_body(request: Request) -> Body:
    """A form's or a JSON object's fields, by Content-Type. Raises 413 if it is too large."""
    if request.mimetype == _JSON:
        return _of_json(request.get_data())
    if request.mimetype == FORM and not _is_utf8(request.get_data()):
        return Body(problem=_UNREADABLE)
    return Body(request.form.to_dict(), request.form.to_dict(flat=False))


def _is_utf8(raw: bytes) -> bool:
    """Whether a form's text is any; what is none would come in as '%FF' and go out to a citizen."""
    try:
        unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _of_json(raw: bytes) -> Body:
    try:
        fields = json.loads(raw.decode("utf-8"))
    except (
        ValueError,
        RecursionError,
    ):  # no UTF-8, no JSON, a number of thousands of digits, nested too deep
        return Body(problem="Isi permintaan bukan JSON yang benar.")
    if not isinstance(fields, dict):
        return Body(problem="Isi permintaan harus berupa objek JSON.")
    return Body(fields, fields)


def is_readable(value: object) -> bool:
    """False for a text with half a character, with one that was no UTF-8, or with a NUL in it."""
    if not isinstance(value, str):
        return True
    return "\0" not in value and "\ufffd" not in value and not any("\ud800" <= c <= "\udfff" for c in value)

"""What must be kept of a webhook, read off its bytes by other rules than the program's own.

A message whose id and sender are plain to see is to be stored as one. Whatever else stands in the lists of a change for
our number is to be found somewhere, whole: in a message, or among what could not be read.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fuzz.payloads import NUMBER_ID

_DEEP: Final = 90
"""Brackets inside each other from which a webhook may be kept as a whole, unread."""

_LONGEST_ID: Final = 200
_PHONE: Final = re.compile(r"\+?[0-9]{5,15}")
_USER_ID: Final = re.compile(r"[A-Z]{2}\.[0-9A-Za-z]{1,100}")
_LONGEST_NUMBER: Final = 40
_SHOWN: Final = 200
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_KNOWN_STATES: Final = frozenset({"sent", "delivered", "read", "failed", "played"})


@dataclass
class Expected:
    """Of one webhook. Parts are canonical JSON.

    `messages`: by wamid, what came under it. `somewhere`: by what may be its wamid, to be found in a message or among
    the unreadable, unless something else came before under that wamid: then it is a repeat.
    `unreadable`: to be found there. `whole`: the body itself is to be found there, in one of these forms.
    `may_be_whole`: the body there is enough.
    """

    messages: list[tuple[str, str]] = field(default_factory=list)
    somewhere: list[tuple[str, str]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    whole: bool = False
    may_be_whole: bool = False
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stored:
    """What there is. Messages by wamid, with what came as canonical JSON; the unreadable as they came, and so too."""

    messages: Mapping[str, str]
    raws: frozenset[str]
    canonical: frozenset[str]

    @classmethod
    def of(cls, messages: Mapping[str, str], unreadable: frozenset[str]) -> "Stored":
        """From the texts that are kept."""
        readable = {form for raw in unreadable if (form := _canonical_text(raw)) is not None}
        kept = {wamid: _canonical_text(raw) or f"cut: {raw}" for wamid, raw in messages.items()}
        return cls(kept, unreadable, frozenset(readable))


class TwiceNamed(ValueError):
    """A name stands twice in one object."""


def expected(body: bytes) -> Expected:
    """What is to be kept of a body that WhatsApp signed."""
    found = Expected(forms=_forms(body))
    text = body.decode("utf-8-sig", "surrogateescape")
    found.may_be_whole = _depth(text) > _DEEP
    try:
        tree, found.whole = _read(text)
    except (ValueError, RecursionError):
        found.whole = True
        return found
    entries = _as_list(_object(tree).get("entry"))
    if not entries:
        found.whole = True
    for entry in entries:
        _of_entry(entry, found)
    return found


def _read(text: str) -> tuple[Any, bool]:
    """A body, and whether a name stands twice in it: of those only the last can be read, so all of it is to be kept."""
    try:
        return _parsed(text), False
    except TwiceNamed:
        return _parsed(text, twice=True), True


def lost(wanted: Expected, stored: Stored, came: Mapping[str, set[str]]) -> Iterator[str]:
    """What of it is not there, in words. `came`: by wamid, all that ever came under it: the first is what is kept."""
    if any(form in stored.raws for form in wanted.forms):
        if wanted.may_be_whole:
            return
    elif wanted.whole:
        yield "the whole body"
    for wamid, _ in wanted.messages:
        yield from _lost_message(wamid, stored, came[wamid])
    anywhere = stored.canonical | set(stored.messages.values())
    for wamid, part in wanted.somewhere:
        if part not in anywhere and wamid not in stored.messages:
            yield f"the part {part[:_SHOWN]}"
    yield from (f"the unreadable part {part[:_SHOWN]}" for part in wanted.unreadable if part not in stored.canonical)


def _lost_message(wamid: str, stored: Stored, came: set[str]) -> Iterator[str]:
    kept = stored.messages.get(wamid)
    if kept is None:
        yield f"the message {wamid!r}"
    elif kept not in came and not _is_cut(kept, came & stored.canonical):
        yield f"what the message {wamid!r} said"


def canonical(part: object) -> str:
    """A part of a webhook as text that is the same for the same part."""
    return json.dumps(part, sort_keys=True)


def _is_cut(kept: str, whole: set[str]) -> bool:
    """Whether a message was too large, and all of it stands beside it."""
    return kept.startswith("cut: ") and bool(whole)


def _canonical_text(raw: str) -> str | None:
    try:
        return canonical(_parsed(raw, twice=True))
    except (ValueError, RecursionError):
        return None


def _parsed(text: str, *, twice: bool = False) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(found)
        if len(named) != len(found) and not twice:
            raise TwiceNamed
        return named

    return json.loads(
        text,
        object_pairs_hook=pairs,
        parse_int=lambda digits: int(digits) if len(digits) <= _LONGEST_NUMBER else digits,
    )


def _forms(body: bytes) -> tuple[str, ...]:
    encoded = "base64:" + base64.b64encode(body).decode()
    try:
        return (body.decode(), encoded)
    except UnicodeDecodeError:
        return (encoded,)


def _depth(text: str) -> int:
    deepest = level = 0
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if bracket in "[{":
            level += 1
            deepest = max(deepest, level)
        elif bracket in "]}":
            level -= 1
    return deepest


def _as_list(part: Any) -> list[Any]:
    if part is None:
        return []
    return part if isinstance(part, list) else [part]


def _object(part: Any) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _of_entry(entry: Any, found: Expected) -> None:
    changes = _as_list(_object(entry).get("changes"))
    if not changes:
        found.unreadable.append(canonical(entry))
    for change in changes:
        _of_change(change, found)


def _of_change(change: Any, found: Expected) -> None:
    name = _object(change).get("field")
    if _is_number(name) or (isinstance(name, str) and name not in {"", "messages"}):
        return  # of another field
    value = _object(change["value"]) if name == "messages" and "value" in change else {}
    number = _object(value.get("metadata")).get("phone_number_id")
    if _is_number(number) or (isinstance(number, str) and number not in {"", NUMBER_ID}):
        return  # of another number
    if number != NUMBER_ID:
        found.unreadable.append(canonical(change))
        return
    for one in _as_list(value.get("messages")):
        _of_message(one, found)
    for status in _as_list(value.get("statuses")):
        _of_status(status, found)
    found.unreadable += [canonical(error) for error in _as_list(value.get("errors"))]


def _of_message(message: Any, found: Expected) -> None:
    wamid = _object(message).get("id")
    kept_under = _UNSTORABLE.sub("\ufffd", str(wamid))
    if isinstance(wamid, str) and 0 < len(wamid) <= _LONGEST_ID and _names_somebody(message):
        found.messages.append((kept_under, canonical(message)))
    else:
        found.somewhere.append((kept_under, canonical(message)))


def _names_somebody(message: Mapping[str, Any]) -> bool:
    number, user_id = message.get("from"), message.get("from_user_id")
    named = (isinstance(number, str) and (_PHONE.fullmatch(number) or _USER_ID.fullmatch(number))) or (
        isinstance(user_id, str) and _USER_ID.fullmatch(user_id)
    )
    return bool(named)


def _of_status(status: Any, found: Expected) -> None:
    fields = _object(status)
    wamid, state = fields.get("id"), fields.get("status")
    if _is_number(wamid) or _is_number(state):
        return  # numbers are taken for texts
    if not (isinstance(wamid, str) and wamid and isinstance(state, str) and state in _KNOWN_STATES):
        found.unreadable.append(canonical(status))


def _is_number(part: Any) -> bool:
    return isinstance(part, int | float) and not isinstance(part, bool)

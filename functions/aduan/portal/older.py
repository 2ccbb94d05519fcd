"""Which part of a long complaint an address asks for, without a name or a number of anybody in it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aduan.procedure.errors import WrongField
from aduan.service.case_files import Mark, Window
from aduan.service.ports import Place

EVENTS_BEFORE: Final = "events_before"
MESSAGES_BEFORE: Final = "messages_before"
MOST_NUMBER: Final = 999_999_999

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
MARK: Final = re.compile(r"([0-9]{1,17})\.(-?[0-9]{1,9})\.([0-9A-Za-z_-]{1,200})", re.ASCII)
"""Microseconds since 1970, how many of the citizen's messages are older, and the id of the message."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UNKNOWN: Final = "Bagian ini tidak dikenal. Mulai lagi dari halaman aduan."


def read_window(given: Mapping[str, str]) -> Window:
    """The part that an address asks for. Raises `WrongField`."""
    events, messages = given.get(EVENTS_BEFORE), given.get(MESSAGES_BEFORE)
    if events is not None and not _NUMBER.fullmatch(events):
        raise WrongField({EVENTS_BEFORE: _UNKNOWN})
    return Window(_mark(messages) if messages is not None else None, int(events) if events is not None else None)


def _mark(text: str) -> Mark:
    found = MARK.fullmatch(text)
    if found is None:
        raise WrongField({MESSAGES_BEFORE: _UNKNOWN})
    since, left, name = found.groups()
    return Mark(Place(_EPOCH + int(since) * _MICROSECOND, name), int(left))


def older_messages(address: str, mark: Mark | None) -> str | None:
    """The address of the messages before a mark."""
    if mark is None:
        return None
    text = f"{(mark.place.at - _EPOCH) // _MICROSECOND}.{mark.left}.{mark.place.id}"
    return f"/aduan/{address}?{MESSAGES_BEFORE}={text}#percakapan"


def older_events(address: str, number: int | None) -> str | None:
    """The address of the events before a number."""
    return f"/aduan/{address}?{EVENTS_BEFORE}={number}#riwayat" if number is not None else None

"""Which part of a long complaint an address asks for, without a name or a number of anybody in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from aduan.portal.addresses import address_of
from aduan.procedure.errors import WrongField
from aduan.service.case_files import CaseFile, Window
from aduan.service.model import Place

EVENTS_BEFORE: Final = "events_before"
MESSAGES_BEFORE: Final = "messages_before"
MOST_NUMBER: Final = 999_999_999

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
PLACE: Final = re.compile(r"([0-9]{1,17})\.([0-9A-Za-z_-]{1,200})", re.ASCII)
"""Microseconds since 1970, and the id of the message."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_UNKNOWN: Final = "Bagian ini tidak dikenal. Mulai lagi dari halaman aduan."


def read_window(given: Mapping[str, str]) -> Window:
    """The part that an address asks for. Raises `WrongField`."""
    events, messages = given.get(EVENTS_BEFORE), given.get(MESSAGES_BEFORE)
    if events is not None and not _NUMBER.fullmatch(events):
        raise WrongField({EVENTS_BEFORE: _UNKNOWN})
    return Window(_place(messages) if messages is not None else None, int(events) if events is not None else None)


def _place(text: str) -> Place:
    found = PLACE.fullmatch(text)
    if found is None:
        raise WrongField({MESSAGES_BEFORE: _UNKNOWN})
    since, name = found.groups()
    return Place(_EPOCH + int(since) * _MICROSECOND, name)


@dataclass(frozen=True)
class OtherParts:
    """Where the parts before these are (None: nowhere), and whether these are the newest.

    `these`: what asks for these again, at the end of an address of the complaint.
    """

    older_talk: str | None
    older_record: str | None
    talk_is_newest: bool
    record_is_newest: bool
    these: str


def other_parts(case: CaseFile) -> OtherParts:
    """The addresses of what a complaint's page does not show."""
    path, place, number = f"/aduan/{address_of(case.complaint)}", case.older_messages, case.older_events
    return OtherParts(
        older_talk=f"{path}?{MESSAGES_BEFORE}={place_text(place)}#percakapan" if place else None,
        older_record=f"{path}?{EVENTS_BEFORE}={number}#riwayat" if number else None,
        talk_is_newest=case.window.messages is None,
        record_is_newest=case.window.events is None,
        these=_asking_for(case.window),
    )


def _asking_for(window: Window) -> str:
    asked: dict[str, object] = {}
    if window.messages is not None:
        asked[MESSAGES_BEFORE] = place_text(window.messages)
    if window.events is not None:
        asked[EVENTS_BEFORE] = window.events
    return f"?{urlencode(asked)}" if asked else ""


def place_text(place: Place) -> str:
    """A place as an address has it."""
    return f"{(place.at - _EPOCH) // _MICROSECOND}.{place.id}"

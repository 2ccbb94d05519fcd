"""What a citizen may ask of the office: a copy of everything, and to be forgotten. UU 27/2022, pasal 7 and 8."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aduan import settings as names
from aduan.bootstrap import House
from aduan.environment import SettingError
from aduan.service.phones import e164
from infra.record.backup import Refused
from infra.record.citizen import Export
from infra.record.place import NoPlace, Place

_NEEDED: Final = (names.FIELD_KEY, names.MEDIA_STORE, names.OFFICE_DIR, names.CALENDAR_FILE, names.SECONDS_PER_MINUTE)
_MINE_ALONE: Final = 0o600


@dataclass(frozen=True)
class Done:
    """Whether anybody was known; and the ids of citizens who may be the same person, of whom nothing was done.

    Only a person can tell: a number has more than one owner in time.
    """

    known: bool
    others: tuple[str, ...]


def export(place: Place, citizen: str, target: Path) -> Done:
    """Write the page of a phone number's owner into a new file, where somebody has the number.

    Raises `Refused`, `NoPlace`, `NotYet`.
    """
    if target.exists():
        raise Refused(f"{target} is there already: name another file")
    house = _house(place)
    known, others = house.erasing.erasures.known_as(_name(citizen)), _others(house, citizen)
    if known is not None:
        page = Export(house, known).page()
        target.touch(_MINE_ALONE, exist_ok=False)
        target.write_text(page, "utf-8")
    return Done(known is not None, others)


def erase(place: Place, citizen: str) -> Done:
    """Forget a phone number's owner; what an earlier attempt left is finished first.

    Raises `NoPlace`, `NotYet`.
    """
    house = _house(place)
    others = _others(house, citizen)  # before: with their owner goes what tells all of their names
    return Done(house.erasing.forget(_name(citizen)), others)


def _others(house: House, citizen: str) -> tuple[str, ...]:
    return tuple(one.value.id for one in house.erasing.erasures.left_behind(_name(citizen)))


def _name(written: str) -> str:
    """A number as WhatsApp has it. What has a letter in it is an id, whose digits are not to be taken for one."""
    return written if any(map(str.isalpha, written)) else e164(written) or written


def _house(place: Place) -> House:
    try:
        place.settings.check(_NEEDED)
    except SettingError as error:
        raise NoPlace(str(error)) from error
    return House(place.settings)

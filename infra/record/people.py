"""What a citizen may ask of the office: a copy of everything, and to be forgotten. UU 27/2022, pasal 7 and 8."""

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


def export(place: Place, citizen: str, target: Path) -> bool:
    """Write the page of a phone number's owner into a new file. False where nobody has the number.

    Raises `Refused`, `NoPlace`, `NotYet`.
    """
    if target.exists():
        raise Refused(f"{target} is there already: name another file")
    house = _house(place)
    known = house.erasing.erasures.known_as(_name(citizen))
    if known is None:
        return False
    page = Export(house, known).page()
    target.touch(_MINE_ALONE, exist_ok=False)
    target.write_text(page, "utf-8")
    return True


def erase(place: Place, citizen: str) -> bool:
    """Forget a phone number's owner; what an earlier attempt left is finished first. False where nobody has it.

    Raises `NoPlace`, `NotYet`.
    """
    return _house(place).erasing.forget(_name(citizen))


def _name(written: str) -> str:
    return e164(written) or written


def _house(place: Place) -> House:
    try:
        place.settings.check(_NEEDED)
    except SettingError as error:
        raise NoPlace(str(error)) from error
    return House(place.settings)

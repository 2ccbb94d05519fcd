"""Where a complaint is found: by its number, or as long as it has none by its draft's address."""

import re

from aduan.procedure.complaint import Complaint
from aduan.service.desk import Desk, complaint_id
from aduan.service.errors import Unknown
from aduan.service.ports import Loaded

_ADDRESS = re.compile(r"(ADU|D)-[0-9A-Z][0-9A-Z-]{0,39}", re.IGNORECASE | re.ASCII)


def address_of(complaint: Complaint) -> str:
    """'ADU-…', or for a draft 'D-…'."""
    return complaint.number or draft_address(complaint)


def draft_address(complaint: Complaint) -> str:
    """What a complaint is called before it has a number."""
    return f"D-{complaint.id}"


def is_address(text: str) -> bool:
    """Whether this could be a complaint's address."""
    return _ADDRESS.fullmatch(text) is not None


def complaint_at(desk: Desk, address: str) -> Loaded[Complaint]:
    """The complaint of an address; a draft has no number yet. Raises `Unknown`."""
    if not is_address(address):
        raise Unknown(address)
    loaded = desk.open(complaint_id(address))
    if address[:4].upper() == "ADU-" and loaded.value.number is None:
        raise Unknown(address)
    return loaded

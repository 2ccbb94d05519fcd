"""Who wrote a message: from the ids that WhatsApp spreads over the message and the contacts beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from aduan.adapters.whatsapp_payload import Contact, MessageHead, System
from aduan.service.channel import Address


@dataclass(frozen=True, slots=True)
class Person:
    """A sender, and the name they gave themselves."""

    address: Address
    name: str | None = None


def address_of(number: str | None, user_id: str | None) -> Address | None:
    """An address of a WhatsApp id (digits, or a user id in their place) and a user id, if there is either."""
    if number and not _is_phone(number):
        number, user_id = None, user_id or number
    phone = "+" + number.removeprefix("+") if number else None
    return Address(phone, user_id) if phone or user_id else None


def changed_address(system: System) -> Address | None:
    """Who the sender of a `system` message is from now on."""
    return address_of(system.wa_id or system.new_wa_id, system.user_id)


def former_address(head: MessageHead, system: System) -> Address | None:
    """Who the sender of a `system` message was until now; `from_user_id` may already be the new one."""
    user_id = head.from_user_id if head.from_user_id != system.user_id else None
    return address_of(head.sender, system.previous_user_id or user_id)


class People:
    """The contacts of one change. A wrong match would show one citizen's complaint to another.

    So a contact belongs to a message that shares an id with it. A contact that is alone belongs to a message
    that is alone too, or that names nobody.
    """

    def __init__(self, contacts: Sequence[object], messages: int) -> None:
        """`contacts` as they came, and how many messages stand beside them."""
        persons = [person for contact in contacts if (person := _person(contact))]
        self._by_id = {key: person for person in persons for key in _keys(person.address)}
        self._only = persons[0] if len(contacts) == len(persons) == 1 else None
        self._one_message = messages == 1

    def sender(self, head: MessageHead) -> Person | None:
        """The sender of a message, its own ids before those of its contact; None if nobody is named."""
        own = address_of(head.sender, head.from_user_id)
        contact = self._contact(own)
        if own is None or contact is None:
            return contact or (Person(own) if own else None)
        joined = Address(own.phone or contact.address.phone, own.bsuid or contact.address.bsuid)
        return Person(joined, contact.name)

    def _contact(self, own: Address | None) -> Person | None:
        if own is None:
            return self._only
        shared = next((self._by_id[key] for key in _keys(own) if key in self._by_id), None)
        if shared is None and self._only and self._one_message and not _contradict(own, self._only.address):
            return self._only
        return shared


def _is_phone(text: str) -> bool:
    digits = text.removeprefix("+")
    return digits.isascii() and digits.isdigit()


def _contradict(one: Address, other: Address) -> bool:
    """Phones may differ for one person (WhatsApp's id is not always the number), user ids may not."""
    return bool(one.bsuid and other.bsuid and one.bsuid != other.bsuid)


def _keys(address: Address) -> list[str]:
    return [key for key in (address.bsuid, address.phone) if key]


def _person(contact: object) -> Person | None:
    try:
        known = Contact.model_validate(contact)
    except ValidationError:
        return None
    address = address_of(known.wa_id, known.user_id)
    return Person(address, known.profile.name if known.profile else None) if address else None

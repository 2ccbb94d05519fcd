"""What a message says, by its type: one small reader for each, none of which decides what to do about it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from aduan.adapters.whatsapp_payload import (
    Correction,
    FormReply,
    Interactive,
    Location,
    MediaFile,
    OptionReply,
    Order,
    QuickReply,
    Reaction,
    SharedContact,
    System,
    TextBody,
    storable,
)
from aduan.adapters.whatsapp_people import changed_address
from aduan.service.channel import Address, Media, MessageKind

# Set by WhatsApp, not by the person: it is the key of the form's session.
_FORM_SESSION: Final = "flow_token"
_NUMBER_CHANGES: Final = ("user_changed_number", "user_changed_user_id")


@dataclass(frozen=True, slots=True)
class Content:
    """The part of an `InboundMessage` that depends on its type."""

    kind: MessageKind
    text: str | None = None
    reply_id: str | None = None
    form: dict[str, str] | None = None
    media: Media | None = None
    file_lost: bool = False
    points_to: str | None = None  # the wamid that a reaction, edit or revoke is about
    new_sender: Address | None = None


UNREADABLE: Final = Content(MessageKind.UNREADABLE)


def read_content(message_type: str | None, message: Mapping[str, object]) -> Content:
    """What a message of this type says; an unknown type, or one with nothing to read in it, is UNREADABLE.

    A message with `errors` (a picture that WhatsApp could not store, 131052; a type that it does not pass on) keeps
    what words it has, as UNREADABLE; of a file it is said that it is lost.
    """
    reader = _READERS.get(message_type or "")
    if reader is None:
        return UNREADABLE
    try:
        content = reader(message.get(message_type or ""))
    except (ValueError, RecursionError):  # pydantic's ValidationError and JSON's errors are ValueErrors
        return UNREADABLE
    if message.get("errors"):
        lost = content.file_lost or content.media is not None
        return replace(content, kind=MessageKind.UNREADABLE, media=None, file_lost=lost)
    return content


def _text(part: object) -> Content:
    return Content(MessageKind.TEXT, text=TextBody.model_validate(part).body)


def _quick_reply(part: object) -> Content:
    """A template sent without payloads gives none back: then the words on the button say which it was."""
    tapped = QuickReply.model_validate(part)
    if not (tapped.payload or tapped.text):
        return UNREADABLE
    return Content(MessageKind.REPLY, text=tapped.text, reply_id=tapped.payload or tapped.text)


def _interactive(part: object) -> Content:
    chosen = Interactive.model_validate(part)
    if chosen.type == "nfm_reply":
        return _form(FormReply.model_validate(chosen.nfm_reply))
    if chosen.type == "button_reply":
        return _option(chosen.button_reply)
    return _option(chosen.list_reply) if chosen.type == "list_reply" else UNREADABLE


def _option(part: object) -> Content:
    option = OptionReply.model_validate(part)
    return Content(MessageKind.REPLY, text=option.title, reply_id=option.id)


def _form(reply: FormReply) -> Content:
    """The fields of a filled-in form, each as text."""
    answers = json.loads(reply.response_json)
    if not isinstance(answers, dict):
        return UNREADABLE
    form = {storable(name): _answer(value) for name, value in answers.items() if name != _FORM_SESSION}
    return Content(MessageKind.FORM, form=form)


def _answer(value: object) -> str:
    """A tick is 'true' or 'false', several choices are joined by commas, nothing is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list) and all(isinstance(choice, str) for choice in value):
        return storable(", ".join(value))
    return storable(json.dumps(value, ensure_ascii=False))


def _media(kind: MessageKind) -> Callable[[object], Content]:
    """A reader of files of one kind; without its id a file cannot be fetched, but its caption can be read."""

    def read(part: object) -> Content:
        file = MediaFile.model_validate(part)
        if file.id is None:
            return Content(MessageKind.UNREADABLE, text=file.caption, file_lost=True)
        media = Media(file.id, file.mime_type, file.sha256, file.filename, voice=bool(file.voice))
        return Content(kind, text=file.caption, media=media)

    return read


def _location(part: object) -> Content:
    place = Location.model_validate(part)
    words = [f"{place.latitude}, {place.longitude}", place.name, place.address]
    return Content(MessageKind.LOCATION, text=" ".join(word for word in words if word))


def _contacts(part: object) -> Content:
    cards = [SharedContact.model_validate(card) for card in part] if isinstance(part, list) else []
    return Content(MessageKind.CONTACTS, text="\n".join(filter(None, map(_card, cards))) or None)


def _card(card: SharedContact) -> str:
    name = card.name.formatted_name if card.name else None
    return " ".join(filter(None, [name, *(phone.phone for phone in card.phones or ())]))


def _reaction(part: object) -> Content:
    reaction = Reaction.model_validate(part)
    return Content(MessageKind.REACTION, text=reaction.emoji or "", points_to=reaction.message_id)


def _order(part: object) -> Content:
    return Content(MessageKind.ORDER, text=Order.model_validate(part).text)


def _system(part: object) -> Content:
    """Its `body` is WhatsApp's own sentence, with both numbers in it: nothing that the person wrote."""
    system = System.model_validate(part)
    new_sender = changed_address(system)
    if system.type not in _NUMBER_CHANGES or new_sender is None:
        return UNREADABLE
    return Content(MessageKind.NUMBER_CHANGED, new_sender=new_sender)


def _edit(part: object) -> Content:
    """The message as it now reads; an edit whose new words cannot be read still says what it edits."""
    edit = Correction.model_validate(part)
    message = edit.message if isinstance(edit.message, dict) else {}
    kind = message.get("type")
    now = read_content(kind, message) if kind in _EDITABLE else UNREADABLE
    return Content(MessageKind.EDIT, text=now.text, media=now.media, points_to=edit.original_message_id)


def _revoke(part: object) -> Content:
    return Content(MessageKind.REVOKE, points_to=Correction.model_validate(part).original_message_id)


_EDITABLE: Final = ("text", "image", "video", "document")
_READERS: Final[Mapping[str, Callable[[object], Content]]] = MappingProxyType(
    {
        "text": _text,
        "button": _quick_reply,
        "interactive": _interactive,
        "image": _media(MessageKind.IMAGE),
        "video": _media(MessageKind.VIDEO),
        "document": _media(MessageKind.DOCUMENT),
        "sticker": _media(MessageKind.STICKER),
        "audio": _media(MessageKind.AUDIO),
        "location": _location,
        "contacts": _contacts,
        "reaction": _reaction,
        "order": _order,
        "system": _system,
        "edit": _edit,
        "revoke": _revoke,
    }
)

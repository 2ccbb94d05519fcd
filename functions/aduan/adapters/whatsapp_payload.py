"""The shapes of WhatsApp's webhooks and answers, each part validated by itself and only when it is read.

The lists inside a webhook stay untyped here (`list[object]`): a bad item must not fail the model around it.
Source: Meta, Cloud API, "Webhooks reference", pages 'messages', 'status' and 'system', November 2026.
"""

import re
from typing import Annotated, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
_LONGEST_ID: Final = 512  # WhatsApp's have a hundred or so; one without end would fit into no document


def storable(text: str) -> str:
    """`text` with NUL characters and lone surrogates, which the database refuses, replaced by U+FFFD."""
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def why(error: ValidationError) -> str:
    """Which field is wrong and how, without its value: reasons are logged, and values are personal."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "the whole"
    return f"{place}: {first['type']}"


def _storable_if_text(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def _none_if_wrong(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    try:
        return validate(value)
    except ValidationError:
        return None


def _as_list(value: object) -> object:
    """A list that lost its brackets is one item; whether that item can be read is its own question."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# A `Maybe…` field that is wrong is the same as one that is missing: it never fails the shape it stands in.
_IF_RIGHT: Final = WrapValidator(_none_if_wrong)
_STORABLE: Final = BeforeValidator(_storable_if_text)
Words = Annotated[str, _STORABLE]
Name = Annotated[str, StringConstraints(min_length=1), _STORABLE]
MaybeWords = Annotated[str | None, _STORABLE, _IF_RIGHT]
MaybeName = Annotated[Annotated[str, StringConstraints(min_length=1)] | None, _STORABLE, _IF_RIGHT]
Id = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_ID), _STORABLE]
MaybeId = Annotated[Id | None, _IF_RIGHT]
MaybeNumber = Annotated[int | None, _IF_RIGHT]
MaybeTrue = Annotated[bool | None, _IF_RIGHT]
Items = Annotated[list[object], BeforeValidator(_as_list)]


class _Shape(BaseModel):
    """Numbers are accepted where text is meant: ids and times have been seen as both."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Webhook(_Shape):
    """The body of a webhook."""

    entry: Annotated[Items, Field(min_length=1)]


class Entry(_Shape):
    """One business account's part of a webhook."""

    changes: Annotated[Items, Field(min_length=1)]


class Change(_Shape):
    """One change: only those of the field 'messages' carry messages and statuses."""

    field: Name
    value: object = None


class Metadata(_Shape):
    """The business's own number that a change is about."""

    phone_number_id: Name


class Value(_Shape):
    """The value of a change of the field 'messages'."""

    metadata: Metadata
    contacts: Items = []
    messages: Items = []
    statuses: Items = []
    errors: Items = []


class Profile(_Shape):
    """What a person calls themselves."""

    name: MaybeName = None


class Contact(_Shape):
    """A sender of the same change; either id may be missing."""

    wa_id: MaybeId = None
    user_id: MaybeId = None
    profile: Annotated[Profile | None, _IF_RIGHT] = None


class Reference(_Shape):
    """The message that another one answers."""

    id: MaybeId = None


class MessageHead(_Shape):
    """What every message has, whatever its type; only its id is indispensable."""

    id: Id
    sender: MaybeId = Field(default=None, alias="from")
    from_user_id: MaybeId = None
    timestamp: MaybeName = None
    type: MaybeName = None
    context: Annotated[Reference | None, _IF_RIGHT] = None


class TextBody(_Shape):
    """`text`."""

    body: Words


class QuickReply(_Shape):
    """`button`: a tapped quick reply of a template."""

    payload: MaybeName = None
    text: MaybeWords = None


class OptionReply(_Shape):
    """`interactive.button_reply` and `interactive.list_reply`."""

    id: Name
    title: MaybeWords = None


class FormReply(_Shape):
    """`interactive.nfm_reply`: the answers of a Flow, as JSON in a string."""

    response_json: Words


class Interactive(_Shape):
    """`interactive`; what it holds is under the name that `type` gives."""

    type: Name
    button_reply: object = None
    list_reply: object = None
    nfm_reply: object = None


class MediaFile(_Shape):
    """`image`, `video`, `document`, `sticker`, `audio`."""

    id: MaybeId = None
    mime_type: MaybeName = None
    sha256: MaybeName = None
    filename: MaybeName = None
    caption: MaybeName = None
    voice: MaybeTrue = None


class Location(_Shape):
    """`location`, in degrees."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    name: MaybeName = None
    address: MaybeName = None


class SharedName(_Shape):
    """The name on a shared contact card."""

    formatted_name: MaybeName = None


class SharedPhone(_Shape):
    """A number on a shared contact card."""

    phone: MaybeName = None


class SharedContact(_Shape):
    """One card of `contacts`."""

    name: Annotated[SharedName | None, _IF_RIGHT] = None
    phones: Annotated[list[SharedPhone] | None, _IF_RIGHT] = None


class Reaction(_Shape):
    """`reaction`; without an emoji it takes an earlier one back."""

    message_id: Id
    emoji: MaybeWords = None


class Order(_Shape):
    """`order`."""

    text: MaybeName = None


class System(_Shape):
    """`system`: the ids are the new ones, except `previous_user_id`."""

    type: Name
    wa_id: MaybeId = None
    new_wa_id: MaybeId = None  # `wa_id` in versions of the API before v12, and still seen
    user_id: MaybeId = None
    previous_user_id: MaybeId = None


class Correction(_Shape):
    """`edit` (with the message as it now reads) and `revoke` (without)."""

    original_message_id: Id
    message: object = None


class Status(_Shape):
    """What became of a message that we sent."""

    id: Id
    status: Name
    timestamp: MaybeName = None
    biz_opaque_callback_data: MaybeName = None
    errors: Items = []


class ErrorData(_Shape):
    """The part of an error that explains it."""

    details: MaybeName = None


class ErrorReport(_Shape):
    """An error, in a webhook or in the answer to a request."""

    code: MaybeNumber = None
    error_subcode: MaybeNumber = None
    is_transient: MaybeTrue = None
    title: MaybeName = None
    message: MaybeName = None
    error_data: Annotated[ErrorData | None, _IF_RIGHT] = None

    @property
    def detail(self) -> str | None:
        """The most exact words that WhatsApp gave."""
        details = self.error_data.details if self.error_data else None
        return details or self.message or self.title


class AcceptedMessage(_Shape):
    """A message that WhatsApp has taken over."""

    id: Name


class Accepted(_Shape):
    """The answer to a message that was sent."""

    messages: Annotated[list[AcceptedMessage], Field(min_length=1)]


class Refused(_Shape):
    """The answer to a request that was refused."""

    error: object

"""Personal text: plain inside the program, sealed wherever it is stored.

A model is dumped and validated with a `Seal` as pydantic's context when it goes to or comes from the store;
without one it stays plain. So no code between the two can forget to seal, and the rules know no cipher.
"""

from typing import Annotated, Protocol

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, SerializationInfo, ValidationInfo


class Seal(Protocol):
    """The citizen's own key at work: what it seals only it opens."""

    def seal(self, plain: str) -> str:
        """A text that only `open` can read."""
        ...

    def open(self, sealed: str) -> str:
        """The text that was sealed."""
        ...


def _store(value: str | None, info: SerializationInfo) -> str | None:
    seal: Seal | None = info.context
    return value if seal is None or value is None else seal.seal(value)


def _load(value: object, info: ValidationInfo) -> object:
    seal: Seal | None = info.context
    return seal.open(value) if seal is not None and isinstance(value, str) else value


Personal = Annotated[str, BeforeValidator(_load), PlainSerializer(_store)]
"""Names, NIK, phone numbers, messages, descriptions, notes, answers."""


class Identifier(BaseModel):
    """A 'nik' or a 'phone' by which staff may look for a complaint.

    The record keeps it sealed. The keyed hash that finds it stands beside it, made anew with every write, so that it
    follows the office's key when that is replaced, and goes when the person is erased.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: str
    value: Personal

"""What may be tried with a complaint: the acts of staff, of the complainant, and of time."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from aduan.procedure.complaint import Alarm
from aduan.procedure.definition import ActName
from aduan.procedure.personal import Identifier
from aduan.procedure.roles import Actor


class Act(BaseModel):
    """Something that somebody wants done."""

    model_config = ConfigDict(frozen=True)


class StaffAct(Act):
    """An act of the portal, with the fields that its form has.

    Which of them an act must have was asked before. `version` is the complaint's as the person saw it, `messages` how
    many of the citizen's had come then; None: all.
    """

    name: ActName
    actor: Actor
    version: int | None = None
    messages: int | None = None
    note: str | None = None
    answer: str | None = None
    question: str | None = None
    category: str | None = None
    description: str | None = None


class Draft(Act):
    """The complainant wrote, and has no open complaint: what the conversation has made of it so far."""

    form: Mapping[str, str]
    asking: str | None
    identifiers: tuple[Identifier, ...] = ()


class Submit(Act):
    """The complaint is complete in the set format, and the complainant wants it submitted."""

    form: Mapping[str, str]
    identifiers: tuple[Identifier, ...] = ()


class Discard(Act):
    """The complainant gave the draft up."""


class AddMessage(Act):
    """A further message of the complainant's, written at `at` (None: now)."""

    at: datetime | None = None


class Delivered(Act):
    """WhatsApp reports an answer delivered, or read, at `at`. `text_sha256` says which answer."""

    at: datetime
    text_sha256: str


class SendFailed(Act):
    """WhatsApp will not take the answer, for this reason."""

    text_sha256: str
    sending: int
    reason: str


class Erase(Act):
    """What is personal goes. `asked`: the citizen wants it; otherwise only what is past its term, and no more."""

    asked: bool = False


class Check(Act):
    """An alarm rang. It decides nothing: what is due is read off the complaint. None: the sweep looks."""

    alarm: Alarm | None = None

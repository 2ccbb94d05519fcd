"""A citizen at the guided conversation, turn by turn, with what every turn must keep to."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aduan
from aduan.procedure.acts import Discard, Draft, Submit
from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import read
from aduan.service import limits
from aduan.service.channel import (
    Address,
    Buttons,
    Choices,
    InboundMessage,
    Media,
    MessageKind,
    OutboundMessage,
    Template,
    Text,
)
from aduan.service.conversation import Conversation, Turn
from aduan.service.wording import Words

OFFICE = Path(aduan.__file__).parent / "offices" / "bantul"
PROCEDURE = read(OFFICE / "procedure.toml", Procedure)
WORDS = read(OFFICE / "messages.toml", Words)
CONVERSATION = Conversation(PROCEDURE, WORDS)
SITI = Address(phone="+6281234567890")
NINE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

_WITH_A_FILE = (MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.AUDIO)
_NUMBERS = itertools.count(1)


def message(
    text: str | None = None, kind: MessageKind = MessageKind.TEXT, reply_id: str | None = None,
    form: dict[str, str] | None = None,
) -> InboundMessage:  # fmt: skip
    """One message of Siti's."""
    media = Media("1") if kind in _WITH_A_FILE else None
    return InboundMessage(
        f"wamid.{next(_NUMBERS)}", NINE, SITI, kind, "{}", text=text, reply_id=reply_id, form=form, media=media
    )


@dataclass
class Talk:
    """A draft as it grows. Each turn is held to what all must keep: see `expect_polite`."""

    form: Mapping[str, str] = field(default_factory=dict)
    asking: str | None = None
    last: Turn | None = None

    def say(self, *texts: str) -> "Talk":
        """Write these, one after the other, each after the reply to the one before."""
        for text in texts:
            self.take(message(text))
        return self

    def tap(self, *ids: str) -> "Talk":
        """Tap these."""
        for reply_id in ids:
            self.take(message("(judul tombol)", MessageKind.REPLY, reply_id))
        return self

    def send(self, kind: MessageKind, text: str | None = None) -> "Talk":
        """Send something that is no text."""
        return self.take(message(text, kind))

    def take(self, inbound: InboundMessage) -> "Talk":
        """One turn."""
        turn = CONVERSATION.take(self.form, self.asking, inbound)
        expect_polite(turn)
        if isinstance(turn.act, Draft):
            self.form, self.asking = turn.act.form, turn.act.asking
        elif isinstance(turn.act, Submit):
            self.form, self.asking = turn.act.form, None
        self.last = turn
        return self

    @property
    def turn(self) -> Turn:
        if self.last is None:
            raise LookupError("nothing was said yet")
        return self.last

    @property
    def reply(self) -> str:
        """The words of the reply."""
        return body_of(self.turn.reply)

    @property
    def submitted(self) -> bool:
        return isinstance(self.turn.act, Submit)

    @property
    def discarded(self) -> bool:
        return isinstance(self.turn.act, Discard)


def body_of(reply: OutboundMessage | None) -> str:
    """What is read on the phone, without what can be tapped."""
    match reply:
        case None:
            return ""
        case Template():
            raise AssertionError("the conversation sends no template")
        case _:
            return reply.body


def expect_polite(turn: Turn) -> None:
    """One reply that WhatsApp takes (none where the number is told instead), and no question whose answer is known."""
    if isinstance(turn.act, Submit):
        assert turn.reply is None
        assert not PROCEDURE.form.missing(turn.act.form)
        return
    assert turn.reply is not None
    expect_deliverable(turn.reply)
    if isinstance(turn.act, Draft) and turn.prompt.startswith("ask:"):
        assert turn.act.asking is not None
        assert turn.act.asking not in turn.act.form


def expect_deliverable(reply: OutboundMessage) -> None:
    """The lengths of whatsapp-facts: 4,096 for a text or a list, 1,024 with buttons, and the titles'."""
    body = body_of(reply)
    assert body.strip()
    match reply:
        case Text():
            assert len(body) <= limits.TEXT
        case Buttons(options=options):
            assert len(body) <= limits.BUTTON_BODY
            assert 1 <= len(options) <= limits.BUTTONS
            assert all(len(option.title) <= limits.BUTTON_TITLE for option in options)
        case Choices(label=label, options=options):
            assert len(body) <= limits.LIST_BODY
            assert len(label) <= limits.LIST_LABEL
            assert 1 <= len(options) <= limits.LIST_ROWS
            assert all(len(o.title) <= limits.ROW_TITLE and len(o.id) <= limits.ROW_ID for o in options)

"""The talk by which a draft becomes a complaint: pure, one turn at a time, one merged reply a turn.

IKMT-PIAK-01-06, step 1: the complaint in the set format. Whoever sends it all at once is done with one message; whoever
does not is asked, one field after the other. Nothing that was written once is asked for again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aduan.procedure.acts import Discard, Draft, Submit
from aduan.procedure.definition import Procedure
from aduan.procedure.form import Check, FormField
from aduan.service import limits
from aduan.service.channel import Buttons, Choices, InboundMessage, MessageKind, Option, OutboundMessage, Text
from aduan.service.masking import masked
from aduan.service.wording import Words

CONFIRM = "confirm"
_YES = frozenset({"ya", "iya", "y", "kirim", "benar", "betul", "sudah", "sudah benar", "ok", "oke"})
_NO = frozenset({"ubah", "tidak", "belum", "salah"})
_CANCEL = frozenset({"batal", "batalkan"})
_A_STORY = 20  # characters from which a first free message is taken as the complaint itself
_READ_AS_TEXT = frozenset({MessageKind.TEXT, MessageKind.REPLY})
_MEDIA = frozenset(
    {MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.AUDIO, MessageKind.LOCATION}
)


@dataclass(frozen=True)
class Turn:
    """What a message makes of a draft, and the reply. `prompt` names the reply, so that a repeat is recognised."""

    act: Draft | Submit | Discard
    reply: OutboundMessage | None
    prompt: str


@dataclass
class _Talk:
    """One turn in the making."""

    form: dict[str, str]
    asking: str | None
    wrong: FormField | None = None
    preface: str = ""


@dataclass(frozen=True)
class Conversation:
    """The office's way of asking."""

    procedure: Procedure
    words: Words

    def take(self, form: Mapping[str, str], asking: str | None, message: InboundMessage) -> Turn:
        """The next turn of a draft that stands at `form` and `asking` (None: nothing was asked yet)."""
        talk = _Talk(dict(form), asking)
        text = (message.text or "").strip()
        reply_id = message.reply_id or ""
        labelled = message.form or self.procedure.form.read(text)
        if asking is None:
            talk.preface = self.words.conversation.greeting.format(office=self.procedure.office)
        if labelled:
            return self._take_labelled(talk, labelled)
        if reply_id == f"{CONFIRM}:cancel" or text.casefold() in _CANCEL:
            return Turn(Discard(), Text(self.words.conversation.cancelled), "cancelled")
        if asking == CONFIRM and self._confirms(reply_id, text):
            return Turn(Submit(form=talk.form), None, "submitted")
        self._take_answer(talk, message, text, reply_id)
        return self._ask(talk, message)

    def _take_labelled(self, talk: _Talk, labelled: Mapping[str, str]) -> Turn:
        """The set format: a whole one needs no confirmation, for the citizen has just written it out."""
        for key, written in labelled.items():
            if any(field.key == key for field in self.procedure.form.fields):
                self._fill(talk, key, written)
        if talk.wrong is None and not self.procedure.form.missing(talk.form):
            return Turn(Submit(form=talk.form), None, "submitted")
        return self._ask(talk, None)

    def _confirms(self, reply_id: str, text: str) -> bool:
        return reply_id == f"{CONFIRM}:send" or (not reply_id and text.casefold().strip(" .!") in _YES)

    def _take_answer(self, talk: _Talk, message: InboundMessage, text: str, reply_id: str) -> None:
        kind, _, chosen = reply_id.partition(":")
        if kind == "service":
            self._fill(talk, self._service_key(), chosen)
        elif kind == "edit" and chosen in {field.key for field in self.procedure.form.fields}:
            talk.form.pop(chosen, None)
        elif talk.asking == CONFIRM:
            wants_change = reply_id == f"{CONFIRM}:edit" or text.casefold() in _NO
            talk.asking = "edit" if wants_change else CONFIRM
        elif not text:
            talk.preface = self._preface_without_text(talk, message)
        elif talk.asking in {field.key for field in self.procedure.form.fields}:
            self._fill(talk, talk.asking or "", text)
        elif message.kind is MessageKind.TEXT and len(text) >= _A_STORY:
            self._keep_story(talk, text)

    def _preface_without_text(self, talk: _Talk, message: InboundMessage) -> str:
        words = self.words.conversation
        said = words.media_kept if message.kind in _MEDIA else words.unreadable
        return f"{talk.preface}\n\n{said}".strip()

    def _keep_story(self, talk: _Talk, text: str) -> None:
        """A first message that tells the complaint is not asked for again; a service that it names neither."""
        for field in self.procedure.form.fields:
            if field.check in (Check.TEXT, Check.SERVICE) and field.key not in talk.form:
                value = self.procedure.form.accept(field.key, text, self.procedure.services)
                if value is not None:
                    talk.form[field.key] = value

    def _service_key(self) -> str:
        return next(field.key for field in self.procedure.form.fields if field.check is Check.SERVICE)

    def _fill(self, talk: _Talk, key: str, written: str) -> None:
        value = self.procedure.form.accept(key, written, self.procedure.services)
        if value is None:
            talk.wrong = talk.wrong or self.procedure.form.field(key)
        else:
            talk.form[key] = value

    # The reply

    def _ask(self, talk: _Talk, message: InboundMessage | None) -> Turn:
        words = self.words.conversation
        silent = message is not None and message.kind not in _READ_AS_TEXT and message.kind not in _MEDIA
        if talk.asking == "edit":
            return self._turn(talk, "edit", self._choose_field(), "edit")
        missing = self.procedure.form.missing(talk.form)
        field = talk.wrong or (missing[0] if missing else None)
        if field is None:
            return self._turn(talk, CONFIRM, self._confirmation(talk.form), CONFIRM)
        said = field.correction if field is talk.wrong else field.question
        body = f"{talk.preface}\n\n{said}".strip()
        prompt = f"{'wrong' if field is talk.wrong else 'ask'}:{field.key}:{'odd' if silent else ''}"
        if field.check is Check.SERVICE:
            return self._turn(talk, field.key, Choices(body, words.choose_service, self._services()), prompt)
        return self._turn(talk, field.key, Text(body), prompt)

    def _turn(self, talk: _Talk, asking: str, reply: OutboundMessage, prompt: str) -> Turn:
        return Turn(Draft(form=talk.form, asking=asking), reply, prompt)

    def _services(self) -> tuple[Option, ...]:
        return tuple(Option(f"service:{service.code}", service.name) for service in self.procedure.services)

    def _choose_field(self) -> Choices:
        words = self.words.conversation
        options = tuple(Option(f"edit:{field.key}", field.label) for field in self.procedure.form.fields)
        return Choices(words.choose_field, words.choose_field_label, options)

    def _confirmation(self, form: Mapping[str, str]) -> Buttons:
        """The summary is cut, not the complaint: a button message holds 1,024 characters."""
        words = self.words.conversation
        room = limits.BUTTON_BODY - len(words.confirm)
        summary = limits.shortened(self.summary(form), room)
        options = (
            Option(f"{CONFIRM}:send", words.confirm_send),
            Option(f"{CONFIRM}:edit", words.confirm_edit),
            Option(f"{CONFIRM}:cancel", words.confirm_cancel),
        )
        return Buttons(words.confirm.format(summary=summary), options)

    def summary(self, form: Mapping[str, str]) -> str:
        """What the draft holds, line by line, the NIK masked: it may be read over a shoulder."""
        lines = []
        for field in self.procedure.form.fields:
            value = form.get(field.key, "")
            if field.check is Check.SERVICE and (service := self.procedure.service(value)):
                value = service.name
            lines.append(f"*{field.label}:* {masked(value) if field.check is Check.NIK else value}")
        return "\n".join(lines)

    def missing(self, form: Mapping[str, str]) -> Sequence[FormField]:
        return self.procedure.form.missing(form)

    def question_for(self, field: FormField, body: str) -> OutboundMessage:
        """The question of a field, as a list where it is chosen from one."""
        if field.check is Check.SERVICE:
            return Choices(body, self.words.conversation.choose_service, self._services())
        return Text(body)

    def blank_format(self) -> str:
        """The set format with nothing filled in, for copying."""
        return "\n".join(f"{field.label}: " for field in self.procedure.form.fields)

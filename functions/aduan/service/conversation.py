"""The talk by which a draft becomes a complaint: pure, one turn at a time, one merged reply a turn.

IKMT-PIAK-01-06, step 1: the complaint in the set format. Whoever sends it all at once is done with one message; whoever
does not is asked, one field after the other. Nothing that was written once is asked for again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aduan.procedure.acts import Discard, Draft, Submit
from aduan.procedure.definition import Procedure
from aduan.procedure.form import DESCRIPTION, SERVICE, Check, FormField
from aduan.service import limits
from aduan.service.channel import Buttons, Choices, InboundMessage, MessageKind, Option, OutboundMessage, Text
from aduan.service.free_text import (
    cancels,
    is_greeting,
    mentions,
    name_within,
    nik_within,
    says_no,
    says_yes,
    substance,
)
from aduan.service.masking import masked
from aduan.service.wording import Words, term_in_words

CONFIRM = "confirm"
SUBMITTED = "submitted"
_EDIT = "edit"
_SERVICE = "service"
_A_STORY = 20  # characters from which free text is taken as the complaint itself
_WORDS_OF_A_NAME = 7  # more than these are a sentence
_WORDS_OF_AN_ANSWER = 5

_SPOKEN = frozenset(
    {MessageKind.TEXT, MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.UNREADABLE}
)
"""Whose text is the citizen's own words: what was typed, and captions. A place's or a card's text is not."""

_READ = frozenset({MessageKind.TEXT, MessageKind.REPLY, MessageKind.FORM})
_ATTACHED = frozenset(
    {
        MessageKind.IMAGE, MessageKind.VIDEO, MessageKind.DOCUMENT, MessageKind.AUDIO, MessageKind.LOCATION,
        MessageKind.CONTACTS,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """What a message makes of a draft, and the reply. `prompt` names the reply, so that a repeat is recognised."""

    act: Draft | Submit | Discard
    reply: OutboundMessage | None
    prompt: str


@dataclass
class _Talk:
    """One turn in the making. `seen` says of what kind the message was, for the reply's name."""

    form: dict[str, str]
    asking: str | None
    seen: str
    wrong: FormField | None = None
    preface: str = ""


@dataclass(frozen=True)
class Conversation:
    """The office's way of asking."""

    procedure: Procedure
    words: Words

    def take(self, form: Mapping[str, str], asking: str | None, message: InboundMessage) -> Turn:
        """The next turn of a draft that stands at `form` and `asking` (None: nothing was asked yet)."""
        said = (message.text or "").strip() if message.kind in _SPOKEN else ""
        tapped = message.reply_id or ""
        talk = self._begun(form, asking, message, said)
        if labelled := message.form or self.procedure.form.read(said):
            return self._take_labelled(talk, labelled, said)
        if tapped == f"{CONFIRM}:cancel" or cancels(said):
            return Turn(Discard(), Text(self.words.conversation.cancelled), "cancelled")
        if self._confirms(talk, tapped, said):
            return Turn(Submit(form=talk.form), None, SUBMITTED)
        if tapped:
            self._take_tap(talk, tapped)
        elif said:
            self._take_words(talk, said)
        return self._ask(talk)

    def is_tap(self, message: InboundMessage) -> bool:
        """Whether a message is nothing but a tap on one of the conversation's own buttons or rows."""
        return (message.reply_id or "").partition(":")[0] in {CONFIRM, _EDIT, _SERVICE}

    def unreadable(self, message: InboundMessage) -> Text | None:
        """What is answered to a message of which nothing can be read; None for every other."""
        odd = message.kind in (MessageKind.UNREADABLE, MessageKind.ORDER) and not message.text
        return Text(self.words.conversation.unreadable) if odd else None

    def _begun(self, form: Mapping[str, str], asking: str | None, message: InboundMessage, said: str) -> _Talk:
        words, parts = self.words.conversation, []
        seen = "" if message.kind in _READ else "attached" if message.kind in _ATTACHED else "odd"
        if asking is None:
            parts.append(words.greeting.format(office=self.procedure.office, kept=self.kept()))
        if seen == "attached":
            parts.append(words.media_kept)
        elif seen or (message.kind is MessageKind.TEXT and not said):
            parts.append(words.unreadable)
        return _Talk(dict(form), asking, seen, preface="\n\n".join(parts))

    # What was said

    def _take_labelled(self, talk: _Talk, labelled: Mapping[str, str], said: str) -> Turn:
        """The set format: a whole one needs no confirmation, for the citizen has just written it out."""
        fields = self.procedure.form.fields
        for field in fields:
            if written := labelled.get(field.key, "").strip():
                self._fill(talk, field, written)
        if talk.wrong is None and all(labelled.get(field.key) for field in fields):
            return Turn(Submit(form=talk.form), None, SUBMITTED)
        self._find_nik(talk, said)
        self._find_service(talk, " ".join(labelled.values()))
        return self._ask(talk)

    def _confirms(self, talk: _Talk, tapped: str, said: str) -> bool:
        if self.procedure.form.missing(talk.form):
            return False
        return tapped == f"{CONFIRM}:send" or (talk.asking == CONFIRM and says_yes(said))

    def _take_tap(self, talk: _Talk, tapped: str) -> None:
        """A button says the same however late it is tapped, and whatever is being asked by then."""
        kind, _, chosen = tapped.partition(":")
        if kind == _SERVICE:
            self._fill(talk, self.procedure.form.field(SERVICE), chosen)
        elif kind == _EDIT:
            talk.form.pop(chosen, None)
        elif tapped == f"{CONFIRM}:edit" and not self.procedure.form.missing(talk.form):
            talk.asking = _EDIT

    def _take_words(self, talk: _Talk, said: str) -> None:
        asked = next((field for field in self.procedure.form.fields if field.key == talk.asking), None)
        if talk.asking in (CONFIRM, _EDIT):
            self._take_change(talk, said)
        elif asked is None:
            self._keep_story(talk, said)
        elif not is_greeting(said) and not (asked.check is Check.NAME and says_yes(said)):
            self._take_answer(talk, asked, said)
        self._find_nik(talk, said)

    def _take_change(self, talk: _Talk, said: str) -> None:
        """At the confirmation: a corrected NIK, the part that is to be changed, or just that something is wrong."""
        nik, corrected = self._nik(), nik_within(said)
        named = [field for field in self.procedure.form.fields if mentions(said, _called(field))]
        if nik is not None and corrected:
            self._fill(talk, nik, corrected)
        elif len(named) == 1 and (talk.asking == _EDIT or says_no(said)):
            talk.form.pop(named[0].key, None)
        elif says_no(said):
            talk.asking = _EDIT
        elif says_yes(said):
            talk.asking = CONFIRM

    def _take_answer(self, talk: _Talk, field: FormField, said: str) -> None:
        """An answer that is no answer but tells the complaint is kept for that, and the question stays."""
        if field.check is not Check.TEXT and self._is_story(field, said) and self._keep_story(talk, said):
            return
        self._fill(talk, field, said)

    def _is_story(self, field: FormField, said: str) -> bool:
        most = _WORDS_OF_A_NAME if field.check is Check.NAME else _WORDS_OF_AN_ANSWER
        return len(said.split()) > most and not nik_within(said)

    def _keep_story(self, talk: _Talk, said: str) -> bool:
        """Text that tells the complaint is not asked for again; a service that it names neither."""
        story = self.procedure.form.field(DESCRIPTION)
        self._find_service(talk, said)
        if story.key in talk.form or len(substance(said)) < _A_STORY:
            return False
        self._fill(talk, story, said)
        return story.key in talk.form

    def _find_service(self, talk: _Talk, text: str) -> None:
        field = self.procedure.form.field(SERVICE)
        named = self.procedure.form.accept(field.key, text, self.procedure.services)
        if named is not None:
            talk.form.setdefault(field.key, named)
            talk.wrong = None if talk.wrong is field else talk.wrong

    def _find_nik(self, talk: _Talk, text: str) -> None:
        field, found = self._nik(), nik_within(text)
        if field is not None and found is not None and field.key not in talk.form:
            talk.form[field.key] = found
            talk.wrong = None if talk.wrong is field else talk.wrong

    def _nik(self) -> FormField | None:
        """The field of the NIK; not every office asks for one."""
        return next((field for field in self.procedure.form.fields if field.check is Check.NIK), None)

    def _fill(self, talk: _Talk, field: FormField, written: str) -> None:
        value = self.procedure.form.accept(field.key, _as_meant(field, written), self.procedure.services)
        if value is None:
            talk.wrong = talk.wrong or field
        else:
            talk.form[field.key] = value
            talk.asking = None

    # The reply

    def _ask(self, talk: _Talk) -> Turn:
        if talk.asking == _EDIT and not self.procedure.form.missing(talk.form):
            return self._turn(talk, _EDIT, self._choose_field(), _EDIT)
        field = talk.wrong or next(iter(self.procedure.form.missing(talk.form)), None)
        if field is None:
            return self._turn(talk, CONFIRM, self.confirmation(talk.form, talk.preface), CONFIRM)
        said = field.correction if field is talk.wrong else field.question
        reply = self.question_for(field, f"{talk.preface}\n\n{said}".strip())
        return self._turn(talk, field.key, reply, f"{'wrong' if field is talk.wrong else 'ask'}:{field.key}")

    def _turn(self, talk: _Talk, asking: str, reply: OutboundMessage, prompt: str) -> Turn:
        return Turn(Draft(form=talk.form, asking=asking), reply, f"{prompt}:{talk.seen}")

    def _services(self) -> tuple[Option, ...]:
        return tuple(Option(f"{_SERVICE}:{service.code}", service.name) for service in self.procedure.services)

    def _choose_field(self) -> Choices:
        words = self.words.conversation
        options = tuple(Option(f"{_EDIT}:{field.key}", field.label) for field in self.procedure.form.fields)
        return Choices(words.choose_field, words.choose_field_label, options)

    def confirmation(self, form: Mapping[str, str], preface: str = "") -> Buttons:
        """The whole draft to be looked over. The summary is cut, not the complaint: WhatsApp takes 1,024 characters."""
        words = self.words.conversation
        frame = f"{preface}\n\n{words.confirm}".strip()
        summary = limits.shortened(self.summary(form), limits.BUTTON_BODY - len(frame))
        options = (
            Option(f"{CONFIRM}:send", words.confirm_send),
            Option(f"{CONFIRM}:edit", words.confirm_edit),
            Option(f"{CONFIRM}:cancel", words.confirm_cancel),
        )
        body = words.confirm.format(summary=summary)
        return Buttons(f"{preface}\n\n{body}".strip(), options)

    def summary(self, form: Mapping[str, str]) -> str:
        """What the draft holds, line by line, the NIK masked: it may be read over a shoulder."""
        lines = []
        for field in self.procedure.form.fields:
            value = self.procedure.worded(field, form.get(field.key, ""))
            lines.append(f"*{field.label}:* {masked(value) if field.check is Check.NIK else value}")
        return "\n".join(lines)

    def missing(self, form: Mapping[str, str]) -> Sequence[FormField]:
        return self.procedure.form.missing(form)

    def question_for(self, field: FormField, body: str) -> OutboundMessage:
        """The question of a field, as a list where it is chosen from one."""
        if field.check is Check.SERVICE:
            return Choices(body, self.words.conversation.choose_service, self._services())
        return Text(body)

    def kept(self) -> str:
        """What is kept of a citizen, and for how long, by the office's own terms (UU 27/2022, pasal 21)."""
        terms = self.procedure.terms
        return self.words.conversation.kept.format(
            messages=term_in_words(terms.messages), complaints=term_in_words(terms.complaints)
        )

    def blank_format(self) -> str:
        """The set format with nothing filled in, for copying."""
        return "\n".join(f"{field.label}: " for field in self.procedure.form.fields)


def _as_meant(field: FormField, written: str) -> str:
    """A text as its field takes it: the name or NIK out of a sentence, and a story cut to what is kept in the form."""
    if field.check is Check.NAME:
        return name_within(written)
    if field.check is Check.NIK:
        return nik_within(written) or written
    if field.key == DESCRIPTION:
        return limits.shortened(written.strip(), field.most)
    return written


def _called(field: FormField) -> frozenset[str]:
    """The words by which a field may be meant. Names of several words stand in it too, and are never met by one."""
    return frozenset(name.casefold() for name in (field.key, field.label, *field.names))

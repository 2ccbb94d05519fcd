"""The acts that somebody may do now, as forms: the likeliest first, each field with its label, hint and value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aduan.portal.foreign_text import legible
from aduan.portal.names import ACTS, FIELD_HINTS, FIELD_LABELS, LIKELIEST, ActWords
from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import ActName, Procedure
from aduan.procedure.roles import Actor, Role, StaffMember
from aduan.service.fields import REQUIRED
from aduan.service.masking import masked
from aduan.service.unmasking import ACT as UNMASK

_ONE_TAP = frozenset({ActName.RECEIVE, ActName.RESEND})


@dataclass(frozen=True)
class Choice:
    """One line of a list to choose from."""

    value: str
    label: str


@dataclass(frozen=True)
class FormField:
    """One field as it is shown. `id` is what an error leads to."""

    id: str
    name: str
    label: str
    hint: str
    value: str = ""
    error: str | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class ActForm:
    """One act on offer."""

    name: str
    verb: str
    explanation: str
    fields: tuple[FormField, ...] = ()

    @property
    def is_one_tap(self) -> bool:
        """Whether it may be done from a list: it asks for nothing, and nothing has to be read for it."""
        return self.name in _ONE_TAP


@dataclass(frozen=True)
class Attempt:
    """An act that was tried and refused: what was typed, and what is wrong with it."""

    act: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """What was typed into a field, where anything was."""
        value = self.typed.get(name)
        return value if isinstance(value, str) and value.strip() else None


NOTHING_TRIED = Attempt("")


@dataclass(frozen=True)
class FormMaker:
    """Makes the forms of one complaint's page, for one reader."""

    procedure: Procedure
    complaint: Complaint
    member: StaffMember
    attempt: Attempt = NOTHING_TRIED
    told: str = ""  # in the citizen's words, from which a draft can be registered
    unmasked: bool = False

    def forms(self, acts: Iterable[ActName]) -> tuple[ActForm, ...]:
        """The forms in order: what was just tried, else what is likeliest, first."""
        offered = sorted((act for act in acts if self._makes_sense(act)), key=self._rank)
        return tuple(self.form(act) for act in offered)

    def _rank(self, act: ActName) -> tuple[bool, bool, int]:
        urgent = act is ActName.RESEND and self.complaint.send_failed
        return act != self.attempt.act, not urgent, LIKELIEST.index(act)

    def _makes_sense(self, act: ActName) -> bool:
        """Acts that the rules permit and that would be refused for what was done already are not offered."""
        return act is not ActName.ASK_DATABASE_ADMIN or self.complaint.data_check is None

    def form(self, act: str) -> ActForm:
        """One act's form."""
        words = ACTS[act]
        names = () if act == UNMASK else REQUIRED[ActName(act)]
        fields = tuple(self._field(act, name, words) for name in names)
        return ActForm(act, self._verb(act, words), self._explanation(act, words), fields)

    def _verb(self, act: str, words: ActWords) -> str:
        if act == ActName.TAKE_OVER and self.complaint.holder is None:
            return "Pegang aduan ini"
        target = Role.DATABASE_ADMIN if act == ActName.ASK_DATABASE_ADMIN else None
        target = self._forwarded_to() if act == ActName.FORWARD else target
        return f"{words.verb} ke {self.procedure.titles[target]}" if target else words.verb

    def _explanation(self, act: str, words: ActWords) -> str:
        if act == ActName.TAKE_OVER and self.complaint.holder is None:
            return "Hanya Anda yang dapat bertindak, sampai orang lain mengambil alih."
        return words.unapproved[self.procedure.approval.when] if self._needs_approval(act, words) else words.explanation

    def _needs_approval(self, act: str, words: ActWords) -> bool:
        """Whether what the reader hands over by this act is for somebody else to approve, and that is worth a word."""
        if not words.unapproved or self.complaint.step is None:
            return False
        if act == ActName.ANSWER and self.complaint.approved is None:  # nothing to lose by changing the text
            return False
        desk = self.procedure.step(self.complaint.step).holder_role
        return not self.procedure.approval.is_given_by(Actor.of(self.member).role_at(desk))

    def _forwarded_to(self) -> Role | None:
        if self.complaint.step is None:
            return None
        step = self.procedure.step(self.complaint.step)
        for way in step.ways(ActName.FORWARD):
            step = self.procedure.coded(step.leads[way])
        return step.holder_role

    def _field(self, act: str, name: str, words: ActWords) -> FormField:
        is_note = name == "note"
        tried = act == self.attempt.act
        return FormField(
            id=f"{act}-{name}",
            name=name,
            label=words.note if is_note else FIELD_LABELS[name],
            hint=words.note_hint if is_note else FIELD_HINTS[name],
            value=self._value(name),
            error=self.attempt.errors.get(name) if tried else None,
            choices=self._services() if name == "category" else (),
        )

    def _value(self, name: str) -> str:
        """What was typed, wherever it may still be used; else what is known already."""
        typed = self.attempt.text(name)
        if typed is not None:
            return typed
        form, told = self.complaint.form, self.told
        known = {
            "category": self.complaint.category or form.get("service", ""),
            # As masked as all else on the page: whoever needs a number in it has it shown first, which is recorded.
            "description": legible(told if self.unmasked else masked(told)),
            "answer": self.complaint.answer.text if self.complaint.answer else "",
        }
        return known.get(name, "")

    def _services(self) -> tuple[Choice, ...]:
        return tuple(Choice(service.code, service.name) for service in self.procedure.services)

    def left_over(self, forms: Iterable[ActForm]) -> tuple[tuple[str, str], ...]:
        """What was typed and has no field on the page any more, with its label: nobody should write it twice."""
        shown = {shown.name for form in forms for shown in form.fields}
        labels = {"note": "Catatan", **FIELD_LABELS}
        texts = ((label, self.attempt.text(name)) for name, label in labels.items() if name not in shown)
        return tuple((label, text) for label, text in texts if text is not None)

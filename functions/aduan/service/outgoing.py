"""From the effects of an act to the rows of the outbox: who is told, in which words, under which id.

A row's id is made from what it is for, so the same act can never put two of it in the outbox.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aduan.procedure.calendar import ServiceClock
from aduan.procedure.complaint import Answer, Complaint
from aduan.procedure.definition import Procedure
from aduan.procedure.effects import AlertReason, Effect, NoticeReason, SendAnswer, TellComplainant, TellStaff
from aduan.procedure.roles import Roster, StaffMember, reachable
from aduan.procedure.workflow import Transition
from aduan.service import limits
from aduan.service.channel import OutboundMessage, Template, Text
from aduan.service.conversation import Conversation
from aduan.service.model import OUTBOUND, OutboxRow, RowKind
from aduan.service.ports import DueAlarm, Store
from aduan.service.wording import Words

SWEEP_AFTER = timedelta(minutes=1)
"""A row that its task has not taken up by then is the sweep's to find."""


def row_id(kind: RowKind, *what: object) -> str:
    """A stable, unguessable-enough id whose first letter tells the row's kind."""
    told = "\n".join(str(part) for part in what)
    return f"{kind.value}-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class Outgoing:
    """The office's words at the door."""

    procedure: Procedure
    words: Words
    conversation: Conversation
    staff_url: str
    clock: ServiceClock

    def to_citizen(
        self,
        what: Sequence[object],
        citizen: str,
        complaint: str | None,
        message: OutboundMessage,
        now: datetime,
    ) -> OutboxRow:
        """A reply of the conversation."""
        return OutboxRow(
            id=row_id(RowKind.NOTICE, *what), kind=RowKind.NOTICE, complaint=complaint, to_citizen=citizen,
            message=_json(message), created_at=now, next_at=now + SWEEP_AFTER,
            expire_at=self._kept(now),
        )  # fmt: skip

    def _kept(self, now: datetime) -> datetime:
        return now + self.clock.days(self.procedure.terms.outbox)

    def again(self, what: Sequence[object], complaint: Complaint, answer: Answer, now: datetime) -> OutboxRow:
        """The answer once more, to whoever tapped the template that announced it."""
        return OutboxRow(
            id=row_id(RowKind.ANSWER, *what), kind=RowKind.ANSWER, complaint=complaint.id,
            to_citizen=complaint.citizen, message=_json(self.answer_text(complaint, answer.text)),
            text_sha256=answer.sha256, sending=complaint.sending, created_at=now, next_at=now + SWEEP_AFTER,
            expire_at=self._kept(now),
        )  # fmt: skip

    def rows(
        self, transition: Transition, store: Store, members: Iterable[StaffMember], now: datetime
    ) -> list[OutboxRow]:
        """The rows for everything that a transition asks for. `members` need be given only if it tells staff."""
        roster = Roster(members)
        rows: list[OutboxRow] = []
        for index, effect in enumerate(transition.effects):
            what = (transition.complaint.id, transition.complaint.seq, index)
            rows += self._of(effect, transition.complaint, roster, store, what, now)
        return rows

    def _of(
        self,
        effect: Effect,
        complaint: Complaint,
        roster: Roster,
        store: Store,
        what: Sequence[object],
        now: datetime,
    ) -> list[OutboxRow]:
        if isinstance(effect, SendAnswer):
            return [self._answer(effect, complaint, what, now)]
        if isinstance(effect, TellComplainant):
            return [self._notice(effect, complaint, what, now)]
        if isinstance(effect, TellStaff) and effect.reason is AlertReason.STILL_STANDING:
            return self._daily_lists(effect, complaint, roster, store, now)
        if isinstance(effect, TellStaff):
            return self._alerts(effect, complaint, roster, what, now)
        raise TypeError(f"an effect without a way out: {type(effect).__name__}")

    def _answer(self, effect: SendAnswer, complaint: Complaint, what: Sequence[object], now: datetime) -> OutboxRow:
        return OutboxRow(
            id=row_id(RowKind.ANSWER, *what), kind=RowKind.ANSWER, complaint=complaint.id,
            to_citizen=complaint.citizen, message=_json(self.answer_text(complaint, effect.text)),
            fallback=_json(self._opener(self.words.templates.answer, "answer", complaint)),
            text_sha256=effect.text_sha256, sending=effect.sending, created_at=now, next_at=now + SWEEP_AFTER,
            expire_at=self._kept(now),
        )  # fmt: skip

    def answer_text(self, complaint: Complaint, text: str) -> Text:
        return self.words.framed(self.words.notices.answer, complaint.number or "", text)

    def question_text(self, complaint: Complaint, text: str) -> Text:
        return self.words.framed(self.words.notices.question, complaint.number or "", text)

    def _opener(self, template: str, kind: str, complaint: Complaint) -> Template:
        """A template whose button, when tapped, opens the window for the full text."""
        return Template(template, (complaint.number or "",), payloads=(f"{kind}:{complaint.id}",))

    def _notice(
        self, effect: TellComplainant, complaint: Complaint, what: Sequence[object], now: datetime
    ) -> OutboxRow:
        message, fallback = self._notice_texts(effect, complaint)
        row = self.to_citizen(what, complaint.citizen, complaint.id, message, now)
        return row.model_copy(update={"fallback": _json(fallback) if fallback else None})

    def _notice_texts(self, effect: TellComplainant, complaint: Complaint) -> tuple[OutboundMessage, Template | None]:
        notices, number = self.words.notices, complaint.number or ""
        if effect.reason is NoticeReason.QUESTION:
            opener = self._opener(self.words.templates.question, "question", complaint)
            return self.question_text(complaint, effect.text or ""), opener
        if effect.reason is NoticeReason.INCOMPLETE:
            return self.reminder(complaint)
        if effect.reason is NoticeReason.CORRECTION_FOLLOWS:
            return Text(notices.correction_follows.format(number=number)), None
        return Text(notices.registered.format(number=number)), None

    def reminder(self, complaint: Complaint) -> tuple[OutboundMessage, Template]:
        """What is missing, and the open question again; outside the window only what is missing."""
        fields = self.conversation.missing(complaint.form)
        missing = ", ".join(field.label for field in fields) or self.words.conversation.confirmation
        template = Template(self.words.templates.reminder, (limits.template_parameter(missing),), ("continue",))
        incomplete = self.words.notices.incomplete
        if not fields:
            preface = incomplete.format(missing=missing, question="").strip()
            return self.conversation.confirmation(complaint.form, preface), template
        asked = next((field for field in fields if field.key == complaint.asking), fields[0])
        body = incomplete.format(missing=missing, question=asked.question)
        return self.conversation.question_for(asked, body), template

    def _alerts(
        self, effect: TellStaff, complaint: Complaint, roster: Roster, what: Sequence[object], now: datetime
    ) -> list[OutboxRow]:
        step = self.procedure.step(effect.step) if effect.step else None
        link = f"{self.staff_url}/aduan/{complaint.number or f'D-{complaint.id}'}"
        message = self.words.alert(effect.reason, complaint.number or f"D-{complaint.id}", step, link)
        told = roster.among(reachable(effect.roles, roster.vacant(complaint.unit)), complaint.unit)
        return [self._to_staff(member, complaint.id, message, (*what, member.email), now) for member in told]

    def _daily_lists(
        self, effect: TellStaff, complaint: Complaint, roster: Roster, store: Store, now: datetime
    ) -> list[OutboxRow]:
        """One list a day and person, made by the first complaint that is due; the others find it made."""
        standing: Sequence[DueAlarm] | None = None
        rows = []
        for member in roster.among(reachable(effect.roles, roster.vacant(complaint.unit)), complaint.unit):
            what = ("daily", now.astimezone(self.clock.calendar.timezone).date(), member.email)
            if store.row(row_id(RowKind.ALERT, *what)) is not None:
                continue
            standing = store.daily_due(now) if standing is None else standing
            mine = {complaint.number or complaint.id} | {c.number or c.id for c in standing if member.serves(c.unit)}
            message = self.words.daily_list(sorted(mine), f"{self.staff_url}/aduan?late=1")
            rows.append(self._to_staff(member, None, message, what, now))
        return rows

    def _to_staff(
        self,
        member: StaffMember,
        complaint: str | None,
        message: Template,
        what: Sequence[object],
        now: datetime,
    ) -> OutboxRow:
        return OutboxRow(
            id=row_id(RowKind.ALERT, *what), kind=RowKind.ALERT, complaint=complaint, to_staff=member.email,
            message=_json(message), created_at=now, next_at=now + SWEEP_AFTER,
            expire_at=self._kept(now),
        )  # fmt: skip


def _json(message: OutboundMessage) -> str:
    return OUTBOUND.dump_json(message).decode()

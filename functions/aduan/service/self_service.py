"""What a citizen can ask for by a word or a tap: where it stands, another complaint, help, a waiting text."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from aduan.procedure.complaint import Complaint, Status
from aduan.service import limits
from aduan.service.channel import InboundMessage, MessageKind, OutboundMessage, Text
from aduan.service.conversation import Conversation
from aduan.service.free_text import plainly
from aduan.service.model import Citizen, OutboxRow
from aduan.service.outgoing import Outgoing
from aduan.service.ports import Clock, Loaded, Store
from aduan.service.wording import Words, local_time


class Command(StrEnum):
    """A word or a tap that the program answers by itself."""

    STATUS = "status"
    NEW_COMPLAINT = "aduan baru"
    HELP = "bantuan"
    ACKNOWLEDGED = "acknowledged"  # the button under an alert to staff
    ANSWER = "answer"  # the button under the template that announces an answer
    QUESTION = "question"


_TAPPED = frozenset({Command.ANSWER, Command.QUESTION, Command.ACKNOWLEDGED})
_WRITTEN = {
    "status": Command.STATUS,
    "cek status": Command.STATUS,
    "status aduan": Command.STATUS,
    "aduan baru": Command.NEW_COMPLAINT,
    "bantuan": Command.HELP,
    "help": Command.HELP,
    "menu": Command.HELP,
}


@dataclass(frozen=True)
class SelfService:
    """Answers that need nobody at a desk."""

    store: Store
    conversation: Conversation
    outgoing: Outgoing
    words: Words
    clock: Clock
    timezone: ZoneInfo

    def command(self, message: InboundMessage) -> Command | None:
        """The command that a message is, if it is one."""
        tapped = (message.reply_id or "").partition(":")[0]
        if tapped in _TAPPED:
            return Command(tapped)
        if message.kind is not MessageKind.TEXT or message.reply_id:
            return None
        return _WRITTEN.get(plainly(message.text or ""))

    def reply(
        self, command: Command, message: InboundMessage, complaint: Loaded[Complaint] | None, citizen: Citizen
    ) -> OutboundMessage | OutboxRow | None:
        """What a command is answered; a tap's answer is a row of its own, for it may be the answer to the complaint."""
        if command is Command.HELP:
            blank, kept = self.conversation.blank_format(), self.conversation.kept()
            return Text(self.words.conversation.help.format(format=blank, kept=kept))
        if command is Command.STATUS:
            return Text(self._status(complaint.value if complaint else None))
        if command in (Command.ANSWER, Command.QUESTION):
            return self._waiting_text(command, message, citizen)
        return None

    def added(self, complaint: Complaint) -> Text:
        return Text(self.words.conversation.added.format(number=complaint.number))

    def _status(self, complaint: Complaint | None) -> str:
        if complaint is None:
            return self.words.conversation.nothing_open
        words, number = self.words.status, complaint.number
        if complaint.status is Status.DRAFT:
            missing = ", ".join(field.label for field in self.conversation.missing(complaint.form))
            return words.draft.format(missing=missing or self.words.conversation.confirmation)
        if number is None:  # a draft that was given up
            return self.words.conversation.nothing_open
        if complaint.wait is not None:
            whole = words.waiting.format(number=number, question=complaint.wait.question)
            return whole if len(whole) <= limits.TEXT else complaint.wait.question
        if complaint.step is None or complaint.due_at is None or complaint.status is not Status.OPEN:
            closed = complaint.status is Status.CLOSED
            return (words.closed if closed else words.answered).format(number=number)
        step = self.conversation.procedure.step(complaint.step)
        return words.open.format(number=number, step=step.name, due=local_time(complaint.due_at, self.timezone))

    def _waiting_text(self, command: Command, message: InboundMessage, citizen: Citizen) -> OutboxRow | None:
        """The full text behind a template's button. Only for the person whose complaint it is."""
        loaded = self.store.complaint((message.reply_id or "").partition(":")[2])
        if loaded is None or loaded.value.citizen != citizen.id:
            return None
        complaint, now = loaded.value, self.clock()
        answer = complaint.answer
        if command is Command.QUESTION:
            if complaint.wait is None:
                return None
            text = self.outgoing.question_text(complaint, complaint.wait.question)
            return self.outgoing.to_citizen((message.wamid,), citizen.id, complaint.id, text, now)
        if answer is None or complaint.answered_at is None:
            return None
        return self.outgoing.again((message.wamid,), complaint, answer, now)

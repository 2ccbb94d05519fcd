"""A citizen's message comes in: claimed once, kept raw, and given to the complaint that it belongs to.

Everything is in one commit, which is made before WhatsApp gets its 200: the claim, the citizen, the complaint, its
events, and the reply that must leave. What cannot be saved is not confirmed, so WhatsApp sends it again.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aduan.procedure.acts import AddMessage, Draft, Submit
from aduan.procedure.complaint import Complaint, Status
from aduan.procedure.form import Check
from aduan.procedure.personal import Identifier
from aduan.procedure.terms import Terms
from aduan.service.channel import Address, InboundMessage, MessageKind, OutboundMessage
from aduan.service.conversation import SUBMITTED, Conversation
from aduan.service.fetching import file_of
from aduan.service.model import Citizen, Message, OutboxRow, message_id
from aduan.service.outgoing import Outgoing
from aduan.service.oversize import TOO_LARGE, fitting
from aduan.service.ports import AlreadyDone, Clock, Commit, Inbound, Loaded, Store
from aduan.service.retrying import until_settled
from aduan.service.self_service import Command, SelfService
from aduan.service.settling import Settling

_NO_SPEECH = frozenset({MessageKind.REACTION, MessageKind.EDIT, MessageKind.REVOKE, MessageKind.NUMBER_CHANGED})
"""Kept and shown, but no message that asks for anything."""

BACKLOG = timedelta(minutes=15)
"""A message older than this comes from an outage: it is kept and counted, but old questions are not sent."""

_WRITTEN = frozenset({MessageKind.TEXT, MessageKind.REPLY, MessageKind.FORM})
_PAUSE = timedelta(seconds=5)
_FILES_PAUSE = timedelta(seconds=60)
_ADDED_PAUSE = timedelta(minutes=10)
_FLOOD = 10
"""Written messages without a pause, from which on nobody is talking with us: whatever they say, one reply a minute."""

_FLOOD_PAUSE = timedelta(seconds=60)
_ADDED = "added:"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, no 1/I: the number is read out on the telephone


@dataclass(frozen=True)
class Intake:
    """The use case behind the webhook."""

    settling: Settling
    store: Store
    conversation: Conversation
    self_service: SelfService
    outgoing: Outgoing
    clock: Clock

    def take(self, message: InboundMessage) -> None:
        """Take one message. A repeat is nothing new. Raises what the store raises if it could not be kept."""
        taken = fitting(message)
        if taken is not message:  # more than one document holds: the whole of it is kept in parts, beside it
            if message.wamid in self.store.glance([message.wamid], ()).kept:
                return  # it may have been erased since, and must not come back
            taken = replace(taken, parts=self.keep_unreadable(message.raw, TOO_LARGE, message_id(message.wamid)))
        try:
            until_settled(lambda: self._take(taken))
        except AlreadyDone:
            return

    def keep_unreadable(self, raw: str, reason: str, message: str | None = None) -> int:
        """Keep what no document or no reading of ours holds, for its term; in how many parts. A repeat is nothing new.

        `message` is the id of the one that it is the whole of, if of any, and which it does not outlive.
        """
        now, terms = self.clock(), self._terms
        days = min(terms.unreadable, terms.messages) if message else terms.unreadable
        return self.store.keep_unreadable(raw, reason, now, self._kept(days, now), message)

    @property
    def _terms(self) -> Terms:
        return self.settling.workflow.procedure.terms

    def _kept(self, days: int, now: datetime) -> datetime:
        return self.settling.workflow.after_days(days, now)

    def _take(self, message: InboundMessage) -> None:
        found = self.store.inbound(message.wamid, message.sender)
        if found.claimed:
            return
        now = self.clock()
        citizen = self._known(found, message)
        commit = self._commit(found, message)
        standing = found.complaint
        command = self.self_service.command(message)
        if message.kind in _NO_SPEECH or self._is_late_tap(message, standing):
            self._keep(commit, citizen, message, standing, now)
        elif command is Command.NEW_COMPLAINT:
            self._draft(_emptied(standing), citizen, message, commit, now)
        elif command is not None:
            self._answer(command, commit, citizen, message, standing, now)
        elif standing is None or standing.value.status in (Status.DRAFT, Status.CLOSED):
            self._draft(standing if _is_draft(standing) else None, citizen, message, commit, now)
        else:
            self._add(standing, citizen, message, commit, now)

    def _is_late_tap(self, message: InboundMessage, standing: Loaded[Complaint] | None) -> bool:
        """A button of the conversation tapped again, when its complaint is already being worked at, adds nothing."""
        at_work = standing is not None and standing.value.status not in (Status.DRAFT, Status.CLOSED)
        return at_work and self.conversation.is_tap(message)

    # Who it is

    def _known(self, found: Inbound, message: InboundMessage) -> Loaded[Citizen]:
        """The citizen as of this message: how they are reached today, and that their window is open again."""
        if found.citizen is None:
            citizen_id = found.reserved_id or self.store.new_citizen_id(message.sender)
            citizen = Citizen(id=citizen_id, last_message_at=message.at)
            loaded = Loaded(citizen, key=self.store.new_key())
        else:
            loaded = found.citizen
        reached = message.new_sender or message.sender
        known = loaded.value
        update = {
            "phone": reached.phone or known.phone,
            "bsuid": reached.bsuid or known.bsuid,
            "name": message.profile_name or known.name,
            "last_message_at": max(known.last_message_at, message.at),
            "in_a_row": _in_a_row(found, message),
            "erase_at": self._kept(self._terms.messages, self.clock()),
        }
        return replace(loaded, value=known.model_copy(update=update))

    def _commit(self, found: Inbound, message: InboundMessage) -> Commit:
        """The names that lead to this citizen from now on, and those that no longer do.

        A number that its owner gave up is somebody else's one day, who must not see what its former owner wrote.
        """
        gained = _names(message.new_sender) if message.new_sender else ()
        given_up = tuple(name for name in _names(message.sender) if _replaced(name, gained))
        return Commit(
            new_aliases=tuple(name for name in found.missing_aliases if name not in given_up),
            moved_aliases=tuple(name for name in (*found.moved_aliases, *gained) if name not in given_up),
            released_aliases=given_up,
        )

    # Where it goes

    def _draft(
        self, draft: Loaded[Complaint] | None, citizen: Loaded[Citizen], message: InboundMessage, commit: Commit,
        now: datetime,
    ) -> None:  # fmt: skip
        """One more turn of the conversation, which may end with the complaint submitted."""
        if draft is None:
            begun = self.settling.workflow.begin(self._new_id(now), citizen.value.id, message.at)
            draft = Loaded(begun, key=self.store.new_key())  # its own: it may be erased while they have another
        turn = self.conversation.take(draft.value.form, draft.value.asking, message)
        act = turn.act
        if isinstance(act, Draft | Submit):
            act = act.model_copy(update={"identifiers": self._identifiers(act, citizen.value)})
        transition = self.settling.decide(draft.value, act, now, None)
        rows, citizen = self._reply(turn.reply, turn.prompt, citizen, draft.value.id, message, now)
        update: dict[str, object] = {"current": draft.value.id}
        if isinstance(act, Submit):  # it is told its number, and that is the reply to the rest of its album too
            update |= {"prompted": turn.prompt, "prompted_at": now}
        citizen = replace(citizen, value=citizen.value.model_copy(update=update))
        kept = replace(
            commit,
            citizen=citizen,
            message=self._message(message, citizen, draft.value.id, now),
            new_rows=rows,
        )
        self.settling.settle(draft, transition, now, kept)

    def _add(
        self, complaint: Loaded[Complaint], citizen: Loaded[Citizen], message: InboundMessage, commit: Commit,
        now: datetime,
    ) -> None:  # fmt: skip
        transition = self.settling.decide(complaint.value, AddMessage(at=message.at), now, None)
        unreadable = self.conversation.unreadable(message)
        reply = unreadable or self.self_service.added(complaint.value)
        prompt = "unreadable" if unreadable else f"{_ADDED}{complaint.value.id}"
        rows, citizen = self._reply(reply, prompt, citizen, complaint.value.id, message, now)
        kept = replace(
            commit,
            citizen=citizen,
            message=self._message(message, citizen, complaint.value.id, now),
            new_rows=rows,
        )
        self.settling.settle(complaint, transition, now, kept)

    def _answer(
        self, command: Command, commit: Commit, citizen: Loaded[Citizen], message: InboundMessage,
        standing: Loaded[Complaint] | None, now: datetime,
    ) -> None:  # fmt: skip
        """Answer a command; a text that waited behind a button leaves as the row that it is."""
        reply = self.self_service.reply(command, message, standing, citizen.value)
        rows: tuple[OutboxRow, ...]
        if isinstance(reply, OutboxRow):
            rows = (reply,)
        else:
            about = standing.value.id if standing else None
            rows, citizen = self._reply(reply, f"command:{command.value}", citizen, about, message, now)
        self._keep(commit, citizen, message, standing, now, rows)

    def _keep(
        self, commit: Commit, citizen: Loaded[Citizen], message: InboundMessage,
        complaint: Loaded[Complaint] | None, now: datetime, rows: tuple[OutboxRow, ...] = (),
    ) -> None:  # fmt: skip
        """Keep a message that changes no complaint, with what it is answered."""
        kept = self._message(message, citizen, complaint.value.id if complaint else None, now)
        self.store.commit(replace(commit, citizen=citizen, message=kept, new_rows=rows))
        self.settling.dispatch(rows, kept)

    def _reply(
        self, reply: OutboundMessage | None, prompt: str, citizen: Loaded[Citizen], complaint: str | None,
        message: InboundMessage, now: datetime,
    ) -> tuple[tuple[OutboxRow, ...], Loaded[Citizen]]:  # fmt: skip
        """The row for a reply, unless the citizen has just been told the same: a burst is answered once."""
        known = citizen.value
        if reply is None or now - message.at > BACKLOG or self._just_said(known, prompt, message, now):
            return (), citizen
        said = known.model_copy(update={"prompted": prompt, "prompted_at": now})
        row = self.outgoing.to_citizen((message.wamid,), known.id, complaint, reply, now)
        return (row,), replace(citizen, value=said)

    def _just_said(self, citizen: Citizen, prompt: str, message: InboundMessage, now: datetime) -> bool:
        """Whether the citizen has this reply before their eyes: an album is five webhooks, and one turn."""
        if citizen.prompted_at is None:
            return False
        since = now - citizen.prompted_at
        if citizen.in_a_row > _FLOOD and since < _FLOOD_PAUSE:
            return True
        if citizen.prompted != prompt:
            of_a_burst = message.kind not in _WRITTEN and (since < _PAUSE or citizen.prompted == SUBMITTED)
            return of_a_burst and since < _FILES_PAUSE
        if prompt.startswith(_ADDED):
            return since < _ADDED_PAUSE
        return since < (_PAUSE if message.kind in _WRITTEN else _FILES_PAUSE)

    def _message(
        self, message: InboundMessage, citizen: Loaded[Citizen], complaint: str | None, now: datetime
    ) -> Message:
        return Message(
            wamid=message.wamid, citizen=citizen.value.id, complaint=complaint, at=message.at, received_at=now,
            kind=message.kind, text=message.text, raw=message.raw, parts=message.parts,
            file=file_of(message, now, self._kept(self._terms.media, now)),
            expire_at=self._kept(self._terms.messages, now),
        )  # fmt: skip

    def _identifiers(self, act: Draft | Submit, citizen: Citizen) -> tuple[Identifier, ...]:
        """What staff may look for it by."""
        form = act.form
        niks = [field.key for field in self.conversation.procedure.form.fields if field.check is Check.NIK]
        found = [Identifier(kind="nik", value=form[key]) for key in niks if form.get(key)]
        if citizen.phone:
            found.append(Identifier(kind="phone", value=citizen.phone))
        return tuple(found)

    def _new_id(self, now: datetime) -> str:
        """The day and five letters that no other complaint's tell: 33 million a day, made unique by `create()`."""
        timezone = self.settling.workflow.clock.calendar.timezone
        return f"{now.astimezone(timezone):%y%m%d}-{''.join(secrets.choice(_ALPHABET) for _ in range(5))}"


def _in_a_row(found: Inbound, message: InboundMessage) -> int:
    """How many written messages came without a pause, this one included; what is no writing counts for nothing."""
    before = found.citizen.value if found.citizen else None
    if before is None or message.at - before.last_message_at >= _PAUSE:
        return int(message.kind in _WRITTEN)
    return before.in_a_row + int(message.kind in _WRITTEN)


def _is_draft(complaint: Loaded[Complaint] | None) -> bool:
    return complaint is not None and complaint.value.status is Status.DRAFT


def _emptied(complaint: Loaded[Complaint] | None) -> Loaded[Complaint] | None:
    """The draft that stands, to be begun anew: whoever asks for another complaint twice has one draft, not two.

    One that was reminded already stays as it is, before the Admin WA: a new complaint does not begin in its past.
    """
    if complaint is None or not _is_draft(complaint) or complaint.value.rung:
        return None
    return replace(complaint, value=complaint.value.model_copy(update={"form": {}, "asking": None}))


def _names(address: Address) -> tuple[Address, ...]:
    """Each name of an address by itself."""
    phone = (Address(phone=address.phone),) if address.phone else ()
    bsuid = (Address(bsuid=address.bsuid),) if address.bsuid else ()
    return (*phone, *bsuid)


def _replaced(name: Address, gained: Sequence[Address]) -> bool:
    """Whether another name of the same kind takes its place."""
    return name not in gained and any((name.phone is None) == (new.phone is None) for new in gained)

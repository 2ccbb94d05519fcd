"""A row leaves the house: claimed, handed to WhatsApp, and what came of it written down.

WhatsApp knows no idempotency key. So a row is marked before it is handed over; where we crash between its acceptance
and our note of it, the row waits for a status that carries its id, and only then goes out once more, and never again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from aduan.procedure.acts import SendFailed
from aduan.procedure.complaint import Complaint, Status
from aduan.service import limits
from aduan.service.channel import Address, ChannelError, Failure, OutboundMessage
from aduan.service.errors import NotYet
from aduan.service.gate import SHUTTING, Gate
from aduan.service.model import OUTBOUND, OutboxRow, RowKind, RowState
from aduan.service.ports import Channel, Clock, Commit, Conflict, Loaded, RowRef, SendJob, Store
from aduan.service.retrying import until_settled
from aduan.service.settling import Settling

log = structlog.get_logger()

UNKNOWN_WAIT = timedelta(seconds=90)
"""How long a status that tells what became of a message is waited for."""

GIVE_UP = timedelta(hours=24)
"""A message that WhatsApp would not take for so long is given up, and somebody is told.

Not while the channel is shut: that is no message's fault, and whoever mends it must find them all.
"""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
"""Between attempts that WhatsApp refused: doubled each time, so that an outage is no storm of requests."""

_MOST_DOUBLINGS = 6  # enough for the longest wait; days of attempts must not overflow a time

_EARLY = timedelta(seconds=2)
_COPIES = 1
_STANDING = frozenset({RowState.PENDING, RowState.SENDING})
ENDED = frozenset({RowState.DELIVERED, RowState.READ, RowState.FAILED})
"""What no failure changes any more."""


@dataclass(frozen=True)
class Sending:
    """The use case behind `send_message`."""

    settling: Settling
    store: Store
    channel: Channel
    gate: Gate
    clock: Clock

    def send(self, ref: RowRef) -> None:
        """Send one row, if it still stands. Raises `NotYet` where the task must come again."""
        job, now = self.store.send_job(ref), self.clock()
        if job is None or job.row.value.state not in _STANDING:
            log.info("message_known", row=ref.row)  # the same task once more, or one for a row that is gone
            return
        row = job.row.value
        gone = row.to_citizen is not None and job.citizen is None  # erased meanwhile: there is nobody to be told
        if gone or superseded(row, job.complaint.value if job.complaint else None):
            self._note(row, RowState.DROPPED)
            log.info("message_dropped", row=row.id, complaint=row.complaint)
            return
        if row.state is RowState.SENDING and now < (row.attempted_at or now) + UNKNOWN_WAIT:
            raise NotYet("the outcome of an earlier attempt is not known yet")
        if row.attempts and row.next_at is not None and now < row.next_at - _EARLY:
            self._waits(row, row.next_at)  # WhatsApp asked for it, and the task that was set for then will come
            return
        address = _address(job)
        out_of_copies = row.state is RowState.SENDING and row.copies >= _COPIES
        if address is None or out_of_copies:
            log.warning("message_given_up", row=row.id, complaint=row.complaint, has_address=address is not None)
            self._fail(row, "tidak ada nomor tujuan" if address is None else "hasil pengiriman tidak diketahui")
            return
        if (wait_until := self.gate.wait_until(job.channel, now)) is not None:
            self._postpone(job.row, wait_until)
            return
        accepted = self._hand_over(self._claim(job, now), address, now)
        if accepted and job.channel.value.failure is not None:
            self.gate.opened()

    def _postpone(self, loaded: Loaded[OutboxRow], until: datetime) -> None:
        """The channel is shut: the row stands as it is, and comes again."""
        row = loaded.value.model_copy(update={"next_at": until})
        try:
            self.store.commit(Commit(row=replace(loaded, value=row)))
        except Conflict as conflict:
            raise NotYet("another attempt is under way") from conflict
        self._waits(row, until)
        self.settling.tasks.send([RowRef.to(row)], not_before=until)

    def _claim(self, job: SendJob, now: datetime) -> OutboxRow:
        """Mark the row before it is handed over, and as what: a status may come before the answer to our call.

        Somebody else's mark means that they are at it.
        """
        row = job.row.value
        unknown = row.state is RowState.SENDING
        closed = job.citizen is not None and now - job.citizen.last_message_at >= limits.WINDOW
        claimed = row.model_copy(
            update={
                "state": RowState.SENDING, "attempts": row.attempts + 1, "attempted_at": now,
                "copies": row.copies + unknown, "next_at": now + UNKNOWN_WAIT,
                "by_template": row.by_template or (closed and row.fallback is not None),
            }
        )  # fmt: skip
        try:
            self.store.commit(Commit(row=replace(job.row, value=claimed)))
        except Conflict as conflict:
            raise NotYet("another attempt is under way") from conflict
        return claimed

    def _hand_over(self, row: OutboxRow, address: Address, now: datetime) -> bool:
        """Whether WhatsApp took it over."""
        try:
            wamid = self._send(row, address)
        except ChannelError as error:
            if error.failure is Failure.WINDOW_CLOSED and row.fallback is not None and not row.by_template:
                self._note(row, RowState.SENDING, by_template=True, next_at=row.next_at)
                return self._hand_over(row.model_copy(update={"by_template": True}), address, now)
            self._refused(row, error, now)
            return False
        self._note(row, RowState.SENT, wamid=wamid, accepted_at=now)
        log.info("message_sent", row=row.id, complaint=row.complaint, template=row.by_template)
        return True

    def _send(self, row: OutboxRow, address: Address) -> str:
        text = row.fallback if row.by_template and row.fallback is not None else row.message
        message: OutboundMessage = OUTBOUND.validate_json(text)
        return self.channel.send(address, message, row.id)

    def _refused(self, row: OutboxRow, error: ChannelError, now: datetime) -> None:
        failure = error.failure
        if failure is Failure.UNKNOWN:
            raise NotYet("WhatsApp did not answer; its status is waited for") from error
        given_up = failure not in SHUTTING and now - row.created_at >= GIVE_UP
        if given_up or failure in (Failure.NEVER, Failure.WINDOW_CLOSED):
            log.warning("message_refused", row=row.id, complaint=row.complaint, code=error.code)
            self._fail(row, str(error))
            return
        asked = timedelta(seconds=error.retry_after or 0)
        at = now + max(asked, min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(row.attempts - 1, _MOST_DOUBLINGS)))
        if failure in SHUTTING:
            at = self.gate.shut(error)
        self._note(row, RowState.PENDING, error=str(error), next_at=at)
        self._waits(row, at)
        self.settling.tasks.send([RowRef.to(row)], not_before=at)

    def _waits(self, row: OutboxRow, until: datetime) -> None:
        log.info("message_waits", row=row.id, complaint=row.complaint, until=until.isoformat())

    def _note(self, row: OutboxRow, state: RowState, **more: Any) -> None:
        """Write what came of this attempt, unless a status has told it meanwhile: that is never taken back."""

        def attempt() -> None:
            loaded = self.store.row(row.id)
            if loaded is None or (loaded.value.state, loaded.value.attempts) != (row.state, row.attempts):
                return
            update: dict[str, Any] = {"next_at": None, "state": state, **more}
            self.store.commit(Commit(row=replace(loaded, value=loaded.value.model_copy(update=update))))

        until_settled(attempt)

    def _fail(self, row: OutboxRow, reason: str) -> None:
        fail_row(self.settling, self.store, self.clock, row.id, reason)


def fail_row(settling: Settling, store: Store, clock: Clock, row_id: str, reason: str) -> None:
    """A row that will not arrive: written down, and for an answer told to those who can send it again."""

    def attempt() -> None:
        loaded = store.row(row_id)
        if loaded is None or loaded.value.state in ENDED:
            return
        row = loaded.value
        failed = row.model_copy(update={"state": RowState.FAILED, "error": reason, "next_at": None})
        commit = Commit(row=replace(loaded, value=failed))
        complaint = store.complaint(row.complaint) if row.kind is RowKind.ANSWER and row.complaint else None
        if complaint is None:
            store.commit(commit)
            return
        act = SendFailed(text_sha256=row.text_sha256 or "", sending=row.sending, reason=reason)
        now = clock()
        transition = settling.decide(complaint.value, act, now, None)
        if transition.events:
            settling.settle(complaint, transition, now, commit)
        else:
            store.commit(commit)

    until_settled(attempt)


def superseded(row: OutboxRow, complaint: Complaint | None) -> bool:
    """Whether an answer has been replaced before it left, handed over anew or refused; or its complaint was erased."""
    if complaint is not None and complaint.erased_at is not None:
        return True
    if row.kind is not RowKind.ANSWER or complaint is None:
        return False
    answer = complaint.answer
    stands = complaint.status in (Status.ANSWERED, Status.CLOSED) and answer is not None
    return not stands or row.sending != complaint.sending or (answer is not None and answer.sha256 != row.text_sha256)


def _address(job: SendJob) -> Address | None:
    if job.citizen is not None:
        phone, bsuid = job.citizen.phone, job.citizen.bsuid
        return Address(phone=phone, bsuid=bsuid) if phone or bsuid else None
    if job.staff is not None and job.staff.whatsapp:
        return Address(phone=job.staff.whatsapp)
    return None

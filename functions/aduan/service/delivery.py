"""WhatsApp says how far a message came: sent, delivered, read, failed; in any order, and more than once."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog

from aduan.procedure.acts import Delivered
from aduan.service.channel import DeliveryState, DeliveryStatus, Failure
from aduan.service.gate import SHUTTING, Gate
from aduan.service.model import OutboxRow, RowKind, RowState
from aduan.service.ports import Clock, Commit, Loaded, RowRef, Store, Tasks
from aduan.service.retrying import until_settled
from aduan.service.sending import ENDED, fail_row
from aduan.service.settling import Settling

log = structlog.get_logger()

_RANK = {
    RowState.PENDING: 0, RowState.SENDING: 0, RowState.DROPPED: 0, RowState.SENT: 1, RowState.DELIVERED: 2,
    RowState.READ: 3, RowState.FAILED: 4,
}  # fmt: skip
"""A status moves a row only upwards: a late one changes nothing, and none clears a failure."""

_ARRIVED = frozenset({DeliveryState.DELIVERED, DeliveryState.READ})
_TRIES = 5
_BASE = 4
"""Seconds to the power of the attempts: WhatsApp's own advice for its limits on one person (131056)."""


@dataclass(frozen=True)
class Delivery:
    """The use case behind the statuses of a webhook."""

    settling: Settling
    store: Store
    tasks: Tasks
    gate: Gate
    clock: Clock

    def take(self, status: DeliveryStatus, known: Loaded[OutboxRow] | None = None) -> None:
        """Take one status. One of a message that we do not know is left alone.

        `known`: the row, if it was just read; if it moved on meanwhile it is read again.
        """
        if status.callback is None:
            log.info("status_without_callback", state=status.state.value)
            return
        row_id = status.callback
        if status.state is DeliveryState.FAILED:
            until_settled(lambda: self._failed(row_id, status))
        else:
            read = iter([known])
            until_settled(lambda: self._moved(row_id, status, next(read, None) or self.store.row(row_id)))

    def _moved(self, row_id: str, status: DeliveryStatus, loaded: Loaded[OutboxRow] | None) -> None:
        if loaded is None:
            log.info("status_of_unknown_row", row=row_id)
            return
        row = loaded.value
        lower = _RANK[RowState.of(status.state)] <= _RANK[row.state] and not _was_given_up(row)
        if lower or not self._tells(row) or _is_known(row, status):
            return
        moved = self._with(
            loaded, state=RowState.of(status.state), wamid=status.wamid, next_at=None,
            accepted_at=row.accepted_at or self.clock(),
        )  # fmt: skip
        if row.kind is RowKind.ANSWER and not row.by_template and status.state in _ARRIVED:
            self._delivered(row, status, moved)
        else:
            self.store.commit(Commit(row=moved))

    def _tells(self, row: OutboxRow) -> bool:
        """Whether a status is worth a write: for an answer always; for the rest only where the outcome was unknown."""
        return row.kind is RowKind.ANSWER or row.state in (RowState.PENDING, RowState.SENDING)

    def _delivered(self, row: OutboxRow, status: DeliveryStatus, moved: Loaded[OutboxRow]) -> None:
        complaint = self.store.complaint(row.complaint) if row.complaint else None
        if complaint is None:
            self.store.commit(Commit(row=moved))
            return
        now = self.clock()
        act = Delivered(at=min(status.at, now), text_sha256=row.text_sha256 or "")
        transition = self.settling.decide(complaint.value, act, now, None)
        if transition.events:
            self.settling.settle(complaint, transition, now, Commit(row=moved))
        else:
            self.store.commit(Commit(row=moved))

    def _failed(self, row_id: str, status: DeliveryStatus) -> None:
        loaded = self.store.row(row_id)
        if loaded is None or loaded.value.state in ENDED or _is_old(loaded.value, status):
            return
        row, failure = loaded.value, status.error.failure if status.error else Failure.NEVER
        if failure is Failure.WINDOW_CLOSED and row.fallback is not None and not row.by_template:
            self._again(loaded, status, timedelta(), by_template=True)
            return
        if failure is Failure.RETRY and row.attempts < _TRIES:
            self._again(loaded, status, timedelta(seconds=_BASE**row.attempts), by_template=row.by_template)
            return
        if failure in SHUTTING and status.error is not None and row.attempts < _TRIES:
            # No fault of this message: it goes again when the channel is open.
            wait = self.gate.shut(status.error) - self.clock()
            self._again(loaded, status, wait, by_template=row.by_template)
            return
        fail_row(self.settling, self.store, self.clock, row_id, str(status.error or "gagal"))

    def _again(self, loaded: Loaded[OutboxRow], status: DeliveryStatus, wait: timedelta, *, by_template: bool) -> None:
        """Once more, or as a template: a new task, for the first one's name is used up.

        The failed attempt's wamid is kept, by which news of it that is repeated or late is known.
        """
        at = self.clock() + wait
        update = {"state": RowState.PENDING, "by_template": by_template, "next_at": at, "wamid": status.wamid}
        again = self._with(loaded, **update)
        self.store.commit(Commit(row=again))
        self.tasks.send([RowRef.to(again.value)], not_before=at)

    def _with(self, loaded: Loaded[OutboxRow], **update: Any) -> Loaded[OutboxRow]:
        return replace(loaded, value=loaded.value.model_copy(update=update))


def _was_given_up(row: OutboxRow) -> bool:
    """Whether the failure was our own word, for want of WhatsApp's: that it arrived after all is news."""
    return row.state is RowState.FAILED and row.wamid is None


def _is_known(row: OutboxRow, status: DeliveryStatus) -> bool:
    """Whether a status is of an attempt that is known to have failed: such a row stands again for another."""
    return row.state in (RowState.PENDING, RowState.SENDING) and row.wamid == status.wamid


def _is_old(row: OutboxRow, status: DeliveryStatus) -> bool:
    """Whether a failure is of an earlier attempt: nothing is on its way, or what is has another wamid."""
    if row.state is RowState.SENDING:
        return _is_known(row, status)
    return row.state is not RowState.SENT or row.wamid != status.wamid

"""Whether WhatsApp takes our messages: while it does not, one message tries now and then, and all others wait.

A refused token or a restricted account concerns every message of the office. Without a gate each would be refused by
itself, again and again, which is what WhatsApp restricts numbers for; and each would count down to being given up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import structlog

from aduan.service.channel import ChannelError, Failure
from aduan.service.model import ChannelState
from aduan.service.ports import ChannelLog, Clock, Conflict, Loaded, Store, Tasks
from aduan.service.retrying import until_settled

log = structlog.get_logger()

SHUTTING = frozenset({Failure.STOP, Failure.OPERATOR})
"""What concerns the whole channel and not one message."""

LONGEST_WAIT = timedelta(minutes=15)
"""For a row while the channel is shut. When it opens, nothing waits so long: see `Gate.opened`."""

_FIRST_PROBE = timedelta(seconds=15)
_LONGEST_PROBE: Mapping[Failure, timedelta] = MappingProxyType(
    {
        Failure.OPERATOR: timedelta(minutes=2),  # a new token should be noticed soon
        Failure.STOP: timedelta(minutes=15),  # to knock often at a restricted account makes it worse
    }
)
_MOST_DOUBLINGS = 6  # enough for the longest wait; a month of probes must not overflow a time
_RELEASED = 1000


@dataclass(frozen=True)
class Gate:
    """The channel's one gate, kept in the record: processes come and go."""

    channel_log: ChannelLog
    store: Store
    tasks: Tasks
    clock: Clock

    def wait_until(self, state: Loaded[ChannelState], now: datetime) -> datetime | None:
        """None for a message that may go: the channel is open, or it is the one that tries. Otherwise when it may."""
        channel = state.value
        if channel.failure is None:
            return None
        if channel.probe_at is not None and now < channel.probe_at:
            return now + LONGEST_WAIT
        try:
            self.channel_log.save(replace(state, value=_probed(channel, channel.failure, now)))
        except Conflict:  # somebody else's message is the one that tries
            return now + LONGEST_WAIT
        return None

    def shut(self, error: ChannelError) -> datetime:
        """WhatsApp refuses the channel as such. When the next message may try."""
        return until_settled(lambda: self._shut(error))

    def _shut(self, error: ChannelError) -> datetime:
        loaded, now = self.channel_log.state(), self.clock()
        channel = loaded.value
        log.error("channel_needs_operator", failure=error.failure.value, code=error.code, detail=error.detail)
        if channel.failure is not None and channel.probe_at is not None and now < channel.probe_at:
            return channel.probe_at  # it was under way when another found the gate shut
        told = {"failure": error.failure, "code": error.code, "detail": error.detail, "since": channel.since or now}
        shut = _probed(channel.model_copy(update={**told, "mended_at": None}), error.failure, now)
        self.channel_log.save(replace(loaded, value=shut))
        return shut.probe_at or now

    def opened(self) -> None:
        """A message was accepted: the gate is open, and what waited goes now."""
        if until_settled(self._open):
            log.warning("channel_mended")
            until = self.clock()
            waiting = self.store.due_rows(until + LONGEST_WAIT, _RELEASED)
            self.tasks.send([row.ref for row in waiting], not_before=until)

    def _open(self) -> bool:
        loaded = self.channel_log.state()
        if loaded.value.failure is None:
            return False
        self.channel_log.save(replace(loaded, value=ChannelState(mended_at=self.clock())))
        return True


def _probed(channel: ChannelState, failure: Failure, now: datetime) -> ChannelState:
    """The same with its next probe later, for one is made now."""
    doublings = min(channel.probes, _MOST_DOUBLINGS)
    wait = min(_LONGEST_PROBE[failure], _FIRST_PROBE * 2**doublings)
    return channel.model_copy(update={"probes": channel.probes + 1, "probe_at": now + wait})

"""How it goes with WhatsApp, as staff see it: an expired token must not look like a quiet day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aduan.service.model import ChannelState
from aduan.service.ports import ChannelLog, Clock

STUCK = timedelta(minutes=10)
"""What stands so long before it leaves is more than a pause of WhatsApp's."""

MOST_COUNTED = 100
"""Beyond these it does not matter how many wait."""


@dataclass(frozen=True)
class Health:
    """The channel now. `waiting` counts up to one more than `MOST_COUNTED`; `waiting_since` is the oldest of them."""

    state: ChannelState
    last_heard: datetime | None
    last_accepted: datetime | None
    waiting: int
    waiting_since: datetime | None


@dataclass(frozen=True)
class Watching:
    """The use case behind the page of the channel, and the warning on everybody's work."""

    channel_log: ChannelLog
    clock: Clock

    def look(self) -> Health:
        """Everything that is known of it: four round trips."""
        standing = self.channel_log.standing(MOST_COUNTED + 1)
        return Health(
            state=self.channel_log.state().value,
            last_heard=self.channel_log.last_heard(),
            last_accepted=self.channel_log.last_accepted(),
            waiting=len(standing),
            waiting_since=next(iter(standing), None),
        )

    def is_ill(self) -> bool:
        """Whether staff must be told: the channel is shut, or messages do not leave. Two round trips at most."""
        return self.channel_log.state().value.failure is not None or self.longest_wait() >= STUCK

    def longest_wait(self) -> timedelta:
        """How long the oldest message has been waiting to leave; nothing where none waits. One round trip."""
        oldest = next(iter(self.channel_log.standing(1)), None)
        return timedelta() if oldest is None else self.clock() - oldest

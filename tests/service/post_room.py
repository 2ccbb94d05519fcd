"""The full house with its way out: a channel that says yes or no, the gate before it, and the sweep behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aduan.procedure.definition import ActName
from aduan.procedure.roles import StaffMember
from aduan.service.channel import ChannelError, DeliveryState, DeliveryStatus, Failure
from aduan.service.delivery import Delivery
from aduan.service.gate import Gate
from aduan.service.health import Watching
from aduan.service.model import ChannelState, OutboxRow, RowKind
from aduan.service.ports import Commit, RowRef
from aduan.service.sending import Sending
from aduan.service.sweeping import Sweeping
from aduan.service.terms import Terms
from tests.service.fakes import FakeChannel, InMemoryChannelLog, InMemoryStaffList, InMemoryStore
from tests.service.full_house import ANI, EVERYBODY, SET_FORMAT, FullHouse

REACHABLE = tuple(person.model_copy(update={"whatsapp": f"+62811{place:07}"}) for place, person in enumerate(EVERYBODY))


def refusal(failure: Failure, code: int | None = 131000, retry_after: float | None = None) -> ChannelError:
    """WhatsApp's no."""
    return ChannelError(failure, code, "no", retry_after)


@dataclass
class PostRoom(FullHouse):
    """What leaves, and what is heard of it."""

    channel: FakeChannel = field(default_factory=FakeChannel)

    def __post_init__(self) -> None:
        super().__post_init__()
        settling = self.desk.settling
        self.log = InMemoryChannelLog(self.store)
        self.gate = Gate(self.log, self.store, self.tasks, self.clock)
        self.sending = Sending(settling, self.store, self.channel, self.gate, self.clock)
        self.delivery = Delivery(settling, self.store, self.tasks, self.gate, self.clock)
        self.sweeping = Sweeping(self.checking, self.store, self.tasks, Terms(self.erasing), self.clock)
        self.watching = Watching(self.log, self.clock)

    def row(self, kind: RowKind = RowKind.ANSWER) -> OutboxRow:
        """The newest row of a kind, as it stands."""
        return [row for row in self.store.rows if row.kind is kind][-1]

    def send(self, kind: RowKind = RowKind.ANSWER) -> OutboxRow:
        """Its task comes; the row afterwards."""
        self.sending.send(RowRef.to(self.row(kind)))
        return self.row(kind)

    def hears(
        self,
        state: DeliveryState,
        error: ChannelError | None = None,
        *,
        kind: RowKind = RowKind.ANSWER,
        wamid: str | None = None,
        at: datetime | None = None,
    ) -> OutboxRow:
        """WhatsApp says how far it came; the row afterwards."""
        row = self.row(kind)
        status = DeliveryStatus(wamid or row.wamid or "wamid.OUT1", state, at or self.clock.now, row.id, error)
        self.delivery.take(status)
        return self.row(kind)

    def now_tasks(self) -> list[tuple[str, datetime | None]]:
        """The tasks that were set since the last look: for which row, not before when."""
        since = [(ref.row, at) for ref, at in self.tasks.sent]
        self.tasks.sent.clear()
        return since

    def changed(self, kind: RowKind = RowKind.ANSWER, **fields: object) -> OutboxRow:
        """Let the newest row of a kind stand otherwise."""
        loaded = self.store.row(self.row(kind).id)
        assert loaded is not None
        self.store.commit(Commit(row=replace(loaded, value=loaded.value.model_copy(update=fields))))
        return self.row(kind)

    def shut(self, failure: Failure = Failure.OPERATOR, probe_in: timedelta = timedelta(minutes=1)) -> None:
        """The channel was refused before."""
        loaded = self.log.state()
        state = ChannelState(failure=failure, since=self.clock.now, probe_at=self.clock.now + probe_in, probes=1)
        self.log.save(replace(loaded, value=state))


def post_room(
    store: type[InMemoryStore] = InMemoryStore,
    channel: FakeChannel | None = None,
    staff: Sequence[StaffMember] = REACHABLE,
) -> PostRoom:
    """An answer by ANI stands in the outbox, and nothing else waits there."""
    room = PostRoom(store=store(InMemoryStaffList(*staff)), channel=channel or FakeChannel())
    room.hear(SET_FORMAT)
    room.send(RowKind.NOTICE)
    room.wait(1).do(ActName.SETTLE, ANI)
    room.channel.sent.clear()
    room.tasks.sent.clear()
    return room

"""The `Erasures` of a store in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import index

from aduan.service.channel import Address
from aduan.service.erasures import Ephemera, Erasure, ErasureKind, Trace
from aduan.service.model import Citizen, Message, may_be
from aduan.service.ports import Conflict, Loaded
from tests.service.fakes import InMemoryStore


@dataclass(frozen=True)
class InMemoryErasures:
    """What is due in a store, and how it goes."""

    store: InMemoryStore

    def due_complaints(self, until: datetime, limit: int) -> tuple[str, ...]:
        return _due(((one.erase_at, one.id) for one in self.store.complaints), until)[: index(limit)]

    def due_citizens(self, until: datetime, limit: int) -> tuple[str, ...]:
        return _due(((one.erase_at, one.id) for one in self.store.citizens), until)[: index(limit)]

    def due_files(self, until: datetime, limit: int) -> tuple[str, ...]:
        return _due(((one.file.expire_at, one.id) for one in self.store.messages if one.file), until)[: index(limit)]

    def due_messages(self, until: datetime, limit: int) -> tuple[Trace, ...]:
        due = _due(((one.expire_at, one.id) for one in self.store.messages), until)
        claims = _due(((at, name) for name, at in self.store.claims.items()), until)
        return tuple([*map(self._trace, due), *(Trace(name, None) for name in claims)][: index(limit)])

    def drop_messages(self, messages: Sequence[Trace]) -> None:
        for one in messages:
            self.store.messages.drop(one.message)
            self.store.claims.pop(one.message, None)
            self._drop_whole(one.message, one.parts)

    def drop(self, what: Ephemera, until: datetime, limit: int) -> int:
        if what is Ephemera.ROWS:
            names = _due(((row.expire_at, row.id) for row in self.store.rows), until)[: index(limit)]
            for name in names:
                self.store.rows.drop(name)
        elif what is Ephemera.REQUESTS:
            requests = self.store.requests
            names = _due(((request.expire_at, name) for name, request in requests.items()), until)[: index(limit)]
            for name in names:
                del requests[name]
        else:
            kept = self.store.unreadable_until
            names = _due(((at, name) for name, at in kept.items()), until)[: index(limit)]
            for name in names:
                self._drop_whole(name)
        return len(names)

    def begun(self, limit: int) -> tuple[Erasure, ...]:
        return tuple(sorted(self.store.erasures.values(), key=lambda one: one.at)[: index(limit)])

    def complaints_of(self, citizen_id: str, limit: int) -> tuple[str, ...]:
        return tuple(one.id for one in self.store.complaints if one.citizen == citizen_id)[: index(limit)]

    def traces(self, erasure: Erasure, limit: int) -> tuple[Trace, ...]:
        left = (message for message in self.store.messages if _is_of(message, erasure))
        return tuple(self._trace(message.id) for message in left)[: index(limit)]

    def leave_claims(self, messages: Sequence[Trace], until: datetime) -> None:
        for one in messages:
            self.store.messages.drop(one.message)
            self.store.claims[one.message] = until
            self._drop_whole(one.message, one.parts)

    def drop_rows(self, erasure: Erasure, limit: int) -> int:
        by_complaint = erasure.kind is ErasureKind.COMPLAINT
        left = [row.id for row in self.store.rows if erasure.id == (row.complaint if by_complaint else row.to_citizen)]
        for name in left[: index(limit)]:
            self.store.rows.drop(name)
        return len(left[: index(limit)])

    def finish(self, erasure: Erasure) -> None:
        somebody = f"erased-{erasure.id}"
        if self.store.citizens.get(somebody) is None:
            for name in [name for name, owner in self.store.aliases.items() if owner == somebody]:
                del self.store.aliases[name]
        self.store.erasures.pop(erasure.id, None)

    def known_as(self, name: str) -> Loaded[Citizen] | None:
        return self.store.citizens.get(self.store.aliases.get(_address(name), name))

    def left_behind(self, name: str) -> tuple[Loaded[Citizen], ...]:
        known = self.known_as(name)
        address = _address(name) if known is None else Address(known.value.phone, known.value.bsuid)
        ids = {self.store.new_citizen_id(_address(one)) for one in (address.phone, address.bsuid) if one}
        others = map(self.store.citizens.get, sorted(ids - {known.value.id if known else ""}))
        return tuple(one for one in others if one is not None and may_be(one.value, address))

    def forget(self, citizen: Loaded[Citizen], at: datetime) -> Erasure:
        if not self.store.citizens.accepts(citizen.value.id, citizen):
            raise Conflict
        erasure = Erasure(citizen.value.id, ErasureKind.CITIZEN, at)
        self.store.citizens.drop(citizen.value.id)
        mine = [name for name, owner in self.store.aliases.items() if owner == citizen.value.id]
        self.store.aliases.update(dict.fromkeys(mine, f"erased-{citizen.value.id}"))
        self.store.erasures[erasure.id] = erasure
        return erasure

    def _trace(self, message_id: str) -> Trace:
        loaded = self.store.messages.get(message_id)
        assert loaded is not None
        return Trace(message_id, loaded.key if loaded.value.file else None, loaded.value.parts)

    def _drop_whole(self, name: str, parts: int = 1) -> None:
        for kept in (self.store.unreadable, self.store.unreadable_until) if parts else ():
            kept.pop(name, None)


def _address(name: str) -> Address:
    return Address(phone=name) if name.startswith("+") else Address(bsuid=name)


def _due(things: Iterable[tuple[datetime | None, str]], until: datetime) -> tuple[str, ...]:
    return tuple(name for _, name in sorted((at, name) for at, name in things if at is not None and at <= until))


def _is_of(message: Message, erasure: Erasure) -> bool:
    owner = message.complaint if erasure.kind is ErasureKind.COMPLAINT else message.citizen
    return owner == erasure.id

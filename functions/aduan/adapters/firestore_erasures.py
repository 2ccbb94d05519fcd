"""What is to be erased, in Firestore: what is due, and the traces of an erasure that has begun."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from aduan.adapters import firestore_queries as queries
from aduan.adapters.firestore_commit import alias_refs, erasure_begins, owner_among
from aduan.adapters.firestore_connection import Delete, FirestoreConnection, Found, Put, Ref, Refused, Replace, Write
from aduan.adapters.firestore_documents import SCHEMA, load_citizen
from aduan.adapters.firestore_queries import ALIASES, CITIZENS, COMPLAINTS, ERASURES, MESSAGES, OUTBOX, parts_of
from aduan.adapters.sealing import OfficeKey
from aduan.service.channel import Address
from aduan.service.erasures import Ephemera, Erasure, ErasureKind, Trace
from aduan.service.model import Citizen, may_be
from aduan.service.ports import Conflict, Loaded

RELEASED: Final = "erased-"
"""Before the id that the names of an erased citizen lead to: whoever writes under one of them is somebody new."""

_MESSAGES_BY: Final[dict[ErasureKind, Literal["complaint", "citizen"]]] = {
    ErasureKind.COMPLAINT: "complaint", ErasureKind.CITIZEN: "citizen",
}  # fmt: skip
_ROWS_BY: Final[dict[ErasureKind, Literal["complaint", "to_citizen"]]] = {
    ErasureKind.COMPLAINT: "complaint", ErasureKind.CITIZEN: "to_citizen",
}  # fmt: skip


class FirestoreErasures:
    """An `Erasures`, which threads may share."""

    def __init__(self, connection: FirestoreConnection, office_key: OfficeKey) -> None:
        self._connection = connection
        self._office_key = office_key

    def due_complaints(self, until: datetime, limit: int) -> tuple[str, ...]:
        """One round trip."""
        return self._ids(queries.to_be_erased(COMPLAINTS, until, limit))

    def due_citizens(self, until: datetime, limit: int) -> tuple[str, ...]:
        """One round trip."""
        return self._ids(queries.to_be_erased(CITIZENS, until, limit))

    def due_files(self, until: datetime, limit: int) -> tuple[str, ...]:
        """One round trip."""
        return self._ids(queries.expired_files(until, limit))

    def due_messages(self, until: datetime, limit: int) -> tuple[Trace, ...]:
        """One round trip."""
        return self._traces(queries.expired(MESSAGES, until, limit))

    def drop_messages(self, messages: Sequence[Trace]) -> None:
        """One round trip."""
        self._commit([*(Delete(Ref(MESSAGES, trace.message)) for trace in messages), *_parts_go(messages)])

    def drop(self, what: Ephemera, until: datetime, limit: int) -> int:
        """One round trip; another where there is something."""
        return self._drop(what.value, queries.expired(what.value, until, limit))

    def begun(self, limit: int) -> tuple[Erasure, ...]:
        """One round trip."""
        found = self._connection.calls.query(queries.erasures(limit))
        return tuple(Erasure(one.id, ErasureKind(one.document["kind"]), one.document["at"]) for one in found)

    def complaints_of(self, citizen_id: str, limit: int) -> tuple[str, ...]:
        """One round trip."""
        return self._ids(queries.complaints_of(citizen_id, limit))

    def traces(self, erasure: Erasure, limit: int) -> tuple[Trace, ...]:
        """One round trip."""
        return self._traces(queries.messages_left(_MESSAGES_BY[erasure.kind], erasure.id, limit))

    def leave_claims(self, messages: Sequence[Trace], until: datetime) -> None:
        """One round trip."""
        claim = {"expire_at": until, "schema": SCHEMA}
        self._commit([*(Put(Ref(MESSAGES, trace.message), claim) for trace in messages), *_parts_go(messages)])

    def drop_rows(self, erasure: Erasure, limit: int) -> int:
        """One round trip; another where there is something."""
        return self._drop(OUTBOX, queries.rows_left(_ROWS_BY[erasure.kind], erasure.id, limit))

    def finish(self, erasure: Erasure) -> None:
        """One round trip; three for a citizen. Raises `Conflict`."""
        untaken = self._untaken(erasure) if erasure.kind is ErasureKind.CITIZEN else ()
        self._commit([*(Delete(Ref(ALIASES, one.id), one.updated) for one in untaken), Delete(_note(erasure))])

    def _untaken(self, erasure: Erasure) -> tuple[Found, ...]:
        """The names that still lead to nobody: where somebody new has written, they are theirs."""
        somebody = Ref(CITIZENS, _reserved(erasure.id))
        released = self._connection.calls.query(queries.aliases_of(somebody.id))
        return () if self._connection.calls.get([somebody]) else released

    def known_as(self, name: str) -> Loaded[Citizen] | None:
        """Two round trips. No hash of one of the office's is a name that WhatsApp gives, so an id is nobody's name."""
        calls = self._connection.calls
        address = _address(name)
        (refs,) = alias_refs(address, self._office_key).values()
        citizen = Ref(CITIZENS, owner_among(calls.get(refs), refs) or name)
        found = calls.get([citizen]).get(citizen)
        return load_citizen(found, self._office_key) if found else None

    def left_behind(self, name: str) -> tuple[Loaded[Citizen], ...]:
        """Three round trips: a citizen's id is mostly the hash of the name under which they were first met."""
        known = self.known_as(name)
        address = _address(name) if known is None else Address(known.value.phone, known.value.bsuid)
        ids = {ref.id for refs in alias_refs(address, self._office_key).values() for ref in refs}
        others = sorted(ids - {known.value.id if known else ""})
        found = self._connection.calls.get([Ref(CITIZENS, one) for one in others]).values()
        loaded = [load_citizen(one, self._office_key) for one in found]
        return tuple(one for one in loaded if may_be(one.value, address))

    def forget(self, citizen: Loaded[Citizen], at: datetime) -> Erasure:
        """Two round trips. Raises `Conflict`."""
        erasure = Erasure(citizen.value.id, ErasureKind.CITIZEN, at)
        aliases = self._connection.calls.query(queries.aliases_of(erasure.id))
        mark = citizen.mark if isinstance(citizen.mark, datetime) else None
        writes: list[Write] = [Delete(Ref(CITIZENS, erasure.id), mark), erasure_begins(erasure)]
        self._commit([*writes, *(_released(alias, erasure) for alias in aliases)])
        return erasure

    def _ids(self, query: queries.Query) -> tuple[str, ...]:
        return tuple(one.id for one in self._connection.calls.query(query))

    def _traces(self, query: queries.Query) -> tuple[Trace, ...]:
        return tuple(map(_trace, self._connection.calls.query(query)))

    def _drop(self, collection: str, query: queries.Query) -> int:
        found = self._ids(query)
        self._commit(Delete(Ref(collection, one)) for one in found)
        return len(found)

    def _commit(self, writes: Iterable[Write]) -> None:
        asked = list(writes)
        if not asked:
            return
        try:
            self._connection.calls.commit(asked)
        except Refused as refused:
            raise Conflict("somebody else wrote first") from refused


def _trace(found: Found) -> Trace:
    """Also of a bare claim, which has none of the fields."""
    message = found.document
    return Trace(found.id, message["key"] if message.get("file") else None, message.get("parts", 0))


def _parts_go(messages: Iterable[Trace]) -> Iterator[Delete]:
    return (Delete(ref) for trace in messages for ref in parts_of(trace.message, trace.parts))


def _address(name: str) -> Address:
    return Address(phone=name) if name.startswith("+") else Address(bsuid=name)


def _note(erasure: Erasure) -> Ref:
    return Ref(ERASURES, erasure.id)


def _released(alias: Found, erasure: Erasure) -> Replace:
    return Replace(Ref(ALIASES, alias.id), {**alias.document, "citizen": _reserved(erasure.id)}, alias.updated)


def _reserved(citizen_id: str) -> str:
    return f"{RELEASED}{citizen_id}"

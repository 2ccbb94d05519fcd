"""How it goes with WhatsApp: one document for its state, and what the record tells of it."""

from datetime import datetime
from typing import Final

from aduan.adapters import firestore_queries as queries
from aduan.adapters.firestore_connection import Create, FirestoreConnection, Found, Ref, Refused, Replace
from aduan.adapters.firestore_documents import document_of, model_of
from aduan.adapters.firestore_queries import CHANNEL
from aduan.service.model import ChannelState
from aduan.service.ports import Conflict, Loaded

WHATSAPP: Final = Ref(CHANNEL, "whatsapp")
_NO_KEY: Final = ""  # nothing in it is personal


def channel_state(found: Found | None) -> Loaded[ChannelState]:
    """The state as it was read; one that was never written is that all is well."""
    if found is None:
        return Loaded(ChannelState(), _NO_KEY)
    return Loaded(model_of(ChannelState, found.document), _NO_KEY, found.updated)


class FirestoreChannelLog:
    """A `ChannelLog`, which threads may share. Each call is one round trip."""

    def __init__(self, connection: FirestoreConnection) -> None:
        self._connection = connection

    def state(self) -> Loaded[ChannelState]:
        """Whether the channel is open."""
        return channel_state(self._connection.calls.get([WHATSAPP]).get(WHATSAPP))

    def save(self, state: Loaded[ChannelState]) -> None:
        """Write it, if it stands as it was read. Raises `Conflict`."""
        document, mark = document_of(state.value), state.mark
        write = Replace(WHATSAPP, document, mark) if isinstance(mark, datetime) else Create(WHATSAPP, document)
        try:
            self._connection.calls.commit([write])
        except Refused as refused:
            raise Conflict("somebody else wrote first") from refused

    def last_heard(self) -> datetime | None:
        """When a citizen's message last came in."""
        return self._newest(queries.newest_message(), "received_at")

    def last_accepted(self) -> datetime | None:
        """When WhatsApp last took a message over from us."""
        return self._newest(queries.newest_accepted(), "accepted_at")

    def standing(self, limit: int) -> tuple[datetime, ...]:
        """When the rows were made that have not left yet, oldest first."""
        found = self._connection.calls.query(queries.standing_rows(limit))
        return tuple(one.document["created_at"] for one in found)

    def _newest(self, query: queries.Query, field: str) -> datetime | None:
        found = self._connection.calls.query(query)
        at: datetime | None = found[0].document[field] if found else None
        return at

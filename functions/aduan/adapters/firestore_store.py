"""The record in Firestore: what the use cases ask of their `Store`, as few round trips as it takes."""

import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from aduan.adapters import firestore_queries as queries
from aduan.adapters.firestore_channel import WHATSAPP, channel_state
from aduan.adapters.firestore_commit import alias_refs, claims, owner_among, writes_of
from aduan.adapters.firestore_connection import Create, FirestoreConnection, Found, Ref, Refused
from aduan.adapters.firestore_documents import (
    SCHEMA,
    doc_hash,
    is_bare_claim,
    load_citizen,
    load_complaint,
    load_message,
    load_row,
    model_of,
)
from aduan.adapters.firestore_hints import Hints
from aduan.adapters.firestore_queries import (
    CITIZENS,
    COMPLAINTS,
    MESSAGES,
    OUTBOX,
    REQUESTS,
    STAFF,
    parts_of,
)
from aduan.adapters.firestore_record import event_of
from aduan.adapters.firestore_staff import staff_member
from aduan.adapters.sealing import OfficeKey
from aduan.procedure.complaint import Complaint
from aduan.procedure.events import Event, EventType
from aduan.service.channel import Address
from aduan.service.model import Citizen, Conversation, Message, OutboxRow, Place, Request, is_somebody_else, message_id
from aduan.service.ports import (
    AlreadyDone,
    Commit,
    Conflict,
    DueAlarm,
    DueRow,
    Filters,
    Glance,
    Inbound,
    Loaded,
    Page,
    RowRef,
    SendJob,
)

_LARGEST_PART: Final = 180_000
"""Characters, of four bytes at most; sealing adds a third, and a document holds 1,048,576 bytes."""


class FirestoreStore:
    """A `Store`, which threads may share. ConnectionError: out of reach for now, the caller answers 5xx."""

    def __init__(self, connection: FirestoreConnection, office_key: OfficeKey) -> None:
        self._connection = connection
        self._office_key = office_key
        self._current = Hints()
        self._owners = Hints()

    def new_key(self) -> str:
        """A fresh data key, wrapped by the office's key."""
        return self._office_key.new_data_key()

    def lookup_hashes(self, kind: str, value: str) -> tuple[str, ...]:
        """The keyed hashes by which a 'nik' or 'phone' is found: several only while the office's key is replaced."""
        return self._office_key.lookup_hashes(kind, value)

    def new_citizen_id(self, sender: Address) -> str:
        """The id for a sender of whom `inbound` found nobody; no round trip. Their first alias has it too."""
        return next(iter(alias_refs(sender, self._office_key).values()))[0].id

    def inbound(self, wamid: str, sender: Address) -> Inbound:
        """One round trip; one more for a current complaint that this process does not remember, or remembers wrongly.

        One more for a citizen of another alias, unless this process remembers them. While the office's key is replaced
        a name that is known under an older key only counts as missing, and so gets its alias under the newest.
        Where the sender's two names lead to two citizens, the business-scoped id is believed: it stays one
        person's, while a phone number is given to somebody else in time, who must not see its former owner's. So
        whoever has a name that leads to nobody is somebody new, though one who was met under it stands in the record.
        """
        claim, aliases = Ref(MESSAGES, message_id(wamid)), alias_refs(sender, self._office_key)
        refs = [ref for under_each_key in aliases.values() for ref in under_each_key]
        ids = [ref.id for ref in refs]
        probable = dict.fromkeys((*ids, *self._owners.of(ids)))
        hinted = [Ref(COMPLAINTS, current) for current in self._current.of(probable)]
        found = self._connection.calls.get([claim, *refs, *(Ref(CITIZENS, one) for one in probable), *hinted])
        owners = {name: owner for name, refs in aliases.items() if (owner := owner_among(found, refs))}
        owner = next(iter(owners.values()), None)
        self._owners.remember(ids[0], owner if owner not in ids else None)
        citizen = self._citizen_among(found, owner)
        if citizen is not None and is_somebody_else(citizen.value, sender):
            owner = citizen = None
        moved = tuple(name for name, owner in owners.items() if citizen is None or owner != citizen.value.id)
        return Inbound(
            claimed=claim in found,
            citizen=citizen,
            complaint=self._current_of(citizen, found, hinted) if citizen else None,
            missing_aliases=tuple(n for n, under in aliases.items() if under[0] not in found and n not in moved),
            moved_aliases=moved,
            reserved_id=owner or (secrets.token_hex(16) if Ref(CITIZENS, ids[0]) in found and not citizen else None),
        )

    def _citizen_among(self, found: dict[Ref, Found], citizen_id: str | None) -> Loaded[Citizen] | None:
        if citizen_id is None:
            return None
        there = found.get(Ref(CITIZENS, citizen_id))
        return load_citizen(there, self._office_key) if there else self.citizen(citizen_id)

    def _current_of(
        self, citizen: Loaded[Citizen], found: dict[Ref, Found], hinted: list[Ref]
    ) -> Loaded[Complaint] | None:
        current = citizen.value.current
        self._current.remember(citizen.value.id, current)
        if current is None:
            return None
        ref = Ref(COMPLAINTS, current)
        there = found.get(ref) if ref in hinted else self._one(ref)
        return load_complaint(there, self._office_key) if there else None

    def complaint(self, complaint_id: str) -> Loaded[Complaint] | None:
        """One round trip."""
        found = self._one(Ref(COMPLAINTS, complaint_id))
        return load_complaint(found, self._office_key) if found else None

    def events(
        self,
        complaint: Loaded[Complaint],
        before: int | None = None,
        limit: int | None = None,
        types: frozenset[EventType] = frozenset(),
    ) -> tuple[Event, ...]:
        """One round trip: the record, in order."""
        seal = self._office_key.seal_for(complaint.key)
        found = self._connection.calls.query(queries.record(complaint.value.id, before, limit, types))
        return tuple(event_of(one.document, seal) for one in reversed(found))

    def conversation(
        self, complaint: Loaded[Complaint], before: Place | None = None, limit: int | None = None
    ) -> Conversation:
        """Two round trips."""
        query, key, asked = self._connection.calls.query, self._office_key, (complaint.value.id, before, limit)
        inbound = [load_message(one, key).value for one in query(queries.messages(*asked))]
        sent = [load_row(one, key).value for one in query(queries.sent_to_citizen(*asked))]
        return Conversation(
            tuple(sorted(inbound, key=lambda message: (message.at, message.received_at, message.wamid))),
            tuple(sorted(sent, key=lambda row: (row.created_at, row.id))),
        )

    def citizen(self, citizen_id: str) -> Loaded[Citizen] | None:
        """One round trip."""
        found = self._one(Ref(CITIZENS, citizen_id))
        return load_citizen(found, self._office_key) if found else None

    def request(self, request_id: str) -> Request | None:
        """One round trip."""
        found = self._one(Ref(REQUESTS, doc_hash(request_id)))
        return model_of(Request, found.document) if found else None

    def send_job(self, row: RowRef) -> SendJob | None:
        """One round trip for all of it."""
        at = Ref(OUTBOX, row.row)
        complaint, citizen = Ref(COMPLAINTS, row.complaint or ""), Ref(CITIZENS, row.citizen or "")
        staff = Ref(STAFF, (row.staff or "").lower())
        found = self._connection.calls.get([at, complaint, citizen, staff, WHATSAPP])
        if at not in found:
            return None
        return SendJob(
            row=load_row(found[at], self._office_key),
            channel=channel_state(found.get(WHATSAPP)),
            complaint=load_complaint(found[complaint], self._office_key) if complaint in found else None,
            citizen=load_citizen(found[citizen], self._office_key).value if citizen in found else None,
            staff=staff_member(found[staff]) if staff in found else None,
        )

    def message(self, message_id: str) -> Loaded[Message] | None:
        """One round trip."""
        found = self._one(Ref(MESSAGES, message_id))
        return load_message(found, self._office_key) if found and not is_bare_claim(found.document) else None

    def row(self, row_id: str) -> Loaded[OutboxRow] | None:
        """One round trip."""
        found = self._one(Ref(OUTBOX, row_id))
        return load_row(found, self._office_key) if found else None

    def glance(self, wamids: Sequence[str], row_ids: Sequence[str]) -> Glance:
        """One round trip."""
        claims_of = {wamid: Ref(MESSAGES, message_id(wamid)) for wamid in wamids}
        found = self._connection.calls.get([*claims_of.values(), *(Ref(OUTBOX, row_id) for row_id in row_ids)])
        rows = (found.get(Ref(OUTBOX, row_id)) for row_id in row_ids)
        return Glance(
            frozenset(wamid for wamid, ref in claims_of.items() if ref in found),
            {row.id: load_row(row, self._office_key) for row in rows if row is not None},
        )

    def commit(self, commit: Commit) -> None:
        """One round trip; a second where it was refused, to tell a repeat from a conflict.

        A refusal does not say which document it was about.
        """
        writes = writes_of(commit, self._office_key)
        try:
            self._connection.calls.commit(writes)
        except Refused as refused:
            if self._connection.calls.get(claims(commit)):
                raise AlreadyDone("this message or request was there before") from refused
            raise Conflict("somebody else wrote first") from refused
        if commit.citizen is not None:
            self._current.remember(commit.citizen.value.id, commit.citizen.value.current)

    def keep_unreadable(self, raw: str, reason: str, at: datetime, expire_at: datetime, message: str | None) -> int:
        """One round trip for each part: a webhook may be larger than a document."""
        key = self._office_key.new_data_key()
        seal = self._office_key.seal_for(key)
        texts = [raw[start : start + _LARGEST_PART] for start in range(0, max(1, len(raw)), _LARGEST_PART)]
        refs = parts_of(message or doc_hash(raw), len(texts))
        for part, (ref, text) in enumerate(zip(refs, texts, strict=True)):
            document: dict[str, Any] = {
                "raw": seal.seal(text), "part": part, "reason": reason, "at": at, "expire_at": expire_at, "key": key,
                "schema": SCHEMA,
            }  # fmt: skip
            try:
                self._connection.calls.commit([Create(ref, document)])
            except Refused:
                continue  # it is there: the same bytes were delivered again
        return len(texts)

    def listed(self, filters: Filters, cursor: str | None, limit: int) -> Page[Complaint]:
        """Soonest deadline first; one round trip, seldom more. Raises ValueError for a foreign cursor."""
        query = queries.listing(filters, limit + 1)
        if cursor is not None:
            query = queries.continued(query, cursor, self._signatures)
        shown = list(itertools.islice(self._wanted(query, filters), limit + 1))
        more = len(shown) > limit
        return Page(
            tuple(complaint for _, complaint in shown[:limit]),
            queries.cursor_at(shown[limit - 1][0], self._signatures) if more else None,
        )

    def _wanted(self, query: queries.Query, filters: Filters) -> Iterator[tuple[Found, Complaint]]:
        """The complaints of a listing, page after page, with where they were found."""
        while not queries.asks_for_nothing(query):
            found = self._connection.calls.query(query)
            for one in found:
                complaint = load_complaint(one, self._office_key).value
                if queries.is_wanted(complaint, filters):
                    yield one, complaint
            if len(found) < (query.limit or 0):
                return
            query = queries.after(query, found[-1])

    def _signatures(self, text: str) -> tuple[str, ...]:
        return self.lookup_hashes("cursor", text)

    def due_alarms(self, until: datetime, limit: int) -> tuple[DueAlarm, ...]:
        """One round trip; nothing is unsealed for it."""
        return self._due(queries.alarms(until, limit))

    def daily_due(self, until: datetime) -> tuple[DueAlarm, ...]:
        """One round trip; nothing is unsealed for it."""
        return self._due(queries.daily(until))

    def due_rows(self, until: datetime, limit: int, after: DueRow | None = None) -> tuple[DueRow, ...]:
        """One round trip; nothing is unsealed for it."""
        query = queries.rows(until, limit)
        if after is not None:
            query = replace(query, after=(after.at, after.ref.row))
        documents = (one.document for one in self._connection.calls.query(query))
        return tuple(
            DueRow(RowRef(d["id"], d["complaint"], d["to_citizen"], d["to_staff"]), d["next_at"]) for d in documents
        )

    def due_fetches(self, until: datetime, limit: int) -> tuple[str, ...]:
        """One round trip; nothing is unsealed for it."""
        return tuple(one.id for one in self._connection.calls.query(queries.fetches(until, limit)))

    def _due(self, query: queries.Query) -> tuple[DueAlarm, ...]:
        documents = (one.document for one in self._connection.calls.query(query))
        return tuple(DueAlarm(d["id"], d["alarm_at"], d["number"], d["unit"]) for d in documents)

    def _one(self, ref: Ref) -> Found | None:
        return self._connection.calls.get([ref]).get(ref)

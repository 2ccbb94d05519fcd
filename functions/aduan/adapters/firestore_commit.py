"""One act's `Commit` as the writes of one batch."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from aduan.adapters.firestore_connection import Create, Delete, Document, Put, Ref, Replace, Write
from aduan.adapters.firestore_documents import SCHEMA, HeadMark, doc_hash, document_of, head_of
from aduan.adapters.firestore_queries import ALIASES, CITIZENS, COMPLAINTS, ERASURES, KEYS, MESSAGES, OUTBOX, REQUESTS
from aduan.adapters.firestore_record import chained, first_hash
from aduan.adapters.sealing import OfficeKey
from aduan.procedure.personal import DESTROYED_KEY
from aduan.service.channel import Address
from aduan.service.erasures import Erasure
from aduan.service.ports import Commit


def alias_refs(address: Address, office_key: OfficeKey) -> dict[Address, Ref]:
    """Where each name that WhatsApp has for somebody leads to the citizen; the most trustworthy first."""
    names = (("bsuid", address.bsuid), ("phone", address.phone))
    return {Address(**{kind: name}): Ref(ALIASES, office_key.lookup_hash(kind, name)) for kind, name in names if name}


def claims(commit: Commit) -> list[Ref]:
    """The documents whose being there says that this act was done before."""
    refs = []
    if commit.message is not None:
        refs.append(Ref(MESSAGES, commit.message.id))
    if commit.request is not None:
        refs.append(Ref(REQUESTS, doc_hash(commit.request.id)))
    return refs


def writes_of(commit: Commit, office_key: OfficeKey) -> list[Write]:
    """Everything that an act writes."""
    key = _key_of(commit, office_key)
    return [
        *_of_complaint(commit, office_key),
        *_of_citizen(commit, office_key),
        *_of_message(commit, key, office_key),
        *_of_request(commit),
        *_of_rows(commit, key, office_key),
        *_of_erasure(commit),
    ]


def _of_complaint(commit: Commit, office_key: OfficeKey) -> Iterator[Write]:
    _expect_whole(commit)
    if commit.complaint is None:
        return
    loaded, complaint = commit.complaint, commit.complaint.value
    mark = loaded.mark if isinstance(loaded.mark, HeadMark) else None
    seal = office_key.seal_for(loaded.key)
    previous = mark.event_hash if mark else first_hash(complaint.id)
    events, newest = chained(complaint.id, commit.events, seal, previous)
    head = head_of(complaint, seal, loaded.key, newest)
    yield _created_or_replaced(Ref(COMPLAINTS, complaint.id), head, mark.updated if mark else None)
    yield from events
    yield from _of_key(complaint.id, loaded.key, is_new=mark is None)


def _of_key(complaint_id: str, key: str, *, is_new: bool) -> Iterator[Write]:
    """The key stands on the head, so that a list needs no further read, and once beside it: a head can be lost."""
    if is_new:
        yield Create(Ref(KEYS, complaint_id), {"key": key, "schema": SCHEMA})
    elif key == DESTROYED_KEY:
        yield Delete(Ref(KEYS, complaint_id))


def _expect_whole(commit: Commit) -> None:
    """A head that is not the sum of its events would be wrong for good: this is a fault of the program."""
    last = commit.complaint.value.seq if commit.complaint else 0
    if [event.seq for event in commit.events] != list(range(last - len(commit.events) + 1, last + 1)):
        raise ValueError("the events of a commit do not end where its complaint stands")


def _of_citizen(commit: Commit, office_key: OfficeKey) -> Iterator[Write]:
    loaded = commit.citizen
    if loaded is None:
        if commit.new_aliases or commit.moved_aliases or commit.released_aliases:
            raise ValueError("aliases without the citizen whose they are")
        return
    citizen = loaded.value
    document = document_of(citizen, office_key.seal_for(loaded.key), key=loaded.key)
    yield _created_or_replaced(Ref(CITIZENS, citizen.id), document, loaded.mark)
    leads_here = {"citizen": citizen.id, "schema": SCHEMA}
    for address in commit.new_aliases:
        yield from (Create(ref, leads_here) for ref in alias_refs(address, office_key).values())
    for address in commit.moved_aliases:
        yield from (Put(ref, leads_here) for ref in alias_refs(address, office_key).values())
    for address in commit.released_aliases:
        nobody_yet = {"citizen": secrets.token_hex(16), "schema": SCHEMA}
        yield from (Put(ref, nobody_yet) for ref in alias_refs(address, office_key).values())


def _of_message(commit: Commit, key: str, office_key: OfficeKey) -> Iterator[Write]:
    if commit.message is not None:
        document = document_of(commit.message, office_key.seal_for(key), key=key)
        yield Create(Ref(MESSAGES, commit.message.id), document)
    if commit.known_message is not None:
        known, known_key = commit.known_message.value, commit.known_message.key
        document = document_of(known, office_key.seal_for(known_key), key=known_key)
        yield _created_or_replaced(Ref(MESSAGES, known.id), document, commit.known_message.mark)


def _of_request(commit: Commit) -> Iterator[Write]:
    if commit.request is not None:
        yield Create(Ref(REQUESTS, doc_hash(commit.request.id)), document_of(commit.request))


def _of_rows(commit: Commit, key: str, office_key: OfficeKey) -> Iterator[Write]:
    if commit.row is not None:
        row, row_key = commit.row.value, commit.row.key
        document = document_of(row, office_key.seal_for(row_key), key=row_key)
        yield _created_or_replaced(Ref(OUTBOX, row.id), document, commit.row.mark)
    for row in commit.new_rows:
        # A list for staff is of many complaints: it must not keep the key of the one that happened to make it.
        own = key if row.complaint or row.to_citizen else office_key.new_data_key()
        yield Create(Ref(OUTBOX, row.id), document_of(row, office_key.seal_for(own), key=own))


def _of_erasure(commit: Commit) -> Iterator[Write]:
    if commit.erasure is not None:
        yield erasure_begins(commit.erasure)


def erasure_begins(erasure: Erasure) -> Create:
    """The note by which an erasure is found until it is over."""
    document = {"kind": erasure.kind.value, "at": erasure.at, "schema": SCHEMA}
    return Create(Ref(ERASURES, erasure.id), document)


def _created_or_replaced(ref: Ref, document: Document, mark: object) -> Write:
    return Replace(ref, document, mark) if isinstance(mark, datetime) else Create(ref, document)


def _key_of(commit: Commit, office_key: OfficeKey) -> str:
    """The data key of what the act is about, the complaint before its citizen; a new one where it is nobody."""
    about = (commit.complaint, commit.citizen, commit.row)
    return next((loaded.key for loaded in about if loaded is not None), None) or office_key.new_data_key()

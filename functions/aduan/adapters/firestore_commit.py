"""One act's `Commit` as the writes of one batch."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from aduan.adapters.firestore_connection import Create, Delete, Document, Found, Put, Ref, Replace, Write
from aduan.adapters.firestore_documents import SCHEMA, HeadMark, doc_hash, document_of, head_of, sealed
from aduan.adapters.firestore_queries import ALIASES, CITIZENS, COMPLAINTS, ERASURES, KEYS, MESSAGES, OUTBOX, REQUESTS
from aduan.adapters.firestore_record import chained, first_hash
from aduan.adapters.sealing import OfficeKey
from aduan.procedure.personal import DESTROYED_KEY
from aduan.service.channel import Address
from aduan.service.erasures import Erasure
from aduan.service.ports import Commit


def alias_refs(address: Address, office_key: OfficeKey) -> dict[Address, tuple[Ref, ...]]:
    """Where each name that WhatsApp has for somebody leads to the citizen; the most trustworthy first.

    Under each of the office's keys, the newest first.
    """
    names = (("bsuid", address.bsuid), ("phone", address.phone))
    return {
        Address(**{kind: name}): tuple(Ref(ALIASES, hashed) for hashed in office_key.lookup_hashes(kind, name))
        for kind, name in names
        if name
    }


def owner_among(found: Mapping[Ref, Found], refs: Sequence[Ref]) -> str | None:
    """To whom a name leads: where its hashes differ, a release that has but one of the keys wrote last."""
    known = [found[ref] for ref in refs if ref in found]
    return str(max(known, key=lambda one: one.updated).document["citizen"]) if known else None


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
    head = head_of(complaint, loaded.key, newest, office_key)
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
    yield _created_or_replaced(Ref(CITIZENS, citizen.id), sealed(citizen, loaded.key, office_key), loaded.mark)
    for address in commit.new_aliases:
        # Under every key that holds: two releases of which each puts another key first cannot both make a citizen.
        newest, *older = _aliases(address, citizen.id, office_key)
        yield Create(newest.ref, newest.document)
        yield from older
    for address in commit.moved_aliases:
        yield from _aliases(address, citizen.id, office_key)
    for address in commit.released_aliases:
        yield from _aliases(address, secrets.token_hex(16), office_key)


def _aliases(name: Address, citizen_id: str, office_key: OfficeKey) -> Iterator[Put]:
    """A name's aliases. Each says under which key it is hashed: so one that nobody can look up any more is known."""
    (refs,) = alias_refs(name, office_key).values()
    for ref, key_name in zip(refs, office_key.names, strict=True):
        yield Put(ref, alias_document(citizen_id, key_name))


def alias_document(citizen_id: str, key_name: str) -> Document:
    """What leads to a citizen."""
    return {"citizen": citizen_id, "hashed_under": key_name, "schema": SCHEMA}


def _of_message(commit: Commit, key: str, office_key: OfficeKey) -> Iterator[Write]:
    if commit.message is not None:
        yield Create(Ref(MESSAGES, commit.message.id), sealed(commit.message, key, office_key))
    if commit.known_message is not None:
        known, known_key = commit.known_message.value, commit.known_message.key
        document = sealed(known, known_key, office_key)
        yield _created_or_replaced(Ref(MESSAGES, known.id), document, commit.known_message.mark)


def _of_request(commit: Commit) -> Iterator[Write]:
    if commit.request is not None:
        yield Create(Ref(REQUESTS, doc_hash(commit.request.id)), document_of(commit.request))


def _of_rows(commit: Commit, key: str, office_key: OfficeKey) -> Iterator[Write]:
    if commit.row is not None:
        row, row_key = commit.row.value, commit.row.key
        document = sealed(row, row_key, office_key)
        yield _created_or_replaced(Ref(OUTBOX, row.id), document, commit.row.mark)
    for row in commit.new_rows:
        # A list for staff is of many complaints: it must not keep the key of the one that happened to make it.
        own = key if row.complaint or row.to_citizen else office_key.new_data_key()
        yield Create(Ref(OUTBOX, row.id), sealed(row, own, office_key))


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

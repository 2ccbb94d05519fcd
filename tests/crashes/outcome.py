"""What came of it all, without what differs from one run to the next: the times, and the numbers that are drawn."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from aduan import settings as names
from aduan.adapters.firestore_connection import Found
from aduan.adapters.firestore_documents import load_citizen, load_complaint, load_message, load_row
from aduan.adapters.firestore_queries import CHANNEL, CITIZENS, COMPLAINTS, MESSAGES, OUTBOX, STAFF
from aduan.adapters.firestore_record import event_of, verify_chain
from aduan.adapters.firestore_values import read_fields, read_moment
from aduan.adapters.sealing import OfficeKey
from aduan.adapters.task_bodies import read_check
from aduan.procedure.complaint import Breach, Complaint, replayed
from aduan.procedure.events import Event
from aduan.service.model import Message, OutboxRow, RowState
from aduan.service.ports import Loaded
from infra.local.whatsapp_exchange import Sent
from tests.crashes.project import Documents
from tests.crashes.stage import Stage

T = TypeVar("T")

_DRAWN: Final = re.compile(r"\d{6}-[0-9A-Z]{5}(?![0-9A-Z])|\(trace [0-9a-f]+\)")
"""A complaint's id, wherever it stands: in a number, an address, a link, a button. And the simulator's traces."""

_ARRIVED: Final = frozenset({RowState.SENT, RowState.DELIVERED, RowState.READ})
_CALLBACK: Final = "biz_opaque_callback_data"


def drawn(text: str) -> str:
    """A text without what is drawn by lot."""
    return _DRAWN.sub("#", text)


class Record:
    """The documents of a project, as the program itself reads them."""

    def __init__(self, documents: Documents, key: OfficeKey) -> None:
        self.documents = documents
        self._key = key

    def found(self, collection: str) -> Iterator[Found]:
        """The documents of a collection, in the order of their ids."""
        for path, document in sorted(self.documents.items()):
            above, _, name = path.rpartition("/")
            if above == collection:
                yield Found(name, read_fields(document.fields), read_moment(document.update_time))

    @property
    def complaints(self) -> list[Loaded[Complaint]]:
        return [load_complaint(one, self._key) for one in self.found(COMPLAINTS)]

    @property
    def messages(self) -> list[Message]:
        return [load_message(one, self._key).value for one in self.found(MESSAGES)]

    @property
    def rows(self) -> list[OutboxRow]:
        return [load_row(one, self._key).value for one in self.found(OUTBOX)]

    def events(self, complaint: Loaded[Complaint]) -> list[Event]:
        seal = self._key.seal_for(complaint.key)
        return [event_of(one.document, seal) for one in self.found(f"{COMPLAINTS}/{complaint.value.id}/events")]

    def faults(self) -> Iterator[str]:
        """What is wrong with this record in itself, whatever happened."""
        for loaded in self.complaints:
            head, events = loaded.value, self.events(loaded)
            documents = [one.document for one in self.found(f"{COMPLAINTS}/{head.id}/events")]
            newest = self.documents[f"{COMPLAINTS}/{head.id}"].fields["event_hash"].string_value
            if [event.seq for event in events] != list(range(1, head.seq + 1)):
                yield f"{head.id}: the events are not 1 to {head.seq}: {[event.seq for event in events]}"
            if (broken := verify_chain(head.id, documents, newest)) is not None:
                yield f"{head.id}: the chain is broken at event {broken}"
            blank = Complaint(id=head.id, citizen=head.citizen, started_at=head.started_at)
            if replayed(blank, tuple(events)) != head:
                yield f"{head.id}: the head is not the sum of its events"
        kept = Counter(message.wamid for message in self.messages)
        yield from (f"a message is kept {count} times" for count in kept.values() if count > 1)

    def said(self) -> Mapping[str, Any]:
        """Everything that matters, to be compared: each part under a name of its own."""
        collections = Counter(path.partition("/")[0] for path in self.documents)
        citizens = [load_citizen(one, self._key).value for one in self.found(CITIZENS)]
        complaints = _sorted(_complaint(one.value, self.events(one)) for one in self.complaints)
        return {
            **{f"documents in {name}": count for name, count in collections.items()},
            **{f"complaint {i}: {part}": value for i, one in enumerate(complaints) for part, value in one.items()},
            "citizens": _sorted((one.phone, one.bsuid, one.current is not None) for one in citizens),
            "messages": _sorted(_message(message) for message in self.messages),
            "rows": _sorted(_row(row) for row in self.rows),
            "staff": [(one.id, one.document) for one in self.found(STAFF)],
            "channel": [one.document.get("failure") for one in self.found(CHANNEL)],
        }


def _complaint(head: Complaint, events: Iterable[Event]) -> Mapping[str, object]:
    same = {"status", "step", "entry", "rung", "holder_role", "holder", "by_escalation", "daily", "form", "messages"}
    same |= {"sending", "send_failed", "approval_rung", "unread", "category"}
    return {
        **{name: getattr(head, name) for name in sorted(same)},
        "approved": head.approved and (head.approved.email, head.approved.role),
        "waits": head.wait is not None,
        "data check": head.data_check is not None,
        "breaches": [_breach(breach) for breach in head.breaches],
        "alarm": head.alarm and (head.alarm.kind, head.alarm.entry, head.alarm.rung),
        "events": [_event(event) for event in events],
    }


def _event(event: Event) -> tuple[object, ...]:
    return event.type, event.step, event.actor, event.role, event.note and drawn(event.note)


def _breach(breach: Breach) -> tuple[object, ...]:
    return breach.step, breach.entry, breach.ended_at is not None, [(rung.rung, rung.told) for rung in breach.rungs]


def _message(message: Message) -> tuple[object, ...]:
    return message.kind, message.text, message.complaint is not None, message.file and message.file.state


def _row(row: OutboxRow) -> tuple[object, ...]:
    state = "arrived" if row.state in _ARRIVED else row.state
    return row.kind, row.to_staff, row.by_template, drawn(row.message), state


def _sorted(items: Iterable[T]) -> list[T]:
    return sorted(items, key=repr)


@dataclass(frozen=True)
class Outcome:
    """What came of a run. `told` is what came to which phone, by the row that it was sent for."""

    said: Mapping[str, Any]
    told: tuple[tuple[str, str, str], ...]
    files: int
    faults: tuple[str, ...]

    @property
    def inboxes(self) -> Counter[tuple[str, str]]:
        """How often each thing came to each phone."""
        return Counter((to, text) for _, to, text in self.told)


def office_key(stage: Stage) -> OfficeKey:
    return stage.world.house.office_key


def outcome(stage: Stage, known: Collection[str] = ()) -> Outcome:
    """How everything stands now. `known` are the faults that the scene began with: a lost alarm that is not due yet."""
    record = Record(stage.project.read(), office_key(stage))
    return Outcome(
        said=record.said(),
        told=tuple(_told(sent) for sent in stage.sent),
        files=sum(path.is_file() for path in _below(stage.files)),
        faults=tuple(fault for fault in faults_of(stage, record) if fault not in known),
    )


def faults_of(stage: Stage, record: Record) -> Iterator[str]:
    """What is wrong, whatever was meant to come of it."""
    yield from record.faults()
    yield from _without_an_alarm(stage, record)


def _told(sent: Sent) -> tuple[str, str, str]:
    words = {name: value for name, value in sent.payload.items() if name != _CALLBACK}
    return str(sent.callback), sent.to, drawn(json.dumps(words, sort_keys=True))


def _below(folder: Path) -> Iterable[Path]:
    return folder.rglob("*") if folder.exists() else ()


def _without_an_alarm(stage: Stage, record: Record) -> Iterator[str]:
    """Whatever a complaint is to be looked at for next, a task must wait that rings for it."""
    queue = stage.world.house.settings[names.SLA_QUEUE]
    ringing = [read_check(task.body) for task in stage.world.tasks.pending(queue)]
    for loaded in record.complaints:
        head = loaded.value
        if head.alarm is not None and (head.id, head.alarm) not in ringing:
            yield f"{head.id}: nothing rings for {head.alarm.kind} at {head.alarm.at:%H:%M}"


def differences(got: Outcome, wanted: Outcome, copies: Counter[tuple[str, str]]) -> list[str]:
    """In what an outcome is not the one that is wanted. `copies` may have come to a phone once more."""
    found = list(got.faults)
    for part in sorted(got.said.keys() | wanted.said.keys()):
        is_now, should_be = got.said.get(part), wanted.said.get(part)
        if is_now != should_be:
            found.append(f"{part}: {is_now!r}\n      instead of {should_be!r}")
    lost = wanted.inboxes - got.inboxes
    doubled = got.inboxes - wanted.inboxes - copies
    found += [f"never came to {to}: {text}" for to, text in lost.elements()]
    found += [f"came once more to {to}: {text}" for to, text in doubled.elements()]
    if got.files != wanted.files:
        found.append(f"files: {got.files} instead of {wanted.files}")
    return found

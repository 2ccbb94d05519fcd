"""Everything that is kept of one citizen, as one page that anybody can read: UU 27/2022, pasal 7.

What others wrote is masked where it concerns others: their numbers, and who of the staff it was. What the citizen
wrote is theirs, whatever it says.
"""

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aduan.adapters import firestore_queries as queries
from aduan.adapters.firestore_documents import is_bare_claim, load_message, load_row
from aduan.bootstrap import House
from aduan.portal.file_view import download_name
from aduan.portal.names import ATTACHMENTS, EVENTS, STATUSES
from aduan.procedure.complaint import Complaint
from aduan.procedure.events import COMPLAINANT, SYSTEM, Event
from aduan.procedure.form import Check
from aduan.service.channel import OutboundMessage, Template
from aduan.service.errors import Unknown
from aduan.service.masking import masked
from aduan.service.model import OUTBOUND, Citizen, FileState, Message, OutboxRow
from aduan.service.ports import Loaded
from aduan.service.wording import local_time

_TEMPLATES: Final = Path(__file__).parent / "templates"
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NOBODY: Final = "petugas"
_COUNTRY: Final = "+62"


@dataclass(frozen=True)
class File:
    """A file of theirs, in the page itself."""

    name: str
    url: str


@dataclass(frozen=True)
class Entry:
    """One line of what was done or said."""

    at: str
    who: str
    what: str
    files: Sequence[File] = ()


@dataclass(frozen=True)
class Chapter:
    """One complaint."""

    title: str
    facts: Sequence[tuple[str, str]]
    record: Sequence[Entry]
    talk: Sequence[Entry]


@dataclass(frozen=True)
class Export:
    """One citizen's data, in a house that can read it."""

    house: House
    citizen: Loaded[Citizen]

    def page(self) -> str:
        """HTML, with the files in it."""
        complaints = [one for one in map(self.house.store.complaint, self._complaint_ids()) if one is not None]
        own = _own_numbers(self.citizen.value, [one.value for one in complaints], self._nik_keys())
        writes = partial(_of_staff, own)
        messages, rows = self._messages(), self._rows()
        of = {one.value.id for one in complaints}
        environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
        return environment.get_template("citizen.html").render(
            office=self.house.workflow.procedure.office,
            at=self._time(self.house.clock()),
            person=self._person(),
            complaints=[self._chapter(one, messages, rows, writes) for one in complaints],
            rest=self._talk(
                [one for one in messages if one.value.complaint not in of],
                [row for row in rows if row.complaint not in of],
                writes,
                None,
            ),
        )

    # What there is

    def _complaint_ids(self) -> tuple[str, ...]:
        query = queries.complaints_of(self.citizen.value.id)
        return tuple(sorted(found.id for found in self.house.connection.calls.query(query)))

    def _messages(self) -> list[Loaded[Message]]:
        query = queries.messages_left("citizen", self.citizen.value.id)
        found = self.house.connection.calls.query(query)
        return [load_message(one, self.house.office_key) for one in found if not is_bare_claim(one.document)]

    def _rows(self) -> list[OutboxRow]:
        query = queries.rows_left("to_citizen", self.citizen.value.id)
        return [load_row(one, self.house.office_key).value for one in self.house.connection.calls.query(query)]

    # How it reads

    def _person(self) -> list[tuple[str, str]]:
        citizen = self.citizen.value
        known = (("Nama di WhatsApp", citizen.name), ("Nomor WhatsApp", citizen.phone), ("ID WhatsApp", citizen.bsuid))
        last = ("Pesan terakhir", self._time(citizen.last_message_at))
        return [*((label, value) for label, value in known if value), last]

    def _chapter(
        self,
        loaded: Loaded[Complaint],
        messages: Iterable[Loaded[Message]],
        rows: Iterable[OutboxRow],
        writes: Callable[[str], str],
    ) -> Chapter:
        complaint = loaded.value
        mine = [one for one in messages if one.value.complaint == complaint.id]
        told = [row for row in rows if row.complaint == complaint.id]
        return Chapter(
            title=f"Aduan {complaint.number}" if complaint.number else f"Draf D-{complaint.id}",
            facts=self._facts(complaint),
            record=[self._event(event, writes) for event in self.house.store.events(loaded)],
            talk=self._talk(mine, told, writes, complaint),
        )

    def _facts(self, complaint: Complaint) -> list[tuple[str, str]]:
        procedure = self.house.workflow.procedure
        form = {field: complaint.form[field.key] for field in procedure.form.fields if field.key in complaint.form}
        times = (("Dimulai", complaint.started_at), ("Selesai", complaint.closed_at), ("Dihapus", complaint.erase_at))
        return [
            *((field.label, procedure.worded(field, value)) for field, value in form.items()),
            ("Status", STATUSES[complaint.status]),
            *((label, self._time(at)) for label, at in times if at is not None),
        ]

    def _event(self, event: Event, writes: Callable[[str], str]) -> Entry:
        who = {COMPLAINANT: "Anda", SYSTEM: "Program"}.get(event.actor)
        who = who or (self.house.workflow.procedure.titles[event.role] if event.role else _NOBODY)
        what = EVENTS[event.type] + (f": {writes(event.note)}" if event.note else "")
        return Entry(self._time(event.at), who, what)

    def _talk(
        self,
        messages: Iterable[Loaded[Message]],
        rows: Iterable[OutboxRow],
        writes: Callable[[str], str],
        complaint: Complaint | None,
    ) -> list[Entry]:
        said = [(one.value.at, self._said(one, complaint)) for one in messages]
        told = [(row.created_at, Entry(self._time(row.created_at), "Kantor", writes(_body(row)))) for row in rows]
        return [entry for _, entry in sorted([*said, *told], key=lambda one: one[0])]

    def _said(self, loaded: Loaded[Message], complaint: Complaint | None) -> Entry:
        message = loaded.value
        what = message.text or ATTACHMENTS.get(message.kind, message.kind.value)
        files = (self._file(loaded, complaint), self._whole(message))
        return Entry(self._time(message.at), "Anda", what, [one for one in files if one is not None])

    def _file(self, loaded: Loaded[Message], complaint: Complaint | None) -> File | None:
        file = loaded.value.file
        if file is None or file.state is not FileState.KEPT or complaint is None:
            return None
        try:
            content = self.house.media_store.open(loaded.value.id, loaded.key)
        except Unknown:  # the bucket has let it go, and the sweep comes soon
            return None
        return File(download_name(complaint, loaded.value, file), _data_url(file.kept_type, content))

    def _whole(self, message: Message) -> File | None:
        """What was cut from a message to fit a document, as WhatsApp gave it, until its own term."""
        refs = queries.parts_of(message.id, message.parts)
        found = self.house.connection.calls.get(refs) if refs else {}
        if not found or len(found) < len(refs):
            return None
        seals = ((self.house.office_key.seal_for(found[ref].document["key"]), found[ref].document) for ref in refs)
        whole = "".join(seal.open(document["raw"]) for seal, document in seals)
        return File("pesan-lengkap.json", _data_url("application/json", whole.encode("utf-8", "surrogatepass")))

    def _time(self, at: datetime) -> str:
        return local_time(at, self.house.workflow.clock.calendar.timezone)

    def _nik_keys(self) -> frozenset[str]:
        fields = self.house.workflow.procedure.form.fields
        return frozenset(field.key for field in fields if field.check is Check.NIK)


def _data_url(media_type: str | None, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def _body(row: OutboxRow) -> str:
    message: OutboundMessage = OUTBOUND.validate_json(row.message)
    return "\n".join(message.parameters) if isinstance(message, Template) else message.body


def _own_numbers(citizen: Citizen, complaints: Iterable[Complaint], nik_keys: frozenset[str]) -> re.Pattern[str] | None:
    """What finds the citizen's own numbers, however they are spaced."""
    numbers = {complaint.form[key] for complaint in complaints for key in nik_keys if key in complaint.form}
    if citizen.phone:
        numbers |= {citizen.phone, citizen.phone.replace(_COUNTRY, "0", 1)}
    spaced = (r"[ .\-/]?".join(map(re.escape, number)) for number in sorted(numbers, key=len, reverse=True) if number)
    found = "|".join(rf"(?<!\d){one}(?!\d)" for one in spaced)
    return re.compile(f"({found})") if found else None


def _of_staff(own: re.Pattern[str] | None, text: str) -> str:
    """What somebody else wrote: the citizen's own numbers as they stand, and those of others masked."""
    without_people = _MAIL.sub(_NOBODY, text)
    parts = own.split(without_people) if own else [without_people]
    return "".join(part if index % 2 else masked(part) for index, part in enumerate(parts))

"""What the simulated phones hold: people, their conversations with the office, and files.

Everything is in memory behind one lock and, given a folder, written through to one SQLite file there, so that
a restart of `make run` finds the conversations where they were.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ARCHIVE_NAME = "whatsapp.sqlite3"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS phones (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS media (id TEXT PRIMARY KEY, mime TEXT NOT NULL, at TEXT NOT NULL, file BLOB);
"""
# An upsert keeps the row where it stands, so that `rowid` stays the order of the conversation.
_UPSERT = "INSERT INTO {table} VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"


class MessageState(StrEnum):
    """How far a message came; `FAILED` is final."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class PhoneRecord(_Record):
    """One phone with WhatsApp on it. `phone` is E.164 with '+'; at least one of `phone` and `bsuid` is set.

    `contacts` is False for one whose webhooks come without `contacts`; `bsuid_in_from` puts the user id where
    the number should be, as has been seen in the wild.
    """

    id: str
    name: str
    phone: str | None = None
    bsuid: str | None = None
    staff: bool = False
    contacts: bool = True
    bsuid_in_from: bool = False
    last_wrote_at: datetime | None = None

    @property
    def wa_id(self) -> str | None:
        """The number as webhooks write it: digits only."""
        return self.phone.lstrip("+") if self.phone else None


class Option(_Record):
    """Something to tap: a reply button, a list row, or a template's quick reply (`id` is its payload)."""

    id: str
    title: str
    description: str = ""
    section: str = ""


class ChatMessage(_Record):
    """One message on a phone. `from_office` tells the direction; `type` is WhatsApp's word for it.

    `style` is `button`, `list` or `cta_url` for interactive ones; `state` is what the sender's ticks show.
    """

    id: str
    phone_id: str
    from_office: bool
    at: datetime
    type: str
    text: str = ""
    style: str = ""
    header: str = ""
    footer: str = ""
    options: tuple[Option, ...] = ()
    list_label: str = ""
    link_url: str = ""
    media_id: str | None = None
    media_type: str = ""
    filename: str = ""
    reply_to: str | None = None
    reaction: str = ""
    template: str = ""
    callback: str | None = None
    state: MessageState = MessageState.SENT


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as the citizen's phone uploaded it."""

    id: str
    mime_type: str
    at: datetime
    content: bytes


class PhoneBook:
    """All phones, messages and files. Thread safe; every change raises `revision` and wakes who waits."""

    def __init__(self, folder: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._revision = 0
        self._phones: dict[str, PhoneRecord] = {}
        self._messages: dict[str, ChatMessage] = {}
        self._conversations: dict[str, dict[str, ChatMessage]] = {}
        self._media: dict[str, MediaFile] = {}
        self._archive = _open_archive(folder)
        self._load()

    @property
    def revision(self) -> int:
        """A number that rises with every change."""
        with self._lock:
            return self._revision

    def wait_for_change(self, known: int, seconds: float) -> int:
        """The revision as soon as it is not `known`, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._revision != known, timeout=seconds)
            return self._revision

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the book still for a read-and-write that must be one step."""
        with self._lock:
            yield

    def add_phone(self, record: PhoneRecord) -> PhoneRecord:
        """Add a phone; its id is given here."""
        with self._lock:
            return self.save_phone(record.model_copy(update={"id": str(len(self._phones) + 1)}))

    def save_phone(self, record: PhoneRecord) -> PhoneRecord:
        """Replace what is known of a phone."""
        with self._change():
            self._phones[record.id] = record
            self._archive.execute(_UPSERT.format(table="phones"), (record.id, record.model_dump_json()))
        return record

    def phone(self, phone_id: str) -> PhoneRecord:
        """One phone. Raises `KeyError`."""
        with self._lock:
            return self._phones[phone_id]

    def phones(self) -> tuple[PhoneRecord, ...]:
        """All phones, in the order they were added."""
        with self._lock:
            return tuple(self._phones.values())

    def find(self, *, phone: str | None = None, bsuid: str | None = None) -> PhoneRecord | None:
        """The phone with this number (with or without '+'), or with this user id."""
        digits = phone.lstrip("+") if phone else None
        for record in self.phones():
            if (digits and record.wa_id == digits) or (bsuid and record.bsuid == bsuid):
                return record
        return None

    def save_message(self, message: ChatMessage) -> ChatMessage:
        """Add a message at the end of its conversation, or replace it where it stands."""
        with self._change():
            self._keep(message)
            self._archive.execute(_UPSERT.format(table="messages"), (message.id, message.model_dump_json()))
        return message

    def message(self, message_id: str) -> ChatMessage | None:
        """One message, by its wamid."""
        with self._lock:
            return self._messages.get(message_id)

    def conversation(self, phone_id: str) -> tuple[ChatMessage, ...]:
        """All messages of one phone, oldest first."""
        with self._lock:
            return tuple(self._conversations.get(phone_id, {}).values())

    def save_media(self, media: MediaFile) -> MediaFile:
        """Keep a file."""
        with self._change():
            self._media[media.id] = media
            row = (media.id, media.mime_type, media.at.isoformat(), media.content)
            self._archive.execute("INSERT INTO media VALUES (?, ?, ?, ?)", row)
        return media

    def media(self, media_id: str) -> MediaFile | None:
        """One file."""
        with self._lock:
            return self._media.get(media_id)

    def note_change(self) -> None:
        """Wake whoever waits: something that is not kept here (the typing sign) has changed."""
        with self._change():
            pass

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._archive.close()

    @contextmanager
    def _change(self) -> Iterator[None]:
        with self._changed:
            yield
            self._revision += 1
            self._changed.notify_all()

    def _keep(self, message: ChatMessage) -> None:
        self._messages[message.id] = message
        self._conversations.setdefault(message.phone_id, {})[message.id] = message

    def _load(self) -> None:
        with self._lock:
            for (body,) in self._archive.execute("SELECT body FROM phones ORDER BY CAST(id AS INTEGER)"):
                record = PhoneRecord.model_validate_json(body)
                self._phones[record.id] = record
            rows = self._archive.execute("SELECT body FROM messages ORDER BY rowid")
            for (body,) in rows:
                self._keep(ChatMessage.model_validate_json(body))
            for media_id, mime, at, content in self._archive.execute("SELECT id, mime, at, file FROM media"):
                self._media[media_id] = MediaFile(media_id, mime, datetime.fromisoformat(at), content)


def _open_archive(folder: Path | None) -> sqlite3.Connection:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    path = ":memory:" if folder is None else str(folder / ARCHIVE_NAME)
    # Autocommit: each write is one statement. The lock, not SQLite, keeps the threads apart.
    archive = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    archive.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _SCHEMA)
    return archive

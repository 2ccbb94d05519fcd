"""The way to Firestore, opened at its first use, and the words in which the adapter speaks to it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from aduan.adapters.firestore_calls import FirestoreCalls

Document = Mapping[str, Any]
"""The fields of one document, in Firestore's types."""

Observe = Callable[[str, int, int], None]
"""Told of each round trip: its kind ('get_all', 'query', 'commit'), the documents read, and those written."""


class Ref(NamedTuple):
    """Where a document stands: a collection's path, and an id in it."""

    collection: str
    id: str


@dataclass(frozen=True)
class Found:
    """A document as it was read; `updated` is its last write, for the precondition of the next. All times are UTC."""

    id: str
    document: Document
    updated: datetime


@dataclass(frozen=True)
class Create:
    """Write a document that must not be there yet."""

    ref: Ref
    document: Document


@dataclass(frozen=True)
class Replace:
    """Write every field of a document that must be as it was when it was read."""

    ref: Ref
    document: Document
    updated: datetime


@dataclass(frozen=True)
class Put:
    """Write a document, whatever is there."""

    ref: Ref
    document: Document


@dataclass(frozen=True)
class Delete:
    """Remove a document, if there is one; with `updated` it must be as it was when it was read."""

    ref: Ref
    updated: datetime | None = None


Write = Create | Replace | Put | Delete


class Refused(Exception):
    """Something was there, or had changed, that the writes did not expect. Nothing was written."""


def unobserved(_kind: str, _reads: int, _writes: int) -> None:
    """Count nothing."""


class FirestoreConnection:
    """One client for the whole process, made at its first use. Threads may share it.

    Google's client costs half a second and tens of megabytes: who never comes here does not pay for it. The
    client itself finds an emulator, by `FIRESTORE_EMULATOR_HOST`.
    """

    def __init__(self, project: str, observe: Observe = unobserved) -> None:
        self._project = project
        self._observe = observe
        self._lock = threading.Lock()
        self._calls: FirestoreCalls | None = None

    @property
    def calls(self) -> "FirestoreCalls":
        """The open connection."""
        with self._lock:
            if self._calls is None:
                from aduan.adapters.firestore_calls import FirestoreCalls  # noqa: PLC0415 - see the class

                self._calls = FirestoreCalls(self._project, self._observe)
            return self._calls

    def close(self) -> None:
        """Let go of the client, if there is one; the next use makes another."""
        with self._lock:
            if self._calls is not None:
                self._calls.close()
                self._calls = None

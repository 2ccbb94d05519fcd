"""Files that citizens send: what is asked of WhatsApp, which has them for a week, and of the place that keeps them."""

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a file that is kept. WhatsApp lets nothing through that is larger, but for documents."""

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_DIGEST_BYTES: Final = 32


class MediaFailure(StrEnum):
    """What stands between us and a file."""

    LATER = "later"  # WhatsApp does not answer, or not now
    OPERATOR = "operator"  # token, permission or setting: nothing comes until somebody mends it
    LINK_GONE = "link_gone"  # this link has run out; a new one may work
    GONE = "gone"  # WhatsApp does not have this file, or not any more
    DAMAGED = "damaged"  # what came is not what was sent
    NO_ROOM = "no_room"  # our own store takes nothing now
    TOO_LARGE = "too_large"


@dataclass  # not frozen: Python itself writes an exception's traceback
class MediaError(Exception):
    """A file could not be had. `detail` is for the log: codes and kinds of errors, no ids and no addresses."""

    failure: MediaFailure
    detail: str

    def __str__(self) -> str:
        return f"{self.failure}: {self.detail}"


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Where a file can be downloaded for five minutes, and what WhatsApp says of it. `size` is in bytes."""

    url: str
    sha256: str | None = None
    size: int | None = None


class MediaSource(Protocol):
    """WhatsApp, as far as it holds files. Both raise `MediaError`."""

    def locate(self, media_id: str) -> MediaLink: ...

    def download(self, link: MediaLink) -> bytes:
        """All of it, or `TOO_LARGE` as soon as it is seen to be."""
        ...


class MediaStore(Protocol):
    """Where files are kept, each by its message's id, sealed under the citizen's wrapped data key."""

    def keep(self, message_id: str, content: bytes, key: str) -> None:
        """Keep a file; the same again is the same. Raises `MediaError` (`NO_ROOM`)."""
        ...

    def drop(self, message_id: str, key: str) -> None:
        """Remove a file; one that is not there is removed already. Raises `NotYet` where the store does not answer."""
        ...

    def open(self, message_id: str, key: str) -> bytes:
        """Return its bytes. Raises `Unknown` where there is none, `NotYet` where the store does not answer."""
        ...


def digest(claim: str | None) -> str | None:
    """A SHA-256 as WhatsApp writes it (base64 in a webhook, hex with a link), in hex; None for what is none."""
    if claim is None:
        return None
    if _HEX.fullmatch(claim):
        return claim.lower()
    try:
        decoded = base64.b64decode(claim, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded.hex() if len(decoded) == _DIGEST_BYTES else None

"""A file comes from WhatsApp to us: located, downloaded, checked, kept, and what came of it written down.

The message itself is the row of this queue, as for what is sent: `fetch_at` says when it is due, and the sweep finds
what no task reached. The complaint waits for none of it. A repeat keeps the same under the same name.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import structlog

from aduan.service import limits
from aduan.service.channel import InboundMessage
from aduan.service.file_types import type_of
from aduan.service.media import LARGEST, MediaError, MediaFailure, MediaLink, MediaSource, MediaStore, digest
from aduan.service.model import AttachedFile, FileState, Message
from aduan.service.ports import Clock, Commit, Conflict, Loaded, Store, Tasks

log = structlog.get_logger()

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
_DOUBLINGS = 8
"""After these the longest wait is reached: 15 s doubled eight times is more than an hour."""

_EARLY = timedelta(seconds=2)
_FEW = 8
"""Attempts, over half an hour, at what WhatsApp says is not there or what comes damaged: it has been wrong before."""

_FINAL = frozenset({MediaFailure.TOO_LARGE, MediaFailure.DAMAGED})
"""Reasons that say more than that the file's week is over."""

REASONS: Mapping[MediaFailure, str] = MappingProxyType(
    {
        MediaFailure.LATER: "WhatsApp belum dapat dihubungi",
        MediaFailure.OPERATOR: "WhatsApp menolak sambungan kantor",
        MediaFailure.LINK_GONE: "WhatsApp belum memberikan berkas ini",
        MediaFailure.GONE: "WhatsApp tidak lagi menyimpan berkas ini",
        MediaFailure.DAMAGED: "Berkas dari WhatsApp tidak utuh",
        MediaFailure.NO_ROOM: "Tempat penyimpanan kantor belum dapat dipakai",
        MediaFailure.TOO_LARGE: f"Berkas lebih besar dari {LARGEST // 1024**2} MB",
    }
)
"""For the staff."""

LOST = "WhatsApp gagal menerima berkas ini dari pemohon"


def file_of(message: InboundMessage, now: datetime, expire_at: datetime) -> AttachedFile | None:
    """The file of a message that has just come, due to be fetched at once; None where it has none."""
    media = message.media
    if media is None:
        lost = AttachedFile(media_id=None, state=FileState.MISSING, reason=LOST)
        return lost if message.file_lost else None
    return AttachedFile(
        media_id=media.id, media_type=media.mime_type, sha256=media.sha256, filename=media.filename,
        voice=media.voice, fetch_at=now, expire_at=expire_at,
    )  # fmt: skip


@dataclass(frozen=True)
class Fetching:
    """The use case behind `fetch_media`."""

    store: Store
    source: MediaSource
    media: MediaStore
    tasks: Tasks
    clock: Clock

    def fetch(self, message_id: str) -> None:
        """Fetch the file of one message, if it is still wanted and its time has come."""
        loaded, now = self.store.message(message_id), self.clock()
        file = loaded.value.file if loaded else None
        if loaded is None or file is None or file.media_id is None or not _is_due(file, now):
            return
        try:
            content = self._checked(file.media_id, file)
            self.media.keep(message_id, content, loaded.key)
        except MediaError as error:
            self._failed(loaded, file, error, now)
            return
        known = {"kept_type": type_of(content), "size": len(content)}
        if self._note(loaded, file, state=FileState.KEPT, fetch_at=None, reason=None, **known):
            log.info("file_kept", file=message_id, complaint=loaded.value.complaint, **known)
        elif self._is_gone(message_id):  # erased while it was fetched: it was put where nobody would look for it
            self.media.drop(message_id, loaded.key)

    def _is_gone(self, message_id: str) -> bool:
        loaded = self.store.message(message_id)
        return loaded is None or (loaded.value.file is not None and loaded.value.file.state is FileState.ERASED)

    def _checked(self, media_id: str, file: AttachedFile) -> bytes:
        """The bytes, by a link that is still good. The hash that came with it is newer than the webhook's."""
        link = self.source.locate(media_id)
        try:
            content = self._download(link)
        except MediaError as error:
            if error.failure is not MediaFailure.LINK_GONE:
                raise
            link = self.source.locate(media_id)
            content = self._download(link)
        claim = digest(link.sha256) or digest(file.sha256)
        if claim is not None and hashlib.sha256(content).hexdigest() != claim:
            raise MediaError(MediaFailure.DAMAGED, "its hash is another")
        return content

    def _download(self, link: MediaLink) -> bytes:
        if link.size is not None and link.size > LARGEST:
            raise MediaError(MediaFailure.TOO_LARGE, "by WhatsApp's own word")
        return self.source.download(link)

    def _failed(self, loaded: Loaded[Message], file: AttachedFile, error: MediaError, now: datetime) -> None:
        """Again later, while there is hope; what cannot be had is said so, and why."""
        message, failure = loaded.value, error.failure
        about = {"file": message.id, "complaint": message.complaint, "why": failure.value, "detail": error.detail}
        again_at = now + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(file.attempts, _DOUBLINGS))
        if failure is MediaFailure.OPERATOR:
            log.error("channel_needs_operator", **about)
        if again_at >= message.at + limits.MEDIA_LIFE:
            failure = failure if failure in _FINAL else MediaFailure.GONE
        elif not _is_hopeless(failure, file):
            if self._note(loaded, file, reason=REASONS[failure], fetch_at=again_at):
                log.info("file_waits", **about)
                self._come_back(message.id, again_at)
            return
        missing = {"state": FileState.MISSING, "reason": REASONS[failure], "fetch_at": None, "expire_at": None}
        if self._note(loaded, file, **missing):
            log.warning("file_missing", **about)

    def _note(self, loaded: Loaded[Message], file: AttachedFile, **news: Any) -> bool:
        """Write what came of an attempt. False where another attempt has written meanwhile: then its word stands."""
        after = file.model_copy(update={"attempts": file.attempts + 1, **news})
        told = loaded.value.model_copy(update={"file": after})
        try:
            self.store.commit(Commit(known_message=replace(loaded, value=told)))
        except Conflict:
            log.info("file_fetched_twice", file=loaded.value.id)
            return False
        return True

    def _come_back(self, message_id: str, at: datetime) -> None:
        """A queue that is down costs nothing but time: the sweep finds what is due."""
        try:
            self.tasks.send((), not_before=at, fetch=[message_id])
        except Exception:
            log.exception("tasks_left_to_the_sweep", files=[message_id])


def _is_hopeless(failure: MediaFailure, file: AttachedFile) -> bool:
    if failure is MediaFailure.TOO_LARGE:
        return True
    return failure in (MediaFailure.GONE, MediaFailure.DAMAGED) and file.attempts + 1 >= _FEW


def _is_due(file: AttachedFile, now: datetime) -> bool:
    """A task that comes twice, or before the one that was set for later, changes nothing."""
    if file.state is not FileState.WANTED:
        return False
    return file.attempts == 0 or file.fetch_at is None or now >= file.fetch_at - _EARLY

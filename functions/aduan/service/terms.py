"""What is past its term goes, a page at a time: its cost follows what is due, and not what is kept.

In the cloud, Firestore and the bucket remove by themselves what has a term from the start (`infra/`); this is the net
below them, and all that there is on one machine. Complaints, drafts and citizens are removed by nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from aduan.service.erasing import Erasing
from aduan.service.erasures import Ephemera, Erasure, Trace
from aduan.service.model import FileState
from aduan.service.ports import Commit, Conflict

log = structlog.get_logger()

_PAGE: Final = 100
_PAGES: Final = 20
"""At a sweep: what is left of a great day is the next sweep's, five minutes later."""

_OPEN: Final = timedelta(days=30)
"""Until a citizen is looked at again whose complaint is still open: it has no term yet."""

_SOON: Final = timedelta(days=1)
"""The same, where it is due at this moment."""


@dataclass(frozen=True)
class Ended:
    """What a sweep removed, and how much it could not."""

    erased: int = 0
    dropped: int = 0
    failed: int = 0

    def __add__(self, other: "Ended") -> "Ended":
        return Ended(self.erased + other.erased, self.dropped + other.dropped, self.failed + other.failed)


@dataclass(frozen=True)
class Terms:
    """The part of the sweep that lets go."""

    erasing: Erasing

    def end(self) -> Ended:
        """Whatever is due. One that cannot be removed is reported, and holds up no other."""
        now, due = self.erasing.clock(), self.erasing.erasures
        kinds: tuple[Callable[[], Ended], ...] = (
            self._finish_begun,
            lambda: self._drop_messages(now),
            lambda: self._each(lambda limit: due.due_files(now, limit), self._drop_file),
            lambda: self._each(lambda limit: due.due_complaints(now, limit), self._erase_complaint),
            lambda: self._each(lambda limit: due.due_citizens(now, limit), self._erase_citizen),
            *(partial(self._drop, what, now) for what in Ephemera),
        )
        return sum((_safely(end) for end in kinds), Ended())

    def _finish_begun(self) -> Ended:
        """What was begun, and whose process was killed."""
        begun: dict[str, Erasure] = {}

        def ids(limit: int) -> Sequence[str]:
            begun.update({one.id: one for one in self.erasing.erasures.begun(limit)})
            return tuple(begun)

        def finish(erasure_id: str) -> Ended:
            self.erasing.finish(begun[erasure_id])
            return Ended(erased=1)

        return self._each(ids, finish)

    def _each(self, due: Callable[[int], Sequence[str]], end: Callable[[str], Ended]) -> Ended:
        """Page after page, each once: what could not be removed stands there again, before the others."""
        ended, tried = Ended(), set[str]()
        for _ in range(_PAGES):
            fresh = [one for one in due(_PAGE + len(tried)) if one not in tried]
            tried.update(fresh)
            ended = sum((_safely(partial(end, one)) for one in fresh), ended)
            if len(fresh) < _PAGE:
                break
        return ended

    def _erase_complaint(self, complaint_id: str) -> Ended:
        return Ended(erased=int(self.erasing.complaint(complaint_id)))

    def _erase_citizen(self, citizen_id: str) -> Ended:
        """Whoever has no complaint left. Whoever has one is looked at again when it is due."""
        citizen, now = self.erasing.store.citizen(citizen_id), self.erasing.clock()
        if citizen is None or citizen.value.erase_at is None or citizen.value.erase_at > now:
            return Ended()
        try:
            standing = self.erasing.erasures.complaints_of(citizen_id, 1)
            if not standing:
                self.erasing.citizen(citizen)
                return Ended(erased=1)
            complaint = self.erasing.store.complaint(standing[0])
            at = (complaint.value.erase_at if complaint else None) or now + _OPEN
            later = citizen.value.model_copy(update={"erase_at": at if at > now else now + _SOON})
            self.erasing.store.commit(Commit(citizen=replace(citizen, value=later)))
        except Conflict:
            log.info("citizen_wrote_meanwhile")
        return Ended()

    def _drop_messages(self, now: datetime) -> Ended:
        """Page after page. One whose file cannot go stays, and is passed over for this time."""
        ended, stuck = Ended(), set[str]()
        for _ in range(_PAGES):
            due = self.erasing.erasures.due_messages(now, _PAGE + len(stuck))
            fresh = [one for one in due if one.message not in stuck]
            for one in fresh:
                if (tried := _safely(partial(self._drop_file_of, one))).failed:
                    stuck.add(one.message)
                ended += tried
            going = [one for one in fresh if one.message not in stuck]
            self.erasing.erasures.drop_messages(going)
            ended += Ended(dropped=len(going))
            if len(fresh) < _PAGE:
                break
        return ended

    def _drop_file_of(self, message: Trace) -> Ended:
        self.erasing.drop_files([message])
        return Ended()

    def _drop_file(self, message_id: str) -> Ended:
        """The file goes before its message does; whose message says so."""
        message = self.erasing.store.message(message_id)
        if message is None or message.value.file is None:
            return Ended()
        self.erasing.media.drop(message_id, message.key)
        gone = {"state": FileState.ERASED, "fetch_at": None, "expire_at": None, "filename": None, "reason": None}
        erased = message.value.file.model_copy(update=gone)
        told = message.value.model_copy(update={"file": erased})
        self.erasing.store.commit(Commit(known_message=replace(message, value=told)))
        return Ended(dropped=1)

    def _drop(self, what: Ephemera, now: datetime) -> Ended:
        dropped = 0
        for _ in range(_PAGES):
            count = self.erasing.erasures.drop(what, now, _PAGE)
            dropped += count
            if count < _PAGE:
                break
        return Ended(dropped=dropped)


def _safely(end: Callable[[], Ended]) -> Ended:
    try:
        return end()
    except Exception:
        # Whatever is wrong with this, what else is due must not stay for it; the sweep answers that it failed.
        log.exception("term_not_ended")
        return Ended(failed=1)

"""What is personal goes: with a complaint's or a citizen's key first, then every trace that carried a copy of it.

The key goes in one commit, which also notes that an erasure has begun: from then on nobody can read or see anything
of it. What is left (files, messages, rows) is removed step by step, each of which may be repeated; whoever is killed
between two of them leaves the note, and the next sweep, or the same command again, goes on from there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from aduan.procedure.acts import Erase
from aduan.procedure.complaint import Complaint
from aduan.procedure.personal import DESTROYED_KEY
from aduan.procedure.workflow import Workflow
from aduan.service.erasures import CLAIM_LIFE, Erasure, ErasureKind, Erasures, Trace
from aduan.service.media import MediaStore
from aduan.service.model import Citizen
from aduan.service.ports import Clock, Commit, Loaded, Store
from aduan.service.retrying import until_settled
from aduan.service.settling import tell

log = structlog.get_logger()

_PAGE = 100


@dataclass(frozen=True)
class Erasing:
    """Erases complaints and citizens, for the sweep and for the office's command."""

    workflow: Workflow
    store: Store
    erasures: Erasures
    media: MediaStore
    clock: Clock

    def complaint(self, complaint_id: str, *, asked: bool = False) -> bool:
        """Erase a complaint that is past its term, or whose citizen asked for it. False: it is not due, or was done."""
        begun = until_settled(lambda: self._begin(complaint_id, asked=asked))
        if begun is not None:
            self.finish(begun)
        return begun is not None

    def citizen(self, citizen: Loaded[Citizen]) -> None:
        """Erase a citizen, with every complaint. Raises `Conflict` where they wrote meanwhile: nothing is done then."""
        self.finish(self.erasures.forget(citizen, self.clock()))

    def forget(self, name: str) -> bool:
        """Erase whoever has this phone number (E.164) or business-scoped id; False where nobody has it.

        The same again finishes what was begun: by then nobody has the name any more.
        """
        while begun := self.erasures.begun(_PAGE):
            for one in begun:
                self.finish(one)
        return until_settled(lambda: self._forget(name))

    def _forget(self, name: str) -> bool:
        known = self.erasures.known_as(name)
        if known is None:
            return False
        self.citizen(known)
        return True

    def finish(self, erasure: Erasure) -> None:
        """Remove what is left of it. Each step may be repeated, and each is tried again after a crash."""
        if erasure.kind is ErasureKind.CITIZEN:
            while complaints := self.erasures.complaints_of(erasure.id, _PAGE):
                for complaint_id in complaints:
                    self.complaint(complaint_id, asked=True)
        while traces := self.erasures.traces(erasure, _PAGE):
            self.drop_files(traces)
            self.erasures.leave_claims(traces, self.clock() + CLAIM_LIFE)
        while self.erasures.drop_rows(erasure, _PAGE):
            pass
        until_settled(lambda: self.erasures.finish(erasure))
        log.info("erased", kind=erasure.kind.value, id=erasure.id)

    def drop_files(self, messages: Sequence[Trace]) -> None:
        """Before their messages: a file that no message leads to would not be found again."""
        for message in messages:
            if message.file_key is not None:
                self.media.drop(message.message, message.file_key)

    def _begin(self, complaint_id: str, *, asked: bool) -> Erasure | None:
        loaded, now = self.store.complaint(complaint_id), self.clock()
        if loaded is None:
            return None
        transition = self.workflow.decide(loaded.value, Erase(asked=asked), now)
        if not transition.events:
            return None
        erasure = Erasure(complaint_id, ErasureKind.COMPLAINT, now)
        erased = Loaded(transition.complaint, DESTROYED_KEY, loaded.mark)
        citizen = self._let_go(loaded.value)
        self.store.commit(Commit(complaint=erased, events=transition.events, citizen=citizen, erasure=erasure))
        tell(transition)
        return erasure

    def _let_go(self, complaint: Complaint) -> Loaded[Citizen] | None:
        """Its citizen, where anything of theirs still names it.

        What they write next would be kept and answered as of an erased complaint: that is, not at all. In the same
        commit, so that nothing they write at this moment is.
        """
        citizen = self.store.citizen(complaint.citizen)
        if citizen is None or complaint.id not in f"{citizen.value.current} {citizen.value.prompted}":
            return None
        nothing = {"current": None, "prompted": None, "prompted_at": None}
        return replace(citizen, value=citizen.value.model_copy(update=nothing))

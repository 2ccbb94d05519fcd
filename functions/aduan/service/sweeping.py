"""What the tasks missed: every five minutes, oldest first, at a cost that follows what is due and not what is open."""

import operator
from dataclasses import asdict, astuple, dataclass
from datetime import datetime, timedelta

import structlog

from aduan.service.checking import Checking
from aduan.service.ports import Clock, DueRow, Store, Tasks
from aduan.service.terms import Terms

log = structlog.get_logger()

PERIOD = timedelta(minutes=5)
_PAGE = 100
_PAGES = 100
_FILES = 1000
"""At a time: each that is tried is due later, or no more, so that the next sweep finds the others."""

_BEING_FETCHED = timedelta(minutes=1)


@dataclass(frozen=True)
class Swept:
    """What a sweep did. `holes` stood unnoticed for more than a whole period: the operator must know."""

    alarms: int = 0
    rows: int = 0
    media: int = 0
    holes: int = 0
    failed: int = 0
    erased: int = 0
    dropped: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(*map(operator.add, astuple(self), astuple(other)))


@dataclass(frozen=True)
class Sweeping:
    """The use case behind `sweep`."""

    checking: Checking
    store: Store
    tasks: Tasks
    terms: Terms
    clock: Clock

    def sweep(self) -> Swept:
        """Mend what is overdue. Each complaint by itself: one that cannot be mended holds up no other."""
        now = self.clock()
        swept = self._ring_lost_alarms(now) + self._send_forgotten_rows(now) + self._fetch_forgotten_files(now)
        swept += Swept(**asdict(self.terms.end()))
        report = log.error if swept.holes or swept.failed else log.info
        report("swept", **asdict(swept))
        return swept

    def _ring_lost_alarms(self, now: datetime) -> Swept:
        mended = holes = 0
        broken: set[str] = set()
        for _ in range(_PAGES):
            due = [c for c in self.store.due_alarms(now, _PAGE + len(broken)) if c.id not in broken]
            for complaint in due:
                holes += complaint.at < now - PERIOD
                try:
                    mended += self.checking.check(complaint.id, None)
                except Exception:
                    # Whatever is wrong with this one, the next complaint's deadline must not wait for it.
                    log.exception("sweep_failed", complaint=complaint.id)
                    broken.add(complaint.id)
            if len(due) < _PAGE:
                break
        return Swept(alarms=mended, holes=holes, failed=len(broken))

    def _send_forgotten_rows(self, now: datetime) -> Swept:
        """Their tasks, asked for once more, page after page: after an outage there are more than one holds."""
        rows = holes = 0
        last: DueRow | None = None
        for _ in range(_PAGES):
            due = self.store.due_rows(now, _PAGE, last)
            try:
                self.tasks.send([row.ref for row in due], not_before=now)
            except Exception:
                # The queue is down: nothing that follows would fare better, and the next sweep comes in minutes.
                log.exception("rows_left_to_the_next_sweep")
                return Swept(rows=rows, holes=holes, failed=1)
            rows += len(due)
            holes += sum(row.at < now - PERIOD for row in due)
            if len(due) < _PAGE:
                break
            last = due[-1]
        return Swept(rows=rows, holes=holes)

    def _fetch_forgotten_files(self, now: datetime) -> Swept:
        """Tasks for files whose own task never came: not for those that are being fetched at this moment."""
        due = self.store.due_fetches(now - _BEING_FETCHED, _FILES)
        try:
            self.tasks.send((), not_before=now, fetch=due)
        except Exception:
            log.exception("files_left_to_the_next_sweep")
            return Swept(failed=1)
        return Swept(media=len(due))

"""What the tasks missed: every five minutes, oldest first, at a cost that follows what is due and not what is open."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aduan.service.checking import Checking
from aduan.service.ports import Clock, Store, Tasks

log = structlog.get_logger()

PERIOD = timedelta(minutes=5)
_PAGE = 100
_PAGES = 100
_ROWS = 1000


@dataclass(frozen=True)
class Swept:
    """What a sweep did. `holes` stood unnoticed for more than a whole period: the operator must know."""

    alarms: int = 0
    holes: int = 0
    rows: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Sweeping:
    """The use case behind `sweep`."""

    checking: Checking
    store: Store
    tasks: Tasks
    clock: Clock

    def sweep(self) -> Swept:
        """Mend what is overdue. Each complaint by itself: one that cannot be mended holds up no other."""
        now = self.clock()
        alarms, holes, failed = self._ring_lost_alarms(now)
        rows = self._send_forgotten_rows(now)
        swept = Swept(alarms=alarms, holes=holes, rows=rows, failed=failed)
        report = log.error if holes or failed else log.info
        report("swept", alarms=alarms, holes=holes, rows=rows, failed=failed)
        return swept

    def _ring_lost_alarms(self, now: datetime) -> tuple[int, int, int]:
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
                    log.exception("sweep_failed", complaint=complaint.number or complaint.id)
                    broken.add(complaint.id)
            if len(due) < _PAGE:
                break
        return mended, holes, len(broken)

    def _send_forgotten_rows(self, now: datetime) -> int:
        rows = self.store.due_rows(now, _ROWS)
        if rows:
            self.tasks.send(rows, not_before=now)
        return len(rows)

"""How much time is left, in words and for a bar. What is shown is service time, as the procedure counts it."""

from dataclasses import dataclass
from datetime import datetime
from math import floor

from aduan.portal.office import Office, length
from aduan.procedure.complaint import Complaint, Status


@dataclass(frozen=True)
class Timing:
    """The words say all of it; the bar, where there is one, shows `left` of `budget` minutes, and is full when late."""

    words: str
    until: str = ""
    is_late: bool = False
    budget: int = 0
    left: int = 0


def timing(office: Office, complaint: Complaint, now: datetime) -> Timing:
    """How a complaint stands in time."""
    if complaint.status is Status.CLOSED:
        return Timing("Selesai")
    if complaint.wait is not None:
        until = f"Paling lama sampai {office.when(complaint.wait.limit_at, now)}."
        return Timing("Waktu berhenti: menunggu pemohon", until)
    if complaint.due_at is None:
        return Timing("Tanpa batas waktu")
    if complaint.status is Status.DRAFT and now > complaint.due_at:
        # IKMT-PIAK-01-06, step 1: the time is the complainant's own, and to use it up is no lateness of the office.
        return Timing("Belum dilengkapi pemohon", f"Batasnya {office.when(complaint.due_at, now)}.")
    if complaint.step is None:
        return Timing("Menunggu persetujuan", f"Pengingat berikutnya {office.when(complaint.due_at, now)}.")
    return _running(office, complaint.step, complaint.due_at, now)


def _running(office: Office, step: int, due: datetime, now: datetime) -> Timing:
    budget = office.budget(step)
    if now > due:
        late = length(office.minutes(due, now))
        return Timing(
            f"Terlambat {late}", f"Batasnya {office.when(due, now)}.", is_late=True, budget=budget, left=budget
        )
    left = office.minutes(now, due)
    words = f"Sisa {length(floor(left))}"
    return Timing(words, f"Sampai {office.when(due, now)}.", budget=budget, left=min(floor(left), budget))

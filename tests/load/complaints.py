"""500 complaints in five minutes, through all eight steps, a minute lasting one second.

They come one after the other at their own pace, however slow the answers are. Every third step is left to run over:
nobody acts until the program has alerted or escalated; then somebody goes on.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tqdm import tqdm

from tests.load.office import Office, Phones, number_on
from tests.load.pacing import Stage

BUDGETS: Final = {1: 10, 2: 10, 3: 30, 4: 30, 5: 30, 6: 30, 7: 10, 8: 10}
"""IKMT-PIAK-01-06, 'Waktu' of each step, in minutes, and here in seconds."""

ADMINS: Final = ("ani@aduan.local", "budi@aduan.local")
SECTION_HEAD, DIVISION_HEAD = "citra@aduan.local", "dewi@aduan.local"
NOTE, ANSWER = "Perlu cek arsip.", "Silakan ambil di loket hari Senin."
SET_FORMAT: Final = """Layanan: KTP
Nama: Siti Aminah
NIK: 3402014107900001
Aduan: KTP saya belum jadi sejak dua bulan lalu."""

_THINKS: Final = 1.0  # seconds until somebody acts who is on time
_LOOKS_AGAIN: Final = 1.0
_AFTER_THE_DEADLINE: Final = 0.5
_EVERY: Final = 3
_PHONES_AT_ONCE: Final = 8
_PHONE_SECONDS: Final = 0.25


@dataclass(eq=False)
class Life:
    """One complaint, from its citizen's first message on."""

    office: Office
    phones: Phones
    place: int
    number: str | None = None
    left: list[int] = field(default_factory=list)
    """The steps that were left to run over; an overrun of step 1 is the citizen's, and no breach."""

    @property
    def phone_number(self) -> str:
        return f"+62812{self.place:08}"

    def runs_over(self, step: int) -> bool:
        """Every third step, over all complaints alike."""
        return (self.place + step) % _EVERY == 0

    def tell(self) -> Iterator[float]:
        """Its whole course. Nobody acts at step 3 or 4 where it runs over: the program passes it on."""
        yield from self._submit()
        yield from self._step(2, "receive", self._admin)
        yield from self._step(3, "forward", self._admin, note=NOTE)
        yield from self._step(4, "forward" if self.runs_over(6) else "verify", SECTION_HEAD, note=NOTE)
        yield from self._step(5, "respond", SECTION_HEAD, note=NOTE, answer=ANSWER)
        yield from self._step(6, "respond", DIVISION_HEAD, note=NOTE, answer=ANSWER)
        if self.runs_over(8):
            self.phones.off.add(self.phone_number)
        yield from self._step(7, "answer", self._admin, answer=ANSWER)
        if self.runs_over(8):
            yield from self._until_noticed(8)
            self.phones.off.discard(self.phone_number)

    @property
    def _admin(self) -> str:
        return ADMINS[self.place % len(ADMINS)]

    def _submit(self) -> Iterator[float]:
        phone = self.office.phone(self.phone_number)
        for text in ("Selamat pagi", SET_FORMAT):
            webhook = phone.write(text, deliver=False)
            while not self.office.deliver(webhook):
                yield _LOOKS_AGAIN
            if text != SET_FORMAT:
                yield BUDGETS[1] + _AFTER_THE_DEADLINE if self.runs_over(1) else _THINKS
        while (number := number_on(phone)) is None:
            yield _LOOKS_AGAIN
        self.number = number

    def _step(self, step: int, act: str, email: str, **fields: str) -> Iterator[float]:
        """Take it to its end, if it is on its way: it may have passed 5 or 6, or have been escalated past its desk."""
        yield _THINKS
        while (seen := self.office.complaint(self.number or "", email)).get("step") != step:
            if seen:
                return
            yield _LOOKS_AGAIN
        if self.runs_over(step):
            yield from self._until_noticed(step)
        while not (seen := self.office.complaint(self.number or "", email)) or seen["step"] == step:
            if seen and self.office.act(seen, act, email, **fields):
                return
            yield _LOOKS_AGAIN

    def _until_noticed(self, step: int) -> Iterator[float]:
        self.left.append(step)
        yield BUDGETS[step] + _AFTER_THE_DEADLINE - _THINKS
        while True:
            seen = self.office.complaint(self.number or "", self._admin)
            if any(breach["step"] == step and breach["rungs"] for breach in seen.get("breaches", [])):
                return
            yield _LOOKS_AGAIN


@dataclass(frozen=True)
class Told:
    """What came of it, before anything is judged."""

    lives: list[Life]
    unfinished: int
    seconds: float


def drive(office: Office, complaints: int, seconds: float, most: float) -> Told:
    """Let them come evenly over so many `seconds`, and wait until all are at rest, but no longer than `most`."""
    phones = Phones(office)
    lives = [Life(office, phones, place) for place in range(complaints)]
    begun = time.monotonic()
    with _phones_at_work(phones), tqdm(total=complaints, unit="complaint") as bar:
        stage = Stage(bar.update)
        coming = [(life.place * seconds / complaints, life.tell()) for life in lives]
        unfinished = stage.tell(coming, most)
        _wait_for_rest(phones, begun + most)
    return Told(lives, unfinished, time.monotonic() - begun)


def _wait_for_rest(phones: Phones, until: float) -> None:
    """Until nothing has been sent for a while, and every phone has reported."""
    still, quiet = phones.seen, 0
    while quiet < _REST and time.monotonic() < until:
        time.sleep(1)
        quiet = quiet + 1 if phones.seen == still and not phones.waiting else 0
        still = phones.seen


_REST: Final = 5  # seconds


@contextmanager
def _phones_at_work(phones: Phones) -> Iterator[None]:
    ending = threading.Event()
    reports: list[Future[None]] = []

    def work() -> None:
        with ThreadPoolExecutor(_PHONES_AT_ONCE) as pool:
            while not ending.wait(_PHONE_SECONDS):
                reports.extend(pool.submit(phones.report, *report) for report in phones.look())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
    for report in reports:
        report.result()

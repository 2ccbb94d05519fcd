"""Processor time of each function for one request: of real processes of functions-framework, on Firestore's emulator.

The longest way, as citizens and staff take it. A process's time is the system's, in steps of ten milliseconds: so many
complaints, that a step is nothing. It depends on the machine, and on what else runs there.
"""

import os
import platform
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from infra.cost.data import Processor
from infra.local import stack
from infra.local.functions import TARGETS
from infra.local.stack import running
from infra.local.whatsapp_exchange import Answer
from tests.bench.journeys import LONGEST, PICTURE
from tests.bench.traffic import HELLO, SET_FORMAT
from tests.load.__main__ import SETTINGS
from tests.load.office import Office, number_on
from tests.load.posting import request
from tests.load.shares import processor_seconds

WARM_UP, COMPLAINTS = 5, 40
_PEOPLE: Final = {"admin": "ani@aduan.local", "kasi": "citra@aduan.local", "kabid": "dewi@aduan.local"}
_STATES: Final = ("sent", "delivered", "read")
_TRIES: Final = 5
_LONGEST_WAIT: Final = 90.0
_LAST_ALARM: Final = 31.0  # seconds: a step's minutes, of one second each
_DONE: Final = {
    "sla_check": re.compile('"message": "checked"'),
    "send_message": re.compile('"message": "message_sent"'),
}


def measure(command: str, load: float, messages_a_second: float) -> Processor:
    """One office on this machine, of which a minute lasts a second, so that alarms ring while it is watched."""
    with tempfile.TemporaryDirectory(prefix="aduan-processor-") as name:
        folder = Path(name)
        with running(folder, SETTINGS) as surroundings:
            office = _Counted(Office.of(surroundings, folder), folder / "logs")
            office.live(range(WARM_UP))
            before, asked = processor_seconds(), office.invocations()
            office.live(range(WARM_UP, WARM_UP + COMPLAINTS))
            spent, answered = processor_seconds(), office.invocations()
    return Processor(
        day=date.today(),  # noqa: DTZ011 - the day on which somebody sat here
        command=command,
        messages_a_second=messages_a_second,
        load=round(load, 1),
        machine=f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}",
        milliseconds={
            target: round((spent[target] - before[target]) / (answered[target] - asked[target]) * 1000, 1)
            for target in TARGETS
        },
    )


class _Counted:
    """An office that knows how many requests came to each function."""

    def __init__(self, office: Office, logs: Path) -> None:
        self.office = office
        self.logs = logs
        self.asked = Counter[str]()

    def invocations(self) -> Counter[str]:
        """Those that were sent from here, and those of which the functions' own lines tell."""
        told = {
            target: len(line.findall((self.logs / f"{target}.log").read_text("utf-8", "replace")))
            for target, line in _DONE.items()
        }
        return self.asked + Counter(told)

    def live(self, places: range) -> None:
        """Some citizens, one after the other, and as many sweeps; then the last alarms ring."""
        for place in places:
            self._complain(f"+62812{place:08}")
            self._sweep()
        time.sleep(_LAST_ALARM)

    def _complain(self, phone_number: str) -> None:
        phone = self.office.phone(phone_number)
        self._write(phone.write(HELLO, deliver=False))
        self._write(phone.write(SET_FORMAT, deliver=False))
        self._report()
        number = _until(lambda: number_on(phone))
        self._write(phone.send_image(PICTURE, deliver=False))
        self.asked["fetch_media"] += 1
        for act, email, fields in LONGEST:
            who = _PEOPLE[email.partition("@")[0]]
            self._act(number, act, who, fields)
            self._look(number, who)
            self._report()

    def _act(self, number: str, act: str, who: str, fields: Mapping[str, str]) -> None:
        """Look and press; again where something came between, as people do."""
        for _ in range(_TRIES):
            self.asked["staff_portal"] += 2
            if self.office.act(self.office.complaint(number, who), act, who, **fields):
                return
        raise RuntimeError(f"{act} was refused: {self.office.errors}")

    def _write(self, webhook: Answer) -> None:
        """As Meta does: again, until it is taken."""
        for _ in range(_TRIES):
            self.asked["whatsapp_webhook"] += 1
            if self.office.deliver(webhook):
                return
        raise RuntimeError(f"a message was not taken: {self.office.errors}")

    def _report(self) -> None:
        """Everything that was sent meanwhile was sent, delivered and read."""
        time.sleep(0.2)
        for sent in self.office.stack.whatsapp.sent[self.asked["reported"] :]:
            for state in _STATES:
                self._write(self.office.stack.whatsapp.status(sent.id, state, deliver=False))
            self.asked["reported"] += 1

    def _look(self, number: str, who: str) -> None:
        """The pages that somebody at a desk opens: their work, and the complaint."""
        token = self.office.identity.mint_iap(who, stack.IAP_AUDIENCE)
        for path in ("/", f"/aduan/{number}"):
            port = int(self.office.stack.function_urls["staff_portal"].rpartition(":")[2])
            request(port, "GET", path, {"X-Goog-IAP-JWT-Assertion": token}, b"")
            self.asked["staff_portal"] += 1

    def _sweep(self) -> None:
        url = self.office.stack.function_urls["sweep"]
        token = self.office.identity.mint_oidc(stack.SCHEDULER_ACCOUNT, url)
        request(int(url.rpartition(":")[2]), "POST", "/", {"Authorization": f"Bearer {token}"}, b"")
        self.asked["sweep"] += 1


def _until(look: Callable[[], str | None]) -> str:
    end = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise RuntimeError("what was waited for did not come")

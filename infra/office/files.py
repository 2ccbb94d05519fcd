"""An office's three files: do they hold together, and what do they say?

The three files are read as the functions read them, so a refusal here is the refusal that would stop a function at its
start. Beside it stands what only the house around the functions knows: WhatsApp's templates, the bucket's own term.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from aduan.procedure.calendar import OfficeCalendar, ServiceClock
from aduan.procedure.definition import Procedure
from aduan.procedure.office_file import M, OfficeFileError, read
from aduan.service.wording import Words, local_time
from infra.local.readme import table
from infra.local.templates_file import Templates

BUCKET: Final = Path(__file__).parent.parent / "bucket-lifecycle.json"
DAYS_SHOWN: Final = 7


@dataclass(frozen=True)
class OfficeFiles:
    """An office's three files."""

    procedure: Procedure
    calendar: OfficeCalendar
    words: Words

    @classmethod
    def read(cls, folder: Path) -> "OfficeFiles":
        """All of a folder. Raises OfficeFileError with every problem of every file, one a line."""
        wrong: list[str] = []
        procedure = _read(folder / "procedure.toml", Procedure, wrong)
        calendar = _read(folder / "calendar.toml", OfficeCalendar, wrong)
        words = _read(folder / "messages.toml", Words, wrong)
        if procedure is None or calendar is None or words is None:
            raise OfficeFileError("\n".join(wrong))
        return cls(procedure, calendar, words)

    def at_odds(self) -> Iterator[str]:
        """What each file may say by itself, and not beside the others."""
        templates = Templates.read().counts
        for use, name in self.words.templates:
            if name not in templates:
                yield f"messages.toml: templates.{use}: '{name}' does not stand in infra/whatsapp/templates.toml"
        (rule,) = json.loads(BUCKET.read_text("utf-8"))["rule"]
        if self.procedure.terms.media > rule["condition"]["age"]:
            age = rule["condition"]["age"]
            yield f"procedure.toml: terms.media: infra/bucket-lifecycle.json removes files after {age} days already"

    def said(self, today: date) -> Iterator[str]:
        """What the files say, to be read by whoever knows the office: its steps, and its next days."""
        yield f"{self.procedure.office}: {len(self.procedure.steps)} steps, {self.procedure.total.minutes} minutes"
        yield table(self.procedure).replace("<br>", ", ")
        clock = ServiceClock(self.calendar)
        for day in (today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)):
            yield f"{self._named(day)}: {clock.closed_because(day) or self._hours(clock, day)}"
        if not self.calendar.confirmed:
            yield "calendar.toml: nobody has confirmed these hours yet (confirmed = false)"

    def _named(self, day: date) -> str:
        zone = self.calendar.timezone
        return local_time(datetime.combine(day, time(), zone), zone).partition(" pukul ")[0]

    def _hours(self, clock: ServiceClock, day: date) -> str:
        zone = self.calendar.timezone
        spans = (f"{start.astimezone(zone):%H.%M}–{end.astimezone(zone):%H.%M}" for start, end in clock.spans(day))
        return f"{', '.join(spans)} ({zone.key})"


def _read(path: Path, model: type[M], wrong: list[str]) -> M | None:
    try:
        return read(path, model)
    except OfficeFileError as refused:
        wrong.append(str(refused))
        return None

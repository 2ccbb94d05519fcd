"""Service time, counted the simplest way there is: day by day, and by nothing of the program's own.

The model judges deadlines with it. The hours are those that the procedure gives ('The clock').
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

WIB = timezone(timedelta(hours=7))
DAY = timedelta(days=1)
FRIDAY, SATURDAY = 4, 5
OPENS = timedelta(hours=7, minutes=30)
CLOSES = timedelta(hours=16)
CLOSES_ON_FRIDAY = timedelta(hours=14, minutes=30)
NOTHING = timedelta()

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """When minutes count: always, or Monday to Friday but for some dates."""

    continuous: bool = True
    closed: frozenset[date] = frozenset()

    def on(self, day: date) -> Span | None:
        """The one span of service on a date in the office's zone, in UTC."""
        midnight = datetime.combine(day, time(), WIB).astimezone(UTC)
        if self.continuous:
            return midnight, midnight + DAY
        if day in self.closed or day.weekday() >= SATURDAY:
            return None
        return midnight + OPENS, midnight + (CLOSES_ON_FRIDAY if day.weekday() == FRIDAY else CLOSES)

    def _from(self, start: datetime) -> Iterator[Span]:
        day = start.astimezone(WIB).date()
        while True:
            if span := self.on(day):
                yield span
            day += DAY

    def due(self, start: datetime, budget: timedelta) -> datetime:
        """When so much service time after `start` is over; what ends with the day is due at its closing."""
        for opens, closes in self._from(start):
            begins = max(opens, start)
            if closes <= begins:
                continue
            if budget <= closes - begins:
                return begins + budget
            budget -= closes - begins
        raise AssertionError("there is always another day")

    def used(self, start: datetime, end: datetime) -> timedelta:
        """The service time between two instants."""
        total = NOTHING
        for opens, closes in self._from(start):
            if opens >= end:
                return total
            total += max(NOTHING, min(closes, end) - max(opens, start))
        raise AssertionError("there is always another day")

    def next_opening(self, after: datetime) -> datetime:
        """When the next day of service begins."""
        return next(opens for opens, _ in self._from(after) if opens > after)

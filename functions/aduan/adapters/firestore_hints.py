"""What a process remembers of the citizens whom it served lately: a hint that saves a round trip, never a fact.

Which complaint a message belongs to stands in the citizen's document. Who remembers it asks for both in one round
trip, and believes the document: a hint that is out of date costs one needless read.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

# A few hundred bytes each. An office hears from a few hundred citizens a day.
_REMEMBERED: Final = 4096


class CurrentComplaints:
    """The current complaint of each citizen served lately; the longest unheard are forgotten. Threads may share it."""

    def __init__(self, size: int = _REMEMBERED) -> None:
        """`size` is the number of citizens."""
        self._size = size
        self._lock = threading.Lock()
        self._complaints: OrderedDict[str, str] = OrderedDict()

    def of(self, citizen_ids: Iterable[str]) -> tuple[str, ...]:
        """The complaints that may be current for any of these citizens, each once."""
        with self._lock:
            known = (self._complaints.get(citizen) for citizen in citizen_ids)
            return tuple(dict.fromkeys(complaint for complaint in known if complaint))

    def remember(self, citizen_id: str, complaint_id: str | None) -> None:
        """What was just read or written; None: there is no current one."""
        with self._lock:
            self._complaints.pop(citizen_id, None)
            if complaint_id is None:
                return
            self._complaints[citizen_id] = complaint_id
            if len(self._complaints) > self._size:
                self._complaints.popitem(last=False)

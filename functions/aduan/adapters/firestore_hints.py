"""What a process remembers of the citizens whom it served lately: a hint that saves a round trip, never a fact.

Whose a message is stands in an alias, and which complaint it belongs to in the citizen's document. Who remembers them
asks for all in one round trip, and believes the documents: a hint that is out of date costs one needless read.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

# A few hundred bytes each. An office hears from a few hundred citizens a day.
_REMEMBERED: Final = 4096


class Hints:
    """What followed from an id lately, as its current complaint from a citizen's; the longest unheard are forgotten.

    Threads may share it.
    """

    def __init__(self, size: int = _REMEMBERED) -> None:
        """`size` is the number of ids."""
        self._size = size
        self._lock = threading.Lock()
        self._known: OrderedDict[str, str] = OrderedDict()

    def of(self, ids: Iterable[str]) -> tuple[str, ...]:
        """What may follow from any of these, each once."""
        with self._lock:
            known = (self._known.get(one) for one in ids)
            return tuple(dict.fromkeys(follows for follows in known if follows))

    def remember(self, known: str, follows: str | None) -> None:
        """What was just read or written; None: nothing follows any more."""
        with self._lock:
            self._known.pop(known, None)
            if follows is None:
                return
            self._known[known] = follows
            if len(self._known) > self._size:
                self._known.popitem(last=False)

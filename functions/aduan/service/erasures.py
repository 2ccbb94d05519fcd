"""What is past its term, or was asked to go; and what the erasing of it needs of the record. No round trip is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from aduan.service.model import Citizen
    from aduan.service.ports import Loaded

CLAIM_LIFE: Final = timedelta(days=8)
"""So long an erased message's mere claim stays: WhatsApp sends the same again for seven days."""


class ErasureKind(StrEnum):
    """Of what traces are left."""

    COMPLAINT = "complaint"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class Erasure:
    """An erasure that has begun: nobody can read it any more, and it is over when no trace of it is left.

    `id` is a complaint's or a citizen's.
    """

    id: str
    kind: ErasureKind
    at: datetime


@dataclass(frozen=True)
class Trace:
    """A message that is to go. `file_key`: the wrapped key of the file that may be kept of it; None: it has none.

    `parts`: so many documents beside it hold the whole of it, and go with it.
    """

    message: str
    file_key: str | None
    parts: int = 0


class Ephemera(StrEnum):
    """What has a term from the moment when it is made; nothing else hangs on it."""

    ROWS = "outbox"
    REQUESTS = "requests"
    UNREADABLE = "unreadable"


class Erasures(Protocol):
    """Each call that looks for something is one round trip, oldest first; nothing is unsealed for it."""

    def due_complaints(self, until: datetime, limit: int) -> tuple[str, ...]: ...

    def due_citizens(self, until: datetime, limit: int) -> tuple[str, ...]: ...

    def due_files(self, until: datetime, limit: int) -> tuple[str, ...]:
        """The messages whose files are past their term."""
        ...

    def due_messages(self, until: datetime, limit: int) -> tuple[Trace, ...]: ...

    def drop_messages(self, messages: Sequence[Trace]) -> None: ...

    def drop(self, what: Ephemera, until: datetime, limit: int) -> int:
        """Drop what is past its term; how many. Two round trips."""
        ...

    # What an erasure leaves to be done

    def begun(self, limit: int) -> tuple[Erasure, ...]: ...

    def complaints_of(self, citizen_id: str, limit: int) -> tuple[str, ...]:
        """Those that are not erased."""
        ...

    def traces(self, erasure: Erasure, limit: int) -> tuple[Trace, ...]:
        """The messages that are left."""
        ...

    def leave_claims(self, messages: Sequence[Trace], until: datetime) -> None:
        """Nothing stays of these but that they came, so that one which is sent again is no new one."""
        ...

    def drop_rows(self, erasure: Erasure, limit: int) -> int:
        """Drop what was sent, or is to be sent, about it; how many. Two round trips."""
        ...

    def finish(self, erasure: Erasure) -> None:
        """It is over: with it goes what still led to the citizen, unless it has led to somebody new since.

        Raises `Conflict`: read and try again.
        """
        ...

    # Somebody

    def known_as(self, name: str) -> "Loaded[Citizen] | None":
        """The citizen of a phone number (E.164) or business-scoped id, or with this id. Two round trips."""
        ...

    def left_behind(self, name: str) -> "tuple[Loaded[Citizen], ...]":
        """Who else was first met under a name of this citizen's, and still has it in their record. Three round trips.

        The name leads to them no more: it was met with a business-scoped id that was known of somebody already. That
        may be the same person, or one who had the number before.
        """
        ...

    def forget(self, citizen: "Loaded[Citizen]", at: datetime) -> Erasure:
        """Begin a citizen's erasure: from here on their names lead to nobody, and who writes is new.

        Raises `Conflict` where they wrote meanwhile. Two round trips.
        """
        ...

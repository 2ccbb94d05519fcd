"""What is known and let be: `exceptions.toml`, each entry with its day and its reason."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE: Final = Path(__file__).with_name("exceptions.toml")
LONGEST: Final = timedelta(days=92)
"""A hole is looked at again after a quarter of a year."""

Reason = Annotated[str, Field(min_length=20)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    since: date
    why: Reason


class Hole(_Entry):
    """A hole that an advisory tells of, and that is none here, or cannot be mended yet."""

    id: str
    package: str
    until: date

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if not self.since < self.until <= self.since + LONGEST:
            raise ValueError(f"{self.id}: until is after since, by {LONGEST.days} days at most")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it still excepts on that day, its last one included."""
        return self.since <= day <= self.until


class NoSecret(_Entry):
    """A text that looks like a secret, by the start of its SHA-256."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{4}( [0-9a-f]{4}){3}$")]


class Exceptions(BaseModel):
    """All of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hole: tuple[Hole, ...] = ()
    no_secret: tuple[NoSecret, ...] = ()

    @classmethod
    def read(cls, file: Path = FILE) -> Self:
        """The file's. Raises pydantic's ValidationError for an entry without its day or its reason."""
        return cls.model_validate(tomllib.loads(file.read_text("utf-8")))

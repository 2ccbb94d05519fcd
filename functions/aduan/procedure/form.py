"""The set complaint format ('format aduan yang sudah ditetapkan'): its fields, their reading, their checks.

Forgiving on purpose: order, case, spacing, bullets and bold do not matter, and a field may run over several
lines. What cannot be read is asked for, never refused.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aduan.procedure.office_file import Misplaced

SERVICE, DESCRIPTION = "service", "description"
"""The keys of the two fields that every form has: what the complaint is about, and the complaint itself."""


class Check(StrEnum):
    """How a field is judged."""

    SERVICE = "service"
    NAME = "name"
    NIK = "nik"
    TEXT = "text"


class FormField(BaseModel):
    """One line of the format. `names` are other labels that citizens write for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: Annotated[str, Field(min_length=1, max_length=24)]  # stands as a row in a WhatsApp list
    names: tuple[str, ...] = ()
    check: Check
    question: Annotated[str, Field(min_length=1)]
    correction: Annotated[str, Field(min_length=1)]
    least: Annotated[int, Field(ge=1)] = 1
    most: Annotated[int, Field(ge=1, le=4000)] = 4000


class Named(Protocol):
    """What a service is to the form: a code, and the words by which it may be meant."""

    @property
    def code(self) -> str:
        """Its code in the file."""
        ...

    @property
    def name(self) -> str:
        """Its name as citizens read it."""
        ...

    @property
    def words(self) -> tuple[str, ...]:
        """Other names for it."""
        ...


_LABELLED = re.compile(r"^[\s\-•*_~#>\d.)]*(?P<label>[^\W\d_][\w /.()]{0,40}?)[\s*_~]*[:=\uFF1A](?P<value>.*)$")
_DECORATION = " \t*_~"  # WhatsApp's marks for bold, italic and struck out
_LETTERS = re.compile(r"[^\W\d_]")
_SPACES = re.compile(r"\s+")
_LOOKALIKES = str.maketrans("OoIlSB", "001158")
_NIK = re.compile(r"[0-9]{16}")
_FEMALE_DAY = 40  # a woman's day of birth stands in a NIK with 40 added


class Form(BaseModel):
    """The fields of the format in the order in which they are asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fields: tuple[FormField, ...] = Field(min_length=1, max_length=10)  # the rows of a WhatsApp list
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _has_each_field_once(self) -> Self:
        keys = [field.key for field in self.fields]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise Misplaced(("fields", index, "key"), f"the key '{key}' is used twice")
        return self

    def field(self, key: str) -> FormField:
        """The field of this key, which there must be."""
        return next(field for field in self.fields if field.key == key)

    def read(self, text: str) -> dict[str, str]:
        """The labelled lines of a text as written, by field; empty where it is not in the set format at all.

        A label that was filled before is a line of the text in which it stands again.
        """
        found: dict[str, list[str]] = {}
        current: str | None = None
        for line in text.splitlines():
            key, value = self._labelled(line)
            if key is not None and not any(found.get(key, ())):
                current = key
                found[current] = [value]
            elif current is not None:
                found[current].append(line.strip())
        joined = {key: "\n".join(lines).strip() for key, lines in found.items()}
        return {key: value for key, value in joined.items() if value}

    def _labelled(self, line: str) -> tuple[str | None, str]:
        match = _LABELLED.match(line)
        if match is None:
            return None, ""
        label = _folded(match["label"])
        for field in self.fields:
            if label in {_known(name) for name in (field.key, field.label, *field.names)}:
                return field.key, match["value"].strip(_DECORATION)
        return None, ""

    def accept(self, key: str, written: str, services: Sequence[Named]) -> str | None:
        """The value of a field as it is kept, or None where it must be asked for again."""
        field = self.field(key)
        text = written.strip()
        if field.check is Check.SERVICE:
            return named_service(text, services)
        if field.check is Check.NIK:
            return nik(text)
        if field.check is Check.NAME:
            text = _SPACES.sub(" ", text)
            if not _LETTERS.search(text) or nik(text):
                return None
        return text if field.least <= len(text) <= field.most else None

    def missing(self, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """The fields that have no value yet, in the order in which they are asked for."""
        return tuple(field for field in self.fields if not values.get(field.key))


def named_service(text: str, services: Sequence[Named]) -> str | None:
    """The code of the service that a text names in some way; None if none or several fit."""
    said = f" {_folded(text)} "
    for service in services:
        if _folded(text) in {_known(service.code), _known(service.name)}:
            return service.code
    meant = {
        service.code
        for service in services
        if any(f" {_known(word)} " in said for word in (service.name, *service.words))
    }
    return meant.pop() if len(meant) == 1 else None


def nik(text: str) -> str | None:
    """The 16 digits of a NIK, however they were spaced or dotted; None where it cannot be one.

    Digits 7 to 12 are the day (plus 40 for a woman), month and year of birth; source: Permendagri 108/2019.
    """
    digits = re.sub(r"[\s.\-/]", "", text).translate(_LOOKALIKES)
    if not _NIK.fullmatch(digits):
        return None
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    try:  # a year of either century is a leap year in this one, if it is in the other
        date(2000 + year, month, day - _FEMALE_DAY if day > _FEMALE_DAY else day)
    except ValueError:
        return None
    return digits


@lru_cache(maxsize=1024)
def _known(words: str) -> str:
    """The office's own words, folded once: every message is compared with all of them."""
    return _folded(words)


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())

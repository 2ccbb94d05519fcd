"""The data behind the page, as TOML beside this module: what was measured, is charged, holds, and is assumed."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

HERE: Final = Path(__file__).parent
MEASURED: Final = HERE / "measured.toml"
FROM_MEMORY: Final = "from memory, to be confirmed"
"""The source of a price for which no page was to be had; `confirm` says where to look."""

Counts = Mapping[str, int]
"""By function, or by collection."""


class Facts(BaseModel):
    """One table of a file. A word that nobody reads is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# What was measured


class Ending(Facts):
    """What the terms ask for in two years: everything of one complaint goes but its record."""

    reads: int
    writes: int
    deletes: int
    round_trips: int


class Way(Facts):
    """One complaint, until a day after it is closed; `ending` comes later. Reads by staff who only look: `Page`.

    `stored` and `indexed` are bytes by collection, by Firestore's rules of size.
    """

    reads: int
    writes: int
    deletes: int
    commits: int
    messages_in: int
    replies: int
    templates: int
    log_lines: int
    log_bytes: int
    invocations: Counts
    round_trips: Counts
    tasks: Counts
    writes_to: Counts
    stored: Counts
    indexed: Counts
    ending: Ending

    @property
    def tasks_set(self) -> int:
        return sum(self.tasks.values())


class Page(Facts):
    """A page of the portal where one complaint is, and what each more complaint, and name on the staff list, adds."""

    reads: int
    per_complaint: int
    per_member: int
    round_trips: int
    bytes: int
    bytes_per_complaint: int


class Sweep(Facts):
    """A sweep that finds nothing due."""

    reads: int
    round_trips: int
    log_lines: int
    log_bytes: int


class Processor(Facts):
    """Milliseconds of processor time of one request, by function, in real processes of functions-framework.

    `messages_a_second`: first messages that one process of the webhook took from eight clients, in `make bench`.
    `load` is the machine's, over the minute before: of one that is quiet it is next to nothing.
    """

    day: date
    command: str
    machine: str
    load: float
    messages_a_second: float
    milliseconds: Mapping[str, float]


class Measured(Facts):
    """Counts, which are the same on every machine; and processor time, which is not."""

    day: date
    command: str
    staff: int
    ways: Mapping[str, Way]
    pages: Mapping[str, Page]
    sweep: Sweep
    processor: Processor


# What is charged


class Price(Facts):
    """US dollars for `per` units, beyond what is free. `seen`: the day on which the source said so.

    `confirm` is what the source leaves open; empty where it leaves nothing.
    """

    what: str
    unit: str
    per: float = Field(gt=0)
    usd: float = Field(ge=0)
    free: float = Field(default=0, ge=0)
    free_each: Literal["day", "month"] = "month"
    source: str = Field(pattern=rf"^(https://\S+|{FROM_MEMORY})$")
    seen: date
    confirm: str = ""

    def free_a_month(self, days: int) -> float:
        return self.free * (days if self.free_each == "day" else 1)

    def cost(self, quantity: float, days: int) -> float:
        """Dollars for a month's quantity, of which each day has its even share."""
        return max(0.0, quantity - self.free_a_month(days)) / self.per * self.usd


# What holds


class Limit(Facts):
    """A published limit, and what lifts it."""

    what: str
    value: float = Field(gt=0)
    unit: str
    lifted_by: str
    source: str
    seen: date


# What is assumed


class Cloud(Facts):
    """How long the cloud takes, in milliseconds; a start in seconds. To be replaced by what the first day shows."""

    firestore_ms: float
    tasks_ms: float
    whatsapp_ms: float
    bucket_ms: float
    starts_a_day: int
    start_seconds: float
    memory_gib: float
    secrets_a_start: int


class Assumed(Facts):
    """Everything on the page that is neither measured nor published."""

    days_a_month: int
    sizes: Mapping[str, int]
    mix: Mapping[str, float]
    busiest_hour: float
    busiest_minute: float
    complaints_a_person: int
    people_beside: int
    work_pages_an_act: float
    complaint_pages_an_act: float
    list_pages_a_person: float
    service_hours: float
    hours_a_complaint: float
    picture_kib: float
    picture_views: float
    outside_window: float
    offices: int
    log_line_extra: int
    request_log_bytes: int
    audit_log_bytes: int
    answer_extra: int
    send_bytes: int
    releases: int
    build_minutes: float
    image_gib: float
    backups_kept: int
    key_versions: int
    cloud: Cloud

    @model_validator(mode="after")
    def _mix_is_whole(self) -> Self:
        if not math.isclose(sum(self.mix.values()), 1):
            raise ValueError("the shares of the mix are not one whole")
        return self


@dataclass(frozen=True)
class Data:
    """All of it."""

    measured: Measured
    prices: Mapping[str, Price]
    limits: Mapping[str, Limit]
    assumed: Assumed


def read(measured: Path = MEASURED) -> Data:
    """Raises `ValidationError` for a table that is not what it should be."""
    return Data(
        Measured.model_validate(_table(measured)),
        {name: Price.model_validate(table) for name, table in _table(HERE / "prices.toml").items()},
        {name: Limit.model_validate(table) for name, table in _table(HERE / "limits.toml").items()},
        Assumed.model_validate(_table(HERE / "assumed.toml")),
    )


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def as_toml(measured: Measured) -> str:
    """`measured.toml`, as this writes it."""
    head = "# Written by the command below: not by hand. Counts are held by tests/end_to_end/test_costs.py.\n"
    return head + "\n".join(_lines("", measured.model_dump())) + "\n"


def _lines(name: str, table: Mapping[str, Any]) -> list[str]:
    """A table's own values, then its tables."""
    values = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = [f"\n[{name}]"] if name and values else []
    lines += [f"{key} = {_value(value)}" for key, value in values.items()]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _lines(f"{name}.{key}" if name else key, value)
    return lines


def _value(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)

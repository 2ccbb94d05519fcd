"""How near each limit one project comes at so many complaints a day, which comes first, and how many it bears."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from infra.cost import terraform
from infra.cost.data import Data
from infra.cost.month import TASK_TARGETS, Month

_HOUR: Final = 3600
_MOST: Final = 10_000_000
"""Complaints a day: more than any country has."""


@dataclass(frozen=True)
class Strain:
    """What is asked of one limit in the busiest minute, in the limit's own unit, and how much it holds."""

    key: str
    what: str
    asked: float
    holds: float

    @property
    def share(self) -> float:
        return self.asked / self.holds


def strains(data: Data, a_day: float) -> list[Strain]:
    """Every limit."""
    return [*_of_the_office(data, a_day), *_of_whatsapp(data, a_day), *_of_the_cloud(data, a_day)]


def lasting(data: Data, a_day: float) -> list[Strain]:
    """The limits of every day, the nearest first. How fast a new database may grow is a matter of its first hour."""
    every_day = [strain for strain in strains(data, a_day) if strain.key != "ramp"]
    return sorted(every_day, key=lambda strain: strain.share, reverse=True)


def of_machines(data: Data) -> list[tuple[Strain, int]]:
    """The limits that are no people's, each with the complaints a day that it bears; the first that binds first."""
    found = [(strain, borne(data, strain.what)) for strain in lasting(data, 1) if strain.key != "people"]
    return sorted(found, key=lambda pair: pair[1])


def borne(data: Data, what: str) -> int:
    """The complaints a day at which a limit is reached, to the nearest one."""
    return _most(lambda a_day: next(s.share for s in strains(data, a_day) if s.what == what))


def a_second(data: Data, a_day: float) -> float:
    """Complaints in the busiest minute."""
    assumed = data.assumed
    return a_day * assumed.busiest_hour / _HOUR * assumed.busiest_minute


def _most(share: Callable[[float], float]) -> int:
    low, high = 0, _MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if share(middle) <= 1 else (low, middle)
    return low


def _of(data: Data, key: str, asked: float) -> Strain:
    limit = data.limits[key]
    return Strain(key, limit.what, asked, limit.value)


def _of_the_office(data: Data, a_day: float) -> Iterator[Strain]:
    month = Month(data, a_day)
    yield _of(data, "people", a_day)
    yield _of(data, "page", month.page_reads(data.measured.pages["work"]))


def _of_whatsapp(data: Data, a_day: float) -> Iterator[Strain]:
    month, rate = Month(data, a_day), a_second(data, a_day)
    messages = month.mean("messages_in") + month.mean("replies") + month.mean("templates")
    yield _of(data, "whatsapp_number", messages * rate)
    yield _of(data, "whatsapp_people", data.assumed.outside_window * a_day + month.staff)


def _of_the_cloud(data: Data, a_day: float) -> Iterator[Strain]:
    month, rate = Month(data, a_day), a_second(data, a_day)
    asked, cloud = month.requests, data.assumed.cloud
    for target, per_second in terraform.queue_rates().items():
        yield Strain("queues", f"Queue of `{target}`: {per_second} a second", asked[target] * rate, per_second)
    yield _of(data, "queue", max(asked[target] for target in TASK_TARGETS) * rate)
    yield from _of_instances(data, month, rate)
    yield _of(data, "index", max(month.mean_by("writes_to")[name] for name in _RISING) * rate)
    operations = month.quantities["firestore_reads"] + month.quantities["firestore_writes"]
    yield _of(data, "ramp", operations / month.complaints * rate)
    yield _of(data, "sweeping", month.mean_ending("round_trips") * cloud.firestore_ms / 1000 * a_day)


def _of_instances(data: Data, month: Month, rate: float) -> Iterator[Strain]:
    """Of each function its processors or its threads, whichever are fewer; and the webhook as `make bench` found it."""
    instances, threads, bench = terraform.instances(), terraform.concurrency(), data.measured.processor
    for target, milliseconds in bench.milliseconds.items():
        if target == "sweep":
            continue  # one at a time, whatever comes
        what = f"`{target}`: {instances[target]} instances of {threads[target]} threads"
        busy = month.requests[target] * rate
        processors = Strain("instances", what, busy * milliseconds / 1000, instances[target])
        waiting = Strain("instances", what, busy * month.seconds(target), instances[target] * threads[target])
        yield max(processors, waiting, key=lambda strain: strain.share)
    what = f"First messages, {bench.messages_a_second:.0f} a second of one instance (`make bench`)"
    held = bench.messages_a_second * instances["whatsapp_webhook"]
    yield Strain("instances", what, month.mean("messages_in") * rate, held)


_RISING: Final = ("complaints", "messages", "outbox", "requests")
"""Collections with an indexed time that rises. A complaint's events are a collection of their own."""

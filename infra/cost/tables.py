"""Figures for people, and the page's tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from infra.cost.data import Data, Way
from infra.cost.month import Month
from infra.cost.strain import borne, strains

_WAYS: Final = {
    "short": "set format, settled and approved at once",
    "guided": "by questions, a picture, settled at the first desk",
    "longest": "set format, every desk, on time",
    "late": "set format, each desk over its time",
}
PAGES: Final = {"work": "my work, `/`", "list": "all complaints, `/aduan`", "complaint": "one complaint"}
_COUNTED: Final = {
    "documents read": "reads",
    "documents written": "writes",
    "commits": "commits",
    "tasks set": "tasks_set",
    "messages from the citizen": "messages_in",
    "replies to the citizen": "replies",
    "templates to staff": "templates",
    "log lines": "log_lines",
    "log bytes": "log_bytes",
}
_LARGE: Final = 100
_TIMES: Final = 10


def number(value: float) -> str:
    """A whole number as it is, another to a place or three figures."""
    if value == int(value) or abs(value) >= _LARGE:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.3g}"


def exact(value: float) -> str:
    """For who reckons it again: to the fourth place."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def price(value: float) -> str:
    """To the last digit, and never as a power of ten."""
    return f"{value:.8f}".rstrip("0").rstrip(".")


def dollars(value: float) -> str:
    """With cents where they tell something."""
    return f"{value:,.0f}" if value >= _LARGE else f"{value:,.2f}"


def share(value: float) -> str:
    """A share of one, or how many times it."""
    return f"{value:.0%}" if value < _TIMES else f"{value:,.0f} ×"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = True) -> str:
    """Markdown; `numbers`: all columns but the first stand at the right."""
    rule = ["---", *(["---:"] if numbers else ["---"]) * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


# One complaint


def complaint(data: Data, month: Month) -> str:
    """Each way, and their average."""
    head = ("", *(f"{name}<br>{words}" for name, words in _WAYS.items()), "on average")
    return table(head, _of_ways(data, [data.measured.ways[name] for name in _WAYS], month))


def _of_ways(data: Data, ways: Sequence[Way], month: Month) -> Iterator[list[str]]:
    for what, count in _COUNTED.items():
        yield _row(what, (getattr(way, count) for way in ways), month.mean(count))
    invocations = month.mean_by("invocations")
    for target, mean in sorted(invocations.items(), key=lambda item: -item[1]):
        yield _row(f"requests to `{target}`", (way.invocations.get(target, 0) for way in ways), mean)
    times = data.measured.processor.milliseconds
    yield _row("processor time, ms", (_sum(way.invocations, times) for way in ways), _sum(invocations, times))
    sent = {"replies": data.prices["whatsapp_service"].usd, "templates": data.prices["whatsapp_utility"].usd}
    each = ({"replies": way.replies, "templates": way.templates} for way in ways)
    yield _row(
        "WhatsApp, US dollars", (_sum(one, sent) for one in each), _sum({kind: month.mean(kind) for kind in sent}, sent)
    )
    for what, size in {"stored when closed, KiB": "stored", "its index entries, KiB": "indexed"}.items():
        kib = (sum(getattr(way, size).values()) / 1024 for way in ways)
        yield _row(what, kib, sum(month.mean_by(size).values()) / 1024)
    for count in ("reads", "writes", "deletes"):
        yield _row(f"{count}, as its terms end", (getattr(way.ending, count) for way in ways), month.mean_ending(count))


def _row(what: str, values: Iterable[float], mean: float) -> list[str]:
    return [what, *map(number, values), number(mean)]


def _sum(counts: Mapping[str, float], each: Mapping[str, float]) -> float:
    return sum(count * each[name] for name, count in counts.items())


def pages(data: Data) -> str:
    """What a look costs."""
    head = ("page", "reads", "for each complaint more", "for each name more on the staff list", "bytes")
    return table(
        head,
        (
            [PAGES[name], *map(number, (page.reads, page.per_complaint, page.per_member, page.bytes))]
            for name, page in data.measured.pages.items()
        ),
    )


# A month


def bills(data: Data) -> str:
    """Every price at every size."""
    sizes = data.assumed.sizes
    months = [Month(data, a_day) for a_day in sizes.values()]
    found = [{line.key: line.usd for line in month.lines} for month in months]
    rows = [[of.what, *(dollars(bill[key]) for bill in found)] for key, of in data.prices.items()]
    rows += [
        ["**Google**", *(f"**{dollars(month.google)}**" for month in months)],
        ["**WhatsApp**", *(f"**{dollars(month.whatsapp)}**" for month in months)],
        ["one complaint, Google", *(f"{month.google / month.complaints:.4f}" for month in months)],
        ["one complaint, WhatsApp", *(f"{month.whatsapp / month.complaints:.4f}" for month in months)],
        ["names on the staff list", *(number(month.staff) for month in months)],
    ]
    return table(("US dollars a month", *(f"{name}<br>{number(a_day)} a day" for name, a_day in sizes.items())), rows)


def worked(data: Data, month: Month) -> str:
    """One size, with everything that a calculator needs."""
    rows = []
    for line in month.lines:
        of = data.prices[line.key]
        free = of.free_a_month(data.assumed.days_a_month)
        paid, per = number(max(0.0, line.quantity - free)), f"{price(of.usd)} for {number(of.per)}"
        rows.append([of.what, f"{number(line.quantity)} {of.unit}", number(free), paid, per, dollars(line.usd)])
    return table(("what", "quantity", "free", "paid for", "US dollars", "= US dollars"), rows)


# Limits, and where all of it comes from


def limits(data: Data) -> str:
    """Each limit at each size, the first that binds first, and what lifts it."""
    sizes = data.assumed.sizes
    by_size = [{strain.what: strain for strain in strains(data, a_day)} for a_day in sizes.values()]
    bears = sorted(((borne(data, what), strain) for what, strain in by_size[0].items()), key=lambda pair: pair[0])
    rows = [
        [of.what, number(most), *(share(at[of.what].share) for at in by_size), data.limits[of.key].lifted_by]
        for most, of in bears
    ]
    heads = [f"{name}<br>{number(a_day)}" for name, a_day in sizes.items()]
    return table(("limit", "bears", *heads, "what lifts it"), rows)


def sources(data: Data) -> str:
    """Of the limits; those of Terraform have their own files."""
    rows = [
        [limit.what, f"{number(limit.value)} {limit.unit}", limit.source, str(limit.seen)]
        for limit in data.limits.values()
        if limit.value > 1
    ]
    return table(("limit", "value", "source", "seen"), rows, numbers=False)


def prices(data: Data) -> str:
    """Each with its source, its day and what is open."""
    rows = [
        [
            of.what, f"{price(of.usd)} for {number(of.per)} {of.unit}",
            f"{number(of.free)} a {of.free_each}" if of.free else "–", of.source, str(of.seen), of.confirm or "–",
        ]
        for of in data.prices.values()
    ]  # fmt: skip
    return table(("what", "US dollars", "free", "source", "seen", "to be confirmed"), rows, numbers=False)

"""The page, from the data: `infra/cost.md`, whose words stand in `templates/cost.md`."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from infra.cost import tables
from infra.cost.data import Data
from infra.cost.month import ALERT_CONDITIONS, SECRETS, SWEEPS_A_DAY, Month
from infra.cost.strain import Strain, lasting, of_machines
from infra.cost.tables import dollars, number, share

PAGE: Final = Path(__file__).parents[1] / "cost.md"

_WORKED: Final = "a city"
_WIDTH: Final = 120
_NOT_WRAPPED: Final = ("#", "|")


def markdown(data: Data) -> str:
    """All of it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, and no text of a stranger's
    )
    environment.filters |= {"number": number, "dollars": dollars, "share": share, "exact": tables.exact}
    rendered = environment.get_template("cost.md").render(**_said(data), **_tables(data))
    return "\n\n".join(_wrapped(rendered)) + "\n"


def _wrapped(text: str) -> Iterator[str]:
    """Paragraphs and lists at their width; tables and headings as they are."""
    for block in text.strip().split("\n\n"):
        if block.strip().startswith(_NOT_WRAPPED):
            yield block.strip()
        elif block.strip().startswith("- "):
            yield "\n".join(textwrap.fill(line, _WIDTH, subsequent_indent="  ") for line in block.strip().splitlines())
        else:
            yield textwrap.fill(" ".join(block.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _said(data: Data) -> dict[str, Any]:
    """What the sentences need."""
    assumed = data.assumed
    months = {name: Month(data, a_day) for name, a_day in assumed.sizes.items()}
    month, nation = months[_WORKED], months["a nation"]
    nations = {line.key: line.usd for line in nation.lines}
    return {
        "data": data,
        "months": months,
        "month": month,
        "nation": nation,
        "office": Month(data, nation.a_day / assumed.offices),
        "machines": of_machines(data),
        "nearest": {name: _nearest(lasting(data, of.a_day)) for name, of in months.items()},
        "mix": ", ".join(f"{share(of)} {name}" for name, of in assumed.mix.items()),
        "index_share": sum(month.mean_by("indexed").values()) / sum(month.mean_by("stored").values()),
        "sweep_reads": data.measured.sweep.reads * SWEEPS_A_DAY,
        "sweeps": SWEEPS_A_DAY * assumed.days_a_month,
        "looked_at": tables.PAGES,
        "secrets": SECRETS,
        "conditions": ALERT_CONDITIONS,
        "days": assumed.days_a_month,
        "seconds": ", ".join(f"`{target}` {month.seconds(target)}" for target in data.measured.processor.milliseconds),
        "reading": nations["firestore_reads"] / nation.google,
    }


def _tables(data: Data) -> dict[str, Any]:
    """Every table, as Markdown."""
    month = Month(data, data.assumed.sizes[_WORKED])
    return {
        "complaint": tables.complaint(data, month),
        "pages": tables.pages(data),
        "bills": tables.bills(data),
        "worked": {"name": _WORKED, "table": tables.worked(data, month)},
        "limits": tables.limits(data),
        "sources": tables.sources(data),
        "prices": tables.prices(data),
    }


def _nearest(nearest_first: list[Strain]) -> str:
    """People are first in every office; of the machines another is."""
    nearest = nearest_first[0]
    said = f"{nearest.what} ({share(nearest.share)})"
    if nearest.key == "people":
        machines = next(strain for strain in nearest_first if strain.key != "people")
        said += f"; of the machines: {machines.what} ({share(machines.share)})"
    return f"nothing. Nearest: {said}." if nearest.share <= 1 else f"{said}."

"""The page's second part: who tried to come in, what was searched for, what was thrown at it, what it is made of."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.promises.words import count

_PENDING: Final = "not measured yet"

Figures = Mapping[str, Any]
"""By run: `doors`, `json_door`, `pages`, `leaks`, `fuzz`, `supply`, each as the run left it; one may be missing."""

_ROWS: Final = (
    ("doors", "`pytest tests/doors`"),
    ("json_door", "`make test-long`"),
    ("pages", "`pytest tests/pages`"),
    ("leaks", "`pytest tests/end_to_end/test_what_is_stored.py`"),
    ("fuzz", "`make fuzz`"),
    ("supply", "`make audit`"),
)


def found(figures: Figures) -> int:
    """How much of all that was tried went as it must not."""
    wrong = {
        "doors": ("opened_wrongly", "shut_wrongly"), "json_door": ("failures",), "pages": ("wrong",),
        "leaks": ("found",), "fuzz": ("failures",), "supply": ("holes", "secrets"),
    }  # fmt: skip
    return sum(figures.get(run, {}).get(name) or 0 for run, names in wrong.items() for name in names)


def second_part(figures: Figures) -> Iterator[str]:
    """The table, a line for each kind of try."""
    yield "| what was tried | cases | came in, came out or failed | shown by |"
    yield "|---|---|---|---|"
    for run, command in _ROWS:
        told = figures.get(run)
        lines = _LINES[run](told) if told is not None else [(run.replace("_", " "), _PENDING, _PENDING)]
        for what, cases, wrong in lines:
            yield f"| {what} | {cases} | {wrong} | {command} |"


Line = tuple[str, str, str]


def _doors(told: Figures) -> Iterator[Line]:
    by = ", ".join(f"{kind} {tried:,}" for kind, tried in told["by"].items())
    yield f"Doors, by who may not: {by}", f"{told['doors_tried']:,}", count(told["opened_wrongly"])
    yield "The same, shut to who may", f"{told['doors_tried']:,}", count(told["shut_wrongly"])


def _json_door(told: Figures) -> Iterator[Line]:
    yield "Requests made from the JSON door's own description", f"{told['cases']:,}", count(told["failures"])


def _pages(told: Figures) -> Iterator[Line]:
    for row in told["by"].values():
        yield f"Pages: {row['what']}", f"{row['tried']:,}", count(row["wrong"])


def _leaks(told: Figures) -> Iterator[Line]:
    places, sizes = sum(told["places"].values()), sum(told["bytes"].values())
    where = "documents, exports, tasks, files, logs, alerts, messages, pages, titles and addresses"
    what = f"{told['secrets']} texts of citizens, however written, looked for in {where}"
    yield what, f"{places:,} places, {sizes:,} bytes", count(told["found"])


def _fuzz(told: Figures) -> Iterator[Line]:
    what = f"Damaged webhooks ({told['over_http']:,} over HTTP, seed {told['seed']})"
    yield what, f"{told['cases']:,}", count(told["failures"])
    yield "Honest messages after each batch of them", f"{told['honest_messages_served']:,}", "all served"


def _supply(told: Figures) -> Iterator[Line]:
    yield "Packages: known holes", f"{told['packages']:,}", _holes(told)
    history = "its whole history" if told["whole_history"] else "a part of its history"
    what = f"Secrets in the tree and {history}"
    yield what, f"{told['files']:,} files, {told['commits']:,} commits", count(told["secrets"])


def _holes(told: Figures) -> str:
    if not told["asked"]:
        return "**not known**: the advisory service could not be reached when this was written"
    return f"{count(told['holes'])}, {count(told['holes_excepted'])} excepted"


_LINES: Final = {
    "doors": _doors, "json_door": _json_door, "pages": _pages, "leaks": _leaks, "fuzz": _fuzz, "supply": _supply,
}  # fmt: skip

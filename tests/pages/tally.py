"""What was tried, by kind, and how often it went wrong: for the page that shows what is promised."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Kinds of attempts, in the words of the page that is made of them."""

    HEADERS = "answers, each looked at for every header"
    FORMS = "forged forms"
    TEXTS = "hostile texts, in each page, message and export"
    BROWSER = "hostile pages in a real browser, at two widths"
    UPLOADS = "files that lie about their type"
    STRANGERS = "requests of a stranger to a whole function"
    DEPTHS = "bodies nested too deep"
    FLOODS = "messages and citizens in a flood"


@dataclass
class Tally:
    """Counts over the session."""

    tried: Counter[Kind] = field(default_factory=Counter)
    wrong: Counter[Kind] = field(default_factory=Counter)

    def expect_nothing(self, kind: Kind, faults: Mapping[Any, object]) -> None:
        """Count a case for each key, and fail with those that have a fault: anything that is not empty."""
        found = {case: fault for case, fault in faults.items() if fault}
        self.tried[kind] += len(faults)
        self.wrong[kind] += len(found)
        assert faults
        assert found == {}, dict(list(found.items())[:20])

    @property
    def is_whole(self) -> bool:
        """Whether every kind was tried: a part of them promises nothing."""
        return set(self.tried) == set(Kind)

    def told(self) -> dict[str, Any]:
        """For a page that is made of it."""
        by = {kind.name.lower(): {"what": kind, "tried": self.tried[kind], "wrong": self.wrong[kind]} for kind in Kind}
        return {"tried": self.tried.total(), "wrong": self.wrong.total(), "by": by}

    def lines(self) -> list[str]:
        """For a person."""
        return [f"{kind}: {self.tried[kind]} tried, {self.wrong[kind]} wrong" for kind in Kind if self.tried[kind]]

"""A page taken apart: its elements in order, with their attributes and their text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


@dataclass
class Element:
    """One element; `text` is all that stands in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    within: tuple[str, ...] = field(default=())


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self, markup: str) -> None:
        """Read it."""
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        within = tuple(element.tag for element in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, within=within)
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """It is over."""
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Text belongs to all that is open."""
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """The elements of these kinds, in order."""
        return [element for element in self.elements if element.tag in tags]

    def with_id(self, name: str) -> Element:
        """The one element of this id."""
        (found,) = [element for element in self.elements if element.attributes.get("id") == name]
        return found

    @property
    def text(self) -> str:
        """All text, spaces joined."""
        return " ".join(" ".join(element.text for element in self.all("body")).split())

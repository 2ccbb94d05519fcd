"""Somebody who has no mouse: everything is reached with Tab, and pressed with Enter or Space."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

MOST_STOPS = 150
_STOP = """() => {
  const stop = document.activeElement;
  if (!stop || stop === document.body) return null;
  const words = stop.labels?.length ? stop.labels[0].innerText : stop.ariaLabel ?? stop.innerText;
  const style = getComputedStyle(stop);
  return {
    kind: stop.localName,
    name: words.trim().replace(/\\s+/g, " "),
    isShown: stop.checkVisibility() && stop.getBoundingClientRect().height > 1 && style.outlineStyle !== "none",
  };
}"""


@dataclass(frozen=True)
class Stop:
    """Where the focus stands: what kind of element, and its words."""

    kind: str
    name: str


@dataclass(frozen=True)
class Keyboard:
    """One window, and hands on its keyboard."""

    page: Page

    def follow(self, name: str) -> None:
        """Go where a link leads."""
        self._to("a", name)
        self._leave(lambda: self.page.keyboard.press("Enter"))

    def press(self, name: str) -> None:
        """Press a button that sends a form."""
        self._to("button", name)
        self._leave(lambda: self.page.keyboard.press("Enter"))

    def unfold(self, name: str) -> None:
        """Open what is folded."""
        self._to("summary", name)
        self.page.keyboard.press("Space")

    def write(self, label: str, text: str, kind: str = "textarea") -> None:
        """Type into a field, instead of what stands in it."""
        self._to(kind, label)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, label: str, first_letters: str) -> None:
        """Choose from a list, by the letters that the choice begins with."""
        self._to("select", label)
        self.page.keyboard.type(first_letters)

    def stands_at(self, where: str) -> None:
        """Look at the heading: it says which page this is."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(where)

    def sees(self, text: str) -> None:
        """Look for a text on the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def _to(self, kind: str, name: str) -> None:
        passed = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self._stop()
            if stop == Stop(kind, name):
                return
            passed.append(stop)
        raise AssertionError(f"Tab does not come to the {kind} {name!r}; it came to {dict.fromkeys(passed).keys()}")

    def _stop(self) -> Stop | None:
        found = self.page.evaluate(_STOP)
        if found is None:
            return None
        assert found.pop("isShown"), f"nobody sees that the focus is on {found}"
        return Stop(**found)

    def _leave(self, press: Callable[[], None]) -> None:
        with self.page.expect_navigation():
            press()

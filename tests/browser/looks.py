"""What can be seen to be wrong with a page, at every width and in both colour schemes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Dialog, Page, Request, Response

from tests.browser.place import DESKTOP, HEIGHTS, SMALL_PHONE, Scheme

AUDIT = (Path(__file__).with_name("audit.js")).read_text("utf-8")
Look = tuple[int, Scheme]
LOOKS: Sequence[Look] = [(SMALL_PHONE, "light"), (SMALL_PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")]


@dataclass
class Watch:
    """Takes down what a window does that no page of ours may do. `origin`: the only one that may be asked."""

    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
    _refused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin."""
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url} {request.failure}"))
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)

    def take(self) -> list[str]:
        """What was taken down since the last time."""
        taken, self.faults = self.faults, []
        return taken

    def _request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and f"{asked.scheme}://{asked.netloc}" != self.origin:
            self.faults.append(f"another host: {request.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _response(self, response: Response) -> None:
        if response.status < 400:
            return
        if response.request.is_navigation_request():
            self._refused.add(response.url)
        else:
            self.faults.append(f"{response.status}: {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        """Chromium reports every page that answers 4xx; that it does is for the test to judge."""
        is_answer = message.text.startswith("Failed to load resource") and message.location["url"] in self._refused
        if message.type in {"error", "warning"} and not is_answer:
            self.faults.append(f"console {message.type}: {message.text}")


def faults_of(page: Page, looks: Sequence[Look] = LOOKS) -> Mapping[str, list[str]]:
    """What is wrong with the page that is open, by width and scheme; nothing stands for a look without a fault."""
    page.keyboard.press("Tab")
    found = {}
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.emulate_media(color_scheme=scheme)
        if faults := page.evaluate(AUDIT):
            found[f"{width} {scheme}"] = faults
    return found

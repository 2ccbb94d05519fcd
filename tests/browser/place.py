"""The office as a browser reaches it: a steered world behind the stand-in for Identity-Aware Proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import httpx
from playwright.sync_api import Browser, Page

from aduan.procedure.roles import Role
from infra.local.iap import COOKIE, Person, create_iap
from tests.end_to_end.scenes import another_world
from tests.end_to_end.world import IAP_AUDIENCE, STAFF, World
from tests.infra_local.receiver import serving

SMALL_PHONE = 360
DESKTOP = 1280
HEIGHTS = {SMALL_PHONE: 740, DESKTOP: 800}
PATIENCE_MS = 20_000
"""How long something may take before a test says that it does not come: the machine may be busy."""

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Place:
    """A world, the origin under which its portal is reached, and the browser that reaches it."""

    world: World
    url: str
    browser: Browser

    def role_of(self, email: str) -> str:
        """Somebody's role, in the office's words."""
        return _title(self.world, STAFF[email][1])

    @contextmanager
    def window(
        self, email: str | None = None, *, javascript: bool = True, width: int = SMALL_PHONE, scheme: Scheme = "light"
    ) -> Iterator[Page]:
        """A browser of one person's own, who has signed in already if an email is given."""
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme=scheme,
            java_script_enabled=javascript,
            locale="id-ID",
        )
        context.set_default_timeout(PATIENCE_MS)
        if email:
            context.add_cookies([{"name": COOKIE, "value": email, "url": self.url}])
        try:
            yield context.new_page()
        finally:
            context.close()


def _title(world: World, role: str) -> str:
    return world.house.workflow.procedure.titles[Role(role)]


@contextmanager
def a_place(firestore_host: str, browser: Browser) -> Iterator[Place]:
    """A world of its own, whose every minute counts, with its portal served as people reach it."""
    with another_world(firestore_host) as world, httpx.Client(trust_env=False, timeout=30) as client:
        people = [Person(email, name, _title(world, role)) for email, (name, role, _) in STAFF.items()]
        iap = create_iap(world.urls["staff_portal"], world.identity, IAP_AUDIENCE, lambda: people, client)
        with serving(iap) as url:
            yield Place(world, url, browser)

"""Hostile texts and files in a real browser: nothing runs, nothing asks, nothing is wider than a small phone."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Error, Page

from tests.browser.looks import Watch
from tests.browser.place import DESKTOP, HEIGHTS, SMALL_PHONE
from tests.end_to_end.scenes import submitted
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, KABID, KADIS, KASI, STAFF
from tests.pages.hostile import PLAIN, TEXTS, Hostile, typed
from tests.pages.liars import LIARS
from tests.pages.tally import Kind, Tally

DIRECTION = Path(__file__).with_name("direction.js").read_text("utf-8")
WIDTHS = (SMALL_PHONE, DESKTOP)
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const whole = document.documentElement.scrollWidth;
  if (whole > width) return [`scrolls sideways: ${whole}`];
  const isOut = (box) => box.right > width + 1 && box.width > 1;
  const out = [...document.body.querySelectorAll("*")].filter((element) => isOut(element.getBoundingClientRect()));
  return out.filter((element) => element.checkVisibility()).map((element) => element.outerHTML.slice(0, 90));
}"""
ACTED = "() => [globalThis.acted && 'acted', document.title.includes('acted') && 'title'].filter(Boolean)"


def faults(page: Page, watch: Watch) -> Iterator[str]:
    """What is wrong with the page that is open, at both widths."""
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        yield from (f"{width}: {fault}" for fault in page.evaluate(TOO_WIDE))
        yield from (f"{width}: {fault}" for fault in page.evaluate(DIRECTION))
    yield from page.evaluate(ACTED)
    yield from watch.take()


def pictured(page: Page, name: str) -> None:
    """Leave a picture for whoever wants to look at it: `ADUAN_PICTURES` names a folder."""
    folder = os.environ.get("ADUAN_PICTURES")
    for width in WIDTHS if folder else ():
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.screenshot(path=Path(str(folder)) / f"{name.replace(' ', '-')}-{width}.png", full_page=True)


@pytest.mark.parametrize("kind", ["numbers", "drafts"])
def test_no_text_acts_or_breaks_its_page(office: Hostile, tally: Tally, kind: str) -> None:
    found = {}
    with office.place.window(ADMIN) as page:
        watch = Watch(page, office.place.url)
        for name, address in getattr(office, kind).items():
            page.goto(f"{office.place.url}/aduan/{address}")
            found[kind, name] = [*faults(page, watch)]
            pictured(page, f"{kind} {name}")
    tally.expect_nothing(Kind.BROWSER, found)


@pytest.mark.parametrize("path", ["/", "/aduan", "/aduan?status=draft"])
def test_no_list_is_broken_by_what_stands_in_it(office: Hostile, tally: Tally, path: str) -> None:
    with office.place.window(ADMIN) as page:
        watch = Watch(page, office.place.url)
        page.goto(office.place.url + path)
        tally.expect_nothing(Kind.BROWSER, {path: [*faults(page, watch)]})
        pictured(page, f"list {path.replace('/', '_')}")


COLLEAGUES = (ADMIN, ADMIN2, KASI, KABID, ADB)


def test_no_name_of_a_colleague_breaks_the_list_of_them(office: Hostile, tally: Tally) -> None:
    """As many names at a time as there are colleagues."""
    found, names, texts = {}, {email: STAFF[email][0] for email in COLLEAGUES}, [*TEXTS.items()]
    with office.place.window(KADIS) as page:
        watch = Watch(page, office.place.url)
        for begin in range(0, len(texts), len(COLLEAGUES)):
            some = texts[begin : begin + len(COLLEAGUES)]
            for email, (_, text) in zip(COLLEAGUES, some, strict=False):
                office.world.put_staff(email, name=typed(text)[:100])
            page.goto(f"{office.place.url}/petugas")
            wrong = [*faults(page, watch)]
            found.update({("name", name): wrong for name, _ in some})
            pictured(page, f"staff {begin}")
    for email, name in names.items():
        office.world.put_staff(email, name=name)
    tally.expect_nothing(Kind.BROWSER, found)


@pytest.mark.parametrize(
    "name", ["script", "end of a textarea", "letters turned", "marks upon marks", "Arabic", "a word"]
)
def test_what_was_looked_for_and_typed_in_vain_breaks_nothing(office: Hostile, tally: Tally, name: str) -> None:
    with office.place.window(ADMIN) as page:
        watch = Watch(page, office.place.url)
        page.goto(f"{office.place.url}/aduan?{urlencode({'q': typed(TEXTS[name])[:300]})}")
        found = {("looked for", name): [*faults(page, watch)]}
        page.goto(f"{office.place.url}/aduan/{office.drafts[PLAIN]}")
        with page.expect_navigation():
            page.locator("#act-register").evaluate(
                "(form, text) => { form.description.value = text; form.version.value = 0; form.submit(); }", TEXTS[name]
            )
        found["typed", name] = [*faults(page, watch)]
    tally.expect_nothing(Kind.BROWSER, found)


def test_a_page_that_is_turned_and_one_that_is_too_wide_would_be_seen(office: Hostile) -> None:
    with office.place.window(ADMIN) as page:
        watch = Watch(page, office.place.url)
        page.goto(f"{office.place.url}/aduan/{office.numbers['Arabic']}")
        page.evaluate(
            "document.querySelectorAll('bdi').forEach((bdi) => bdi.replaceWith('\\u202e', ...bdi.childNodes))"
        )
        page.evaluate("document.querySelector('h1').style.width = '2000px'")
        page.evaluate("globalThis.acted = 1; console.error('x')")
        seen = " ".join(faults(page, watch))
    for fault in ("runs backwards", "scrolls sideways", "acted", "console error"):
        assert fault in seen


@pytest.fixture(scope="module")
def files(office: Hostile) -> Mapping[str, str]:
    """The address of every file that lies, by its name."""
    world, phone = office.world, "+6281299900299"
    number, citizen = submitted(world, phone), world.citizen(phone)
    for liar in LIARS.values():
        assert citizen.send_document(liar.content, liar.name, liar.claims) == 200
        world.advance(seconds=1)
    loaded = world.house.store.complaint(number.removeprefix("ADU-"))
    assert loaded is not None
    messages = [message for message in world.house.store.conversation(loaded).inbound if message.file]
    return {
        "": f"/aduan/{number}",
        **{name: f"/aduan/{number}/lampiran/{m.id}" for name, m in zip(LIARS, messages, strict=True)},
    }


def test_the_page_with_all_of_them_is_whole(office: Hostile, files: Mapping[str, str], tally: Tally) -> None:
    with office.place.window(ADMIN) as page:
        watch = Watch(page, office.place.url)
        page.goto(office.place.url + files[""])
        page.evaluate("document.querySelectorAll('img').forEach((img) => { img.loading = 'eager' })")
        page.wait_for_load_state("networkidle")
        tally.expect_nothing(Kind.BROWSER, {"all files": [*faults(page, watch)]})
        pictured(page, "files")


def test_no_file_that_is_opened_acts(office: Hostile, files: Mapping[str, str], tally: Tally) -> None:
    found = {}
    with office.place.window(ADMIN) as page:
        for name in LIARS:
            found["opened", name] = [*_opened(page.context, office.place.url, files[name])]
    tally.expect_nothing(Kind.BROWSER, found)


def _opened(context: BrowserContext, origin: str, address: str) -> Iterator[str]:
    """In a window of its own; a download comes without a page."""
    page = context.new_page()
    watch = Watch(page, origin)
    try:
        page.goto(origin + address)
    except Error as error:
        if "Download is starting" not in str(error):
            yield str(error)
    page.wait_for_timeout(300)  # for what would act a moment later
    yield from page.evaluate(ACTED)
    yield from (fault for fault in watch.take() if not fault.startswith(BROWSERS_OWN))
    page.close()


BROWSERS_OWN = (
    "failed: ",
    "console error: Applying inline style violates",
    "console error: Failed to load resource: the server responded with a status of 404",  # an icon for a document
    "console error: Loading media from",  # a sound by its own address, in a page that the browser makes
    "another host: chrome",
)
"""A download that leaves no page; what the browser puts around a picture or a document by itself."""


PARTS = """async ([address, kind]) => {
  const part = document.createElement(kind);
  const done = new Promise((over) => { part.onload = () => over("loaded"); part.onerror = () => over("refused"); });
  if (kind === "link") { part.rel = "stylesheet"; part.href = address; } else part.src = address;
  document.body.append(part);
  const ended = await Promise.race([done, new Promise((over) => setTimeout(() => over("silent"), 3000))]);
  return [ended, globalThis.acted ? "acted" : ""];
}"""


@pytest.mark.parametrize("kind", ["script", "link"])
def test_no_file_is_a_part_of_a_page_even_where_a_page_would_let_it(
    office: Hostile, files: Mapping[str, str], tally: Tally, kind: str
) -> None:
    """The page's policy is taken off, as if somebody had found a way around it: the file's own headers still hold."""
    context = office.place.browser.new_context(bypass_csp=True)
    found = {}
    with office.place.window(ADMIN) as known:
        context.add_cookies(known.context.cookies())  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(office.place.url + "/aduan")
        for name in LIARS:
            ended, acted = page.evaluate(PARTS, [files[name], kind])
            found[kind, name] = "" if (ended, acted) == ("refused", "") else (ended, acted)
    context.close()
    tally.expect_nothing(Kind.BROWSER, found)

"""Every page for everybody, on a phone and at a desk, by day and by night: it fits, and can be read and tapped."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.browser.looks import LOOKS, Look, Watch, faults_of
from tests.browser.place import DESKTOP, SMALL_PHONE, Place
from tests.browser.scenes import HEAD_OF_CIVIL, Scene, a_full_morning
from tests.end_to_end.world import ADB, ADMIN, KABID, KADIS, KASI, STAFF

STRANGER = "orang@lain.test"
BY_DAY: Sequence[Look] = [(SMALL_PHONE, "light"), (DESKTOP, "dark")]
BY_NIGHT: Sequence[Look] = [(SMALL_PHONE, "dark"), (DESKTOP, "light")]
"""Every role at both widths and in both schemes; every page in all four looks, by two roles."""

NO_PAGE = {"asset", "attachment"}
"""The stylesheet, the icon, and citizens' files: the pages that show them ask for them."""

QUERIES = {
    "/aduan": [
        "",
        "?status=draft",
        "?late=1&status=open",
        "?status=closed&step=8",
        "?from=2026-13-45&holder=x",
        "?cursor=x",
    ],
}

# who sends what, from which page, with the form of which id or class filled how
Sent = tuple[str, str, str, Mapping[str, str]]
SENT: Mapping[str, list[Sent]] = {
    "perform": [
        (ADMIN, "/aduan/{held}", "#act-settle", {"answer": "Jawaban tanpa catatan."}),
        (ADMIN, "/aduan/{held}", "#act-ask_complainant", {"question": "x" * 4097}),
        (ADMIN, "/aduan/{strange_draft}", "#act-register", {"category": "", "description": "<b>" * 50}),
        (KASI, "/aduan/{forwarded}", "#act-respond", {}),
        (KABID, "/aduan/{answered}", "#act-refuse", {}),
        (ADB, "/aduan/{checked}", "#act-reply_data_check", {}),
        (ADMIN, "/aduan/{held}", "#act-unmask", {}),
    ],
    "find": [(ADMIN, "/aduan", "[role=search]", {"q": "bukan nomor " * 10})],
    "add_member": [(KADIS, "/petugas/tambah", "main form", {"name": "x" * 101, "email": "bukan alamat"})],
    "change_member": [(ADB, f"/petugas/{quote(HEAD_OF_CIVIL)}", "main form", {"whatsapp": "12", "name": ""})],
}


@pytest.fixture(scope="module")
def scene(place: Place) -> Scene:
    """An office that has begun its day."""
    return a_full_morning(place)


def paths(scene: Scene) -> Iterator[str]:
    """The address of every page that can be asked for; a route that needs what is not known here fails."""
    known = {"number": sorted(scene.addresses.values()), "email": [quote(ADMIN), quote(HEAD_OF_CIVIL)]}
    for rule in scene.world.house.portal.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGE:
            filled = [rule.rule]
            for name in rule.arguments:
                filled = [path.replace(f"<{name}>", value) for path in filled for value in known[name]]
            yield from (path + query for path in filled for query in QUERIES.get(path, [""]))
    yield "/tidak/ada"


def seen(page: Page, watch: Watch, looks: Sequence[Look] = LOOKS) -> dict[str, list[str]]:
    """All that is wrong with the page that is open, and with how it came."""
    faults = faults_of(page, looks)
    came = watch.take()
    return {**faults, **({"window": came} if came else {})}


@pytest.mark.parametrize(
    ("email", "looks"),
    [(ADMIN, BY_DAY), (KASI, BY_NIGHT), (KABID, BY_DAY), (KADIS, BY_NIGHT), (ADB, BY_DAY), (STRANGER, LOOKS)],
    ids=["whatsapp_admin", "section_head", "division_head", "agency_head", "database_admin", "stranger"],
)
def test_every_page_fits_and_can_be_read_reached_and_tapped(scene: Scene, email: str, looks: Sequence[Look]) -> None:
    found = {}
    with scene.place.window(email) as page:
        watch = Watch(page, scene.place.url)
        for path in paths(scene) if email in STAFF else ["/"]:
            answer = page.goto(scene.place.url + path)
            assert answer is not None
            assert answer.status in {200, 400, 403, 404}, (path, answer.status)
            found[path] = seen(page, watch, looks)

    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "sent", [pytest.param(form, id=f"{endpoint}-{form[2]}") for endpoint, forms in SENT.items() for form in forms]
)
def test_what_answers_a_form_does_too(scene: Scene, sent: Sent) -> None:
    email, path, form, fields = sent
    with scene.place.window(email) as page:
        watch = Watch(page, scene.place.url)
        page.goto(scene.place.url + path.format(**scene.addresses))
        for name, text in fields.items():
            page.locator(form).locator(f"[name={name}]").evaluate("(field, text) => { field.value = text; }", text)
        with page.expect_navigation():
            page.locator(form).evaluate("(form) => form.requestSubmit()")

        assert seen(page, watch) == {}


def test_every_form_of_the_portal_is_sent(scene: Scene) -> None:
    rules = scene.world.house.portal.url_map.iter_rules()
    assert {rule.endpoint for rule in rules if "POST" in (rule.methods or ())} == SENT.keys()


def test_who_is_asked_for_their_name_can_read_it(scene: Scene) -> None:
    with scene.place.window() as page:
        watch = Watch(page, scene.place.url)
        page.goto(scene.place.url)

        assert seen(page, watch) == {}


@pytest.mark.parametrize("state", ["new", "held", "strange_draft"])
def test_tab_comes_to_everything_that_can_be_used_and_leaves_the_page_again(scene: Scene, state: str) -> None:
    stops = "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]"
    with scene.place.window(ADMIN) as page:
        page.goto(f"{scene.place.url}/aduan/{scene.addresses[state]}")
        expected = page.evaluate(f"{stops}.filter((stop) => stop.checkVisibility()).length")
        reached = []
        for _ in range(expected):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(f"{stops}.indexOf(document.activeElement)"))
        page.keyboard.press("Tab")

        assert reached == sorted(set(reached))
        assert len(reached) == expected >= 8
        assert page.evaluate("document.activeElement === document.body")

"""A citizen may write without end: the page of their complaint stays a page, and everything stays in reach."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from aduan.portal.views import MOST_NEW
from aduan.service import case_files
from aduan.service.case_files import MOST_EVENTS, MOST_MESSAGES
from tests.portal.html import Page
from tests.portal.scene import ADMIN, JSON, NOTE, Scene, content

MESSAGES = 1_000
LARGEST_PAGE = 300_000  # bytes
MOST_READS = 2 * (MOST_MESSAGES + 1) + 2 * MOST_EVENTS + 20
WORDS = re.compile(r"Pesan ke-(\d+)\.")


def of(response: TestResponse) -> Page:
    return Page(response.text)


def links(page: Page, words: str) -> list[str]:
    return [element.attributes["href"] for element in page.all("a") if element.text == words]


def said(page: Page) -> list[int]:
    """The numbers of the messages in the conversation, as they stand there."""
    return [int(WORDS.findall(one.text)[0]) for one in page.all("li") if WORDS.search(one.text)]


def pages(scene: Scene, path: str, words: str) -> Iterator[Page]:
    """A page, and those before it by its links."""
    following = [path]
    while following:
        page = of(scene.get(following[0].partition("#")[0]))
        yield page
        following = links(page, words)


def record(scene: Scene, path: str) -> list[int]:
    """The numbers of all events, by JSON, part by part."""
    part = content(scene.get(path, **JSON))
    numbers = [event["seq"] for event in part["events"]]
    assert len(numbers) == MOST_EVENTS
    while "events_before" in part:
        part = content(scene.get(f"{path}?events_before={part['events_before']}", **JSON))
        numbers = [event["seq"] for event in part["events"]] + numbers
    return numbers


def write(scene: Scene, numbers: range, of_one_second: int = 10) -> None:
    """A minute between so many that are of one second."""
    for number in numbers:
        scene.minutes(not number % of_one_second)
        scene.write(f"Pesan ke-{number}.")


def test_a_thousand_messages_are_read_part_by_part(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    write(scene, range(MESSAGES))
    path = f"/aduan/{number}"

    scene.reads.clear()
    response = scene.get(path)
    assert sum(scene.reads) <= MOST_READS
    assert len(response.data) < LARGEST_PAGE
    newest = of(response)
    assert f"{MOST_NEW} yang terbaru dari {MESSAGES} pesan baru" in newest.text

    # Others come in while somebody reads: what is older stays where it was, none is left out or there twice.
    walk = pages(scene, path, "Lihat pesan sebelumnya")
    found = said(next(walk))
    write(scene, range(MESSAGES, MESSAGES + 5))
    for page in walk:
        shown = said(page)
        assert len(shown) <= MOST_MESSAGES
        new = [number for number in shown if number >= MESSAGES - MOST_EVENTS]  # those whose events are looked at
        assert page.text.count("(baru)") == len(new)
        assert "Kembali ke pesan terbaru" in page.text
        found += shown
    assert Counter(found) == Counter(range(MESSAGES))

    walk = pages(scene, path, "Lihat riwayat sebelumnya")
    happened = [one.text for page in walk for one in page.all("strong")]
    assert sum("Pesan" in what for what in happened) >= MESSAGES
    assert record(scene, path) == list(range(1, scene.complaint(number).seq + 1))


def test_what_is_new_stays_new_on_the_page_before_and_nothing_else(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_files, "MOST_MESSAGES", 4)
    number = scene.complain()
    write(scene, range(6), 1)
    scene.act(number, "receive", ADMIN)
    write(scene, range(6, 12), 1)
    walk = pages(scene, f"/aduan/{number}", "Lihat pesan sebelumnya")
    new = set(said(next(walk)))
    write(scene, range(12, 14), 1)
    for page in walk:
        new |= {
            int(WORDS.findall(one.text)[0]) for one in page.all("li") if "(baru)" in one.text and WORDS.search(one.text)
        }
    assert new == set(range(6, 12))


@pytest.mark.parametrize("turns", [3, 500])
def test_the_steps_do_not_depend_on_the_part_of_the_record(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.minutes(3)
    scene.act(number, "forward", ADMIN, note=NOTE)
    whole = scene.get(f"/aduan/{number}")
    write(scene, range(8))
    monkeypatch.setattr(case_files, "MOST_EVENTS", turns)
    cut = scene.get(f"/aduan/{number}")
    rows = [[one.text.split() for one in of(page).all("li") if "number" in one.text] for page in (whole, cut)]
    assert rows[0] == rows[1]
    assert ("Hanya tahap yang terbaru." in cut.text) == (turns == 3)


@pytest.mark.parametrize(
    "part",
    [
        *("events_before=0", "events_before=-1", "events_before=x", "events_before=", "events_before=9999999999"),
        *("messages_before=", "messages_before=x", "messages_before=1.a/b", "messages_before=1.2.a"),
    ],
)
def test_a_part_that_was_made_up_is_refused_plainly(scene: Scene, part: str) -> None:
    number = scene.complain()
    response = scene.get(f"/aduan/{number}?{part}")
    assert response.status_code == 400
    assert "Bagian ini tidak dikenal." in response.text
    assert content(scene.get(f"/aduan/{number}?{part}", **JSON))["fields"].keys() == {part.partition("=")[0]}


def test_a_part_before_everything_is_empty_and_leads_back(scene: Scene) -> None:
    number = scene.complain()
    page = of(scene.get(f"/aduan/{number}?events_before=1&messages_before=0.a"))
    assert "Tidak ada pesan sebelumnya." in page.text
    assert links(page, "Kembali ke pesan terbaru") == [f"/aduan/{number}#percakapan"]
    assert links(page, "Kembali ke riwayat terbaru") == [f"/aduan/{number}#riwayat"]


def test_a_usual_complaint_has_no_parts(scene: Scene) -> None:
    number = scene.complain()
    assert "events_before" not in content(scene.get(f"/aduan/{number}", **JSON))
    page = of(scene.get(f"/aduan/{number}"))
    assert links(page, "Lihat pesan sebelumnya") == links(page, "Lihat riwayat sebelumnya") == []


def test_a_number_in_an_older_part_can_be_shown_in_full(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    scene.write("Pesan ke-0. KK saya 3402010101080002.")
    write(scene, range(1, 130))
    (older,) = links(of(scene.get(f"/aduan/{number}")), "Lihat pesan sebelumnya")
    page = of(scene.get(older.partition("#")[0]))
    assert "3402••••••••••02" in page.text
    (form,) = [one for one in page.all("form") if one.attributes["id"] == "act-unmask"]
    address = form.attributes["action"].partition("#")[0]
    shown = scene.post_form(address, ADMIN, scene.fields(number))
    assert "3402010101080002" in shown.text

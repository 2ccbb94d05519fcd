"""Whatever a citizen writes is shown as it is: readable, on its own, and never as a part of the page."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from aduan.adapters.whatsapp_payload import storable
from aduan.portal.foreign_text import legible
from aduan.service.masking import masked, summary
from tests.end_to_end.scenes import inbox
from tests.end_to_end.world import ADB, ADMIN, KADIS, KASI, STAFF
from tests.pages.hostile import FITS_A_FIELD, MARK, PLAIN, TEXTS, Hostile, typed
from tests.pages.tally import Kind, Tally

OUR_OWN = re.compile(r"(/[\w.@%?=&/+~-]*)?(#[\w-]+)?")


class Shape(HTMLParser):
    """What a page is made of, without its texts; and its texts."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.words = ""
        self.title = ""
        self._tag = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "action", "formaction"}]

    def handle_decl(self, decl: str) -> None:
        self.elements.append((f"!{decl}", ()))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!--", (data,)))

    def handle_data(self, data: str) -> None:
        self.words += data
        self.title += data if self._tag == "title" else ""


def plainly(text: str) -> str:
    """As a person reads it: every space is one."""
    return " ".join(text.split())


def shape(answer: httpx.Response) -> Shape:
    return Shape(answer.text)


def faults(answer: httpx.Response, like: Shape, *texts: str) -> Iterator[str]:
    """What is wrong with a page, that has to be made as `like` is and to hold `texts`."""
    seen = shape(answer)
    if more := Counter(seen.elements) - Counter(like.elements):
        yield f"more elements: {more}"
    yield from (f"link {link}" for link in seen.links if not OUR_OWN.fullmatch(link))
    if MARK in seen.title:
        yield f"title {seen.title}"
    if "\0" in answer.text:
        yield "a NUL"
    words = plainly(seen.words)
    yield from (f"not readable: {text[:60]!r}" for text in map(plainly, texts) if text not in words)


def as_shown(text: str) -> str:
    return legible(masked(storable(text)))


@pytest.mark.parametrize("email", [ADMIN, KASI])
def test_a_complaint_is_shown_word_for_word_and_as_any_other(office: Hostile, tally: Tally, email: str) -> None:
    world, found = office.world, {}
    like = shape(world.get(f"/aduan/{office.numbers[PLAIN]}", email, html=True))
    for name, text in TEXTS.items():
        answer = world.get(f"/aduan/{office.numbers[name]}", email, html=True)
        found[name, email] = [*faults(answer, like, as_shown(text), legible(masked(typed(text))))]
    tally.expect_nothing(Kind.TEXTS, found)


@pytest.mark.parametrize("email", [ADMIN, KASI])
def test_a_draft_too(office: Hostile, tally: Tally, email: str) -> None:
    world, found = office.world, {}
    like = shape(world.get(f"/aduan/{office.drafts[PLAIN]}", email, html=True))
    for name, text in TEXTS.items():
        answer = world.get(f"/aduan/{office.drafts[name]}", email, html=True)
        found[name, email] = [*faults(answer, like, as_shown(text))]
    tally.expect_nothing(Kind.TEXTS, found)


def test_what_is_shown_in_full_once_is_too(office: Hostile, tally: Tally) -> None:
    world, found, shapes = office.world, {}, {}
    for name, number in office.numbers.items():
        page = world.get(f"/aduan/{number}", ADMIN, html=True).text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        fields = {"csrf_token": token, "version": world.complaint(number)["version"], "request_id": f"unmask-{number}"}
        world.did(number, "take_over", ADMIN)
        fields["version"] = world.complaint(number)["version"]
        answer = world.http.post(
            f"{world.urls['staff_portal']}/aduan/{number}/unmask", data=fields, headers=world.headers(ADMIN)
        )
        shapes[name] = answer
        assert answer.status_code == 200, answer.text
    like = shape(shapes[PLAIN])
    for name, answer in shapes.items():
        found[name] = [*faults(answer, like, legible(storable(TEXTS[name])))]
    tally.expect_nothing(Kind.TEXTS, found)


def test_what_was_typed_and_refused_is_given_back_as_it_was_typed(office: Hostile, tally: Tally) -> None:
    world, number, found, answers = office.world, office.numbers[PLAIN], {}, {}
    token = re.findall(r'name="csrf_token" value="([^"]+)"', world.get(f"/aduan/{number}", ADMIN, html=True).text)[0]
    for name, text in TEXTS.items():
        fields = {"csrf_token": token, "version": "0", "request_id": "r" * 16, "answer": typed(text), "note": ""}
        for act in ("settle", "answer"):
            url = f"{world.urls['staff_portal']}/aduan/{number}/{act}"
            answers[name, act] = world.http.post(url, data=fields, headers=world.headers(ADMIN))
    for (name, act), answer in answers.items():
        found[name, act] = [*faults(answer, shape(answers[PLAIN, act]), typed(TEXTS[name]))]
    tally.expect_nothing(Kind.TEXTS, found)


def test_what_is_looked_for_is_given_back_and_finds_nothing(office: Hostile, tally: Tally) -> None:
    world, found = office.world, {}
    for field in ("q", "status", "holder", "from", "cursor"):
        answers = {
            name: world.http.get(
                f"{world.urls['staff_portal']}/aduan",
                params={field: typed(text)},
                headers=world.headers(ADMIN),
                follow_redirects=True,
            )
            for name, text in TEXTS.items()
        }
        for name, answer in answers.items():
            found[name, field] = [*faults(answer, shape(answers[PLAIN]))]
            assert answer.status_code < 500
    tally.expect_nothing(Kind.TEXTS, found)


@pytest.mark.parametrize("path", ["/", "/aduan", "/aduan?status=draft", "/aduan?late=1"])
def test_a_list_shows_the_beginning_of_each_and_is_made_of_nothing_else(
    office: Hostile, tally: Tally, path: str
) -> None:
    seen = shape(office.world.get(path, ADMIN, html=True))
    words, known = plainly(seen.words), {"bdi", "script", "img", "svg", "form", "table", "h1", "plaintext"}
    tags = [tag for tag, _ in seen.elements]
    rows = office.world.complaints(path.partition("/aduan")[2]) if path != "/" else []
    found: dict[Any, object] = {
        (path, row["number"] or row["id"]): plainly(legible(row["summary"])) not in words for row in rows
    }
    found[path] = [tag for tag in ("script", "img", "svg", "plaintext", "a:hover") if tag in tags]
    found[path, "links"] = [link for link in seen.links if not OUR_OWN.fullmatch(link)]
    assert known
    tally.expect_nothing(Kind.TEXTS, found)


def test_a_colleagues_name_is_shown_as_a_name(office: Hostile, tally: Tally) -> None:
    world, found = office.world, {}
    answers = {}
    for name, text in TEXTS.items():
        world.put_staff(ADB, name=typed(text)[:100])
        answers[name] = (world.get("/petugas", KADIS, html=True), world.get("/", ADB, html=True))
    world.put_staff(ADB, name="Fajar")
    for name, pages in answers.items():
        likes = map(shape, answers[PLAIN])
        found[name] = [fault for page, like in zip(pages, likes, strict=True) for fault in faults(page, like)]
    tally.expect_nothing(Kind.TEXTS, found)


def test_a_program_gets_every_text_as_it_was_written(office: Hostile, tally: Tally) -> None:
    world, found = office.world, {}
    for name, text in TEXTS.items():
        answer = world.get(f"/aduan/{office.numbers[name]}")
        told = json.loads(answer.text)
        whole = plainly(storable(text[:FITS_A_FIELD])) in plainly(told["description"])
        first = summary(told["description"]) if told["description"] else ""
        found[name] = "" if whole and answer.headers["Content-Type"] == "application/json" else (told, first)
    tally.expect_nothing(Kind.TEXTS, found)


def test_no_word_of_a_citizen_is_in_what_staff_are_told_by_whatsapp(office: Hostile, tally: Tally) -> None:
    told = {(email, place): message.text for email in STAFF for place, message in enumerate(inbox(office.world, email))}
    assert len(told) > len(TEXTS)
    tally.expect_nothing(Kind.TEXTS, {key: MARK in text for key, text in told.items()})


def test_no_header_of_an_answer_is_written_by_a_citizen(office: Hostile, tally: Tally) -> None:
    found = {}
    for name, number in office.numbers.items():
        page = office.world.get(f"/aduan/{number}", html=True)
        for address in set(re.findall(r"/aduan/[^/\"]+/lampiran/[0-9a-f]{64}", page.text)):
            file = office.world.get(address, html=True)
            assert file.status_code == 200
            found[name] = {"Set-Cookie"} & set(file.headers) or file.headers["Content-Type"] != "application/pdf"
            assert file.headers["Content-Disposition"].startswith("inline; filename")
    tally.expect_nothing(Kind.TEXTS, found)
    assert len(found) == len(TEXTS)

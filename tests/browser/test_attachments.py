"""Citizens' files in a real browser: seen and heard in the page, opened by a click, and unable to do anything."""

from collections.abc import Callable
from http import HTTPStatus

import pytest
from playwright.sync_api import Page, expect

from infra.local.whatsapp_voice import voice_note
from tests.browser.files import pdf, png
from tests.browser.looks import Watch, faults_of
from tests.browser.place import Place
from tests.end_to_end.scenes import CITIZEN, submitted
from tests.end_to_end.world import ADMIN

PICTURE = png()
LOAD = (
    "sound => new Promise((done, failed) => { sound.oncanplay = done; sound.onerror = failed; sound.preload = 'auto' })"
)
EVIL = b"<!doctype html><title>x</title><script>document.title = 'acted'</script>"


@pytest.fixture(scope="module")
def number(place: Place) -> str:
    """A complaint with a picture, a document, a voice note, a file that is no page, and one that WhatsApp lost."""
    world = place.world
    number = submitted(world)
    citizen = world.citizen(CITIZEN)
    sends: tuple[Callable[[], object], ...] = (
        lambda: citizen.send_image(PICTURE, "image/png", caption="Ini foto kartunya"),
        lambda: citizen.send_document(pdf("KARTU KELUARGA"), "kartu keluarga 3402014107900001.pdf"),
        lambda: citizen.send_voice(voice_note(3)),
        lambda: citizen.send_document(EVIL, "surat.html", "text/html"),
        citizen.send_lost_image,
    )
    for send in sends:
        world.advance(seconds=10)
        assert send() == HTTPStatus.OK
    world.settle()
    world.whatsapp.down()
    citizen.send_image(PICTURE, "image/png")
    world.settle()
    world.whatsapp.up()
    return number


def opened(page: Page, place: Place, number: str) -> Page:
    page.goto(f"{place.url}/aduan/{number}")
    return page


def test_a_page_with_files_has_no_fault_at_any_width(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        watch = Watch(page, place.url)
        opened(page, place, number)
        assert faults_of(page) == {}
        assert watch.take() == []


def test_a_picture_is_loaded_when_it_comes_into_sight_and_leads_to_itself(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        picture = opened(page, place, number).locator(".talk img")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 640)
        expect(picture).to_have_attribute("alt", "Foto dari pemohon, pukul 09.00 WIB")
        picture.click()
        page.wait_for_url("**/lampiran/*")
        expect(page.locator("img")).to_have_js_property("naturalWidth", 640)


def test_a_voice_note_plays_in_the_page(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        sound = opened(page, place, number).locator(".talk audio")
        sound.evaluate(LOAD)
        assert sound.evaluate("sound => Math.round(sound.duration)") == 3
        sound.evaluate("sound => sound.play()")


def test_a_voice_note_can_be_taken_home(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        with page.expect_download() as download:
            opened(page, place, number).get_by_role("link", name="Unduh pesan suara").last.click()
        assert download.value.suggested_filename.endswith(".ogg")
        assert download.value.failure() is None


def test_a_document_opens_in_the_browser(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        link = opened(page, place, number).get_by_role("link", name="Buka kartu keluarga").last
        address = str(link.get_attribute("href"))
        with page.expect_response(f"**{address}") as answered:
            link.click()
        assert answered.value.status == 200
        assert answered.value.headers["content-type"] == "application/pdf"
        page.wait_for_url(f"**{address}")


def test_a_page_that_a_citizen_sent_is_a_download_and_never_runs(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        link = opened(page, place, number).get_by_role("link", name="Unduh surat.html").last
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == "surat.html"
        assert "acted" not in page.title()


def test_what_is_not_there_says_why(place: Place, number: str) -> None:
    with place.window(ADMIN) as page:
        talk = opened(page, place, number).locator(".talk")
        expect(talk).to_contain_text("Tidak dapat diambil: WhatsApp gagal menerima berkas ini dari pemohon.")
        expect(talk).to_contain_text("Sedang diambil dari WhatsApp.")
        expect(talk).to_contain_text("WhatsApp belum dapat dihubungi")

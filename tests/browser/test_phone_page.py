"""The phone page in the browser: a citizen is led to a registered complaint by taps, and staff are alerted."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looks import Watch, faults_of
from tests.browser.place import DESKTOP, SMALL_PHONE, Place
from tests.end_to_end.scenes import numbers_in
from tests.end_to_end.world import ADMIN, STAFF

COMPLAINT = "KTP saya belum jadi sejak dua bulan lalu."


@pytest.fixture(params=[SMALL_PHONE, DESKTOP])
def page(place: Place, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page as it opens."""
    with place.window(width=request.param) as page:
        page.goto(place.world.whatsapp.base_url)
        yield page


def send(place: Place, page: Page, sends: Locator, what: str) -> None:
    """Press Enter where it sends something; the office has taken it, and everything that is due happens."""
    with page.expect_response(lambda answer: answer.url.endswith(f"/{what}")) as answer:
        sends.press("Enter")
    assert answer.value.json() == {"webhook": 200}
    place.world.settle()


def write(place: Place, page: Page, text: str) -> None:
    field = page.locator("#citizen").get_by_label("Ketik pesan")
    field.fill(text)
    send(place, page, field, "text")


def expect_told(page: Page, side: str, text: str) -> Locator:
    """The newest message of the office on a phone."""
    newest = page.locator(f"#{side} .theirs").last
    expect(newest).to_contain_text(text)
    return newest


def add_citizen(page: Page, name: str, number: str) -> None:
    page.get_by_text("Tambah warga").press("Enter")
    page.get_by_label("Nama").fill(name)
    page.get_by_label("Nomor WhatsApp").fill(number)
    page.get_by_label("Nomor WhatsApp").press("Enter")
    # Listed is not chosen yet: what is written before goes to the phone that was chosen.
    expect(page.get_by_label("Warga", exact=True).locator("option:checked")).to_contain_text(name)


def test_a_citizen_is_led_by_taps_to_a_registered_complaint_and_staff_are_alerted(place: Place, page: Page) -> None:
    watch = Watch(page, place.world.whatsapp.base_url)
    assert page.viewport_size is not None
    width = page.viewport_size["width"]
    add_citizen(page, f"Siti {width}", f"0812 7777 {width:04}")

    write(place, page, "Selamat pagi")
    asked = expect_told(page, "citizen", "Aduan Anda tentang layanan apa?")
    asked.get_by_role("button", name="Pilih layanan").press("Enter")
    sheet = page.get_by_role("dialog", name="Pilih layanan")
    expect(sheet.get_by_role("button", name="KTP elektronik")).to_be_focused()
    assert faults_of(page) == {}
    page.set_viewport_size({"width": width, "height": 740})
    send(place, page, sheet.get_by_role("button", name="KTP elektronik"), "tap")
    expect_told(page, "citizen", "Siapa nama lengkap Anda")
    write(place, page, "Siti Aminah")
    expect_told(page, "citizen", "Berapa NIK Anda?")
    write(place, page, "3402014107900001")
    expect_told(page, "citizen", "Apa yang Anda adukan?")
    write(place, page, COMPLAINT)
    confirm = expect_told(page, "citizen", COMPLAINT)
    send(place, page, confirm.get_by_role("button", name="Kirim"), "tap")
    registered = expect_told(page, "citizen", "Aduan Anda sudah terdaftar dengan nomor")

    (number,) = numbers_in(registered.inner_text())
    assert place.world.complaint(number)["description"] == COMPLAINT
    alert_on_the_staff_phone(place, page, number)
    assert {**faults_of(page), "window": watch.take()} == {"window": []}


def alert_on_the_staff_phone(place: Place, page: Page, number: str) -> None:
    """Nobody receives the complaint in its ten minutes: the admins are told, and can say that they have read it."""
    place.world.advance(minutes=10)
    name, _, phone = STAFF[ADMIN]
    tab = page.get_by_role("tab", name="Petugas")
    if tab.is_visible():
        tab.press("Enter")
    page.get_by_label("Petugas", exact=True).and_(page.locator("select")).select_option(f"{name}, {phone}")
    alert = expect_told(page, "staff", number)
    send(place, page, alert.get_by_role("button", name="Sudah saya baca"), "tap")
    expect(page.locator("#staff .mine").last).to_contain_text("Sudah saya baca")


def test_a_number_that_is_none_is_explained_where_it_was_typed(place: Place, page: Page) -> None:
    watch = Watch(page, place.world.whatsapp.base_url)
    page.get_by_text("Tambah warga").press("Enter")
    page.get_by_label("Nama").fill("Budi")
    page.get_by_label("Nomor WhatsApp").fill("12")
    page.get_by_label("Nomor WhatsApp").press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("Nomor tidak dikenali. Contoh: 0812 3456 7890")
    expect(page.get_by_label("Nomor WhatsApp")).to_be_focused()
    expect(page.get_by_label("Nama")).to_have_value("Budi")
    assert faults_of(page) == {}
    refused = f"400: {page.url}phone/citizens"
    assert [fault for fault in watch.take() if not fault.startswith("console error: Failed")] == [refused]

"""What goes wrong at a desk: a wrong field, two people at one step, a form that lay open too long. Nothing is lost."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from aduan.portal.proof import GOOD_FOR
from tests.browser.looks import Watch, faults_of
from tests.browser.place import Place
from tests.end_to_end.scenes import submitted
from tests.end_to_end.world import ADMIN, ADMIN2, KADIS, KASI

TYPED = 'Berkas cocok.\n<b>Tebal</b> & "kutip" 🙏\n\nSalam, Ani'
_phones = count(1)


@pytest.fixture
def number(place: Place) -> str:
    """A complaint that nobody has received."""
    return submitted(place.world, f"+62812555000{next(_phones):02}")


@pytest.fixture
def ani(place: Place) -> Iterator[Page]:
    """Her window."""
    with place.window(ADMIN) as page:
        yield page


@pytest.fixture
def budi(place: Place) -> Iterator[Page]:
    """The other admin's window."""
    with place.window(ADMIN2) as page:
        yield page


def unfold(page: Page, act: str) -> None:
    page.locator("summary").filter(has_text=act).click()


def send(page: Page, act: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=act, exact=True).click()


def expect_kept(page: Page, field: str, text: str) -> None:
    expect(page.locator(field)).to_have_value(text)
    expect(page.locator(field)).to_be_editable()


def expect_wrong(page: Page, field: str, words: str) -> None:
    """The field's own error stands beside it, tells a screen reader, and the summary's line leads to it."""
    wrong = page.locator(f"#{field}")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description(re.compile(re.escape(words)))
    beside = page.locator(".field", has=wrong).locator(".error")
    expect(beside).to_contain_text(words)
    page.get_by_role("alert").get_by_role("link", name=words, exact=True).press("Enter")
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()


def test_a_missing_note_is_named_beside_its_field_and_the_answer_is_kept(place: Place, ani: Page, number: str) -> None:
    ani.goto(f"{place.url}/aduan/{number}")
    unfold(ani, "Selesaikan dan jawab")
    ani.locator("#settle-answer").fill(TYPED)
    send(ani, "Selesaikan dan jawab")

    expect(ani.get_by_role("alert")).to_contain_text("Ada isian yang perlu diperbaiki")
    expect_kept(ani, "#settle-answer", TYPED)
    expect(ani.locator("#settle-answer")).not_to_have_attribute("aria-invalid", "true")
    expect_wrong(ani, "settle-note", "Tulis Catatan Tindak Lanjut.")
    ani.locator("#settle-note").fill("Cocok.")
    send(ani, "Selesaikan dan jawab")
    assert place.world.complaint(number)["answer"] == TYPED


def test_an_answer_too_long_for_whatsapp_is_kept_and_may_be_shortened(place: Place, ani: Page, number: str) -> None:
    place.world.did(number, "receive", ADMIN)
    ani.goto(f"{place.url}/aduan/{number}")
    ani.locator("#settle-note").fill("Cocok.")
    ani.locator("#settle-answer").fill("a" * 4097)
    send(ani, "Selesaikan dan jawab")

    expect_kept(ani, "#settle-answer", "a" * 4097)
    expect_wrong(ani, "settle-answer", "Terlalu panjang: 4097 huruf, paling banyak 4096. Mohon persingkat.")
    ani.locator("#settle-answer").press("End")
    ani.locator("#settle-answer").press("Backspace")
    send(ani, "Selesaikan dan jawab")
    assert place.world.complaint(number)["status"] == "answered"


def test_what_is_wrong_about_a_member_of_staff_is_said_at_each_field(place: Place) -> None:
    with place.window(KADIS) as page:
        page.goto(f"{place.url}/petugas/tambah")
        page.get_by_label("Alamat email").fill("bukan alamat")
        page.get_by_label("Nama").fill("Gita <b>")
        page.get_by_label("Pelayanan Pencatatan Sipil").check()
        send(page, "Simpan")

        expect_kept(page, "#email", "bukan alamat")
        expect_kept(page, "#name", "Gita <b>")
        expect(page.get_by_label("Pelayanan Pencatatan Sipil")).to_be_checked()
        expect_wrong(page, "email", "Tulis alamat email akun Google petugas, misalnya nama@contoh.go.id.")
        expect_wrong(page, "role", "Pilih peran dari daftar.")
        expect_wrong(page, "whatsapp", "Tulis nomor WhatsApp, misalnya 0812 3456 7890.")


def test_a_search_and_a_filter_that_cannot_be_read_are_kept_too(place: Place, ani: Page) -> None:
    ani.goto(f"{place.url}/aduan")
    ani.get_by_label("Cari aduan").fill("KTP Siti")
    send(ani, "Cari")
    expect_kept(ani, "#f-q", "KTP Siti")
    expect_wrong(ani, "f-q", "Tulis nomor aduan, 16 angka NIK, atau nomor telepon.")

    ani.goto(f"{place.url}/aduan?from=24-11-2026&status=open")
    expect_kept(ani, "#f-from", "24-11-2026")
    expect(ani.get_by_label("Status")).to_have_value("open")
    expect_wrong(ani, "f-from", "Tulis tanggal sebagai tahun-bulan-hari, misalnya 2026-11-24.")


def test_who_comes_second_to_a_step_is_told_who_was_first_and_keeps_their_text(
    place: Place, ani: Page, budi: Page, number: str
) -> None:
    watch = Watch(budi, place.url)
    for page in (ani, budi):
        page.goto(f"{place.url}/aduan/{number}")
    unfold(budi, "Teruskan ke Kepala Seksi")
    budi.locator("#forward-note").fill(TYPED)
    send(ani, "Terima aduan")

    with budi.expect_navigation() as answer:
        budi.locator("#act-forward button").click()
    assert answer.value.status == 409
    told = budi.get_by_role("alert")
    expect(told).to_contain_text("Belum dilakukan")
    expect(told).to_contain_text("Yang terjadi sejak Anda membuka halaman")
    expect(told).to_contain_text("Aduan diterima oleh Ani")
    expect(budi.locator(".stand")).to_contain_text("Hanya Ani yang dapat bertindak.")
    told.get_by_role("link").click()
    kept = budi.get_by_label("Catatan", exact=True)
    expect(kept).to_have_value(TYPED)
    expect(kept).to_be_in_viewport()
    assert {**faults_of(budi), "window": watch.take()} == {"window": []}
    assert [event["type"] for event in place.world.complaint(number)["events"]] == ["submitted", "received"]


def test_who_comes_second_may_send_the_same_text_where_it_is_still_wanted(place: Place, ani: Page, number: str) -> None:
    place.world.did(number, "receive", ADMIN)
    ani.goto(f"{place.url}/aduan/{number}")
    ani.locator("#settle-note").fill("Cocok.")
    ani.locator("#settle-answer").fill(TYPED)
    place.world.did(number, "take_over", KASI)
    place.world.did(number, "take_over", ADMIN2)
    place.world.did(number, "take_over", ADMIN)
    send(ani, "Selesaikan dan jawab")

    expect(ani.get_by_role("alert")).to_contain_text("Aduan diambil oleh Citra")
    expect_kept(ani, "#settle-answer", TYPED)
    send(ani, "Selesaikan dan jawab")
    assert place.world.complaint(number)["answer"] == TYPED


def test_a_form_that_lay_open_overnight_keeps_what_was_typed_and_works_when_sent_again(
    place: Place, ani: Page, number: str
) -> None:
    place.world.did(number, "receive", ADMIN)
    ani.goto(f"{place.url}/aduan/{number}")
    ani.locator("#settle-note").fill("Cocok.")
    ani.locator("#settle-answer").fill(TYPED)
    place.world.clock.now += GOOD_FOR + timedelta(seconds=1)

    with ani.expect_navigation() as answer:
        ani.get_by_role("button", name="Selesaikan dan jawab", exact=True).click()
    assert answer.value.status == 403
    expect(ani.get_by_role("alert")).to_contain_text("Belum ada yang disimpan")
    expect_kept(ani, "#settle-note", "Cocok.")
    expect_kept(ani, "#settle-answer", TYPED)
    assert place.world.complaint(number)["answer"] is None
    send(ani, "Selesaikan dan jawab")
    assert place.world.complaint(number)["answer"] == TYPED


def test_pressing_twice_is_one_act_and_going_back_shows_what_is_now(place: Place, ani: Page, number: str) -> None:
    ani.goto(f"{place.url}/aduan/{number}")
    with ani.expect_navigation():
        ani.get_by_role("button", name="Terima aduan", exact=True).dblclick()

    expect(ani.get_by_role("heading", level=1)).to_contain_text("Tahap 3")
    assert [event["type"] for event in place.world.complaint(number)["events"]] == ["submitted", "received"]
    ani.goto(f"{place.url}/aduan")
    ani.go_back()
    expect(ani.get_by_role("heading", level=1)).to_contain_text("Tahap 3")
    expect(ani.get_by_role("button", name="Terima aduan", exact=True)).to_have_count(0)

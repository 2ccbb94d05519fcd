"""Another office, by its files alone: five steps, other desks, another zone, another number; no code knows of it.

`functions/aduan/offices/contoh` is the example that the runbook's 'Move to another office' follows. A complaint is
lived through, from its first word to its end, and nothing that anybody reads may speak of the office that is shipped.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.local.firestore import FirestoreEmulator
from infra.local.whatsapp_phone import Phone
from tests.end_to_end.scenes import CITIZEN, another_world, events, inbox, numbers_in, told
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, KABID, KADIS, KASI, OFFICES, STAFF, World
from tests.portal.html import Page

OFFICE = OFFICES / "contoh"
STEPS = {
    1: "Pelanggan menyampaikan keluhan",
    2: "Keluhan dipilah",
    3: "Pemeriksaan di lapangan",
    4: "Jawaban dikirim",
    5: "Pelanggan menerima jawaban",
}
FORMAT = """Keluhan: {service}
Nomor pelanggan: 00881234
Nama: Siti Aminah
Uraian: Air di rumah saya mati sejak kemarin sore."""
NOTE, ANSWER = "Katup di Jalan Melati macet.", "Katup sudah diganti. Air mengalir lagi sore ini."
ELSEWHERE = re.compile(
    r"Bantul|Dukcapil|Kependudukan|KTP|Admin WA|Kepala Seksi|Kepala Bidang|Kepala Dinas|\bADB\b|\bWIB\b|"
    r"[Dd]elapan|IKMT|[Tt]ahap [6-9]"
)
"""Words of the office that is shipped."""


def wita(text: str) -> datetime:
    """A moment on this office's wall clock, as '2026-11-24 09:00'."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Makassar")).astimezone(UTC)


@pytest.fixture
def office(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """The office at nine on a Tuesday of its own."""
    host, now = firestore_emulator.host, wita("2026-11-24 09:00")
    with another_world(host, office=OFFICE, calendar=None, now=now, number_id="444555666") as world:
        yield world


def until(office: World, moment: str) -> None:
    office.advance(seconds=(wita(moment) - office.clock.now).total_seconds())


def complain(office: World, service: str = "air mati", phone: str = CITIZEN) -> str:
    """In the office's own set format; the number."""
    citizen = office.citizen(phone, name="Siti")
    assert citizen.write(FORMAT.format(service=service)) == HTTPStatus.OK
    office.settle()
    return numbers_in(citizen.inbox[-1].text)[0]


def shown(office: World, path: str, email: str = ADMIN) -> str:
    """A page as it is read."""
    (main,) = [one for one in Page(office.get(path, email, html=True).text).elements if one.tag == "main"]
    return " ".join(main.text.split())


def by_the_guided_form(office: World) -> tuple[Phone, str]:
    """A citizen who is asked one field after the other, and slips once."""
    citizen = office.citizen(name="Siti")

    def says(text: str) -> str:
        assert citizen.write(text) == HTTPStatus.OK
        office.settle()
        return citizen.inbox[-1].text

    greeting = says("Selamat pagi")
    assert "Perumda Air Minum Tirta Saloka" in greeting
    assert greeting.endswith("Apa keluhan Anda?")
    assert [option.title for option in citizen.inbox[-1].options] == [
        "Air tidak mengalir", "Pipa bocor", "Air keruh atau berbau", "Tagihan", "Lainnya",
    ]  # fmt: skip
    assert citizen.tap("Air tidak mengalir") == HTTPStatus.OK
    office.settle()
    assert citizen.inbox[-1].text == "Berapa nomor pelanggan Anda? (tertulis pada rekening air)"
    assert says("nomor pelanggan saya 00881234").startswith("Nomor pelanggan terdiri dari 6 sampai 12 angka.")
    assert says("00881234") == "Atas nama siapa sambungannya?"
    assert says("Siti Aminah") == "Mohon ceritakan keluhan Anda dalam satu pesan."
    summary = says("Air di rumah saya mati sejak kemarin sore.")
    assert "*Keluhan:* Air tidak mengalir\n*Nomor pelanggan:* 00881234\n*Nama:* Siti Aminah\n*Uraian:* Air" in summary
    assert citizen.tap("Kirim") == HTTPStatus.OK
    office.settle()
    return citizen, numbers_in(citizen.inbox[-1].text)[0]


def pages(office: World, number: str) -> Iterator[tuple[str, str]]:
    """Every page that somebody of the office reads, by whose it is and where."""
    for email in STAFF:
        for path in ("/", "/aduan", "/aduan?q=0812", f"/aduan/{number}", "/petugas", f"/petugas/{KASI}", "/saluran"):
            answer = office.get(path, email, html=True)
            assert answer.status_code in {200, 400, 403}
            yield f"{email} {path}", answer.text


def expect_nothing_of_another_office(office: World, number: str) -> None:
    read = dict(pages(office, number))
    read |= {f"{email} phone": "\n".join(message.text for message in inbox(office, email)) for email in STAFF}
    read["citizen"] = "\n".join(message.text for message in office.citizen().inbox)
    read["record"] = str(office.complaint(number))
    assert {where: found[0] for where, text in read.items() if (found := ELSEWHERE.search(text))} == {}
    assert len(read) == len(STAFF) * 8 + 2


def test_a_complaint_goes_by_all_five_steps_and_the_office_alone_is_seen(office: World) -> None:
    citizen, number = by_the_guided_form(office)
    assert number.startswith("ADU-261124-")
    expect_nothing_of_another_office(office, number)

    until(office, "2026-11-24 09:10")
    assert citizen.write("STATUS") == HTTPStatus.OK
    office.settle()
    due = "Selasa, 24 November 2026 pukul 09.20 WITA"
    assert citizen.inbox[-1].text.endswith(f"Tahap sekarang: Keluhan dipilah, dengan batas waktu {due}.")

    office.did(number, "forward", ADMIN, note="Tekanan di Jalan Melati nol.")
    taken = office.did(number, "take_over", KASI)
    assert (taken["step"], taken["holder_role"]) == (3, "section_head")
    assert datetime.fromisoformat(taken["due_at"]) == wita("2026-11-24 11:10")
    until(office, "2026-11-25 07:59")
    # after 120 minutes, and after 120 more, which a lunch hour parts; the whole of 180 is over at noon
    assert told(office, number, since=wita("2026-11-24 00:00")) == {
        11 * 60 + 10: [KASI, KABID],
        12 * 60: [KADIS],
        14 * 60 + 10: [KADIS],
    }
    until(office, "2026-11-25 08:00")
    assert "Daftar harian" in inbox(office, KADIS)[-1].text
    expect_nothing_of_another_office(office, number)

    office.did(number, "respond", KASI, note=NOTE, answer=ANSWER)
    office.did(number, "answer", ADMIN2, answer=ANSWER)
    assert citizen.inbox[-1].text == f"Jawaban keluhan {number}:\n\n{ANSWER}"
    sent = office.complaint(number)
    assert (sent["status"], sent["step"], sent["approved_by"]) == ("answered", None, None)
    assert office.act(number, "approve", KASI).status_code == HTTPStatus.FORBIDDEN  # a Kepala Regu does not approve
    expect_closed_with_one_breach(office.did(number, "approve", KABID))
    expect_nothing_of_another_office(office, number)


def expect_closed_with_one_breach(closed: dict[str, Any]) -> None:
    assert (closed["status"], closed["approved_by"]["role"]) == ("closed", "division_head")
    steps = dict.fromkeys(event["step"] for event in events(closed) if event["step"])
    assert list(steps) == list(STEPS)
    (breach,) = [one for one in closed["breaches"] if one["step"]]
    assert breach["step"] == 3
    assert [rung["told"] for rung in breach["rungs"]] == [["section_head", "division_head"], ["agency_head"]]


def test_the_pages_show_five_steps_the_desks_by_their_titles_and_the_offices_own_form(office: World) -> None:
    number = complain(office)
    page = shown(office, f"/aduan/{number}")
    assert re.findall(r"Tahap (\d): ", page)[:1] == ["2"]
    for words in (*STEPS.values(), "Nomor pelanggan", "00881234", "Meja Petugas Pengaduan", "Teruskan ke Kepala Regu"):
        assert words in page
    offered = re.findall(r"Tahap \d: [^<]+", office.get("/aduan", html=True).text)
    assert list(dict.fromkeys(offered)) == [f"Tahap {step}: {name}" for step, name in STEPS.items()]


def test_what_nobody_sorts_goes_to_the_next_desk_by_itself_and_says_so_in_the_offices_words(office: World) -> None:
    number = complain(office)
    until(office, "2026-11-24 09:20")
    moved = office.complaint(number)
    assert (moved["step"], moved["holder_role"], moved["holder"]) == (3, "section_head", None)
    (escalated,) = events(moved, "escalated")
    assert escalated["note"].startswith("Dieskalasi otomatis: tahap 2 (Keluhan dipilah) melewati 20 menit.")
    assert "diteruskan otomatis ke meja Anda, tahap 3 (Pemeriksaan di lapangan)" in inbox(office, KASI)[-1].text


def test_what_the_first_desk_can_answer_is_answered_there_and_waits_for_the_offices_approver(office: World) -> None:
    number = complain(office, "tagihan")
    answered = office.did(number, "settle", ADMIN, note="Sudah dibayar.", answer="Tagihan Anda sudah lunas.")
    assert (answered["status"], answered["approved_by"]) == ("answered", None)
    until(office, "2026-11-24 10:00")
    assert told(office, number, since=wita("2026-11-24 00:00")) == {10 * 60: [KABID]}
    refused = office.did(number, "refuse", KABID, note="Salah pelanggan.")
    assert (refused["status"], refused["step"]) == ("open", 3)


def test_a_data_check_is_asked_of_the_desk_that_this_office_has_for_it(office: World) -> None:
    number = complain(office)
    office.did(number, "forward", ADMIN, note=NOTE)
    assert "Minta cek data ke Petugas Data Pelanggan" in shown(office, f"/aduan/{number}", KASI)
    office.did(number, "ask_database_admin", KASI, note="Alamat sambungannya?")
    assert "Menunggu cek data Petugas Data Pelanggan" in shown(office, "/", ADB)


def test_its_hours_and_its_closures_are_its_own(office: World) -> None:
    until(office, "2026-11-28 11:50")  # a Saturday, on which it is open until noon
    number = complain(office)
    assert datetime.fromisoformat(office.complaint(number)["due_at"]) == wita("2026-11-30 08:10")
    until(office, "2026-11-30 15:55")
    late = complain(office, phone="+6281298765432")
    due = datetime.fromisoformat(office.complaint(late)["due_at"])
    assert due == wita("2026-12-02 08:15")  # on the first of December it is closed

"""IKMT-PIAK-01-06 through the pages, by keyboard alone, with JavaScript and without; the citizen on a phone."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import expect

from infra.local.whatsapp_phone import Phone
from tests.browser.keyboard import Keyboard
from tests.browser.place import Place
from tests.end_to_end.scenes import numbers_in
from tests.end_to_end.world import ADB, ADMIN, KABID, KADIS, KASI, SET_FORMAT, STAFF

Desk = Callable[[str], Keyboard]
NOTE = "Cocok."
ANSWER = "Loket 3."
_phones = count(100)


@pytest.fixture(scope="module", params=[True, False], ids=["with JavaScript", "without JavaScript"])
def keyboard(place: Place, request: pytest.FixtureRequest) -> Iterator[Keyboard]:
    """The office's one computer."""
    with place.window(javascript=request.param) as page:
        yield Keyboard(page)


@pytest.fixture
def desk(place: Place, keyboard: Keyboard) -> Desk:
    """Lets somebody sit down, say who they are, and see their work."""

    def sit_down(email: str) -> Keyboard:
        keyboard.page.goto(f"{place.url}/_keluar")
        keyboard.follow(f"{STAFF[email][0]} {place.role_of(email)} {email}")
        keyboard.stands_at("Pekerjaan saya")
        return keyboard

    return sit_down


@pytest.fixture
def citizen(place: Place) -> Phone:
    """Somebody who has never written before."""
    return place.world.citizen(f"+62812000{next(_phones)}", name="Siti")


def complain(place: Place, citizen: Phone) -> str:
    """A complaint in the set format. Its number, as the citizen is told it."""
    assert citizen.write(SET_FORMAT) == 200
    place.world.settle()
    return numbers_in(citizen.inbox[-1].text)[0]


def receive(desk: Desk, number: str) -> Keyboard:
    admin = desk(ADMIN)
    admin.press(f"Terima aduan {number}")
    admin.stands_at("Tahap 3: Verifikasi oleh Admin WA")
    return admin


def with_text(keyboard: Keyboard, act: str, label: str, text: str) -> None:
    """Do an act that is folded, and asks for a text."""
    keyboard.unfold(act)
    keyboard.write(label, text)
    keyboard.press(act)


def settle(admin: Keyboard) -> None:
    admin.write("Catatan Tindak Lanjut", NOTE)
    admin.write("Jawaban untuk pemohon", ANSWER)
    admin.press("Selesaikan dan jawab")
    admin.stands_at("Tahap 8: Pemohon menerima jawaban")


def respond(head: Keyboard) -> None:
    head.write("Catatan Tindak Lanjut", NOTE)
    head.write("Jawaban untuk pemohon", ANSWER)
    head.press("Tanggapi aduan")
    head.stands_at("Tahap 7: Admin WA memberikan jawaban")


def answer_and_close(place: Place, desk: Desk, citizen: Phone, number: str) -> None:
    """The answer as it was approved goes to the citizen, and that ends it."""
    admin = desk(ADMIN)
    admin.follow(f"Kirim jawaban {number}")
    admin.press("Kirim jawaban")
    place.world.settle()
    assert ANSWER in citizen.inbox[-1].text
    admin.follow("Muat ulang")
    admin.stands_at("Selesai")


def test_the_section_settles_it(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    admin = receive(desk, number)
    with_text(admin, "Teruskan ke Kepala Seksi", "Catatan Tindak Lanjut", NOTE)
    admin.stands_at("Tahap 4: Verifikasi oleh Kepala Seksi")
    head = desk(KASI)
    head.follow(number)
    with_text(head, "Nyatakan dapat diselesaikan", "Catatan Tindak Lanjut", NOTE)
    head.stands_at("Tahap 5: Tanggapan Kepala Seksi")
    respond(head)
    answer_and_close(place, desk, citizen, number)

    closed = place.world.complaint(number)
    assert (closed["status"], closed["approved_by"]["email"]) == ("closed", KASI)
    steps = ("submitted", "received", "forwarded", "verified", "responded", "answered", "delivered")
    assert tuple(event["type"] for event in closed["events"] if event["type"] in steps) == steps


def test_the_division_settles_what_the_section_cannot(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    admin = desk(ADMIN)
    admin.follow(number)
    with_text(admin, "Teruskan ke Kepala Seksi", "Catatan Tindak Lanjut", NOTE)
    section = desk(KASI)
    section.follow(number)
    with_text(section, "Teruskan ke Kepala Bidang", "Catatan Tindak Lanjut", NOTE)
    section.stands_at("Tahap 6: Tanggapan Kepala Bidang")
    division = desk(KABID)
    division.follow(f"Tanggapi aduan {number}")
    respond(division)
    answer_and_close(place, desk, citizen, number)

    closed = place.world.complaint(number)
    assert (closed["status"], closed["approved_by"]["email"]) == ("closed", KABID)


def test_the_admin_settles_it_and_the_section_head_approves(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    admin = receive(desk, number)
    settle(admin)
    place.world.settle()
    assert ANSWER in citizen.inbox[-1].text
    admin.follow("Muat ulang")
    admin.stands_at("Jawaban menunggu persetujuan")
    head = desk(KASI)
    head.follow(f"Setujui jawaban {number}")
    head.press("Setujui jawaban")
    head.stands_at("Selesai")

    assert place.world.complaint(number)["approved_by"]["email"] == KASI


def test_the_section_head_refuses_and_answers_better(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    settle(receive(desk, number))
    place.world.settle()
    head = desk(KASI)
    head.follow(number)
    with_text(head, "Tolak jawaban", "Alasan penolakan", "Loketnya salah.")
    head.stands_at("Tahap 4: Verifikasi oleh Kepala Seksi")
    respond(head)
    answer_and_close(place, desk, citizen, number)

    assert place.world.complaint(number)["status"] == "closed"


def test_the_database_admin_checks_the_data(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    admin = receive(desk, number)
    with_text(admin, "Minta cek data ke ADB", "Yang perlu dicek", "Sudah direkam?")
    admin.sees("Menunggu cek data ADB")
    database = desk(ADB)
    database.follow(f"Jawab cek data {number}")
    database.write("Hasil cek data", "Rekaman ada.")
    database.press("Jawab cek data")
    admin = desk(ADMIN)
    admin.follow(number)
    admin.sees("Rekaman ada.")
    settle(admin)

    checks = [event["type"] for event in place.world.complaint(number)["events"] if "data_check" in event["type"]]
    assert checks == ["data_check_asked", "data_check_answered"]


def test_the_complainant_is_asked_and_time_waits_for_the_reply(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    admin = receive(desk, number)
    with_text(admin, "Tanya pemohon", "Pertanyaan untuk pemohon", "Kapan Anda merekam?")
    admin.sees("Waktu berhenti: menunggu pemohon")
    place.world.settle()
    assert "Kapan Anda merekam?" in citizen.inbox[-1].text
    citizen.write("Tanggal 3 September, di kecamatan.")
    place.world.settle()
    admin.follow("Muat ulang")
    admin.sees("Pesan baru dari pemohon")
    admin.sees("Tanggal 3 September, di kecamatan.")
    settle(admin)

    happened = [event["type"] for event in place.world.complaint(number)["events"]]
    assert [name for name in happened if name in {"waiting", "resumed"}] == ["waiting", "resumed"]


def test_the_numbers_come_into_view_where_they_were_asked_for(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    admin = receive(desk, number)
    admin.unfold("Tampilkan NIK dan nomor telepon")
    admin.press("Tampilkan NIK dan nomor telepon")
    for number in ("3402014107900001", str(citizen.record.phone)):
        expect(admin.page.get_by_role("definition").get_by_text(number)).to_be_in_viewport()
    admin.follow("Sembunyikan lagi")
    expect(admin.page.get_by_text("3402014107900001")).to_have_count(0)


def test_an_admin_registers_what_never_got_the_format(place: Place, desk: Desk, citizen: Phone) -> None:
    citizen.write("Selamat pagi, kartu keluarga saya hilang di pasar, harus bagaimana?")
    place.world.settle()
    place.world.advance(minutes=10)
    (draft,) = [row["id"] for row in place.world.complaints("?status=draft")]

    admin = desk(ADMIN)
    admin.follow(draft)
    admin.choose("Layanan", "Kartu K")
    admin.write("Isi aduan", "KK hilang di pasar.")
    admin.press("Daftarkan aduan")
    admin.stands_at("Tahap 2: Admin WA menerima aduan")
    place.world.settle()

    (number,) = numbers_in(citizen.inbox[-1].text)
    registered = place.world.complaint(number)
    assert (registered["category"], registered["description"]) == ("family_card", "KK hilang di pasar.")


def test_the_agency_head_takes_over_and_adds_somebody(place: Place, desk: Desk, citizen: Phone) -> None:
    number = complain(place, citizen)

    receive(desk, number)
    agency = desk(KADIS)
    agency.follow("Semua aduan")
    agency.follow(number)
    agency.press("Ambil alih")
    agency.sees("Dipegang Anda")
    agency.follow("Petugas")
    agency.follow("Tambah petugas")
    email = f"gita{next(_phones)}@office.test"
    for label, text in {"Alamat email": email, "Nama": "Gita", "Nomor WhatsApp": "0811 0000 0099"}.items():
        agency.write(label, text, kind="input")
    agency.press("Simpan")
    agency.sees("Pilih peran dari daftar.")
    agency.choose("Peran", "Kepala Seksi")
    agency.press("Simpan")
    agency.sees(email)

    assert place.world.complaint(number)["holder"] == KADIS
    assert place.world.get("/", email).status_code == 200

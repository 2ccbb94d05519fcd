"""A day on which everything happens that can: every kind of message, every way, every failure, every page."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import httpx

from infra.local.whatsapp_errors import GraphError
from infra.local.whatsapp_faults import Endpoint
from infra.local.whatsapp_state import MessageState
from tests.end_to_end.leaks import Secret, phone_secret, texts
from tests.end_to_end.scenes import numbers_in
from tests.end_to_end.world import ADB, ADMIN, KABID, KADIS, KASI, World

NIK, KK = "3402014107900001", "3402011505110007"
PHONE, NEW_PHONE, CARD_PHONE, NAMELESS = "6285799988877", "6287733344455", "6281955566677", "ID.24681357902468135"
NAME, NICKNAME, CARD = "Sitiaminahwati Pranajayasari", "Mbakwulanduwi", "Pakdhekertasemita"
STORY = "Berkas almarhumayahanda hilang di kelurahanpringgolayan"
LATER = "Kemarin sudah ke kecamatanjetisutara, nomor KK 3402 0115 0511 0007, telepon 0857.9998.8877"
DRAFT = "Mohon dibantu, anaksulungkami belum punya akta, NIK 3402-0141-0790-0001"
NOTE = f"Sudah dicek di arsipgedungselatan: NIK 34O2OI41O79OOO01 = {NIK}, KK {KK}, telepon +{PHONE}."
ANSWER = "Silakan diambil di loketsebelastimur"
QUESTION = "Apakah ada fotokopi dari imogirikidulan"
PLACE, STREET = "Rumahjogloambarukmo", "Jalancendrawasihkencana"
FILENAME = f"Kartukeluargabesar {KK}.pdf"
PICTURE = b"\xff\xd8\xff\xe0 gambarkartukeluargasiti " + NIK.encode()
PDF = b"%PDF-1.7 suratketeranganlahir " + STORY.encode()
EDITED, REVOKED = "maksudsayadukcapilpusat", "pesaninidihapuskembali"
UNREADABLE = f"bukanwebhookyangbenar, dari {PHONE}".encode()
STRANGE = f'{{"object": "halamanyanglainsama", "entry": [{{"id": "{PHONE}"}}]}}'.encode()

NUMBERS: Final = (
    Secret(NIK, is_number=True), Secret(KK, is_number=True), phone_secret(PHONE), phone_secret(NEW_PHONE),
    phone_secret(CARD_PHONE),
)  # fmt: skip
"""What may be shown in full nowhere but on one complaint, once it was unmasked."""

WORDS: Final = texts(
    NAME.split(), (NICKNAME, CARD, NAMELESS.removeprefix("ID."), PLACE, STREET),
    ("almarhumayahanda", "kelurahanpringgolayan", "kecamatanjetisutara", "anaksulungkami", "arsipgedungselatan"),
    ("loketsebelastimur", "imogirikidulan", "Kartukeluargabesar", "gambarkartukeluargasiti", "suratketeranganlahir"),
    (EDITED, REVOKED, "bukanwebhookyangbenar", "halamanyanglainsama"),
)  # fmt: skip
"""What nobody may read without the key."""

SET_FORMAT = f"Layanan: KTP\nNama: {NAME}\nNIK: {NIK}\nAduan: {STORY}"


def live_through(world: World) -> list[str]:
    """The whole day; the numbers of its complaints."""
    citizen = world.citizen(f"+{PHONE}", name=NICKNAME)
    numbers = [_by_the_admin(world), _by_the_division(world), _by_the_section_with_failures(world)]
    _every_kind_of_message(world)
    _drafts(world)
    assert citizen.change_number(f"+{NEW_PHONE}") == HTTPStatus.OK
    assert citizen.write("STATUS") == HTTPStatus.OK
    for body in (
        UNREADABLE,
        STRANGE,
        b'{"object": "whatsapp_business_account", "entry": 7, "x": "' + UNREADABLE + b'"}',
    ):
        assert world.whatsapp.post_body(body) == HTTPStatus.OK
    world.put_staff(KADIS, acting_for=["division_head"])
    for minutes in (40, 70, 200):
        world.advance(minutes=minutes)
        world.sweep()
    return numbers


def _submitted(world: World) -> str:
    citizen = world.citizen(f"+{PHONE}", name=NICKNAME)
    assert citizen.write("ADUAN BARU") == HTTPStatus.OK
    assert citizen.write(SET_FORMAT) == HTTPStatus.OK
    world.settle()
    return numbers_in(citizen.inbox[-1].text)[0]


def _by_the_admin(world: World) -> str:
    """With a question, files, a data check, a refusal."""
    number, citizen = _submitted(world), world.citizen(f"+{PHONE}")
    world.did(number, "receive", ADMIN)
    assert world.act(number, "unmask", ADMIN).json()["nik"] == NIK
    world.did(number, "ask_complainant", ADMIN, question=QUESTION)
    assert citizen.write(LATER) == HTTPStatus.OK
    assert citizen.send_image(PICTURE, caption=LATER) == HTTPStatus.OK
    assert citizen.send_document(PDF, FILENAME, caption=LATER) == HTTPStatus.OK
    world.settle()
    world.did(number, "ask_database_admin", ADMIN, note=NOTE)
    world.did(number, "reply_data_check", ADB, note=NOTE)
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    world.did(number, "refuse", KASI, note=NOTE)
    world.did(number, "respond", KASI, note=NOTE, answer=ANSWER)
    world.did(number, "answer", ADMIN, answer=ANSWER)
    return number


def _by_the_division(world: World) -> str:
    """With everything late."""
    number = _submitted(world)
    world.did(number, "receive", ADMIN)
    world.advance(minutes=95)
    world.did(number, "respond", KABID, note=NOTE, answer=ANSWER)
    world.did(number, "answer", ADMIN, answer=ANSWER)
    return number


def _by_the_section_with_failures(world: World) -> str:
    """Whatever WhatsApp says, until the answer has gone out as a template."""
    number = _submitted(world)
    world.did(number, "forward", ADMIN, note=NOTE)
    world.did(number, "respond", KASI, note=NOTE, answer=ANSWER)
    world.whatsapp.fail_next(code=131026)
    world.did(number, "answer", ADMIN, answer=ANSWER)
    for fault in (
        {"http": 500},
        {"http": 200, "after_accept": True},
        {"code": 131026, "as_status": True},
        {"code": 190},
    ):
        world.whatsapp.fail_next(**fault)  # type: ignore[arg-type]
        world.act(number, "resend", ADMIN)
        world.settle()
        world.advance(minutes=20)
    _complaint_of_whatsapps(world)
    world.citizen(f"+{PHONE}").write("STATUS")
    world.advance(minutes=25 * 60)  # the window has closed
    world.act(number, "resend", ADMIN)
    world.settle()
    return number


def _complaint_of_whatsapps(world: World) -> None:
    """A status that repeats more than it should."""
    words = f"Not delivered to +{PHONE}, 0857.9998.8877, 34O2 OI41 O79O OOO1"
    newest = world.citizen(f"+{PHONE}").inbox[-1].id
    assert world.whatsapp.exchange.report(newest, MessageState.FAILED, error=GraphError(131026, words)) == HTTPStatus.OK
    world.settle()


def _every_kind_of_message(world: World) -> None:
    citizen = world.citizen(f"+{PHONE}")
    kinds: tuple[Callable[[], object], ...] = (
        lambda: citizen.send_voice(b"OggS" + bytes(24) + b"OpusHead gambarkartukeluargasiti"),
        lambda: citizen.send_location(-7.8881234567, 110.3291234567, PLACE, STREET),
        lambda: citizen.send_contact(CARD, f"+{CARD_PHONE}"),
        lambda: citizen.send_sticker(b"RIFF\x10\0\0\0WEBPVP8 suratketeranganlahir"),
        citizen.send_order,
        citizen.send_unsupported,
        citizen.send_lost_image,
        lambda: citizen.fill_form({"nama": NAME, "nik": NIK}),
        lambda: citizen.write(REVOKED),
    )
    for send in kinds:
        assert send() == HTTPStatus.OK
    written = citizen.conversation[-1].id
    assert citizen.react("👍", written) == HTTPStatus.OK
    assert citizen.edit(written, EDITED) == HTTPStatus.OK
    assert citizen.revoke(written) == HTTPStatus.OK
    world.whatsapp.fail_next(http=404, endpoint=Endpoint.DOWNLOAD)
    world.whatsapp.fail_next(http=500, endpoint=Endpoint.MEDIA)
    for _ in range(2):
        assert citizen.send_image(PICTURE, caption=LATER) == HTTPStatus.OK
    world.settle()


def _drafts(world: World) -> None:
    """One is talked through, one registered by the desk, one dismissed, one left, by somebody without a number."""
    citizen = world.citizen(f"+{PHONE}")
    talk = ("ADUAN BARU", STORY, "KTP", f"nama saya {NAME}", "NIK 3402.0141.0790.0001", "ubah nama", NAME, "ya")
    for text in talk:
        world.advance(seconds=10)
        assert citizen.write(text) == HTTPStatus.OK
        world.settle()
    nameless = world.whatsapp.citizen(bsuid=NAMELESS, name=NICKNAME)
    others = [world.citizen(f"+{CARD_PHONE}", name=CARD), nameless]
    for other in others:
        assert other.write(DRAFT) == HTTPStatus.OK
    world.advance(minutes=15)
    drafts = [str(one["id"]) for one in world.complaints("?status=draft")]
    assert len(drafts) >= len(others)
    registered, dismissed, *_ = drafts
    assert world.act(registered, "register", ADMIN, category="ktp", description=f"{STORY} {NIK}").status_code
    assert world.act(dismissed, "dismiss", ADMIN, note=NOTE).status_code
    assert nameless.write(DRAFT) == HTTPStatus.OK
    world.settle()


def pages(world: World, *looked_for: str) -> list[httpx.Response]:
    """Every page and list that the portal has of this day, and what typing something into an address leads to."""
    listed = ("/", "/aduan", "/aduan?status=draft", "/aduan?status=closed&status=open", "/petugas", "/saluran")
    seen: dict[str, httpx.Response] = {}
    waiting = [*listed, *(f"/aduan?q={wanted}" for wanted in looked_for)]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen[path] = answer = world.get(path, KASI, html=True)
        waiting += re.findall(r'href="(/aduan[^"#]*)"', answer.text.replace("&amp;", "&"))
        if "Location" in answer.headers:
            waiting.append(answer.headers["Location"])
    as_json = [world.get(path, KASI) for path in seen if "lampiran" not in path]
    return [*seen.values(), *as_json]

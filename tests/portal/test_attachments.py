"""Citizens' files in the portal: shown where a browser can show them, from our own address, to staff alone."""

import itertools
from dataclasses import replace
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from aduan.portal.file_view import size_words
from aduan.service.channel import Address, InboundMessage, Media, MessageKind
from aduan.service.fetching import Fetching
from aduan.service.media import MediaError, MediaFailure
from aduan.service.model import FileState, message_id
from aduan.service.ports import Commit
from tests.portal.html import Page
from tests.portal.scene import ACTIVE, ADMIN, KADIS, LEFT, NIK, PHONE, STRANGER, Scene
from tests.service.fakes import FakeMediaSource

JPEG = b"\xff\xd8\xff\xe0 a family card"
PDF = b"%PDF-1.7 a family card"
MP4 = b"\0\0\0\x18ftypmp42" + bytes(range(100))
HTML = b"<html><script>alert(1)</script>"
OPUS = b"OggS" + bytes(24) + b"OpusHead"
_WAMIDS = itertools.count(1)


def send(
    scene: Scene, content: bytes | MediaError, kind: MessageKind = MessageKind.IMAGE, *, filename: str | None = None,
    phone: str = PHONE, voice: bool = False, text: str | None = None,
) -> str:  # fmt: skip
    """A citizen's file comes, and is fetched once; the message's id."""
    wamid = f"wamid.file.{next(_WAMIDS)}"
    media = Media("1", "image/jpeg", filename=filename, voice=voice)
    message = InboundMessage(wamid, scene.clock.now, Address(phone=phone), kind, "{}", text=text, media=media)
    scene.intake.take(message)
    source = FakeMediaSource({"1": b"" if isinstance(content, MediaError) else content})
    source.faults = [content] if isinstance(content, MediaError) else []
    Fetching(scene.store, source, scene.media, scene.tasks, scene.clock).fetch(message_id(wamid))
    return message_id(wamid)


def page(scene: Scene, number: str) -> str:
    return scene.get(f"/aduan/{number}").text


def opened(scene: Scene, number: str, file: str, email: str | None = ADMIN, **headers: str) -> TestResponse:
    return scene.get(f"/aduan/{number}/lampiran/{file}", email, **headers)


# On the complaint's page


@pytest.mark.parametrize(
    ("content", "kind", "filename", "voice", "shown"),
    [
        (JPEG, MessageKind.IMAGE, None, False,
         '<img loading="lazy" src="{at}" alt="Foto dari pemohon, pukul 09.00 WIB">'),
        (OPUS, MessageKind.AUDIO, None, True,
         '<audio controls preload="none" src="{at}" aria-label="Pesan suara dari pemohon, pukul 09.00 WIB">'),
        (OPUS, MessageKind.AUDIO, None, False, 'aria-label="Rekaman suara dari pemohon, pukul 09.00 WIB">'),
        (MP4, MessageKind.VIDEO, None, False,
         '<video controls preload="none" src="{at}" aria-label="Video dari pemohon, pukul 09.00 WIB">'),
        (PDF, MessageKind.DOCUMENT, "kk.pdf", False,
         '<a href="{at}">Buka <bdi>kk.pdf</bdi> <span class="by">1 KB</span></a>'),
        (HTML, MessageKind.DOCUMENT, "kk.html", False,
         '<a href="{at}" download>Unduh <bdi>kk.html</bdi> <span class="by">1 KB</span></a>'),
        (HTML, MessageKind.IMAGE, None, False, '<a href="{at}" download>Unduh foto <span class="by">1 KB</span></a>'),
    ],
)  # fmt: skip
def test_a_file_is_shown_as_its_bytes_allow(
    scene: Scene, content: bytes, kind: MessageKind, filename: str | None, voice: bool, shown: str
) -> None:
    number = scene.complain()
    file = send(scene, content, kind, filename=filename, voice=voice)
    assert shown.format(at=f"/aduan/{number}/lampiran/{file}") in page(scene, number)


def test_a_file_is_new_with_its_message_and_its_caption_stands_beside_it(scene: Scene) -> None:
    number = scene.complain()
    scene.act(number, "receive", ADMIN)
    send(scene, JPEG, text="Ini kartu keluarganya")
    words = Page(page(scene, number)).text
    assert (
        "Ini kartu keluarganya Buka foto 1 KB" in words.partition("Pesan baru dari pemohon")[2].partition("Tindakan")[0]
    )


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (MediaFailure.LATER,
         "Foto Sedang diambil dari WhatsApp. Percobaan terakhir belum berhasil: WhatsApp belum dapat dihubungi."),
        (MediaFailure.TOO_LARGE, "Foto Tidak dapat diambil: Berkas lebih besar dari 16 MB."),
    ],
)  # fmt: skip
def test_a_file_that_is_not_there_says_why(scene: Scene, failure: MediaFailure, words: str) -> None:
    number = scene.complain()
    file = send(scene, MediaError(failure, "in this test"))
    assert words in Page(page(scene, number)).text
    assert file not in page(scene, number)
    assert opened(scene, number, file).status_code == 404


def test_a_file_whose_term_is_over_says_so_and_cannot_be_opened(scene: Scene) -> None:
    number = scene.complain()
    file = send(scene, JPEG)
    loaded = scene.store.message(file)
    assert loaded is not None
    assert loaded.value.file is not None
    erased = loaded.value.file.model_copy(update={"state": FileState.ERASED})
    told = loaded.value.model_copy(update={"file": erased})
    scene.store.commit(Commit(known_message=replace(loaded, value=told)))
    assert "Foto [dihapus] Masa simpan berkas ini sudah berakhir." in Page(page(scene, number)).text
    assert file not in page(scene, number)
    assert opened(scene, number, file).status_code == 404


def test_a_files_name_is_masked_and_made_harmless_as_any_text_is(scene: Scene) -> None:
    number = scene.complain()
    send(scene, PDF, MessageKind.DOCUMENT, filename=f"KTP {NIK} <script>.pdf")
    assert NIK not in page(scene, number)
    assert "<script>" not in page(scene, number)
    assert "Buka <bdi>KTP 3402••••••••••01 &lt;script&gt;.pdf</bdi>" in page(scene, number)


def test_the_page_lets_in_files_of_our_own_address_only(scene: Scene) -> None:
    policy = scene.get(f"/aduan/{scene.complain()}").headers["Content-Security-Policy"]
    assert "img-src 'self'; media-src 'self';" in policy


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "1 KB"), (1, "1 KB"), (1535, "1 KB"), (1536, "2 KB"), (1024**2 - 1, "1024 KB"), (1024**2, "1,0 MB"),
     (16 * 1024**2, "16,0 MB")],
)  # fmt: skip
def test_a_size_is_told_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


# The file itself


def test_a_file_comes_with_our_type_and_can_do_nothing(scene: Scene) -> None:
    number = scene.complain()
    answer = opened(scene, number, send(scene, PDF, MessageKind.DOCUMENT, filename="kartu.jpg"))
    assert (answer.status_code, answer.data) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "inline; filename=kartu.pdf"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_could_act_in_a_browser_is_a_download_without_a_type(scene: Scene) -> None:
    number = scene.complain()
    answer = opened(scene, number, send(scene, HTML, MessageKind.DOCUMENT, filename="surat.html"))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=surat.html"


@pytest.mark.parametrize(
    ("given", "content", "offered"),
    [
        ("kk.pdf", PDF, "kk.pdf"),
        ("KK.PDF", PDF, "KK.pdf"),
        ("kk", PDF, "kk.pdf"),
        ("kk.pdf.exe", PDF, "kk.pdf.pdf"),
        ("surat v1.2 akhir", PDF, "surat v1.2 akhir.pdf"),
        ("../../etc/passwd", HTML, "etc passwd"),
        ('a"b\r\nX-Evil: 1.pdf', PDF, "a b X-Evil 1.pdf"),
        ("…" * 300 + ".pdf", PDF, "…" * 100 + ".pdf"),
        (".pdf", PDF, "pdf.pdf"),
        ("   ", PDF, None),
        (None, PDF, None),
    ],
)
def test_a_files_name_is_made_safe_and_ends_as_its_bytes_say(
    scene: Scene, given: str | None, content: bytes, offered: str | None
) -> None:
    number = scene.complain()
    file = send(scene, content, MessageKind.DOCUMENT, filename=given)
    told = opened(scene, number, file).headers["Content-Disposition"]
    assert quote(offered or f"{number}-{file[:8]}.pdf") in quote(told.replace('"', "")) + told
    assert "X-Evil:" not in told


def test_a_file_is_shown_to_who_may_see_it_and_no_browser_keeps_it(scene: Scene) -> None:
    number = scene.complain()
    file = send(scene, JPEG)
    answer = opened(scene, number, file)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    known = {"If-None-Match": answer.headers["ETag"]}
    assert opened(scene, number, file, None, **known).status_code == 401
    assert opened(scene, number, file, **known).data == b""
    scene.media.kept.clear()
    assert opened(scene, number, file, **known).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, MP4[:4]),
        ("bytes=100-", 206, MP4[100:]),
        ("bytes=-5", 206, MP4[-5:]),
        ("bytes=0-", 206, MP4),
        ("bytes=5000-", 416, None),
    ],
)
def test_a_player_may_ask_for_a_part(scene: Scene, asked: str, status: int, part: bytes | None) -> None:
    number = scene.complain()
    answer = opened(scene, number, send(scene, MP4, MessageKind.VIDEO), Range=asked)
    assert answer.status_code == status
    if part is not None:
        assert answer.data == part
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_file_is_found_at_its_own_complaint_only(scene: Scene) -> None:
    mine, theirs = scene.complain(), scene.complain(phone="+6281299990001", nik="3402015505900002")
    file = send(scene, JPEG)
    text_only = message_id("wamid.0")
    assert opened(scene, mine, file).status_code == 200
    assert opened(scene, mine.lower(), file).status_code == 200
    for number, wanted in (
        (theirs, file),
        ("ADU-261124-ABCDE", file),
        (mine, "0" * 64),
        (mine, text_only),
        (mine, ".."),
        (mine, file.upper()),
        (mine, "__all__"),
    ):
        assert opened(scene, number, wanted).status_code == 404, (number, wanted)


@pytest.mark.parametrize("email", [*ACTIVE, None, STRANGER, LEFT])
def test_a_file_is_shown_to_whoever_may_see_its_complaint_and_to_nobody_else(scene: Scene, email: str | None) -> None:
    number = scene.complain()
    file = send(scene, JPEG)
    complaint, answer = scene.get(f"/aduan/{number}", email), opened(scene, number, file, email)
    assert answer.status_code == complaint.status_code
    assert (answer.data == JPEG) == (email in ACTIVE)
    assert JPEG not in answer.data or email in ACTIVE


def test_any_staff_member_may_look_and_a_file_that_was_lost_is_not_found(scene: Scene) -> None:
    number = scene.complain()
    file = send(scene, JPEG)
    assert opened(scene, number, file, KADIS).status_code == 200
    scene.media.kept.clear()
    assert opened(scene, number, file).status_code == 404


def test_a_drafts_files_are_shown_under_its_own_address(scene: Scene) -> None:
    address = scene.draft()
    file = send(scene, JPEG, phone="+6281299990000")
    assert f'src="/aduan/{address}/lampiran/{file}"' in page(scene, address)
    assert opened(scene, address, file).status_code == 200

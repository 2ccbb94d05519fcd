"""What a file is, by its bytes alone: what a page shows is in one table, and nothing that can act is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aduan.service.file_types import DOWNLOAD, EXTENSIONS, SHOWN, type_of
from infra.local.whatsapp_voice import voice_note

BOX = b"\0\0\0\x18ftyp"


@pytest.mark.parametrize(
    ("begins", "known_as"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"\xff\xd8\xff\xe1\0\x10Exif", "image/jpeg"),
        (b"\xff\xd8\xff\xdb", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"GIF87a", "image/gif"),
        (b"RIFF\x10\0\n\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (voice_note(1), "audio/ogg"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"#!AMR-WB\n", "audio/amr"),
        (BOX + b"M4A ", "audio/mp4"),
        (BOX + b"mp42", "video/mp4"),
        (BOX + b"isom", "video/mp4"),
        (BOX + b"3gp4", "video/3gpp"),
        (b"ID3\x03\0", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf3\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (BOX + b"heic", DOWNLOAD),
        (BOX + b"qt  ", DOWNLOAD),
        (b"RIFF\x10\0\0\0WAVE", DOWNLOAD),
        (b"OggS" + bytes(24) + b"fishead\0", DOWNLOAD),
        (b"PK\x03\x04", DOWNLOAD),
        (b"MZ\x90", DOWNLOAD),
        (b"<html><script>", DOWNLOAD),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", DOWNLOAD),
        (b"\xef\xbb\xbf<html>", DOWNLOAD),
        ("<html>".encode("utf-16"), DOWNLOAD),
        (b" %PDF-1.7", DOWNLOAD),
        (b"%PDF", DOWNLOAD),
        (b"halo", DOWNLOAD),
        (b"", DOWNLOAD),
    ],
)
def test_a_file_is_what_its_first_bytes_say(begins: bytes, known_as: str) -> None:
    assert type_of(begins + bytes(40)) == known_as
    assert type_of(begins) in {known_as, DOWNLOAD}


def test_nothing_that_can_act_in_a_browser_is_shown() -> None:
    assert not {kind for kind in SHOWN if any(word in kind for word in ("html", "svg", "xml", "script", "text"))}
    assert DOWNLOAD not in SHOWN
    assert set(EXTENSIONS) == SHOWN


@given(st.binary(max_size=80))
def test_any_bytes_have_a_type_and_markup_never_one_that_is_shown(content: bytes) -> None:
    assert type_of(content) in {*SHOWN, DOWNLOAD}
    assert type_of(b"<" + content) == DOWNLOAD


def test_the_name_of_a_file_ends_as_programs_expect_of_its_type() -> None:
    assert EXTENSIONS == {
        "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
        "application/pdf": ".pdf", "audio/ogg": ".ogg", "audio/amr": ".amr", "audio/mp4": ".m4a",
        "audio/aac": ".aac", "audio/mpeg": ".mp3", "video/3gpp": ".3gp", "video/mp4": ".mp4",
    }  # fmt: skip
    assert EXTENSIONS.keys() == SHOWN


def test_what_is_not_shown_is_just_bytes_to_a_browser() -> None:
    assert DOWNLOAD == "application/octet-stream"


def test_an_apple_video_is_one() -> None:
    assert type_of(b"\0\0\0\x20ftypM4V mp42") == "video/mp4"

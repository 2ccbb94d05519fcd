"""A file that lies about its type is kept byte for byte, is what we call it, and is never unpacked, sniffed or run."""

import ast
from collections.abc import Iterator

import httpx
import pytest

from aduan.answer_headers import HEADERS
from aduan.service.file_types import DOWNLOAD
from aduan.service.media import LARGEST
from aduan.service.model import Message
from tests.architecture.tree import imported_modules, python_files
from tests.end_to_end.scenes import CITIZEN, submitted
from tests.end_to_end.world import World
from tests.pages.liars import LIARS, Liar
from tests.pages.tally import Kind, Tally

UNPACKERS = {
    "zipfile", "tarfile", "gzip", "zlib", "bz2", "lzma", "shutil", "xml", "lxml", "PIL", "html.parser", "pickle",
    "csv", "email", "mimetypes", "magic",
}  # fmt: skip


def faults(answer: httpx.Response, liar: Liar) -> Iterator[str]:
    """What is wrong with how a file is handed out."""
    if (answer.status_code, answer.content) != (200, liar.content):
        yield f"{answer.status_code}, {len(answer.content)} bytes"
    if answer.headers["Content-Type"] != liar.is_to_us:
        yield answer.headers["Content-Type"]
    disposition = answer.headers["Content-Disposition"]
    if not disposition.startswith("attachment" if liar.is_to_us == DOWNLOAD else "inline"):
        yield disposition
    if "\u202e" in disposition or "%E2%80%AE" in disposition:
        yield "a turned name"
    if answer.headers["Content-Security-Policy"] != "sandbox; default-src 'none'":
        yield answer.headers["Content-Security-Policy"]
    own = {"Content-Security-Policy"}
    yield from (name for name, value in HEADERS.items() if name not in own and answer.headers.get(name) != value)
    if "Content-Encoding" in answer.headers:
        yield "a coding"


def test_each_is_kept_and_handed_out_as_what_we_call_it(world: World, tally: Tally) -> None:
    number, phone = submitted(world), world.citizen(CITIZEN)
    for liar in LIARS.values():
        assert phone.send_document(liar.content, liar.name, liar.claims) == 200
    world.settle()
    contents = [world.get(f"/aduan/{number}/lampiran/{message.id}", html=True) for message in _files(world, number)]
    found = {}
    for name, liar in LIARS.items():
        alike = [answer for answer in contents if answer.content == liar.content]
        found[name] = [fault for answer in alike for fault in faults(answer, liar)] if alike else ["not kept"]
    tally.expect_nothing(Kind.UPLOADS, found)
    assert len(contents) == len(LIARS)
    page = world.get(f"/aduan/{number}", html=True).text
    assert "\u202e" not in page
    _, _, conversation = page.partition("Percakapan dengan pemohon")
    assert conversation.count("<img ") == sum(liar.is_to_us.startswith("image/") for liar in LIARS.values())


def _files(world: World, number: str) -> Iterator[Message]:
    loaded = world.house.store.complaint(number.removeprefix("ADU-"))
    assert loaded is not None
    yield from (message for message in world.house.store.conversation(loaded).inbound if message.file)


@pytest.mark.parametrize("claims", ["image/jpeg", "video/mp4", "application/pdf", "text/html"])
def test_what_is_larger_than_we_keep_is_said_and_not_half_kept(world: World, claims: str) -> None:
    number, phone = submitted(world), world.citizen(CITIZEN)
    assert phone.send_document(b"\xff\xd8\xff" + bytes(LARGEST), "ktp.jpg", claims) == 200
    world.settle()
    page = world.get(f"/aduan/{number}", html=True).text
    assert "Berkas lebih besar dari 16 MB" in page
    assert "/lampiran/" not in page


def test_nothing_of_what_is_deployed_can_unpack_parse_or_draw_a_file() -> None:
    found = {
        path.name: UNPACKERS & {part for name in imported_modules(ast.parse(path.read_text("utf-8")))
                                for part in (name, name.partition(".")[0])}
        for path in python_files("functions")
    }  # fmt: skip
    assert {name: modules for name, modules in found.items() if modules} == {}
    assert found

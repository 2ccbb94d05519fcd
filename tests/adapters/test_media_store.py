"""Where files are kept: sealed, under names that tell nothing, in a folder here and in a bucket in the cloud."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import pytest

import aduan
from aduan.adapters.media_store import SealedMediaStore
from aduan.adapters.sealing import CannotOpen, OfficeKey
from aduan.service.errors import NotYet, Unknown
from aduan.service.media import MediaError, MediaFailure
from aduan.service.model import message_id

FUNCTIONS = Path(aduan.__file__).parents[1]
OFFICE = OfficeKey(bytes(range(32)))
KEY = OFFICE.new_data_key()
PICTURE = b"\xff\xd8\xff a family card"
MESSAGE = message_id("wamid.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def media(folder: Path) -> SealedMediaStore:
    return SealedMediaStore(folder.as_uri(), OFFICE)


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was_kept(media: SealedMediaStore) -> None:
    media.keep(MESSAGE, PICTURE, KEY)
    media.keep(message_id("wamid.2"), b"", KEY)
    assert media.open(MESSAGE, KEY) == PICTURE
    assert media.open(message_id("wamid.2"), KEY) == b""


def test_the_same_file_again_is_one_and_another_process_finds_it(media: SealedMediaStore, folder: Path) -> None:
    media.keep(MESSAGE, PICTURE, KEY)
    media.keep(MESSAGE, PICTURE, KEY)
    assert len(kept(folder)) == 1
    assert SealedMediaStore(folder.as_uri(), OfficeKey(bytes(range(32)))).open(MESSAGE, KEY) == PICTURE


def test_nothing_of_a_file_shows_in_the_folder(media: SealedMediaStore, folder: Path) -> None:
    media.keep(MESSAGE, PICTURE, KEY)
    (path,) = kept(folder)
    assert b"family" not in path.read_bytes()
    assert MESSAGE[:8] not in str(path)
    assert path.parent.name == path.name[:2]


def test_without_its_citizens_key_a_file_is_lost_for_good(media: SealedMediaStore) -> None:
    media.keep(MESSAGE, PICTURE, KEY)
    with pytest.raises(Unknown):  # under another it has not even a name
        media.open(MESSAGE, OFFICE.new_data_key())
    with pytest.raises(CannotOpen):
        media.open(MESSAGE, "")


def test_a_file_that_is_not_there_is_unknown(media: SealedMediaStore) -> None:
    with pytest.raises(Unknown):
        media.open(MESSAGE, KEY)


def fill(folder: Path) -> None:
    """Where the store should be stands something else."""
    folder.write_text("no folder")


@pytest.mark.parametrize(
    ("call", "error"),
    [(lambda media: media.keep(MESSAGE, PICTURE, KEY), MediaError), (lambda media: media.open(MESSAGE, KEY), NotYet)],
)
def test_a_store_that_cannot_be_reached_is_tried_again(
    media: SealedMediaStore, folder: Path, call: Callable[[SealedMediaStore], object], error: type[Exception]
) -> None:
    fill(folder)
    with pytest.raises(error) as refused:
        call(media)
    assert getattr(refused.value, "failure", MediaFailure.NO_ROOM) is MediaFailure.NO_ROOM
    assert "family" not in str(refused.value)


# A bucket, as far as its service is needed for that


class _Service(ThreadingHTTPServer):
    """Google's storage, which keeps what it is given, or answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.status: int | None = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def service(self) -> _Service:
        assert isinstance(self.server, _Service)
        return self.server

    def do_POST(self) -> None:
        """One upload in two parts: what it is to be called, and its bytes."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        boundary = self.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
        about, content = (part.partition(b"\r\n\r\n")[2][:-2] for part in body.split(b"--" + boundary)[1:3])
        if self.service.status is None:
            self.service.objects[json.loads(about)["name"]] = content
        self._give(self.service.status or 200, json.dumps({"name": "x"}).encode())

    def do_GET(self) -> None:
        name = unquote(self.path.partition("/o/")[2].partition("?")[0])
        found = self.service.objects.get(name)
        self._give(self.service.status or (404 if found is None else 200), found or b"")

    def _give(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Service]:
    server = _Service()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("url", "below"), [("gs://bucket/files/2026", "files/2026/"), ("gs://bucket", "")])
def test_in_a_bucket_a_file_lies_sealed_under_its_prefix_and_comes_back(
    service: _Service, url: str, below: str
) -> None:
    media = SealedMediaStore(url, OFFICE)
    for _ in range(2):
        media.keep(MESSAGE, PICTURE, KEY)
    assert SealedMediaStore(url, OFFICE).open(MESSAGE, KEY) == PICTURE
    ((name, sealed),) = service.objects.items()
    assert re.fullmatch(rf"{below}([0-9a-f]{{2}})/\1[0-9a-f]{{62}}", name)
    assert b"family" not in sealed
    with pytest.raises(Unknown):
        media.open(message_id("wamid.2"), KEY)


def test_a_bucket_that_may_not_be_used_is_tried_again(service: _Service) -> None:
    media = SealedMediaStore("gs://bucket/files", OFFICE)
    service.status = 403
    with pytest.raises(MediaError) as refused:
        media.keep(MESSAGE, PICTURE, KEY)
    assert (refused.value.failure, refused.value.detail) == (MediaFailure.NO_ROOM, "Forbidden")
    with pytest.raises(NotYet):
        media.open(MESSAGE, KEY)


# What it costs who does not use it


def test_no_client_of_a_bucket_is_imported_before_a_file_is_kept_or_opened() -> None:
    program = (
        "import sys;"
        "from aduan import handlers, bootstrap;"
        "from aduan.adapters.media_store import SealedMediaStore;"
        "from aduan.adapters.sealing import OfficeKey;"
        "from aduan.portal import app;"
        "SealedMediaStore('gs://bucket/files', OfficeKey(bytes(32)));"
        "print([name for name in ('google.cloud.storage', 'google.resumable_media') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(FUNCTIONS)}
    )
    assert done.stdout == "[]\n"


def test_nothing_that_is_deployed_brings_an_asynchronous_client_which_googles_would_import_at_each_start() -> None:
    pinned = re.findall(r"^([\w-]+)==", (FUNCTIONS.parent / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert "google-cloud-storage" in pinned
    assert not {"aiohttp", "gcsfs"} & set(pinned)

"""From a file's id to its bytes: at the simulated WhatsApp, and at servers that do what it never should."""

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from aduan.adapters.whatsapp_media import WhatsAppMedia
from aduan.service.media import LARGEST, MediaError, MediaFailure, MediaLink, digest
from infra.local.whatsapp_faults import Endpoint
from tests.infra_local.whatsapp_office import SITI, Office, open_office

PICTURE = b"\xff\xd8\xff a picture"
TOKEN = "EAAkunci-rahasia"  # noqa: S105 - no secret of anybody's
QUICK = httpx.Timeout(0.3)


@pytest.fixture
def office() -> Iterator[Office]:
    with open_office() as office:
        office.sim.citizen(SITI).send_image(PICTURE)
        yield office


@pytest.fixture
def media(office: Office) -> Iterator[WhatsAppMedia]:
    client = WhatsAppMedia(office.sim.base_url, "v26.0", office.sim.account.access_token)
    yield client
    client.close()


def id_of(office: Office) -> str:
    return str(office.messages[-1]["image"]["id"])


def failure(call: object) -> MediaFailure:
    """Why a call failed."""
    with pytest.raises(MediaError) as caught:
        call()  # type: ignore[operator]
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value.failure


# At the simulated WhatsApp


def test_an_id_leads_to_a_link_and_the_link_to_the_bytes(office: Office, media: WhatsAppMedia) -> None:
    link = media.locate(id_of(office))
    assert media.download(link) == PICTURE
    assert link.size == len(PICTURE)
    assert digest(link.sha256) == digest(office.messages[-1]["image"]["sha256"]) is not None


def test_a_link_lives_five_minutes_and_an_id_seven_days(office: Office, media: WhatsAppMedia) -> None:
    link, media_id = media.locate(id_of(office)), id_of(office)
    office.clock.pass_by(minutes=5, seconds=1)
    assert failure(lambda: media.download(link)) is MediaFailure.LINK_GONE
    assert media.download(media.locate(media_id)) == PICTURE
    office.clock.pass_by(days=7)
    assert failure(lambda: media.locate(media_id)) is MediaFailure.GONE


@pytest.mark.parametrize("media_id", ["12345", "", "a/b", "..", "../messages", "1?x=1", "1#", "1" * 500, "é"])
def test_what_is_no_id_of_a_file_is_gone(media: WhatsAppMedia, media_id: str) -> None:
    assert failure(lambda: media.locate(media_id)) is MediaFailure.GONE


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"http": 500}, MediaFailure.LATER),
        ({"http": 503}, MediaFailure.LATER),
        ({"http": 429}, MediaFailure.LATER),
        ({"http": 418}, MediaFailure.OPERATOR),
        ({"http": 200}, MediaFailure.LATER),  # no JSON
        ({"http": 404}, MediaFailure.GONE),
        ({"code": 190}, MediaFailure.OPERATOR),
        ({"code": 10}, MediaFailure.OPERATOR),
        ({"code": 4}, MediaFailure.LATER),
        ({"code": 131052}, MediaFailure.LATER),
        ({"code": 100}, MediaFailure.LATER),
    ],
)
def test_a_refused_id_may_work_later_unless_whatsapp_says_that_it_is_gone(
    office: Office, media: WhatsAppMedia, fault: dict[str, int], expected: MediaFailure
) -> None:
    office.sim.fail_next(endpoint=Endpoint.MEDIA, **fault)  # type: ignore[arg-type]
    assert failure(lambda: media.locate(id_of(office))) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, MediaFailure.OPERATOR),
        (403, MediaFailure.LINK_GONE),
        (404, MediaFailure.LINK_GONE),
        (410, MediaFailure.LINK_GONE),
        (429, MediaFailure.LATER),
        (500, MediaFailure.LATER),
        (206, MediaFailure.LATER),
    ],
)
def test_a_refused_download_needs_a_new_link_or_another_time(
    office: Office, media: WhatsAppMedia, status: int, expected: MediaFailure
) -> None:
    link = media.locate(id_of(office))
    office.sim.fail_next(endpoint=Endpoint.DOWNLOAD, http=status)
    assert failure(lambda: media.download(link)) is expected


def test_a_wrong_token_is_the_operators_to_mend(office: Office) -> None:
    media = WhatsAppMedia(office.sim.base_url, "v26.0", TOKEN)
    assert failure(lambda: media.locate(id_of(office))) is MediaFailure.OPERATOR
    media.close()


# At servers of another kind


class _Server(ThreadingHTTPServer):
    """Gives each path what it was told, and remembers who brought the token."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tokens: list[str | None] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        server.tokens.append(self.headers["Authorization"])
        getattr(self, f"_{self.path.strip('/').rpartition('/')[2]}")()

    def _begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _redirect(self) -> None:
        self._begin(302, Location="/picture", Content_Length="0")

    def _picture(self) -> None:
        self._begin(Content_Length=str(len(PICTURE)))
        self.wfile.write(PICTURE)

    def _cut(self) -> None:
        self._begin(Content_Length="100")
        self.wfile.write(PICTURE)
        self.close_connection = True

    def _endless(self) -> None:
        """Chunk after chunk, without a length."""
        self._begin(Transfer_Encoding="chunked")
        part = bytes(1024 * 1024)
        try:
            for _ in range(LARGEST // len(part) + 8):
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        except OSError:
            self.close_connection = True

    def _long(self) -> None:
        self._begin(Content_Length=str(LARGEST + 1))
        self.close_connection = True

    def _slow(self) -> None:
        self._begin(Content_Length="1000")
        try:
            for _ in range(1000):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _silent(self) -> None:
        self.close_connection = True

    def _elsewhere(self) -> None:
        content = json.dumps({"url": "http://example.org/picture"}).encode()
        self._begin(Content_Length=str(len(content)))
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def _serving() -> Iterator[_Server]:
    server = _Server()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def odd() -> Iterator[_Server]:
    with _serving() as server:
        yield server


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("redirect", MediaFailure.LATER),
        ("cut", MediaFailure.LATER),
        ("silent", MediaFailure.LATER),
        ("endless", MediaFailure.TOO_LARGE),
        ("long", MediaFailure.TOO_LARGE),
    ],
)
def test_what_no_server_should_do_is_told_and_never_followed(odd: _Server, path: str, expected: MediaFailure) -> None:
    media = WhatsAppMedia(odd.base, "v26.0", TOKEN, QUICK)
    assert failure(lambda: media.download(MediaLink(f"{odd.base}/{path}"))) is expected
    assert len(odd.tokens) == 1
    media.close()


def test_a_file_that_comes_too_slowly_is_for_another_time(odd: _Server) -> None:
    media = WhatsAppMedia(odd.base, "v26.0", TOKEN, QUICK, whole=0.0)
    assert failure(lambda: media.download(MediaLink(f"{odd.base}/slow"))) is MediaFailure.LATER
    media.close()


def test_a_server_that_is_not_there_is_for_another_time() -> None:
    with _serving() as gone:
        base = gone.base
    media = WhatsAppMedia(base, "v26.0", TOKEN, QUICK)
    assert failure(lambda: media.locate("1")) is MediaFailure.LATER
    assert failure(lambda: media.download(MediaLink(f"{base}/picture"))) is MediaFailure.LATER
    media.close()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{other}/picture", "ftp://127.0.0.1/x", "//127.0.0.1/x", "picture", "", "http://[", "x:y:z"],
)
def test_the_token_goes_nowhere_but_over_tls_or_to_the_api_itself(odd: _Server, url: str) -> None:
    with _serving() as other:
        media = WhatsAppMedia(odd.base, "v26.0", TOKEN, QUICK)
        link = MediaLink(url.format(other=other.server_port))
        assert failure(lambda: media.download(link)) is MediaFailure.LATER
        assert (odd.tokens, other.tokens) == ([], [])
        assert media.download(MediaLink(f"{odd.base}/picture")) == PICTURE
        assert odd.tokens == [f"Bearer {TOKEN}"]
        media.close()


HEX = "ab" * 32
BASE64 = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="


@pytest.mark.parametrize(
    ("claim", "read"),
    [(HEX, HEX), (HEX.upper(), HEX), (BASE64, HEX), (None, None), ("", None), ("0" * 63, None), ("no hash", None)],
)
def test_a_hash_is_read_in_either_way_that_whatsapp_writes_it(claim: str | None, read: str | None) -> None:
    assert digest(claim) == read

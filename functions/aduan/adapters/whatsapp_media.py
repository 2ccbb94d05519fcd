"""WhatsApp's Cloud API, as far as it gives the files that citizens sent.

A file's id leads to a link that lives five minutes; the link needs the token too. The token goes nowhere but over TLS,
or to the very address that is set for the API; and no redirect is followed.
"""

import re
import threading
import time
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from aduan.adapters.whatsapp_errors import channel_error
from aduan.adapters.whatsapp_payload import ErrorReport, MaybeName, MaybeNumber, Name, Refused
from aduan.service.channel import Failure
from aduan.service.media import LARGEST, MediaError, MediaFailure, MediaLink

# Seconds: for a connection, for each part of an answer, and for a whole file.
TIMEOUT: Final = httpx.Timeout(10, connect=3)
WHOLE_FILE: Final = 120.0

_ID: Final = re.compile(r"[\w-]{1,200}", re.ASCII)
_OK: Final = 200
_NOT_FOUND: Final = 404
_LINK_GONE: Final = (403, 404, 410)
_INVALID_PARAMETER, _NO_SUCH_OBJECT = 100, 33  # 'object does not exist', as the code and its subcode say it
_NEEDS_OPERATOR: Final = (Failure.OPERATOR, Failure.STOP)


class _Located(BaseModel):
    """The answer to a file's id."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    url: Name
    sha256: MaybeName = None
    file_size: MaybeNumber = None


class WhatsAppMedia:
    """A `MediaSource`. Threads may share it; the connections are made at the first use."""

    def __init__(
        self, base: str, version: str, access_token: str, timeout: httpx.Timeout = TIMEOUT, whole: float = WHOLE_FILE
    ) -> None:
        """`base` is a URL without the version, `version` is like 'v26.0'; `whole` is in seconds."""
        self._base = base.rstrip("/")
        self._url = f"{self._base}/{version}"
        self._headers = {"Authorization": f"Bearer {access_token}", "Accept-Encoding": "identity"}
        self._timeout = timeout
        self._whole = whole
        self._lock = threading.Lock()
        self._lazy_client: httpx.Client | None = None

    def locate(self, media_id: str) -> MediaLink:
        """Where the file can be downloaded now. Raises `MediaError`."""
        if not _ID.fullmatch(media_id):
            raise MediaError(MediaFailure.GONE, "this is no id of WhatsApp's")
        try:
            response = self._client().get(f"{self._url}/{media_id}", headers=self._headers)
        except httpx.HTTPError as error:
            raise _unreachable(error) from error
        if response.status_code != _OK:
            raise _refusal(response)
        try:
            located = _Located.model_validate_json(response.content)
        except ValidationError:
            raise MediaError(MediaFailure.LATER, "an answer without a link") from None
        return MediaLink(located.url, located.sha256, located.file_size)

    def download(self, link: MediaLink) -> bytes:
        """The bytes behind a link. Raises `MediaError`."""
        if not self._may_have_the_token(link.url):
            raise MediaError(MediaFailure.LATER, "a link that is not https")
        ends_at = time.monotonic() + self._whole
        content = bytearray()
        try:
            with self._client().stream("GET", link.url, headers=self._headers) as response:
                _expect_file(response)
                for part in response.iter_raw():
                    content += part
                    if len(content) > LARGEST:
                        raise MediaError(MediaFailure.TOO_LARGE, "while it was read")
                    if time.monotonic() > ends_at:
                        raise MediaError(MediaFailure.LATER, "it came too slowly")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unreachable(error) from error
        return bytes(content)

    def close(self) -> None:
        """Close the connections; the next use makes new ones."""
        with self._lock:
            client, self._lazy_client = self._lazy_client, None
        if client:
            client.close()

    def _may_have_the_token(self, url: str) -> bool:
        try:
            link = urlsplit(url)
            return bool(link.hostname) and (link.scheme == "https" or _origin(link) == _origin(urlsplit(self._base)))
        except ValueError:  # no address at all, or no port
            return False

    def _client(self) -> httpx.Client:
        with self._lock:
            if self._lazy_client is None:
                self._lazy_client = httpx.Client(timeout=self._timeout, follow_redirects=False)
            return self._lazy_client


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _unreachable(error: Exception) -> MediaError:
    return MediaError(MediaFailure.LATER, type(error).__name__)


def _refusal(response: httpx.Response) -> MediaError:
    """Why an id leads to no link. WhatsApp's own words are left out: they repeat the id."""
    try:
        report: object = Refused.model_validate_json(response.content).error
        known = ErrorReport.model_validate(report)
    except ValidationError:
        report, known = None, ErrorReport()
    told = f"HTTP status {response.status_code}, WhatsApp code {known.code}"
    if response.status_code == _NOT_FOUND or (known.code, known.error_subcode) == (_INVALID_PARAMETER, _NO_SUCH_OBJECT):
        return MediaError(MediaFailure.GONE, told)
    failure = channel_error(report, http_status=response.status_code).failure
    return MediaError(MediaFailure.OPERATOR if failure in _NEEDS_OPERATOR else MediaFailure.LATER, told)


def _expect_file(response: httpx.Response) -> None:
    if response.status_code in _LINK_GONE:
        raise MediaError(MediaFailure.LINK_GONE, f"HTTP status {response.status_code}")
    if response.status_code != _OK:
        operator = response.status_code == httpx.codes.UNAUTHORIZED
        failure = MediaFailure.OPERATOR if operator else MediaFailure.LATER
        raise MediaError(failure, f"HTTP status {response.status_code}")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > LARGEST:
        raise MediaError(MediaFailure.TOO_LARGE, "by its length")

"""Files in a bucket of Google's, or in a folder on this machine.

Each is sealed under the citizen's data key before it leaves this process, so that to destroy the key erases pictures
as it erases texts; and its name is a hash of its message's id under that key, which tells nothing to whoever sees the
bucket.
"""

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote, urlsplit

import structlog

from aduan.adapters.sealing import OfficeKey
from aduan.service.errors import NotYet, Unknown
from aduan.service.media import MediaError, MediaFailure

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

log = structlog.get_logger()

_BUCKET: Final = "gs"
_SPREAD: Final = 2
"""Letters of a name that are its folder's: a folder with a hundred thousand files is no folder for people."""

# Seconds for one call without its retries. A file has 16 MiB at most.
_CALL_SECONDS: Final = 60


class _Shelf(Protocol):
    """Where sealed files lie. Both raise errors of their own kind; `take` FileNotFoundError where there is none."""

    def put(self, name: str, sealed: bytes) -> None: ...

    def take(self, name: str) -> bytes: ...


class SealedMediaStore:
    """A `MediaStore`, which threads may share. Google's client is imported and made at the first use."""

    def __init__(self, url: str, office_key: OfficeKey) -> None:
        """`url` is 'gs://bucket/path' or 'file:///path'."""
        parts = urlsplit(url)
        self._office_key = office_key
        self._shelf: _Shelf
        if parts.scheme == _BUCKET:
            self._shelf = _BucketShelf(parts.netloc, parts.path.strip("/"))
        else:
            self._shelf = _FolderShelf(Path(unquote(parts.path)))

    def keep(self, message_id: str, content: bytes, key: str) -> None:
        """Keep a file, over one that is there. Raises `MediaError` (`NO_ROOM`)."""
        seal = self._office_key.seal_for(key)
        sealed = seal.seal_file(content)
        try:
            self._shelf.put(_place(seal.file_name(message_id)), sealed)
        except Exception as error:  # a disk's, a network's, an identity's: none of them loses the file
            raise MediaError(MediaFailure.NO_ROOM, type(error).__name__) from error

    def open(self, message_id: str, key: str) -> bytes:
        """Return its bytes. Raises `Unknown`, `NotYet`, `CannotOpen`."""
        seal = self._office_key.seal_for(key)
        try:
            sealed = self._shelf.take(_place(seal.file_name(message_id)))
        except FileNotFoundError as error:
            log.exception("kept_file_not_there", file=message_id)
            raise Unknown("the file is not where it was kept") from error
        except Exception as error:  # as above: another time it may be read
            log.exception("media_store_unreachable", file=message_id)
            raise NotYet("the store of files does not answer") from error
        return seal.open_file(sealed)


def _place(name: str) -> str:
    return f"{name[:_SPREAD]}/{name}"


class _FolderShelf:
    """A folder, which is made with its first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, sealed: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside its place and moved there: who reads meanwhile finds a whole file, the old or the new one.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
            beside.write(sealed)
        Path(beside.name).replace(path)

    def take(self, name: str) -> bytes:
        return (self._folder / name).read_bytes()


class _BucketShelf:
    """A bucket, with what stands before every name in it."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._lock = threading.Lock()
        self._lazy_bucket: Bucket | None = None

    def put(self, name: str, sealed: bytes) -> None:
        blob = self._opened().blob(self._prefix + name)
        blob.upload_from_string(sealed, content_type="application/octet-stream", timeout=_CALL_SECONDS)

    def take(self, name: str) -> bytes:
        from google.api_core.exceptions import NotFound  # noqa: PLC0415 - with Google's client

        try:
            sealed: bytes = self._opened().blob(self._prefix + name).download_as_bytes(timeout=_CALL_SECONDS)
        except NotFound as error:
            raise FileNotFoundError(name) from error
        return sealed

    def _opened(self) -> "Bucket":
        with self._lock:
            if self._lazy_bucket is None:
                from google.cloud.storage import Client  # noqa: PLC0415 - only who keeps or opens a file needs it

                self._lazy_bucket = Client().bucket(self._bucket)
            return self._lazy_bucket

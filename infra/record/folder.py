"""A folder of files, on this machine or in a bucket, by its URL."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fsspec.core import url_to_fs
from pydantic import BaseModel, ConfigDict

_OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    # As the program has them: else gcsfs would go on to ask as nobody where it finds no identity.
    "gs": {"token": "google_default", "use_listings_cache": False},
    "file": {"auto_mkdir": True},
}


class Files(BaseModel):
    """How many files a folder holds, and how many bytes in all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.count} files of {self.bytes} bytes"


class Folder:
    """What fsspec makes of a URL or a path: `gs://bucket/folder`, `file:///folder`, `folder`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        scheme = self.url.partition("://")[0] if "://" in self.url else "file"
        files, root = url_to_fs(self.url, **_OPTIONS.get(scheme, {}))
        self._files: Any = files
        self._root = str(root)

    def has(self, name: str) -> bool:
        return bool(self._files.exists(f"{self._root}/{name}"))

    def read(self, name: str) -> str:
        """Raises FileNotFoundError."""
        with self._files.open(f"{self._root}/{name}", "r", encoding="utf-8") as file:
            return str(file.read())

    def lines(self, name: str) -> Iterator[str]:
        """A file's lines, one after another, with their ends."""
        with self._files.open(f"{self._root}/{name}", "r", encoding="utf-8") as file:
            yield from file

    def write(self, name: str, lines: Iterable[str]) -> None:
        """Write a file anew. What a bucket shows of it is whole."""
        with self._files.open(f"{self._root}/{name}", "w", encoding="utf-8") as file:
            file.writelines(lines)

    def copy_to(self, other: "Folder") -> Files:
        """Copy every file below; those of the same name are written over. What was copied."""
        count = size = 0
        for above, _, names in self._files.walk(self._root, detail=True):
            for name, about in names.items():
                if not name:  # what some tools leave in a bucket to show an empty folder
                    continue
                path = f"{above}/{name}"
                self._copy(path, other, path.removeprefix(self._root))
                count, size = count + 1, size + int(about["size"])
        return Files(count=count, bytes=size)

    def _copy(self, path: str, other: "Folder", name: str) -> None:
        target = other._root + name  # noqa: SLF001 - another of this class
        to = other._files  # noqa: SLF001 - the same
        if to is self._files:  # in one bucket's service nothing needs to come here and go back
            to.cp_file(path, target)
            return
        with self._files.open(path, "rb") as source, to.open(target, "wb") as sink:
            shutil.copyfileobj(source, sink)

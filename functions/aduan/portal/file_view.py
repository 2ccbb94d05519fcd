"""A citizen's file as the pages show it: in the page where a browser can, else as a link; or why it is not there."""

import re
from dataclasses import dataclass
from typing import Final

from aduan.procedure.complaint import Complaint
from aduan.service.channel import MessageKind
from aduan.service.file_types import EXTENSIONS, SHOWN
from aduan.service.model import AttachedFile, FileState, Message

_KILO: Final = 1024
_LONGEST_NAME: Final = 100
_UNSAFE: Final = frozenset('/\\:*?"<>|%')
"""Of a file's name: what leads to another folder, or is refused by an office's computers."""

_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,4}$")
_ENOUGH: Final = 8  # letters of a message's id, to tell a complaint's files apart

_WAYS: Final = {"image": "picture", "audio": "sound", "video": "film", "application": "document"}
_NOUNS: Final = {
    MessageKind.IMAGE: "Foto",
    MessageKind.STICKER: "Stiker",
    MessageKind.VIDEO: "Video",
    MessageKind.DOCUMENT: "Dokumen",
    MessageKind.AUDIO: "Rekaman suara",
}
_VOICE: Final = "Pesan suara"


@dataclass(frozen=True)
class FileView:
    """One file of the conversation. `way`: 'picture', 'sound', 'film', 'document', 'download'; else not there yet.

    `noun` is what it is, `name` what the citizen calls it ('' if they did not).
    """

    way: str
    noun: str
    name: str
    size: str
    address: str
    reason: str

    @property
    def is_here(self) -> bool:
        return self.way not in {FileState.WANTED, FileState.MISSING, FileState.ERASED}


def file_view(message: Message, complaint_address: str) -> FileView | None:
    """The file of a message; None where it has none."""
    file = message.file
    if file is None:
        return None
    return FileView(
        way=way_of(file) if file.state is FileState.KEPT else file.state.value,
        noun=_VOICE if file.voice else _NOUNS.get(message.kind, "Berkas"),
        name=file.filename or "",
        size=size_words(file.size or 0),
        address=f"/aduan/{complaint_address}/lampiran/{message.id}",
        reason=file.reason or "",
    )


def way_of(file: AttachedFile) -> str:
    """How a kept file is shown."""
    if file.kept_type not in SHOWN:
        return "download"
    return _WAYS[file.kept_type.partition("/")[0]]


def size_words(size: int) -> str:
    """'1,4 MB', '212 KB'; what is smaller counts as 1 KB."""
    if size >= _KILO**2:
        return f"{size / _KILO**2:.1f} MB".replace(".", ",")
    return f"{max(1, round(size / _KILO))} KB"


def download_name(complaint: Complaint, message: Message, file: AttachedFile) -> str:
    """A name for the file on an office's computer. It ends as its bytes say, not as its sender says."""
    given = "".join(" " if letter in _UNSAFE or not letter.isprintable() else letter for letter in file.filename or "")
    name = " ".join(given.split()).strip(". ")
    name = name or f"{complaint.number or complaint.id}-{message.id[:_ENOUGH]}"
    extension = EXTENSIONS.get(file.kept_type or "")
    if extension is None:
        return name[-_LONGEST_NAME:]
    return f"{_EXTENSION.sub('', name)[:_LONGEST_NAME]}{extension}"

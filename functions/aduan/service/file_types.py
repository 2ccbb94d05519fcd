"""What a file is, by its first bytes: neither its name nor its sender's word decides what a browser makes of it.

Only what is in this table is shown in a page; all else is kept, and offered as a download.
"""

import re
from collections.abc import Sequence
from typing import Final

DOWNLOAD: Final = "application/octet-stream"
"""What every other file is to us."""

_SIGNATURES: Final[Sequence[tuple[str, re.Pattern[bytes]]]] = [
    (name, re.compile(signature, re.DOTALL))
    for name, signature in (
        ("image/jpeg", rb"\xff\xd8\xff"),
        ("image/png", rb"\x89PNG\r\n\x1a\n"),
        ("image/gif", rb"GIF8[79]a"),
        ("image/webp", rb"RIFF....WEBP"),
        ("application/pdf", rb"%PDF-\d"),
        ("audio/ogg", rb"OggS.{24}(?:OpusHead|\x01vorbis)"),  # alone on the first page: RFC 3533, RFC 7845
        ("audio/amr", rb"#!AMR(?:-WB)?\n"),
        ("audio/mp4", rb"....ftypM4[AB] "),
        ("video/3gpp", rb"....ftyp3g[eghprs]"),
        ("video/mp4", rb"....ftyp(?:isom|iso[2-9]|mp4[12]|avc1|dash|M4V |MSNV)"),
        ("audio/aac", rb"\xff[\xf0\xf1\xf8\xf9]"),  # ADTS, whose layer is always 0
        ("audio/mpeg", rb"ID3[\x02-\x04]|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"),  # layer III of MPEG 2.5, 2 and 1
    )
]
SHOWN: Final = frozenset(name for name, _ in _SIGNATURES)
"""The types that a page may show."""

EXTENSIONS: Final = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "audio/ogg": ".ogg",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/mpeg": ".mp3",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
}
"""How the name of a file of each type ends."""


def type_of(content: bytes) -> str:
    """A type of `SHOWN`, or `DOWNLOAD`."""
    return next((name for name, signature in _SIGNATURES if signature.match(content)), DOWNLOAD)

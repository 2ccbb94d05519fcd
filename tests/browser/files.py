"""Files that a browser really shows: made here, so that none has to be kept."""

import struct
import zlib


def png(width: int = 640, height: int = 400) -> bytes:
    """A picture: a card on a table."""
    card = range(height // 8, height * 7 // 8)
    plain, across = b"\xc8\xb4\x96" * width, b"\xc8\xb4\x96" * (width // 8)
    on_card = across + b"\x9f\xc5\xe8" * (width - 2 * (width // 8)) + across
    rows = b"".join(b"\0" + (on_card if row in card else plain) for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def pdf(words: str) -> bytes:
    """A document of one page with these words on it, in ASCII. Readers mend its missing table of places."""
    drawn = f"BT /F1 24 Tf 30 100 Td ({words}) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body = "".join(f"{number} 0 obj{content}endobj\n" for number, content in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n".encode()

"""A voice note made on the spot: silence in Opus, in an Ogg file that players open (RFC 3533, RFC 7845)."""

import struct

SAMPLE_RATE = 48_000
FRAME_SAMPLES = 960  # 20 ms
SILENT_FRAME = bytes((0xF8, 0xFF, 0xFE))  # one CELT frame of 20 ms, mono, that decodes to silence
FRAMES_A_PAGE = 50
_SERIAL = 0x41445541
_FIRST, _LAST = 2, 4


def voice_note(seconds: int = 3) -> bytes:
    """A silent voice note of so many seconds."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, SAMPLE_RATE, 0, 0)
    vendor = b"aduan"
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, _FIRST), _page([tags], 0, 1, 0)]
    for second in range(seconds):
        position = (second + 1) * FRAMES_A_PAGE * FRAME_SAMPLES
        kind = _LAST if second == seconds - 1 else 0
        pages.append(_page([SILENT_FRAME] * FRAMES_A_PAGE, position, second + 2, kind))
    return b"".join(pages)


def _page(packets: list[bytes], position: int, number: int, kind: int) -> bytes:
    lengths = bytes(len(packet) for packet in packets)
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, position, _SERIAL, number, 0, len(lengths))
    page = header + lengths + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(page: bytes) -> int:
    """Ogg's CRC: polynomial 0x04c11db7, not reflected, from 0."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1
            crc &= 0xFFFFFFFF
    return crc

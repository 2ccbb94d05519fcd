"""What a right value of a setting is. Each function makes the value of its text, or raises ValueError."""

import base64
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aduan.environment import Surroundings

FIELD_KEY_BYTES: Final = 32
SHORTEST_SECRET: Final = 16
REAL_MINUTE_SECONDS: Final = 60

_LAST_PORT = 65_535
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


def matching(pattern: str) -> Callable[[str, Surroundings], str]:
    """Text of a form, in ASCII."""
    compiled = re.compile(pattern, re.ASCII)

    def parse(text: str, _: Surroundings) -> str:
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    return parse


word: Final = matching(r"[!-~]+")
phrase: Final = matching(r"[ -~]+")
project: Final = matching(r"[A-Za-z0-9:.-]+")
name: Final = matching(r"[\w-]+")
api_version: Final = matching(r"v\d{1,3}\.\d{1,3}")
queue: Final = matching(r"[A-Za-z0-9-]{1,100}")
kms_key: Final = matching(r"projects/[\w:.-]+/locations/[\w-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+")
email: Final = matching(r"[^@\s]+@[^@\s]+")


def host_and_port(text: str, _: Surroundings) -> str:
    """Where an emulator listens."""
    host, _colon, port = text.rpartition(":")
    if not re.fullmatch(r"[\w.-]+|\[[\da-fA-F:]+\]", host, re.ASCII) or not port.isdecimal():
        raise ValueError
    if not 1 <= int(port) <= _LAST_PORT:
        raise ValueError
    return text


def url(text: str, place: Surroundings) -> str:
    """https; http too where no network is crossed, or nothing in it is anybody's."""
    parts = urlsplit(text)
    private = parts.hostname in _THIS_MACHINE or place.beside_emulator
    allowed = {"https", "http"} if private else {"https"}
    if parts.scheme not in allowed or not parts.hostname or not word(text, place):
        raise ValueError
    return text


def base_url(text: str, place: Surroundings) -> str:
    """One to which paths are added: without the last slash."""
    return url(text, place).rstrip("/")


def media_store(text: str, place: Surroundings) -> str:
    """A bucket; a folder of this machine only where nothing that is stored is anybody's."""
    parts = urlsplit(text)
    bucket = parts.scheme == "gs" and bool(parts.netloc)
    folder = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1 and place.throwaway
    if not (bucket or folder) or parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def certs_url(googles: str) -> Callable[[str, Surroundings], str]:
    """Whoever names the keys names the users: elsewhere than on a developer's machine that is Google."""

    def parse(text: str, place: Surroundings) -> str:
        if text != googles and not place.throwaway:
            raise ValueError
        return url(text, place)

    return parse


def key_service(text: str, place: Surroundings) -> str:
    """Whoever unwraps the office's key has it: elsewhere than on a developer's machine that is Google."""
    if not place.throwaway:
        raise ValueError
    return host_and_port(text, place)


def field_keys(text: str, place: Surroundings) -> tuple[bytes, ...]:
    """One or several, the newest first, in either alphabet of base64: the keys themselves, or what KMS unwraps."""
    keys = tuple(_decoded(part.strip()) for part in text.split(",") if part.strip())
    if not keys or len(set(keys)) != len(keys):
        raise ValueError
    lengths_are_right = (
        len(key) > FIELD_KEY_BYTES if place.keys_are_wrapped else len(key) == FIELD_KEY_BYTES for key in keys
    )
    if not all(lengths_are_right):
        raise ValueError
    return keys


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def signing_secret(text: str, place: Surroundings) -> str:
    """Long enough not to be guessed, where there is something to win."""
    if len(text) < SHORTEST_SECRET and not place.throwaway:
        raise ValueError
    return text


def secrets(text: str, place: Surroundings) -> tuple[str, ...]:
    """One or several, comma-separated: while a secret is replaced, the old and the new one hold.

    Each by itself lets in whoever knows it: Meta's have 32 characters, and a part that can be guessed is none of them.
    """
    found = tuple(word(part.strip(), place) for part in text.split(",") if part.strip())
    if not found or (place.in_cloud and min(map(len, found)) < SHORTEST_SECRET):
        raise ValueError
    return found


def office_folder(text: str, _: Surroundings) -> Path:
    """A folder with a procedure; what its files say is for those to check who read them."""
    folder = Path(text).resolve()
    if not (folder / "procedure.toml").is_file():
        raise ValueError
    return folder


def one_of(*words: str) -> Callable[[str, Surroundings], str]:
    """One of these words, and no other."""

    def parse(text: str, _: Surroundings) -> str:
        if text not in words:
            raise ValueError
        return text

    return parse


def file(text: str, _: Surroundings) -> Path:
    """A file that is there."""
    path = Path(text).resolve()
    if not path.is_file():
        raise ValueError
    return path


def seconds_per_minute(text: str, place: Surroundings) -> float:
    """A procedure that runs faster than the instruction says is for a demonstration, never for people."""
    seconds = float(text)
    right = math.isfinite(seconds) and seconds > 0
    if not right or (seconds != REAL_MINUTE_SECONDS and not place.beside_emulator):
        raise ValueError
    return seconds

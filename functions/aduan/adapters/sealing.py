"""The office's key, and what is sealed with it: personal text, files, and the citizens' own keys.

What is personal is sealed with AES-256-GCM under the citizen's data key, which is itself wrapped by the office's
key: to destroy a wrapped key is to erase the person. What must be found again (a phone, a NIK) is found by a
keyed hash.

`cryptography` is imported where it is first needed: a refused signature at the webhook does not pay for it.
"""

import base64
import binascii
import hmac
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
# Bytes; what NIST SP 800-38D recommends for GCM, random: safe for 2^32 texts under one key.
_NONCE_BYTES: Final = 12
# A list shows fifty citizens, a sweep a few hundred; a key takes about a kilobyte.
_KEYS_AT_HAND: Final = 2048

_TEXT: Final = "s1."
_FILE: Final = "f1."
_WRAPPED: Final = "k2."

_CHANGED: Final = "what was sealed cannot be opened: another key, or it was changed"


class CannotOpen(Exception):
    """What was sealed cannot be opened: it was sealed with another key, or it was changed.

    No ValueError, so that a model's validation lets it through; and it never says what it was given.
    """


class DataSeal:
    """A citizen's data key at work: what it seals only it opens. Threads may share it."""

    def __init__(self, data_key: bytes) -> None:
        """`data_key` has 32 bytes."""
        self._cipher = _cipher(data_key)
        self._data_key = data_key

    def seal(self, plain: str) -> str:
        """`plain` as 's1.' and URL-safe base64; another text every time, so that equal texts do not show."""
        return _TEXT + _encrypted(self._cipher, plain.encode(), _TEXT)

    def open(self, sealed: str) -> str:
        """Return what was sealed. Raises `CannotOpen`."""
        if not sealed.startswith(_TEXT):
            raise CannotOpen("this is no sealed text")
        return _decrypted(self._cipher, sealed.removeprefix(_TEXT), _TEXT).decode()

    def seal_file(self, plain: bytes) -> bytes:
        """A file as b'f1.', a nonce and its ciphertext."""
        return _FILE.encode() + _enciphered(self._cipher, plain, _FILE)

    def open_file(self, sealed: bytes) -> bytes:
        """Return the bytes that were sealed. Raises `CannotOpen`."""
        if not sealed.startswith(_FILE.encode()):
            raise CannotOpen("this is no sealed file")
        return _deciphered(self._cipher, sealed.removeprefix(_FILE.encode()), _FILE)

    def file_name(self, file_id: str) -> str:
        """Where a file is kept: 64 letters in hex that nobody can guess without the data key.

        It stays when the office's key is replaced, and nothing leads to the file once the data key is destroyed.
        """
        return hmac.digest(_derived(self._data_key, "file name"), file_id.encode(), "sha256").hex()


Unwrap = Callable[[bytes], bytes]
"""Makes a key of what is configured in its place, as Cloud KMS does. Raises ConnectionError where it cannot."""


class OfficeKey:
    """The keys that wrap every data key, and from which the keyed hashes are made, the newest first.

    Mostly there is one. While it is replaced there are two: the first is written with, and what either wrote is read.
    What is wrapped carries a short name of its key. Threads may share it; a key is unwrapped at its first use, once.
    """

    def __init__(self, *keys: bytes, unwrap: Unwrap | None = None) -> None:
        """Each of `keys` has 32 bytes, unless `unwrap` makes them of it.

        Raises ValueError for another length, without repeating it.
        """
        if not keys:
            raise ValueError("the office has no key")
        if unwrap is None:
            _expect_keys(keys)
        self._given = keys
        self._unwrap = unwrap
        self._lock = threading.Lock()
        self._opening: Future[tuple[_Key, ...]] | None = None
        self._seal_of = lru_cache(maxsize=_KEYS_AT_HAND)(self._unwrapped)

    @property
    def names(self) -> tuple[str, ...]:
        """A short name of each key, the newest first: a hash, from which nothing follows."""
        return tuple(key.name for key in self._keys)

    def new_data_key(self) -> str:
        """A fresh data key, wrapped: 'k2.', the name of the office's key, and URL-safe base64."""
        return self._keys[0].wrapped(os.urandom(KEY_BYTES))

    def rewrapped(self, wrapped: str) -> str:
        """The same data key, wrapped by the newest key: the same text however often. Raises `CannotOpen`."""
        newest = self._keys[0]
        return wrapped if newest.wrote(wrapped) else newest.wrapped(self._data_key(wrapped))

    def seal_for(self, wrapped: str) -> DataSeal:
        """Return the seal of a wrapped data key. Raises `CannotOpen`."""
        return self._seal_of(wrapped)

    def lookup_hash(self, kind: str, value: str) -> str:
        """The keyed hash (HMAC-SHA-256, in hex) of a `value` under the newest key; of another `kind` it has another."""
        return self._keys[0].lookup_hash(kind, value)

    def lookup_hashes(self, kind: str, value: str) -> tuple[str, ...]:
        """The keyed hash under each key, the newest first: one of them stands where the value was written."""
        return tuple(key.lookup_hash(kind, value) for key in self._keys)

    @property
    def _keys(self) -> "tuple[_Key, ...]":
        """One thread opens them, the others wait for it and have its keys, or its error. Raises ConnectionError."""
        with self._lock:
            opening, is_mine = self._opening, self._opening is None
            if opening is None:
                opening = self._opening = Future()
        if is_mine:
            try:
                opening.set_result(self._open())
            except BaseException as error:  # noqa: BLE001 - goes to everybody who waits, whatever it is
                self._opening = None  # who comes later tries again
                opening.set_exception(error)
        return opening.result()

    def _open(self) -> "tuple[_Key, ...]":
        keys = self._given if self._unwrap is None else tuple(map(self._unwrap, self._given))
        _expect_keys(keys)
        return tuple(map(_Key, keys))

    def _unwrapped(self, wrapped: str) -> DataSeal:
        return DataSeal(self._data_key(wrapped))

    def _data_key(self, wrapped: str) -> bytes:
        key = next((key for key in self._keys if key.wrote(wrapped)), None)
        if key is None:
            raise CannotOpen("this data key was not wrapped by the office's key")
        return key.unwrapped(wrapped)


def _expect_keys(keys: Sequence[bytes]) -> None:
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"the office's key needs {KEY_BYTES} bytes")


class _Key:
    """One of the office's keys at work."""

    def __init__(self, key: bytes) -> None:
        self._wrapping = _derived(key, "wrapping")
        self._lookup = _derived(key, "lookup")
        self.name = _derived(key, "name")[:4].hex()
        self._prefix = f"{_WRAPPED}{self.name}."

    def lookup_hash(self, kind: str, value: str) -> str:
        return hmac.digest(self._lookup, f"{kind}\0{value}".encode(), "sha256").hex()

    def wrote(self, wrapped: str) -> bool:
        return wrapped.startswith(self._prefix)

    def wrapped(self, data_key: bytes) -> str:
        """AES key wrap (RFC 3394). One data key has one text: two documents of one citizen stay alike."""
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap  # noqa: PLC0415 - see the module's docstring

        return self._prefix + base64.urlsafe_b64encode(aes_key_wrap(self._wrapping, data_key)).decode().rstrip("=")

    def unwrapped(self, wrapped: str) -> bytes:
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap  # noqa: PLC0415

        try:
            return aes_key_unwrap(self._wrapping, _bytes_of(wrapped.removeprefix(self._prefix)))
        except InvalidUnwrap as wrong:
            raise CannotOpen(_CHANGED) from wrong


def _derived(key: bytes, purpose: str) -> bytes:
    """One key for one purpose (HKDF, RFC 5869), so that none can be used to attack another."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see the module's docstring
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"aduan {purpose} 1".encode()).derive(key)


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see the module's docstring

    return AESGCM(key)


def _encrypted(cipher: "AESGCM", plain: bytes, bound_to: str) -> str:
    return base64.urlsafe_b64encode(_enciphered(cipher, plain, bound_to)).decode().rstrip("=")


def _decrypted(cipher: "AESGCM", text: str, bound_to: str) -> bytes:
    return _deciphered(cipher, _bytes_of(text), bound_to)


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise CannotOpen(_CHANGED) from wrong


def _enciphered(cipher: "AESGCM", plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def _deciphered(cipher: "AESGCM", whole: bytes, bound_to: str) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see the module's docstring

    try:
        return cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as wrong:
        raise CannotOpen(_CHANGED) from wrong

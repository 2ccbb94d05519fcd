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
from functools import cached_property, lru_cache
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
_WRAPPED: Final = "k1."


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


class OfficeKey:
    """The key that wraps every data key, and from which the keyed hashes are made. Threads may share it.

    What it wraps carries a short name of this key, so that a later release can tell which of several to use.
    """

    def __init__(self, key: bytes) -> None:
        """`key` has 32 bytes; raises ValueError for another length, without repeating it."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"the office's key needs {KEY_BYTES} bytes")
        self._key = key
        self._seal_of = lru_cache(maxsize=_KEYS_AT_HAND)(self._unwrapped)

    def new_data_key(self) -> str:
        """A fresh data key, wrapped: 'k1.', the name of the office's key, and URL-safe base64."""
        return self._prefix + _encrypted(self._wrapping, os.urandom(KEY_BYTES), self._prefix)

    def seal_for(self, wrapped: str) -> DataSeal:
        """Return the seal of a wrapped data key. Raises `CannotOpen`."""
        return self._seal_of(wrapped)

    def lookup_hash(self, kind: str, value: str) -> str:
        """The keyed hash (HMAC-SHA-256, in hex) of a `value`; of another `kind` it has another."""
        return hmac.digest(self._lookup_key, f"{kind}\0{value}".encode(), "sha256").hex()

    def _unwrapped(self, wrapped: str) -> DataSeal:
        if not wrapped.startswith(self._prefix):
            raise CannotOpen("this data key was not wrapped by the office's key")
        return DataSeal(_decrypted(self._wrapping, wrapped.removeprefix(self._prefix), self._prefix))

    @cached_property
    def _wrapping(self) -> "AESGCM":
        return _cipher(self._derived("wrapping"))

    @cached_property
    def _lookup_key(self) -> bytes:
        return self._derived("lookup")

    @cached_property
    def _prefix(self) -> str:
        return f"{_WRAPPED}{self._derived('name')[:4].hex()}."

    def _derived(self, purpose: str) -> bytes:
        """One key for one purpose (HKDF, RFC 5869), so that none can be used to attack another."""
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see the module's docstring
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - the same

        info = f"aduan {purpose} 1".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._key)


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - see the module's docstring

    return AESGCM(key)


def _encrypted(cipher: "AESGCM", plain: bytes, bound_to: str) -> str:
    return base64.urlsafe_b64encode(_enciphered(cipher, plain, bound_to)).decode().rstrip("=")


def _decrypted(cipher: "AESGCM", text: str, bound_to: str) -> bytes:
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise CannotOpen(_CHANGED) from wrong
    return _deciphered(cipher, whole, bound_to)


def _enciphered(cipher: "AESGCM", plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def _deciphered(cipher: "AESGCM", whole: bytes, bound_to: str) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see the module's docstring

    try:
        return cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as wrong:
        raise CannotOpen(_CHANGED) from wrong

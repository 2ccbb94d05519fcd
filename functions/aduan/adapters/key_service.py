"""The office's key as it is configured, and Cloud KMS where that unwraps it: one call, once a process.

Google's package for it is not here: it would be imported at every start for the sake of this one call, which REST and
`google.auth`, there already for Firestore, make as well (infra/decisions/0013-the-offices-key.md has the figures).
"""

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog

from aduan.adapters.sealing import OfficeKey

if TYPE_CHECKING:
    from requests import Session

log = structlog.get_logger(__name__)

_GOOGLES: Final = "https://cloudkms.googleapis.com"
_SCOPE: Final = "https://www.googleapis.com/auth/cloudkms"
# Seconds. It answers in some hundredths of one; whoever waits for the key is answered 5xx, and comes again.
_TIMEOUT: Final = 5.0


def office_key(keys: tuple[bytes, ...], service_key: str | None, emulator: str | None) -> OfficeKey:
    """The ring that settings describe: of the keys themselves, or of what Cloud KMS unwraps by its key `service_key`.

    `emulator` is 'host:port' of the stand-in, None the real service. Nothing is asked of it here.
    """
    return OfficeKey(*keys, unwrap=KeyService(service_key, emulator).unwrapped if service_key else None)


class KeyService:
    """One key of Cloud KMS, by which others are wrapped. Threads may share it."""

    def __init__(self, key: str, emulator: str | None = None) -> None:
        """`key` is 'projects/…/cryptoKeys/…'; which of its versions wrapped something, KMS knows."""
        self._url = f"{f'http://{emulator}' if emulator else _GOOGLES}/v1/{key}:decrypt"
        self._emulator = emulator

    def unwrapped(self, wrapped: bytes) -> bytes:
        """Raises ConnectionError, also where KMS refuses: that is an operator's to mend, and no message is lost by it.

        What is sent and what comes back has its checksum: a key that a fault of the line changed would seal what
        nobody can open.
        """
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - as below
        from google_crc32c import value as checksum  # noqa: PLC0415 - only who needs the key pays for it
        from requests import RequestException  # noqa: PLC0415

        body = {"ciphertext": base64.b64encode(wrapped).decode(), "ciphertextCrc32c": str(checksum(wrapped))}
        try:
            with self._session() as session:
                response = session.post(self._url, json=body, timeout=_TIMEOUT)
            status, answer = response.status_code, response.json() if response.ok else {}
        except (RequestException, GoogleAuthError) as error:
            raise self._failure(type(error).__name__) from None  # its words may name what was sent
        key = _plaintext(answer)
        if key is None or answer.get("plaintextCrc32c") != str(checksum(key)):
            raise self._failure(f"answered {status}")
        return key

    def _session(self) -> "Session":
        if self._emulator:
            from requests import Session  # noqa: PLC0415

            session = Session()
            session.trust_env = False
            return session
        from google.auth import default  # noqa: PLC0415
        from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

        credentials, _ = default(scopes=[_SCOPE])
        return AuthorizedSession(credentials)

    def _failure(self, why: str) -> ConnectionError:
        log.error("office_key_not_unwrapped", why=why)
        return ConnectionError("Cloud KMS did not unwrap the office's key")


def _plaintext(answer: Mapping[str, Any]) -> bytes | None:
    try:
        return base64.b64decode(str(answer.get("plaintext")), validate=True)
    except (binascii.Error, ValueError):
        return None

"""A stand-in for Cloud KMS on one machine: for development and tests.

It wraps and unwraps as the REST interface does, with keys that last as long as it runs. Whoever asks may have
everything unwrapped, so it does not start in the cloud.

    POST /v1/projects/…/cryptoKeys/…:encrypt    {"plaintext"} -> {"ciphertext"}, by the key's newest version
    POST /v1/projects/…/cryptoKeys/…:decrypt    {"ciphertext"} -> {"plaintext"}, by whichever version wrapped it
"""

import base64
import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import google_crc32c
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Response, jsonify, request

_NONCE_BYTES = 12


class InTheCloud(Exception):
    """It was started where somebody's data are."""


class KeyServiceStandIn:
    """The keys, by their names, each with its versions, and what was asked."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """Raises `InTheCloud`."""
        if environ.get("K_SERVICE", "").strip():  # Cloud Run sets it
            raise InTheCloud("the stand-in for Cloud KMS unwraps for everybody: it does not run in the cloud")
        self._versions: defaultdict[str, list[AESGCM]] = defaultdict(lambda: [_new_version()])
        self.unwrapped = 0
        self.refusing = False

    def rotate(self, key: str) -> None:
        """Give a key a new version, which wraps from now on."""
        self._versions[key].append(_new_version())

    def wrap(self, key: str, plain: bytes) -> bytes:
        """`plain` as the newest version wraps it."""
        versions = self._versions[key]
        nonce = os.urandom(_NONCE_BYTES)
        return bytes([len(versions)]) + nonce + versions[-1].encrypt(nonce, plain, None)

    def unwrap(self, key: str, wrapped: bytes) -> bytes:
        """Raises ValueError for what this key did not wrap."""
        self.unwrapped += 1
        number, nonce, sealed = wrapped[:1], wrapped[1 : _NONCE_BYTES + 1], wrapped[_NONCE_BYTES + 1 :]
        try:
            return self._versions[key][number[0] - 1].decrypt(nonce, sealed, None)
        except (InvalidTag, IndexError) as wrong:
            raise ValueError("this key did not wrap that") from wrong

    def app(self) -> Flask:
        """Its REST interface."""
        app = Flask(__name__, static_folder=None)

        @app.post("/v1/<path:key>:<any(encrypt, decrypt):method>")
        def asked(key: str, method: str) -> tuple[Response, int]:
            if self.refusing:
                return jsonify({"error": {"code": 503, "status": "UNAVAILABLE"}}), 503
            if method == "encrypt":
                return _answered("plaintext", "ciphertext", lambda plain: self.wrap(key, plain))
            return _answered("ciphertext", "plaintext", lambda wrapped: self.unwrap(key, wrapped))

        return app


def _answered(given: str, made: str, make: Callable[[bytes], bytes]) -> tuple[Response, int]:
    """What KMS answers: bytes in base64, each beside its checksum, numbers as text."""
    body: Mapping[str, Any] = request.get_json()
    content = base64.b64decode(body[given], validate=True)
    claimed = body.get(f"{given}Crc32c")
    if claimed is not None and int(claimed) != google_crc32c.value(content):
        return _invalid("the checksum is another")
    try:
        result = make(content)
    except ValueError as wrong:
        return _invalid(str(wrong))
    answer = {made: base64.b64encode(result).decode(), f"{made}Crc32c": str(google_crc32c.value(result))}
    return jsonify(answer), 200


def _invalid(words: str) -> tuple[Response, int]:
    return jsonify({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": words}}), 400


def _new_version() -> AESGCM:
    return AESGCM(AESGCM.generate_key(bit_length=256))

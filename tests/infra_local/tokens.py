"""Reading tokens with Google's own library, which does not annotate what it gives; and writing any token at all."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth import jwt
from google.auth.crypt import EsSigner, RSASigner


def verified(token: str, certs: Mapping[str, str], audience: str | None = None) -> dict[str, Any]:
    """The claims; raises what google.auth.jwt.decode raises."""
    return dict(jwt.decode(token, certs=certs, audience=audience))


def unverified(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, verify=False))


def header(token: str) -> dict[str, Any]:
    return dict(jwt.decode_header(token))


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """The public half, as it is published."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def signed(signer: RSASigner | EsSigner, claims: Mapping[str, object], header: Mapping[str, object]) -> str:
    """A token whose header and claims are as they are given, without what is None; the signature covers them."""
    algorithm = "RS256" if isinstance(signer, RSASigner) else "ES256"
    whole = {"alg": algorithm, "typ": "JWT", "kid": signer.key_id, **header}
    covered = f"{encoded(present(whole))}.{encoded(present(claims))}"
    return f"{covered}.{unpadded(signer.sign(covered.encode()))}"


def present(parts: Mapping[str, object]) -> dict[str, object]:
    return {name: part for name, part in parts.items() if part is not None}


def encoded(part: object) -> str:
    return unpadded(json.dumps(part).encode())


def unpadded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")

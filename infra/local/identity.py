"""Signing keys and tokens of the local stand-ins: what Google's OIDC issuer and Identity-Aware Proxy sign.

For development and tests. The keys prove nothing outside this machine.
"""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from flask import Blueprint, Flask, Response, jsonify
from google.auth import jwt
from google.auth.crypt import EsSigner, RSASigner

OIDC_ISSUER = "https://accounts.google.com"
IAP_ISSUER = "https://cloud.google.com/iap"
OIDC_LIFETIME = timedelta(hours=1)
IAP_LIFETIME = timedelta(minutes=10)
_CERTIFICATE_LIFETIME = timedelta(days=3650)
_CACHE_AS_GOOGLE_DOES = "public, max-age=3600"

Clock = Callable[[], datetime]
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def real_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


class OidcMinter(Protocol):
    """Whoever can sign as Google's OIDC issuer."""

    def mint_oidc(self, email: str, audience: str) -> str:
        """A token that says `email` is calling, for `audience`."""


class IapMinter(Protocol):
    """Whoever can sign as Identity-Aware Proxy."""

    def mint_iap(self, email: str, audience: str) -> str:
        """An assertion that `email` has signed in, for `audience`."""


class _KeyRing:
    """The keys of one issuer, oldest first; the last one signs. With a folder they outlive the process."""

    def __init__(self, issuer: str, generate: Callable[[], Key], folder: Path | None) -> None:
        self._issuer = issuer
        self._generate = generate
        self._folder = folder
        self._keys = tuple(_load(file) for file in self._files()) or (self._generated(),)

    @property
    def signing_key(self) -> Key:
        return self._keys[-1]

    def rotate(self, *, overlap: bool) -> None:
        kept = self._keys[-1:] if overlap else ()
        retired = self._files()[: len(self._keys) - len(kept)]
        self._keys = (*kept, self._generated())
        for file in retired:
            file.unlink()

    def published(self, as_pem: Callable[[Key], str]) -> dict[str, str]:
        return {_kid(key): as_pem(key) for key in self._keys}

    def _generated(self) -> Key:
        key = self._generate()
        if self._folder:
            files = self._files()
            number = int(files[-1].stem.rpartition("-")[2]) + 1 if files else 1
            _save(self._folder / f"{self._issuer}-{number:06}.pem", key)
        return key

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._issuer}-*.pem")) if self._folder else []


class LocalIdentity:
    """Google's OIDC issuer and Identity-Aware Proxy, as far as signing goes, for this machine.

    With `folder` the keys are kept there (one private PEM each, readable by the owner) and found again at the
    next start; without it they live in memory. `clock` gives `iat`.
    """

    def __init__(self, folder: Path | None = None, clock: Clock = real_clock) -> None:
        if folder:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clock = clock
        self._oidc = _KeyRing("oidc", _new_rsa_key, folder)
        self._iap = _KeyRing("iap", _new_ec_key, folder)

    def oidc_certs(self) -> dict[str, str]:
        """Key id to PEM certificate, the shape of https://www.googleapis.com/oauth2/v1/certs."""
        return self._oidc.published(_certificate)

    def iap_certs(self) -> dict[str, str]:
        """Key id to PEM public key, the shape of https://www.gstatic.com/iap/verify/public_key."""
        return self._iap.published(_public_pem)

    def mint_oidc(self, email: str, audience: str, **overrides: object) -> str:
        """An RS256 token as Cloud Tasks and Cloud Scheduler send it, valid for an hour.

        `overrides` replaces claims by name; a claim overridden with None is left out.
        """
        subject = _subject(email)
        claims: dict[str, object] = {
            "iss": OIDC_ISSUER,
            "aud": audience,
            "azp": subject,
            "email": email,
            "email_verified": True,
            "sub": subject,
        }
        return self._mint(self._oidc, claims | self._times(OIDC_LIFETIME) | overrides)

    def mint_iap(self, email: str, audience: str, **overrides: object) -> str:
        """An ES256 assertion as Identity-Aware Proxy adds it to a request, valid for ten minutes.

        `overrides` as in `mint_oidc`.
        """
        claims: dict[str, object] = {
            "iss": IAP_ISSUER,
            "aud": audience,
            "email": email,
            "sub": f"accounts.google.com:{_subject(email)}",
        }
        return self._mint(self._iap, claims | self._times(IAP_LIFETIME) | overrides)

    def rotate(self, *, overlap: bool = True) -> None:
        """Sign with new keys from now on.

        With `overlap` the keys that signed until now stay published until the next rotation, as Google's do;
        without it they are withdrawn at once and their tokens verify no longer.
        """
        for ring in (self._oidc, self._iap):
            ring.rotate(overlap=overlap)

    def _times(self, lifetime: timedelta) -> dict[str, object]:
        issued = int(self._clock().timestamp())
        return {"iat": issued, "exp": issued + int(lifetime.total_seconds())}

    def _mint(self, ring: _KeyRing, claims: dict[str, object]) -> str:
        present = {name: value for name, value in claims.items() if value is not None}
        token: bytes = jwt.encode(_signer(ring.signing_key), present)
        return token.decode("ascii")


def certs_blueprint(identity: LocalIdentity) -> Blueprint:
    """GET /oidc/certs and GET /iap/certs: the public keys as JSON, with Google's caching header."""
    blueprint = Blueprint("certs", __name__)

    @blueprint.get("/oidc/certs")
    def oidc_certs() -> Response:
        return _published(identity.oidc_certs())

    @blueprint.get("/iap/certs")
    def iap_certs() -> Response:
        return _published(identity.iap_certs())

    return blueprint


def certs_app(identity: LocalIdentity) -> Flask:
    """A WSGI app that serves the public keys and nothing else."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(certs_blueprint(identity))
    return app


def _published(certs: dict[str, str]) -> Response:
    response = jsonify(certs)
    response.headers["Cache-Control"] = _CACHE_AS_GOOGLE_DOES
    return response


def _new_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _new_ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _signer(key: Key) -> RSASigner | EsSigner:
    if isinstance(key, rsa.RSAPrivateKey):
        return RSASigner(key, _kid(key))
    return EsSigner(key, _kid(key))


def _kid(key: Key) -> str:
    """Made from the key itself, so that it is the same after a restart."""
    encoded = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()[:40]


def _subject(email: str) -> str:
    """Google's account ids are strings of 21 digits; the same email gets the same one."""
    return str(10**20 + int(hashlib.sha256(email.encode()).hexdigest(), 16) % 10**20)


def _public_pem(key: Key) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def _certificate(key: Key) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aduan local development")])
    # Fixed dates: tests turn the clock, and tokens carry their own times.
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(_kid(key)[:16], 16))
        .not_valid_before(begins)
        .not_valid_after(begins + _CERTIFICATE_LIFETIME)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _save(file: Path, key: Key) -> None:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        stream.write(encoded)


def _load(file: Path) -> Key:
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    raise ValueError(f"{file} holds neither an RSA nor an EC private key")

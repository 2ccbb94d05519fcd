"""Who calls: Cloud Tasks and Cloud Scheduler by an OIDC token, staff by Identity-Aware Proxy's assertion.

Google's own library checks the signature, the times and the audience. It would take any algorithm that the
token names, try every key for a token that names none, believe every issuer and address, and overlook what it does
not know: those are for this module to check. The times are the real ones, whatever clock the procedure runs by.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from aduan.adapters.certificates import CertificateCache
from aduan.service.errors import Unproven

OIDC_ISSUER: Final = "https://accounts.google.com"
IAP_ISSUER: Final = "https://cloud.google.com/iap"

# What Google advises for IAP: two machines' clocks are never quite the same.
_CLOCK_SKEW_SECONDS = 30
# Longer than any token of Google's; what parsing costs grows with the length.
_LONGEST_TOKEN = 8_192


class TaskIdentity:
    """The one service account that may call one URL."""

    def __init__(self, certs: CertificateCache, audience: str, email: str) -> None:
        """`audience` is the URL, to the letter. Raises ValueError if it or the email is empty."""
        if not email:
            raise ValueError("whose tokens are good must be said")
        self._tokens = _SignedTokens(certs, "RS256", OIDC_ISSUER, audience)
        self._email = email

    def verify(self, authorization: str | None) -> None:
        """Accept the Authorization header, or raise `Unproven`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unproven("no bearer token")
        claims = self._tokens.claims(token.strip())
        if claims.get("email") != self._email:
            raise Unproven("another identity's token")
        # Exactly true: the text "false" would be true enough for Python.
        if claims.get("email_verified") is not True:
            raise Unproven("the issuer does not vouch for the address")


class IapIdentity:
    """Whoever Identity-Aware Proxy has let in."""

    def __init__(self, certs: CertificateCache, audience: str) -> None:
        """`audience` is the backend service's, as IAP shows it. Raises ValueError if it is empty."""
        self._tokens = _SignedTokens(certs, "ES256", IAP_ISSUER, audience)

    def email(self, assertion: str | None) -> str:
        """The address, in lower case, of the X-Goog-IAP-JWT-Assertion header. Raises `Unproven`."""
        claims = self._tokens.claims(assertion or "")
        email = claims.get("email")
        # Google's addresses are ASCII. Others could become a listed one in lower case: a Kelvin sign is a 'k' there.
        if not isinstance(email, str) or not email or not email.isascii():
            raise Unproven("the token names no address")
        # The proxy says nothing of it, for it lets in verified addresses alone; what says otherwise is not its.
        if claims.get("email_verified", True) is not True:
            raise Unproven("the issuer does not vouch for the address")
        return email.lower()


class _SignedTokens:
    """Tokens of one issuer, of one algorithm, for one audience."""

    def __init__(self, certs: CertificateCache, algorithm: str, issuer: str, audience: str) -> None:
        if not audience:
            raise ValueError("a token's audience must be said: without one, any would do")
        self._certs = certs
        self._algorithm = algorithm
        self._issuer = issuer
        self._audience = audience

    def claims(self, token: str) -> Mapping[str, Any]:
        """What a valid token says. Raises `Unproven`."""
        if not 0 < len(token) <= _LONGEST_TOKEN:
            raise Unproven("no token, or too long a one")
        claims = _verified(token, self._key_of(token), self._audience)
        if claims.get("iss") != self._issuer:
            raise Unproven("another issuer's token")
        if "nbf" in claims and not _has_begun(claims["nbf"]):
            raise Unproven("not valid yet")
        return claims

    def _key_of(self, token: str) -> dict[str, str]:
        """The only key that may have signed the token, by its id."""
        header = _header(token)
        if header.get("alg") != self._algorithm:
            raise Unproven("another algorithm")
        if "crit" in header:  # RFC 7515, 4.1.11: conditions that must be known, and none is known here
            raise Unproven("a condition that is not known")
        key_id = header.get("kid")
        if not isinstance(key_id, str) or not key_id:
            raise Unproven("no key is named")
        pem = self._certs.key(key_id)
        if pem is None:
            raise Unproven("unknown key")
        return {key_id: pem}


def _has_begun(not_before: object) -> bool:
    """RFC 7519, 4.1.5. Google's own tokens have none, and its library does not look."""
    if isinstance(not_before, bool) or not isinstance(not_before, int | float):
        return False
    return not_before - _CLOCK_SKEW_SECONDS <= time.time()


# google-auth is imported where there is a token to read. What a stranger sends makes it raise a ValueError, a
# TypeError (a time that is no number) or, deeply nested, a RecursionError. Their words repeat the token, so
# they are not chained.


def _header(token: str) -> Mapping[str, Any]:
    from google.auth import jwt  # noqa: PLC0415 - only where there is a token

    try:
        header: Mapping[str, Any] = jwt.decode_header(token)
    except (ValueError, TypeError, RecursionError):
        raise Unproven("no token") from None
    return header


def _verified(token: str, certs: Mapping[str, str], audience: str) -> Mapping[str, Any]:
    from google.auth import jwt  # noqa: PLC0415 - only where there is a token

    try:
        claims: Mapping[str, Any] = jwt.decode(
            token, certs=certs, audience=audience, clock_skew_in_seconds=_CLOCK_SKEW_SECONDS
        )
    except (ValueError, TypeError, RecursionError):
        raise Unproven("wrongly signed, out of its time, or for another audience") from None
    return claims

"""Reading tokens with Google's own library, which verifies them, but does not annotate what it gives."""

from collections.abc import Mapping
from typing import Any

from google.auth import jwt


def verified(token: str, certs: Mapping[str, str], audience: str | None = None) -> dict[str, Any]:
    """The claims; raises what google.auth.jwt.decode raises."""
    return dict(jwt.decode(token, certs=certs, audience=audience))


def unverified(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, verify=False))


def header(token: str) -> dict[str, Any]:
    return dict(jwt.decode_header(token))

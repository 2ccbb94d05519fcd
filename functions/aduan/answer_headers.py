"""What every answer of every function says to a browser: make nothing of it but what it is, and keep nothing of it.

Source: OWASP Secure Headers Project, November 2026. A page that needs more says so itself: what an answer has already
stays as it is.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import Response

_FORBIDDEN: Final = (
    "accelerometer", "autoplay", "camera", "clipboard-read", "clipboard-write", "display-capture",
    "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial",
    "sync-xhr", "usb", "xr-spatial-tracking",
)  # fmt: skip
"""What a page could ask of a device. Full screen stays: a citizen's video is looked at in it."""

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Permitted-Cross-Domain-Policies": "none",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FORBIDDEN),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",  # two years; http on one machine ignores it
        "Cache-Control": "no-store",
    }
)


def secure(response: Response) -> Response:
    """The same answer with what it lacks of them."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response

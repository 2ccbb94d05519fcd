"""That a request comes from a form of ours: a token signed over the person's address, and nothing kept anywhere.

There is no cookie to steal or to forget: who somebody is comes with every request, from Identity-Aware Proxy.
"""

import re
from datetime import timedelta
from typing import Final

from flask import Request
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from aduan.portal.reading import Body, wants_json
from aduan.service.ports import Clock

ASSERTION: Final = "X-Goog-IAP-JWT-Assertion"
GOOD_FOR: Final = timedelta(hours=12)
"""A form that was opened in the morning still works at the end of the day."""

_OWN = frozenset({"same-origin", "none"})
"""What a browser calls a page of ours, and what a person opened by themselves, as when a window is restored."""

_LISTABLE = re.compile(r"[^\s/@]+@[^\s/@]+")


class NotListed(Exception):
    """A proven identity that is not on the staff list, or not active."""


class ForeignForm(Exception):
    """The request was not sent by a form of ours, or the form is too old."""


def can_be_listed(email: str) -> bool:
    """Whether the staff list could have this address at all; one with a '/' would name another place in the store."""
    return _LISTABLE.fullmatch(email) is not None


class FormProof:
    """Makes and checks the tokens of forms."""

    def __init__(self, secret: str, clock: Clock) -> None:
        """`secret` signs the tokens; `clock` says how old they are."""

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock().timestamp())

        self._serializer = URLSafeTimedSerializer(secret, salt="staff portal form", signer=Signer)

    def token(self, email: str) -> str:
        """A token for one person's forms."""
        return str(self._serializer.dumps(email))

    def check(self, request: Request, body: Body, email: str) -> None:
        """Raise `ForeignForm` unless this request can only come from us.

        Who asks for JSON is a program and has no form: it sends X-Requested-With, which another site's page cannot.
        """
        if not _may_be_ours(request):
            raise ForeignForm
        if wants_json(request):
            if not request.headers.get("X-Requested-With", "").strip():
                raise ForeignForm
        elif not self._is_good(body.fields.get("csrf_token"), email):
            raise ForeignForm

    def _is_good(self, token: object, email: str) -> bool:
        if not isinstance(token, str):
            return False
        try:
            signed_for = self._serializer.loads(token, max_age=int(GOOD_FOR.total_seconds()))
        except BadData:
            return False
        return bool(signed_for == email)


def _may_be_ours(request: Request) -> bool:
    """By what the browser says of the page that sent it; a program says nothing.

    'null' says nothing either: it is what a browser makes of our own pages' origin, which have no referrer.
    """
    origin = request.headers.get("Origin", "null")
    is_own_origin = origin in {"null", f"https://{request.host}", f"http://{request.host}"}
    return is_own_origin and request.headers.get("Sec-Fetch-Site", "same-origin") in _OWN

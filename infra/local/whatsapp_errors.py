"""Errors as the Graph API answers them: the simulated WhatsApp refuses in the shape that Meta refuses.

A tool for development and tests. Codes, titles and HTTP statuses follow the error page of Meta's Cloud API.
"""

import secrets
from http import HTTPStatus
from typing import Any

JsonObject = dict[str, Any]

INVALID_PARAMETER = 100
TOKEN_INVALID = 190
PARAMETER_MISSING = 131008
WINDOW_CLOSED = 131047
UNSUPPORTED_TYPE = 131051
PARAMETER_COUNT = 132000
TEMPLATE_UNKNOWN = 132001
TEMPLATE_TOO_LONG = 132005
TEMPLATE_PARAMETER = 132018
OBJECT_MISSING_SUBCODE = 33
APP_TOKEN_NEEDED = 15
PERMISSION_DENIED = 10
PERMISSION_MISSING = 200
CALLBACK_FAILED = 2200
TEMPLATE_PAUSED = 132015
TEMPLATE_DISABLED = 132016
EXPIRED_SUBCODE = 463
NAME_TAKEN_SUBCODE = 2388024

# The whole sentence stands in `message`: Graph's own errors, older than WhatsApp's `error_data`.
_WITHOUT_DETAILS = frozenset({TOKEN_INVALID, CALLBACK_FAILED, APP_TOKEN_NEEDED})

# code: (HTTP status of the answer, title)
CATALOGUE: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (400, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    APP_TOKEN_NEEDED: (400, "This method must be called with an app access token."),
    PERMISSION_DENIED: (403, "Permission Denied"),
    INVALID_PARAMETER: (400, "Invalid parameter"),
    TOKEN_INVALID: (401, "Access token has expired"),
    PERMISSION_MISSING: (403, "API Permission"),
    CALLBACK_FAILED: (400, "Callback verification failed"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    PARAMETER_MISSING: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name approval is required"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    WINDOW_CLOSED: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131050: (400, "User has stopped marketing messages"),
    UNSUPPORTED_TYPE: (400, "Message type unknown"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131062: (400, "Business-scoped user id is not supported for this message"),
    PARAMETER_COUNT: (400, "Number of parameters does not match the expected number of params"),
    TEMPLATE_UNKNOWN: (404, "Template name does not exist in the translation"),
    TEMPLATE_TOO_LONG: (400, "Translated text too long"),
    132007: (400, "Template format character policy violated"),
    132012: (400, "Parameter format does not match format in the created template"),
    TEMPLATE_PAUSED: (400, "Template is paused"),
    TEMPLATE_DISABLED: (400, "Template is disabled"),
    TEMPLATE_PARAMETER: (400, "There is an issue with the parameters in your template"),
    133004: (503, "Server temporarily unavailable"),
    133010: (400, "Phone number not registered"),
}


class GraphError(Exception):
    """A request that the Graph API refuses: `code` is Meta's, `details` says what is wrong with it."""

    def __init__(
        self, code: int, details: str, *, subcode: int | None = None, user: tuple[str, str] | None = None
    ) -> None:
        """`user` is a title and a sentence for people, which the calls about an account give instead of details."""
        self.code = code
        self.details = details
        self.subcode = subcode
        self.user = user
        self.status, self.title = CATALOGUE.get(code, (HTTPStatus.BAD_REQUEST, "Unknown error"))
        super().__init__(f"({code}) {self.title}: {details}")

    def body(self) -> JsonObject:
        """The JSON of the answer."""
        error: JsonObject = {
            "message": f"(#{self.code}) {self.title}",
            "type": "GraphMethodException" if self.subcode == OBJECT_MISSING_SUBCODE else "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code in _WITHOUT_DETAILS:
            error["message"] = self.details
        if self.user is not None:
            error["error_user_title"], error["error_user_msg"] = self.user
        if self.user is not None or self.code in _WITHOUT_DETAILS:
            del error["error_data"]
        return {"error": error}

    def as_status_error(self) -> JsonObject:
        """The same error as it stands in `errors` of a `failed` status or of an unsupported message."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }


def object_missing(object_id: str) -> GraphError:
    """What Meta says of an id that does not exist, or that this token may not see."""
    details = f"Unsupported request. Object with ID '{object_id}' does not exist or cannot be loaded."
    return GraphError(INVALID_PARAMETER, details, subcode=OBJECT_MISSING_SUBCODE)

"""WhatsApp's error codes, from a refused request or a `failed` status, as what to do about them."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from aduan.adapters.whatsapp_payload import ErrorReport
from aduan.service.channel import ChannelError, Failure
from aduan.service.limits import shortened
from aduan.service.masking import masked

# The one table of codes. Source: Meta, Cloud API, "Error codes", November 2026.
CODES: Final[Mapping[Failure, tuple[int | range, ...]]] = MappingProxyType(
    {
        Failure.RETRY: (1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004),
        Failure.WINDOW_CLOSED: (131047,),
        Failure.STOP: (368, 131031, 131042, 131048),
        Failure.OPERATOR: (0, 3, 10, 190, range(200, 300), 131005, 131037, 131045, 133010),
        Failure.NEVER: (
            *(100, 131008, 131009, 131021, 131026, 131030, 131062),
            *(range(131050, 131054), range(132000, 133000)),
        ),
    }
)

# Code 100 is a fault of the message, except with this subcode: 'object does not exist, or no permission'.
# That is a wrong phone number id or a missing right, and must not throw every message of the office away.
_INVALID_PARAMETER: Final = 100
_NO_SUCH_OBJECT: Final = 33

# HTTP's codes, for refusals without a known code of WhatsApp's.
_TOO_EARLY_OR_TOO_MUCH: Final = (408, 425, 429)
_SERVER_AT_FAULT: Final = 500
_MESSAGE_AT_FAULT: Final = (400, 413, 422)
_TOKEN_AT_FAULT: Final = (401, 403)

# Graph repeats what it was sent, token and phone number included, in some of its messages.
_TOKEN_OR_NUMBER: Final = re.compile(r"\bEAA\w{8,}|\+?\d(?:[ -]?\d){7,}")
_DETAIL_LENGTH: Final = 300


def channel_error(
    report: object,
    http_status: int | None = None,
    retry_after: float | None = None,
    secrets: Sequence[str] = (),
) -> ChannelError:
    """An error object of WhatsApp's (or whatever stood in its place) as a `ChannelError`.

    `http_status` is None for an error that came in a webhook; `retry_after` is in seconds. The detail holds
    none of `secrets` and no phone number.
    """
    try:
        known = ErrorReport.model_validate(report)
    except ValidationError:
        known = ErrorReport()
    failure = _by_code(known) or _by_status(http_status, known)
    detail = safe_detail(known.detail or f"no explanation, HTTP status {http_status}", secrets)
    return ChannelError(failure, known.code, detail, retry_after)


def safe_detail(text: str, secrets: Sequence[str] = ()) -> str:
    """`text` fit for a log: without the secrets, without anything like a token or a number, and short.

    What is left of a number that is written in another way, as '0857.9998.8877', is masked as everywhere.
    """
    for secret in secrets:
        text = text.replace(secret, "…")
    return shortened(masked(_TOKEN_OR_NUMBER.sub("…", text)), _DETAIL_LENGTH)


def _by_code(report: ErrorReport) -> Failure | None:
    if report.code == _INVALID_PARAMETER and report.error_subcode == _NO_SUCH_OBJECT:
        return Failure.OPERATOR
    for failure, codes in CODES.items():
        if any(report.code in code if isinstance(code, range) else report.code == code for code in codes):
            return failure
    return None


def _by_status(http_status: int | None, report: ErrorReport) -> Failure:
    """What an error means whose code is unknown or missing.

    A server's fault may pass. A 4xx with a code that we do not know is WhatsApp's own verdict on this
    message, as is a `failed` status: the same request would only be refused again, so a person is told.
    A 404, a 405 or a redirect without a code comes from a wrong address: that can be mended.
    """
    if report.is_transient or http_status in _TOO_EARLY_OR_TOO_MUCH or (http_status or 0) >= _SERVER_AT_FAULT:
        return Failure.RETRY
    if http_status in _TOKEN_AT_FAULT:
        return Failure.OPERATOR
    if http_status is None or report.code is not None or http_status in _MESSAGE_AT_FAULT:
        return Failure.NEVER
    return Failure.OPERATOR

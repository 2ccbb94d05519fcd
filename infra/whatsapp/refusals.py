"""How a call of the Graph API fails."""

from typing import Final

from pydantic import ValidationError

from aduan.adapters.whatsapp_payload import ErrorReport, MaybeName
from aduan.adapters.whatsapp_payload import Refused as RefusedBody

_LONGEST: Final = 300


class NoAnswer(Exception):
    """Nobody answered, or it was not Meta; the message says how."""


class Error(ErrorReport):
    """An error of Graph's: for what concerns an account it has a title and a sentence for people."""

    error_user_title: MaybeName = None
    error_user_msg: MaybeName = None
    fbtrace_id: MaybeName = None

    @property
    def sentence(self) -> str:
        """The most exact words that Meta gave."""
        if self.error_user_msg:
            return f"{self.error_user_title}: {self.error_user_msg}" if self.error_user_title else self.error_user_msg
        return self.detail or "no explanation"


class Refused(Exception):
    """Meta's refusal of one request, as '(190/463) Error validating access token …'."""

    def __init__(self, status: int, error: Error) -> None:
        self.status = status
        self.error = error
        numbers = [str(number) for number in (error.code, error.error_subcode) if number is not None]
        super().__init__(f"({'/'.join(numbers) or f'HTTP {status}'}) {error.sentence[:_LONGEST]}")

    @classmethod
    def read(cls, status: int, body: bytes) -> "Refused":
        """The refusal in an answer, whatever stands in it."""
        try:
            return cls(status, Error.model_validate(RefusedBody.model_validate_json(body).error))
        except ValidationError:
            return cls(status, Error())

"""What must leave the house because of an act. Saved with it in one commit, sent afterwards."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from aduan.procedure.personal import Personal
from aduan.procedure.roles import Role


class Effect(BaseModel):
    """Something that the world outside has to be told."""

    model_config = ConfigDict(frozen=True)


class AlertReason(StrEnum):
    """Why staff are told; each has its words in the office's `messages.toml`."""

    STEP_LATE = "step_late"
    ESCALATED = "escalated"
    DESK_VACANT = "desk_vacant"
    TOTAL_LATE = "total_late"
    APPROVAL_WAITING = "approval_waiting"
    SEND_FAILED = "send_failed"
    DATA_CHECK = "data_check"
    STILL_STANDING = "still_standing"  # the daily list, one message for all its complaints


class TellStaff(Effect):
    """Everybody active at these desks in the complaint's unit is told, each once."""

    roles: tuple[Role, ...]
    reason: AlertReason
    step: int | None


class NoticeReason(StrEnum):
    """Why the complainant is told something; each has its words in `messages.toml`."""

    REGISTERED = "registered"
    INCOMPLETE = "incomplete"
    QUESTION = "question"
    CORRECTION_FOLLOWS = "correction_follows"


class TellComplainant(Effect):
    """The complainant is told something; `text` is the question, where it is one."""

    reason: NoticeReason
    text: Personal | None = None


class SendAnswer(Effect):
    """The answer goes to the complainant; `sending` tells this handing-over from an earlier one."""

    text: Personal
    text_sha256: str
    sending: int

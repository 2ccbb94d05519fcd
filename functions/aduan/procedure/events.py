"""The record: what happened to a complaint, in order, never changed afterwards."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from aduan.procedure.personal import Personal
from aduan.procedure.roles import Role

COMPLAINANT = "complainant"
SYSTEM = "system"


class EventType(StrEnum):
    """Every kind of fact that the record knows."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    VERIFIED = "verified"
    FORWARDED = "forwarded"
    ESCALATED = "escalated"
    RESPONDED = "responded"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    SEND_FAILED = "send_failed"
    APPROVED = "approved"
    REFUSED = "refused"
    DISMISSED = "dismissed"
    BREACHED = "breached"
    ALERTED = "alerted"
    REMINDED = "reminded"
    WAITING = "waiting"
    RESUMED = "resumed"
    DATA_CHECK_ASKED = "data_check_asked"
    DATA_CHECK_ANSWERED = "data_check_answered"
    TAKEN_OVER = "taken_over"
    MESSAGE_ADDED = "message_added"
    UNMASKED = "unmasked"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    RATED = "rated"
    ERASED = "erased"


class Event(BaseModel):
    """One fact: `actor` (an email, 'complainant' or 'system') did it at `step`, at `at` (UTC).

    `changes` are the fields of the complaint that it set, so that the complaint is nothing but the sum of its
    events.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    seq: int
    type: EventType
    at: datetime
    step: int | None
    actor: str = SYSTEM
    role: Role | None = None
    note: Personal | None = None
    changes: dict[str, Any]

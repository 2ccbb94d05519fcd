"""What a task carries: where to look, never what to decide. Written by us, read back from an HTTP body."""

from datetime import UTC
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from aduan.procedure.complaint import Alarm, AlarmKind
from aduan.service.ports import RowRef

Id = Annotated[str, StringConstraints(min_length=1, max_length=1500)]  # as long as Firestore takes one
B = TypeVar("B", bound="_Body")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Body(_Part):
    """`format` is raised with a change that an older handler could not read: tasks outlive a deployment."""

    format: Literal[1] = Field(alias="schema")


class _Alarm(_Part):
    at: AwareDatetime
    kind: AlarmKind
    entry: int = Field(ge=0)
    rung: int = Field(ge=0)


class _Check(_Body):
    complaint: Id
    alarm: _Alarm


class _Row(_Body):
    row: Id
    complaint: Id | None
    citizen: Id | None
    staff: Id | None


class _Fetch(_Body):
    message: Id


_FORMAT: Final = 1


def check_body(complaint_id: str, alarm: Alarm) -> bytes:
    """Look at a complaint: an alarm of its rings."""
    at = alarm.at.astimezone(UTC)
    told = _Alarm(at=at, kind=alarm.kind, entry=alarm.entry, rung=alarm.rung)
    return _written(_Check(schema=_FORMAT, complaint=complaint_id, alarm=told))


def row_body(row: RowRef) -> bytes:
    """Send a row of the outbox."""
    return _written(_Row(schema=_FORMAT, row=row.row, complaint=row.complaint, citizen=row.citizen, staff=row.staff))


def fetch_body(message_id: str) -> bytes:
    """Fetch the file of a message."""
    return _written(_Fetch(schema=_FORMAT, message=message_id))


def read_check(body: bytes) -> tuple[str, Alarm]:
    """The complaint's id and its alarm. Raises ValueError for anything but what `check_body` writes."""
    check = _read(_Check, body)
    alarm = check.alarm
    at = alarm.at.astimezone(UTC)
    return check.complaint, Alarm(at=at, kind=alarm.kind, entry=alarm.entry, rung=alarm.rung)


def read_row(body: bytes) -> RowRef:
    """Where the row stands. Raises ValueError for anything but what `row_body` writes."""
    row = _read(_Row, body)
    return RowRef(row=row.row, complaint=row.complaint, citizen=row.citizen, staff=row.staff)


def read_fetch(body: bytes) -> str:
    """Where the message stands. Raises ValueError for anything but what `fetch_body` writes."""
    return _read(_Fetch, body).message


def _written(body: _Body) -> bytes:
    return body.model_dump_json(by_alias=True).encode()


def _read(kind: type[B], body: bytes) -> B:
    try:
        return kind.model_validate_json(body)
    except ValidationError:
        # Pydantic's words repeat what was sent, and this goes to a log.
        raise ValueError(f"the body is no task of the kind {kind.__name__.strip('_').lower()!r}") from None

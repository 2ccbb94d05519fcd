"""A task's body is read back as it was written, and nothing else is taken for one."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from aduan.adapters.task_bodies import check_body, fetch_body, read_check, read_fetch, read_row, row_body
from aduan.procedure.complaint import Alarm, AlarmKind
from aduan.service.ports import RowRef

AT = datetime(2026, 11, 24, 7, 35, 0, 250_000, tzinfo=UTC)
ALARM = Alarm(at=AT, kind=AlarmKind.RUNG, entry=3, rung=1)
CHECK = {
    "schema": 1,
    "complaint": "c-1",
    "alarm": {"at": "2026-11-24T07:35:00.250000Z", "kind": "rung", "entry": 3, "rung": 1},
}
ROW = {"schema": 1, "row": "r-1", "complaint": "c-1", "citizen": None, "staff": "kasi@bantul.example"}


@pytest.mark.parametrize("kind", AlarmKind)
def test_a_check_says_which_alarm_of_which_complaint_rings(kind: AlarmKind) -> None:
    alarm = ALARM.model_copy(update={"kind": kind})
    assert read_check(check_body("c-1", alarm)) == ("c-1", alarm)


def test_an_alarms_time_is_written_and_read_in_utc() -> None:
    jakarta = AT.astimezone(timezone(timedelta(hours=7)))
    body = check_body("c-1", ALARM.model_copy(update={"at": jakarta}))
    assert json.loads(body) == CHECK
    assert read_check(body)[1].at.tzinfo is UTC


@pytest.mark.parametrize(
    "row", [RowRef("r-1"), RowRef("r-1", "c-1", "z-1"), RowRef("r-1", staff="kasi@bantul.example")]
)
def test_a_row_says_where_it_and_its_people_stand(row: RowRef) -> None:
    assert read_row(row_body(row)) == row


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"\xff\xfe",
        b"[" * 10_000,
        b"null",
        b"[]",
        b"{}",
        json.dumps(CHECK | {"schema": 2}).encode(),
        json.dumps({name: part for name, part in CHECK.items() if name != "schema"}).encode(),
        json.dumps(CHECK | {"complaint": ""}).encode(),
        json.dumps(CHECK | {"complaint": 7}).encode(),
        json.dumps(CHECK | {"complaint": None}).encode(),
        json.dumps(CHECK | {"step": 3}).encode(),
        json.dumps(CHECK | {"alarm": None}).encode(),
        json.dumps(CHECK | {"alarm": ALARM.model_dump(mode="json") | {"at": "2026-11-24T07:35:00"}}).encode(),
        json.dumps(CHECK | {"alarm": ALARM.model_dump(mode="json") | {"kind": "bell"}}).encode(),
        json.dumps(CHECK | {"alarm": ALARM.model_dump(mode="json") | {"entry": -1}}).encode(),
        json.dumps(CHECK | {"alarm": ALARM.model_dump(mode="json") | {"then": "escalate"}}).encode(),
        row_body(RowRef("r-1")),
    ],
)
def test_what_is_no_check_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is no task of the kind 'check'"):
        read_check(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"null",
        b'"r-1"',
        json.dumps(ROW | {"schema": "1"}).encode(),
        json.dumps(ROW | {"row": ""}).encode(),
        json.dumps(ROW | {"row": "r" * 1_501}).encode(),
        json.dumps(ROW | {"row": None}).encode(),
        json.dumps(ROW | {"staff": ["kasi@bantul.example"]}).encode(),
        json.dumps(ROW | {"text": "Aduan Anda"}).encode(),
        json.dumps({name: part for name, part in ROW.items() if name != "citizen"}).encode(),
        check_body("c-1", ALARM),
    ],
)
def test_what_is_no_row_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is no task of the kind 'row'"):
        read_row(body)


def test_the_examples_of_wrong_bodies_are_wrong_in_one_thing_only() -> None:
    assert read_check(json.dumps(CHECK).encode()) == ("c-1", ALARM)
    assert read_row(json.dumps(ROW).encode()) == RowRef("r-1", "c-1", None, "kasi@bantul.example")


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(ValueError, match="no task") as refusal:
        read_row(json.dumps(ROW | {"row": 3402123456780001}).encode())
    assert "3402123456780001" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_a_fetch_says_which_messages_file_is_wanted() -> None:
    assert read_fetch(fetch_body("m-1")) == "m-1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"schema": 1}',
        b'{"schema": 2, "message": "m-1"}',
        b'{"schema": 1, "message": ""}',
        row_body(RowRef("r-1")),
        b'{"schema": 1, "message": "m-1", "url": "https://example.org"}',
    ],
)
def test_what_is_no_fetch_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="the body is no task of the kind 'fetch'"):
        read_fetch(body)

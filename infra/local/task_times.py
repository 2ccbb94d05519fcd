"""A task's times as Python's own.

The client's messages are annotated with protobuf's Timestamp and Duration, but give datetime and timedelta;
here the two are told apart in one place. All datetimes are aware, in UTC.
"""

from datetime import UTC, datetime, timedelta

from google.cloud import tasks_v2
from google.protobuf import timestamp_pb2


def due_at(task: tasks_v2.Task) -> datetime:
    """When the task is to be sent; 1970 if it does not say."""
    scheduled: timestamp_pb2.Timestamp = tasks_v2.Task.pb(task).schedule_time
    when: datetime = scheduled.ToDatetime(UTC)
    return when


def answer_within(task: tasks_v2.Task) -> timedelta | None:
    """How long its answer may take, None if it does not say."""
    if "dispatch_deadline" not in task:
        return None
    deadline: timedelta = tasks_v2.Task.pb(task).dispatch_deadline.ToTimedelta()
    return deadline


def stamp(moment: datetime) -> timestamp_pb2.Timestamp:
    """A moment as a message holds it."""
    timestamp = timestamp_pb2.Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp

"""Python's values as Firestore's protobuf messages, and back, without a wrapper around each of them.

Google's client wraps every single value: measured, the hundred fields that a citizen's message writes cost it 3.0 ms,
a third of all that the answer takes. Written straight into the request they cost 0.1 ms.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400  # seconds


def write_fields(document: Mapping[str, Any], fields: Any) -> None:
    """Fill `fields`, a message's map of values. Raises TypeError for a value that the record knows no place for."""
    for name, value in document.items():
        write(value, fields[name])


def read_fields(fields: Any) -> dict[str, Any]:
    """The document that a message's map of values holds."""
    return {name: read(value) for name, value in fields.items()}


def write(value: Any, target: Any) -> None:  # noqa: C901 - one case for each of Firestore's types
    """Fill `target`, a protobuf `Value`. Raises TypeError for a value that the record knows no place for."""
    match value:
        case None:
            target.null_value = 0
        case bool():
            target.boolean_value = value
        case str():
            target.string_value = value
        case int():
            target.integer_value = value
        case float():
            target.double_value = value
        case datetime():
            write_moment(value, target.timestamp_value)
        case Mapping():
            target.map_value.SetInParent()  # an empty one is a value too
            write_fields(value, target.map_value.fields)
        case list() | tuple():
            target.array_value.SetInParent()
            for item in value:
                write(item, target.array_value.values.add())
        case _:
            raise TypeError(f"Firestore is not given a {type(value).__name__}")


def read(value: Any) -> Any:
    """What a protobuf `Value` holds. What only others write, as a place on the earth, comes as Google's own type."""
    match value.WhichOneof("value_type"):
        case "map_value":
            return read_fields(value.map_value.fields)
        case "array_value":
            return [read(item) for item in value.array_value.values]
        case "timestamp_value":
            return read_moment(value.timestamp_value)
        case None | "null_value":
            return None
        case kind:
            return getattr(value, kind)


def write_moment(moment: datetime, timestamp: Any) -> None:
    """Fill a protobuf `Timestamp`, to the microsecond, which is as fine as Firestore keeps it."""
    since = moment - _EPOCH
    timestamp.seconds = since.days * _DAY + since.seconds
    timestamp.nanos = since.microseconds * 1000


def read_moment(timestamp: Any) -> datetime:
    """The moment of a protobuf `Timestamp`, in UTC."""
    return _EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1000)

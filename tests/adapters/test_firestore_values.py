"""Values as Firestore's messages: the same bytes as Google's own client makes, and the same values back."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud.firestore_v1 import GeoPoint, _helpers
from google.cloud.firestore_v1.types import Value
from hypothesis import given
from hypothesis import strategies as st

from aduan.adapters.firestore_connection import Create, FirestoreConnection, Put, Ref
from aduan.adapters.firestore_values import read, write
from infra.local.firestore import FirestoreEmulator

if TYPE_CHECKING:
    from google.cloud import firestore

LONG = 2**63
WIB = timezone(timedelta(hours=7))

plain = (
    st.none()
    | st.booleans()
    | st.integers(-LONG, LONG - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.datetimes(timezones=st.just(UTC))
)
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner), max_leaves=12)


def written(value: object) -> Any:
    message = Value.pb()()
    write(value, message)
    return message


def as_google_writes_it(value: object) -> Any:
    return Value.pb(_helpers.encode_value(value))


@given(values)
def test_a_value_is_written_as_googles_client_writes_it(value: object) -> None:
    assert written(value) == as_google_writes_it(value)


@given(values)
def test_what_was_written_is_read_again(value: object) -> None:
    assert read(written(value)) == value


@pytest.mark.parametrize("value", [{}, [], "", 0, False, None, {"a": {}}, [[], {}][1:]])
def test_an_empty_value_is_a_value_too(value: object) -> None:
    assert written(value).WhichOneof("value_type") is not None
    assert read(written(value)) == value


def test_a_tuple_is_a_list_and_a_time_of_another_zone_is_read_in_utc() -> None:
    assert read(written(("a", 1))) == ["a", 1]
    at = datetime(2026, 11, 24, 9, 0, 0, 123456, tzinfo=WIB)
    again = read(written(at))
    assert (again, again.tzinfo) == (at, UTC)


@pytest.mark.parametrize(
    "at",
    [
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_a_time_at_an_end_of_the_calendar_keeps_its_microseconds(at: datetime) -> None:
    assert read(written(at)) == at


@pytest.mark.parametrize("value", [object(), {1, 2}, timedelta(1), b"bytes", LONG])
def test_what_the_record_knows_no_place_for_is_not_written(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        written(value)


def test_a_time_without_a_zone_is_not_written() -> None:
    with pytest.raises(TypeError):
        written(datetime(2026, 1, 1))  # noqa: DTZ001 - this is what must not be


@pytest.fixture
def connection(firestore_emulator: FirestoreEmulator, project_id: str) -> FirestoreConnection:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        connection = FirestoreConnection(project_id)
        assert connection.calls is connection.calls
    return connection


DOCUMENT = {"a.b": 1, "`": "x", "umur": 3.5, "kosong": None, "daftar": ["x", {"y": datetime(2026, 1, 1, tzinfo=UTC)}]}


def test_googles_client_reads_what_is_written_here(
    connection: FirestoreConnection, firestore_client: "firestore.Client"
) -> None:
    connection.calls.commit([Create(Ref("c", "d"), DOCUMENT)])
    assert firestore_client.document("c/d").get().to_dict() == DOCUMENT
    connection.calls.commit([Put(Ref("c", "d"), {"nothing": "else"})])
    assert firestore_client.document("c/d").get().to_dict() == {"nothing": "else"}
    connection.close()


def others_write(client: "firestore.Client") -> dict[str, object]:
    return {"place": GeoPoint(-7.9, 110.4), "bytes": b"\xff", "reference": client.document("c/e"), "nan": math.nan}


@pytest.mark.parametrize("kind", [dict, list])
def test_what_only_others_write_does_not_spoil_a_document(
    kind: Callable[..., object], connection: FirestoreConnection, firestore_client: "firestore.Client"
) -> None:
    strange = others_write(firestore_client)
    firestore_client.document("c/d").set({"name": "Siti", "strange": strange if kind is dict else [*strange.values()]})
    found = connection.calls.get([Ref("c", "d")])[Ref("c", "d")]
    assert found.document["name"] == "Siti"
    assert len(found.document["strange"]) == 4
    connection.close()

"""Heads made from their events are those that stood; where one cannot be, it is said."""

import pytest
from google.cloud import firestore

from aduan.adapters.sealing import OfficeKey
from aduan.settings import FIELD_KEY, Settings
from infra.record.checking import check
from infra.record.database import Database
from infra.record.replaying import Compared, compare_heads, copy_all_but_heads, rebuild_heads, rebuild_here
from tests.infra_record.conftest import SMALL_PAGE, Office

KEY = OfficeKey(*Settings({"FIRESTORE_EMULATOR_HOST": "beside-one"})[FIELD_KEY])

UNREADABLE = "it was sealed under another FIELD_KEY, or its key was destroyed"


def replayed(office: Office, key: OfficeKey = KEY) -> tuple[list[Compared], list[Compared], Database]:
    source = office.database
    target = Database(f"{source.project}-replay", emulator=source.emulator, page=SMALL_PAGE)
    at = source.now()
    assert sum(copy_all_but_heads(source, at, target)) == len(office.documents())
    assert list(target.heads()) == []
    return list(rebuild_heads(target, key)), list(compare_heads(source, at, target, key)), target


def test_every_head_is_rebuilt_from_its_events_and_is_equal(office: Office) -> None:
    made, compared, target = replayed(office)
    assert [one.difference for one in (*made, *compared)] == [None] * 10
    assert {one.complaint.partition("-")[2] for one in compared} == set(office.ids.values())
    there = {stored.path: stored.document.keys() for stored in target.walk()}
    assert there == {stored.path: stored.document.keys() for stored in office.database.walk()}
    assert [line for one in check(target, target.now()) for line in one.wrong] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("due_at", None), ("order_at", firestore.SERVER_TIMESTAMP), ("key", "k2.other"), ("more", 1), ("version", 99)],
)
def test_the_field_in_which_a_head_differs_is_named(office: Office, field: str, value: object) -> None:
    complaint = office.ids["escalated"]
    office.client.document(f"complaints/{complaint}").update({field: value})
    _, compared, _ = replayed(office)
    expected = (
        "it was sealed under another FIELD_KEY, or its key was destroyed" if field == "key" else f"{field!r} is another"
    )
    assert [(one.complaint, one.difference) for one in compared if one.difference] == [(f"ADU-{complaint}", expected)]
    (looked,) = check(
        office.database, office.database.now(), complaint, rebuild=lambda record: rebuild_here(record, KEY)
    )
    assert len(looked.wrong) == 1


def test_a_personal_text_that_was_changed_in_the_head_is_seen(office: Office) -> None:
    path = f"complaints/{office.ids['closed']}"
    head = office.client.document(path).get().to_dict() or {}
    office.client.document(path).update({"form.description": head["answer"]["text"]})
    _, compared, _ = replayed(office)
    assert [one.difference for one in compared if one.difference] == ["'form' is another"]


def test_without_the_citizen_no_head_can_be_made(office: Office) -> None:
    head = office.client.document(f"complaints/{office.ids['waiting']}").get().to_dict() or {}
    office.client.document(f"citizens/{head['citizen']}").delete()
    made, compared, _ = replayed(office)
    assert [one.difference for one in made if one.difference] == ["its citizen is not there"]
    assert [one.difference for one in compared if one.difference] == ["no head could be made"]


def test_another_field_key_makes_no_head(office: Office) -> None:
    made, _, _ = replayed(office, OfficeKey(b"x" * 32))
    assert {one.difference for one in made} == {UNREADABLE}


def test_records_without_heads_get_theirs_again(office: Office) -> None:
    office.client.document(f"complaints/{office.ids['closed']}").delete()
    _, compared, target = replayed(office)
    assert [one.difference for one in compared if one.difference] == ["it had no head"]
    assert len(list(target.heads())) == 5

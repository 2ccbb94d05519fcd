"""The check names the first event that was touched, however it was."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore

from aduan.adapters.firestore_record import event_hash
from infra.record.checking import Checked, check
from tests.infra_record.conftest import SMALL_PAGE, Office

SOMEBODY = "somebody@office.test"


def found(office: Office, complaint: str | None = None) -> list[Checked]:
    return list(check(office.database, office.database.now(), complaint))


def wrong(office: Office) -> list[str]:
    return [line for one in found(office) for line in one.wrong]


def hashed(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = {**event, **changes}
    return {**changed, "hash": event_hash(changed)}


def test_an_office_in_which_nothing_was_touched_is_whole(office: Office) -> None:
    looked = found(office)
    assert [one.wrong for one in looked] == [()] * 5
    assert all(one.is_complaint for one in looked)
    assert sum(one.events for one in looked) == office.database.count("events") > 2 * SMALL_PAGE
    assert sum(one.documents for one in looked) == sum(
        office.database.count(name) for name in ("complaints", "events", "messages")
    )


@dataclass(frozen=True)
class Record:
    """A complaint's record, for somebody who does it harm."""

    client: firestore.Client
    path: str
    events: list[dict[str, Any]]

    def event(self, number: int, **changes: Any) -> dict[str, Any]:
        return {**self.events[number - 1], **changes}

    @property
    def last(self) -> int:
        return len(self.events)

    def put(self, number: int | str, event: dict[str, Any]) -> None:
        name = f"{number:06}" if isinstance(number, int) else number
        self.client.document(f"{self.path}/events/{name}").set(event)

    def change(self, number: int, **changes: Any) -> None:
        self.put(number, self.event(number, **changes))

    def rewrite(self, number: int, **changes: Any) -> None:
        self.put(number, hashed(self.event(number, **changes)))

    def remove(self, number: int) -> None:
        self.client.document(f"{self.path}/events/{number:06}").delete()

    def swap(self, one: int, other: int) -> None:
        self.put(one, self.event(other))
        self.put(other, self.event(one))

    def put_in_third(self) -> None:
        """With a right hash, and all that follow moved by one."""
        for number in range(3, self.last + 1):
            self.put(number + 1, self.event(number))
        self.rewrite(3, actor=SOMEBODY)

    def put_behind(self) -> None:
        self.put(
            self.last + 1, hashed(self.event(self.last, seq=self.last + 1, previous=self.event(self.last)["hash"]))
        )

    def set_head(self, **fields: Any) -> None:
        self.client.document(self.path).update(fields)

    def remove_head(self) -> None:
        self.client.document(self.path).delete()


CHANGED = "event {} was changed"
UNCONFIRMED = "event {last} is not the one that its head names: it was changed, or the head was"
TOUCHES: dict[str, tuple[Callable[[Record], object], str]] = {
    "a field changed": (lambda r: r.change(4, actor=SOMEBODY), CHANGED.format(4)),
    "a time moved": (
        lambda r: r.change(1, at=r.event(1)["at"] - timedelta(microseconds=1)),
        CHANGED.format(1),
    ),
    "a number made a fraction": (lambda r: r.change(2, seq=2.0), CHANGED.format(2)),
    "a sealed text replaced by another": (lambda r: r.change(3, note="s1.AAAA"), CHANGED.format(3)),
    "what no event can hold": (lambda r: r.change(2, note=b"bytes"), CHANGED.format(2)),
    "its fields taken away": (lambda r: r.put(3, {}), CHANGED.format(3)),
    "changed, and given a new hash": (lambda r: r.rewrite(3, actor=SOMEBODY), CHANGED.format(3)),
    "chained to another complaint": (lambda r: r.rewrite(1, previous="0" * 64), CHANGED.format(1)),
    "removed": (lambda r: r.remove(3), "event 3 is missing"),
    "the first removed": (lambda r: r.remove(1), "event 1 is missing"),
    "the last cut off": (lambda r: r.remove(r.last), "event {last} is missing"),
    "the last changed, and given a new hash": (lambda r: r.rewrite(r.last, actor=SOMEBODY), UNCONFIRMED),
    "put in between": (lambda r: r.put("000003a", r.event(3)), "event 4 was put in, as '000003a'"),
    "put in, and the others moved": (lambda r: r.put_in_third(), CHANGED.format(3)),
    "put in behind the last": (lambda r: r.put_behind(), "event {next} was put in: its head does not know it"),
    "two swapped": (lambda r: r.swap(3, 4), CHANGED.format(3)),
    "the last two swapped": (lambda r: r.swap(r.last - 1, r.last), CHANGED.format("{last_but_one}")),
    "the head's hash changed": (lambda r: r.set_head(event_hash="0" * 64), UNCONFIRMED),
    "the head's count changed": (lambda r: r.set_head(seq=1), "event {last} is the last, and its head says 1"),
    "the head removed": (lambda r: r.remove_head(), "its head is missing, with {last} events left"),
}


@pytest.mark.parametrize("how", TOUCHES)
def test_the_first_event_that_was_touched_is_named(office: Office, how: str) -> None:
    complaint = office.ids["closed"]
    events = office.events(complaint)
    assert len(events) > 6
    assert events[2]["note"]
    touch, expected = TOUCHES[how]
    touch(Record(office.client, f"complaints/{complaint}", events))
    numbers = {"last": len(events), "next": len(events) + 1, "last_but_one": len(events) - 1}
    lines = [line for line in wrong(office) if not line.startswith("message ")]
    assert lines == [f"ADU-{complaint}: {expected.format(**numbers)}"]


def test_a_draft_is_named_as_staff_know_it(office: Office) -> None:
    draft = office.ids["draft"]
    office.client.document(f"complaints/{draft}/events/000001").delete()
    assert wrong(office) == [f"D-{draft}: event 1 is missing"]


def test_one_complaint_is_checked_without_reading_another(office: Office) -> None:
    for other in ("waiting", "draft"):
        office.client.document(f"complaints/{office.ids[other]}").delete()
    (one,) = found(office, office.ids["closed"])
    assert one.wrong == ()
    assert one.documents == 1 + len(office.events(office.ids["closed"]))
    assert found(office, "261124-NONE0") == []


def test_a_message_of_a_complaint_that_is_not_there_is_named(office: Office) -> None:
    office.client.document("messages/before").set({"complaint": "000000-FIRST"})
    office.client.document("messages/behind").set({"complaint": "999999-ATEND"})
    office.client.document("messages/of_nobody").set({"complaint": None})
    assert wrong(office) == [
        "message before: belongs to 000000-FIRST, which is not there",
        "message behind: belongs to 999999-ATEND, which is not there",
    ]


def test_what_happens_during_a_check_confuses_it_not(office: Office) -> None:
    at = office.database.now()
    office.client.document(f"complaints/{office.ids['closed']}").update({"seq": 99, "event_hash": "0" * 64})
    assert [line for one in check(office.database, at) for line in one.wrong] == []

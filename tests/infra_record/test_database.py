"""The whole of a database, page after page: all of it, in order, and never more than a page at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.record.database import ALL_COMPLAINTS, Database, complaint_span
from tests.infra_record.conftest import Office


class WatchedDatabase(Database):
    """Takes note of the documents of each round trip."""

    def __init__(self, database: Database, page: int) -> None:
        super().__init__(database.project, emulator=database.emulator, page=page)
        self.trips: list[int] = []

    def _run(self, *asked: Any) -> Iterator[Any]:
        answers = list(super()._run(*asked))
        self.trips.append(sum(bool(answer.document.name) for answer in answers))
        return iter(answers)


@pytest.mark.parametrize("page", [2, 7, 1000])
def test_all_documents_are_walked_page_by_page(office: Office, page: int) -> None:
    paths = [path for path, _ in sorted(office.documents().items(), key=lambda item: item[0].split("/"))]
    with WatchedDatabase(office.database, page) as database:
        assert [stored.path for stored in database.walk()] == paths
        assert max(database.trips) <= page
        assert len(database.trips) == len(paths) // page + 1


def test_a_walk_keeps_to_its_span(office: Office) -> None:
    complaint = office.ids["closed"]
    for beside in (f"complaints/{complaint}0", "complaintsbeside/1", "complaint/1"):
        office.client.document(beside).set({"x": 1})
    of_all = {stored.path.split("/")[0] for stored in office.database.walk(ALL_COMPLAINTS)}
    of_one = {stored.path.split("/")[1] for stored in office.database.walk(complaint_span(complaint))}
    assert (of_all, of_one) == ({"complaints"}, {complaint})


@pytest.mark.parametrize("page", [1, 3, 1000])
def test_the_messages_of_complaints_are_told_by_their_complaint(office: Office, page: int) -> None:
    office.client.document("messages/of_nobody").set({"complaint": None, "text": "s1.AAAA"})
    messages = [shot.to_dict() or {} for shot in office.client.collection("messages").stream()]
    expected = sorted(message["complaint"] for message in messages if message["complaint"])
    with WatchedDatabase(office.database, page) as database:
        claims = [claim.document for claim in database.claims()]
    assert claims == [{"complaint": complaint} for complaint in expected]
    assert len(expected) > 3


def test_what_is_counted_is_what_is_walked(office: Office) -> None:
    counts = {name: office.database.count(name) for name in (*office.database.collections(), "events")}
    assert sum(counts.values()) == len(office.documents())
    assert counts["complaints"] == len(list(office.database.heads())) == 5
    assert office.database.get("complaints/none") is None

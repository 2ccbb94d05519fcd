"""A part of the acts again, over HTTP on the Firestore emulator: what is refused leaves the database as it was."""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus

import pytest
from google.cloud import firestore

from aduan.adapters import firestore_queries
from aduan.procedure.complaint import Complaint
from aduan.procedure.roles import Role, StaffMember
from infra.local.firestore import FirestoreEmulator
from tests.doors import rules
from tests.doors.standings import FIELDS
from tests.doors.tally import Tally
from tests.end_to_end.scenes import submitted
from tests.end_to_end.world import ADMIN, STAFF, World, a_world

PROJECT = "doors"
LEFT, STRANGER = "pindah@office.test", "orang@lain.test"
MEMBERS: dict[str, StaffMember | None] = {
    **{
        email: StaffMember(email=email, name=name, role=Role(role), active=True)
        for email, (name, role, _) in STAFF.items()
    },
    LEFT: None,
    STRANGER: None,
}


@pytest.fixture(scope="module")
def world(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as environment:
        # Google's client reads the emulator's address from the environment, when it is made.
        environment.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.host)
        client = firestore.Client(project=PROJECT)
        with a_world(firestore_emulator.host, PROJECT, client) as world:
            world.put_staff(LEFT, name="Gita", role="agency_head", whatsapp="+6281100000009", active=False)
            yield world
        client.close()


@pytest.fixture(scope="module")
def numbers(world: World) -> dict[str, str]:
    """Complaints where most can be done, by where they stand."""
    received, at_section, answered = (submitted(world, f"+62812345000{number:02}") for number in (1, 2, 3))
    world.did(received, "receive", ADMIN)
    world.did(at_section, "forward", ADMIN, note=FIELDS["note"])
    world.did(answered, "settle", ADMIN, note=FIELDS["note"], answer=FIELDS["answer"])
    return {"3, held": received, "4": at_section, "delivered, not approved": answered}


def written(world: World) -> dict[str, datetime]:
    """When each document was written last."""
    top = [document for collection in world.client.collections() for document in collection.stream()]
    below = world.client.collection_group("events").stream()
    return {document.reference.path: document.update_time for document in (*top, *below)}


def head(world: World, number: str) -> Complaint:
    return world.house.desk.open(number.removeprefix("ADU-")).value


@pytest.mark.parametrize("where", ["3, held", "4", "delivered, not approved"])
def test_what_is_refused_over_http_leaves_the_database_as_it_was(
    world: World, numbers: dict[str, str], tally: Tally, where: str
) -> None:
    number, complaint = numbers[where], head(world, numbers[where])
    before, answers = written(world), {}
    for act in rules.ACTS:
        for email, member in MEMBERS.items():
            expected = rules.answer(act, member, complaint)
            if expected is not HTTPStatus.OK:
                answer = world.act(number, act, email, complaint.version, **FIELDS)
                answers[f"{act} at {where} by {email}"] = answer.status_code, expected

    wrong = tally.doors("over HTTP", {what: (False, status < 400) for what, (status, _) in answers.items()})
    assert wrong == []
    assert {what: status for what, (status, _) in answers.items()} == {
        what: want for what, (_, want) in answers.items()
    }
    assert written(world) == before
    assert len(answers) > len(rules.ACTS)


@pytest.mark.parametrize(
    ("where", "act"), [("3, held", "forward"), ("4", "respond"), ("delivered, not approved", "approve")]
)
def test_what_is_permitted_over_http_is_done(
    world: World, numbers: dict[str, str], tally: Tally, where: str, act: str
) -> None:
    complaint = head(world, numbers[where])
    (email, *_) = [email for email, member in MEMBERS.items() if rules.answer(act, member, complaint) is HTTPStatus.OK]
    answer = world.act(numbers[where], act, email, complaint.version, **FIELDS)

    was_in = answer.status_code == HTTPStatus.OK
    assert tally.door("over HTTP", f"{act} at {where} by {email}", may=True, was_in=was_in) is None
    assert head(world, numbers[where]).version > complaint.version or act == "approve"


def test_the_door_of_firestore_was_tried_at_every_collection_that_a_run_fills(
    world: World, numbers: dict[str, str]
) -> None:
    assert numbers
    known = {value for name, value in vars(firestore_queries).items() if name.isupper() and isinstance(value, str)}
    assert {collection.id for collection in world.client.collections()} <= known

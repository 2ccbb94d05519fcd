"""Runs that once failed, each cut down to what it took."""

from collections.abc import Iterator

import pytest

from aduan.procedure.definition import ActName
from aduan.procedure.errors import WrongField
from aduan.service.fields import ActFields
from infra.local.firestore import FirestoreEmulator
from tests.model.acts import Try, may
from tests.model.machine import OfficeMachine
from tests.model.office import Office
from tests.model.people import ADMIN, SECTION, Person
from tests.model.tally import Tally

# Seconds; after the first, step 2 has no rung left, and the whole is late.
THREE_HOURS, SEVEN_HOURS = 3 * 3600, 7 * 3600
OVERLONG = "x" * 5000


@pytest.fixture
def machine(firestore_emulator: FirestoreEmulator, project_id: str) -> Iterator[OfficeMachine]:
    """An office whose every minute counts, and its model; at the end its record is audited."""
    machine = OfficeMachine(Office(project_id, firestore_emulator.host), Tally())
    yield machine
    machine.teardown()


def test_there_is_one_daily_list_for_a_day_of_the_office_not_of_greenwich(machine: OfficeMachine) -> None:
    machine.complaints_are_there(services=["KTP", "KTP"])
    machine.time_passes(seconds=THREE_HOURS, swept=True)
    first, second = machine.book.heads.values()
    assert first.daily
    assert second.daily
    tasks = machine.office.tasks
    tasks.alarms = [task for task in tasks.alarms if task.alarm == first.alarm and task.complaint == first.id]
    machine.alarms_ring_on_time(which=[1], crash=None)  # at midnight; the alarm of the second is lost
    machine.time_passes(seconds=SEVEN_HOURS + 1, swept=True)  # the next day in Greenwich
    assert len(machine.book.daily) == len({email for _, email in machine.book.daily})


def test_a_repeated_request_is_answered_as_done_when_the_desk_has_somebody_again(machine: OfficeMachine) -> None:
    """Who registered a draft for want of an Admin WA sends the same form again after one came back."""
    machine.citizen_begins_another(who=0, late=0)
    (case,) = machine.book.cases.values()
    kasi = next(person for person in machine.staff.people if person.role == SECTION)
    admins = [person for person in machine.staff.people if person.role == ADMIN]
    _activate(machine, admins, active=False)
    assert may(case, Try("register", kasi), machine.world)
    desk, head = machine.office.house.desk, machine.book.heads[case.id]
    member = desk.member(kasi.email)
    assert member is not None
    form = ActFields(
        request_id="the-same-request", version=head.version, category="identity_card", description="KTP belum jadi."
    )
    done = desk.act(member, case.id, ActName.REGISTER, form).value
    _activate(machine, admins, active=True)
    assert desk.act(member, case.id, ActName.REGISTER, form).value == done
    machine.sound = False  # the act was not the model's: nothing to audit


def test_a_category_that_is_too_long_is_a_wrong_field(machine: OfficeMachine) -> None:
    machine.citizen_begins_another(who=0, late=0)
    (case,) = machine.book.cases.values()
    desk = machine.office.house.desk
    member = desk.member(machine.staff.people[0].email)
    assert member is not None
    form = ActFields(request_id="a-long-category", version=0, category=OVERLONG, description="KTP belum jadi.")
    with pytest.raises(WrongField):
        desk.act(member, case.id, ActName.REGISTER, form)


def _activate(machine: OfficeMachine, people: list[Person], *, active: bool) -> None:
    for person in machine.staff.people:
        if person in people:
            person.active = active
            machine.office.put(person)

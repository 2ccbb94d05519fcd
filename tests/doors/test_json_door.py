"""The JSON door, by requests made from its own description: nothing is a fault of ours, and nothing is lost.

Short: a few hundred requests, the same every time. Long (`pytest --hypothesis-profile=long`): 100,000 new ones.
"""

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from flask import Request, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aduan import handlers
from aduan.portal.search import FIELDS as FILTERS_READ
from aduan.procedure.complaint import Complaint, replayed
from aduan.procedure.events import Event
from infra import openapi
from tests.doors import rules
from tests.doors.people import ACTIVE, LEFT, OUTSIDERS
from tests.doors.premises import ASSERTION, Premises
from tests.doors.standings import led
from tests.doors.tally import Tally

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
Operation = APIOperation[Any, Any, Any, Any]
SCHEMA = schemathesis.openapi.from_dict(openapi.description())


def _operations() -> Iterator[Operation]:
    for found in SCHEMA.get_all_operations():
        assert isinstance(found, Ok), found.err()
        yield found.ok()


OPERATIONS = {operation.label: operation for operation in _operations()}
LONG_ENOUGH = 1_000
"""Of a profile's examples: from here on it is the long form."""

FEW, MANY = 10, 4_000
EXAMPLES = MANY if settings().max_examples >= LONG_ENOUGH else FEW
INSIDE = [member.email for member in ACTIVE]
OUTSIDE = [None, *(member.email for member in LEFT), *OUTSIDERS.values()]
CALLERS = st.one_of(*[st.sampled_from(INSIDE)] * 3, st.sampled_from(OUTSIDE))


class Kept:
    """An office that keeps what is done, and what the record of each complaint was when it came."""

    def __init__(self, premises: Premises) -> None:
        self.premises = premises
        self.record: dict[str, tuple[Event, ...]] = {}
        self.newest: list[str] = []
        self._fill()

    def app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        """The function itself. The framework before it takes no path with a line's end, and says so as HTML."""
        return handlers.staff_portal(self.premises.house, Request(environ))(environ, start_response)

    def _fill(self) -> None:
        """One more complaint at every standing. What rings for the older is forgotten: it is searched at each act."""
        self.premises.tasks.alarms.clear()
        self.newest = [case.complaint_id for case in led(self.premises, len(self.record)).values()]
        self.record |= {complaint_id: self.premises.store.record[complaint_id] for complaint_id in self.newest}

    def complaint(self, complaint_id: str) -> Complaint:
        return self.premises.house.desk.open(complaint_id).value

    def doable(self, act: str) -> tuple[Complaint, str]:
        """A complaint where this act is possible now, and by whom; where none of the newest is any more, a new one."""
        for complaint in map(self.complaint, self.newest):
            for member in ACTIVE:
                if rules.answer(act, member, complaint) is HTTPStatus.OK:
                    return complaint, member.email
        self._fill()
        return self.doable(act)

    def expect_nothing_lost(self) -> None:
        """Every complaint is there, is the sum of its events, and begins as it began."""
        for complaint_id, before in self.record.items():
            events, head = self.premises.store.record[complaint_id], self.complaint(complaint_id)
            assert events[: len(before)] == before
            assert [event.seq for event in events] == list(range(1, head.seq + 1))
            blank = Complaint(id=head.id, citizen=head.citizen, started_at=head.started_at)
            assert replayed(blank, events) == head


@pytest.fixture(scope="module")
def kept(office: Premises) -> Kept:
    return Kept(Premises(office.identity, office.certs))


def test_every_route_is_described_and_every_description_a_route() -> None:
    routes = {(method, route.replace("<", "{").replace(">", "}")) for method, route in rules.ROUTES}
    acts = {("POST", f"/aduan/{{number}}/{act}") for act in rules.ACTS}
    described = {(operation.method, operation.path) for operation in openapi.operations()}
    assert described == (routes - openapi.WITHOUT_JSON - {("POST", "/aduan/{number}/{act}")}) | acts
    assert set(openapi.FILTERS) == set(FILTERS_READ)


def test_a_change_of_a_row_of_the_staff_list_asks_for_what_every_answer_about_it_gives() -> None:
    told = openapi.description()
    assert "seen" in told["components"]["schemas"]["StaffJson"]["required"]
    bodies = {
        path: told["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path in ("/petugas/{email}", "/petugas/tambah")
    }
    assert "seen" in bodies["/petugas/{email}"]["required"]
    assert "seen" not in bodies["/petugas/tambah"]["properties"]


def made_possible(kept: Kept, act: str, case: Case[Operation]) -> str:
    """Let a request be one that can be done; what it writes stays as it was made. By whom."""
    complaint, email = kept.doable(act)
    case.path_parameters["number"] = complaint.number or f"D-{complaint.id}"
    if isinstance(case.body, dict):
        case.body |= {"version": complaint.version, "request_id": kept.premises.request_id()}
        case.body |= {"category": "identity_card"} if "category" in case.body else {}
    return email


def expect_done(kept: Kept, case: Case[Operation], status: int) -> None:
    """What was answered as done is kept as done."""
    if status == HTTPStatus.OK and isinstance(case.body, dict) and "request_id" in case.body:
        assert case.body["request_id"] in kept.premises.store.requests


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_the_description_allows_or_forbids_is_answered_as_it_says(kept: Kept, tally: Tally, label: str) -> None:
    operation = OPERATIONS[label]
    act = label.rpartition("/")[2] if "{number}/" in label else ""
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    answered: set[int] = set()

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(right | wrong, CALLERS, st.booleans())
    def ask(case: Case[Operation], email: str | None, possible: bool) -> None:
        email = made_possible(kept, act, case) if possible and act in rules.ACTS else email
        proof = kept.premises.assertion(email) if email else {ASSERTION: ""}
        tally.fuzzed[label] += 1
        response = case.call(app=kept.app, headers={**proof, "Accept": "application/json"})
        answered.add(response.status_code)
        try:
            case.validate_response(response, checks=CHECKS)
            expect_done(kept, case, response.status_code)
            assert email in INSIDE or response.status_code in (401, 403)
        except (AssertionError, FailureGroup) as fault:
            tally.broken.append(f"{label}: {fault}")
            raise

    ask()
    kept.expect_nothing_lost()
    assert len(answered) > 1  # else hardly anything was tried
    assert HTTPStatus.OK in answered or act not in rules.ACTS


BROKEN: dict[str, Response] = {
    "a fault": Response("{}", 500, content_type="application/json"),
    "a status that is not described": Response("{}", 202, content_type="application/json"),
    "another type": Response("<p>", 200, content_type="text/html"),
    "a field too many": Response('{"staff": [], "secret": 1}', 200, content_type="application/json"),
    "a field too few": Response("{}", 200, content_type="application/json"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_an_answer_that_is_not_as_described_is_seen(what: str) -> None:
    case = OPERATIONS["GET /petugas"].Case()
    with pytest.raises(FailureGroup):
        case.validate_response(case.call(app=BROKEN[what]), checks=CHECKS)

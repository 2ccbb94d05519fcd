"""The JSON door, by requests made from its own description: nothing is a fault of ours, and nothing is lost.

Short: a few hundred requests, the same every time. Long (`pytest --hypothesis-profile=long`): 100,000 new ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
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
from tests.doors.premises import Premises
from tests.doors.standings import led
from tests.doors.tally import Tally
from tests.end_to_end.world import served

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(openapi.description())
OPERATIONS: dict[str, Any] = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
LONG_ENOUGH = 1_000
"""Of a profile's examples: from here on it is the long form."""

FEW, MANY = 10, 4_000
EXAMPLES = MANY if settings.default.max_examples >= LONG_ENOUGH else FEW
CALLERS = [None, *(member.email for member in (*ACTIVE, *LEFT)), *OUTSIDERS.values()]


@dataclass(frozen=True)
class Kept:
    """An office that keeps what is done, and what its record was at the start."""

    premises: Premises
    app: Any
    addresses: list[str]
    record: dict[str, tuple[Event, ...]]


@pytest.fixture(scope="module")
def kept(office: Premises) -> Iterator[Kept]:
    premises = Premises(office.identity, office.certs)
    cases = led(premises)
    addresses = [case.complaint.number or f"D-{case.complaint_id}" for case in cases.values()]
    app = served(handlers.staff_portal, lambda: premises.house)
    kept = Kept(premises, app, addresses, dict(premises.store.record))
    yield kept
    expect_nothing_lost(kept)


def expect_nothing_lost(kept: Kept) -> None:
    """Every complaint is there, is the sum of its events, and begins as it began."""
    store = kept.premises.store
    for complaint_id, before in kept.record.items():
        events, head = store.record[complaint_id], kept.premises.house.desk.open(complaint_id).value
        assert events[: len(before)] == before
        assert [event.seq for event in events] == list(range(1, head.seq + 1))
        blank = Complaint(id=head.id, citizen=head.citizen, started_at=head.started_at)
        assert replayed(blank, events) == head


def test_every_route_is_described_and_every_description_a_route() -> None:
    routes = {(method, route.replace("<", "{").replace(">", "}")) for method, route in rules.ROUTES}
    acts = {("POST", f"/aduan/{{number}}/{act}") for act in rules.ACTS}
    described = {(operation.method, operation.path) for operation in openapi.operations()}
    assert described == (routes - openapi.WITHOUT_JSON - {("POST", "/aduan/{number}/{act}")}) | acts
    assert set(openapi.FILTERS) == set(FILTERS_READ)


def in_place(kept: Kept, case: Case, draw: st.DataObject) -> None:
    """Give a request a complaint that there is, and its version: or few would come further than the address."""
    if "number" not in (case.path_parameters or {}) or not draw.draw(st.booleans(), "of a real complaint"):
        return
    address = draw.draw(st.sampled_from(kept.addresses))
    case.path_parameters["number"] = address
    if isinstance(case.body, dict) and "version" in case.body and draw.draw(st.booleans(), "as it is now"):
        case.body["version"] = kept.premises.house.desk.open(
            address.removeprefix("ADU-").removeprefix("D-")
        ).value.version


def headers_of(kept: Kept, email: str | None) -> dict[str, str]:
    proof = kept.premises.assertion(email) if email else {"X-Goog-IAP-JWT-Assertion": ""}
    return {**proof, "Accept": "application/json"}


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_the_description_allows_or_forbids_is_answered_as_it_says(kept: Kept, tally: Tally, label: str) -> None:
    operation: APIOperation[Any, Any, Any, Any, Any] = OPERATIONS[label]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @settings(max_examples=EXAMPLES)
    @given(cases, st.sampled_from(CALLERS), st.data())
    def ask(case: Case, email: str | None, draw: st.DataObject) -> None:
        in_place(kept, case, draw)
        tally.fuzzed[label] += 1
        response = case.call(app=kept.app, headers=headers_of(kept, email))
        try:
            case.validate_response(response, checks=CHECKS)
            assert email in ACTIVE_EMAILS or response.status_code in (401, 403)
        except AssertionError as fault:
            tally.broken.append(f"{label}: {fault}")
            raise

    ask()
    expect_nothing_lost(kept)


ACTIVE_EMAILS = {member.email for member in ACTIVE}

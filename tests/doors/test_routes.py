"""Every route of the portal, by everybody, as a page and as JSON: open for whom the table of routes names."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from aduan.portal.proof import FormProof
from aduan.procedure.complaint import Complaint
from aduan.procedure.roles import StaffMember
from aduan.service.model import FileState
from aduan.service.staffing import mark
from aduan.settings import PORTAL_SECRET
from tests.doors import rules
from tests.doors.people import ACTIVE, ADMIN, LEFT, OUTSIDERS
from tests.doors.premises import JSON, Answer, Premises
from tests.doors.rules import For
from tests.doors.tally import Tally

NOBODY = "nobody"
SHUT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
ROW = {"name": "Siti Rahayu", "role": "whatsapp_admin", "whatsapp": "0811 0000 009", "active": "1"}
KINDS = ("page", "JSON")


def test_every_route_has_a_rule_and_every_rule_a_route(premises: Premises) -> None:
    routes = premises.house.portal.url_map.iter_rules()
    found = {(method, rule.rule) for rule in routes for method in (rule.methods or set()) - {"HEAD"}}
    assert found == set(rules.ROUTES)


def callers(premises: Premises) -> Iterator[tuple[str, dict[str, str], StaffMember | None]]:
    """Everybody: their address, their proof, and their row where they are to be let in."""
    yield NOBODY, {}, None
    for member in ACTIVE:
        yield member.email, premises.assertion(member.email), member
    for email in (*OUTSIDERS.values(), *(member.email for member in LEFT)):
        yield email, premises.assertion(email), None


@pytest.fixture
def places(premises: Premises, standing: dict[str, Complaint]) -> dict[str, str]:
    """What stands at each place of a route: things that there are."""
    (picture,) = [m.id for m in premises.store.messages if m.file and m.file.state is FileState.KEPT]
    page = premises.ask("staff_portal", headers=premises.assertion(ADMIN.email)).text
    asset = re.search(r"/berkas/(\w+)/portal.css", page)
    assert asset
    number = standing["3, with a picture"].number
    assert number
    return {
        "<number>": number, "<file>": picture, "<email>": ADMIN.email, "<digest>": asset[1], "<name>": "portal.css",
    }  # fmt: skip


def given(route: str, number: str) -> dict[str, str]:
    """What is sent to a route that takes something, so that it has all it asks for."""
    if route == "/cari":
        return {"q": number}
    return {**ROW, "email": "baru@office.test", "seen": mark(ADMIN)}


def asked(
    premises: Premises, method: str, path: str, who: str, headers: dict[str, str], kind: str, body: Any
) -> Answer:
    """As a browser asks, with the token of a form of theirs, or as a program does."""
    if kind == "JSON":
        more = {"json": body} if method == "POST" else {}
        return premises.ask("staff_portal", method, path, {**headers, **JSON}, **more)
    token = FormProof(premises.house.settings[PORTAL_SECRET], premises.clock).token(who)
    more = {"data": {**body, "csrf_token": token}} if method == "POST" else {}
    return premises.ask("staff_portal", method, path, {**headers, "Accept": "text/html"}, **more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "route"), [door for door, whom in rules.ROUTES.items() if whom is not For.ACTS])
def test_a_route_is_open_to_whom_the_table_names_and_to_nobody_else(
    premises: Premises, places: dict[str, str], tally: Tally, method: str, route: str, kind: str
) -> None:
    path = re.sub("<[a-z]+>", lambda place: places[place[0]], route)
    outcomes, statuses = {}, {}
    for who, headers, member in callers(premises):
        answer = asked(premises, method, path, who, headers, kind, given(route, places["<number>"]))
        may = rules.may_enter(rules.ROUTES[method, route], member)
        what = f"{method} {route} as {kind} by {who}"
        outcomes[what] = may, answer.status not in SHUT or answer.changed > 0
        statuses[what] = answer.status, may, who

    assert tally.doors("routes", outcomes) == []
    for what, (status, may, who) in statuses.items():
        right = status < HTTPStatus.BAD_REQUEST if may else status == (401 if who == NOBODY else 403)
        assert right, (what, status)


def test_a_complaint_is_shown_to_staff_at_every_standing_and_to_nobody_else(
    premises: Premises, standing: dict[str, Complaint], tally: Tally
) -> None:
    outcomes = {}
    for where, complaint in standing.items():
        path = f"/aduan/{complaint.number or f'D-{complaint.id}'}"
        for who, headers, member in callers(premises):
            answer = premises.ask("staff_portal", "GET", path, {**headers, **JSON})
            assert answer.changed == 0
            outcomes[f"{where} by {who}"] = member is not None, answer.status == HTTPStatus.OK

    assert tally.doors("routes", outcomes) == []


def test_a_picture_is_shown_under_its_own_complaint_alone(
    premises: Premises, standing: dict[str, Complaint], places: dict[str, str], tally: Tally
) -> None:
    headers = premises.assertion(ADMIN.email)
    outcomes = {}
    for where, complaint in standing.items():
        path = f"/aduan/{complaint.number or f'D-{complaint.id}'}/lampiran/{places['<file>']}"
        answer = premises.ask("staff_portal", "GET", path, headers)
        outcomes[f"the picture under {where}"] = where == "3, with a picture", answer.status == HTTPStatus.OK
        assert answer.status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND)

    assert tally.doors("routes", outcomes) == []

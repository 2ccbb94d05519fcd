"""Tokens that are wrong in one thing, at every door that asks for one."""

from http import HTTPStatus

import pytest

from tests.doors import rules
from tests.doors.forging import Forgeries
from tests.doors.people import ADMIN, SCHEDULER_ACCOUNT, TASKS_ACCOUNT
from tests.doors.premises import ASSERTION, IAP_AUDIENCE, JSON, URLS, Premises
from tests.doors.rules import Proof
from tests.doors.tally import Tally

ACCOUNTS = {Proof.TASKS: TASKS_ACCOUNT, Proof.SCHEDULER: SCHEDULER_ACCOUNT}
BY_BEARER = [target for target, door in rules.FUNCTIONS.items() if door.proof in ACCOUNTS]


def forgeries(premises: Premises, target: str) -> Forgeries:
    proof = rules.FUNCTIONS[target].proof
    if proof is Proof.ASSERTION:
        return Forgeries(premises.identity, "staff", ADMIN.email, IAP_AUDIENCE)
    return Forgeries(premises.identity, "task", ACCOUNTS[proof], URLS[target])


def header_of(target: str, token: str) -> dict[str, str]:
    if target == "staff_portal":
        return {ASSERTION: token, **JSON}
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("target", ["staff_portal", *BY_BEARER])
def test_a_token_that_is_wrong_in_one_thing_opens_nothing(premises: Premises, tally: Tally, target: str) -> None:
    method = "GET" if target == "staff_portal" else "POST"
    forged = forgeries(premises, target)
    good = premises.ask(target, method, headers=header_of(target, forged.good()))
    assert good.status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST)

    outcomes, told = {}, set()
    for what, token in forged.all():
        # As the server hands a header on: bytes, read as Latin-1.
        header = header_of(target, token.replace("\0", "").encode("utf-8").decode("latin-1"))
        answer = premises.ask(target, method, headers=header)
        is_shut = answer.status == HTTPStatus.UNAUTHORIZED and answer.changed == 0
        outcomes[f"{target} with {what}"] = False, not is_shut
        told.add(answer.text)

    assert tally.doors("tokens", outcomes) == []
    assert len(told) == 1  # no detail: every forgery is answered alike
    assert len(outcomes) > 80


@pytest.mark.parametrize("target", BY_BEARER)
def test_a_good_token_that_is_brought_otherwise_opens_nothing(premises: Premises, tally: Tally, target: str) -> None:
    token = forgeries(premises, target).good()
    ways: dict[str, dict[str, str]] = {
        form: {"Authorization": form.format(token)}
        for form in ("{}", "Basic {}", "Token {}", "Bearer{}", "Bearer, {}", "Bearer x {}", "Bearer {} x", "Bearer: {}")
    }
    ways |= {name: {name: token} for name in (ASSERTION, "Proxy-Authorization", "X-Serverless-Authorization", "Cookie")}
    outcomes = {}
    for what, headers in ways.items():
        answer = premises.ask(target, "POST", headers=headers)
        outcomes[f"{target} by {what}"] = False, answer.status != HTTPStatus.UNAUTHORIZED or answer.changed > 0
    in_address = premises.ask(target, "POST", query_string={"access_token": token}, data={"access_token": token})
    outcomes[f"{target} by its address"] = False, in_address.status != HTTPStatus.UNAUTHORIZED

    assert tally.doors("tokens", outcomes) == []

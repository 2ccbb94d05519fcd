"""Every function, by every method, with every proof that there is: each takes its own and no other."""

import ast
import hashlib
import hmac
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from aduan.settings import USED_BY
from tests.architecture.tree import TOP
from tests.doors import rules
from tests.doors.people import ADMIN, LEFT, OUTSIDERS, SCHEDULER_ACCOUNT, TASKS_ACCOUNT
from tests.doors.premises import APP_SECRET, ASSERTION, IAP_AUDIENCE, JSON, URLS, VERIFY_TOKEN, Premises
from tests.doors.rules import Proof
from tests.doors.tally import Tally

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BODY = b"{}"
RIGHT = {
    Proof.ASSERTION: f"the assertion of {ADMIN.email}",
    Proof.TASKS: f"{TASKS_ACCOUNT} for",
    Proof.SCHEDULER: f"{SCHEDULER_ACCOUNT} for",
}


def signature(secret: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()}"}


def proofs(premises: Premises) -> Iterator[tuple[str, dict[str, str]]]:
    """Everything that anybody could bring: the right proofs, and the right ones at wrong doors."""
    yield "nothing", {}
    yield "a signature", signature(APP_SECRET)
    yield "a signature by another", signature("another")
    yield "a signature of nothing", {"X-Hub-Signature-256": "sha256="}
    for email in (ADMIN.email, LEFT[-1].email, *OUTSIDERS.values()):
        yield f"the assertion of {email}", premises.assertion(email)
    yield "an assertion as a bearer", {"Authorization": f"Bearer {premises.assertion(TASKS_ACCOUNT)[ASSERTION]}"}
    own = premises.identity.mint_oidc(TASKS_ACCOUNT, IAP_AUDIENCE)
    yield "a task's token as an assertion", {ASSERTION: own}
    yield "an address without a proof", {"X-Goog-Authenticated-User-Email": f"accounts.google.com:{ADMIN.email}"}
    yield "the headers of a task", {"X-CloudTasks-TaskName": "a", "X-CloudTasks-QueueName": "sla-checks"}
    for email in (TASKS_ACCOUNT, SCHEDULER_ACCOUNT, ADMIN.email, OUTSIDERS["a citizen with an account"]):
        for target in URLS:
            yield f"{email} for {target}", premises.bearer(email, target)


def test_every_function_has_a_rule_and_every_rule_a_function() -> None:
    assert set(rules.FUNCTIONS) == set(USED_BY)
    # Read, not imported: it would set up the logs of this process for good.
    module = ast.parse((TOP / "functions" / "main.py").read_text("utf-8"))
    assert {node.name for node in module.body if isinstance(node, ast.FunctionDef)} == set(rules.FUNCTIONS)


def may(target: str, method: str, proof: str) -> bool:
    """What the table says."""
    door = rules.FUNCTIONS[target]
    if method not in door.methods:
        return False
    if door.proof is Proof.SIGNATURE:
        return method == "POST" and proof == "a signature"
    if door.proof is Proof.ASSERTION:
        return proof == RIGHT[door.proof]
    return proof == f"{RIGHT[door.proof]} {target}"


def refusals(target: str, method: str) -> set[int]:
    """What a function may say to whom it does not let in. The portal asks who it is before it looks at the method."""
    door = rules.FUNCTIONS[target]
    unproven = {401, 403} if door.proof is Proof.ASSERTION or method == "GET" else {401}  # a handshake: 403
    if method in door.methods:
        return unproven
    return {405, *unproven} if door.proof is Proof.ASSERTION else {405}


@pytest.mark.parametrize("target", rules.FUNCTIONS)
def test_a_function_takes_its_own_proof_and_no_other(premises: Premises, tally: Tally, target: str) -> None:
    path, marks = ("/cari", JSON) if target == "staff_portal" else ("/", {})
    outcomes, statuses = {}, {}
    for method in METHODS:
        for proof, headers in proofs(premises):
            body = {"data": BODY, "content_type": "application/json"} if method == "POST" else {}
            answer = premises.ask(target, method, path if method == "POST" else "/", {**headers, **marks}, **body)
            what = f"{method} {target} with {proof}"
            is_shut = answer.status in refusals(target, method) and answer.changed == 0
            outcomes[what] = may(target, method, proof), not is_shut
            statuses[what] = answer.status

    assert tally.doors("functions", outcomes) == []
    assert {status for what, status in statuses.items() if outcomes[what][0]} <= {200, 400}
    assert any(is_right for is_right, _ in outcomes.values())


def test_the_handshake_is_answered_to_who_knows_its_token_alone(premises: Premises, tally: Tally) -> None:
    right = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
    tries = {
        "with the token": right,
        "with nothing": {},
        **{f"without {name}": {k: v for k, v in right.items() if k != name} for name in list(right)[:2]},
        **{f"with {wrong!r}": {**right, "hub.verify_token": wrong} for wrong in ("", "x", VERIFY_TOKEN.upper())},
        "to unsubscribe": {**right, "hub.mode": "unsubscribe"},
    }
    outcomes = {}
    for what, query in tries.items():
        answer = premises.ask("whatsapp_webhook", "GET", query_string=query)
        outcomes[f"a handshake {what}"] = what == "with the token", answer.status != HTTPStatus.FORBIDDEN

    assert tally.doors("functions", outcomes) == []

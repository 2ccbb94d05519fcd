"""Who is turned away, in which order, with what: at the staff's door and at the doors of the machine."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from flask import Request
from google.cloud import firestore
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from aduan.procedure.definition import ActName
from aduan.service.fields import REQUIRED
from infra.local.firestore import FirestoreEmulator
from infra.local.identity import IAP_ISSUER, OIDC_ISSUER
from tests.end_to_end.scenes import submitted
from tests.end_to_end.world import (
    ADB,
    ADMIN,
    ADMIN2,
    IAP_AUDIENCE,
    KASI,
    SCHEDULER_ACCOUNT,
    TARGETS,
    TASKS_ACCOUNT,
    World,
    a_world,
)

IAP = "X-Goog-IAP-JWT-Assertion"
STRANGER = "stranger@office.test"
LEFT = "left@office.test"
NOWHERE = "ADU-261124-ZZZZZ"
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "note": "Perlu cek arsip.",
        "answer": "Silakan diambil.",
        "question": "Apakah sudah perekaman?",
        "category": "identity_card",
        "description": "KTP belum jadi.",
    }
)
EVERY_ACT = [*ActName, "unmask"]
"""`unmask` has no fields of its own, and no role that may never do it."""

NEVER = {act: ADMIN if act is ActName.REPLY_DATA_CHECK else ADB for act in ActName}
"""A role that may never do this act."""


@pytest.fixture(scope="module")
def office(firestore_emulator: FirestoreEmulator) -> Iterator[World]:
    """One world, for refusals change nothing."""
    project = "refusals"
    client = firestore.Client(project=project)
    with a_world(firestore_emulator.host, project, client) as world:
        world.put_staff(LEFT, name="Gita", role="whatsapp_admin", whatsapp="+6281100000009", active=False)
        yield world
    client.close()


@pytest.fixture(scope="module")
def number(office: World) -> str:
    """An open complaint at step 2."""
    return submitted(office)


def fields_of(act: str) -> dict[str, str]:
    return {name: FIELDS[name] for name in REQUIRED.get(ActName(act), ())} if act != "unmask" else {}


def post(
    world: World,
    path: str,
    body: Mapping[str, Any],
    email: str | None,
    *,
    ours: bool = True,
    assertion: str | None = None,
) -> httpx.Response:
    """An act in JSON. `email` None: without an identity; `ours` False: without X-Requested-With."""
    headers = {"Accept": "application/json"} | ({"X-Requested-With": "test"} if ours else {})
    if assertion or email:
        headers[IAP] = assertion or world.identity.mint_iap(email or "", IAP_AUDIENCE)
    return world.http.post(world.urls["staff_portal"] + path, json=dict(body), headers=headers)


def whole(world: World, number: str, act: str, **more: Any) -> dict[str, Any]:
    """A body with which nothing is wrong."""
    version = world.complaint(number)["version"]
    return {"version": version, "request_id": secrets.token_hex(16), **fields_of(act), **more}


# In this order


@pytest.mark.parametrize("act", EVERY_ACT)
def test_refusals_come_in_the_order_of_the_contract_whatever_else_is_wrong(
    office: World, number: str, act: str
) -> None:
    """Each request has everything wrong that comes later, so that only the order decides."""
    before = office.complaint(number)
    wrong_fields = {"version": "no number"}
    requests: list[tuple[str, Mapping[str, Any], str | None, bool]] = [
        (NOWHERE, wrong_fields, None, False),
        (NOWHERE, wrong_fields, STRANGER, False),
        (NOWHERE, wrong_fields, LEFT, False),
        (NOWHERE, wrong_fields, ADB, False),
    ]
    refused = [post(office, f"/aduan/{n}/{act}", body, email, ours=ours) for n, body, email, ours in requests]
    assert [answer.status_code for answer in refused] == [401, 403, 403, 403]
    not_found = post(office, f"/aduan/{NOWHERE}/{act}", whole(office, number, act), ADMIN)
    unreadable = post(office, f"/aduan/{number}/{act}", wrong_fields, ADB)
    assert (not_found.status_code, unreadable.status_code) == (404, 400)
    assert {"version", "request_id"} <= unreadable.json()["fields"].keys()
    for answer in (*refused, not_found, unreadable):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json().keys() >= {"status", "title", "detail"}
    assert office.complaint(number) == before


@pytest.mark.parametrize("act", ActName)
def test_missing_fields_come_before_rights_and_rights_before_the_state(
    office: World, number: str, act: ActName
) -> None:
    body = whole(office, number, act, version=99)
    for name in REQUIRED[act]:
        missing = post(office, f"/aduan/{number}/{act}", {**body, name: " "}, NEVER[act])
        assert (missing.status_code, list(missing.json()["fields"])) == (400, [name])
    never = post(office, f"/aduan/{number}/{act}", body, NEVER[act])
    assert never.status_code == 403
    may = {ActName.REPLY_DATA_CHECK: ADB, ActName.APPROVE: KASI, ActName.REFUSE: KASI}.get(act, ADMIN)
    if act in (ActName.VERIFY, ActName.RESPOND):
        may = KASI
    late = post(office, f"/aduan/{number}/{act}", body, may)
    assert (late.status_code, late.json()["version"]) == (409, office.complaint(number)["version"])


@pytest.mark.parametrize("act", ["unknown", "RECEIVE", "receive/", "", "events", "..", "receive%00", "%F0%9F%99%8F"])
def test_an_act_that_there_is_not_is_404(office: World, number: str, act: str) -> None:
    assert post(office, f"/aduan/{number}/{act}", whole(office, number, "receive"), ADMIN).status_code in (404, 405)


@pytest.mark.parametrize(
    "address",
    ["ADU-", "D-", "D-261124-ZZZZZ", "ADU-261124-AAAAA", "261124", "ADU-%2F..%2F", "ADU-" + "9" * 3000, "%00", "__x__"],
)
def test_a_complaint_that_there_is_not_is_404(office: World, address: str) -> None:
    assert office.get(f"/aduan/{address}").status_code == 404
    body = {"version": 1, "request_id": secrets.token_hex(16)}
    assert post(office, f"/aduan/{address}/receive", body, ADMIN).status_code == 404


def test_a_complaint_does_not_answer_to_the_address_that_its_draft_had(office: World, number: str) -> None:
    body = {**whole(office, number, "receive"), "version": 99}
    draft = number.replace("ADU-", "D-")
    assert post(office, f"/aduan/{draft}/receive", body, ADMIN).status_code in (404, 409)


# Identity


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://accounts.google.com"},
        {"aud": "/projects/1/global/backendServices/3"},
        {"aud": None},
        {"exp": 1},
        {"iat": 4_000_000_000, "exp": 4_000_000_600},
        {"iss": None},
        {"exp": None},
    ],
    ids=str,
)
def test_an_assertion_that_proves_nothing_is_401(office: World, claims: dict[str, object]) -> None:
    assertion = office.identity.mint_iap(ADMIN, IAP_AUDIENCE, **claims)
    answer = post(office, "/aduan", {}, ADMIN, assertion=assertion)
    assert answer.status_code == 401
    assert ADMIN not in answer.text


def test_whoever_is_made_inactive_is_out_at_the_next_request_and_in_again_later(office: World) -> None:
    assert office.get("/aduan", ADMIN2).status_code == 200
    office.put_staff(ADMIN2, active=False)
    assert office.get("/aduan", ADMIN2).status_code == 403
    office.put_staff(ADMIN2, active=True)
    assert office.get("/aduan", ADMIN2).status_code == 200


def test_a_form_of_a_browser_needs_its_token(office: World, number: str) -> None:
    url = f"{office.urls['staff_portal']}/aduan/{number}/receive"
    form = {"version": "1", "request_id": secrets.token_hex(16)}
    for token in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}):
        answer = office.http.post(
            url, data={**form, **token}, headers={**office.headers(ADMIN), "X-Requested-With": "x"}
        )
        assert answer.status_code == 403


# Once


def test_the_same_request_twice_is_one_act_and_for_anything_else_it_is_refused(office: World) -> None:
    first, second = submitted(office, "+6281234500001"), submitted(office, "+6281234500002")
    body = whole(office, first, "receive")
    done = post(office, f"/aduan/{first}/receive", body, ADMIN)
    again = post(office, f"/aduan/{first}/receive", body, ADMIN)
    assert (done.status_code, again.status_code) == (200, 200)
    assert again.json() == done.json()

    other = {**body, "version": office.complaint(first)["version"], **fields_of("settle")}
    refused = [
        post(office, f"/aduan/{first}/settle", other, ADMIN),
        post(office, f"/aduan/{first}/take_over", other, ADMIN2),
        post(office, f"/aduan/{second}/receive", {**other, "version": office.complaint(second)["version"]}, ADMIN),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 409]
    assert all("version" in answer.json() for answer in refused)
    assert office.complaint(first)["events"] == done.json()["events"]
    assert office.complaint(second)["step"] == 2


@pytest.mark.parametrize("request_id", ["x" * 15, "x" * 65, "", None, 7, ["x" * 16]])
def test_a_request_id_of_another_shape_is_400(office: World, number: str, request_id: object) -> None:
    answer = post(office, f"/aduan/{number}/receive", whole(office, number, "receive", request_id=request_id), ADMIN)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["request_id"])


def _all_at_once(world: World, number: str, acts: Sequence[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
    """Do these acts, each by its person and with its body, at the same moment."""
    with ThreadPoolExecutor(len(acts)) as pool:
        sent = [pool.submit(post, world, f"/aduan/{number}/{act}", body, email) for act, email, body in acts]
        return [answer.result() for answer in sent]


def test_of_two_who_take_one_step_at_the_same_moment_one_wins_and_the_other_is_told(office: World) -> None:
    number = submitted(office, "+6281234500003")
    body = whole(office, number, "receive")
    acts = [("receive", email, {**body, "request_id": secrets.token_hex(16)}) for email in (ADMIN, ADMIN2)]
    answers = _all_at_once(office, number, acts)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [answer for answer in answers if answer.status_code == 409]
    after = office.complaint(number)
    assert lost.json()["version"] == after["version"]
    assert [event["type"] for event in after["events"]] == ["submitted", "received"]


def test_of_twenty_acts_at_once_on_one_complaint_one_wins(office: World) -> None:
    number = submitted(office, "+6281234500004")
    names = ("settle", "forward", "receive")
    acts = [(names[n % 3], (ADMIN, ADMIN2)[n % 2], whole(office, number, names[n % 3])) for n in range(20)]
    answers = _all_at_once(office, number, acts)
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 19]
    seqs = [event["seq"] for event in office.complaint(number)["events"]]
    assert seqs == list(range(1, len(seqs) + 1))


def test_one_request_twenty_times_at_once_is_one_act(office: World) -> None:
    number = submitted(office, "+6281234500005")
    body = whole(office, number, "receive")
    answers = _all_at_once(office, number, [("receive", ADMIN, body)] * 20)
    assert {answer.status_code for answer in answers} == {200}
    assert [event["type"] for event in office.complaint(number)["events"]] == ["submitted", "received"]


# The doors of the machine

MACHINE = {
    "sla_check": TASKS_ACCOUNT,
    "send_message": TASKS_ACCOUNT,
    "fetch_media": TASKS_ACCOUNT,
    "sweep": SCHEDULER_ACCOUNT,
}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _signed_by_nobody(token: str) -> str:
    _, claims, _ = token.split(".")
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{claims}."


def _signed_with_the_public_key(world: World, token: str) -> str:
    """The classic: the certificate, which everybody has, as an HMAC's secret."""
    (kid, pem), *_ = world.identity.oidc_certs().items()
    head = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{token.split('.')[1]}"
    signature = base64.urlsafe_b64encode(hmac.new(pem.encode(), head.encode(), hashlib.sha256).digest()).decode()
    return f"{head}.{signature.rstrip('=')}"


def _with_other_claims(token: str) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{_part({'email': 'tasks@office.test', 'aud': 'x'})}.{signature}"


def bad_tokens(world: World, target: str) -> dict[str, str | None]:
    """Every way in which a token can be wrong."""
    url, account = world.urls[target], MACHINE[target]
    right = world.identity.mint_oidc(account, url)
    claims: dict[str, dict[str, object]] = {
        "issuer": {"iss": IAP_ISSUER},
        "issuer without scheme": {"iss": "accounts.google.com"},
        "audience of another function": {"aud": world.urls["staff_portal"]},
        "audience with a slash": {"aud": url + "/"},
        "no audience": {"aud": None},
        "email not verified": {"email_verified": False},
        "email verified by a word": {"email_verified": "true"},
        "nothing said of the email": {"email_verified": None},
        "expired": {"iat": 1_000_000_000, "exp": 1_000_003_600},
        "not yet": {"iat": 4_000_000_000, "exp": 4_000_003_600},
        "no expiry": {"exp": None},
    }
    return {
        "none": None,
        "empty": "",
        "no token": "abc",
        "dots": "..",
        "long": "a" * 20_000,
        "no algorithm": _signed_by_nobody(right),
        "public key as secret": _signed_with_the_public_key(world, right),
        "other claims": _with_other_claims(right),
        "cut": right[:-4],
        "another account's": world.identity.mint_oidc("somebody@office.test", url),
        "the account in capitals": world.identity.mint_oidc(account.upper(), url),
        "a person's": world.identity.mint_iap(account, url, iss=OIDC_ISSUER, email_verified=True),
        **{name: world.identity.mint_oidc(account, url, **wrong) for name, wrong in claims.items()},
    }


@pytest.mark.parametrize("target", MACHINE)
def test_a_call_that_is_not_proved_is_401_and_touches_nothing(office: World, target: str) -> None:
    office.calls.clear()
    tokens = bad_tokens(office, target)
    answers = {name: office.call(target, b"{}", token) for name, token in tokens.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(tokens, 401)
    assert (office.calls.firestore, office.calls.tasks) == ([], [])
    assert len({answer.text for answer in answers.values()}) == 1  # no detail given


@pytest.mark.parametrize("target", MACHINE)
def test_another_scheme_than_bearer_is_401(office: World, target: str) -> None:
    token = office.identity.mint_oidc(MACHINE[target], office.urls[target])
    for header in (f"Basic {token}", token, f"Bearer: {token}"):
        assert office.http.post(office.urls[target], headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("target", MACHINE)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_another_method_is_405_even_with_a_proof(office: World, target: str, method: str) -> None:
    token = office.identity.mint_oidc(MACHINE[target], office.urls[target])
    answer = office.http.request(method, office.urls[target], headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("target", MACHINE)
def test_the_right_token_is_let_in(office: World, target: str) -> None:
    token = office.identity.mint_oidc(MACHINE[target], office.urls[target])
    assert office.call(target, b"no task", token).status_code == (200 if target == "sweep" else 400)


@pytest.mark.parametrize("target", TARGETS)
def test_a_body_over_four_mebibytes_is_413(office: World, target: str) -> None:
    token = office.identity.mint_oidc(MACHINE.get(target, TASKS_ACCOUNT), office.urls[target])
    headers = office.headers(ADMIN, Authorization=f"Bearer {token}")
    answer = office.http.post(office.urls[target], content=b"x" * (4 * 1024 * 1024 + 1), headers=headers)
    assert answer.status_code == 413


# Whatever is asked

TEXTS = st.text(max_size=40)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.text(min_size=16, max_size=64),
    st.lists(TEXTS, max_size=2), st.dictionaries(TEXTS, TEXTS, max_size=2),
    st.sampled_from(["x" * 5000, "\0", "\ud800"]),
)  # fmt: skip
BODIES = st.one_of(
    st.dictionaries(st.sampled_from(["version", "request_id", "csrf_token", *FIELDS, "x"]), VALUES, max_size=7)
    .map(json.dumps)
    .map(str.encode),
    st.binary(max_size=200),
    st.sampled_from([b"", b"null", b"[" * 5000, b"9" * 5000, b'{"version": 1e999}']),
)
TYPES = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "", "é"]
)
METHODS = st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE"])
QUERIES = st.dictionaries(
    st.sampled_from(["status", "step", "role", "holder", "late", "q", "from", "to", "cursor", "x"]), TEXTS, max_size=3
)
PATHS = st.one_of(
    TEXTS.map(lambda text: f"/{text}"),
    st.builds(
        lambda number, act: f"/aduan/{number}/{act}",
        TEXTS | st.sampled_from(["ADU-261124-AAAAA", "D-1", "<number>"]), TEXTS | st.sampled_from(EVERY_ACT),
    ),
    TEXTS.map(lambda file: f"/aduan/<number>/lampiran/{file}"),
    st.sampled_from(["/", "/aduan", "/petugas", "/cari", "/aduan/", "/aduan/<number>", "/berkas/x/portal.css"]),
)  # fmt: skip


def answered(world: World, target: str, path: str = "/", **asked: Any) -> int:
    """What the handler itself answers to a request, without a network between."""
    environ = EnvironBuilder(**asked).get_environ()
    environ["PATH_INFO"] = path.encode("utf-8", "surrogatepass").decode("latin-1")  # as every server hands it on
    request = Request(environ)
    try:
        response = TARGETS[target](world.house, request)
    except HTTPException as refusal:
        return refusal.code or 500
    response.close()
    return response.status_code


@settings(max_examples=100)
@given(METHODS, PATHS, QUERIES, BODIES, TYPES, st.sampled_from(["application/json", "text/html", "", "é/*;q=x"]))
def test_nothing_that_staff_can_ask_is_a_fault_of_the_program(
    office: World, number: str, method: str, path: str, query: dict[str, str], body: bytes, kind: str, accept: str
) -> None:
    headers = office.headers(ADMIN, Accept=accept, **{"X-Requested-With": "test"})
    path = path.replace("<number>", number)
    status = answered(
        office,
        "staff_portal",
        method=method,
        path=path,
        query_string=query,
        data=body,
        content_type=kind,
        headers=headers,
    )
    assert status < 500


@settings(max_examples=30)
@given(st.sampled_from(["sla_check", "send_message", "fetch_media"]), BODIES, TYPES)
def test_no_body_of_a_task_is_a_fault_of_the_program(office: World, target: str, body: bytes, kind: str) -> None:
    token = office.identity.mint_oidc(MACHINE[target], office.urls[target])
    headers = {"Authorization": f"Bearer {token}"}
    assert answered(office, target, method="POST", data=body, content_type=kind, headers=headers) == 400


@settings(max_examples=30)
@given(METHODS, TEXTS.map(lambda text: f"/{text}"), QUERIES, BODIES, TYPES)
def test_no_stranger_can_bring_a_door_down(
    office: World, method: str, path: str, query: dict[str, str], body: bytes, kind: str
) -> None:
    statuses = {
        answered(office, target, method=method, path=path, query_string=query, data=body, content_type=kind)
        for target in TARGETS
    }
    assert statuses <= {401, 403, 404, 405}

"""What a stranger gets, and costs, at each function as the cloud serves it: with the framework around it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from aduan.answer_headers import HEADERS
from tests.architecture.tree import TOP
from tests.end_to_end.world import TARGETS
from tests.pages.at_the_framework import ENDLESS, MEBIBYTE, REQUESTS
from tests.pages.tally import Kind, Tally

LARGEST_BODY = 4 * MEBIBYTE
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "nowhere",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",  # nobody listens there: whoever asked would fail
    "OIDC_CERTS_URL": "http://127.0.0.1:9/certs",
    "IAP_CERTS_URL": "http://127.0.0.1:9/certs",
    "WHATSAPP_APP_SECRET": "a-secret",
    "WHATSAPP_VERIFY_TOKEN": "a-token",
    "WHATSAPP_ACCESS_TOKEN": "another-token",
    "WHATSAPP_PHONE_NUMBER_ID": "111222333",
    "TASKS_SERVICE_ACCOUNT": "tasks@office.test",
    "IAP_AUDIENCE": "/projects/1/global/backendServices/2",
    "MEDIA_STORE": "file:///nowhere",
    **{
        f"{name}_URL": "https://office.test/" for name in ("STAFF", "SLA_CHECK", "SEND_MESSAGE", "FETCH_MEDIA", "SWEEP")
    },
}


@cache
def answers(target: str) -> list[dict[str, Any]]:
    """All that a function answers to a stranger, each with what it cost."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.pages.at_the_framework", target],
        env={**ENVIRONMENT, "FUNCTION_TARGET": target, "PYTHONPATH": f"{TOP}/functions:{TOP}", "PATH": os.defpath},
        capture_output=True, text=True, check=True, cwd=TOP,
    )  # fmt: skip
    told = [json.loads(line) for line in run.stdout.splitlines() if line.startswith('{"asked"')]
    assert len(told) == len(REQUESTS)
    return told


def faults(answer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with what a stranger got, or with what it cost."""
    headers = answer["headers"]
    yield from HEADERS.keys() - headers.keys()
    yield from {"Set-Cookie"} & headers.keys()
    if headers.get("Cache-Control") != "no-store":
        yield "may be kept"
    if answer["status"] not in {401, 403, 404, 405, 413}:
        yield str(answer["status"])
    if answer["read"] > LARGEST_BODY:
        yield f"{answer['read']} bytes were read"
    if answer["size"] > MEBIBYTE:
        yield "a long answer"


@pytest.mark.parametrize("target", TARGETS)
def test_no_stranger_is_let_in_or_costs_more_than_four_mebibytes_even_where_the_framework_answers_by_itself(
    target: str, tally: Tally
) -> None:
    assert LARGEST_BODY < ENDLESS
    told = {(target, place, answer["asked"]): [*faults(answer)] for place, answer in enumerate(answers(target))}
    tally.expect_nothing(Kind.STRANGERS, told)


def test_what_says_that_it_is_too_long_is_not_read_at_all() -> None:
    refused = [answer for answer in answers("whatsapp_webhook") if answer["status"] == 413]
    assert [answer["read"] for answer in refused] == [0, 0]


def test_a_forged_webhook_imports_no_cloud_client_and_no_model() -> None:
    told = answers("whatsapp_webhook")
    assert [answer["imported"] for answer in told] == [[]] * len(told)
    assert {401, 403} <= {answer["status"] for answer in told}

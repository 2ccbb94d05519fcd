"""Queues that ask no more than their functions take, limits that fit what waits for them, a scheduler in step."""

import re
from datetime import timedelta
from typing import Any, Final

import pytest

from aduan.handlers import LARGEST_BODY
from aduan.service.sweeping import PERIOD
from aduan.settings import MEDIA_QUEUE, MESSAGE_QUEUE, SLA_QUEUE, USED_BY
from tests.infra_cloud.hcl import local, resource, resources

WHATSAPPS_LIMIT: Final = 80
"""Messages a second from one number."""

QUEUES = {"sla_check": SLA_QUEUE, "send_message": MESSAGE_QUEUE, "fetch_media": MEDIA_QUEUE}
SETTINGS_OF_URLS = {"sla_check": "SLA_CHECK_URL", "send_message": "SEND_MESSAGE_URL", "fetch_media": "FETCH_MEDIA_URL"}


def queue(target: str) -> dict[str, Any]:
    found: dict[str, Any] = local("queues")[target]
    return found


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


@pytest.mark.parametrize("target", QUEUES)
def test_a_queue_has_the_name_that_the_code_expects_and_its_tasks_go_to_its_function(target: str) -> None:
    assert queue(target)["name"] == QUEUES[target].default.words
    values = local("values")
    assert values[QUEUES[target].name] == f'${{google_cloud_tasks_queue.queue["{target}"].name}}'
    assert values[SETTINGS_OF_URLS[target]] == f"${{local.urls.{target}}}"


@pytest.mark.parametrize("target", QUEUES)
def test_a_queue_sends_no_more_at_once_than_its_function_takes(target: str) -> None:
    function = local("functions")[target]
    assert queue(target)["concurrent"] <= function["instances"] * function["concurrency"]


@pytest.mark.parametrize("target", QUEUES)
def test_no_task_is_ever_given_up(target: str) -> None:
    (retry,) = resource("google_cloud_tasks_queue", "queue")["retry_config"]
    assert (retry["max_attempts"], retry["max_retry_duration"]) == (-1, "0s")
    assert seconds(queue(target)["min_backoff"]) < seconds(queue(target)["max_backoff"]) <= PERIOD.total_seconds()


def test_messages_leave_as_fast_as_whatsapp_takes_them_and_no_faster() -> None:
    assert queue("send_message")["per_second"] == WHATSAPPS_LIMIT


def test_the_backoffs_are_those_that_each_caller_waits_out() -> None:
    assert {target: (queue(target)["min_backoff"], queue(target)["max_backoff"]) for target in QUEUES} == {
        "sla_check": ("1s", "60s"),
        "send_message": ("4s", "60s"),
        "fetch_media": ("10s", "300s"),
    }
    assert queue("fetch_media")["concurrent"] == 8


def test_the_sweep_comes_in_its_period_and_ends_before_the_next() -> None:
    job = resource("google_cloud_scheduler_job", "sweep")
    minutes = re.fullmatch(r"\*/(\d+) \* \* \* \*", job["schedule"])
    assert minutes
    assert timedelta(minutes=int(minutes[1])) == PERIOD
    limit = local("functions")["sweep"]["timeout"]
    assert limit < seconds(job["attempt_deadline"]) < PERIOD.total_seconds()
    assert local("functions")["sweep"]["instances"] == local("functions")["sweep"]["concurrency"] == 1


def test_the_sweep_is_called_as_the_function_expects_it() -> None:
    (target,) = resource("google_cloud_scheduler_job", "sweep")["http_target"]
    (token,) = target["oidc_token"]
    values = local("values")
    assert target["http_method"] == "POST"
    assert target["uri"] == token["audience"] == values["SWEEP_URL"]
    assert token["service_account_email"] == values["SCHEDULER_SERVICE_ACCOUNT"]
    assert len(resources("google_cloud_scheduler_job")) == 1


@pytest.mark.parametrize("target", USED_BY)
def test_a_function_has_room_for_the_largest_bodies_that_it_may_hold_at_once(target: str) -> None:
    function = local("functions")[target]
    idle = 128 << 20  # measured: 77 MB with all clients, and their growth
    bodies = function["concurrency"] * (2 * (16 << 20) if target == "fetch_media" else 2 * LARGEST_BODY)
    assert idle + bodies <= int(function["memory"].removesuffix("Mi")) << 20


@pytest.mark.parametrize("target", USED_BY)
def test_a_function_may_take_as_long_as_cloud_tasks_waits_and_no_longer(target: str) -> None:
    assert 0 < local("functions")[target]["timeout"] <= 600


def test_what_the_release_changes_terraform_leaves_alone() -> None:
    ignored = resource("google_cloud_run_v2_service", "function")["lifecycle"][0]["ignore_changes"]
    plain = {text.removeprefix("${").removesuffix("}") for text in ignored}
    assert {"template[0].containers[0].image", "traffic", "client", "client_version", "build_config"} <= plain
    assert not any("env" in name or "service_account" in name or "ingress" in name for name in plain)

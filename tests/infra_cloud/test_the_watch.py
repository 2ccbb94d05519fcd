"""What is counted is what the code writes, and four things wake somebody up."""

import ast
import re
from dataclasses import fields

import pytest

from aduan.service.sweeping import PERIOD, Swept
from tests.architecture.tree import TOP, python_files
from tests.infra_cloud.hcl import local, named, resource, resources, texts

METRICS = {name: block for (_, name), block in resources("google_logging_metric").items()}
POLICIES = {name: block for (_, name), block in resources("google_monitoring_alert_policy").items()}


def logged() -> set[str]:
    """Every event that the functions log, by its name."""
    calls = [
        node
        for path in python_files("functions")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
    ]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.args[0], ast.Constant)
        and (ast.unparse(call.func).startswith("log.") or ast.unparse(call.func) == "report")
    }


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_counts_a_line_that_the_code_writes(name: str) -> None:
    events = re.findall(r'jsonPayload\.message="(\w+)"', METRICS[name]["filter"])
    assert len(events) == 1
    assert set(events) <= logged()


def test_a_line_that_nobody_writes_is_seen() -> None:
    assert "swept" in logged()
    assert "never_written" not in logged()


def test_the_fields_that_are_read_off_a_line_stand_in_it() -> None:
    read = set(re.findall(r"jsonPayload\.(\w+)>0", METRICS["holes"]["filter"]))
    assert read == {"holes", "failed"}
    assert read <= {field.name for field in fields(Swept)}
    assert METRICS["oldest_wait"]["value_extractor"] == "EXTRACT(jsonPayload.oldest_s)"
    handler = (TOP / "functions" / "aduan" / "handlers.py").read_text("utf-8")
    assert 'log.info("waiting_to_leave", oldest_s=' in handler


def test_four_things_wake_somebody_up() -> None:
    assert sorted(POLICIES) == ["holes", "oldest_wait", "refused", "webhook"]


@pytest.mark.parametrize("name", POLICIES)
def test_an_alert_tells_people_and_says_where_to_read_on(name: str) -> None:
    policy = POLICIES[name]
    assert policy["notification_channels"] == "${local.told}"
    assert policy.get("enabled", True) is True
    runbook = (TOP / "infra" / "runbook.md").read_text("utf-8")
    quoted = re.findall(r"'([^']+)'", policy["documentation"][0]["content"])
    assert quoted
    assert [title for title in quoted if title not in runbook] == []


def test_every_metric_is_watched_and_every_watched_metric_is_made() -> None:
    watched = {
        name
        for policy in POLICIES.values()
        for text in texts(policy)
        for name in re.findall(r"google_logging_metric\.(\w+)\.name", text)
    }
    assert watched == set(METRICS)


def test_the_alert_on_the_sweeps_absence_waits_for_three_that_did_not_come() -> None:
    (absent,) = (c["condition_absent"][0] for c in POLICIES["holes"]["conditions"] if "condition_absent" in c)
    assert int(absent["duration"].removesuffix("s")) == 3 * PERIOD.total_seconds()


def test_who_is_told_are_the_operators_and_there_is_one_at_least() -> None:
    channel = resource("google_monitoring_notification_channel", "operator")
    assert channel["for_each"] == "${var.operator_emails}"
    assert channel["labels"] == {"email_address": "${each.key}"}
    assert "length(var.operator_emails) > 0" in named("variable")["operator_emails"]["validation"][0]["condition"]
    assert local("told").startswith("${[for channel in google_monitoring_notification_channel.operator")


def test_a_budget_tells_before_it_is_spent() -> None:
    budget = resource("google_billing_budget", "month")
    at = [(rule["threshold_percent"], rule.get("spend_basis")) for rule in budget["threshold_rules"]]
    assert at == [(0.5, None), (0.9, None), (1, None), (1, "FORECASTED_SPEND")]
    assert budget["budget_filter"][0]["projects"] == ["projects/${data.google_project.this.number}"]

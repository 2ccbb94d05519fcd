"""Each account may do what its calls need, nobody else comes in, and no role is a wildcard."""

import re
from pathlib import Path

import pytest

from aduan.settings import SETTINGS, USED_BY
from tests.infra_cloud.grants import granted, is_rule
from tests.infra_cloud.hcl import FILES, local, named, parsed, resource, resources, texts
from tests.infra_cloud.needs import ASKS, PUBLIC, TASK_HANDLERS, Grant, caller_needs, function_needs, release_needs

WILDCARDS = re.compile(r"roles/(owner|editor|viewer|.*[aA]dmin)\b|\*")
GRANTS = sorted(granted())


def of(who: str) -> set[Grant]:
    return {grant for grant in GRANTS if grant.who == who}


@pytest.mark.parametrize("target", USED_BY)
def test_a_functions_account_may_do_what_its_calls_need_and_nothing_else(target: str) -> None:
    assert of(f"google_service_account.function[{target}]") == function_needs(target)


def test_a_function_is_called_by_those_who_must_call_it_and_by_nobody_else() -> None:
    invoking = {grant for grant in GRANTS if grant.role in {"roles/run.invoker", "roles/iap.httpsResourceAccessor"}}
    assert invoking == caller_needs()


@pytest.mark.parametrize("account", ["build", "deploy"])
def test_a_releases_account_may_do_what_it_does_and_nothing_else(account: str) -> None:
    who = f"google_service_account.{account}"
    assert of(who) == {grant for grant in release_needs() if grant.who == who}


def test_nothing_is_granted_that_no_table_explains() -> None:
    explained = set().union(*map(function_needs, USED_BY), caller_needs(), release_needs())
    assert set(GRANTS) == explained
    assert len(GRANTS) == len(set(GRANTS))


def test_whoever_builds_cannot_change_what_runs_and_whoever_deploys_builds_as_somebody_else() -> None:
    assert not [grant for grant in of("google_service_account.build") if "/run." in grant.role or "iam." in grant.role]
    writers = {grant.who for grant in GRANTS if grant.role == "roles/artifactregistry.writer"}
    assert writers == {"google_service_account.build"}


@pytest.mark.parametrize("grant", GRANTS, ids=lambda grant: f"{grant.who} {grant.role} {grant.on}")
def test_no_role_is_a_wildcard(grant: Grant) -> None:
    assert grant.role.startswith("roles/")
    assert not WILDCARDS.search(grant.role)


@pytest.mark.parametrize(
    ("role", "is_wild"),
    [
        ("roles/owner", True),
        ("roles/editor", True),
        ("roles/storage.admin", True),
        ("roles/storage.objectAdmin", True),
        ("roles/storage.objectUser", False),
        ("roles/cloudbuild.builds.editor", False),
        ("roles/run.sourceDeveloper", False),
    ],
)
def test_a_wildcard_is_seen(role: str, is_wild: bool) -> None:
    assert bool(WILDCARDS.search(role)) == is_wild


def test_rights_are_only_ever_added_to_what_google_itself_needs() -> None:
    rules = {kind for kind, _ in resources() if is_rule(kind)}
    assert {kind for kind in rules if not kind.endswith("_member")} == set()
    assert len(rules) > 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_everybody_is_named_in_one_rule_only_and_all_signed_in_people_in_none(path: Path) -> None:
    everybody = [text for text in texts(parsed(path)) if re.fullmatch("allUsers|allAuthenticatedUsers|domain:.*", text)]
    assert everybody == (["allUsers"] * len([t for t in PUBLIC if t in USED_BY]) if path.name == "roles.tf" else [])


def test_every_function_is_made_and_no_other() -> None:
    assert set(local("functions")) == set(USED_BY) == set(ASKS)
    assert resource("google_cloud_run_v2_service", "function")["for_each"] == "${local.functions}"
    assert [kind for kind, _ in resources("google_cloud_run_v2_service")] == ["google_cloud_run_v2_service"]


@pytest.mark.parametrize("target", USED_BY)
def test_the_internet_reaches_a_function_only_where_somebody_outside_must_call_it(target: str) -> None:
    outside = {*PUBLIC, "staff_portal"}
    assert local("functions")[target]["ingress"] == ("all" if target in outside else "internal")


def test_open_means_open_and_internal_means_internal() -> None:
    assert local("ingress") == {"all": "INGRESS_TRAFFIC_ALL", "internal": "INGRESS_TRAFFIC_INTERNAL_ONLY"}
    assert resource("google_cloud_run_v2_service", "function")["ingress"] == "${local.ingress[each.value.ingress]}"


def test_iap_stands_before_the_portal_and_nothing_switches_the_check_of_callers_off() -> None:
    service = resource("google_cloud_run_v2_service", "function")
    assert service["iap_enabled"] == '${each.key == "staff_portal"}'
    assert "invoker_iam_disabled" not in service


@pytest.mark.parametrize("bucket", ["media", "sources"])
def test_no_bucket_can_be_made_public(bucket: str) -> None:
    block = resource("google_storage_bucket", bucket)
    assert block["uniform_bucket_level_access"] is True
    assert block["public_access_prevention"] == "enforced"
    assert len(resources("google_storage_bucket")) == 2


def test_every_secret_that_is_read_is_made_and_no_other() -> None:
    assert set(local("secrets")) == {setting.name for setting in SETTINGS if setting.secret}
    names = list(local("secrets").values())
    assert len(set(names)) == len(names)
    for kind in ("google_secret_manager_secret", "google_secret_manager_secret_version"):
        ((_, block),) = resources(kind).items()
        assert block["for_each"] == "${local.secrets}"


def test_no_output_and_no_variable_holds_a_secret() -> None:
    for name in (*named("variable"), *named("output")):
        assert not any(word in name for word in ("token", "password", "app_secret", "field_key"))


def test_each_account_has_a_name_that_google_accepts() -> None:
    accounts = resources("google_service_account")
    ids = [block["account_id"] for block in accounts.values()]
    spread = [i.replace("${local.names[each.key]}", t.replace("_", "-")) for i in ids for t in USED_BY]
    assert all(re.fullmatch(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", account) for account in spread), spread
    assert len(accounts) == 5


def test_the_tasks_handlers_are_the_functions_that_queues_call() -> None:
    assert set(local("queues")) == set(TASK_HANDLERS)

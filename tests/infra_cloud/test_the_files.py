"""Every file parses, everything is pinned, every variable is explained, and what is named is there."""

import re
from pathlib import Path

import pytest

from tests.infra_cloud.hcl import FILES, TERRAFORM, local, named, parsed, resources, texts

EXAMPLE = TERRAFORM / "terraform.tfvars.example"
LONGEST = 200


@pytest.mark.parametrize("path", [*FILES, EXAMPLE], ids=lambda path: path.name)
def test_a_file_is_hcl(path: Path) -> None:
    assert parsed(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_is_short_and_begins_with_what_it_is_about(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# ")
    assert len(text.splitlines()) <= LONGEST


def test_what_is_no_hcl_does_not_parse(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tf"
    broken.write_text('resource "a" "b" {\n  name = \n}\n', "utf-8")
    with pytest.raises(Exception, match="Unexpected"):
        parsed(broken)


def test_terraform_and_its_providers_are_pinned() -> None:
    (settings,) = parsed(TERRAFORM / "versions.tf")["terraform"]
    assert re.fullmatch(r">= \d+\.\d+\.\d+, < \d+\.\d+\.\d+", settings["required_version"])
    (providers,) = settings["required_providers"]
    assert set(providers) == {"google", "google-beta"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", provider["version"]) for provider in providers.values())
    assert len({provider["version"] for provider in providers.values()}) == 1


def test_every_variable_is_explained_and_stands_in_the_example_and_the_reverse() -> None:
    variables = named("variable")
    assert set(parsed(EXAMPLE)) == set(variables)
    assert all(variable["description"] and variable["type"] for variable in variables.values())
    explained = re.findall(r"^#[^\n]*\n(\w+) =", EXAMPLE.read_text("utf-8"), re.MULTILINE)
    assert set(explained) == set(variables)


def test_a_default_is_what_the_example_shows() -> None:
    example = parsed(EXAMPLE)
    defaults = {name: v["default"] for name, v in named("variable").items() if "default" in v}
    assert {name: example[name] for name in defaults} == defaults


def test_every_output_says_what_it_is_for() -> None:
    assert all(output["description"] for output in named("output").values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_a_file_refers_to_is_there(path: Path) -> None:
    there = {f"{kind}.{name}" for kind, name in resources()}
    said = " ".join(texts(parsed(path)))
    addresses = set(re.findall(r"\b(?<!data\.)(google_\w+\.\w+)", said))
    assert addresses <= there
    assert set(re.findall(r"\bvar\.(\w+)", said)) <= set(named("variable"))
    assert all(local(name) is not None for name in re.findall(r"\blocal\.(\w+)", said))


def test_every_variable_is_used() -> None:
    used = {name for path in FILES for text in texts(parsed(path)) for name in re.findall(r"\bvar\.(\w+)", text)}
    assert used == set(named("variable"))


def test_every_service_that_resources_need_is_switched_on() -> None:
    needed = {
        "google_artifact_registry_repository": "artifactregistry", "google_billing_budget": "billingbudgets",
        "google_kms_crypto_key": "cloudkms", "google_cloud_scheduler_job": "cloudscheduler",
        "google_cloud_tasks_queue": "cloudtasks", "google_firebaserules_ruleset": "firebaserules",
        "google_firestore_database": "firestore", "google_service_account": "iam",
        "google_iap_web_cloud_run_service_iam_member": "iap", "google_logging_metric": "logging",
        "google_monitoring_alert_policy": "monitoring", "google_cloud_run_v2_service": "run",
        "google_secret_manager_secret": "secretmanager", "google_storage_bucket": "storage",
    }  # fmt: skip
    there = {kind for kind, _ in resources()}
    assert needed.keys() <= there
    not_made_here = {"cloudbuild", "cloudresourcemanager", "cloudtrace"}
    assert {f"{name}.googleapis.com" for name in {*needed.values(), *not_made_here}} == set(local("services"))


def test_a_deletion_of_what_holds_the_record_is_refused() -> None:
    kept = {
        f"{kind}.{name}"
        for (kind, name), block in resources().items()
        if {"prevent_destroy": True} in block.get("lifecycle", [])
    }
    assert kept == {
        "google_firestore_database.record",
        "google_storage_bucket.media",
        "google_kms_crypto_key.field_key",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_exception_from_a_scan_has_its_reason(path: Path) -> None:
    skips = re.findall(r"checkov:skip=?(.*)", path.read_text("utf-8"))
    assert all(re.fullmatch(r"CKV2?_[A-Z]+_\d+:\S.{20,}", skip) for skip in skips), skips


def test_no_command_of_the_page_leaves_a_key_where_a_release_would_send_it_along() -> None:
    page = (TERRAFORM / "README.md").read_text("utf-8")
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    written = re.findall(r"(?<![<>])>\s*(\S+)", commands)
    assert (written, "k=$(mktemp)" in commands, 'shred -u "$k"' in commands) == (['"$k"'], True, True)

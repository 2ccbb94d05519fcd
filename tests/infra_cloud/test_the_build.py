"""cloudbuild.yaml and the checks that it starts: by their schema, pinned, in order, and as the right accounts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from infra.release import steps
from infra.release.services import TARGETS, service_of
from tests.architecture.tree import TOP
from tests.infra_cloud.grants import granted
from tests.infra_cloud.hcl import local, named, resource

RELEASE: Final = TOP / "cloudbuild.yaml"
CHECKS: Final = TOP / "infra" / "release" / "checks.yaml"
BOTH: Final = (RELEASE, CHECKS)
PINNED: Final = re.compile(r"[\w./-]+:\d+\.\d+\.\d+(-[a-z]+)?")
BY_NAME: Final = {path.name: path for path in BOTH}


def build(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(path)
    return content


def step(path: Path, name: str) -> dict[str, Any]:
    (found,) = (one for one in build(path)["steps"] if one["id"] == name)
    return dict(found)


def lines(path: Path) -> list[str]:
    """Every command of a build, one a line."""
    return [line for one in build(path)["steps"] for line in one["script"].splitlines() if line != "set -eu"]


def schema(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.cloudbuild", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_build_is_as_its_schema_wants_it(name: str) -> None:
    checked = schema(BY_NAME[name])
    assert checked.returncode == 0, checked.stdout


def test_what_the_schema_does_not_know_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "cloudbuild.yaml"
    wrong.write_text(RELEASE.read_text("utf-8").replace("waitFor:", "waitsFor:"), "utf-8")
    assert "waitsFor" in schema(wrong).stdout


@pytest.mark.parametrize("name", BY_NAME)
def test_every_image_is_pinned(name: str) -> None:
    content = build(BY_NAME[name])
    for one in content["steps"]:
        (substitution,) = re.findall(r"^\$\{(_\w+)\}$", one["name"])
        assert PINNED.fullmatch(content["substitutions"][substitution])


@pytest.mark.parametrize(
    ("image", "is_pinned"),
    [
        ("python:3.13.7-bookworm", True),
        ("python:3.13-bookworm", False),
        ("python", False),
        ("python:latest", False),
        ("gcr.io/google.com/cloudsdktool/google-cloud-cli:528.0.0-slim", True),
        ("gcr.io/google.com/cloudsdktool/google-cloud-cli:slim", False),
    ],
)
def test_an_image_that_is_not_pinned_is_seen(image: str, is_pinned: bool) -> None:
    assert bool(PINNED.fullmatch(image)) == is_pinned


@pytest.mark.parametrize("name", BY_NAME)
def test_no_package_is_taken_by_its_name_alone(name: str) -> None:
    taken = [line for line in lines(BY_NAME[name]) if re.search(r"pip install|apt-get install|npm |curl|wget", line)]
    assert taken == []


def test_the_checks_run_on_the_python_of_the_functions() -> None:
    (version,) = re.findall(r":(\d+)\.(\d+)\.", build(CHECKS)["substitutions"]["_PYTHON"])
    assert f'"python{"".join(version)}"' in Path(steps.__file__).read_text("utf-8")


def account(path: Path) -> str:
    (found,) = re.findall(r"/serviceAccounts/([\w-]+)@\$PROJECT_ID\.iam", build(path)["serviceAccount"])
    return str(found)


def test_checks_and_images_are_built_by_one_account_and_released_by_another() -> None:
    assert account(RELEASE) == resource("google_service_account", "deploy")["account_id"]
    assert account(CHECKS) == resource("google_service_account", "build")["account_id"]
    assert f"BUILD_ACCOUNT={build(CHECKS)['serviceAccount']}" in build(RELEASE)["options"]["env"]


def test_whoever_releases_runs_gcloud_and_our_own_steps_and_nothing_else() -> None:
    commands = [re.sub(r"\\\n\s*", "", one["script"]) for one in build(RELEASE)["steps"]]
    first_words = [line.split() for script in commands for line in script.splitlines() if line != "set -eu"]
    assert [" ".join(words[:3]) for words in first_words] == ["gcloud builds submit"] + ["python3 -m infra.release"] * 3
    assert [words[3] for words in first_words[1:]] == ["deploy", "smoke", "move"]


def test_each_step_waits_for_the_one_before() -> None:
    order = [(one["id"], one.get("waitFor")) for one in build(RELEASE)["steps"]]
    assert order == [("check", None), ("deploy", ["check"]), ("smoke", ["deploy"]), ("traffic", ["smoke"])]


def test_the_tests_wait_for_all_that_is_quicker_and_the_release_for_all_of_it() -> None:
    waits = {one["id"]: one["waitFor"] for one in build(CHECKS)["steps"]}
    assert waits.pop("packages") == ["-"]
    assert waits.pop("tests") == ["format", "types", "imports"]
    assert set(map(tuple, waits.values())) == {("packages",)}
    submit = step(RELEASE, "check")["script"]
    assert f"--config {CHECKS.relative_to(TOP)}" in submit
    assert "--async" not in submit


def test_the_checks_are_those_that_make_runs_too() -> None:
    """So a developer sees at home what the build will say: each command stands in the Makefile, or is its target."""
    makefile = (TOP / "Makefile").read_text("utf-8")
    recipes = makefile.replace("$(python)", ".venv/bin/python")
    targets = set(re.findall(r"^([\w./-]+):", recipes.replace("$(installed)", ".venv/installed"), re.MULTILINE))
    browser = ".venv/bin/python -m playwright install --with-deps chromium"
    for line in lines(CHECKS):
        if line.startswith("make "):
            assert line.removeprefix("make ") in targets
        elif line != browser:  # at home, whatever browser there is
            assert f"{line}\n" in recipes.replace("ADUAN_ALL_TESTS=1 ", ""), line
    assert "ADUAN_ALL_TESTS=1" in step(CHECKS, "tests")["env"]


def test_the_formats_check_passes_here_as_the_build_runs_it() -> None:
    script = step(CHECKS, "format")["script"].replace(".venv/bin/python", sys.executable)
    ran = subprocess.run(["/bin/sh", "-c", script], cwd=TOP, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_the_secrets_that_a_release_reads_are_made_and_its_account_may_read_them() -> None:
    read = {
        secret["env"]: re.findall(r"/secrets/([\w-]+)/versions/latest$", secret["versionName"])
        for secret in build(RELEASE)["availableSecrets"]["secretManager"]
    }
    assert read == {name: [local("secrets")[name]] for name in read}
    may = {
        re.findall(r"\[(\w+)\]", grant.on)[0]
        for grant in granted()
        if grant.who == "google_service_account.deploy" and grant.role == "roles/secretmanager.secretAccessor"
    }
    assert set(read) == may
    assert all(set(one.get("secretEnv", read)) == set(read) for one in build(RELEASE)["steps"])


@pytest.mark.parametrize("name", ["smoke", "traffic"])
def test_a_step_that_tries_the_release_is_told_all_that_it_needs(name: str) -> None:
    told = {entry.partition("=")[0] for entry in step(RELEASE, name)["env"] + build(RELEASE)["options"]["env"]}
    source = (TOP / "infra" / "release" / "__main__.py").read_text("utf-8")
    asked = set(re.findall(r'environment\["(\w+)"\]', source))
    assert asked <= told | set(step(RELEASE, name)["secretEnv"])


def test_the_release_goes_where_terraform_made_the_services() -> None:
    content = build(RELEASE)
    assert content["substitutions"]["_REGION"] == named("variable")["region"]["default"]
    assert local("names") == '${{for target, function in local.functions : target => replace(target, "_", "-")}}'
    assert [service_of(target) for target in TARGETS] == [target.replace("_", "-") for target in local("functions")]


def test_sources_and_images_lie_where_gcloud_looks_for_them() -> None:
    bucket = resource("google_storage_bucket", "sources")["name"]
    assert bucket == "run-sources-${var.project_id}-${var.region}"
    assert '"gs://run-sources-$PROJECT-$REGION/checks"' in step(RELEASE, "check")["script"]
    assert resource("google_artifact_registry_repository", "images")["repository_id"] == "cloud-run-source-deploy"


def test_what_is_sent_for_the_checks_holds_the_tests_and_no_secret() -> None:
    home = (TOP / "infra" / "release" / "upload.gcloudignore").read_text("utf-8").splitlines()
    assert {"terraform.tfvars", ".venv/", ".run/"} <= set(home)
    assert not any(line.startswith(("tests", "/tests", "Makefile", "infra")) for line in home)
    assert "upload.gcloudignore" in step(RELEASE, "check")["script"]

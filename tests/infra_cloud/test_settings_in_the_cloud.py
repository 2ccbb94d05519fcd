"""Each function is given the settings that it reads, all of them and no other, with values that it accepts."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from aduan.environment import Setting, SettingError
from aduan.settings import SETTINGS, USED_BY, Settings
from infra.local.functions import FUNCTIONS
from tests.infra_cloud.hcl import local, named, resource

NEVER_SET: Final[Mapping[str, str]] = {
    "FIRESTORE_EMULATOR_HOST": "beside it nothing that is stored is anybody's",
    "CLOUD_TASKS_EMULATOR_HOST": "the same",
    "KMS_EMULATOR_HOST": "the same",
    "CLOUD_TRACE_EMULATOR_HOST": "the same",
    "OIDC_CERTS_URL": "no address but Google's is accepted in the cloud, and that is the default",
    "IAP_CERTS_URL": "the same",
    "SECONDS_PER_MINUTE": "no minute but one of sixty seconds is accepted in the cloud, and that is the default",
    "WHATSAPP_API_BASE": "no address but Meta's makes sense in the cloud, and that is the default",
}
NUMBER: Final = "123456789012"
PLACES: Final[Mapping[str, str]] = {
    "var.project_id": "disdukcapil-contoh",
    "var.region": "asia-southeast2",
    "var.office": "bantul",
    "var.calendar_file": "",
    "var.traces_exporter": "gcp_trace",
    "var.whatsapp_api_version": "v26.0",
    "var.whatsapp_phone_number_id": "106540352242922",
    "data.google_project.this.number": NUMBER,
    "google_service_account.tasks.email": "aduan-tasks@disdukcapil-contoh.iam.gserviceaccount.com",
    "google_service_account.scheduler.email": "aduan-scheduler@disdukcapil-contoh.iam.gserviceaccount.com",
    "google_kms_crypto_key.field_key.id": (
        "projects/disdukcapil-contoh/locations/asia-southeast2/keyRings/aduan/cryptoKeys/field-key"
    ),
    "google_storage_bucket.media.name": "disdukcapil-contoh-aduan-media",
    "local.names.staff_portal": "staff-portal",
    "coalesce(var.staff_url, local.urls.staff_portal)": f"https://staff-portal-{NUMBER}.asia-southeast2.run.app",
    **{
        f"local.urls.{target}": f"https://{target.replace('_', '-')}-{NUMBER}.asia-southeast2.run.app"
        for target in USED_BY
    },
    **{
        f'google_cloud_tasks_queue.queue["{target}"].name': queue
        for target, queue in (("sla_check", "sla-checks"), ("send_message", "messages"), ("fetch_media", "media"))
    },
}
"""What Terraform, and Google, would put in the places of a value."""

SECRETS: Final = {
    "FIELD_KEY": "A" * 80,
    "PORTAL_SECRET": "sixteen-letters-or-more",
    "WHATSAPP_ACCESS_TOKEN": "EAAG",
    "WHATSAPP_APP_SECRET": "sixteen-letters-or-more",
    "WHATSAPP_VERIFY_TOKEN": "verify",
}


def filled(expression: str) -> str:
    """A value as an instance would find it."""
    found = re.sub(r"\$\{([^}]+)\}", lambda match: PLACES[match[1]], expression)
    # The image's folder; here it is this tree's.
    return found.replace("/workspace/functions", str(FUNCTIONS))


def environment(target: str) -> dict[str, str]:
    """What one function finds in the cloud."""
    values = local("values")
    given: list[str] = local("functions")[target]["settings"]
    plain = {name: filled(values[name]) for name in given if name in values}
    return {"K_SERVICE": target.replace("_", "-"), **plain, **{n: SECRETS[n] for n in given if n not in values}}


@pytest.mark.parametrize("target", USED_BY)
def test_a_function_is_given_every_setting_that_it_reads_and_no_other(target: str) -> None:
    given = local("functions")[target]["settings"]
    assert len(set(given)) == len(given)
    assert set(given) == {setting.name for setting in USED_BY[target]} - NEVER_SET.keys()


PAIRS = [(target, setting) for target, used in USED_BY.items() for setting in used]


@pytest.mark.parametrize(("target", "setting"), PAIRS, ids=lambda part: getattr(part, "name", part))
def test_each_setting_has_a_value_that_the_function_accepts(target: str, setting: Setting[object]) -> None:
    Settings(environment(target))[setting]


@pytest.mark.parametrize("name", NEVER_SET)
def test_what_the_cloud_never_sets_is_left_to_a_default_of_the_code(name: str) -> None:
    assert name not in local("values")
    assert name not in local("secrets")
    (setting,) = (setting for setting in SETTINGS if setting.name == name)
    assert not setting.required


def test_every_value_and_every_secret_is_read_by_some_function() -> None:
    read = {name for function in local("functions").values() for name in function["settings"]}
    assert set(local("values")) | set(local("secrets")) == read
    assert set(local("values")) & set(local("secrets")) == set()


@pytest.mark.parametrize("target", USED_BY)
def test_a_function_starts_with_what_the_cloud_gives_it(target: str) -> None:
    Settings(environment(target)).require(target)


@pytest.mark.parametrize("target", USED_BY)
def test_a_function_does_not_start_before_its_secrets_were_filled_in(target: str) -> None:
    unfilled = resource("google_secret_manager_secret_version", "unfilled")["secret_data"]
    secret = {setting.name for setting in USED_BY[target] if setting.secret}
    with pytest.raises(SettingError) as stopped:
        Settings(environment(target) | {name: str(unfilled) for name in secret}).require(target)
    assert set(re.findall(r"([A-Z_]+) is wrong", str(stopped.value))) == secret


def test_a_secret_reaches_a_function_by_its_name_and_never_as_text() -> None:
    ((container,),) = [resource("google_cloud_run_v2_service", "function")["template"][0]["containers"]]
    plain, secret = container["dynamic"]
    assert "if !contains(keys(local.secrets), name)" in plain["env"]["for_each"]
    assert plain["env"]["content"] == [{"name": "${env.key}", "value": "${env.value}"}]
    assert "if contains(keys(local.secrets), name)" in secret["env"]["for_each"]
    assert set(secret["env"]["content"][0]) == {"name", "value_source"}


def test_the_version_of_the_graph_api_is_the_codes_unless_somebody_says_otherwise() -> None:
    (version,) = (setting for setting in SETTINGS if setting.name == "WHATSAPP_API_VERSION")
    assert named("variable")["whatsapp_api_version"]["default"] == version.default.words


def test_the_office_that_is_taken_unless_another_is_named_is_there() -> None:
    office = named("variable")["office"]["default"]
    assert (Path(FUNCTIONS) / "aduan" / "offices" / office / "procedure.toml").is_file()


@pytest.mark.parametrize("target", USED_BY)
def test_an_instance_has_as_many_threads_as_it_is_sent_requests(target: str) -> None:
    template = resource("google_cloud_run_v2_service", "function")["template"][0]
    (threads,) = (env["value"] for env in template["containers"][0]["env"] if env["name"] == "THREADS")
    assert threads == "${tostring(each.value.concurrency)}"
    assert template["max_instance_request_concurrency"] == "${each.value.concurrency}"
    assert 1 <= local("functions")[target]["concurrency"] <= 80

"""The database, its indexes and terms, the bucket, and the key."""

import json
import re
from typing import Any

import pytest

from tests.adapters.index_file import INFRA, composites
from tests.infra_cloud.hcl import TERRAFORM, local, named, resource, resources

FILE: dict[str, Any] = json.loads((INFRA / "firestore.indexes.json").read_text("utf-8"))
DATABASE = "${google_firestore_database.record.name}"


def test_the_database_is_native_guarded_and_can_be_brought_back() -> None:
    database = resource("google_firestore_database", "record")
    assert database["name"] == "(default)"  # the client asks for no other
    assert database["type"] == "FIRESTORE_NATIVE"
    assert database["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert database["lifecycle"] == [{"prevent_destroy": True}]
    backup = resource("google_firestore_backup_schedule", "daily")
    assert backup["database"] == DATABASE
    assert "daily_recurrence" in backup
    (days,) = re.findall(r"kept for (\d+) days", (INFRA / "privacy.md").read_text("utf-8"))
    assert backup["retention"] == f"{int(days) * 24 * 3600}s"


def test_everything_lies_in_jakarta_unless_another_region_is_named() -> None:
    assert named("variable")["region"]["default"] == "asia-southeast2"
    places = {
        (key, block[place])
        for key, block in resources().items()
        for place in ("location", "location_id", "region")
        if place in block
    }
    assert {place for _, place in places} == {"${var.region}"}
    assert len(places) > 10


def test_the_indexes_are_read_from_the_file_that_every_query_is_held_to() -> None:
    assert local("firestore") == '${jsondecode(file("${path.module}/../firestore.indexes.json"))}'
    assert (TERRAFORM / "../firestore.indexes.json").resolve() == (INFRA / "firestore.indexes.json").resolve()
    index = resource("google_firestore_index", "composite")
    assert "for index in local.firestore.indexes :" in index["for_each"]
    assert (index["collection"], index["query_scope"]) == ("${each.value.collectionGroup}", "${each.value.queryScope}")
    assert index["dynamic"] == [
        {
            "fields": {
                "for_each": "${each.value.fields}",
                "content": [
                    {
                        "field_path": "${fields.value.fieldPath}",
                        "order": "${try(fields.value.order, null)}",
                        "array_config": "${try(fields.value.arrayConfig, null)}",
                    }
                ],
            }
        }
    ]
    assert [name for _, name in resources("google_firestore_index")] == ["composite"]


@pytest.mark.parametrize("index", composites(), ids=lambda i: " ".join(f["fieldPath"] for f in i["fields"]))
def test_each_index_of_the_file_says_all_that_terraform_reads_of_it_and_has_a_name_of_its_own(
    index: dict[str, Any],
) -> None:
    assert set(index) == {"collectionGroup", "queryScope", "fields"}
    assert all(set(field) <= {"fieldPath", "order", "arrayConfig"} and len(field) == 2 for field in index["fields"])
    key = (index["collectionGroup"], *(field["fieldPath"] for field in index["fields"]))
    same = [i for i in composites() if (i["collectionGroup"], *(f["fieldPath"] for f in i["fields"])) == key]
    assert same == [index]


@pytest.mark.parametrize("field", FILE["fieldOverrides"], ids=lambda f: f"{f['collectionGroup']}.{f['fieldPath']}")
def test_each_single_field_of_the_file_says_all_that_terraform_reads_of_it(field: dict[str, Any]) -> None:
    assert set(field) <= {"collectionGroup", "fieldPath", "indexes", "ttl"}
    assert {"collectionGroup", "fieldPath", "indexes"} <= set(field)
    assert all(
        set(index) <= {"order", "arrayConfig", "queryScope"} and "queryScope" in index for index in field["indexes"]
    )
    assert field.get("ttl", True) is True  # what is not to end by itself does not mention it
    key = (field["collectionGroup"], field["fieldPath"])
    assert [(f["collectionGroup"], f["fieldPath"]) for f in FILE["fieldOverrides"]].count(key) == 1


def test_exempted_and_ending_fields_are_read_from_the_file_too() -> None:
    field = resource("google_firestore_field", "override")
    assert "for field in local.firestore.fieldOverrides :" in field["for_each"]
    assert field["index_config"][0]["dynamic"][0]["indexes"]["for_each"] == "${each.value.indexes}"
    (ttl,) = (block["ttl_config"] for block in field["dynamic"] if "ttl_config" in block)
    assert ttl["for_each"] == '${try(each.value.ttl, false) ? ["ends"] : []}'
    assert [name for _, name in resources("google_firestore_field")] == ["override"]


def test_no_browser_reads_or_writes() -> None:
    (source,) = resource("google_firebaserules_ruleset", "nobody")["source"]
    assert source["files"][0]["content"] == '${file("${path.module}/../firestore.rules")}'
    rules = (INFRA / "firestore.rules").read_text("utf-8")
    assert re.findall(r"allow ([^;]+);", rules) == ["read, write: if false"]
    assert resource("google_firebaserules_release", "nobody")["name"] == "cloud.firestore"


def test_what_was_written_to_the_record_is_told_by_google_too() -> None:
    audit = resource("google_project_iam_audit_config", "record")
    assert audit["service"] == "datastore.googleapis.com"
    assert audit["audit_log_config"] == [{"log_type": "DATA_WRITE"}]


def test_files_that_are_erased_are_gone_and_no_other_goes_before_its_term() -> None:
    bucket = resource("google_storage_bucket", "media")
    assert bucket["versioning"] == [{"enabled": False}]
    assert bucket["soft_delete_policy"] == [{"retention_duration_seconds": 0}]
    actions = [rule["action"][0]["type"] for rule in bucket["lifecycle_rule"]]
    assert actions == ["AbortIncompleteMultipartUpload", "SetStorageClass"]
    assert bucket["force_destroy"] is False
    assert bucket["lifecycle"] == [{"prevent_destroy": True}]


def test_a_files_term_is_read_from_the_file_that_says_it() -> None:
    (rules,) = (block["lifecycle_rule"] for block in resource("google_storage_bucket", "media")["dynamic"])
    assert rules["for_each"] == '${jsondecode(file("${path.module}/../bucket-lifecycle.json")).rule}'
    (content,) = rules["content"]
    assert content["condition"] == [{"age": "${lifecycle_rule.value.condition.age}"}]
    assert content["action"] == [{"type": "${lifecycle_rule.value.action.type}"}]
    said = json.loads((INFRA / "bucket-lifecycle.json").read_text("utf-8"))["rule"]
    assert all(set(rule) == {"action", "condition"} for rule in said)
    # What Terraform does not read of the file must not stand in it.
    assert all((set(rule["action"]), set(rule["condition"])) == ({"type"}, {"age"}) for rule in said)
    assert [rule["action"]["type"] for rule in said] == ["Delete"]


def test_the_key_turns_by_itself_and_cannot_be_lost_by_a_slip() -> None:
    key = resource("google_kms_crypto_key", "field_key")
    assert key["purpose"] == "ENCRYPT_DECRYPT"
    assert key["rotation_period"] == f"{90 * 24 * 3600}s"
    assert key["lifecycle"] == [{"prevent_destroy": True}]
    assert key["destroy_scheduled_duration"] == f"{30 * 24 * 3600}s"

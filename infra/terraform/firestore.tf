# The record: documents, indexes, terms, rules, backups.

locals {
  # The same file that the tests hold against every query that the code can make.
  firestore = jsondecode(file("${path.module}/../firestore.indexes.json"))
}

resource "google_firestore_database" "record" {
  name        = "(default)"
  location_id = var.region
  type        = "FIRESTORE_NATIVE"

  # Preconditions are what the code writes by; see infra/decisions/0003.
  concurrency_mode = "OPTIMISTIC"

  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.used]
}

# Point-in-time recovery reaches back seven days, these thirty-five: who was forgotten is in none of them for longer
# (../privacy.md), with the keys that were destroyed.
resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.record.name
  retention = "3024000s"

  daily_recurrence {}
}

resource "google_firestore_index" "composite" {
  for_each = {
    for index in local.firestore.indexes :
    join(" ", concat([index.collectionGroup], [for field in index.fields : field.fieldPath])) => index
  }

  database    = google_firestore_database.record.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }
}

# What is in no index (sealed texts: to index them costs writes and finds nothing), and what ends by itself.
resource "google_firestore_field" "override" {
  for_each = {
    for field in local.firestore.fieldOverrides : "${field.collectionGroup}.${field.fieldPath}" => field
  }

  database   = google_firestore_database.record.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes

      content {
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
        query_scope  = indexes.value.queryScope
      }
    }
  }

  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? ["ends"] : []

    content {}
  }
}

resource "google_firebaserules_ruleset" "nobody" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/../firestore.rules")
    }
  }

  depends_on = [google_firestore_database.record]
}

resource "google_firebaserules_release" "nobody" {
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.nobody.name
}

# Who wrote to a document: what to ask when an event of the record was changed by hand (infra/record/README.md).
resource "google_project_iam_audit_config" "record" {
  project = var.project_id
  service = "datastore.googleapis.com"

  audit_log_config {
    log_type = "DATA_WRITE"
  }
}

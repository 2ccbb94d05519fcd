# Files that citizens sent, each sealed under that citizen's key before it comes here.

resource "google_storage_bucket" "media" {
  #checkov:skip=CKV_GCP_62:who may read it is our own accounts alone; what each asked for stands in the functions' logs
  #checkov:skip=CKV_GCP_78:a version that is kept is a file that was not erased
  name     = "${var.project_id}-aduan-media"
  location = var.region

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  # What is erased is to be gone: no versions, and no week in which it can be brought back.
  versioning {
    enabled = false
  }

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  # How long a file is kept: the file that tells `gcloud storage buckets update` the same.
  dynamic "lifecycle_rule" {
    for_each = jsondecode(file("${path.module}/../bucket-lifecycle.json")).rule

    content {
      condition {
        age = lifecycle_rule.value.condition.age
      }

      action {
        type = lifecycle_rule.value.action.type
      }
    }
  }

  # What an upload that broke off left behind: nobody else would ever take it away.
  lifecycle_rule {
    condition {
      age = 1
    }

    action {
      type = "AbortIncompleteMultipartUpload"
    }
  }

  # A complaint is settled within days; later its pictures are looked at once, if ever.
  lifecycle_rule {
    condition {
      age                   = 90
      matches_storage_class = ["STANDARD"]
    }

    action {
      type          = "SetStorageClass"
      storage_class = "NEARLINE"
    }
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.used]
}

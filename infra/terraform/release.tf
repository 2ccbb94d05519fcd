# What a release needs: where sources and images lie, and what its two accounts may do.

# `gcloud run deploy --source` knows both by these names, and would make them itself, with nobody's terms.
resource "google_storage_bucket" "sources" {
  #checkov:skip=CKV_GCP_62:it holds source code that stands in the repository too
  #checkov:skip=CKV_GCP_78:each upload has a name of its own, is never written over, and ends after a month
  name     = "run-sources-${var.project_id}-${var.region}"
  location = var.region

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # A source is read once, by its build.
  lifecycle_rule {
    condition {
      age = 30
    }

    action {
      type = "Delete"
    }
  }

  depends_on = [google_project_service.used]
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:an image holds published code and no secret; a key of ours would only add a way to lose it
  repository_id = "cloud-run-source-deploy"
  location      = var.region
  format        = "DOCKER"
  description   = "The functions' images, as releases built them"

  # Ten releases of each to go back to.
  cleanup_policies {
    id     = "keep-ten"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "old"
    action = "DELETE"

    condition {
      older_than = "7776000s"
    }
  }

  depends_on = [google_project_service.used]
}

# Building: reads the source, writes the image, writes its log.

resource "google_storage_bucket_iam_member" "build_reads_sources" {
  bucket = google_storage_bucket.sources.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build_writes_images" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

resource "google_project_iam_member" "build" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

# Deploying: starts builds as the one above, makes revisions that run as the functions' accounts, moves traffic.

resource "google_project_iam_member" "deploy" {
  #checkov:skip=CKV_GCP_49:neither role lets it speak as another account; those it may speak as are named below, one by one
  for_each = toset([
    "roles/cloudbuild.builds.editor",
    "roles/logging.logWriter",
    "roles/run.sourceDeveloper",
    "roles/serviceusage.serviceUsageConsumer",
  ])

  project = var.project_id
  role    = each.key
  member  = google_service_account.deploy.member
}

resource "google_service_account_iam_member" "deploy_as_function" {
  for_each = local.functions

  service_account_id = google_service_account.function[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deploy.member
}

resource "google_service_account_iam_member" "deploy_as_build" {
  service_account_id = google_service_account.build.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deploy.member
}

# The smoke test signs a message, and shakes hands, as Meta would.
resource "google_secret_manager_secret_iam_member" "deploy_smokes" {
  for_each = toset(["WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"])

  secret_id = google_secret_manager_secret.setting[each.key].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.deploy.member
}

# What each account may do, and nothing else. The tests hold this file to a table that says why.

locals {
  # Every pair of a function and what it uses, by one name, for the rules below.
  asks = merge([
    for target, function in local.functions : {
      for queue in function.asks : "${target} ${queue}" => { target = target, queue = queue }
    }
  ]...)

  reads = merge([
    for target, function in local.functions : {
      for name in function.settings : "${target} ${name}" => { target = target, secret = name }
      if contains(keys(local.secrets), name)
    }
  ]...)

  unwraps = toset([for target, function in local.functions : target if contains(function.settings, "FIELD_KMS_KEY")])
}

# Functions

resource "google_project_iam_member" "record" {
  for_each = local.functions

  project = var.project_id
  role    = "roles/datastore.user"
  member  = google_service_account.function[each.key].member
}

resource "google_secret_manager_secret_iam_member" "reads" {
  for_each = local.reads

  secret_id = google_secret_manager_secret.setting[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.target].member
}

resource "google_kms_crypto_key_iam_member" "unwraps" {
  for_each = local.unwraps

  crypto_key_id = google_kms_crypto_key.field_key.id
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = google_service_account.function[each.key].member
}

resource "google_cloud_tasks_queue_iam_member" "asks" {
  for_each = local.asks

  name     = google_cloud_tasks_queue.queue[each.value.queue].name
  location = var.region
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.function[each.value.target].member
}

# A task carries a token of the account `tasks`; who asks for the task must be allowed to speak in its name.
resource "google_service_account_iam_member" "tasks" {
  for_each = local.functions

  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.function[each.key].member
}

# Spans, and nothing is read.
resource "google_project_iam_member" "traces" {
  for_each = local.functions

  project = var.project_id
  role    = "roles/cloudtrace.agent"
  member  = google_service_account.function[each.key].member
}

# To keep a file over one that is there is, to the bucket, to delete it first.
resource "google_storage_bucket_iam_member" "keeps_files" {
  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectUser"
  member = google_service_account.function["fetch_media"].member
}

# What is past its term is deleted by the sweep.
resource "google_storage_bucket_iam_member" "ends_files" {
  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectUser"
  member = google_service_account.function["sweep"].member
}

# With the list: without it a file that is gone looks like one that is forbidden.
resource "google_storage_bucket_iam_member" "shows_files" {
  bucket = google_storage_bucket.media.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.function["staff_portal"].member
}

# Who may call which function. No other way leads to any.

resource "google_cloud_run_v2_service_iam_member" "whatsapp" {
  name     = google_cloud_run_v2_service.function["whatsapp_webhook"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers" # Meta has no account of ours; it proves itself by its signature
}

resource "google_cloud_run_v2_service_iam_member" "tasks" {
  for_each = local.queues

  name     = google_cloud_run_v2_service.function[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.tasks.member
}

resource "google_cloud_run_v2_service_iam_member" "scheduler" {
  name     = google_cloud_run_v2_service.function["sweep"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

# Nobody but IAP reaches the portal, and IAP lets through whom it knows.

resource "google_project_service_identity" "iap" {
  provider = google-beta

  service = "iap.googleapis.com"

  depends_on = [google_project_service.used]
}

resource "google_cloud_run_v2_service_iam_member" "iap" {
  name     = google_cloud_run_v2_service.function["staff_portal"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_project_service_identity.iap.member
}

resource "google_iap_web_cloud_run_service_iam_member" "staff" {
  for_each = var.staff_members

  cloud_run_service_name = google_cloud_run_v2_service.function["staff_portal"].name
  location               = var.region
  role                   = "roles/iap.httpsResourceAccessor"
  member                 = each.key
}

# What the tasks missed is looked for every five minutes (functions/aduan/service/sweeping.py), day and night.

resource "google_cloud_scheduler_job" "sweep" {
  name             = "sweep"
  region           = var.region
  schedule         = "*/5 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "290s" # above the function's own limit: whoever hangs up first must be the function

  # None: the next sweep comes in any case, and does all that this one missed.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    uri         = local.urls.sweep

    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = local.urls.sweep
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.scheduler]
}

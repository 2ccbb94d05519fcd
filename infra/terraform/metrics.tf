# What the functions' lines of JSON tell, counted. The tests hold each name here to the line that the code writes.

locals {
  lines = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name"
}

resource "google_logging_metric" "sweeps" {
  name        = "aduan/sweeps"
  description = "Sweeps that came to their end."
  filter      = "${local.lines}=\"${local.names.sweep}\" AND jsonPayload.message=\"swept\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.used]
}

resource "google_logging_metric" "holes" {
  name        = "aduan/holes"
  description = "Sweeps that found what had stood unnoticed for a whole period, or could not mend something."
  filter      = "${local.lines}=\"${local.names.sweep}\" AND jsonPayload.message=\"swept\" AND (jsonPayload.holes>0 OR jsonPayload.failed>0)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.used]
}

resource "google_logging_metric" "refused" {
  name        = "aduan/channel_needs_operator"
  description = "WhatsApp refuses the token, the number or the account: every message waits."
  filter      = "${local.lines}=~\"^(${local.names.send_message}|${local.names.fetch_media})$\" AND jsonPayload.message=\"channel_needs_operator\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }

  depends_on = [google_project_service.used]
}

resource "google_logging_metric" "oldest_wait" {
  name            = "aduan/oldest_wait"
  description     = "Seconds that the oldest message has been waiting to leave, as each sweep finds it."
  filter          = "${local.lines}=\"${local.names.sweep}\" AND jsonPayload.message=\"waiting_to_leave\""
  value_extractor = "EXTRACT(jsonPayload.oldest_s)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "s"
  }

  # From a quarter of a minute to half a week.
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 15
      growth_factor      = 2
      scale              = 15
    }
  }

  depends_on = [google_project_service.used]
}

# Four things that somebody must be told at night, and nothing that heals by itself. What to do: infra/runbook.md.

resource "google_monitoring_notification_channel" "operator" {
  for_each = var.operator_emails

  display_name = each.key
  type         = "email"

  labels = {
    email_address = each.key
  }

  depends_on = [google_project_service.used]
}

locals {
  told    = [for channel in google_monitoring_notification_channel.operator : channel.id]
  service = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name"
}

resource "google_monitoring_alert_policy" "webhook" {
  display_name          = "Aduan: the webhook fails or is slow"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.told

  conditions {
    display_name = "More than one answer in five minutes is 5xx"

    condition_threshold {
      filter          = "${local.service}=\"${local.names.whatsapp_webhook}\" AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "One answer in twenty takes longer than ten seconds"

    condition_threshold {
      filter          = "${local.service}=\"${local.names.whatsapp_webhook}\" AND metric.type=\"run.googleapis.com/request_latencies\""
      comparison      = "COMPARISON_GT"
      threshold_value = 10000 # milliseconds
      duration        = "300s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_95"
      }
    }
  }

  documentation {
    content = "Nothing is lost: WhatsApp sends again for days. infra/runbook.md, 'Firestore refuses' and 'Cloud Tasks is down'."
  }
}

resource "google_monitoring_alert_policy" "holes" {
  display_name          = "Aduan: the sweep found a hole, or does not come"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.told

  conditions {
    display_name = "Something stood unnoticed for longer than a sweep's period, or could not be mended"

    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.holes.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  conditions {
    display_name = "No sweep for fifteen minutes: three in a row did not come"

    condition_absent {
      filter   = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.sweeps.name}\""
      duration = "900s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "The `swept` line says what. infra/runbook.md, 'First look', 'Every task is lost' and 'The sweep itself does not come'."
  }
}

resource "google_monitoring_alert_policy" "refused" {
  display_name          = "Aduan: WhatsApp refuses the token, the number or the account"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.told

  conditions {
    display_name = "Refused once: it does not heal by itself"

    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.refused.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content = "All messages wait, none is given up. infra/runbook.md, 'The token is refused' and 'The number or account is restricted'."
  }
}

resource "google_monitoring_alert_policy" "oldest_wait" {
  display_name          = "Aduan: messages do not leave"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.told

  conditions {
    display_name = "The oldest waiting message is older than half an hour"

    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.oldest_wait.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1800
      duration        = "0s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_PERCENTILE_99"
      }
    }
  }

  documentation {
    content = "Open /saluran in the portal. infra/runbook.md, 'WhatsApp answers 5xx' and 'Put it right by hand'."
  }
}

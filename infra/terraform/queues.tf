# The alarm clocks, what must be sent, and the files to fetch. Every attempt is safe to repeat.

locals {
  # `concurrent` is never more than the called function takes at once (functions.tf: its instances times its
  # concurrency): beyond that Cloud Run answers 429, which would count as a failure of ours.
  queues = {
    sla_check = {
      # A day's backlog may ring at once; each ring is one read and perhaps one commit.
      name       = "sla-checks"
      per_second = 100
      concurrent = 80
      # A ring that failed is late already, and the sweep comes every five minutes.
      min_backoff = "1s"
      max_backoff = "60s"
    }
    send_message = {
      # WhatsApp takes 80 messages a second from one number, and restricts who knocks harder.
      name       = "messages"
      per_second = 80
      concurrent = 80
      # Paces what WhatsApp asks us to try again.
      min_backoff = "4s"
      max_backoff = "60s"
    }
    fetch_media = {
      # A file has 16 MiB at most, and each lies in memory while it is sealed.
      name       = "media"
      per_second = 8
      concurrent = 8
      # What cannot be had now makes a task of its own for later; this is for a function that did not answer.
      min_backoff = "10s"
      max_backoff = "300s"
    }
  }
}

resource "google_cloud_tasks_queue" "queue" {
  for_each = local.queues

  name     = each.value.name
  location = var.region

  rate_limits {
    max_dispatches_per_second = each.value.per_second
    max_concurrent_dispatches = each.value.concurrent
  }

  # Without a limit of attempts, or of time: what is given up, the code gives up, and says so in the record.
  retry_config {
    max_attempts       = -1
    max_retry_duration = "0s"
    min_backoff        = each.value.min_backoff
    max_backoff        = each.value.max_backoff
    max_doublings      = 4
  }

  depends_on = [google_project_service.used]
}

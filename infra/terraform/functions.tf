# The functions: how each is run, and which settings it reads. The tests hold `settings` to functions/aduan/settings.py.

locals {
  # concurrency  as many threads serve one instance (THREADS). Sixteen share a processor well, for they mostly wait
  #              for Firestore; files are sealed in memory, four at once.
  # instances    what Firestore, WhatsApp and the purse bear; a queue never sends more than these take together.
  # timeout      in seconds, above all that the function itself waits for, and below its caller's patience.
  # ingress      'all' is open to the internet, and then to whom `invokers` names; 'internal' lets in Cloud Tasks and
  #              Cloud Scheduler of this project, and nobody else.
  # asks         the queues that it puts tasks into.
  functions = {
    whatsapp_webhook = {
      ingress     = "all"
      memory      = "512Mi"
      concurrency = 16
      instances   = 10
      timeout     = 60 # a batch has up to 1,000 updates, and WhatsApp comes again for what was not confirmed
      asks        = ["sla_check", "send_message", "fetch_media"]
      settings = [
        "GOOGLE_CLOUD_PROJECT", "FIELD_KEY", "FIELD_KMS_KEY", "OTEL_TRACES_EXPORTER",
        "OFFICE_DIR", "CALENDAR_FILE", "STAFF_URL",
        "CLOUD_TASKS_LOCATION", "TASKS_SERVICE_ACCOUNT",
        "SLA_QUEUE", "MESSAGE_QUEUE", "MEDIA_QUEUE", "SLA_CHECK_URL", "SEND_MESSAGE_URL", "FETCH_MEDIA_URL",
        "WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN",
      ]
    }

    staff_portal = {
      ingress     = "all" # IAP stands before it
      memory      = "512Mi"
      concurrency = 16
      instances   = 5  # an office has tens of desks, not thousands
      timeout     = 60 # a page takes a second; a person waits for it
      asks        = ["sla_check", "send_message"]
      settings = [
        "GOOGLE_CLOUD_PROJECT", "FIELD_KEY", "FIELD_KMS_KEY", "OTEL_TRACES_EXPORTER",
        "OFFICE_DIR", "CALENDAR_FILE", "STAFF_URL",
        "CLOUD_TASKS_LOCATION", "TASKS_SERVICE_ACCOUNT",
        "SLA_QUEUE", "MESSAGE_QUEUE", "MEDIA_QUEUE", "SLA_CHECK_URL", "SEND_MESSAGE_URL", "FETCH_MEDIA_URL",
        "IAP_AUDIENCE", "PORTAL_SECRET", "MEDIA_STORE",
      ]
    }

    sla_check = {
      ingress     = "internal"
      memory      = "512Mi"
      concurrency = 16
      instances   = 5
      timeout     = 60
      asks        = ["sla_check", "send_message"]
      settings = [
        "GOOGLE_CLOUD_PROJECT", "FIELD_KEY", "FIELD_KMS_KEY", "OTEL_TRACES_EXPORTER",
        "OFFICE_DIR", "CALENDAR_FILE", "STAFF_URL",
        "CLOUD_TASKS_LOCATION", "TASKS_SERVICE_ACCOUNT",
        "SLA_QUEUE", "MESSAGE_QUEUE", "MEDIA_QUEUE", "SLA_CHECK_URL", "SEND_MESSAGE_URL", "FETCH_MEDIA_URL",
      ]
    }

    send_message = {
      ingress     = "internal"
      memory      = "512Mi"
      concurrency = 16
      instances   = 5
      timeout     = 90 # WhatsApp may think for 30 s, and the row stays ours for 90 s
      asks        = ["sla_check", "send_message"]
      settings = [
        "GOOGLE_CLOUD_PROJECT", "FIELD_KEY", "FIELD_KMS_KEY", "OTEL_TRACES_EXPORTER",
        "OFFICE_DIR", "CALENDAR_FILE", "STAFF_URL",
        "CLOUD_TASKS_LOCATION", "TASKS_SERVICE_ACCOUNT",
        "SLA_QUEUE", "MESSAGE_QUEUE", "MEDIA_QUEUE", "SLA_CHECK_URL", "SEND_MESSAGE_URL", "FETCH_MEDIA_URL",
        "WHATSAPP_API_VERSION", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_PHONE_NUMBER_ID",
      ]
    }

    fetch_media = {
      ingress     = "internal"
      memory      = "512Mi" # four files of 16 MiB, each as it came and as it is sealed, beside the program
      concurrency = 4
      instances   = 2
      timeout     = 300
      asks        = ["fetch_media"]
      settings = [
        "GOOGLE_CLOUD_PROJECT", "FIELD_KEY", "FIELD_KMS_KEY", "OTEL_TRACES_EXPORTER",
        "CLOUD_TASKS_LOCATION", "TASKS_SERVICE_ACCOUNT",
        "SLA_QUEUE", "MESSAGE_QUEUE", "MEDIA_QUEUE", "SLA_CHECK_URL", "SEND_MESSAGE_URL", "FETCH_MEDIA_URL",
        "WHATSAPP_API_VERSION", "WHATSAPP_ACCESS_TOKEN", "MEDIA_STORE",
      ]
    }

    sweep = {
      ingress     = "internal"
      memory      = "512Mi"
      concurrency = 1 # one at a time; a second one at the same time is harmless, and waste
      instances   = 1
      timeout     = 285 # ends before the next one begins
      asks        = ["sla_check", "send_message", "fetch_media"]
      settings = [
        "GOOGLE_CLOUD_PROJECT", "FIELD_KEY", "FIELD_KMS_KEY", "OTEL_TRACES_EXPORTER",
        "OFFICE_DIR", "CALENDAR_FILE", "STAFF_URL",
        "CLOUD_TASKS_LOCATION", "TASKS_SERVICE_ACCOUNT",
        "SLA_QUEUE", "MESSAGE_QUEUE", "MEDIA_QUEUE", "SLA_CHECK_URL", "SEND_MESSAGE_URL", "FETCH_MEDIA_URL",
        "SWEEP_URL", "SCHEDULER_SERVICE_ACCOUNT", "MEDIA_STORE",
      ]
    }
  }

  # A function's own name, with hyphens: whatsapp-webhook.
  names = { for target, function in local.functions : target => replace(target, "_", "-") }

  # Known before the service is made, so that each may be told where it is itself: the audience of its tokens.
  urls = {
    for target, name in local.names :
    target => "https://${name}-${data.google_project.this.number}.${var.region}.run.app"
  }

  # What each setting is worth; those that are secret stand in secrets.tf.
  values = {
    GOOGLE_CLOUD_PROJECT      = var.project_id
    FIELD_KMS_KEY             = google_kms_crypto_key.field_key.id
    OFFICE_DIR                = "/workspace/functions/aduan/offices/${var.office}"
    CALENDAR_FILE             = var.calendar_file
    STAFF_URL                 = coalesce(var.staff_url, local.urls.staff_portal)
    CLOUD_TASKS_LOCATION      = var.region
    TASKS_SERVICE_ACCOUNT     = google_service_account.tasks.email
    SCHEDULER_SERVICE_ACCOUNT = google_service_account.scheduler.email
    SLA_QUEUE                 = google_cloud_tasks_queue.queue["sla_check"].name
    MESSAGE_QUEUE             = google_cloud_tasks_queue.queue["send_message"].name
    MEDIA_QUEUE               = google_cloud_tasks_queue.queue["fetch_media"].name
    SLA_CHECK_URL             = local.urls.sla_check
    SEND_MESSAGE_URL          = local.urls.send_message
    FETCH_MEDIA_URL           = local.urls.fetch_media
    SWEEP_URL                 = local.urls.sweep
    IAP_AUDIENCE              = "/projects/${data.google_project.this.number}/locations/${var.region}/services/${local.names.staff_portal}"
    MEDIA_STORE               = "gs://${google_storage_bucket.media.name}"
    OTEL_TRACES_EXPORTER      = var.traces_exporter
    WHATSAPP_API_VERSION      = var.whatsapp_api_version
    WHATSAPP_PHONE_NUMBER_ID  = var.whatsapp_phone_number_id
  }
}

# One service for each function. It is made here, with a stand-in for an image; its code is the release's.

locals {
  ingress = {
    all      = "INGRESS_TRAFFIC_ALL"
    internal = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  }
}

resource "google_cloud_run_v2_service" "function" {
  for_each = local.functions

  name                = local.names[each.key]
  location            = var.region
  ingress             = local.ingress[each.value.ingress]
  iap_enabled         = each.key == "staff_portal"
  deletion_protection = true

  template {
    service_account                  = google_service_account.function[each.key].email
    timeout                          = "${each.value.timeout}s"
    max_instance_request_concurrency = each.value.concurrency

    scaling {
      min_instance_count = 0
      max_instance_count = each.value.instances
    }

    containers {
      image = "us-docker.pkg.dev/cloudrun/container/hello"

      resources {
        limits = {
          cpu    = "1"
          memory = each.value.memory
        }

        # Nothing runs after an answer was given, so a processor is paid for while it answers; and a start, which
        # reads half a second of modules, gets twice of it.
        cpu_idle          = true
        startup_cpu_boost = true
      }

      env {
        name  = "THREADS"
        value = tostring(each.value.concurrency)
      }

      dynamic "env" {
        for_each = { for name in each.value.settings : name => local.values[name] if !contains(keys(local.secrets), name) }

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = toset([for name in each.value.settings : name if contains(keys(local.secrets), name)])

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.setting[env.key].secret_id
              version = "latest" # as it is when an instance starts: a new one is taken up by the next release
            }
          }
        }
      }
    }
  }

  lifecycle {
    # What a release changes: the image and how it was built, and which revision gets the traffic. A setting that is
    # changed here makes a revision without traffic, and goes live with the next release, tried like its code.
    ignore_changes = [
      template[0].containers[0].name,
      template[0].containers[0].image,
      template[0].containers[0].base_image_uri,
      template[0].labels,
      template[0].annotations,
      template[0].revision,
      build_config,
      client,
      client_version,
      annotations,
      labels,
      traffic,
    ]
  }

  depends_on = [
    google_secret_manager_secret_version.unfilled,
    google_secret_manager_secret_iam_member.reads,
  ]
}

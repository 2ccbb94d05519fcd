# A secret for each setting that is one. Their values never pass through Terraform, nor lie in its state.

locals {
  # Setting => the secret's name. Who may read which follows from `settings` in functions.tf.
  secrets = {
    FIELD_KEY             = "field-key"
    PORTAL_SECRET         = "portal-secret"
    WHATSAPP_ACCESS_TOKEN = "whatsapp-access-token"
    WHATSAPP_APP_SECRET   = "whatsapp-app-secret"
    WHATSAPP_VERIFY_TOKEN = "whatsapp-verify-token"
  }
}

resource "google_secret_manager_secret" "setting" {
  for_each = local.secrets

  secret_id           = each.value
  deletion_protection = true

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.used]
}

# Cloud Run makes no service whose secrets have no version. This first one is a text with which no function starts:
# each stops, and names the setting, until a real one was put in its place (README.md).
resource "google_secret_manager_secret_version" "unfilled" {
  for_each = local.secrets

  secret      = google_secret_manager_secret.setting[each.key].id
  secret_data = "belum diisi –"

  # It may be disabled or destroyed once a real one is there.
  deletion_policy = "ABANDON"

  lifecycle {
    ignore_changes = all
  }
}

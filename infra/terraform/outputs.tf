# What the next steps ask for (README.md, runbook.md).

output "webhook_url" {
  description = "What Meta is to be told: the callback of the number's app."
  value       = local.urls.whatsapp_webhook
}

output "portal_url" {
  description = "What staff open."
  value       = local.values.STAFF_URL
}

output "field_kms_key" {
  description = "The key that wraps FIELD_KEY."
  value       = google_kms_crypto_key.field_key.id
}

output "secrets" {
  description = "The secrets that are to be filled: setting and name."
  value       = { for setting, secret in google_secret_manager_secret.setting : setting => secret.secret_id }
}

output "deploy_account" {
  description = "In whose name a release runs."
  value       = google_service_account.deploy.id
}

output "media_bucket" {
  description = "Where citizens' files lie, sealed."
  value       = google_storage_bucket.media.name
}

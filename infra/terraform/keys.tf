# The key that wraps the office's key of the sealed fields (FIELD_KEY). It never leaves Google; nobody can read it.

resource "google_kms_key_ring" "aduan" {
  name     = "aduan"
  location = var.region

  depends_on = [google_project_service.used]
}

resource "google_kms_crypto_key" "field_key" {
  name     = "field-key"
  key_ring = google_kms_key_ring.aduan.id
  purpose  = "ENCRYPT_DECRYPT"

  # A new version every ninety days wraps what is wrapped from then on; what an older one wrapped it still opens.
  rotation_period = "7776000s"

  # Without this key the record can be read by nobody. A version that somebody destroys can be brought back for so long.
  destroy_scheduled_duration = "2592000s"

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = "SOFTWARE" # in hardware each version costs a dollar a month, for ever, and all versions stay
  }

  lifecycle {
    prevent_destroy = true
  }
}

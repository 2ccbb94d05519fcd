# Who everything is. One account for each function, with what its calls need (roles.tf).

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "aduan-${local.names[each.key]}"
  display_name = "Aduan: ${each.key}"

  depends_on = [google_project_service.used]
}

resource "google_service_account" "tasks" {
  account_id   = "aduan-tasks"
  display_name = "Aduan: in whose name Cloud Tasks calls"

  depends_on = [google_project_service.used]
}

resource "google_service_account" "scheduler" {
  account_id   = "aduan-scheduler"
  display_name = "Aduan: in whose name Cloud Scheduler calls"

  depends_on = [google_project_service.used]
}

# Apart: whoever builds runs other people's code (packages, tests) and may change nothing that runs; whoever deploys
# runs none of it.
resource "google_service_account" "build" {
  account_id   = "aduan-build"
  display_name = "Aduan: checks the code and builds the images"

  depends_on = [google_project_service.used]
}

resource "google_service_account" "deploy" {
  account_id   = "aduan-deploy"
  display_name = "Aduan: releases what was checked"

  depends_on = [google_project_service.used]
}

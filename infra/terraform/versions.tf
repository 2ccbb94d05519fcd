# Pinned: another release of the provider may read the same words differently. Raise it by hand, and read the plan.
terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "7.12.0"
    }

    # For one thing that the other has not: IAP's own account (roles.tf).
    google-beta = {
      source  = "hashicorp/google-beta"
      version = "7.12.0"
    }
  }

  # The state names every resource, and no secret. Its bucket is made before anything else and named at
  # `terraform init` (README.md): a laptop that is lost must not take it along.
  backend "gcs" {
    prefix = "aduan"
  }
}

provider "google" {
  project = var.project_id
  region  = var.region

  # A budget is the billing account's, not the project's: this names who pays for asking.
  billing_project       = var.project_id
  user_project_override = true
}

provider "google-beta" {
  project = var.project_id
  region  = var.region
}

data "google_project" "this" {
  project_id = var.project_id
}

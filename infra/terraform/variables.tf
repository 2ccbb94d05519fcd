# Everything that differs from one office to another. terraform.tfvars.example explains each by an example.

variable "project_id" {
  description = "The Google Cloud project, which exists and has billing."
  type        = string
}

variable "region" {
  description = "Where everything runs and is kept. Firestore's place can never be changed."
  type        = string
  default     = "asia-southeast2"
}

variable "office" {
  description = "The office's folder in functions/aduan/offices: its procedure, hours and words."
  type        = string
  default     = "bantul"
}

variable "calendar_file" {
  description = "Another calendar than the office's, as a path in the image; nothing: the office's."
  type        = string
  default     = ""
}

variable "traces_exporter" {
  description = "gcp_trace: sampled requests leave spans of our own in Cloud Trace; none: Cloud Run's alone."
  type        = string
  default     = "gcp_trace"

  validation {
    condition     = contains(["gcp_trace", "none"], var.traces_exporter)
    error_message = "gcp_trace or none."
  }
}

variable "staff_members" {
  description = "Who passes the portal's first door (IAP): group:… or user:…. The second is the staff list."
  type        = set(string)

  validation {
    condition     = alltrue([for member in var.staff_members : can(regex("^(group|user):[^@ ]+@[^@ ]+$", member))])
    error_message = "Each is group:ADDRESS or user:ADDRESS; never allUsers or a whole domain."
  }
}

variable "staff_url" {
  description = "The portal's address in alerts, if it has a name of its own; nothing: the address Google gives it."
  type        = string
  default     = ""
}

variable "whatsapp_phone_number_id" {
  description = "Meta's id of the office's number (not the number itself)."
  type        = string
}

variable "whatsapp_api_version" {
  description = "The version of Meta's Graph API that is asked."
  type        = string
  default     = "v26.0"
}

variable "operator_emails" {
  description = "Who is told when something fails: one address at least."
  type        = set(string)

  validation {
    condition     = length(var.operator_emails) > 0
    error_message = "A watch that tells nobody is none."
  }
}

variable "billing_account" {
  description = "The account that pays, for the budget: XXXXXX-XXXXXX-XXXXXX."
  type        = string
}

variable "monthly_budget" {
  description = "What a month may cost, in whole units of the billing account's currency. Nothing stops at it: people are told."
  type        = number
}

variable "budget_currency" {
  description = "The billing account's currency."
  type        = string
  default     = "IDR"
}

# What a month costs, and who is told before it is too much. Nothing is switched off: complaints come all the same.

resource "google_billing_budget" "month" {
  billing_account = var.billing_account
  display_name    = "Aduan"

  budget_filter {
    projects        = ["projects/${data.google_project.this.number}"]
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      currency_code = var.budget_currency
      units         = tostring(var.monthly_budget)
    }
  }

  threshold_rules {
    threshold_percent = 0.5
  }

  threshold_rules {
    threshold_percent = 0.9
  }

  threshold_rules {
    threshold_percent = 1
  }

  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  all_updates_rule {
    monitoring_notification_channels = slice(local.told, 0, min(length(local.told), 5)) # five is the most there may be
    disable_default_iam_recipients   = false
  }

  depends_on = [google_project_service.used]
}

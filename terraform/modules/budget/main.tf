# The budget and its alerts.
locals {
  alerts = concat(
    [for percent in sort(var.actual_percents) : { type = "ACTUAL", percent = tonumber(percent) }],
    [for percent in sort(var.forecast_percents) : { type = "FORECASTED", percent = tonumber(percent) }],
  )
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.2f", var.monthly_limit_usd)
  limit_unit   = "USD"
  tags         = var.tags

  dynamic "cost_filter" {
    for_each = length(var.account_ids) > 0 ? [sort(var.account_ids)] : []

    content {
      name   = "LinkedAccount"
      values = cost_filter.value
    }
  }

  dynamic "cost_filter" {
    for_each = var.cost_tags

    content {
      name   = "TagKeyValue"
      values = [format("user:%s$%s", cost_filter.key, cost_filter.value)]
    }
  }

  dynamic "notification" {
    for_each = local.alerts

    content {
      notification_type          = notification.value.type
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.emails
    }
  }
}

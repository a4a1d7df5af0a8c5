# Alerts, filters, and the inputs that are refused.
mock_provider "aws" {}

variables {
  name              = "shop-prod"
  monthly_limit_usd = 200
  emails            = ["finance@example.com"]
}

run "tells_at_80_and_100_percent_and_when_100_are_expected" {
  command = plan

  assert {
    condition = toset([for alert in aws_budgets_budget.this.notification : "${alert.notification_type} ${alert.threshold}"]) == toset([
      "ACTUAL 80", "ACTUAL 100", "FORECASTED 100",
    ])
    error_message = "People are not told at 80 and 100 percent, or not of the forecast."
  }

  assert {
    condition     = alltrue([for alert in aws_budgets_budget.this.notification : alert.subscriber_email_addresses == toset(["finance@example.com"])])
    error_message = "An alert goes to somebody else."
  }

  assert {
    condition     = aws_budgets_budget.this.limit_amount == "200.00" && aws_budgets_budget.this.limit_unit == "USD" && aws_budgets_budget.this.time_unit == "MONTHLY"
    error_message = "The limit is not 200 US dollars a month."
  }
}

run "counts_everything_unless_told" {
  command = plan

  assert {
    condition     = length(aws_budgets_budget.this.cost_filter) == 0
    error_message = "Something is left out of the sum."
  }
}

run "counts_one_account_or_one_tag" {
  command = plan

  variables {
    account_ids = ["111122223333"]
    cost_tags   = { environment = "prod" }
  }

  assert {
    condition = toset([for filter in aws_budgets_budget.this.cost_filter : "${filter.name}: ${join(" ", filter.values)}"]) == toset([
      "LinkedAccount: 111122223333", "TagKeyValue: user:environment$prod",
    ])
    error_message = "The filters are not what AWS Budgets reads."
  }
}

run "refuses_to_tell_nobody" {
  command = plan

  variables {
    emails = []
  }

  expect_failures = [var.emails]
}

run "refuses_eleven_addresses" {
  command = plan

  variables {
    emails = [for index in range(11) : "ops${index}@example.com"]
  }

  expect_failures = [var.emails]
}

run "refuses_a_limit_of_nothing" {
  command = plan

  variables {
    monthly_limit_usd = 0
  }

  expect_failures = [var.monthly_limit_usd]
}

run "refuses_more_alerts_than_a_budget_has" {
  command = plan

  variables {
    actual_percents = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
  }

  expect_failures = [var.forecast_percents]
}

run "refuses_a_percentage_below_zero" {
  command = plan

  variables {
    actual_percents = [-80]
  }

  expect_failures = [var.actual_percents]
}

run "refuses_two_tags_that_would_be_added_up" {
  command = plan

  variables {
    cost_tags = { environment = "prod", project = "shop" }
  }

  expect_failures = [var.cost_tags]
}

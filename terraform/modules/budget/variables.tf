# Inputs: what may be spent a month, on what, and who is told.
variable "name" {
  description = "Name of the budget, unique in the account."
  type        = string

  validation {
    condition     = can(regex("^[^:\\\\]{1,100}$", var.name))
    error_message = "name cannot name a budget: write 1 to 100 characters, neither : nor \\."
  }
}

variable "tags" {
  description = "Tags of the budget itself."
  type        = map(string)
  default     = {}
}

variable "monthly_limit_usd" {
  description = "US dollars a month."
  type        = number

  validation {
    condition     = var.monthly_limit_usd >= 1
    error_message = "monthly_limit_usd is below 1 US dollar."
  }
}

variable "actual_percents" {
  description = "People are told when the money spent passes these percentages of the limit."
  type        = set(number)
  default     = [80, 100]

  validation {
    condition     = alltrue([for percent in var.actual_percents : percent > 0 && percent <= 1000])
    error_message = "actual_percents holds something outside 1 to 1000."
  }
}

variable "forecast_percents" {
  description = "People are told when AWS expects the month to end above these percentages of the limit."
  type        = set(number)
  default     = [100]

  validation {
    condition     = alltrue([for percent in var.forecast_percents : percent > 0 && percent <= 1000])
    error_message = "forecast_percents holds something outside 1 to 1000."
  }

  validation {
    condition     = length(var.actual_percents) + length(var.forecast_percents) >= 1 && length(var.actual_percents) + length(var.forecast_percents) <= 10
    error_message = "actual_percents and forecast_percents are none or more than 10 together: AWS Budgets has 1 to 10 alerts a budget."
  }
}

variable "emails" {
  description = "Mail addresses that are told."
  type        = list(string)

  validation {
    condition     = length(var.emails) >= 1 && length(var.emails) <= 10
    error_message = "emails are none or more than 10, the most that an alert of AWS Budgets has: write one address of a group."
  }

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "emails holds something that is no mail address."
  }

  validation {
    condition     = length(distinct([for email in var.emails : lower(email)])) == length(var.emails)
    error_message = "emails holds an address twice, which AWS Budgets refuses."
  }
}

variable "account_ids" {
  description = "Counts the cost of these accounts only; empty counts everything that the account of the budget pays for."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "account_ids holds something that is not an account id: write 12 digits in quotes."
  }
}

variable "cost_tags" {
  description = "Counts the cost of what carries one of these tags only; they have to be activated as cost allocation tags. Empty counts everything."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.cost_tags) <= 1
    error_message = "cost_tags holds more than one tag: AWS Budgets counts what has any of them, so that the sum would be too large. Choose the one that tells the environment."
  }
}

import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import type { HclValue } from './hcl-text.ts'

/** Who is told of what is spent: those of the budget, else those of the monitoring. */
export function budgetEmails({ budget, monitoring }: EnvironmentSettings): readonly string[] {
  return [...new Set(budget?.notify ?? monitoring.notify)]
}

/** AWS Budgets tells somebody or does nothing: without an address there is none. */
export function budgetVariables(
  { environments }: ResolvedBlueprint,
  { account, settings }: ResolvedEnvironment,
): HclValue {
  const { budget } = settings
  const emails = budgetEmails(settings)
  if (budget === undefined || emails.length === 0) return null
  const sharing = environments.filter(other => account !== undefined && other.account?.id === account.id)
  return {
    monthly_usd: budget.monthly,
    alert_percents: [...new Set(budget.alertAt ?? [80, 100])].toSorted((a, b) => a - b),
    emails,
    by_tag: sharing.length > 1,
  }
}

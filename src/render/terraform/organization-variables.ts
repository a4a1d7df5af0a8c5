import type { Organization, ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { fitName } from '../names.ts'
import { type AttachedPolicies, attachedPolicies } from '../organization/attached-policies.ts'
import type { Backend } from './backend-text.ts'
import type { HclAttribute, HclMap, HclValue } from './hcl-text.ts'

/** Units, the accounts in them, and the guardrails that hold there. */
export function organizationVariables(
  blueprint: ResolvedBlueprint,
  organization: Organization,
  { bucket, accountId, region }: Backend,
): readonly HclAttribute[] {
  const { policies, attachments }: AttachedPolicies = attachedPolicies(blueprint)
  const units = organization.units ?? {}
  const values: Readonly<Record<string, HclValue>> = {
    project: blueprint.project,
    name: fitName(blueprint.project, 40),
    account_id: accountId,
    region,
    state_bucket: bucket,
    units: Object.fromEntries(Object.entries(units).map(([name, { parent = null }]) => [name, { parent }])),
    accounts: accounts(blueprint, organization),
    policies: Object.keys(policies).toSorted(),
    unit_policies: Object.fromEntries(Object.entries(attachments).filter(([, names]) => names.length > 0)),
  }
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** Every account but the management account, which no policy binds. */
function accounts(
  { accounts: all }: ResolvedBlueprint,
  { managementAccount, units = {} }: Organization,
): HclMap {
  const unitOf = (account: string) =>
    Object.entries(units).find(([, unit]) => unit.accounts?.includes(account))?.[0] ?? null
  return Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name !== managementAccount)
      .map(([name, { id, email = null }]) => [name, { id, email, unit: unitOf(name) }]),
  )
}

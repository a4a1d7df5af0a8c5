import type { Organization, ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import { jsonText } from '../json-text.ts'
import type { RenderedFile, Renderer } from '../rendered-file.ts'
import { accountRoles } from './account-roles.ts'
import { attachedPolicies } from './attached-policies.ts'
import { organizationGuide } from './organization-guide.ts'

/** Service control policies, the tree of units and the roles of every account, for `aws organizations` and `aws iam`. */
export const renderOrganization: Renderer = ({ blueprint }) => {
  const { organization } = blueprint
  const roles = roleFiles(blueprint)
  if (organization === undefined && roles.length === 0) return []
  return [
    ...(organization === undefined ? [] : organizationFiles(blueprint, organization)),
    ...roles,
    {
      path: 'organization/README.md',
      text: () => organizationGuide(headerOf(blueprint.file), blueprint),
    },
  ]
}

function organizationFiles(blueprint: ResolvedBlueprint, organization: Organization): RenderedFile[] {
  const { policies, attachments } = attachedPolicies(blueprint)
  const units = Object.entries(organization.units ?? {}).map(([name, { parent, accounts = [] }]) => ({
    name,
    parent: parent ?? 'Root',
    accounts: accounts.map(account => ({ name: account, id: blueprint.accounts[account]?.id })),
    policies: ['FullAWSAccess', ...(attachments[name] ?? [])],
  }))
  return [
    ...Object.entries(policies).map(([name, policy]) => ({
      path: `organization/policies/${name}.json`,
      text: () => jsonText(policy),
    })),
    { path: 'organization/units.json', text: () => jsonText({ units }) },
  ]
}

function roleFiles(blueprint: ResolvedBlueprint): RenderedFile[] {
  return accountRoles(blueprint).flatMap(({ environment, role, trust, permissions }) => [
    {
      path: `organization/roles/${environment}/${role}.trust.json`,
      environment,
      text: () => jsonText(trust),
    },
    {
      path: `organization/roles/${environment}/${role}.permissions.json`,
      environment,
      text: () => jsonText(permissions),
    },
  ])
}

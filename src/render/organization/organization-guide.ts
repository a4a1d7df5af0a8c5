import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { markdownTable } from '../markdown-table.ts'
import { accountRoles, SHORTEST_LIMIT_SECONDS } from './account-roles.ts'
import { attachedPolicies, charactersOf, MAX_POLICY_CHARACTERS } from './attached-policies.ts'

/** What stands beside files that cannot have a first line of their own: where they come from and how to use them. */
export function organizationGuide(header: string, blueprint: ResolvedBlueprint): string {
  const lines = [
    `<!-- ${header} It holds for every file of this folder. -->`,
    '',
    `# The organization of ${blueprint.project}`,
    ...guardrails(blueprint),
    ...roles(blueprint),
  ]
  return `${lines.join('\n')}\n`
}

function guardrails(blueprint: ResolvedBlueprint): string[] {
  const { policies, attachments } = attachedPolicies(blueprint)
  const [first] = Object.keys(policies)
  if (first === undefined) return []
  const rows = Object.entries(policies).map(([name, { Statement }]) => {
    const units = Object.entries(attachments).flatMap(([unit, names]) => (names.includes(name) ? [unit] : []))
    return `- \`policies/${name}.json\`: ${charactersOf(Statement)} of ${MAX_POLICY_CHARACTERS} characters; ${units.join(', ')}`
  })
  return [
    '',
    'Service control policies win over anything an account allows. They give nothing: `FullAWSAccess` stays attached beside them.',
    '',
    ...rows,
    '',
    '`units.json` is the tree of units with what is attached to each. Without Terraform (`terraform/organization` does the same), AWS',
    'counts white space too, so it is left out on the way:',
    '',
    '```sh',
    `aws organizations create-policy --type SERVICE_CONTROL_POLICY --name ${first} --description '' \\`,
    `  --content "$(jq -c . policies/${first}.json)"`,
    'aws organizations attach-policy --policy-id p-… --target-id ou-…',
    '```',
  ]
}

function roles(blueprint: ResolvedBlueprint): string[] {
  const all = accountRoles(blueprint)
  const [first] = all
  if (first === undefined) return []
  const rows = all.map(({ environment, role, account, roleName, maxSessionSeconds, managedPolicies }) => {
    const managed = managedPolicies.map(arn => arn.slice(arn.lastIndexOf('/') + 1)).join(', ')
    return [environment, role, account, roleName, managed, `${maxSessionSeconds / 60} min`]
  })
  const head = ['environment', 'role', 'account', 'name', 'policy of AWS', 'longest session']
  return [
    '',
    '## Roles',
    '',
    'Nobody has a user in an account: people assume a role. `ROLE.trust.json` says who may, `ROLE.permissions.json` what is added to',
    'the policy of AWS in the table. A role that needs an approval trusts only the role of the control plane.',
    '',
    ...markdownTable([head, ...rows]),
    '',
    '```sh',
    `aws iam create-role --role-name ${first.roleName} --max-session-duration ${Math.max(first.maxSessionSeconds, SHORTEST_LIMIT_SECONDS)} \\`,
    `  --assume-role-policy-document file://roles/${first.environment}/${first.role}.trust.json`,
    ...first.managedPolicies.map(
      arn => `aws iam attach-role-policy --role-name ${first.roleName} --policy-arn ${arn}`,
    ),
    `aws iam put-role-policy --role-name ${first.roleName} --policy-name ${first.role} \\`,
    `  --policy-document file://roles/${first.environment}/${first.role}.permissions.json`,
    '```',
  ]
}

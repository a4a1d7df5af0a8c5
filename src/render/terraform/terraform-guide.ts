import type { ResolvedBlueprint } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import { budgetEmails } from './cost-variables.ts'
import { environmentBackend, organizationBackend, sharedBackend, terraformEnvironments } from './roots.ts'

/** `terraform/README.md`: in which order the folders are applied, and how to begin. Markdown as Prettier leaves it. */
export function terraformGuide(blueprint: ResolvedBlueprint): string {
  return [
    `<!-- ${headerOf(blueprint.file)} -->`,
    `# Terraform of ${blueprint.project}`,
    'Every `main.tf` of a kind is the same file; what differs stands in `terraform.tfvars` and `backend.tf`.',
    folders(blueprint).join('\n'),
    '## Begin',
    'Sign in to the account of the folder, then apply the folders in the order above. A folder that makes the bucket for' +
      '\nstates (all but those in `environments`) begins with its state beside it and moves it into the bucket:',
    code(
      'printf \'terraform {\\n  backend "local" {}\\n}\\n\' > backend_override.tf',
      'terraform init && terraform apply',
      'rm backend_override.tf',
      'terraform init -migrate-state',
    ),
    'The folders in `environments` need no detour:',
    code('terraform init && terraform apply'),
    ...passwords(blueprint),
    'OpenTofu takes the same files: write `tofu` for `terraform`.',
    '## Change',
    `Change ${nameOf(blueprint.file)}, run \`sluice render\`, read the plan (\`sluice plan ENVIRONMENT\` says it in words), apply.` +
      '\nWhat the blueprint has no word for (networks of runners, a function that rotates secrets, a network that exists' +
      '\nalready) goes into `own.auto.tfvars` beside `terraform.tfvars`; `variables.tf` lists it under "Beside the blueprint".' +
      '\nResources of your own go into files of your own, in the same folder.',
    'Images, counts and traffic belong to the pipeline: Terraform makes services without instances, the first promotion' +
      '\nstarts them, and a plan after a release is empty.',
    '## Take over what exists',
    'An `import` block in a file of your own, such as `imports.tf`, takes a resource over instead of making a second one.' +
      '\nPlan until nothing is replaced, apply, then remove the file:',
    code('import {', '  to = module.network[0].aws_vpc.this', '  id = "vpc-0123456789abcdef0"', '}'),
    ...missing(blueprint),
  ]
    .join('\n\n')
    .concat('\n')
}

const code = (...lines: readonly string[]): string => ['```', ...lines, '```'].join('\n')

const nameOf = (file: string): string => `\`${file.split(/[/\\]/).at(-1)}\``

function folders(blueprint: ResolvedBlueprint): readonly string[] {
  const organization = blueprint.organization === undefined ? undefined : organizationBackend(blueprint)
  const shared = sharedBackend(blueprint)
  const environments = terraformEnvironments(blueprint)
  const founded = environments.filter(({ account }) => account !== undefined)
  const lines = [
    ...(organization === undefined
      ? []
      : [`\`organization\` in ${organization.accountId}: units, accounts, guardrails.`]),
    ...(shared === undefined
      ? []
      : [`\`shared\` in ${shared.accountId}: the registry, who pushes to it, the role of Sluice’s server.`]),
    ...founded.map(
      ({ name, account }) => `\`foundation/${name}\` in ${account?.id}: the bucket for states, roles.`,
    ),
    ...environments.map(environment => {
      const place = environment.account?.id ?? 'the account you are signed in to'
      return `\`environments/${environment.name}\` in ${place}: everything that ${environment.name} is made of.`
    }),
  ]
  return lines.map((line, index) => `${index + 1}. ${line}`)
}

/** AWS keeps the password of a database itself, unless another region has a copy. */
function passwords(blueprint: ResolvedBlueprint): readonly string[] {
  const names = terraformEnvironments(blueprint)
    .filter(({ settings: { database } }) => database !== false && database.replicaRegion !== undefined)
    .map(({ name }) => `\`${name}\``)
  if (names.length === 0) return []
  return [
    `The database of ${names.join(', ')} has a copy in another region, and AWS keeps no password of such a database. Choose one of` +
      '\n16 to 41 characters, keep it in Secrets Manager, and hand it over in the environment. It is not kept in the state;' +
      '\na plan that is saved to a file holds it, so save none:',
    code('read -rs TF_VAR_database_master_password && export TF_VAR_database_master_password'),
  ]
}

function missing(blueprint: ResolvedBlueprint): readonly string[] {
  const lines = [
    ...blueprint.environments
      .filter(({ settings }) => settings.target !== 'local' && settings.region === undefined)
      .map(({ name }) => `- \`${name}\` has no region: nothing is rendered for it.`),
    ...terraformEnvironments(blueprint)
      .filter(environment => environmentBackend(blueprint, environment, 'environment') === undefined)
      .map(({ name }) => `- \`${name}\` has no account: it has no roles, and its state lies in its folder.`),
    ...terraformEnvironments(blueprint)
      .filter(({ settings }) => settings.budget !== undefined && budgetEmails(settings).length === 0)
      .map(({ name }) => `- \`${name}\` has a budget and nobody to tell: add \`budget.notify\`.`),
    ...(blueprint.organization !== undefined && organizationBackend(blueprint) === undefined
      ? ['- The organization has no management account: add `organization.managementAccount`.']
      : []),
  ]
  return lines.length === 0 ? [] : ['## Missing in the blueprint', lines.join('\n')]
}

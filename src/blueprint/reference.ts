import { DEFAULT_ROLES } from './default-roles.ts'
import {
  APPROVAL_DEFAULTS,
  BACKUP_DEFAULTS,
  COMPARISON_DEFAULTS,
  DATABASE_DEFAULTS,
  DATABASE_TIER_DEFAULTS,
  ENVIRONMENT_DEFAULTS,
  ENVIRONMENT_TIER_DEFAULTS,
  SCALING_DEFAULTS,
  SERVICE_DEFAULTS,
  SERVICE_TIER_DEFAULTS,
} from './defaults.ts'
import { type FieldTable, fieldRows } from './reference-rows.ts'
import { blueprintSchema } from './schema/blueprint-schema.ts'
import { environment, sharedEnvironmentShape } from './schema/environment.ts'
import { account, guardrail, role } from './schema/organization.ts'
import { service } from './schema/service.ts'
import { formatDuration } from './units.ts'

/** The reference of `sluice.yaml` as Markdown: every field with its kind, default, meaning and example. */
export function blueprintReference(): string {
  return [
    INTRODUCTION,
    section('The file', {
      lead: `Beside these, the top of the file takes ${Object.keys(sharedEnvironmentShape)
        .map(key => `\`${key}\``)
        .join(', ')} as an environment does, for all environments.`,
      schema: blueprintSchema,
      defaults: [],
      skip: Object.keys(sharedEnvironmentShape),
    }),
    section('Services', {
      lead: 'Under `services.<name>`. All but `image` and `build` may also stand under `environments.<name>.defaults` and `environments.<name>.services.<service>`.',
      schema: service,
      defaults: [
        SERVICE_DEFAULTS,
        { scaling: SCALING_DEFAULTS, rollout: { analysis: { comparison: COMPARISON_DEFAULTS } } },
      ],
      tiers: SERVICE_TIER_DEFAULTS,
      skip: [],
    }),
    section('Environments', {
      lead: 'Under `environments.<name>`, in the order of promotion.',
      schema: environment,
      defaults: [ENVIRONMENT_DEFAULTS, { database: DATABASE_DEFAULTS, backup: BACKUP_DEFAULTS }],
      tiers: ENVIRONMENT_TIERS,
      skip: ['defaults', 'services'],
    }),
    section('Accounts', { lead: 'Under `accounts.<name>`.', schema: account, defaults: [], skip: [] }),
    section('Guardrails', { lead: 'Under `guardrails.<name>`.', schema: guardrail, defaults: [], skip: [] }),
    section('Roles', { lead: 'Under `roles.<name>`.', schema: role, defaults: [], skip: [] }),
    roles(),
    approvals(),
  ].join('\n\n')
}

/** Defaults of the environment's own parts and of the database, by tier. */
const ENVIRONMENT_TIERS = {
  development: { ...ENVIRONMENT_TIER_DEFAULTS.development, database: DATABASE_TIER_DEFAULTS.development },
  staging: { ...ENVIRONMENT_TIER_DEFAULTS.staging, database: DATABASE_TIER_DEFAULTS.staging },
  production: {
    ...ENVIRONMENT_TIER_DEFAULTS.production,
    gate: { approvals: 'one of each kind' },
    database: DATABASE_TIER_DEFAULTS.production,
  },
}

const INTRODUCTION = `<!-- Generated from src/blueprint by scripts/generate-reference.ts. Do not edit. -->
# Blueprint reference

A blueprint is the file \`sluice.yaml\`, or \`sluice.config.ts\` that ends in \`export default defineBlueprint({ … })\`.

A field of a service is the first of these that says something: the environment's word on the service
(\`environments.prod.services.web\`), the environment's defaults (\`environments.prod.defaults\`), the service
(\`services.web\`), the default of the environment's tier, the default. A field of an environment: the environment, the
top of the file, the tier, the default. Maps merge key by key and null takes a key away; lists replace the list below.
\`sluice explain PATH\` shows what holds where, and where it is written.

The tier is \`production\` where no environment comes after, \`development\` for the first and \`staging\` between, unless
\`tier\` says otherwise.

Durations are written as \`30s\`, \`10m\`, \`1h30m\`, \`7d\` or as a number of seconds; memory as \`512Mi\`, \`2Gi\` or as a number
of MiB. Names are at most 40 lower-case letters, digits and \`-\`. Anchors, aliases and merge keys (\`<<\`) work; keys at the
top that begin with \`x-\` are yours. A number that YAML would change (\`1.10\`, \`007\`) is refused until it stands in quotes.`

interface Section extends FieldTable {
  readonly lead?: string
}

function section(title: string, content: Section): string {
  const lead = content.lead === undefined ? '' : `\n\n${content.lead}`
  return `## ${title}${lead}\n\n${fieldRows(content).join('\n')}`
}

function roles(): string {
  const rows = Object.entries(DEFAULT_ROLES).map(([name, { description, permissions, first = [] }]) => {
    const more = first.length === 0 ? '' : `; in the first environment also ${first.join(', ')}`
    return `| ${name} | ${description} | ${permissions.join(', ')}${more} |`
  })
  const head = 'A field that a blueprint writes for one of these replaces the built-in one.'
  return `### Built-in roles\n\n${head}\n\n| Role | | May |\n|---|---|---|\n${rows.join('\n')}`
}

function approvals(): string {
  const rows = Object.entries(APPROVAL_DEFAULTS).map(
    ([kind, { roles: given, count, expires }]) =>
      `| ${kind} | ${count} | ${given.join(', ')} | ${formatDuration(expires)} |`,
  )
  const head = 'Production asks for one of each unless `gate.approvals` is written; other tiers ask for none.'
  return `### Approvals\n\n${head}\n\n| Kind | People | Roles | Holds |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

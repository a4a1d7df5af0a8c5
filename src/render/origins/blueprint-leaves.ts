import { BACKUP_DEFAULTS, DATABASE_DEFAULTS, DATABASE_TIER_DEFAULTS } from '../../blueprint/defaults.ts'
import type { Path } from '../../blueprint/path.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { otherTexts, valuesIn, withValueAt } from './changed-value.ts'
import { inEnvironment, type Leaf, leafOf, renamed } from './leaf.ts'
import { serviceLeaves, serviceNameLeaf, sharedServiceLeaves } from './service-leaves.ts'

/** Every value that a file may show: of one environment and of what all share, or of everything. */
export function leavesOf(blueprint: ResolvedBlueprint, environment: string | undefined): readonly Leaf[] {
  const shown = blueprint.environments.filter(({ name }) => environment === undefined || name === environment)
  return [
    ...shown.flatMap(settingLeaves),
    ...shown.flatMap(each =>
      each.services.flatMap(service =>
        serviceLeaves({ environment: each.name, service, files: blueprint.files }),
      ),
    ),
    ...sharedServiceLeaves(blueprint),
    ...projectLeaves(blueprint),
    ...accountLeaves(blueprint),
    ...policyLeaves(blueprint),
    ...shown.map(environmentNameLeaf),
    ...(blueprint.environments[0]?.services ?? []).map(({ name }) => serviceNameLeaf(name)),
  ]
}

function settingLeaves({ name, settings }: ResolvedEnvironment): readonly Leaf[] {
  const parts = {
    database: { ...DATABASE_DEFAULTS, ...DATABASE_TIER_DEFAULTS[settings.tier] },
    backup: BACKUP_DEFAULTS,
  }
  return valuesIn(settings, { parts, field: ['environments', name] }).map(value =>
    leafOf(value, {
      environment: name,
      change: changed => blueprint =>
        inEnvironment(blueprint, name, each => ({
          ...each,
          settings: withValueAt(each.settings, value.path, changed),
        })),
    }),
  )
}

const PROJECT_PARTS = ['project', 'organization', 'guardrails', 'roles', 'delivery'] as const

function projectLeaves(blueprint: ResolvedBlueprint): readonly Leaf[] {
  const content = Object.fromEntries(PROJECT_PARTS.map(part => [part, blueprint[part]]))
  return valuesIn(content, { parts: {}, field: [] }).map(value =>
    leafOf(
      { ...value, field: writtenField(value.field) },
      { change: changed => other => withValueAt(other, value.path, changed) },
    ),
  )
}

/** Roles are written in other words than those in which they are resolved. */
function writtenField(field: Path): Path {
  if (field[0] !== 'roles') return field
  const words: Readonly<Record<string, string>> = { levels: 'aws', maxSessionSeconds: 'maxSession' }
  return field.map((step, index) => (index === 2 ? (words[step] ?? step) : step))
}

/** An account gives its region to the environments that live in it. */
function accountLeaves({ accounts }: ResolvedBlueprint): readonly Leaf[] {
  return valuesIn(accounts, { parts: {}, field: ['accounts'] }).map(value =>
    leafOf(value, {
      change: changed => blueprint => {
        const changedAccounts = withValueAt(blueprint.accounts, value.path, changed)
        const [name = ''] = value.path
        const [before, account] = [blueprint.accounts[name], changedAccounts[name]]
        const environments = blueprint.environments.map((each): ResolvedEnvironment => {
          if (each.settings.account !== name || account === undefined) return each
          const region = account.region ?? each.settings.region
          const follows = each.settings.region === before?.region && region !== undefined
          return { ...each, account, ...(follows ? { settings: { ...each.settings, region } } : {}) }
        })
        return { ...blueprint, accounts: changedAccounts, environments }
      },
    }),
  )
}

/** The text of a policy that a guardrail names. */
function policyLeaves({ guardrails, files }: ResolvedBlueprint): readonly Leaf[] {
  return Object.entries(guardrails).flatMap(([name, { policy }]): Leaf[] => {
    const text = policy === undefined ? undefined : files.get(policy)
    if (policy === undefined || text === undefined) return []
    const changes = otherTexts(text).map(other => (blueprint: ResolvedBlueprint) => ({
      ...blueprint,
      files: new Map([...blueprint.files, [policy, other]]),
    }))
    return [{ field: ['guardrails', name, 'policy'], eachCounts: false, changes }]
  })
}

function environmentNameLeaf({ name }: ResolvedEnvironment): Leaf {
  return {
    field: ['environments', name],
    environment: name,
    eachCounts: false,
    changes: [blueprint => inEnvironment(blueprint, name, each => ({ ...each, name: renamed(name) }))],
  }
}

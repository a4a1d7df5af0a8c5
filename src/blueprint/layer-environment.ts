import type { Blueprint, EnvironmentContent, Tier } from './blueprint.ts'
import {
  BACKUP_DEFAULTS,
  DATABASE_DEFAULTS,
  DATABASE_TIER_DEFAULTS,
  ENVIRONMENT_DEFAULTS,
  ENVIRONMENT_TIER_DEFAULTS,
  FIRST_LOCAL_PORT,
} from './defaults.ts'
import { predecessorOf, tierOf } from './environment-order.ts'
import { isMap, type Layer, mergeLayers, type Origins } from './layers.ts'
import { valueAt } from './plain-data.ts'
import { sharedEnvironmentShape } from './schema/environment.ts'

type Given<Key extends keyof EnvironmentContent> = NonNullable<EnvironmentContent[Key]>
type Entries<T> = Readonly<Record<string, NonNullable<T>>>
type With<T, Key extends keyof T> = Omit<T, Key> & { readonly [K in Key]-?: NonNullable<T[K]> }
type Part<T> = Exclude<T, boolean>

/** An environment with every layer and default applied, services aside. Durations in seconds. */
export interface EnvironmentSettings {
  readonly tier: Tier
  readonly account?: string
  readonly region?: string
  readonly after?: string
  readonly promotion: Given<'promotion'>
  readonly gate: With<Given<'gate'>, 'soak' | 'checks' | 'approvals' | 'expressions'>
  readonly freezes: Entries<Given<'freezes'>[string]>
  readonly onFailure: Given<'onFailure'>
  readonly mirrors?: string
  readonly local: { readonly port: number }
  readonly schedules: Entries<Given<'schedules'>[string]>
  readonly target: Given<'target'>
  readonly ecs: With<Given<'ecs'>, 'cluster' | 'capacity' | 'instanceType' | 'deployments'>
  readonly ec2: With<Given<'ec2'>, 'instanceType' | 'ami' | 'warmup'>
  readonly kubernetes: With<Given<'kubernetes'>, 'namespace' | 'switch' | 'ingressClass'>
  readonly loadBalancer: With<Given<'loadBalancer'>, 'internal' | 'testPort'>
  readonly network: With<Given<'network'>, 'cidr' | 'zones' | 'nat' | 'flowLogs' | 'endpoints'>
  readonly database:
    | false
    | With<
        Part<Given<'database'>>,
        | 'engine'
        | 'version'
        | 'instance'
        | 'storage'
        | 'multiAz'
        | 'deletionProtection'
        | 'backupRetentionDays'
      >
  readonly monitoring: With<Given<'monitoring'>, 'logRetentionDays' | 'alarms' | 'dashboard' | 'notify'>
  readonly backup: false | With<Part<Given<'backup'>>, 'cron' | 'retentionDays'>
  readonly budget?: Given<'budget'>
  readonly dns?: Given<'dns'>
}

export interface LayeredEnvironment {
  readonly settings: EnvironmentSettings
  /** By the path of a field within the environment, as text. */
  readonly origins: Origins
}

type Content = Omit<Blueprint, 'source'>

/** The environment with every default; it must exist. */
export function resolveEnvironment(blueprint: Blueprint, name: string): EnvironmentSettings {
  if (!Object.hasOwn(blueprint.environments, name)) throw new Error(`no environment ${name} in the blueprint`)
  return layerEnvironment(blueprint, name).settings
}

/** Default ← default of the tier ← the top of the blueprint ← the environment. */
export function layerEnvironment(blueprint: Content, name: string): LayeredEnvironment {
  const tier = tierOf(blueprint, name)
  const written = writtenLayers(blueprint, name)
  const { value, origins } = mergeLayers([
    { name: 'default', value: ENVIRONMENT_DEFAULTS },
    { name: 'default', value: positionDefaults(blueprint, name) },
    { name: 'tier default', value: ENVIRONMENT_TIER_DEFAULTS[tier] },
    ...partLayers(mergeLayers(written).value, tier),
    ...written,
  ])
  const settings = { ...value, tier }
  assertComplete(settings)
  return { settings, origins }
}

/** The schema gave each layer its types, and the tables of defaults have every field: a gap there is a bug. */
function assertComplete(
  value: Readonly<Record<string, unknown>>,
): asserts value is Readonly<Record<string, unknown>> & EnvironmentSettings {
  const missing = Object.keys(ENVIRONMENT_DEFAULTS).find(key => value[key] === undefined)
  if (missing !== undefined) throw new Error(`an environment has no default for ${missing}`)
}

function writtenLayers(blueprint: Content, name: string): Layer[] {
  const shared = Object.keys(sharedEnvironmentShape).flatMap(key => {
    const value = valueAt(blueprint, [key])
    return value === undefined ? [] : [[key, value] as const]
  })
  const { defaults: _defaults, services: _services, ...own } = blueprint.environments[name] ?? {}
  return [
    { name: 'project', value: Object.fromEntries(shared), base: [] },
    { name: 'environment', value: own, base: ['environments', name] },
  ]
}

/** Defaults that follow from the environment's name and position. */
function positionDefaults(blueprint: Content, name: string): Readonly<Record<string, unknown>> {
  const position = Object.keys(blueprint.environments).indexOf(name)
  const after = predecessorOf(blueprint, name)
  const account = blueprint.environments[name]?.account ?? name
  const region = blueprint.accounts?.[account]?.region
  const fullName = `${blueprint.project}-${name}`
  return {
    ...(after === undefined ? {} : { after }),
    ...(Object.hasOwn(blueprint.accounts ?? {}, account) ? { account } : {}),
    ...(region === undefined ? {} : { region }),
    local: { port: localPort(blueprint, name) },
    network: { cidr: `10.${((position + 1) * 10) % 256}.0.0/16` },
    ecs: { cluster: fullName },
    kubernetes: { namespace: fullName },
  }
}

/** The environment's turn among those without a port of their own; ports that others took are left out. */
function localPort(blueprint: Content, name: string): number {
  const environments = Object.entries(blueprint.environments)
  const taken = new Set(environments.flatMap(([, { local }]) => local?.port ?? []))
  let port = FIRST_LOCAL_PORT
  for (const [other, { local }] of environments) {
    while (taken.has(port)) port++
    if (other === name) break
    if (local?.port === undefined) port++
  }
  return port
}

/** Parts that are off until they are asked for bring their own defaults with them. */
function partLayers(written: Readonly<Record<string, unknown>>, tier: Tier): Layer[] {
  const database = isMap(written['database'])
  return [
    {
      name: 'default',
      value: isMap(written['backup']) && tier === 'development' ? { backup: BACKUP_DEFAULTS } : {},
    },
    { name: 'default', value: database ? { database: DATABASE_DEFAULTS } : {} },
    { name: 'tier default', value: database ? { database: DATABASE_TIER_DEFAULTS[tier] } : {} },
  ]
}

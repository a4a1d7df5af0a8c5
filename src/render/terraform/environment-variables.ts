import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { environmentName, fitName, LOAD_BALANCER_NAME_LENGTH, registryHome, rolePrefix } from '../names.ts'
import type { RenderInput } from '../rendered-file.ts'
import { ec2Variables, ecsClusterVariables } from './cluster-variables.ts'
import { budgetVariables } from './cost-variables.ts'
import { backupVariables, databaseVariables } from './data-variables.ts'
import { eksClusterVariables } from './eks-variables.ts'
import type { HclAttribute, HclMap, HclValue } from './hcl-text.ts'
import { networkVariables } from './network-variables.ts'
import { idleVariables } from './scaling-variables.ts'
import { serviceVariables } from './service-variables.ts'
import { within } from './within.ts'

/** All that `terraform.tfvars` says of one environment. */
export function environmentVariables(
  input: RenderInput,
  environment: ResolvedEnvironment,
): readonly HclAttribute[] {
  const { blueprint } = input
  const { settings } = environment
  const home = registryHome(blueprint)
  const values = {
    project: blueprint.project,
    environment: environment.name,
    name: rolePrefix(blueprint.project, environment.name),
    account_id: environment.account?.id ?? null,
    region: settings.region ?? null,
    log_retention_days: settings.monitoring.logRetentionDays,
    secret_recovery_days: { development: 0, staging: 7, production: 30 }[settings.tier],
    registry: home === undefined ? null : { account_id: home.accountId, region: home.region },
    server_role_name:
      home === undefined || environment.account === undefined
        ? null
        : `${rolePrefix(blueprint.project, environment.name)}-sluice`,
    network: networkVariables(environment),
    zone: settings.dns?.zone ?? null,
    load_balancer: loadBalancer(blueprint, environment),
    ecs_cluster: ecsClusterVariables(blueprint, environment),
    ec2: ec2Variables(environment),
    eks_cluster: eksClusterVariables(blueprint, environment),
    services: serviceVariables(input, environment),
    secrets: secrets(environment),
    database: databaseVariables(blueprint, environment),
    idle: idleVariables(settings),
    monitoring: monitoring(settings),
    backup: backupVariables(blueprint, environment),
    budget: budgetVariables(blueprint, environment),
  } satisfies Readonly<Record<string, HclValue>>
  return Object.entries(values).map(([name, value]) => ({ name, value }))
}

/** Elastic Load Balancing keeps names that begin with `internal-` to itself. */
export function loadBalancerName(project: string, environment: string): string {
  const name = environmentName(project, environment)
  return fitName(name.startsWith('internal-') ? `lb-${name}` : name, LOAD_BALANCER_NAME_LENGTH)
}

function loadBalancer(
  { project }: ResolvedBlueprint,
  { name, settings, services }: ResolvedEnvironment,
): HclValue {
  const { dns, tier, target } = settings
  const hosts = new Set(services.flatMap(({ spec }) => spec.ingress.flatMap(({ host }) => host ?? [])))
  if (target === 'kubernetes' || services.every(({ spec }) => spec.ingress.length === 0)) return null
  return {
    name: loadBalancerName(project, name),
    internal: settings.loadBalancer.internal,
    deletion_protection: tier === 'production',
    test_port: settings.loadBalancer.testPort,
    listener_arn: settings.loadBalancer.listener ?? null,
    certificate_arn: dns?.certificate ?? null,
    host: dns?.host ?? null,
    // Names beside or above the environment's own belong to other environments.
    other_hosts: dns === undefined ? [] : [...hosts].filter(host => host.endsWith(`.${dns.host}`)).toSorted(),
    allow_plain_http: tier === 'development' && dns?.certificate === undefined && dns?.zone === undefined,
  }
}

/** Every secret that a service names; where two ask for rotation, the more frequent one holds. */
function secrets({ services }: ResolvedEnvironment): HclMap {
  const days = new Map<string, number | null>()
  for (const [name, place] of services.flatMap(({ settings }) => Object.entries(settings.secrets))) {
    const rotate = 'rotate' in place ? place.rotate : undefined
    const known = days.get(name) ?? null
    const asked = rotate === undefined ? null : within(Math.ceil(rotate / 86_400), { min: 1, max: 1000 })
    days.set(name, known === null || asked === null ? (known ?? asked) : Math.min(known, asked))
  }
  const sorted = [...days].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(sorted.map(([name, each]) => [name, { rotation_days: each }]))
}

function monitoring({ monitoring: { alarms, dashboard, notify } }: EnvironmentSettings): HclValue {
  return alarms || dashboard ? { alarms, dashboard, emails: notify } : null
}

import type { ResolvedEnvironment, ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { imageOf } from '../image-of.ts'
import {
  environmentName,
  familyName,
  fitName,
  logGroupName,
  ROLE_NAME_LENGTH,
  repositoryName,
  type ServiceNames,
  taskRoleName,
} from '../names.ts'
import type { RenderInput } from '../rendered-file.ts'
import { balancingVariables } from './balancing-variables.ts'
import type { HclMap } from './hcl-text.ts'
import { scalingVariables } from './scaling-variables.ts'
import { within } from './within.ts'

/** Of instances that run a service. */
export const instanceRoleName = ({ project, environment, service }: ServiceNames): string =>
  fitName(`${environmentName(project, environment)}-${service}-instance`, ROLE_NAME_LENGTH)

/** Auto scaling groups and launch templates: the longest name that leaves room for a color. */
const INSTANCES_NAME_LENGTH = 120

/** Every service of the environment, by name. */
export function serviceVariables(input: RenderInput, environment: ResolvedEnvironment): HclMap {
  const { project } = input.blueprint
  const balancing =
    environment.settings.target === 'kubernetes' ? new Map() : balancingVariables(project, environment)
  const services = environment.services.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return Object.fromEntries(
    services.map(service => [
      service.name,
      {
        image: imageOf(input, service).image,
        repository: service.image === undefined ? repositoryName(project, service.name) : null,
        ...workload(environment, service),
        // Budgets and rights go by the tags of Sluice, which no label may stand in for.
        tags: { ...service.settings.labels, Service: service.name },
        names: names(project, environment, service),
        scaling: scalingVariables(environment.settings, service),
        balancing: balancing.get(service.name) ?? null,
        alarms: alarms(service),
      },
    ]),
  )
}

function workload({ settings }: ResolvedEnvironment, { spec, settings: { spot } }: ResolvedService): HclMap {
  const isOnEcsInstances = settings.target === 'ecs' && settings.ecs.capacity === 'ec2'
  return {
    command: spec.command ?? null,
    port: spec.port,
    // Amazon ECS knows no smaller share of an instance.
    cpu: isOnEcsInstances ? within(spec.cpu, { min: 128, max: 196_608 }) : spec.cpu,
    memory: spec.memory,
    replicas: spec.replicas,
    spot,
    start_seconds: startSeconds(settings.target, spec),
    stop_seconds: within(spec.graceSeconds, { min: 2, max: 3600 }),
    // In a cluster both belong to the release, and on Amazon ECS files do.
    environment: settings.target === 'kubernetes' ? {} : sorted({ PORT: String(spec.port), ...spec.config }),
    files: settings.target === 'ec2' ? sorted(spec.files) : {},
    secrets: secretsAs('variable', spec),
    secret_files: secretsAs('file', spec),
  }
}

/** How long an instance may fail the load balancer's check after its start; one that boots first has two minutes more. */
function startSeconds(target: string, { health }: ResolvedService['spec']): number {
  const { initialDelaySeconds, periodSeconds, failureThreshold } = health.readiness
  const seconds = initialDelaySeconds + periodSeconds * failureThreshold + (target === 'ec2' ? 150 : 30)
  return within(seconds, { min: 0, max: 7200 })
}

/** Names of secrets by the variable or the path that holds the value. */
function secretsAs(kind: 'variable' | 'file', { secrets }: ResolvedService['spec']): HclMap {
  const chosen = secrets.filter(({ as }) => as.kind === kind)
  return sorted(
    Object.fromEntries(chosen.map(({ name, as }) => [as.kind === 'file' ? as.path : as.name, name])),
  )
}

function names(
  project: string,
  { name: environment }: ResolvedEnvironment,
  { name: service }: ResolvedService,
): HclMap {
  const place = { project, environment, service }
  return {
    full: fitName(`${environmentName(project, environment)}-${service}`, INSTANCES_NAME_LENGTH),
    family: familyName(place),
    log_group: logGroupName(project, environment, service),
    execution_role: taskRoleName(place, 'execution'),
    task_role: taskRoleName(place, 'task'),
    instance_role: instanceRoleName(place),
  }
}

/** What counts as wrong while nothing is rolled out is what stops a rollout. */
function alarms({ spec }: ResolvedService): HclMap {
  const { maxErrorRate, maxP95Milliseconds = 1000, minimumRequests } = spec.rollout.analysis
  return {
    error_rate_percent: within(Math.round(maxErrorRate * 10_000) / 100, { min: 0.01, max: 100 }),
    minimum_requests: within(minimumRequests, { min: 1, max: 1_000_000 }),
    response_p95_seconds: maxP95Milliseconds / 1000,
  }
}

function sorted(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

import type {
  AnalysisSpec,
  HealthSpec,
  MetricQueries,
  Probe,
  RolloutPlan,
  ScalingSchedule,
  ScalingSpec,
  SecretReference,
  ServiceSpec,
  Verification,
} from '../model/service-spec.ts'
import type { Blueprint } from './blueprint.ts'
import { DEFAULT_TIMEZONE, DRAIN_SECONDS, VERIFY_DEFAULTS } from './defaults.ts'
import { layerService } from './layer-service.ts'
import type {
  AnalysisSettings,
  ProbeSettings,
  RolloutSettings,
  ScalingSettings,
  ServiceSettings,
} from './service-settings.ts'

/** How every service runs in every environment, by environment and service. */
export function resolveEnvironments(
  blueprint: Blueprint,
): Readonly<Record<string, Readonly<Record<string, ServiceSpec>>>> {
  const services = Object.keys(blueprint.services)
  const resolved = Object.keys(blueprint.environments).map(environment => [
    environment,
    Object.fromEntries(services.map(service => [service, resolveService(blueprint, environment, service)])),
  ])
  return Object.fromEntries(resolved)
}

/** How the service runs in the environment, as it becomes part of a release. Both must exist. */
export function resolveService(blueprint: Blueprint, environment: string, service: string): ServiceSpec {
  if (!Object.hasOwn(blueprint.environments, environment) || !Object.hasOwn(blueprint.services, service)) {
    throw new Error(`no service ${service} or no environment ${environment} in the blueprint`)
  }
  return specOf(layerService(blueprint, { environment, service }).settings, blueprint.source.files)
}

/** What of the settings becomes part of a release; `files` holds the text of every file that they name. */
export function specOf(settings: ServiceSettings, files: ReadonlyMap<string, string>): ServiceSpec {
  return {
    ...(settings.command === undefined ? {} : { command: settings.command }),
    port: settings.port,
    health: healthOf(settings.health),
    cpu: settings.cpu,
    memory: settings.memory,
    limits: settings.limits,
    ...(settings.spot ? { spot: true } : {}),
    replicas: settings.replicas,
    ...(settings.scaling === false ? {} : { scaling: scalingOf(settings.scaling) }),
    config: settings.config,
    files: filesOf(settings.files, files),
    secrets: secretsOf(settings.secrets),
    ingress: settings.ingress,
    ...(settings.calls.length === 0 ? {} : { calls: settings.calls }),
    ...(Object.keys(settings.labels).length === 0 ? {} : { labels: settings.labels }),
    after: settings.after,
    graceSeconds: settings.grace,
    rollout: rolloutOf(settings.rollout),
  }
}

function healthOf(health: ServiceSettings['health']): HealthSpec {
  return { liveness: probeOf(health.liveness), readiness: probeOf(health.readiness) }
}

function probeOf(probe: ProbeSettings): Probe {
  return {
    path: probe.path,
    periodSeconds: probe.period,
    timeoutSeconds: probe.timeout,
    failureThreshold: probe.failureThreshold,
    initialDelaySeconds: probe.initialDelay,
  }
}

function scalingOf(scaling: ScalingSettings): ScalingSpec {
  return {
    min: scaling.min,
    max: scaling.max,
    ...(scaling.cpu === false ? {} : { cpu: scaling.cpu }),
    ...(scaling.memory === false ? {} : { memory: scaling.memory }),
    ...(scaling.requestsPerTarget === false ? {} : { requestsPerTarget: scaling.requestsPerTarget }),
    scaleInCooldownSeconds: scaling.scaleInCooldown,
    schedules: schedulesOf(scaling),
  }
}

/** A schedule that ends is two: one that sets its limits, and one that sets the usual ones again. */
function schedulesOf(scaling: ScalingSettings): ScalingSchedule[] {
  return Object.entries(scaling.schedules).flatMap(([name, schedule]) => {
    const { cron, end, timezone = DEFAULT_TIMEZONE, min, max } = schedule
    const begin = { name, cron, timezone, min, max }
    if (end === undefined) return [begin]
    return [begin, { name: `${name}-end`, cron: end, timezone, min: scaling.min, max: scaling.max }]
  })
}

function filesOf(
  files: ServiceSettings['files'],
  contents: ReadonlyMap<string, string>,
): Record<string, string> {
  const resolved = Object.entries(files).map(([mount, file]) => {
    if (file.kind === 'content') return [mount, file.content]
    const content = contents.get(file.path)
    if (content === undefined) throw new Error(`${file.path} was not read with the blueprint`)
    return [mount, content]
  })
  return Object.fromEntries(resolved)
}

function secretsOf(secrets: ServiceSettings['secrets']): SecretReference[] {
  return Object.entries(secrets).map(([name, as]) => ({
    name,
    as: as.kind === 'variable' ? { kind: 'variable', name: as.name } : { kind: 'file', path: as.path },
  }))
}

function rolloutOf(rollout: RolloutSettings): RolloutPlan {
  return {
    strategy: rollout.strategy,
    steps: rollout.steps.map(step => ({ percent: step.percent, bakeSeconds: step.bake })),
    verify: rollout.verify.map(verificationOf),
    approveSwitch: rollout.approve,
    analysis: analysisOf(rollout.analysis),
    standbySeconds: rollout.standby,
    sticky: rollout.sticky,
    ...(rollout.drain === undefined
      ? {}
      : { drain: { path: rollout.drain.path, timeoutSeconds: rollout.drain.timeout ?? DRAIN_SECONDS } }),
    deadlines: rollout.deadlines,
  }
}

function verificationOf(given: RolloutSettings['verify'][number]): Verification {
  if ('command' in given) {
    const timeoutSeconds = given.timeout ?? VERIFY_DEFAULTS.commandTimeout
    return { kind: 'command', command: given.command, timeoutSeconds }
  }
  return {
    kind: 'http',
    method: given.method ?? VERIFY_DEFAULTS.method,
    path: given.path,
    headers: given.headers ?? {},
    status: given.status ?? VERIFY_DEFAULTS.status,
    expectHeaders: given.expectHeaders ?? {},
    ...(given.bodyContains === undefined ? {} : { bodyContains: given.bodyContains }),
    ...(given.maxMilliseconds === undefined ? {} : { maxMilliseconds: given.maxMilliseconds }),
  }
}

function analysisOf(analysis: AnalysisSettings): AnalysisSpec {
  const { maxP95Milliseconds, maxP99Milliseconds, comparison, queries } = analysis
  return {
    windowSeconds: analysis.window,
    minimumRequests: analysis.minimumRequests,
    maxErrorRate: analysis.maxErrorRate,
    ...(maxP95Milliseconds === undefined ? {} : { maxP95Milliseconds }),
    ...(maxP99Milliseconds === undefined ? {} : { maxP99Milliseconds }),
    ...(comparison === false ? {} : { comparison }),
    ...(queries === undefined ? {} : { queries: queriesOf(queries) }),
  }
}

function queriesOf({ requests, errors, p95, p99 }: NonNullable<AnalysisSettings['queries']>): MetricQueries {
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(errors === undefined ? {} : { errors }),
    ...(p95 === undefined ? {} : { p95 }),
    ...(p99 === undefined ? {} : { p99 }),
  }
}

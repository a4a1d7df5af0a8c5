import { DEFAULT_TIMEZONE } from '../../blueprint/defaults.ts'
import type { EnvironmentSettings } from '../../blueprint/layer-environment.ts'
import type { ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import type { ScalingSchedule } from '../../model/service-spec.ts'
import { awsCron } from '../aws-cron.ts'
import type { HclMap, HclValue } from './hcl-text.ts'
import { awsTimeZone } from './time-zone.ts'

type Settings = Pick<EnvironmentSettings, 'target' | 'schedules'>

/**
 * How the number of instances follows load and the clock; null where it follows neither. An environment that is idle at
 * times has limits of 0 then, a service without scaling as well.
 */
export function scalingVariables(settings: Settings, { spec }: ResolvedService): HclValue {
  const { scaling, replicas, ingress } = spec
  const usual = { min: scaling?.min ?? replicas, max: scaling?.max ?? replicas }
  const schedules = [...(scaling?.schedules ?? []), ...idleSchedules(settings.schedules, usual)]
  // AWS has no limits from 0 to 0: what never runs needs none.
  if (usual.max === 0 || (scaling === undefined && schedules.length === 0)) return null
  return {
    ...usual,
    cpu_percent: scaling?.cpu ?? null,
    memory_percent: scaling?.memory ?? null,
    requests_per_target: ingress.length === 0 ? null : (scaling?.requestsPerTarget ?? null),
    scale_in_cooldown_seconds: scaling?.scaleInCooldownSeconds ?? null,
    schedules: Object.fromEntries(schedules.flatMap(schedule => moments(settings.target, schedule))),
  }
}

/** When a database is stopped and started: what is not counted in instances. */
export function idleVariables({ schedules }: Pick<Settings, 'schedules'>): HclMap {
  return Object.fromEntries(
    Object.entries(schedules).map(([name, { stop, start, timezone = DEFAULT_TIMEZONE }]) => [
      name,
      { stop: awsCron(stop), start: awsCron(start), timezone: awsTimeZone(timezone) },
    ]),
  )
}

function idleSchedules(
  idle: EnvironmentSettings['schedules'],
  usual: Pick<ScalingSchedule, 'min' | 'max'>,
): readonly ScalingSchedule[] {
  return Object.entries(idle).flatMap(([name, { stop, start, timezone = DEFAULT_TIMEZONE }]) => [
    { name: `${name}-stop`, cron: stop, timezone, min: 0, max: 0 },
    { name: `${name}-start`, cron: start, timezone, ...usual },
  ])
}

function moments(
  target: Settings['target'],
  { name, cron, timezone, min, max }: ScalingSchedule,
): readonly (readonly [string, HclMap])[] {
  const times = target === 'ec2' ? [inCapitals(cron)] : awsCron(cron)
  return times.map((schedule, index) => [
    times.length === 1 ? name : `${name}-${index + 1}`,
    { schedule, timezone: awsTimeZone(timezone), min, max },
  ])
}

/** Auto scaling groups take the five fields of cron, one space between them. */
function inCapitals(cron: string): string {
  return cron.trim().toUpperCase().split(/\s+/).join(' ')
}

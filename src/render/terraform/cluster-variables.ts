import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { fitName, ROLE_NAME_LENGTH, rolePrefix } from '../names.ts'
import type { HclValue } from './hcl-text.ts'

export function ecsClusterVariables(
  { project }: ResolvedBlueprint,
  { name, settings, services }: ResolvedEnvironment,
): HclValue {
  const { target, ecs, monitoring, tier } = settings
  if (target !== 'ecs') return null
  const most = services.map(({ spec }) => Math.max(spec.replicas, spec.scaling?.max ?? 0))
  return {
    name: ecs.cluster,
    capacity: ecs.capacity,
    container_insights: monitoring.alarms || monitoring.dashboard ? 'enabled' : 'disabled',
    // Where users are, a task of a service stays when all Spot capacity is taken away at once. AWS places none with a
    // provider whose share is 0.
    spot_percent: tier === 'development' ? 100 : 80,
    spot_base_on_demand: tier === 'development' ? 0 : 1,
    instances:
      ecs.capacity === 'ec2'
        ? {
            instance_type: ecs.instanceType,
            min: tier === 'development' ? 0 : settings.network.zones,
            // The smallest types hold one task each, and in a rollout there are two colors.
            max: Math.max(settings.network.zones, 2 * sum(most)),
            role_name: fitName(`${rolePrefix(project, name)}-instances`, ROLE_NAME_LENGTH),
          }
        : null,
  }
}

export function ec2Variables({ settings: { target, ec2 } }: ResolvedEnvironment): HclValue {
  if (target !== 'ec2') return null
  return { instance_type: ec2.instanceType, ami: ec2.ami, warmup_seconds: Math.min(ec2.warmup, 3600) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

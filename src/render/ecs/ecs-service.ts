import type { Tier } from '../../blueprint/blueprint.ts'
import { COLORS, type Color } from '../../model/color.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'
import { slotName } from '../names.ts'

export interface EcsServicePlan {
  readonly cluster: string
  readonly service: string
  readonly color: Color
  readonly family: string
  readonly spec: ServiceSpec
  readonly capacity: 'fargate' | 'fargate-spot' | 'ec2'
  /** Of the environment. */
  readonly tier: Tier
  readonly desiredCount: number
  readonly tags: Readonly<Record<string, string>>
}

/** The input of CreateService, network and target group aside: their ids are known once they exist. */
export function ecsService(plan: EcsServicePlan): object {
  const { spec } = plan
  return {
    cluster: plan.cluster,
    serviceName: slotName(plan.service, plan.color),
    taskDefinition: plan.family,
    desiredCount: plan.desiredCount,
    ...capacityOf(plan),
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      minimumHealthyPercent: 100,
      maximumPercent: 200,
    },
    // AWS takes a grace period only of services behind a load balancer.
    ...(spec.ingress.length === 0 ? {} : { healthCheckGracePeriodSeconds: graceOf(spec) }),
    enableECSManagedTags: true,
    propagateTags: 'SERVICE',
    tags: Object.entries({ ...plan.tags, 'sluice:color': plan.color }).map(([key, value]) => ({
      key,
      value,
    })),
  }
}

function capacityOf({ capacity, tier }: EcsServicePlan): object {
  if (capacity === 'ec2') return { launchType: 'EC2' }
  if (capacity === 'fargate') return { launchType: 'FARGATE', platformVersion: 'LATEST' }
  return {
    // As in rendered Terraform: where users are, one task stays when Spot capacity is taken away, and a fifth of the rest.
    // AWS places nothing with a provider whose weight is 0, not even its base.
    capacityProviderStrategy:
      tier === 'development'
        ? [{ capacityProvider: 'FARGATE_SPOT', base: 0, weight: 1 }]
        : [
            { capacityProvider: 'FARGATE', base: 1, weight: 20 },
            { capacityProvider: 'FARGATE_SPOT', base: 0, weight: 80 },
          ],
    platformVersion: 'LATEST',
  }
}

/** As long as readiness may take before it counts: the first probe and the failures that follow it. */
function graceOf({ health: { readiness } }: ServiceSpec): number {
  return readiness.initialDelaySeconds + readiness.periodSeconds * readiness.failureThreshold + 30
}

/** The colors that a service has: one where it is replaced in place. */
export const colorsOf = ({ rollout }: ServiceSpec): readonly Color[] =>
  rollout.strategy === 'rolling' ? ['blue'] : COLORS

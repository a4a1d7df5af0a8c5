import type { ScalingSpec } from '../../model/service-spec.ts'
import { awsCron } from '../aws-cron.ts'
import { awsTimeZone } from '../terraform/time-zone.ts'

export interface EcsScalingPlan {
  readonly cluster: string
  /** The ECS service that follows the users: blue at first. */
  readonly ecsService: string
  readonly scaling: ScalingSpec
  /** Behind a load balancer requests can be counted. */
  readonly hasIngress: boolean
}

/** Inputs of Application Auto Scaling by file name: the target, a policy for each metric, an action for each schedule. */
export function ecsScaling(plan: EcsScalingPlan): Readonly<Record<string, object>> {
  const target = {
    ServiceNamespace: 'ecs',
    ResourceId: `service/${plan.cluster}/${plan.ecsService}`,
    ScalableDimension: 'ecs:service:DesiredCount',
  }
  const { scaling } = plan
  return {
    target: { ...target, MinCapacity: scaling.min, MaxCapacity: scaling.max },
    ...policies(plan, target),
    ...Object.fromEntries(scaling.schedules.flatMap(schedule => scheduledActions(schedule, target))),
  }
}

function policies({ scaling, hasIngress }: EcsScalingPlan, target: object): Record<string, object> {
  const metrics = [
    ['cpu', 'ECSServiceAverageCPUUtilization', scaling.cpu],
    ['memory', 'ECSServiceAverageMemoryUtilization', scaling.memory],
    ['requests', 'ALBRequestCountPerTarget', hasIngress ? scaling.requestsPerTarget : undefined],
  ] as const
  return Object.fromEntries(
    metrics.flatMap(([name, metric, value]) =>
      value === undefined
        ? []
        : [
            [
              `policy-${name}`,
              trackingPolicy({ name, metric, value, rest: scaling.scaleInCooldownSeconds, target }),
            ],
          ],
    ),
  )
}

interface Tracking {
  readonly name: string
  readonly metric: string
  /** Percent, or requests a minute and target. */
  readonly value: number
  /** Seconds between two steps down. */
  readonly rest: number
  readonly target: object
}

function trackingPolicy({ name, metric, value, rest, target }: Tracking): object {
  return {
    PolicyName: name,
    ...target,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: value,
      PredefinedMetricSpecification: { PredefinedMetricType: metric },
      ScaleOutCooldown: 60,
      ScaleInCooldown: rest,
    },
  }
}

function scheduledActions(
  { name, cron, timezone, min, max }: ScalingSpec['schedules'][number],
  target: object,
): [string, object][] {
  const times = awsCron(cron)
  return times.map((time, index) => {
    const action = times.length === 1 ? name : `${name}-${index + 1}`
    const capacity = { ScalableTargetAction: { MinCapacity: min, MaxCapacity: max } }
    return [
      `schedule-${action}`,
      {
        ScheduledActionName: action,
        ...target,
        Schedule: time,
        Timezone: awsTimeZone(timezone),
        ...capacity,
      },
    ]
  })
}

import { slotName } from '../names.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { metadata } from './metadata.ts'
import type { ServicePlan } from './service-plan.ts'

/** Kubernetes: a stabilization window has at most an hour. */
const LONGEST_WINDOW_SECONDS = 3600

/** Whether the number of instances is the autoscaler's business: Kubernetes itself measures cpu and memory only. */
export function scales({ spec: { scaling } }: Pick<ServicePlan, 'spec'>): boolean {
  return scaling?.cpu !== undefined || scaling?.memory !== undefined
}

/**
 * Follows the color that has the users; the other keeps what it has. While users are shared nothing is taken away: who
 * goes back to the color that they are leaving needs all of it.
 */
export function autoscaler(plan: ServicePlan): readonly KubernetesObject[] {
  const { scaling } = plan.spec
  if (scaling === undefined || !scales(plan)) return []
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata(plan, plan.service),
      spec: {
        scaleTargetRef: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: slotName(plan.service, plan.active),
        },
        // Without instances nothing is measured, so nothing would ever be started.
        minReplicas: Math.max(scaling.min, 1),
        maxReplicas: scaling.max,
        metrics: [...utilization('cpu', scaling.cpu), ...utilization('memory', scaling.memory)],
        behavior: {
          scaleDown: {
            stabilizationWindowSeconds: Math.min(scaling.scaleInCooldownSeconds, LONGEST_WINDOW_SECONDS),
            selectPolicy: plan.weights[plan.active] === 100 ? undefined : 'Disabled',
          },
        },
      },
    },
  ]
}

function utilization(name: 'cpu' | 'memory', averageUtilization: number | undefined): readonly object[] {
  return averageUtilization === undefined
    ? []
    : [{ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } }]
}

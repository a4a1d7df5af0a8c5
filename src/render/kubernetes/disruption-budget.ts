import { scales } from './autoscaler.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { selectorOf } from './labels.ts'
import { metadata } from './metadata.ts'
import type { ServicePlan } from './service-plan.ts'

/** Nodes that are emptied take one instance at a time. A single instance gets none: its node could never be emptied. */
export function disruptionBudget(plan: ServicePlan): readonly KubernetesObject[] {
  const { scaling, replicas } = plan.spec
  const fewest = scaling !== undefined && scales(plan) ? scaling.min : replicas
  if (fewest < 2) return []
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadata(plan, plan.service),
      spec: {
        maxUnavailable: 1,
        // Instances that do not work are no reason to keep a node.
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: selectorOf(plan.service) },
      },
    },
  ]
}

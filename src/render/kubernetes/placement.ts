import type { Color } from '../../model/color.ts'
import { selectorOf } from './labels.ts'
import type { Capacity, ServicePlan } from './service-plan.ts'

/** Amazon EKS gives it to the nodes of managed groups. */
const CAPACITY_LABEL = 'eks.amazonaws.com/capacityType'
const SPOT = 'SPOT'

/** Where pods stand: apart from each other, and on Spot capacity only where the blueprint says that they may. */
export function placement({ service, capacity }: ServicePlan, color: Color): object {
  return {
    topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(topologyKey => ({
      maxSkew: 1,
      topologyKey,
      // A service that is crowded together is better than one that does not run.
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorOf(service, color) },
      // Pods of the release that is being replaced do not count.
      matchLabelKeys: ['pod-template-hash'],
    })),
    ...CAPACITIES[capacity],
  }
}

const CAPACITIES: Readonly<Record<Capacity, object>> = {
  any: {},
  spot: {
    // Teams often keep others off such nodes with a taint of this name.
    tolerations: [{ key: CAPACITY_LABEL, operator: 'Equal', value: SPOT, effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: nodes('In') }],
      },
    },
  },
  'no-spot': {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [nodes('NotIn')] },
      },
    },
  },
}

function nodes(operator: 'In' | 'NotIn'): object {
  return { matchExpressions: [{ key: CAPACITY_LABEL, operator, values: [SPOT] }] }
}

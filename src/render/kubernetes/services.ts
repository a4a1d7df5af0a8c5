import { type Color, otherColor } from '../../model/color.ts'
import { slotName } from '../names.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { COLOR_LABEL, selectorOf } from './labels.ts'
import { metadata } from './metadata.ts'
import type { ServicePlan } from './service-plan.ts'

/** At which every service is reached inside the cluster, whatever its process listens on. */
export const STABLE_PORT = 80

/** Name of the container's port. */
export const PORT_NAME = 'http'

export const previewName = (service: string): string => `${service}-preview`

/** What other services call: the color that has the users. */
export const stableService = (plan: ServicePlan): KubernetesObject =>
  serviceObject(plan, { name: plan.service, color: plan.active })

/** What verification calls: the color that has no users. */
export const previewService = (plan: ServicePlan): KubernetesObject =>
  serviceObject(plan, { name: previewName(plan.service), color: otherColor(plan.active) })

/** What weights are given to. */
export const colorService = (plan: ServicePlan, color: Color): KubernetesObject =>
  serviceObject(plan, { name: slotName(plan.service, color), color, labels: { [COLOR_LABEL]: color } })

interface NamedService {
  readonly name: string
  readonly color: Color
  readonly labels?: Readonly<Record<string, string>>
}

function serviceObject(plan: ServicePlan, { name, color, labels }: NamedService): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(plan, name, labels === undefined ? {} : { labels }),
    spec: {
      type: 'ClusterIP',
      selector: selectorOf(plan.service, color),
      ports: [{ name: PORT_NAME, port: STABLE_PORT, targetPort: PORT_NAME, protocol: 'TCP' }],
    },
  }
}

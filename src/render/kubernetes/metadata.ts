import type { Metadata } from './kubernetes-object.ts'
import type { ServicePlan } from './service-plan.ts'

export interface MetadataAdditions {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** Of an object of a service, `name` being the object's own. */
export function metadata(plan: ServicePlan, name: string, more: MetadataAdditions = {}): Metadata {
  return {
    name,
    namespace: plan.namespace,
    labels: more.labels === undefined ? plan.labels : { ...plan.labels, ...more.labels },
    annotations:
      more.annotations === undefined ? plan.annotations : { ...plan.annotations, ...more.annotations },
  }
}

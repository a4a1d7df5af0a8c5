import type { z } from 'zod'
import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import type { NamespaceObjects } from './namespace-objects.ts'
import * as shape from './shapes.ts'

/** Objects as the API server gives them back, by kind. */
export interface RawObjects {
  readonly namespace: string
  readonly byKind: ReadonlyMap<string, readonly unknown[]>
  readonly secretKeys: ReadonlyMap<string, readonly string[]>
  readonly unread: NamespaceObjects['unread']
}

/** Kinds that are told and not read further. */
export const OTHER_KINDS = ['StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'NetworkPolicy'] as const

/** What Sluice made, and what another object makes and looks after (a Job of a CronJob), is left out. */
export function namespaceFrom({ namespace, byKind, secretKeys, unread }: RawObjects): NamespaceObjects {
  const of = <T extends z.ZodType>(kind: string, schema: T): readonly z.output<T>[] =>
    (byKind.get(kind) ?? []).filter(isForeign).map(each => schema.parse(each))
  return {
    namespace,
    deployments: of('Deployment', shape.deploymentShape),
    services: of('Service', shape.serviceShape),
    ingresses: of('Ingress', shape.ingressShape),
    routes: of('HTTPRoute', shape.httpRouteShape),
    configMaps: of('ConfigMap', shape.configMapShape),
    autoscalers: of('HorizontalPodAutoscaler', shape.autoscalerShape),
    budgets: of('PodDisruptionBudget', shape.disruptionBudgetShape),
    pods: of('Pod', shape.podShape),
    others: OTHER_KINDS.flatMap(kind =>
      (byKind.get(kind) ?? [])
        .filter(each => isForeign(each) && valueAt(each, ['metadata', 'ownerReferences']) === undefined)
        .map(each => ({ kind, name: String(valueAt(each, ['metadata', 'name'])) })),
    ),
    secretKeys,
    unread,
  }
}

function isForeign(object: unknown): boolean {
  const labels = valueAt(object, ['metadata', 'labels'])
  return !isRecord(labels) || labels['app.kubernetes.io/managed-by'] !== 'sluice'
}

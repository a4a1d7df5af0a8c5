import { selectorOf } from '../../render/kubernetes/labels.ts'
import { clusterSecretName } from '../../render/kubernetes/secret-mounts.ts'
import { RequestRefused } from './api/cluster.ts'
import { type ClusterObject, KINDS, type ObjectKind } from './api/cluster-object.ts'
import type { Deployment, Pod, PodSpec, ReplicaSet } from './live-objects.ts'
import type { ServiceView } from './service-view.ts'
import type { TargetParts } from './target-parts.ts'

/**
 * Removes ConfigMaps and Secrets of releases that are in no color any more. Only immutable ones under Sluice's own names,
 * which hold nothing that a release does not bring back; what a pod still has stays.
 */
export async function removeLeftovers(
  { cluster, log }: TargetParts,
  view: ServiceView,
  signal: AbortSignal,
): Promise<void> {
  const { service } = view
  const labels = { ...selectorOf(service), 'app.kubernetes.io/managed-by': 'sluice' }
  const used = namesInUse(view)
  const isLeft = (prefixes: readonly string[]) => (object: ClusterObject) =>
    object['immutable'] === true &&
    prefixes.some(prefix => object.metadata.name.startsWith(`${prefix}-`)) &&
    !used.has(object.metadata.name)
  const prefixes = new Map<ObjectKind, readonly string[]>([
    [KINDS.configMap, [`${service}-config`, `${service}-files`]],
    ...(view.environment.accountId === undefined
      ? [[KINDS.secret, [clusterSecretName(service)]] as const]
      : []),
  ])
  try {
    for (const [kind, each] of prefixes) {
      const left = (await cluster.list(kind, { labels }, signal)).filter(isLeft(each))
      for (const { metadata } of left)
        await cluster.remove({ kind, name: metadata.name }, { signal, uid: metadata.uid })
    }
  } catch (error) {
    // Nobody is served worse for it, and the next one to retire tries again.
    if (!(error instanceof RequestRefused)) throw error
    log.warn({ service, error: error.message }, 'what no release needs any more could not be removed')
  }
}

function namesInUse(view: ServiceView): ReadonlySet<string> {
  const deployments: readonly ClusterObject[] = Object.values(view.deployments)
  const running = (view.replicaSets as readonly ReplicaSet[]).filter(({ spec }) => (spec.replicas ?? 0) > 0)
  const specs = [
    ...[...(deployments as readonly Deployment[]), ...running].map(({ spec }) => spec.template.spec),
    ...(view.pods as readonly Pod[]).map(({ spec }) => spec),
  ]
  return new Set(specs.flatMap(namesIn))
}

function namesIn({ containers, volumes = [] }: PodSpec): readonly string[] {
  const named = [
    ...volumes.flatMap(({ configMap, secret }) => [configMap?.name, secret?.secretName]),
    ...containers.flatMap(({ envFrom = [], env = [] }) => [
      ...envFrom.flatMap(({ configMapRef, secretRef }) => [configMapRef?.name, secretRef?.name]),
      ...env.flatMap(({ valueFrom }) => [valueFrom?.configMapKeyRef?.name, valueFrom?.secretKeyRef?.name]),
    ]),
  ]
  return named.filter(name => name !== undefined)
}

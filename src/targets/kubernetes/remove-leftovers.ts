import { selectorOf } from '../../render/kubernetes/labels.ts'
import { clusterSecretName } from '../../render/kubernetes/secret-mounts.ts'
import { RequestRefused } from './api/cluster.ts'
import { type ClusterObject, KINDS } from './api/cluster-object.ts'
import type { Deployment, Pod, PodSpec, ReplicaSet } from './live-objects.ts'
import type { ServiceView } from './service-view.ts'
import type { TargetParts } from './target-parts.ts'

/**
 * Removes ConfigMaps and Secrets of releases that are in no color any more. Only those under Sluice's own names, which
 * hold nothing that a release does not bring back; what a pod still has stays.
 */
export async function removeLeftovers(
  parts: TargetParts,
  view: ServiceView,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, log } = parts
  try {
    for (const { metadata } of await leftConfigMaps(parts, view, signal))
      await cluster.remove({ kind: KINDS.configMap, name: metadata.name }, { signal, uid: metadata.uid })
    for (const name of leftSecrets(view)) await cluster.remove({ kind: KINDS.secret, name }, { signal })
  } catch (error) {
    // Nobody is served worse for it, and the next one to retire tries again.
    if (!(error instanceof RequestRefused)) throw error
    log.warn(
      { service: view.service, error: error.message },
      'what no release needs any more could not be removed',
    )
  }
}

async function leftConfigMaps(
  { cluster }: TargetParts,
  view: ServiceView,
  signal: AbortSignal,
): Promise<readonly ClusterObject[]> {
  const { service } = view
  const labels = { ...selectorOf(service), 'app.kubernetes.io/managed-by': 'sluice' }
  const used = namesInUse(view)
  const own = [`${service}-config-`, `${service}-files-`]
  return (await cluster.list(KINDS.configMap, { labels }, signal)).filter(
    ({ metadata: { name }, immutable }) =>
      immutable === true && own.some(prefix => name.startsWith(prefix)) && !used.has(name),
  )
}

/** Secrets are never listed, for that shows their values: former ReplicaSets know the names that they were made under. */
function leftSecrets(view: ServiceView): readonly string[] {
  if (view.environment.accountId !== undefined) return []
  const used = namesInUse(view)
  const former = (view.replicaSets as readonly ReplicaSet[]).flatMap(({ spec }) =>
    namesIn(spec.template.spec),
  )
  const own = `${clusterSecretName(view.service)}-`
  return [...new Set(former)].filter(name => name.startsWith(own) && !used.has(name))
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

/** Of the ConfigMaps and Secrets that an instance has. */
export function namesIn({ containers, volumes = [] }: PodSpec): readonly string[] {
  const named = [
    ...volumes.flatMap(({ configMap, secret }) => [configMap?.name, secret?.secretName]),
    ...containers.flatMap(({ envFrom = [], env = [] }) => [
      ...envFrom.flatMap(({ configMapRef, secretRef }) => [configMapRef?.name, secretRef?.name]),
      ...env.flatMap(({ valueFrom }) => [valueFrom?.configMapKeyRef?.name, valueFrom?.secretKeyRef?.name]),
    ]),
  ]
  return named.filter(name => name !== undefined)
}

import { isRecord, valueAt } from '../../blueprint/plain-data.ts'
import { type Cluster, RequestRefused } from '../../targets/kubernetes/api/cluster.ts'
import { type ClusterObject, KINDS, type ObjectKind } from '../../targets/kubernetes/api/cluster-object.ts'
import { namespaceFrom } from './namespace-from.ts'
import type { NamespaceObjects } from './namespace-objects.ts'
import { deploymentShape } from './shapes.ts'

/** Kinds that Sluice itself never writes. */
const OTHERS: readonly ObjectKind[] = [
  { apiVersion: 'apps/v1', kind: 'StatefulSet', plural: 'statefulsets' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet', plural: 'daemonsets' },
  { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs' },
  { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
]

const READ: readonly ObjectKind[] = [
  KINDS.deployment,
  KINDS.service,
  KINDS.ingress,
  KINDS.httpRoute,
  KINDS.configMap,
  KINDS.autoscaler,
  KINDS.disruptionBudget,
  KINDS.pod,
  ...OTHERS,
]

type Reader = Pick<Cluster, 'namespace' | 'get' | 'list'>

/** Reads what the import needs and changes nothing. Of Secrets only names of keys are kept, and only of those used as a whole. */
export async function readNamespace(cluster: Reader, signal: AbortSignal): Promise<NamespaceObjects> {
  const read = await Promise.all(READ.map(async kind => await readKind(cluster, kind, signal)))
  const byKind = new Map(read.map(({ kind, objects }) => [kind, objects]))
  const secrets = wholeSecrets(byKind.get('Deployment') ?? [])
  const keys = await Promise.all(
    secrets.map(async name => [name, await secretKeys(cluster, name, signal)] as const),
  )
  return namespaceFrom({
    namespace: cluster.namespace,
    byKind,
    secretKeys: new Map(
      keys.flatMap(([name, found]) => (found === undefined ? [] : [[name, found] as const])),
    ),
    unread: read.flatMap(({ kind, why }) => (why === undefined ? [] : [{ kind, why }])),
  })
}

interface ReadKind {
  readonly kind: string
  readonly objects: readonly ClusterObject[]
  readonly why: string | undefined
}

async function readKind(cluster: Reader, kind: ObjectKind, signal: AbortSignal): Promise<ReadKind> {
  try {
    return { kind: kind.kind, objects: await cluster.list(kind, {}, signal), why: undefined }
  } catch (error) {
    if (!(error instanceof RequestRefused) || !error.isFinal) throw error
    // A cluster without the Gateway API has no routes.
    const isUnknown = error.status === 404
    return { kind: kind.kind, objects: [], why: isUnknown ? undefined : error.message }
  }
}

/** Secrets whose keys nobody names: each becomes a variable, or a file. */
function wholeSecrets(deployments: readonly ClusterObject[]): readonly string[] {
  const names = deployments.flatMap(object => {
    const { containers, volumes } = deploymentShape.parse(object).spec.template.spec
    return [
      ...containers.flatMap(({ envFrom }) => envFrom.flatMap(({ secretRef }) => secretRef?.name ?? [])),
      ...volumes.flatMap(({ secret }) =>
        secret === undefined || secret.items !== undefined ? [] : [secret.secretName],
      ),
    ]
  })
  return [...new Set(names)]
}

/** Values come with the keys and go no further than here. */
async function secretKeys(
  cluster: Reader,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  try {
    const data = valueAt(await cluster.get(KINDS.secret, name, signal), ['data'])
    return isRecord(data) ? Object.keys(data) : undefined
  } catch (error) {
    if (error instanceof RequestRefused && error.isFinal) return undefined
    throw error
  }
}

import type { KubernetesObject } from '../../src/render/kubernetes/kubernetes-object.ts'
import { type Cluster, FIELD_MANAGER } from '../../src/targets/kubernetes/api/cluster.ts'
import { openEntry } from '../../src/targets/kubernetes/api/entry/open-entry.ts'
import { openCluster } from '../../src/targets/kubernetes/api/open-cluster.ts'
import type { Kubernetes } from './kubernetes.ts'

/** What a test's own objects carry. */
export const TEST_LABELS = {
  'app.kubernetes.io/managed-by': FIELD_MANAGER,
  'app.kubernetes.io/instance': 'test',
}

interface ClientOptions {
  readonly kubernetes: Kubernetes
  readonly namespace: string
  /** Of somebody else than the one who may do everything. */
  readonly token?: string
  /** Another way to the API server. */
  readonly server?: string
}

/** A namespace of the API server, made if it is not there, as Sluice talks to it. */
export async function clusterOf({ kubernetes, namespace, token, server }: ClientOptions): Promise<Cluster> {
  await kubernetes.kubectl(['create', 'namespace', namespace])
  const entry = await openEntry(
    { kind: 'kubeconfig' },
    {
      environment: { KUBECONFIG: kubernetes.kubeconfig },
      homeFolder: kubernetes.folder,
      now: Date.now,
      openEks: () => Promise.reject(new Error('no EKS here')),
    },
  )
  const headers = async () => ({ authorization: `Bearer ${token}` })
  return openCluster({
    entry: { ...entry, ...(token !== undefined && { headers }), ...(server !== undefined && { server }) },
    namespace,
    labels: TEST_LABELS,
  })
}

export const configMap = (name: string, data: Readonly<Record<string, string>> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: TEST_LABELS },
  data,
})

import { homedir } from 'node:os'
import { UserError } from '../../model/user-error.ts'
import type { Cluster } from '../../targets/kubernetes/api/cluster.ts'
import { openEntry } from '../../targets/kubernetes/api/entry/open-entry.ts'
import { openCluster } from '../../targets/kubernetes/api/open-cluster.ts'
import type { Context } from '../context.ts'

export interface NamespacePlace {
  /** Of the kubeconfig; the current one without it. */
  readonly context: string | undefined
  readonly namespace: string
}

/** The namespace as the person's own kubeconfig enters it. Whoever opens it closes it. */
export async function openNamespace(
  { environment, now }: Pick<Context, 'environment' | 'now'>,
  { context, namespace }: NamespacePlace,
): Promise<Cluster> {
  const access = { kind: 'kubeconfig' as const, ...(context === undefined ? {} : { context }) }
  const entry = await openEntry(access, {
    environment,
    homeFolder: environment['HOME'] ?? homedir(),
    now,
    openEks: ({ cluster }) =>
      Promise.reject(new UserError(cluster, 'is entered by the kubeconfig here', 'name a context of it')),
  })
  return openCluster({ entry, namespace, labels: {} })
}

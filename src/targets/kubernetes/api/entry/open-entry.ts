import type { EksCluster } from '../../../../aws/eks-cluster.ts'
import type { Instant } from '../../../../model/instant.ts'
import type { ClusterAccess, Entry } from '../access.ts'
import { orAborted } from '../or-aborted.ts'
import { bearer } from './credentials.ts'
import { inClusterEntry } from './in-cluster-entry.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { kubeconfigEntry } from './kubeconfig-entry.ts'

export type EksAccess = Extract<ClusterAccess, { kind: 'eks' }>

export interface EntryParts {
  /** The environment variables of this process: $KUBECONFIG, $KUBERNETES_SERVICE_HOST, and all that an exec plugin sees. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly homeFolder: string
  readonly now: () => Instant
  /** Looks the cluster up with the access's role. */
  readonly openEks: (access: EksAccess) => Promise<EksCluster>
  /** Where the kubelet puts a pod's token, elsewhere in tests. */
  readonly accountFolder?: string
}

/** Fails with `UserError` where the access can't work; nothing is asked of the API server yet. */
export async function openEntry(access: ClusterAccess, parts: EntryParts): Promise<Entry> {
  switch (access.kind) {
    case 'kubeconfig':
      return kubeconfigEntry(await readKubeconfig(parts), { ...parts, context: access.context })
    case 'in-cluster':
      return await inClusterEntry(parts)
    case 'eks':
      return eksEntry(access, await parts.openEks(access))
    default:
      return access satisfies never
  }
}

function eksEntry({ cluster, region }: EksAccess, eks: EksCluster): Entry {
  const ca = Buffer.from(eks.certificateAuthorityData, 'base64').toString('utf8')
  return {
    name: `EKS cluster ${cluster} in ${region}`,
    server: eks.endpoint,
    tls: async () => ({ ca }),
    headers: async signal => bearer(await orAborted(eks.token(), signal)),
    // Signed anew for minutes only; one that is refused was signed by a role without an access entry.
    forget: () => undefined,
  }
}

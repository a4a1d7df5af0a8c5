// Loads the SDK: import it with import() only, so that whoever has no AWS does not pay for it.
import {
  type Cluster,
  DescribeClusterCommand,
  EKSClient,
  ListClustersCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-eks'
import type { AwsCredentials } from './identity.ts'
import { TIME_LIMITS } from './time-limits.ts'

/** Amazon EKS in one region. */
export interface Eks {
  /** Undefined where there is no such cluster. */
  readonly describeCluster: (name: string) => Promise<Cluster | undefined>
  /** Names of the account's clusters in the region, the first hundred. */
  readonly clusterNames: () => Promise<readonly string[]>
}

export function openEks(options: { readonly region: string; readonly credentials: AwsCredentials }): Eks {
  const client = new EKSClient({ ...options, requestHandler: TIME_LIMITS })
  return {
    describeCluster: async name => {
      try {
        return (await client.send(new DescribeClusterCommand({ name }))).cluster
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined
        throw error
      }
    },
    clusterNames: async () =>
      (await client.send(new ListClustersCommand({ maxResults: 100 }))).clusters ?? [],
  }
}

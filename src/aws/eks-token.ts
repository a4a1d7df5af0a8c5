import type { Instant } from '../model/instant.ts'
import type { AwsCredentials } from './identity.ts'
import { renewed } from './renewed.ts'

export interface EksTokenOptions {
  /** The cluster's name; its id for a local cluster on AWS Outposts. */
  readonly clusterId: string
  readonly region: string
  readonly credentials: AwsCredentials
  readonly now: () => Instant
}

/** What the URL itself says; the API server goes by its date and takes it for 15 minutes (aws-iam-authenticator). */
const EXPIRY_SECONDS = 60
/** As `aws eks get-token` reckons, a minute less than the API server takes. */
const VALID_SECONDS = 14 * 60
const RENEWED_AHEAD_SECONDS = 2 * 60

/**
 * Gives bearer tokens for one cluster: a GetCallerIdentity URL signed together with the cluster's name, which the API
 * server sends to learn who asks (aws-iam-authenticator, "API Authorization from Outside a Cluster"). No request is
 * made for them beyond what the credentials need.
 */
export function createEksToken({
  clusterId,
  region,
  credentials,
  now,
}: EksTokenOptions): () => Promise<string> {
  const current = renewed({
    fetch: async () => {
      const keys = await credentials()
      const { presignCallerIdentity } = await import('./sts.ts')
      const at = now()
      const url = await presignCallerIdentity({
        region,
        keys,
        headers: { 'x-k8s-aws-id': clusterId },
        at,
        expirySeconds: EXPIRY_SECONDS,
      })
      const token = `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`
      // What was signed with keys of a session ends with the session.
      return { token, end: Math.min(at + VALID_SECONDS * 1000, keys.expiration?.getTime() ?? Infinity) }
    },
    endOf: ({ end }) => end,
    aheadSeconds: RENEWED_AHEAD_SECONDS,
    now,
  })
  return async () => (await current()).token
}

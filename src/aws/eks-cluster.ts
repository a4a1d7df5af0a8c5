import type { Instant } from '../model/instant.ts'
import { UserError } from '../model/user-error.ts'
import { awsProblem } from './aws-problem.ts'
import type { Eks } from './eks.ts'
import { createEksToken } from './eks-token.ts'
import type { AwsCredentials } from './identity.ts'

/** A Kubernetes API server run by Amazon EKS, and the way in. */
export interface EksCluster {
  /** `https://….eks.amazonaws.com` */
  readonly endpoint: string
  /** The certificate authority in PEM, in base64, as `certificate-authority-data` of a kubeconfig has it. */
  readonly certificateAuthorityData: string
  /** A bearer token for the API server, good for minutes at least; ask for it with every request. */
  readonly token: () => Promise<string>
}

export interface EksClusterOptions {
  readonly name: string
  readonly region: string
  readonly credentials: AwsCredentials
  readonly now?: () => Instant
}

/** What a cluster in these states answers to; UPDATING is a change of version or settings while it serves. */
const SERVING = new Set(['ACTIVE', 'UPDATING'])
const NAMES_SHOWN = 10

/**
 * Looks up where a cluster is. Throws `UserError` where there is none of this name, where it does not serve and where
 * access is missing, and `AwsUnavailable` for what may pass.
 */
export async function openEksCluster(options: EksClusterOptions): Promise<EksCluster> {
  const { name, region, credentials, now = Date.now } = options
  const where = `EKS cluster ${name} in ${region}`
  const { openEks } = await import('./eks.ts')
  const eks = openEks({ region, credentials })
  const cluster = await describe(eks, { name, where })
  if (cluster === undefined) throw await noSuchCluster(eks, { where, region })
  const { status = 'unknown', endpoint, certificateAuthority, outpostConfig, id } = cluster
  const data = certificateAuthority?.data
  if (!SERVING.has(status) || endpoint === undefined || data === undefined) throw notServing(where, status)
  // A local cluster on AWS Outposts goes by its id: aws eks update-kubeconfig.
  const clusterId = outpostConfig === undefined ? name : (id ?? name)
  return {
    endpoint,
    certificateAuthorityData: data,
    token: createEksToken({ clusterId, region, credentials, now }),
  }
}

async function describe(eks: Eks, { name, where }: { name: string; where: string }) {
  try {
    return await eks.describeCluster(name)
  } catch (error) {
    const whenDenied = 'let this identity do eks:DescribeCluster on the cluster'
    throw awsProblem(error, { where, action: 'eks:DescribeCluster', whenDenied })
  }
}

async function noSuchCluster(
  eks: Eks,
  { where, region }: { where: string; region: string },
): Promise<UserError> {
  // Whoever may not list clusters is told the rest all the same.
  const names = await eks.clusterNames().catch(() => undefined)
  if (names === undefined)
    return new UserError(where, 'there is none of this name', 'check name, region and account')
  if (names.length === 0) {
    return new UserError(where, `the account has no cluster in ${region}`, 'check region and account')
  }
  const shown = names.toSorted().slice(0, NAMES_SHOWN).join(', ')
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ''
  return new UserError(
    where,
    `there is none of this name; the account has ${shown}${more}`,
    'name one of them',
  )
}

function notServing(where: string, status: string): UserError {
  const remedies: Readonly<Record<string, string>> = {
    CREATING: 'wait until it is ACTIVE, which takes about ten minutes',
    DELETING: 'name another cluster, or create it again',
    FAILED: 'see its health issues with aws eks describe-cluster',
  }
  return new UserError(where, `it is ${status}`, remedies[status] ?? 'wait until it is ACTIVE')
}

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openEksCluster } from './eks-cluster.ts'
import type { AwsKeys } from './identity.ts'
import { type FakeAwsAnswer, type FakeAwsRequest, jsonError, startFakeAws } from './testing/fake-aws.ts'

const REGION = 'ap-northeast-1'
const START = Date.UTC(2026, 0, 1)
const SERVING = {
  name: 'shop',
  status: 'ACTIVE',
  endpoint: 'https://A1.yl4.ap-northeast-1.eks.amazonaws.com',
  certificateAuthority: { data: 'Y2E=' },
}
const NOT_FOUND = jsonError(404, 'ResourceNotFoundException', 'No cluster found for name: shop.')

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null')
})

afterEach(() => {
  vi.unstubAllEnvs()
})

/** The tokens of a cluster that EKS describes as given, with keys from `keys` and a clock of its own. */
async function open(answer: (request: FakeAwsRequest) => FakeAwsAnswer, keys = () => keysEnding()) {
  const aws = await startFakeAws(answer)
  onTestFinished(aws.stop)
  vi.stubEnv('AWS_ENDPOINT_URL_EKS', aws.url)
  const clock = { now: START }
  let asked = 0
  const credentials = () => {
    asked += 1
    return Promise.resolve(keys())
  }
  const cluster = await openEksCluster({ name: 'shop', region: REGION, credentials, now: () => clock.now })
  return { cluster, clock, timesAsked: () => asked, lines: aws.requests.map(({ line }) => line) }
}

function keysEnding(expiration?: Date): AwsKeys {
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  return expiration === undefined ? keys : { ...keys, sessionToken: 'a+b/c=', expiration }
}

function described(cluster: Readonly<Record<string, unknown>>): FakeAwsAnswer {
  return { status: 200, body: JSON.stringify({ cluster }) }
}

async function refusal(answer: (request: FakeAwsRequest) => FakeAwsAnswer): Promise<string> {
  return await open(answer).then(
    () => 'open',
    (error: unknown) => String(error),
  )
}

function urlIn(token: string): URL {
  const [prefix, text = ''] = token.split(/\.(.*)/)
  expect(prefix).toBe('k8s-aws-v1')
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  return new URL(Buffer.from(text, 'base64url').toString('utf8'))
}

describe('an EKS cluster', () => {
  it('is where EKS says, with one request', async () => {
    const { cluster, lines } = await open(() => described(SERVING))
    expect(cluster).toMatchObject({ endpoint: SERVING.endpoint, certificateAuthorityData: 'Y2E=' })
    expect(lines).toEqual(['GET /clusters/shop'])
  })

  it('serves while it is changed', async () => {
    await expect(open(() => described({ ...SERVING, status: 'UPDATING' }))).resolves.toBeDefined()
  })

  it('that does not exist is told with those that do', async () => {
    const listing = (clusters: readonly string[]) => (request: FakeAwsRequest) =>
      request.line.startsWith('GET /clusters?')
        ? { status: 200, body: JSON.stringify({ clusters }) }
        : NOT_FOUND
    expect(await refusal(listing(['shop-prod', 'shop-dev']))).toBe(
      'UserError: EKS cluster shop in ap-northeast-1: there is none of this name; the account has shop-dev, shop-prod; ' +
        'name one of them',
    )
    const many = Array.from({ length: 12 }, (_, index) => `c${index + 10}`)
    expect(await refusal(listing(many))).toContain(
      'the account has c10, c11, c12, c13, c14, c15, c16, c17, c18, c19 and 2 more;',
    )
    expect(await refusal(listing([]))).toContain(
      'the account has no cluster in ap-northeast-1; check region and account',
    )
  })

  it('that does not exist is told to those who may not list others', async () => {
    const answer = ({ line }: FakeAwsRequest) =>
      line.startsWith('GET /clusters?') ? jsonError(403, 'AccessDeniedException', 'no') : NOT_FOUND
    expect(await refusal(answer)).toContain('there is none of this name; check name, region and account')
  })

  it('that does not serve is refused with what it is', async () => {
    const { endpoint: _, ...creating } = { ...SERVING, status: 'CREATING' }
    expect(await refusal(() => described(creating))).toContain('it is CREATING; wait until it is ACTIVE')
    expect(await refusal(() => described({ ...SERVING, status: 'DELETING' }))).toContain(
      'it is DELETING; name another',
    )
    expect(await refusal(() => described({ ...SERVING, status: 'FAILED' }))).toContain(
      'it is FAILED; see its health',
    )
    expect(await refusal(() => described({ ...SERVING, status: 'PENDING' }))).toContain(
      'it is PENDING; wait until',
    )
  })

  it('tells what AWS does not allow', async () => {
    const message =
      'User: arn:aws:sts::222222222222:assumed-role/qa/ada is not authorized to perform: eks:DescribeCluster'
    expect(await refusal(() => jsonError(403, 'AccessDeniedException', message))).toBe(
      `UserError: EKS cluster shop in ap-northeast-1: AWS does not allow eks:DescribeCluster (${message}); ` +
        'let this identity do eks:DescribeCluster on the cluster',
    )
  })

  it('tells an outage', async () => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    expect(await refusal(() => jsonError(503, 'ServiceUnavailableException', 'later'))).toMatch(
      /^AwsUnavailable: .* AWS failed at eks:DescribeCluster \(ServiceUnavailableException\); try again/,
    )
  })
})

describe('the token of an EKS cluster', () => {
  it('is a GetCallerIdentity URL of the region, good for 60 seconds by its own words, signed with the cluster’s name', async () => {
    const { cluster } = await open(
      () => described(SERVING),
      () => keysEnding(new Date(START + 3_600_000)),
    )
    const url = urlIn(await cluster.token())
    expect(`${url.origin}${url.pathname}`).toBe('https://sts.ap-northeast-1.amazonaws.com/')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260101/ap-northeast-1/sts/aws4_request',
      'X-Amz-Date': '20260101T000000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': 'a+b/c=',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('is signed with the id of a local cluster on AWS Outposts', async () => {
    const signature = async (cluster: Readonly<Record<string, unknown>>) =>
      urlIn(await (await open(() => described(cluster))).cluster.token()).searchParams.get('X-Amz-Signature')
    const named = await signature(SERVING)
    expect(
      await signature({
        ...SERVING,
        id: 'b0f5',
        outpostConfig: { outpostArns: [], controlPlaneInstanceType: 'm5.large' },
      }),
    ).not.toBe(named)
    expect(await signature({ ...SERVING, id: 'b0f5' })).toBe(named)
  })

  it('is kept for 12 minutes, and renewed while it is still good', async () => {
    const { cluster, clock, timesAsked } = await open(() => described(SERVING))
    const before = timesAsked()
    const [token, same] = await Promise.all([cluster.token(), cluster.token()])
    expect(same).toBe(token)
    clock.now = START + 12 * 60_000 - 1
    expect(await cluster.token()).toBe(token)
    expect(timesAsked()).toBe(before + 1)
    clock.now = START + 12 * 60_000
    expect(await cluster.token()).toBe(token)
    await vi.waitFor(async () => expect(await cluster.token()).not.toBe(token))
    expect(timesAsked()).toBe(before + 2)
  })

  it('is not used beyond the session that signed it', async () => {
    let end = START + 10 * 60_000
    const { cluster, clock } = await open(
      () => described(SERVING),
      () => keysEnding(new Date(end)),
    )
    const token = await cluster.token()
    clock.now = end
    end += 3_600_000
    expect(await cluster.token()).not.toBe(token)
  })
})

import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openAwsCredentials } from './credentials.ts'
import {
  assumedRole,
  type FakeAwsAnswer,
  type FakeAwsRequest,
  queryError,
  startFakeAws,
} from './testing/fake-aws.ts'

const REGION = 'ap-northeast-1'
const ROLE = {
  arn: 'arn:aws:iam::222222222222:role/sluice-prod',
  externalId: 'between-us',
  sessionName: 'sluice-42',
  sourceIdentity: 'ada@example.com',
}
const DENIED =
  'User: arn:aws:iam::111111111111:user/ci is not authorized to perform: sts:AssumeRole on resource: ' +
  ROLE.arn

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-aws-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', folder)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

async function fakeAws(answer: (request: FakeAwsRequest) => FakeAwsAnswer) {
  const aws = await startFakeAws(answer)
  onTestFinished(aws.stop)
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
  return aws
}

function ownKeys() {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-to-be-told')
}

async function ssoProfile(session: Readonly<Record<string, string>>) {
  const cache = join(folder, '.aws', 'sso', 'cache')
  await mkdir(cache, { recursive: true })
  const config = `[profile prod]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Deployer
[sso-session corp]
sso_region = ${REGION}
sso_start_url = https://corp.awsapps.com/start
`
  await writeFile(join(folder, '.aws', 'config'), config)
  const file = createHash('sha1').update('corp').digest('hex')
  await writeFile(join(cache, `${file}.json`), JSON.stringify({ accessToken: 'not-to-be-told', ...session }))
}

async function refusal(login: Partial<Parameters<typeof openAwsCredentials>[0]>) {
  const credentials = await openAwsCredentials({ region: REGION, ...login })
  return await credentials().then(
    () => 'given',
    (error: unknown) => String(error),
  )
}

describe('AWS credentials', () => {
  it('come from the default chain where no role is given', async () => {
    ownKeys()
    const credentials = await openAwsCredentials({ region: REGION })
    expect(await credentials()).toMatchObject({ accessKeyId: 'AKIDEXAMPLE' })
  })

  it('are those of the role, assumed with external id, session name and source identity', async () => {
    ownKeys()
    const aws = await fakeAws(() => assumedRole('ASIAROLE', new Date(Date.now() + 3_600_000)))
    const credentials = await openAwsCredentials({ region: REGION, role: ROLE })
    expect(aws.requests).toEqual([])
    expect(await Promise.all([credentials(), credentials()])).toMatchObject([
      { accessKeyId: 'ASIAROLE', sessionToken: 'session' },
      { accessKeyId: 'ASIAROLE' },
    ])
    expect(aws.requests.map(({ form }) => Object.fromEntries(form))).toEqual([
      {
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: ROLE.arn,
        RoleSessionName: ROLE.sessionName,
        ExternalId: ROLE.externalId,
        SourceIdentity: ROLE.sourceIdentity,
      },
    ])
  })

  it('of a role are renewed six minutes before they end', async () => {
    ownKeys()
    const start = Date.UTC(2026, 0, 1)
    const clock = { now: start }
    const aws = await fakeAws(() =>
      assumedRole(`ASIA${aws.requests.length}`, new Date(clock.now + 3_600_000)),
    )
    const credentials = await openAwsCredentials({ region: REGION, role: ROLE, now: () => clock.now })
    expect(await credentials()).toMatchObject({ accessKeyId: 'ASIA1' })
    clock.now = start + 53 * 60_000
    expect(await credentials()).toMatchObject({ accessKeyId: 'ASIA1' })
    expect(aws.requests).toHaveLength(1)
    clock.now = start + 54 * 60_000
    await credentials()
    await vi.waitFor(async () => expect(await credentials()).toMatchObject({ accessKeyId: 'ASIA2' }))
    expect(aws.requests).toHaveLength(2)
  })
})

describe('AWS credentials that are not to be had', () => {
  it('say where they are looked for', async () => {
    expect(await refusal({})).toBe(
      'UserError: AWS credentials: no credentials were found; set AWS_PROFILE to a profile that has some, ' +
        'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine or pod a role',
    )
    expect(await refusal({ role: ROLE })).toMatch(
      /^UserError: role .*sluice-prod: no credentials were found; /,
    )
    expect(await refusal({ profile: 'nobody' })).toContain('profile nobody gives no credentials')
  })

  it('say that the SSO session has ended, and how to begin another one', async () => {
    const told =
      'UserError: AWS credentials: the SSO session of profile prod has ended; run aws sso login --profile prod'
    await ssoProfile({ expiresAt: '2026-01-01T00:00:00Z' })
    expect(await refusal({ profile: 'prod' })).toBe(told)
    vi.stubEnv('AWS_PROFILE', 'prod')
    expect(await refusal({})).toBe(told)
    const aws = await fakeAws(() => ({ status: 401, errorType: 'UnauthorizedException', body: '{}' }))
    await ssoProfile({ expiresAt: '2999-01-01T00:00:00Z' })
    expect(await refusal({})).toBe(told)
    expect(aws.requests).toHaveLength(1)
  })

  it('do not repeat what a program that was to give them said, nor how it was called', async () => {
    await mkdir(join(folder, '.aws'))
    const program = "sh -c 'echo not-to-be-told >&2; exit 1'"
    await writeFile(join(folder, '.aws', 'config'), `[profile tool]\ncredential_process = ${program}\n`)
    const told = await refusal({ profile: 'tool' })
    expect(told).toContain('profile tool gives no credentials')
    expect(told).not.toContain('not-to-be-told')
  })

  it('say who may not assume the role, and what the role has to allow', async () => {
    ownKeys()
    await fakeAws(() => queryError('AccessDenied', DENIED))
    expect(await refusal({ role: ROLE })).toBe(
      `UserError: role ${ROLE.arn}: AWS does not allow sts:AssumeRole (${DENIED}); let the role trust this identity ` +
        'with the external id that is set here and with sts:SetSourceIdentity, and let this identity assume it',
    )
  })

  it.for([
    ['ExpiredToken', 'the credentials have expired; log in again'],
    ['InvalidClientTokenId', 'AWS does not know the credentials (InvalidClientTokenId); check the keys'],
    [
      'SignatureDoesNotMatch',
      'AWS does not accept the signature (SignatureDoesNotMatch); check the secret key',
    ],
    ['RegionDisabledException', 'AWS refused sts:AssumeRole (RegionDisabledException)'],
  ] as const)('never repeat what AWS says about keys: %s', async ([name, words]) => {
    ownKeys()
    await fakeAws(() => queryError(name, 'x-amz-security-token:not-to-be-told'))
    const told = await refusal({ role: ROLE })
    expect(told).toContain(`role ${ROLE.arn}: ${words}`)
    expect(told).not.toContain('not-to-be-told')
  })

  it('tell an outage from a refusal', async () => {
    ownKeys()
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    const aws = await startFakeAws(() => queryError('Throttling', 'Rate exceeded'))
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
    expect(await refusal({ role: ROLE })).toMatch(
      /^AwsUnavailable: .* AWS wants fewer requests for sts:AssumeRole/,
    )
    await aws.stop()
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url.replace('//', '//ada:not-to-be-told@'))
    expect(await refusal({ role: ROLE })).toBe(
      `AwsUnavailable: role ${ROLE.arn}: AWS can't be reached (ECONNREFUSED); check AWS_ENDPOINT_URL (${aws.url})`,
    )
  })

  it('name a session name that AWS does not take, before anything is asked', async () => {
    await expect(
      openAwsCredentials({ region: REGION, role: { ...ROLE, sourceIdentity: 'Ada L.' } }),
    ).rejects.toThrow(
      'AWS does not take "Ada L." as the name of a session or of a person; use 2 to 64 of A-Z, a-z, 0-9 and _+=,.@-',
    )
  })
})

import type { Instant } from '../model/instant.ts'
import { UserError } from '../model/user-error.ts'
import { awsProblem } from './aws-problem.ts'
import type { AwsCredentials, AwsKeys, AwsRole } from './identity.ts'
import { renewed } from './renewed.ts'
import type { Sts } from './sts.ts'

export interface AwsLogin {
  readonly region: string
  /** A profile of the shared configuration; AWS_PROFILE or the default one without it. */
  readonly profile?: string | undefined
  readonly role?: AwsRole | undefined
  readonly now?: () => Instant
}

/** So that a client which asks five minutes before the end, as the SDK's do, is given new keys. */
const RENEWED_AHEAD_SECONDS = 6 * 60
/** API_AssumeRole: the pattern and length of RoleSessionName and SourceIdentity. */
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/

/**
 * Credentials by the SDK's default chain, and those of `role` assumed with them where one is given, renewed before
 * they expire. Nothing is asked before they are used. They throw `UserError` for what a person can mend, and its kind
 * `AwsUnavailable` for what may pass.
 */
export async function openAwsCredentials(login: AwsLogin): Promise<AwsCredentials> {
  const { region, profile, role, now = Date.now } = login
  if (role !== undefined) refuseNames(role)
  const { openSts } = await import('./sts.ts')
  const sts = openSts({ region, profile })
  if (role === undefined) return () => ownKeys(sts, profile)
  return renewed({
    fetch: () => assumedKeys(sts, { role, profile }),
    endOf: ({ expiration }) => expiration?.getTime() ?? Infinity,
    aheadSeconds: RENEWED_AHEAD_SECONDS,
    now,
  })
}

function refuseNames({ arn, sessionName, sourceIdentity }: AwsRole): void {
  const wrong = [sessionName, sourceIdentity ?? sessionName].find(name => !SESSION_NAME.test(name))
  if (wrong === undefined) return
  throw new UserError(
    `role ${arn}`,
    `AWS does not take ${JSON.stringify(wrong)} as the name of a session or of a person`,
    'use 2 to 64 of A-Z, a-z, 0-9 and _+=,.@-',
  )
}

async function ownKeys(sts: Sts, profile: string | undefined): Promise<AwsKeys> {
  try {
    return await sts.ownKeys()
  } catch (error) {
    const whenDenied = 'check the role or the identity provider that the credentials come from'
    throw awsProblem(error, { where: 'AWS credentials', action: 'login', whenDenied, profile })
  }
}

async function assumedKeys(
  sts: Sts,
  { role, profile }: { readonly role: AwsRole; readonly profile: string | undefined },
): Promise<AwsKeys> {
  try {
    return await sts.assumeRole(role)
  } catch (error) {
    const conditions = [
      ...(role.externalId === undefined
        ? ['with no external id']
        : ['with the external id that is set here']),
      ...(role.sourceIdentity === undefined ? [] : ['with sts:SetSourceIdentity']),
    ]
    const whenDenied = `let the role trust this identity ${conditions.join(' and ')}, and let this identity assume it`
    throw awsProblem(error, { where: `role ${role.arn}`, action: 'sts:AssumeRole', whenDenied, profile })
  }
}

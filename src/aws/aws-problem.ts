import { UserError } from '../model/user-error.ts'

/** AWS can't be reached, fails, or wants fewer requests: the same call may succeed later. */
export class AwsUnavailable extends UserError {
  constructor(where: string, what: string, remedy: string) {
    super(where, what, remedy)
    this.name = 'AwsUnavailable'
  }
}

/** What was tried, as far as its failure has to be told. */
export interface AwsCall {
  /** What it was about, in a person's words. */
  readonly where: string
  /** The IAM action, for example `eks:DescribeCluster`. */
  readonly action: string
  /** What helps where AWS does not allow it. */
  readonly whenDenied: string
  /** The profile that the credentials come from, where one is named. */
  readonly profile?: string | undefined
}

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'])
const UNKNOWN = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'AuthFailure',
])
const SIGNATURE = new Set(['SignatureDoesNotMatch', 'InvalidSignatureException', 'RequestTimeTooSkewed'])
const PROVIDER = /^(?:Credentials|Token)?ProviderError$/
const THROTTLED = /^(?:Throttl.*|TooManyRequests.*|RequestLimitExceeded|SlowDown)$/
const UNREACHABLE =
  /\b(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH)\b/
const UNTRUSTED = /CERT|^ERR_TLS|^ERR_SSL/

/**
 * What AWS or its SDK threw, in words with a remedy; anything else, a bug, comes back as it is. The SDK's own words are
 * left out: a refused signature is told with the session token in it, and a credential process with its command line.
 */
export function awsProblem(error: unknown, call: AwsCall): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const answer = connectionProblem(error, call) ?? answerProblem(error, call)
  if (answer !== undefined) return answer
  return PROVIDER.test(error.name) ? noCredentials(error.message, call) : error
}

function noCredentials(message: string, { where, profile }: AwsCall): UserError {
  const named = profile ?? process.env['AWS_PROFILE']
  const option = named === undefined ? '' : ` --profile ${named}`
  const from = named === undefined ? '' : ` of profile ${named}`
  if (/\bsso\b|UnauthorizedException/i.test(message)) {
    return new UserError(where, `the SSO session${from} has ended`, `run aws sso login${option}`)
  }
  if (/aws login/.test(message)) {
    return new UserError(where, `the session${from} has ended`, `run aws login${option}`)
  }
  if (/multi-factor/.test(message)) {
    const remedy = 'give a profile without it, or the keys of a session that has it'
    return new UserError(
      where,
      `the credentials${from} need a one-time code, which nobody can enter here`,
      remedy,
    )
  }
  return new UserError(
    where,
    named === undefined ? 'no credentials were found' : `profile ${named} gives no credentials`,
    'set AWS_PROFILE to a profile that has some, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine or pod a role',
  )
}

function connectionProblem(error: Error, { where }: AwsCall): UserError | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (UNTRUSTED.test(code)) {
    const remedy = 'name the certificate authority of your network in NODE_EXTRA_CA_CERTS'
    return new UserError(where, `the certificate that answers for AWS is not trusted (${code})`, remedy)
  }
  // A provider of credentials leaves nothing but the words of what happened to its own requests.
  const text = PROVIDER.test(error.name) ? error.message : code
  const reason =
    UNREACHABLE.exec(text)?.[0] ?? (error.name === 'TimeoutError' ? 'no answer in time' : undefined)
  if (reason === undefined) return undefined
  const endpoint = process.env['AWS_ENDPOINT_URL']
  const remedy =
    endpoint === undefined
      ? 'check the network and the region'
      : `check AWS_ENDPOINT_URL (${originOf(endpoint)})`
  return new AwsUnavailable(where, `AWS can't be reached (${reason})`, remedy)
}

/** Without what a URL may carry besides the place: a password does not belong in a message. */
function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'not a URL'
}

function answerProblem(error: Error, { where, action, whenDenied }: AwsCall): UserError | undefined {
  if (!('$metadata' in error)) return undefined
  const { name } = error
  if (DENIED.has(name))
    return new UserError(where, `AWS does not allow ${action} (${error.message})`, whenDenied)
  if (EXPIRED.has(name)) {
    return new UserError(
      where,
      'the credentials have expired',
      'log in again, or set new keys and start again',
    )
  }
  if (UNKNOWN.has(name)) {
    return new UserError(
      where,
      `AWS does not know the credentials (${name})`,
      'check the keys and the session token',
    )
  }
  if (SIGNATURE.has(name)) {
    const remedy = 'check the secret key, and the clock of this machine'
    return new UserError(where, `AWS does not accept the signature (${name})`, remedy)
  }
  if (THROTTLED.test(name)) {
    return new AwsUnavailable(
      where,
      `AWS wants fewer requests for ${action} (${name})`,
      'try again in a minute',
    )
  }
  if (statusOf(error.$metadata) >= 500) {
    return new AwsUnavailable(where, `AWS failed at ${action} (${name})`, 'try again in a minute')
  }
  return new UserError(where, `AWS refused ${action} (${name})`, 'check what is set for it')
}

function statusOf(metadata: unknown): number {
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return 0
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : 0
}

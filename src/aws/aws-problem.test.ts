import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { awsProblem } from './aws-problem.ts'

beforeEach(() => {
  vi.stubEnv('AWS_PROFILE', undefined)
  vi.stubEnv('AWS_ENDPOINT_URL', undefined)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

function told(
  fields: { readonly name?: string; readonly code?: string; readonly $metadata?: object },
  message = '',
): string {
  const error = Object.assign(new Error(message), fields)
  const call = { where: 'it', action: 'eks:DescribeCluster', whenDenied: 'allow it', profile: 'prod' }
  return String(awsProblem(error, call))
}

describe('what went wrong at AWS', () => {
  it.for([
    [
      { code: 'ENOTFOUND' },
      "AwsUnavailable: it: AWS can't be reached (ENOTFOUND); check the network and the region",
    ],
    [
      { name: 'TimeoutError' },
      "AwsUnavailable: it: AWS can't be reached (no answer in time); check the network",
    ],
    [
      { code: 'SELF_SIGNED_CERT_IN_CHAIN' },
      'UserError: it: the certificate that answers for AWS is not trusted (SELF_SIGNED_CERT_IN_CHAIN); name the',
    ],
    [
      { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } },
      'AwsUnavailable: it: AWS failed at eks:DescribeCluster (InternalFailure); try again in a minute',
    ],
    [
      { name: 'InvalidParameterException', $metadata: { httpStatusCode: 400 } },
      'UserError: it: AWS refused eks:DescribeCluster (InvalidParameterException); check what is set for it',
    ],
  ] as const)('is told in words with a remedy: %j', ([fields, words]) => {
    expect(told(fields)).toContain(words)
  })

  it.for([
    [
      'Failed to load a token for session x, please re-authenticate using aws login',
      'run aws login --profile prod',
    ],
    [
      'Profile prod requires multi-factor authentication, but no MFA code callback was provided.',
      'one-time code',
    ],
    ['Error: connect ECONNREFUSED 127.0.0.1:1', "AWS can't be reached (ECONNREFUSED)"],
  ] as const)('is told from the words of a provider of credentials: %s', ([message, words]) => {
    expect(told({ name: 'CredentialsProviderError' }, message)).toContain(words)
  })

  it('is left alone where it is a bug', () => {
    const bug = new TypeError('undefined is not a function')
    expect(awsProblem(bug, { where: 'it', action: 'eks:DescribeCluster', whenDenied: '' })).toBe(bug)
  })
})

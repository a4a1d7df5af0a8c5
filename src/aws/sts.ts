// Loads the SDK: import it with import() only, so that whoever has no AWS does not pay for it.
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Instant } from '../model/instant.ts'
import type { AwsKeys, AwsRole } from './identity.ts'
import { TIME_LIMITS } from './time-limits.ts'

/** Amazon Security Token Service in one region, with the identity of the SDK's default chain. */
export interface Sts {
  /** Keys of the default chain: environment, profile, SSO, process, web identity, container, instance. */
  readonly ownKeys: () => Promise<AwsKeys>
  readonly assumeRole: (role: AwsRole) => Promise<AwsKeys>
}

export function openSts(options: { readonly region: string; readonly profile?: string | undefined }): Sts {
  const { region, profile } = options
  const client = new STSClient({
    region,
    requestHandler: TIME_LIMITS,
    ...(profile !== undefined && { profile }),
  })
  return {
    ownKeys: async () => await client.config.credentials(),
    assumeRole: async role => {
      const answer = await client.send(
        new AssumeRoleCommand({
          RoleArn: role.arn,
          RoleSessionName: role.sessionName,
          ExternalId: role.externalId,
          SourceIdentity: role.sourceIdentity,
        }),
      )
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {}
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
        throw new Error('AssumeRole answered without credentials')
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      }
    },
  }
}

export interface IdentityProof {
  readonly region: string
  readonly keys: AwsKeys
  /** Signed with the URL: whoever uses it has to send them too. */
  readonly headers: Readonly<Record<string, string>>
  readonly at: Instant
  readonly expirySeconds: number
}

/** A URL that tells whoever sends it, with the headers, whose keys signed it (GetCallerIdentity, Signature Version 4). */
export async function presignCallerIdentity(proof: IdentityProof): Promise<string> {
  const { region, keys, at, expirySeconds } = proof
  const client = new STSClient({ region, credentials: keys })
  const { protocol, hostname, port, pathname, host } = await endpointOf(client)
  const { sha256 } = client.config
  const signer = new SignatureV4({ service: 'sts', region, credentials: keys, sha256 })
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: pathname,
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, ...proof.headers },
    },
    { signingDate: new Date(at), expiresIn: expirySeconds },
  )
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  return `${protocol}//${host}${pathname}?${parameters.toString()}`
}

/** Where the SDK would send a request: partition, FIPS, dual stack and AWS_ENDPOINT_URL are its business. */
async function endpointOf(client: STSClient): Promise<URL> {
  const found = Promise.withResolvers<URL>()
  const command = new GetCallerIdentityCommand({})
  command.middlewareStack.add(
    (_next, context) => () => {
      if (context.endpointV2 === undefined) found.reject(new Error('the SDK names no endpoint'))
      else found.resolve(context.endpointV2.url)
      return Promise.resolve({ response: undefined, output: { $metadata: {} } })
    },
    { step: 'build' },
  )
  await client.send(command)
  return await found.promise
}

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openAwsCredentials } from '../../src/aws/credentials.ts'
import { openEksCluster } from '../../src/aws/eks-cluster.ts'
import type { AwsCredentials } from '../../src/aws/identity.ts'
import { runCommand } from '../harness/command.ts'
import { AWS_CLI_INSTALL, MOTO_INSTALL, type Moto, startMoto } from '../harness/moto.ts'
import { needs } from '../harness/needs.ts'

const present = needs('moto_server', MOTO_INSTALL) && needs('aws', AWS_CLI_INSTALL)
const REGION = 'ap-northeast-1'

const urlIn = (token: string): URL =>
  new URL(Buffer.from(token.replace(/^k8s-aws-v1\./, ''), 'base64url').toString('utf8'))

/** All that a token says, its signature included; the order of parameters means nothing. */
function saidBy(token: string) {
  const { origin, pathname, searchParams } = urlIn(token)
  return { place: `${origin}${pathname}`, parameters: Object.fromEntries(searchParams) }
}

function signedAt(token: string): number {
  const date = urlIn(token).searchParams.get('X-Amz-Date') ?? ''
  return Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
}

/**
 * Whose keys AWS says signed the token, asked as an API server asks. moto tells accounts and services by the header of
 * a signed request alone, and checks no signature; AWS takes the same from the URL.
 */
async function identityOf(token: string): Promise<string | undefined> {
  const url = urlIn(token)
  const part = (name: string) => url.searchParams.get(`X-Amz-${name}`)
  const authorization = `${part('Algorithm')} Credential=${part('Credential')}, SignedHeaders=${part('SignedHeaders')}, Signature=${part('Signature')}`
  const answer = await fetch(url, { headers: { 'x-k8s-aws-id': 'shop', authorization } })
  return /<Arn>(.*)<\/Arn>/.exec(await answer.text())?.[1]
}

if (present)
  describe('the way into an EKS cluster', () => {
    let moto: Moto

    beforeAll(async () => {
      for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
      moto = await startMoto(REGION)
      const own = { ...moto.env, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' }
      for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value)
      await create('shop')
    })

    afterAll(async () => {
      vi.unstubAllEnvs()
      await moto.stop()
    })

    const aws = async (args: readonly string[], keys: Readonly<Record<string, string>> = {}) => {
      const { stdout, stderr } = await runCommand('aws', ['eks', ...args, '--output', 'json'], {
        env: { ...moto.env, ...keys },
      })
      expect(stderr).toBe('')
      return JSON.parse(stdout)
    }

    const create = (name: string, keys?: Readonly<Record<string, string>>) => {
      const role = 'arn:aws:iam::123456789012:role/eks'
      const network = ['--resources-vpc-config', 'subnetIds=subnet-1,subnet-2']
      return aws(['create-cluster', '--name', name, '--role-arn', role, ...network], keys)
    }

    const cliToken = async (keys?: Readonly<Record<string, string>>): Promise<string> =>
      (await aws(['get-token', '--cluster-name', 'shop'], keys)).status.token

    const open = async (name: string, credentials: AwsCredentials, now = Date.now) =>
      await openEksCluster({ name, region: REGION, credentials, now })

    it('is the one that DescribeCluster names', async () => {
      const credentials = await openAwsCredentials({ region: REGION })
      const { cluster } = await aws(['describe-cluster', '--name', 'shop'])
      expect(await open('shop', credentials)).toMatchObject({
        endpoint: cluster.endpoint,
        certificateAuthorityData: cluster.certificateAuthority.data,
      })
      await expect(open('shopp', credentials)).rejects.toThrow(
        'there is none of this name; the account has shop; name one of them',
      )
    })

    it('takes the token that aws eks get-token makes of the same keys at the same time', async () => {
      const theirs = await cliToken()
      const credentials = await openAwsCredentials({ region: REGION })
      const ours = await (await open('shop', credentials, () => signedAt(theirs))).token()
      expect(saidBy(ours)).toEqual(saidBy(theirs))
      expect(await identityOf(ours)).toBe(await identityOf(theirs))
      expect(await identityOf(ours)).toMatch(/^arn:aws:sts::123456789012:/)
    })

    it('leads into the account of the role that is assumed, with a token that says so', async () => {
      const role = { arn: 'arn:aws:iam::222222222222:role/sluice-prod', sessionName: 'sluice-42' }
      const credentials = await openAwsCredentials({ region: REGION, role })
      await expect(open('shop', credentials)).rejects.toThrow(
        `the account has no cluster in ${REGION}; check region and account`,
      )
      const { accessKeyId, secretAccessKey, sessionToken = '' } = await credentials()
      const keys = {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      }
      await create('shop', keys)
      const theirs = await cliToken(keys)
      const ours = await (await open('shop', credentials, () => signedAt(theirs))).token()
      expect(saidBy(ours)).toEqual(saidBy(theirs))
      expect(await identityOf(ours)).toBe('arn:aws:sts::222222222222:assumed-role/sluice-prod/sluice-42')
    })
  })

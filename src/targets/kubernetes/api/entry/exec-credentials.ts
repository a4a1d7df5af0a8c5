import { execFile } from 'node:child_process'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { renewed } from '../../../../aws/renewed.ts'
import type { Instant } from '../../../../model/instant.ts'
import { UserError } from '../../../../model/user-error.ts'
import { TargetUnavailable } from '../../../target.ts'
import type { ClientCertificate } from '../access.ts'
import { orAborted } from '../or-aborted.ts'
import { bearer, type Credentials } from './credentials.ts'
import type { Found, KubeCluster, KubeExec, KubeUser } from './kubeconfig.ts'
import { impersonated, refuseUnsupported } from './user-credentials.ts'

interface ExecOptions {
  readonly exec: KubeExec
  readonly user: Found<KubeUser>
  readonly cluster: Found<KubeCluster>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => Instant
  readonly where: string
}

interface Given {
  readonly token?: string | undefined
  readonly client?: ClientCertificate | undefined
  readonly end: Instant
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']
const LIMIT_SECONDS = 30
const AHEAD_SECONDS = 20
const WORDS_SHOWN = 300

/** Credentials that a program gives (Kubernetes, "client-go credential plugins"); it is run when they are needed or run out. */
export function execCredentials(options: ExecOptions): Credentials {
  refuseUnsupported(options.user, options.where)
  refuseExec(options)
  const begin = () =>
    renewed<Given>({
      fetch: async () => await run(options),
      endOf: given => given.end,
      aheadSeconds: AHEAD_SECONDS,
      now: options.now,
    })
  let given = begin()
  const whose = impersonated(options.user.value)
  return {
    headers: async signal => {
      const { token } = await orAborted(given(), signal)
      return { ...(token === undefined ? {} : bearer(token)), ...whose }
    },
    client: async signal => (await orAborted(given(), signal)).client,
    forget: () => {
      given = begin()
    },
  }
}

function refuseExec({ exec, where }: ExecOptions): void {
  if (!VERSIONS.includes(exec.apiVersion ?? '')) {
    throw new UserError(
      where,
      `exec.apiVersion ${exec.apiVersion ?? 'is missing'} is not supported`,
      `write the kubeconfig anew with a current version of ${exec.command}, or use ${VERSIONS[0]}`,
    )
  }
  if (exec.interactiveMode === 'Always') {
    throw new UserError(
      where,
      `${exec.command} wants to ask a person, and nobody is there`,
      'use credentials that need nobody',
    )
  }
}

async function run(options: ExecOptions): Promise<Given> {
  const { exec, where } = options
  const { failure, stdout, stderr } = await start(options)
  if (failure === undefined) return read(options, stdout)
  if (failure.code === 'ENOENT') {
    const hint = exec.installHint === undefined ? `install ${exec.command}` : exec.installHint.trim()
    throw new TargetUnavailable(`${where}: ${exec.command} is not there; ${hint}`)
  }
  const last = stderr.trim().split('\n').at(-1) ?? ''
  const why = failure.killed === true ? `gave no answer within ${LIMIT_SECONDS} s` : 'failed'
  throw new TargetUnavailable(`${where}: ${exec.command} ${why}: ${last.slice(0, WORDS_SHOWN)}`)
}

interface Ran {
  readonly failure?: { readonly code?: string | number | null; readonly killed?: boolean } | undefined
  readonly stdout: string
  readonly stderr: string
}

function start({ exec, user, cluster, environment }: ExecOptions): Promise<Ran> {
  const named = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]))
  // A path is relative to the kubeconfig, a bare name is looked for in $PATH.
  const isPath = exec.command.includes('/') && !isAbsolute(exec.command)
  const program = isPath ? join(user.folder, exec.command) : exec.command
  const env = { ...environment, ...named, KUBERNETES_EXEC_INFO: execInfo(exec, cluster.value) }
  return new Promise(resolve => {
    const child = execFile(
      program,
      exec.args ?? [],
      { env, timeout: LIMIT_SECONDS * 1000, maxBuffer: 1024 * 1024 },
      (error, stdout, stderr) => resolve({ failure: error ?? undefined, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

function execInfo(exec: KubeExec, cluster: KubeCluster): string {
  const told = {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'],
    'certificate-authority-data': cluster['certificate-authority-data'],
  }
  return JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo === 'true' ? { cluster: told } : {}) },
  })
}

const CREDENTIAL = z.object({
  apiVersion: z.string(),
  status: z.object({
    expirationTimestamp: z.string().nullish(),
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
  }),
})

function read({ exec, where }: ExecOptions, stdout: string): Given {
  const refuse = (why: string) => new TargetUnavailable(`${where}: ${exec.command} ${why}`)
  const read = CREDENTIAL.safeParse(parseQuietly(stdout))
  if (!read.success) throw refuse('did not answer with an ExecCredential')
  if (read.data.apiVersion !== exec.apiVersion) {
    throw refuse(`answered in ${read.data.apiVersion}, and not in ${exec.apiVersion}`)
  }
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = read.data.status
  const client =
    typeof clientCertificateData === 'string' && typeof clientKeyData === 'string'
      ? { certificate: clientCertificateData, key: clientKeyData }
      : undefined
  if (typeof token !== 'string' && client === undefined)
    throw refuse('gave neither a token nor a certificate')
  const end = typeof expirationTimestamp === 'string' ? Date.parse(expirationTimestamp) : Infinity
  if (Number.isNaN(end)) throw refuse('gave an expirationTimestamp that is no time')
  return { token: token ?? undefined, client, end }
}

/** The parser's own words would quote what is secret. */
function parseQuietly(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

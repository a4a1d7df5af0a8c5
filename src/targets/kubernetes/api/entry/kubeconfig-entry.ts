import type { Instant } from '../../../../model/instant.ts'
import { UserError } from '../../../../model/user-error.ts'
import type { Entry } from '../access.ts'
import { checkServer } from './check-server.ts'
import { execCredentials } from './exec-credentials.ts'
import type { Found, KubeCluster, Kubeconfig } from './kubeconfig.ts'
import { readNamedFile } from './named-file.ts'
import { userCredentials } from './user-credentials.ts'

interface EntryOptions {
  readonly context?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly now: () => Instant
}

/** The way in that a context names. Fails with `UserError` where anything that it names is missing or not supported. */
export function kubeconfigEntry(config: Kubeconfig, options: EntryOptions): Entry {
  const { name, context } = contextOf(config, options.context)
  const where = `${context.file} context ${name}`
  const cluster = partOf({ where, kind: 'cluster', name: context.value.cluster, parts: config.clusters })
  const user = partOf({ where, kind: 'user', name: context.value.user ?? '', parts: config.users })
  refuseUnsupported(cluster, context.value.cluster ?? '')
  const server = checkServer(cluster.value.server, `${cluster.file} cluster ${context.value.cluster}`)
  const { exec } = user.value
  const credentials =
    exec === undefined
      ? userCredentials(user, `${user.file} user ${context.value.user}`)
      : execCredentials({ ...options, exec, user, cluster, where: `${user.file} user ${context.value.user}` })
  const { namespace } = context.value
  const serverName = cluster.value['tls-server-name']
  return {
    name,
    server,
    ...(namespace === undefined ? {} : { namespace }),
    headers: credentials.headers,
    forget: credentials.forget,
    tls: async signal => {
      const [ca, client] = await Promise.all([authorityOf(cluster), credentials.client(signal)])
      return {
        ...(ca === undefined ? {} : { ca }),
        ...(client === undefined ? {} : { client }),
        ...(serverName === undefined ? {} : { serverName }),
      }
    },
  }
}

function contextOf(config: Kubeconfig, wanted: string | undefined) {
  const known = [...config.contexts.keys()].toSorted()
  const there = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`
  const name = wanted ?? config.currentContext
  const where = config.files.join(', ')
  if (name === undefined) {
    throw new UserError(where, `it names no current context; ${there}`, 'name a context')
  }
  const context = config.contexts.get(name)
  if (context !== undefined) return { name, context }
  throw new UserError(
    where,
    `it has no context ${name}; ${there}`,
    known.length === 0
      ? 'add one with kubectl config set-context'
      : 'name one of them, or add it with kubectl config set-context',
  )
}

function partOf<T>(o: {
  readonly where: string
  readonly kind: 'cluster' | 'user'
  readonly name: string | undefined
  readonly parts: ReadonlyMap<string, Found<T>>
}): Found<T> {
  const { where, kind, name = '', parts } = o
  const part = parts.get(name)
  if (part !== undefined) return part
  const known = [...parts.keys()].toSorted().join(', ') || 'none'
  throw new UserError(
    where,
    name === '' ? `it names no ${kind}` : `it names the ${kind} ${name}, and there is none; known: ${known}`,
    `mend it with kubectl config set-context --${kind}=NAME`,
  )
}

function refuseUnsupported({ file, value }: Found<KubeCluster>, name: string): void {
  const where = `${file} cluster ${name}`
  if (value['insecure-skip-tls-verify'] === 'true') {
    throw new UserError(
      where,
      'insecure-skip-tls-verify would show the credentials to anybody between here and the API server',
      `give its authority: kubectl config set-cluster ${name} --certificate-authority=FILE --embed-certs, and tls-server-name where the certificate names another host`,
    )
  }
  if (value['proxy-url'] !== undefined && value['proxy-url'] !== '') {
    throw new UserError(where, 'proxy-url is not supported', 'run Sluice where the API server can be reached')
  }
}

async function authorityOf({ folder, file, value }: Found<KubeCluster>): Promise<string | undefined> {
  const data = value['certificate-authority-data']
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8')
  const path = value['certificate-authority']
  return path === undefined || path === '' ? undefined : await readNamedFile({ folder, file, path })
}

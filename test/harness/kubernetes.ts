import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClusterServer, clusterServer } from './cluster/servers.ts'
import { type CommandOptions, type CommandResult, runCommand } from './command.ts'
import { freePorts } from './e2e-project.ts'
import { eventually } from './eventually.ts'
import { createLeash, type Leash } from './leash.ts'
import { lacks, needs } from './needs.ts'

const GO_MOD = fileURLToPath(new URL('../../scripts/kubernetes/go.mod', import.meta.url))

/** An API server of a current Kubernetes with its etcd, on loopback: it takes and checks objects, and runs nothing. */
export interface Kubernetes {
  readonly url: string
  /** A file with address, certificate and token of one who may do everything. */
  readonly kubeconfig: string
  readonly token: string
  /** What signed the server's certificate, PEM. */
  readonly ca: string
  /** A temporary folder that goes when the server stops, for the files of a test. */
  readonly folder: string
  /** Runs kubectl of the server's version as one who may do everything. */
  readonly kubectl: (args: readonly string[], options?: CommandOptions) => Promise<CommandResult>
  stop(): Promise<void>
}

/** One that was started here. */
export interface StartedKubernetes extends Kubernetes {
  readonly server: ClusterServer
  /** The etcd in which the API server keeps everything. */
  readonly store: ClusterServer
}

/** Whether tests can run an API server here. */
export function needsKubernetes(): boolean {
  const built = ['kube-apiserver', 'kubectl', 'definitions'].every(name => existsSync(builtFile(name)))
  if (!built) return lacks('Kubernetes is not built; build it with: sh scripts/build-kubernetes.sh')
  return needs('etcd', 'scripts/install-components.sh')
}

/** `serverArguments` are added to those of the API server. */
export async function startKubernetes(
  options: { readonly serverArguments?: readonly string[] } = {},
): Promise<StartedKubernetes> {
  const leash = await createLeash('kubernetes')
  try {
    return await startOn(leash, options.serverArguments ?? [])
  } catch (error) {
    await leash.release()
    throw error
  }
}

/** Makes the Gateway API (standard channel) and SecretProviderClass known, as on a cluster that has their controllers. */
export async function installDefinitions({ kubectl }: Kubernetes): Promise<void> {
  const applied = await kubectl(['apply', '--server-side', '-f', builtFile('definitions')])
  if (applied.code !== 0) throw new Error(applied.stderr)
  const established = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']
  // Just created they may have no status yet, which `wait` takes for a failure.
  await eventually('the definitions are established', async () => (await kubectl(established)).code === 0)
}

type PathOf = (name: string) => string

async function startOn(leash: Leash, more: readonly string[]): Promise<StartedKubernetes> {
  const at: PathOf = name => join(leash.folder, name)
  const token = await writeIdentities(at)
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3)
  const etcd = `http://127.0.0.1:${etcdPort}`
  const store = clusterServer(leash, {
    name: 'etcd',
    program: 'etcd',
    args: etcdArguments(at, etcd, peerPort),
    ask: async () => (await fetch(`${etcd}/health`)).ok,
  })
  // First, because the server would wait without a word for a store that did not come up.
  await store.start()
  const url = `https://127.0.0.1:${port}`
  const kubeconfig = at('kubeconfig')
  // Nothing of the user's own kubectl: no settings, no cached lists of resources.
  const env = { HOME: leash.folder, KUBECONFIG: kubeconfig }
  const kubectl: Kubernetes['kubectl'] = (args, options = {}) =>
    runCommand(builtFile('kubectl'), args, { ...options, env: { ...env, ...options.env } })
  let ca = ''
  const server = clusterServer(leash, {
    name: 'kube-apiserver',
    program: builtFile('kube-apiserver'),
    args: [...serverArguments(at, etcd, port), ...more],
    async ask() {
      // The server writes its certificate some time after its start, and not at once.
      ca = await readFile(at('certificates/apiserver.crt'), 'utf8')
      await writeFile(kubeconfig, kubeconfigOf({ url, token, ca }), { mode: 0o600 })
      return (await kubectl(['get', '--raw', '/readyz'])).code === 0
    },
  })
  await server.start()
  const { folder, release: stop } = leash
  return { url, kubeconfig, token, ca, folder, kubectl, server, store, stop }
}

/** The key that service accounts' tokens are signed with, and the token of one who may do everything. */
async function writeIdentities(at: PathOf): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeFile(at('sa.key'), privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 })
  const token = randomBytes(32).toString('hex')
  await writeFile(at('tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  return token
}

function etcdArguments(at: PathOf, client: string, peerPort: number): readonly string[] {
  const peer = `http://127.0.0.1:${peerPort}`
  return [
    `--data-dir=${at('etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ]
}

function serverArguments(at: PathOf, etcd: string, port: number): readonly string[] {
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // It makes its own certificate there.
    `--cert-dir=${at('certificates')}`,
    `--token-auth-file=${at('tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${at('sa.key')}`,
    `--service-account-signing-key-file=${at('sa.key')}`,
    '--service-cluster-ip-range=10.96.0.0/16',
    // Nobody reaches this server from a pod, and an endpoint may not have a loopback address.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
  ]
}

/** A kubeconfig file with one context, `test`. */
export function kubeconfigOf(o: {
  readonly url: string
  readonly token: string
  readonly ca: string
}): string {
  const cluster = { server: o.url, 'certificate-authority-data': Buffer.from(o.ca).toString('base64') }
  // JSON is YAML.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token: o.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  })
}

/** Where scripts/build-kubernetes.sh keeps what it built. */
export function builtFile(name: string): string {
  const version = /^require k8s\.io\/kubernetes (\S+)$/m.exec(readFileSync(GO_MOD, 'utf8'))?.[1] ?? ''
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(cache, 'sluice', 'kubernetes', version, name)
}

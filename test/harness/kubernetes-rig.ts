import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import { Api } from '../../src/cli/api/client.ts'
import { loadProject } from '../../src/cli/blueprint-file.ts'
import type { Context } from '../../src/cli/context.ts'
import { createOutput } from '../../src/cli/output.ts'
import { readLocalToken, type ServerFile } from '../../src/cli/project-folder.ts'
import { makeRelease } from '../../src/cli/release/make-release.ts'
import { SERVER_LOG } from '../../src/cli/running/server-log.ts'
import { startServerProcess } from '../../src/cli/running/server-process.ts'
import { processExists } from '../../src/cli/running/server-state.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import { shortRelease } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import type { AppImage } from './cluster/image-registry.ts'
import type { Cluster } from './cluster.ts'
import { runCommand } from './command.ts'
import { eventually } from './eventually.ts'

const ENTRY = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const PATIENCE_SECONDS = 120

export const PROJECT = 'e2e'
/** Whoever the server is in the cluster: it may do what the rendered Role says. */
export const SERVER_USER = { name: 'sluice', groups: [`${PROJECT}:sluice`] }

export interface KubernetesRigOptions {
  /** Started with `SERVER_USER`. */
  readonly cluster: Cluster
  /** Name of the environment; its namespace is `e2e-NAME`. */
  readonly environment: string
  /** YAML in braces, of the environment: `{ switch: gateway, gateway: traefik/traefik }`. */
  readonly kubernetes: string
  /** YAML in braces, of every service. */
  readonly defaults: string
  /** By service, what users ask for: host, path or both, or `true`; without it one service `app` for everything. */
  readonly services?: Readonly<Record<string, string>>
}

/** The real server as a process of its own, with no more rights in the cluster than are rendered for it. */
export interface KubernetesRig {
  readonly folder: string
  readonly namespace: string
  api(): Api
  server(): ServerFile
  /** Pushes an image of one version and makes a release of it; its short name. */
  release(image: AppImage): Promise<string>
  promote(release: string): Promise<Promotion>
  /** Resolves once the promotion has ended: with its rollout. */
  ended(promotion: Promotion): Promise<Rollout>
  /** Resolves once users are all on the release, and the one before stands by: with the first service's rollout. */
  serve(release: string): Promise<Rollout>
  serveAll(release: string): Promise<readonly Rollout[]>
  /** Resolves once all users are back. */
  rollBack(): Promise<Rollout>
  rollBackAll(): Promise<readonly Rollout[]>
  rollout(id: string): Promise<Rollout>
  killServer(): Promise<void>
  startServer(): Promise<void>
  log(): Promise<string>
  /** Runs a command of the command line in the project. */
  sluice(
    ...words: readonly string[]
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  /** Where the stable Service answers, from the host as well. */
  serviceUrl(service?: string): Promise<string>
  /** kubectl in the namespace, as one who may do everything; fails where it fails. */
  kubectl(...words: readonly string[]): Promise<string>
  end(): Promise<void>
}

export async function startKubernetesRig(options: KubernetesRigOptions): Promise<KubernetesRig> {
  const { cluster, environment } = options
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kubernetes-'))
  const namespace = `${PROJECT}-${environment}`
  const blueprintFile = join(folder, 'sluice.yaml')
  const write = (image: string) => writeFile(blueprintFile, blueprint(options, image))
  await write(`${cluster.registry.address}/app:none`)
  const context = contextOf(folder, { KUBECONFIG: cluster.user(SERVER_USER.name).kubeconfig })
  let file: ServerFile
  let api: Api
  const sluice: KubernetesRig['sluice'] = (...words) =>
    runCommand(process.execPath, [ENTRY, ...words], { folder, env: { HOME: folder } })
  const kubectl: KubernetesRig['kubectl'] = async (...words) => {
    const { code, stdout, stderr } = await cluster.kubectl(['--namespace', namespace, ...words])
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`)
    return stdout
  }
  const startServer = async (): Promise<void> => {
    file = await startServerProcess(context, { blueprintFile, port: 0, words: [ENTRY] })
    const token = readLocalToken(join(folder, '.sluice')) ?? ''
    api = new Api({ url: new URL(file.url), token, signal: context.signal, verbatim: true })
  }
  const killServer = async (): Promise<void> => {
    if (processExists(file.pid)) process.kill(file.pid, 'SIGKILL')
    await eventually('the server is gone', () => !processExists(file.pid))
  }
  await openNamespace({ sluice, cluster, folder, environment })
  await startServer()
  const services = servicesOf(options).map(([name]) => name)
  const rollout = (id: string) => api.get<Rollout>(`/rollouts/${id}`)
  const promote = (release: string) => api.post<Promotion>('/promotions', { release, environment })
  const settled = (id: string, phase: 'standby' | 'withdraw') =>
    eventually(
      `${id} is ${phase} or over`,
      async () => {
        const seen = await rollout(id)
        return (seen.state.phase === phase || seen.state.phase === 'done') && seen
      },
      PATIENCE_SECONDS,
    )
  const serveAll = async (release: string): Promise<readonly Rollout[]> => {
    const { id } = await promote(release)
    return await Promise.all(services.map(async name => served(await settled(`${id}.${name}`, 'standby'))))
  }
  const rollBackAll = async (): Promise<readonly Rollout[]> => {
    const { rollouts } = await api.post<{ readonly rollouts: readonly Rollout[] }>(
      `/environments/${environment}/rollback`,
      { reason: 'a test goes back' },
    )
    return await Promise.all(rollouts.map(({ id }) => settled(id, 'withdraw')))
  }
  return {
    folder,
    namespace,
    api: () => api,
    server: () => file,
    async release(image) {
      // Of its own: the registry does not like the same tag to be written by several at once.
      const pushed = await cluster.registry.pushApp({ repository: environment, ...image })
      await write(`${pushed.repository}:${pushed.tag}`)
      const { release } = await makeRelease(context, { api, project: await loadProject(context) })
      return shortRelease(release.id)
    },
    promote,
    async ended({ id }) {
      await eventually(
        `${id} has ended`,
        async () => (await api.get<Promotion>(`/promotions/${id}`)).state.phase === 'done',
        PATIENCE_SECONDS,
      )
      return await rollout(`${id}.${services[0]}`)
    },
    serve: async release => first(await serveAll(release)),
    serveAll,
    rollBack: async () => first(await rollBackAll()),
    rollBackAll,
    rollout,
    killServer,
    startServer,
    log: () => readFile(join(folder, '.sluice', SERVER_LOG), 'utf8'),
    sluice,
    serviceUrl: async (service = 'app') =>
      `http://${await kubectl('get', 'service', service, '--output', 'jsonpath={.spec.clusterIP}')}`,
    kubectl,
    async end() {
      await killServer()
      await removeTree(folder)
    },
  }
}

function first(rollouts: readonly Rollout[]): Rollout {
  const [rollout] = rollouts
  if (rollout === undefined) throw new Error('there is no rollout')
  return rollout
}

function served(rollout: Rollout): Rollout {
  const { id, state } = rollout
  const isServed = state.phase === 'standby' || (state.phase === 'done' && state.outcome === 'succeeded')
  if (!isServed) throw new Error(`${id} ended otherwise: ${JSON.stringify(state)}`)
  return rollout
}

const servicesOf = ({ services = { app: 'true' } }: KubernetesRigOptions) => Object.entries(services)

function blueprint(options: KubernetesRigOptions, image: string): string {
  const { environment, kubernetes, defaults } = options
  const services = servicesOf(options).map(
    ([name, rule]) => `  ${name}: { image: '${image}', ingress: ${rule} }`,
  )
  return `project: ${PROJECT}
services:
${services.join('\n')}
environments:
  ${environment}:
    tier: development
    target: kubernetes
    kubernetes: ${kubernetes}
    defaults: ${defaults}
`
}

/** What the platform team does once: the namespace with its rules, and who may do what in it. */
async function openNamespace(o: {
  readonly sluice: KubernetesRig['sluice']
  readonly cluster: Cluster
  readonly folder: string
  readonly environment: string
}): Promise<void> {
  const rendered = await o.sluice('render')
  if (rendered.code !== 0) throw new Error(rendered.stderr)
  const files = ['namespace', 'network', 'roles'].flatMap(name => [
    '-f',
    join(o.folder, 'kubernetes', o.environment, `${name}.yaml`),
  ])
  const applied = await o.cluster.kubectl(['apply', '--server-side', ...files])
  if (applied.code !== 0) throw new Error(applied.stderr)
}

function contextOf(folder: string, variables: Readonly<Record<string, string>>): Context {
  const { PATH, XDG_CACHE_HOME } = process.env
  const environment = { PATH, XDG_CACHE_HOME, HOME: folder, TZ: 'UTC', ...variables }
  const nowhere = new PassThrough().resume()
  const streams = { stdin: {}, stdout: nowhere, stderr: nowhere }
  return {
    folder,
    blueprintFile: join(folder, 'sluice.yaml'),
    environment,
    output: createOutput({ json: false, color: false, streams, environment }),
    signal: new AbortController().signal,
    stdin: process.stdin,
    now: Date.now,
  }
}

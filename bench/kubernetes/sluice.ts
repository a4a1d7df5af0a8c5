import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Api } from '../../src/cli/api/client.ts'
import { loadProject } from '../../src/cli/blueprint-file.ts'
import { readLocalToken, readServerFile } from '../../src/cli/project-folder.ts'
import { makeRelease } from '../../src/cli/release/make-release.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import type { Release } from '../../src/model/release.ts'
import { silentContext } from '../../test/harness/e2e-rig.ts'
import { type Bench, patienceSeconds } from './bench.ts'
import type { ChangeTimes, Contender } from './contender.ts'
import { asked } from './identities.ts'
import { blueprintText, ENVIRONMENT, type ProjectPlan } from './project.ts'
import { type Watched, watchChanges } from './watch-changes.ts'

const READY_SECONDS = 60
const LOOK_MILLISECONDS = 250
const TAG = 'current'

export interface SluiceOptions {
  readonly namespace: string
  readonly switch: ProjectPlan['switch']
}

/** A server of Sluice with one project of all services. */
export async function startSluice(bench: Bench, options: SluiceOptions): Promise<Contender> {
  const { cluster, services } = bench
  const { namespace } = options
  await asked(cluster, ['create', 'namespace', namespace])
  const { user, kubeconfig } = await cluster.identity(namespace)
  const folder = join(bench.leash.folder, namespace)
  await mkdir(folder)
  const blueprintFile = join(folder, 'sluice.yaml')
  const repository = `team/${namespace}`
  const image = `${bench.registry.host}/${repository}:${TAG}`
  await writeFile(blueprintFile, blueprintText({ ...bench, ...options, image }))
  const { api, pid } = await startServer(bench, { folder, blueprintFile, namespace, kubeconfig })
  const context = silentContext({ folder, blueprintFile })
  let version = 0
  const release = async (): Promise<Release> => {
    await bench.registry.pushImage({ repository, tag: TAG }, `v${(version += 1)}`)
    return (await makeRelease(context, { api, project: await loadProject(context) })).release
  }
  const promoted = (made: Release): Promise<number> => promotedAt(api, made, patienceSeconds(bench))
  return {
    user,
    namespace,
    processes: async () => [pid],
    begin: async () => {
      await promoted(await release())
    },
    prepare: async () => {
      const made = await release()
      const moved = await watchChanges(bench.api, usersOf(options, services))
      const make = async (): Promise<ChangeTimes> => {
        const calledAt = Date.now()
        const [movedAt, doneAt] = await Promise.all([moved.all(patienceSeconds(bench)), promoted(made)])
        return { calledAt, movedAt, doneAt }
      }
      return { make }
    },
  }
}

/** What says where the users of each service are sent. */
function usersOf(options: SluiceOptions, names: readonly string[]): Watched {
  const { namespace } = options
  if (options.switch === 'service') {
    const path = `/api/v1/namespaces/${namespace}/services`
    return {
      path,
      names,
      placeOf: ({ spec }) => (spec?.['selector'] as Record<string, string> | undefined)?.['sluice.dev/color'],
    }
  }
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`
  return {
    path,
    names,
    placeOf: ({ spec }) => {
      const [rule] = (spec?.['rules'] ?? []) as readonly RouteRule[]
      return rule?.backendRefs.find(({ weight }) => weight === 100)?.name
    },
  }
}

interface RouteRule {
  readonly backendRefs: readonly { readonly name: string; readonly weight: number }[]
}

interface ServerPlace {
  readonly folder: string
  readonly blueprintFile: string
  readonly namespace: string
  readonly kubeconfig: string
}

async function startServer(
  { leash, program }: Bench,
  { folder, blueprintFile, namespace, kubeconfig }: ServerPlace,
): Promise<{ readonly api: Api; readonly pid: number }> {
  const server = leash.start({
    program: process.execPath,
    args: [program, 'server', '--file', blueprintFile, '--port', '0'],
    name: namespace,
    env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig, NO_COLOR: '1' },
    gentle: true,
  })
  const state = join(folder, '.sluice')
  let url = ''
  await server.ready(async () => {
    url = readServerFile(state)?.url ?? ''
    return url !== '' && (await fetch(new URL('/healthz', url))).ok
  }, READY_SECONDS)
  const { signal } = new AbortController()
  const token = readLocalToken(state) ?? ''
  return { api: new Api({ url: new URL(url), token, signal, verbatim: true }), pid: server.pid }
}

/** Promotes the release; resolves when every service stands by, with the time of the last one. */
async function promotedAt(api: Api, release: Release, seconds: number): Promise<number> {
  const { id } = await api.post<Promotion>('/promotions', { release: release.id, environment: ENVIRONMENT })
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const { state } = await api.get<Promotion>(`/promotions/${id}`)
    if (state.phase === 'done') {
      if (state.outcome !== 'succeeded') throw new Error(state.reasons.slice(0, 3).join('; '))
      return state.at
    }
    if (Date.now() > deadline) throw new Error(`${id} is not done: ${JSON.stringify(state)}`)
    // Seldom: each look is work for the server that is measured.
    await pause(LOOK_MILLISECONDS)
  }
}

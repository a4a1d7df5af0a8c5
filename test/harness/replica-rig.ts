import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import { Api } from '../../src/cli/api/client.ts'
import { loadProject } from '../../src/cli/blueprint-file.ts'
import { readLocalToken } from '../../src/cli/project-folder.ts'
import { makeRelease } from '../../src/cli/release/make-release.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import type { Release } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { createProject, type E2eProject, freePorts, type ProjectOptions } from './e2e-project.ts'
import { endAgent, silentContext } from './e2e-rig.ts'
import { eventually } from './eventually.ts'
import { createLeash, type Leash, type LeashedProcess } from './leash.ts'

const PATIENCE_SECONDS = 90

/** One of several servers of a project, each a process of its own. */
export interface Replica {
  readonly name: string
  readonly origin: string
  pid(): number
  api(): Api
  /** Of an installed Sluice; resolves once it takes requests. */
  start(program: string): Promise<void>
  /** What it wrote since it was first started. */
  log(): Promise<readonly string[]>
  /** Resolves when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/** Several servers on one database and one folder, and what is asked of them, whoever answers. */
export interface ReplicaRig {
  readonly project: E2eProject
  readonly replicas: readonly Replica[]
  /** Asks one after the other, beginning with another one each time, until one answers. */
  ask<T>(question: (api: Api) => Promise<T>): Promise<T>
  release(version: string, quality?: 'good' | 'broken'): Promise<Release>
  /** Asked once, whoever dies meanwhile. */
  promote(release: Release, environment: string): Promise<Promotion>
  ended(promotion: Promotion): Promise<Promotion>
  end(): Promise<void>
}

export interface ReplicaRigOptions {
  readonly databaseUrl: string
  readonly program: string
  readonly count: number
  readonly project: Partial<ProjectOptions> & Pick<ProjectOptions, 'environments'>
}

export async function startReplicas(o: ReplicaRigOptions): Promise<ReplicaRig> {
  const project = await createProject({ replicas: 1, rollout: {}, ...o.project })
  const leash = await createLeash('replicas')
  const end = async (): Promise<void> => {
    await leash.release()
    await endAgent(join(project.folder, '.sluice'))
    await removeTree(project.folder)
  }
  try {
    const ports = await freePorts(o.count)
    const parts = { leash, project, databaseUrl: o.databaseUrl }
    const replicas = ports.map((port, index) => createReplica(parts, `server-${index + 1}`, port))
    // At once, as a deployment does: they agree on tables, token, agent and ports of users.
    await Promise.all(replicas.map(replica => replica.start(o.program)))
    return { ...questions(project, replicas), project, replicas, end }
  } catch (error) {
    await end()
    throw error
  }
}

function createReplica(
  o: { readonly leash: Leash; readonly project: E2eProject; readonly databaseUrl: string },
  name: string,
  port: number,
): Replica {
  const { folder, blueprintFile } = o.project
  const origin = `http://127.0.0.1:${port}`
  let server: LeashedProcess
  let api: Api | undefined
  return {
    name,
    origin,
    pid: () => server.pid,
    api() {
      const token = readLocalToken(join(folder, '.sluice')) ?? ''
      api ??= new Api({ url: new URL(origin), token, signal: new AbortController().signal, verbatim: true })
      return api
    },
    async start(program) {
      const { PATH, XDG_CACHE_HOME } = process.env
      server = o.leash.start({
        name,
        program: process.execPath,
        args: [program, 'server', '--file', blueprintFile, '--port', String(port)],
        env: { PATH, XDG_CACHE_HOME, HOME: folder, DATABASE_URL: o.databaseUrl },
      })
      await server.ready(() => isReady(origin), 60)
    },
    async log() {
      return (await readFile(join(o.leash.folder, `${name}.log`), 'utf8')).split('\n')
    },
    async end(signal) {
      process.kill(server.pid, signal)
      await server.ended
    },
  }
}

function questions(
  project: E2eProject,
  replicas: readonly Replica[],
): Pick<ReplicaRig, 'ask' | 'release' | 'promote' | 'ended'> {
  let asked = 0
  const ask = async <T>(question: (api: Api) => Promise<T>): Promise<T> =>
    eventually(
      'a server answers',
      async () => {
        asked += 1
        const replica = replicas[asked % replicas.length]
        if (replica === undefined) throw new Error('there is no server')
        return { value: await question(replica.api()) }
      },
      PATIENCE_SECONDS,
    ).then(({ value }) => value)
  const promotionOf = async (release: Release, environment: string): Promise<Promotion | undefined> => {
    const query = `release=${encodeURIComponent(release.id)}&environment=${environment}&limit=1`
    const { items } = await ask(api => api.get<{ items: readonly Promotion[] }>(`/promotions?${query}`))
    return items[0]
  }
  return {
    ask,
    async release(version, quality = 'good') {
      await project.edit(version, quality)
      const context = silentContext(project)
      const loaded = await loadProject(context)
      return (await ask(api => makeRelease(context, { api, project: loaded }))).release
    },
    promote: (release, environment) =>
      ask(
        async api =>
          (await promotionOf(release, environment)) ??
          (await api.post<Promotion>('/promotions', { release: release.id, environment })),
      ),
    ended: ({ id }) =>
      eventually(
        `${id} has ended`,
        async () => {
          const seen = await ask(api => api.get<Promotion>(`/promotions/${id}`))
          return seen.state.phase === 'done' && seen
        },
        PATIENCE_SECONDS,
      ),
  }
}

/** Its rollout of the one service. */
export async function rolloutOf(rig: ReplicaRig, { id }: Promotion): Promise<Rollout> {
  return await rig.ask(api => api.get<Rollout>(`/rollouts/${id}.app`))
}

export async function isReady(origin: string): Promise<boolean> {
  return fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** The sequences of the events that one server told a client, who comes back whenever the stream ends. */
export interface Follower {
  readonly seen: readonly number[]
  stop(): void
}

export function followEvents(replica: Replica): Follower {
  const stopping = new AbortController()
  const { signal } = stopping
  const seen: number[] = []
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const events = await replica.api().events({ after: seen.at(-1) ?? 0, signal })
        for await (const { sequence } of events) seen.push(sequence)
      } catch {
        // The server is away.
      }
      await pause(50, undefined, { signal }).catch(() => undefined)
    }
  }
  void follow()
  return { seen, stop: () => stopping.abort() }
}

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
import { startServerProcess } from '../../src/cli/running/server-process.ts'
import { processExists } from '../../src/cli/running/server-state.ts'
import type { Promotion } from '../../src/model/promotion.ts'
import { shortRelease } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import { connectAgent } from '../../src/targets/local/agent-client.ts'
import { createProject, type E2eProject, type ProjectOptions } from './e2e-project.ts'
import { eventually } from './eventually.ts'

const ENTRY = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const PATIENCE_SECONDS = 60

/** The real server and the real agent, each a process of its own, for a project in a temporary folder. */
export interface E2eRig {
  readonly project: E2eProject
  readonly stateFolder: string
  /** Where users reach the first environment. */
  readonly origin: string
  /** Of the server that runs now. */
  api(): Api
  server(): ServerFile
  /** Builds one version and makes a release of it; its short name. */
  release(version: string, quality?: 'good' | 'broken'): Promise<string>
  /** Asks for a promotion into the first environment, or another one. */
  promote(release: string, environment?: string): Promise<Promotion>
  /** Resolves once the promotion has ended: with its rollout. */
  ended(promotion: Promotion): Promise<{ readonly promotion: Promotion; readonly rollout: Rollout }>
  /** Resolves once users are on the release; fails when they do not come there. */
  promoteAndWait(release: string, environment?: string): Promise<Rollout>
  /** Resolves once all users are back. */
  rollbackAndWait(environment?: string): Promise<Rollout>
  rollout(id: string): Promise<Rollout>
  /** kill -9 of the control plane; resolves when it is gone. */
  killServer(): Promise<void>
  startServer(): Promise<void>
  agentPid(): Promise<number>
  end(): Promise<void>
}

/** `entry` is the command line's program; the sources without it. */
export async function startRig(
  options: Partial<ProjectOptions> & { readonly entry?: string } = {},
): Promise<E2eRig> {
  const environments = options.environments ?? ['dev']
  const [first = 'dev'] = environments
  const project = await createProject({ replicas: 1, rollout: {}, ...options, environments })
  const context = silentContext(project)
  const stateFolder = join(project.folder, '.sluice')
  let file: ServerFile
  let api: Api
  const startServer = async (): Promise<void> => {
    file = await startServerProcess(context, {
      blueprintFile: project.blueprintFile,
      port: 0,
      words: [options.entry ?? ENTRY],
    })
    const token = readLocalToken(stateFolder) ?? ''
    api = new Api({ url: new URL(file.url), token, signal: context.signal, verbatim: true })
  }
  const killServer = async (): Promise<void> => {
    if (processExists(file.pid)) process.kill(file.pid, 'SIGKILL')
    await eventually('the server is gone', () => !processExists(file.pid))
  }
  const end = async (): Promise<void> => {
    await killServer()
    await endAgent(stateFolder)
    await removeTree(project.folder)
  }
  try {
    await startServer()
  } catch (error) {
    await endAgent(stateFolder)
    await removeTree(project.folder)
    throw error
  }
  const rollout = (id: string) => api.get<Rollout>(`/rollouts/${id}`)
  const promote = (release: string, environment = first) =>
    api.post<Promotion>('/promotions', { release, environment })
  return {
    project,
    stateFolder,
    origin: project.origins[first] ?? '',
    api: () => api,
    server: () => file,
    async release(version, quality = 'good') {
      await project.edit(version, quality)
      const made = await makeRelease(context, { api, project: await loadProject(context) })
      return shortRelease(made.release.id)
    },
    promote,
    async ended({ id }) {
      const promotion = await eventually(
        `${id} has ended`,
        async () => {
          const seen = await api.get<Promotion>(`/promotions/${id}`)
          return seen.state.phase === 'done' && seen
        },
        PATIENCE_SECONDS,
      )
      return { promotion, rollout: await rollout(`${id}.app`) }
    },
    async promoteAndWait(release, environment = first) {
      const { id } = await promote(release, environment)
      const seen = await eventually(
        `users are on ${release}`,
        () => settledIn(rollout, `${id}.app`, 'standby'),
        PATIENCE_SECONDS,
      )
      if (!isServed(seen)) throw new Error(`${seen.id} ended otherwise: ${JSON.stringify(seen.state)}`)
      return seen
    },
    async rollbackAndWait(environment = first) {
      const asked = await api.post<{ readonly rollouts: readonly Rollout[] }>(
        `/environments/${environment}/rollback`,
        { reason: 'a test goes back' },
      )
      const id = asked.rollouts[0]?.id ?? ''
      return eventually(`${id} is taken back`, () => settledIn(rollout, id, 'withdraw'), PATIENCE_SECONDS)
    },
    rollout,
    killServer,
    startServer,
    async agentPid() {
      const agent = await connectAgent(join(stateFolder, 'agent'))
      if (agent === undefined) throw new Error('no agent runs')
      await agent.close()
      return agent.hello.pid
    },
    end,
  }
}

/** The rollout once it is in the phase, or over. Not yet known counts as not yet there. */
async function settledIn(
  rollout: (id: string) => Promise<Rollout>,
  id: string,
  phase: 'standby' | 'withdraw',
): Promise<Rollout | undefined> {
  const seen = await rollout(id)
  return seen.state.phase === phase || seen.state.phase === 'done' ? seen : undefined
}

const isServed = ({ state }: Rollout): boolean =>
  state.phase === 'standby' || (state.phase === 'done' && state.outcome === 'succeeded')

/** Ends all that the local target runs for a project. */
export async function endAgent(stateFolder: string): Promise<void> {
  const agent = await connectAgent(join(stateFolder, 'agent'))
  if (agent === undefined) return
  await agent.shutDown()
  await agent.close()
  await eventually('the agent is gone', () => !processExists(agent.hello.pid))
}

/** For commands that nobody watches. */
export function silentContext(project: Pick<E2eProject, 'folder' | 'blueprintFile'>): Context {
  const { PATH, XDG_CACHE_HOME } = process.env
  const environment = { PATH, XDG_CACHE_HOME, HOME: project.folder, TZ: 'UTC' }
  const nowhere = new PassThrough().resume()
  const streams = { stdin: {}, stdout: nowhere, stderr: nowhere }
  return {
    folder: project.folder,
    blueprintFile: project.blueprintFile,
    environment,
    output: createOutput({ json: false, color: false, streams, environment }),
    signal: new AbortController().signal,
    stdin: process.stdin,
    now: Date.now,
  }
}

import { chmod, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ArtifactStore, openArtifactStore } from '../../src/artifacts/content-store.ts'
import { removeTree } from '../../src/artifacts/remove-tree.ts'
import type { EnvironmentPolicy, Policy } from '../../src/model/policy.ts'
import type { Workload } from '../../src/model/release.ts'
import { type RunAgentOptions, type RunningAgent, runAgent } from '../../src/targets/local/agent/run-agent.ts'
import type { AgentClient } from '../../src/targets/local/agent-client.ts'
import { createLocalTarget, type LocalTarget } from '../../src/targets/local/local-target.ts'
import { startAgent } from '../../src/targets/local/start-agent.ts'
import type { Slot } from '../../src/targets/target.ts'
import { eventually } from './eventually.ts'
import { bundleProbeApp, type ProbeWorkload, probeWorkload } from './probe-workload.ts'
import type { TargetUnderTest } from './target-contract.ts'

/** A real agent in a process of its own, with everything around it, in a temporary folder. */
export interface LocalAgent {
  readonly folder: string
  readonly environment: string
  readonly artifacts: ArtifactStore
  agent(): AgentClient
  target(): LocalTarget
  /** Where users reach the environment. */
  users(): Promise<string>
  /** Secret name to value, whatever the version. */
  readonly secrets: Map<string, string>
  workload(o: Partial<ProbeWorkload> & { service: string; version?: string }): Promise<Workload>
  /** Connects to the folder's agent, and starts one where none runs. */
  reconnect(): Promise<LocalTarget>
  /** kill -9, and waits until it is gone. */
  killAgent(): Promise<void>
  end(): Promise<void>
}

export const ENVIRONMENT = 'dev'

export interface LocalAgentOptions {
  /** Where the temporary folder is made; the system's own place unless given. */
  readonly place?: string
  /** Below the temporary one. */
  readonly folder?: string
  /** The target starts the agent again when it is away. */
  readonly isRevived?: boolean
  /** Runs the agent in the test's own process, with what only a test sets. */
  readonly inProcess?: Pick<RunAgentOptions, 'scaling' | 'tell'>
}

export async function startLocalAgent(options: LocalAgentOptions = {}): Promise<LocalAgent> {
  const base = await mkdtemp(join(options.place ?? tmpdir(), 'sluice-agent-'))
  const folder = options.folder === undefined ? join(base, 'agent') : join(base, options.folder, 'agent')
  const artifactFolder = join(base, 'artifacts')
  const artifacts = await openArtifactStore(artifactFolder)
  const secrets = new Map<string, string>()
  const clients: AgentClient[] = []
  let client: AgentClient
  let target: LocalTarget
  let running: RunningAgent | undefined
  const readSecret = async (_environment: string, name: string) => {
    const value = secrets.get(name)
    if (value === undefined) throw new Error(`there is no secret ${name}`)
    return value
  }
  let isEnding = false
  let reviving: Promise<unknown> = Promise.resolve()
  const revive = async () => {
    if (isEnding) return
    const starting = startAgent({ folder, artifacts: artifactFolder })
    reviving = starting.catch(() => undefined)
    clients.push(await starting)
  }
  const untilGone = async () => {
    if (running !== undefined) return await running.closed
    await eventually('the agent is gone', async () => !(await isRunning(client.hello.pid)))
  }
  const reconnect = async () => {
    if (options.inProcess !== undefined)
      running = await runAgent({ folder, artifacts: artifactFolder, ...options.inProcess })
    client = await startAgent({ folder, artifacts: artifactFolder })
    clients.push(client)
    target = createLocalTarget({
      agent: client,
      artifacts,
      readSecret,
      ...(options.isRevived ? { revive } : {}),
    })
    return target
  }
  await reconnect()
  return {
    folder,
    environment: ENVIRONMENT,
    artifacts,
    secrets,
    agent: () => client,
    target: () => target,
    async users() {
      const addresses = await target.ensureEnvironments(policyOf(ENVIRONMENT))
      return addresses[ENVIRONMENT]?.address ?? ''
    },
    async workload({ version = 'one', ...rest }) {
      const artifact = await bundleProbeApp(artifacts, version)
      return probeWorkload({ environment: ENVIRONMENT, artifact, ...rest })
    },
    reconnect,
    async killAgent() {
      process.kill(client.hello.pid, 'SIGKILL')
      await eventually('the agent is gone', async () => !(await isRunning(client.hello.pid)))
    },
    async end() {
      // An agent that is being revived would come up after the others are gone, in a folder that nobody has any more.
      isEnding = true
      await reviving
      await client.shutDown()
      for (const each of clients) await each.close()
      await untilGone()
      await removeTree(base)
    },
  }
}

export function policyOf(environment: string, settings: Partial<EnvironmentPolicy> = {}): Policy {
  return {
    project: 'probe',
    roles: {},
    environments: [
      {
        name: environment,
        target: 'local',
        promotion: 'manual',
        gate: { soakSeconds: 0, checks: [], approvals: [], expressions: [] },
        freezes: [],
        onFailure: 'stop',
        ...settings,
      },
    ],
  }
}

/** Process ids of a slot's instances, as the agent wrote them down. */
export async function instancePids(
  folder: string,
  { environment, service, color }: Slot,
): Promise<readonly number[]> {
  const names = await readdir(join(folder, 'instances'))
  const own = names.filter(name => name.startsWith(`${environment}.${service}-${color}-`))
  const pids = await Promise.all(
    own.map(async name => {
      const text = await readFile(join(folder, 'instances', name, 'process.json'), 'utf8').catch(() => '{}')
      const { pid }: { pid?: number } = JSON.parse(text)
      return pid
    }),
  )
  return pids.filter(pid => pid !== undefined)
}

/** Whether a process is there and has not ended; one that nobody waits for does not count. */
export async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined)
  if (status !== undefined) return !/\) [ZX] /.test(status)
  if (process.platform === 'linux') return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The local target as the contract of all targets wants it. */
export async function localTargetUnderTest(): Promise<TargetUnderTest> {
  const local = await startLocalAgent()
  const users = await local.users()
  return {
    target: local.target(),
    environment: local.environment,
    users: async () => users,
    workload: ({ service, version, broken }) =>
      local.workload({ service, version, spec: broken === undefined ? {} : { config: { MODE: broken } } }),
    async damaged(workload) {
      const path = local.artifacts.path(workload.artifact.digest)
      const bytes = await readFile(path)
      bytes.writeUInt8(bytes.readUInt8(600) ^ 1, 600)
      await chmod(path, 0o600)
      await writeFile(path, bytes)
      return workload
    },
    withMissingSecret: workload => ({ ...workload, secrets: { ...workload.secrets, nowhere: '1' } }),
    async killInstance(slot) {
      const [pid] = await instancePids(local.folder, slot)
      if (pid === undefined) throw new Error('no instance to kill')
      process.kill(pid, 'SIGKILL')
    },
    end: () => local.end(),
  }
}

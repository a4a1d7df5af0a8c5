import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { UserError } from '../../model/user-error.ts'
import { AGENT_LOG_FILE, SECOND_AGENT } from './agent-address.ts'
import { type AgentClient, connectAgent } from './agent-client.ts'

export interface StartAgentOptions {
  readonly folder: string
  /** The artifact store's folder; beside the agent's own unless given. */
  readonly artifacts?: string
  readonly version?: string
  /** The program to run; a build has it in another place. */
  readonly entry?: string
  readonly timeoutSeconds?: number
}

const TIMEOUT_SECONDS = 60
const POLL_MILLISECONDS = 20
const ENTRY = fileURLToPath(new URL('./agent/main.ts', import.meta.url))

/** Variables that the agent needs; the caller's others, tokens among them, are not passed on. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR']

/** Connects to the folder's agent, and starts one that outlives the caller where none runs. */
export async function startAgent(options: StartAgentOptions): Promise<AgentClient> {
  const running = await connectAgent(options.folder)
  if (running !== undefined) return running
  const folder = resolve(options.folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const log = await open(join(folder, AGENT_LOG_FILE), 'a', 0o600)
  const logStart = (await log.stat()).size
  const child = spawn(process.execPath, agentParameters(options, folder), {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: Object.fromEntries(
      PASSED_ON.flatMap(name => (name in process.env ? [[name, process.env[name]]] : [])),
    ),
  })
  const ended = once(child, 'exit')
  child.unref()
  try {
    return await untilItAnswers({
      folder,
      ended,
      logStart,
      timeoutSeconds: options.timeoutSeconds ?? TIMEOUT_SECONDS,
    })
  } finally {
    await log.close()
  }
}

function agentParameters(
  { artifacts, version, entry = ENTRY }: StartAgentOptions,
  folder: string,
): readonly string[] {
  return [
    entry,
    `--folder=${folder}`,
    ...(artifacts === undefined ? [] : [`--artifacts=${resolve(artifacts)}`]),
    ...(version === undefined ? [] : [`--version=${version}`]),
  ]
}

async function untilItAnswers(o: {
  readonly folder: string
  /** With its exit code. */
  readonly ended: Promise<readonly unknown[]>
  readonly logStart: number
  readonly timeoutSeconds: number
}): Promise<AgentClient> {
  const deadline = performance.now() + o.timeoutSeconds * 1000
  const own: { is: 'running' | 'failed' | 'second' } = { is: 'running' }
  const end = o.ended.then(
    // Somebody else's was faster, and answers soon.
    ([code]) => (own.is = code === SECOND_AGENT ? 'second' : 'failed'),
    () => (own.is = 'failed'),
  )
  for (;;) {
    const hasFailed = own.is === 'failed'
    const client = await connectAgent(o.folder)
    if (client !== undefined) return client
    if (hasFailed || performance.now() > deadline) throw await notStarted(o)
    const pause = wait(POLL_MILLISECONDS)
    await (own.is === 'running' ? Promise.race([end, pause]) : pause)
  }
}

async function notStarted({ folder, logStart }: { folder: string; logStart: number }): Promise<UserError> {
  const path = join(folder, AGENT_LOG_FILE)
  const text = await readFile(path).then(
    bytes => bytes.subarray(logStart).toString('utf8').trim(),
    () => '',
  )
  const told = text === '' ? 'it printed nothing' : text.split('\n').slice(0, 5).join('\n')
  return new UserError(
    folder,
    `the agent did not start: ${told}`,
    `mend that and try again; its log is ${path}`,
  )
}

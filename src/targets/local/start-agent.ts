import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { UserError } from '../../model/user-error.ts'
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
const LOG_FILE = 'agent.log'

/** Variables that the agent needs; the caller's others, tokens among them, are not passed on. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR']

/** Connects to the folder's agent, and starts one that outlives the caller where none runs. */
export async function startAgent(options: StartAgentOptions): Promise<AgentClient> {
  const running = await connectAgent(options.folder)
  if (running !== undefined) return running
  const folder = resolve(options.folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const log = await open(join(folder, LOG_FILE), 'a', 0o600)
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
  readonly ended: Promise<unknown>
  readonly logStart: number
  readonly timeoutSeconds: number
}): Promise<AgentClient> {
  const deadline = performance.now() + o.timeoutSeconds * 1000
  let hasEnded = false
  const end = o.ended.then(
    () => (hasEnded = true),
    () => (hasEnded = true),
  )
  for (;;) {
    const wasEnded = hasEnded
    // Somebody else's may have been faster: then ours has ended and theirs answers.
    const client = await connectAgent(o.folder)
    if (client !== undefined) return client
    if (wasEnded || performance.now() > deadline) throw await notStarted(o)
    await Promise.race([end, wait(POLL_MILLISECONDS)])
  }
}

async function notStarted({ folder, logStart }: { folder: string; logStart: number }): Promise<UserError> {
  const path = join(folder, LOG_FILE)
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

import { Pool } from 'undici'
import type { Fence } from '../../model/fence.ts'
import { UserError } from '../../model/user-error.ts'
import { Overtaken, TargetUnavailable } from '../target.ts'
import { readAgentSocket } from './agent-address.ts'
import { FENCE_HEADER, type Hello, OVERTAKEN_STATUS, PROTOCOL, type RefusalAnswer } from './protocol.ts'

/** The agent of one folder, as its clients see it. */
export interface AgentClient {
  readonly hello: Hello
  /**
   * Asks for something and reads the answer's JSON. Fails with `UserError` where the agent refuses, with `Overtaken`
   * where somebody with a later fence has acted, and with `TargetUnavailable` where it does not answer.
   */
  request<T>(request: AgentRequest): Promise<T>
  /** Reads an answer that goes on, as lines of JSON; ends without an error when aborted. */
  stream<T>(path: string, signal: AbortSignal): AsyncIterable<T>
  /** Asks the agent to end everything and itself; resolves when it no longer answers. */
  shutDown(): Promise<void>
  /** Closes the connections of this client; the agent goes on. */
  close(): Promise<void>
}

export interface AgentRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** Comes with every act. */
  readonly fence?: Fence
  readonly signal?: AbortSignal
  readonly timeoutSeconds?: number
}

const TIMEOUT_SECONDS = 30
const ANY_ORIGIN = 'http://agent'

/** Undefined where no agent answers. Fails with `UserError` where one of another version does. */
export async function connectAgent(folder: string): Promise<AgentClient | undefined> {
  const socket = await readAgentSocket(folder)
  if (socket === undefined) return undefined
  const requests = createPool(socket)
  try {
    const hello = await ask<Hello>(requests, { method: 'GET', path: '/v1/hello', timeoutSeconds: 5 })
    return createClient({ socket, requests, hello: checkHello(hello, folder) })
  } catch (error) {
    await requests.destroy()
    if (error instanceof TargetUnavailable) return undefined
    throw error
  }
}

function createClient(o: { socket: string; requests: Pool; hello: Hello }): AgentClient {
  // Streams have connections of their own, so that none of them keeps a request waiting.
  const streams = createPool(o.socket)
  return {
    hello: o.hello,
    request: request => ask(o.requests, request),
    stream: (path, signal) => readStream(streams, path, signal),
    async shutDown() {
      await ask(o.requests, { method: 'POST', path: '/v1/shutdown' })
      await untilGone(streams)
    },
    async close() {
      await Promise.all([o.requests.destroy(), streams.destroy()])
    },
  }
}

function createPool(socket: string): Pool {
  return new Pool(ANY_ORIGIN, {
    connect: { socketPath: socket, timeout: 5000 },
    // The agent never closes an idle connection: a switch finds a warm one.
    keepAliveTimeout: 3_600_000,
    keepAliveMaxTimeout: 3_600_000,
    bodyTimeout: 0,
    headersTimeout: 0,
  })
}

function checkHello(hello: Partial<Hello>, folder: string): Hello {
  if (hello.protocol === PROTOCOL && typeof hello.pid === 'number' && typeof hello.version === 'string') {
    return { protocol: hello.protocol, pid: hello.pid, version: hello.version }
  }
  throw new UserError(
    folder,
    `the agent that runs there (process ${hello.pid}) speaks protocol ${hello.protocol}, and this version ${PROTOCOL}`,
    'stop it with `sluice down` of the version that started it, or end that process; then run `sluice up`',
  )
}

async function ask<T>(pool: Pool, request: AgentRequest): Promise<T> {
  const { method, path, body, fence, timeoutSeconds = TIMEOUT_SECONDS } = request
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000)
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout])
  try {
    const answer = await pool.request({
      method,
      path,
      signal,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(fence === undefined ? {} : { [FENCE_HEADER]: fence.join(',') }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const value: T = JSON.parse(checkAnswer(answer.statusCode, await answer.body.text()))
    return value
  } catch (error) {
    throw inWords(error, request)
  }
}

/** The text of an answer to a request that was carried out. */
function checkAnswer(status: number, text: string): string {
  if (status < 300) return text
  const { error }: Partial<RefusalAnswer> = JSON.parse(text)
  if (status === 422 && error !== undefined) throw new UserError(error.where, error.what, error.remedy)
  if (status === OVERTAKEN_STATUS && error !== undefined) throw new Overtaken(error.what)
  throw new TargetUnavailable(
    `the agent failed: ${error?.what ?? `status ${status}`}; see agent.log in its folder`,
  )
}

/** The caller's own abort stays what it is; everything else that keeps an answer away is the agent's absence. */
function inWords(error: unknown, { method, path, signal }: AgentRequest): unknown {
  if (error instanceof UserError || error instanceof TargetUnavailable || error instanceof Overtaken)
    return error
  if (signal?.aborted === true) return signal.reason
  const why = error instanceof Error ? error.message : String(error)
  return new TargetUnavailable(`the agent did not answer ${method} ${path}: ${why}`, { cause: error })
}

async function* readStream<T>(pool: Pool, path: string, signal: AbortSignal): AsyncGenerator<T, void> {
  try {
    const answer = await pool.request({ method: 'GET', path, signal })
    if (answer.statusCode !== 200) checkAnswer(answer.statusCode, await answer.body.text())
    const chunks: AsyncIterable<string> = answer.body.setEncoding('utf8')
    yield* parseLines<T>(chunks)
  } catch (error) {
    if (signal.aborted) return
    throw inWords(error, { method: 'GET', path, signal })
  }
}

async function* parseLines<T>(chunks: AsyncIterable<string>): AsyncGenerator<T, void> {
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const value: T = JSON.parse(line)
      yield value
    }
  }
}

/** The agent's end closes the stream of events. */
async function untilGone(pool: Pool): Promise<void> {
  const events = readStream(pool, '/v1/events', new AbortController().signal)
  try {
    while ((await events.next()).done !== true) continue
  } catch (error) {
    if (!(error instanceof TargetUnavailable)) throw error
  }
}

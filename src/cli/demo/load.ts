import { setTimeout as delay } from 'node:timers/promises'
import type { Instant } from '../../model/instant.ts'
import { Connections } from './connections.ts'
import { exchange, type LoadRequest, type Outcome } from './exchange.ts'
import { type LoadTotals, Tally } from './tally.ts'

export interface LoadOptions {
  /** Scheme, host and port. */
  readonly origin: string
  /** The name that is asked for; the origin's without it. */
  readonly host?: string
  /** Asked for in turn. */
  readonly paths: readonly LoadRequest[]
  /** Kept alive and used in turn. */
  readonly connections: number
  readonly requestsPerSecond: number
  /** Ends the load; what was already due is still sent, answered and counted. */
  readonly signal: AbortSignal
  /** A request that has no complete answer by then is lost; the default is 10 seconds. */
  readonly limitMilliseconds?: number
  /** Called for every complete answer, good or not. */
  readonly onAnswer?: (answer: Answer) => void
  /** Called for every request that failed, with what is known of it. */
  readonly onFailure?: (failure: Failure) => void
}

export interface Answer {
  readonly at: Instant
  /** When a connection was given the request: never after its first byte left. */
  readonly sentAt: Instant
  readonly status: number
  readonly color: string | undefined
  readonly release: string | undefined
  /** From the moment that the request was due, not from when a connection was free for it. */
  readonly milliseconds: number
}

export interface Failure {
  readonly at: Instant
  /** As of an answer. */
  readonly sentAt: Instant
  readonly method: string
  readonly path: string
  readonly reason: string
  readonly excused: boolean
}

export interface Load {
  totals(): LoadTotals
  /** From now on, errors that this release answers are counted as excused. */
  expectBroken(release: string): void
  /** Resolves after the signal, when the last request has ended and all connections are closed. */
  readonly finished: Promise<void>
}

/**
 * Users who never stop: requests become due at a fixed rate whatever the answers do (open loop), so that a stall shows
 * as the many late requests that it is. Nothing is repeated.
 */
export function startLoad(options: LoadOptions): Load {
  const { limitMilliseconds = 10_000, host, signal } = options
  const tally = new Tally(clock())
  const connections = new Connections({ ...options, connectTimeout: limitMilliseconds })
  let stoppedAt: Instant | undefined
  signal.addEventListener('abort', () => (stoppedAt = clock()), { once: true })

  const send = async (request: LoadRequest, due: Instant): Promise<void> => {
    const connection = await connections.take()
    const sentAt = clock()
    const outcome = await exchange(connection, {
      request,
      host,
      limitMilliseconds: Math.max(1, limitMilliseconds - (sentAt - due)),
    })
    connections.give(connection)
    const at = clock()
    const verdict = tally.add(outcome, at)
    if (outcome.kind === 'answered') {
      options.onAnswer?.({ ...seen(outcome), at, sentAt, milliseconds: at - due })
    }
    if (verdict !== 'good') {
      options.onFailure?.({ ...failure(request, outcome), at, sentAt, excused: verdict === 'excused' })
    }
  }

  return {
    totals: () => tally.totals(stoppedAt ?? clock()),
    expectBroken: release => tally.expectBroken(release),
    finished: pace(options, send).then(() => connections.close()),
  }
}

/** Calls `send` for each request when it is due; resolves when all have ended. */
async function pace(
  { paths, requestsPerSecond, signal }: LoadOptions,
  send: (request: LoadRequest, due: Instant) => Promise<void>,
): Promise<void> {
  const startedAt = clock()
  const dueAt = (index: number): Instant => startedAt + (index * 1000) / requestsPerSecond
  const pending = new Set<Promise<void>>()
  for (let index = 0; !signal.aborted; ) {
    // Up to this moment and no further: a load that is behind must still let its answers in.
    for (const now = clock(); dueAt(index) <= now; index += 1) {
      const request = paths[index % paths.length]
      if (request === undefined) throw new RangeError('a load needs at least one path')
      const ending = send(request, dueAt(index))
      pending.add(ending)
      void ending.finally(() => pending.delete(ending))
    }
    await rest(Math.max(1, dueAt(index) - clock()), signal)
  }
  await Promise.all(pending)
}

/** Ends early, without an error, when the signal does. */
async function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function seen({
  status,
  color,
  release,
}: Outcome & { kind: 'answered' }): Pick<Answer, 'status' | 'color' | 'release'> {
  return { status, color, release }
}

function failure(
  { method = 'GET', path }: LoadRequest,
  outcome: Outcome,
): Pick<Failure, 'method' | 'path' | 'reason'> {
  return { method, path, reason: outcome.kind === 'lost' ? outcome.reason : `status ${outcome.status}` }
}

/** Wall clock that never steps back, with fractions of a millisecond. */
function clock(): Instant {
  return performance.timeOrigin + performance.now()
}

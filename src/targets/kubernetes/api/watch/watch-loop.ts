import { TargetUnavailable } from '../../../target.ts'
import { RequestRefused } from '../cluster.ts'
import { pause, type Timing } from '../timing.ts'

/** How a watch stands. */
export interface WatchState {
  /** Since when events come; undefined while they do not. */
  readonly connectedAt: number | undefined
  /** What ended the last try. */
  readonly problem: unknown
}

export interface LoopParts {
  readonly timing: Timing
  readonly signal: AbortSignal
  /** Reads all anew. */
  readonly list: (signal: AbortSignal) => Promise<void>
  /** Follows from there until it ends; calls `connected` once events would come. `listAgain`: what it knows is too old to go on from. */
  readonly follow: (signal: AbortSignal, connected: () => void) => Promise<'ended' | 'listAgain'>
  /** Told after each change of the state. */
  readonly changed: (state: WatchState) => void
}

export interface WatchLoop {
  readonly state: WatchState
  /** Gives up the watch that is there, and begins with a list; nothing where one is under way. */
  listAgain(): void
  /** Gives up the connection that is there, and goes on from where it is with another. */
  reconnect(): void
  readonly ended: Promise<void>
}

const FIRST_BACKOFF_MILLISECONDS = 100
const LONGEST_BACKOFF_MILLISECONDS = 5000
/** Somebody has to change something first, such as a role. */
const FINAL_BACKOFF_MILLISECONDS = 10_000
/** An API server that ends watches at once is not asked again at once. */
const SHORT_MILLISECONDS = 1000

export function startWatchLoop(parts: LoopParts): WatchLoop {
  let state: WatchState = { connectedAt: undefined, problem: undefined }
  let isListed = false
  let tries = 0
  let round = new AbortController()
  const become = (next: WatchState) => {
    state = next
    parts.changed(state)
  }
  const endRound = (why: string) => round.abort(new DOMException(why, 'AbortError'))
  const goRound = async (signal: AbortSignal) => {
    if (!isListed) await parts.list(signal)
    isListed = true
    const result = await parts.follow(signal, () => {
      become({ connectedAt: parts.timing.now(), problem: undefined })
    })
    if (result === 'listAgain') isListed = false
  }
  const run = async () => {
    while (!parts.signal.aborted) {
      if (round.signal.aborted) {
        round = new AbortController()
        tries = 0
      }
      const problem = await failureOf(goRound, AbortSignal.any([parts.signal, round.signal]))
      const lived = state.connectedAt === undefined ? 0 : parts.timing.now() - state.connectedAt
      tries = lived > SHORT_MILLISECONDS ? 0 : tries + 1
      // Whatever it is that such a watch can't tell, a list can.
      if (state.connectedAt !== undefined && tries > 1) isListed = false
      become({ connectedAt: undefined, problem: round.signal.aborted ? undefined : problem })
      const either = AbortSignal.any([parts.signal, round.signal])
      await pause(parts.timing, backoff(parts.timing, tries, problem), either)
    }
  }
  return {
    get state() {
      return state
    },
    listAgain() {
      if (isListed) endRound('a fresh list is wanted')
      isListed = false
    },
    reconnect: () => endRound('another connection is wanted'),
    ended: run(),
  }
}

async function failureOf(
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    await work(signal)
    return undefined
  } catch (error) {
    const isExpected = error instanceof RequestRefused || error instanceof TargetUnavailable
    if (isExpected || signal.aborted) return error
    throw error
  }
}

function backoff(timing: Timing, tries: number, problem: unknown): number {
  if (tries === 0) return 0
  if (problem instanceof RequestRefused && problem.isFinal) return FINAL_BACKOFF_MILLISECONDS
  const longest = Math.min(LONGEST_BACKOFF_MILLISECONDS, FIRST_BACKOFF_MILLISECONDS * 2 ** (tries - 1))
  return longest * (0.5 + timing.random() / 2)
}

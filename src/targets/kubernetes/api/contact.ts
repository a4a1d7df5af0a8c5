import { TargetUnavailable } from '../../target.ts'
import { isTimeout } from './ask.ts'
import { RequestRefused } from './cluster.ts'
import { orAborted } from './or-aborted.ts'
import type { Timing } from './timing.ts'

/** When the API server was last known to answer out of its store; shared by everything that asks one cluster. */
export interface Contact {
  /** When the latest request began that was answered out of the store. */
  readonly answerBegan: number
  /** Told of news out of the store that came by itself. */
  heard(): void
  /** Told of an answer out of the store: when its request began. */
  answered(began: number): void
  /** Makes one small reading, together with whoever else wants one; fails with `TargetUnavailable`. */
  probe(signal: AbortSignal): Promise<void>
  /** `the API server of test has not answered for 12 s` */
  silence(cause?: unknown): TargetUnavailable
}

export function createContact(o: {
  readonly name: string
  readonly timing: Timing
  /** Reads something small out of the store; reports its answer by `answered`. */
  readonly read: () => Promise<void>
}): Contact {
  const { name, timing, read } = o
  const begun = timing.now()
  let heardAt = begun
  let answerBegan = -Infinity
  let reading: Promise<void> | undefined
  const silence = (cause?: unknown) => {
    // Refused connections and credentials say more than that nothing came.
    if (cause instanceof TargetUnavailable && !isTimeout(cause.cause)) return cause
    const seconds = Math.max(1, Math.round((timing.now() - heardAt) / 1000))
    const words = `the API server of ${name} has not answered for ${seconds} s`
    const why = cause instanceof RequestRefused ? ` (${cause.message})` : ''
    return new TargetUnavailable(`${words}${why}`, { cause })
  }
  /** A server whose store does not answer refuses, and that is no answer. */
  const readInWords = async () => {
    try {
      await read()
    } catch (error) {
      const isFinal = error instanceof RequestRefused && error.isFinal
      throw isFinal ? error : silence(error)
    }
  }
  return {
    get answerBegan() {
      return answerBegan
    },
    heard() {
      heardAt = timing.now()
    },
    answered(began) {
      heardAt = timing.now()
      answerBegan = Math.max(answerBegan, began)
    },
    async probe(signal) {
      reading ??= readInWords().finally(() => {
        reading = undefined
      })
      await orAborted(reading, signal)
    },
    silence,
  }
}

import type { LogLine } from '../target.ts'

/** Lines of many sources for one reader, as they come. */
export interface LineQueue {
  add(line: LogLine): void
  /** Ends the reading with this. */
  fail(error: unknown): void
  /** Until the signal ends it. */
  lines(signal: AbortSignal): AsyncGenerator<LogLine, void>
}

/** A reader that is this far behind loses the oldest: a service may print faster than anybody reads. */
const MOST_LINES = 10_000

export function createLineQueue(): LineQueue {
  let waiting: LogLine[] = []
  let failure: { readonly error: unknown } | undefined
  let wake = Promise.withResolvers<void>()
  const tell = () => wake.resolve()
  return {
    add(line) {
      waiting.push(line)
      if (waiting.length > MOST_LINES) waiting.shift()
      tell()
    },
    fail(error) {
      failure = { error }
      tell()
    },
    async *lines(signal) {
      signal.addEventListener('abort', tell, { once: true })
      while (!signal.aborted) {
        const ready = waiting
        waiting = []
        yield* ready.toSorted((a, b) => a.at - b.at)
        if (failure !== undefined) throw failure.error
        if (waiting.length > 0) continue
        await wake.promise
        wake = Promise.withResolvers()
      }
    },
  }
}

/** Lets loops sleep until their time or until somebody wakes them by name; a wake before the sleep is not lost. */
export interface Wakes {
  /** Taken before reading the state that the sleep depends on. */
  ticket(name: string): number
  wake(name: string): void
  /** Resolves when woken after the ticket was taken, after the milliseconds, or when aborted. */
  sleep(name: string, ticket: number, milliseconds: number, signal: AbortSignal): Promise<void>
  forget(name: string): void
}

/** Timers count 31 bits of milliseconds; a longer sleep is cut and simply begins again. */
const LONGEST_SLEEP = 2 ** 31 - 1

export function createWakes(): Wakes {
  const counts = new Map<string, number>()
  const sleepers = new Map<string, Set<() => void>>()
  const wake = (name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
    for (const resume of sleepers.get(name) ?? []) resume()
  }
  return {
    ticket: name => counts.get(name) ?? 0,
    wake,
    sleep(name, ticket, milliseconds, signal) {
      if ((counts.get(name) ?? 0) !== ticket || signal.aborted) return Promise.resolve()
      return new Promise(resolve => {
        const waiting = sleepers.get(name) ?? new Set()
        sleepers.set(name, waiting)
        const resume = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', resume)
          waiting.delete(resume)
          if (waiting.size === 0) sleepers.delete(name)
          resolve()
        }
        const timer = setTimeout(resume, Math.min(Math.max(0, milliseconds), LONGEST_SLEEP))
        signal.addEventListener('abort', resume, { once: true })
        waiting.add(resume)
      })
    },
    forget(name) {
      counts.delete(name)
    },
  }
}

import type { After } from './ports.ts'
import { pause } from './timers.ts'

/** Lets loops sleep until their time or until somebody wakes them by name; a wake before the sleep is not lost. */
export interface Wakes {
  /** Taken before reading the state that the sleep depends on. */
  ticket(name: string): number
  wake(name: string): void
  /** Resolves when woken after the ticket was taken, after the milliseconds, or when aborted. */
  sleep(name: string, ticket: number, milliseconds: number, signal: AbortSignal): Promise<void>
  forget(name: string): void
}

export function createWakes(after: After): Wakes {
  const counts = new Map<string, number>()
  const sleepers = new Map<string, Set<() => void>>()
  return {
    ticket(name) {
      const count = counts.get(name) ?? 0
      counts.set(name, count)
      return count
    },
    wake(name) {
      const count = counts.get(name)
      // Nobody here waits under it: what other processes do must not fill this one's memory.
      if (count === undefined) return
      counts.set(name, count + 1)
      for (const resume of sleepers.get(name) ?? []) resume()
    },
    async sleep(name, ticket, milliseconds, signal) {
      if ((counts.get(name) ?? 0) !== ticket || signal.aborted) return
      const woken = new AbortController()
      const resume = (): void => woken.abort()
      const waiting = sleepers.get(name) ?? new Set()
      sleepers.set(name, waiting.add(resume))
      signal.addEventListener('abort', resume, { once: true })
      await pause(after, milliseconds, woken.signal)
      signal.removeEventListener('abort', resume)
      waiting.delete(resume)
      if (waiting.size === 0) sleepers.delete(name)
    },
    forget(name) {
      counts.delete(name)
    },
  }
}

import type { Store } from '../../src/engine/ports.ts'

export interface TimedStore extends Store {
  /** Forgets what was measured so far. */
  reset(): void
  readonly measured: {
    records: number
    rolloutReads: number
    /** From the record of one step of a rollout to the record of its next, in milliseconds. */
    decided: number[]
    claims: number[]
  }
}

/** The store with a watch beside it. */
export function timedStore(store: Store): TimedStore {
  const measured: TimedStore['measured'] = { records: 0, rolloutReads: 0, decided: [], claims: [] }
  const lastRecorded = new Map<string, number>()
  return {
    ...store,
    measured,
    reset() {
      Object.assign(measured, { records: 0, rolloutReads: 0, decided: [], claims: [] })
      lastRecorded.clear()
    },
    async record(changes, entries, lease) {
      const recorded = await store.record(changes, entries, lease)
      const now = performance.now()
      measured.records += 1
      for (const { kind, value } of changes) {
        if (kind !== 'rollout') continue
        const before = lastRecorded.get(value.id)
        if (before !== undefined) measured.decided.push(now - before)
        lastRecorded.set(value.id, now)
      }
      return recorded
    },
    async rollout(id) {
      measured.rolloutReads += 1
      return store.rollout(id)
    },
    async claim(request) {
      const began = performance.now()
      const lease = await store.claim(request)
      measured.claims.push(performance.now() - began)
      return lease
    },
  }
}

import { messageOf } from '../engine/evidence.ts'
import type { Log } from '../engine/parts.ts'
import type { Store } from '../engine/ports.ts'
import type { PolicyInForce } from './policy-in-force.ts'

const BATCH = 200

/** Takes over the blueprint that another server of the same store has read again; returns how to stop. */
export async function followPolicy(o: {
  readonly store: Pick<Store, 'lastSequence' | 'events' | 'onRecorded'>
  readonly policy: Pick<PolicyInForce, 'follow'>
  readonly log: Log
}): Promise<() => void> {
  const { store, policy, log } = o
  let last = await store.lastSequence()
  let reading: Promise<void> | undefined
  const readOn = async (): Promise<void> => {
    let events = await store.events(last, BATCH)
    while (events.length > 0) {
      for (const { kind, data } of events) {
        if (kind === 'policy.changed') await policy.follow(String(data?.['revision']))
      }
      last = events.at(-1)?.sequence ?? last
      events = await store.events(last, BATCH)
    }
  }
  return store.onRecorded(own => {
    if (own.length > 0 || reading !== undefined) return
    reading = readOn()
      .catch((error: unknown) => {
        log.warn({ error: messageOf(error) }, 'a policy that another server has read was not taken over')
      })
      .finally(() => {
        reading = undefined
      })
  })
}

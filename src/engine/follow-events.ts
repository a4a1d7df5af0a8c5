import type { AuditEvent } from '../model/audit-event.ts'
import { CLAIM_MILLISECONDS, CLAIMS, drivenKey, type Loop } from './loop.ts'

/** Turns every recorded event into wakes, whoever recorded it. */
export async function followEvents(loop: Loop & { last: number }, releases: (() => void)[]): Promise<void> {
  const { parts, wakes, signal } = loop
  const name = 'events'
  let last = loop.last
  const take = (events: readonly AuditEvent[]): void => {
    const fresh = events.filter(({ sequence }) => sequence > last)
    last = fresh.at(-1)?.sequence ?? last
    wakeConcerned(loop, fresh)
  }
  releases.push(
    parts.store.onRecorded(events => {
      // Others recorded in between: those events are read from the store.
      if (events[0]?.sequence === last + 1) take(events)
      else wakes.wake(name)
    }),
  )
  while (!signal.aborted) {
    const ticket = wakes.ticket(name)
    const events = await parts.store.events(last, 200).catch(() => [])
    if (events.length > 0) take(events)
    else await wakes.sleep(name, ticket, CLAIM_MILLISECONDS, signal)
  }
}

function wakeConcerned({ parts, wakes, held }: Loop, events: readonly AuditEvent[]): void {
  if (events.length === 0) return
  for (const { rollout } of events) if (rollout !== undefined) wakes.wake(rollout)
  // Users may wait for what a rollout does now: looking at promotions must not come between.
  parts.after(0, () => {
    for (const { promotion } of events) if (promotion !== undefined) wakes.wake(promotion)
    if (events.some(event => mayBeClaimed(event, held))) wakes.wake(CLAIMS)
  })
}

/** What a rollout did was done by who holds its promotion: nothing is left to claim, or thousands would ask for nothing. */
function mayBeClaimed({ kind, rollout, promotion }: AuditEvent, held: Loop['held']): boolean {
  if (rollout === undefined || promotion === undefined) return true
  return kind !== 'rollout.moved' && kind !== 'rollout.finished' && !held.has(promotion)
}

/** Wakes the rollouts of a service when its target saw something happen; returns how to stop. */
export function followTargets({ parts, wakes, driven }: Loop): () => void {
  return parts.watchTargets(service => {
    for (const id of driven.get(drivenKey(service)) ?? []) wakes.wake(id)
  })
}

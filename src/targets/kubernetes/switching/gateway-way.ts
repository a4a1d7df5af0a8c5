import type { Move } from '../ledger.ts'
import { unacceptedRoutes } from './gateway.ts'
import { unknownEndpoints } from './obstacles.ts'
import { hasSettled } from './settling.ts'
import type { Way } from './way.ts'

/**
 * From the moment that the controller says that it took a route over, until its proxies have it: it says so while it makes
 * their configuration, and nothing tells when they have it (measured with Traefik on a calm machine: in effect 0.1 to
 * 0.3 s after the change itself). One that is slow to say so is as slow to do so.
 */
const SETTLE_MILLISECONDS = { least: 1000, most: 4000, timesAccepting: 2 } as const

/** The weights of HTTPRoutes: new and open connections move together, for proxies choose anew for each request. */
export const gatewayWay: Way = {
  missing: ({ view, move, now }) => {
    const unaccepted = unacceptedRoutes(view)
    if (unaccepted !== undefined || move === undefined) return unaccepted
    return isSettled(move, now) ? undefined : 'the Gateway has taken the weights over just now'
  },
  obstacles: ({ view, move }) => Promise.resolve(unknownEndpoints(view, move)),
  pursue: async ({ view, now, note }, move) => {
    if (move.newAt !== undefined || unacceptedRoutes(view) !== undefined) return
    await note({ newAt: now, drainedAt: now })
  },
}

function isSettled({ at, newAt }: Move, now: number): boolean {
  const { least, most, timesAccepting } = SETTLE_MILLISECONDS
  const since = newAt ?? now
  const milliseconds = Math.min(Math.max(least, timesAccepting * (since - at)), most)
  return hasSettled({ since, milliseconds, now })
}

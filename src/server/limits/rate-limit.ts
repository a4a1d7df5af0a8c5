import type { FastifyReply } from 'fastify'
import type { Clock } from '../../engine/ports.ts'
import { isProbe } from '../access/host.ts'
import { Refused } from '../problems/problem.ts'
import type { Api } from '../typed.ts'
import { Buckets, type Taken } from './buckets.ts'
import { clientNetwork } from './client-network.ts'
import type { Rate } from './request-limits.ts'

interface Rates {
  readonly clock: Clock
  readonly tokenRate: Rate
  readonly strangerRate: Rate
}

/**
 * Counts requests by token, and those without a valid one by address, so that nobody tries many. A valid token is never
 * held up by its address: behind a proxy all share one, and a stranger could lock everybody out.
 */
export function limitRate(api: Api, { clock, tokenRate, strangerRate }: Rates): void {
  const byToken = new Buckets(tokenRate)
  const byNetwork = new Buckets(strangerRate)
  api.addHook('onRequest', (request, reply, done) => {
    if (isProbe(request.routeOptions.url)) return done()
    const { caller } = request
    const [name, buckets, key] =
      caller === undefined
        ? (['address', byNetwork, clientNetwork(request.ip)] as const)
        : (['token', byToken, caller.tokenId] as const)
    const taken = buckets.take(key, clock.now())
    tell(reply, { name, policy: buckets.policy, taken })
    if (!taken.granted) throw tooMany(name, taken)
    done()
  })
}

/** draft-ietf-httpapi-ratelimit-headers-10. */
function tell(
  reply: FastifyReply,
  o: { readonly name: string; readonly policy: string; readonly taken: Taken },
) {
  const { name, policy, taken } = o
  reply.header('ratelimit-policy', `"${name}";${policy}`)
  reply.header('ratelimit', `"${name}";r=${taken.remaining};t=${taken.fullInSeconds}`)
}

function tooMany(name: 'token' | 'address', { retryAfterSeconds }: Taken): Refused {
  const whose = name === 'token' ? 'with this token' : 'without a valid token from this address'
  return new Refused('too-many-requests', {
    detail: `there were too many requests ${whose}`,
    remedy: `wait ${retryAfterSeconds} s (Retry-After) and then send less at once`,
    retryAfterSeconds,
  })
}

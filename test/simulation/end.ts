import type { Store } from '../../src/engine/ports.ts'
import { COLORS } from '../../src/model/color.ts'
import type { Policy } from '../../src/model/policy.ts'
import { servesNow } from '../../src/model/rollout.ts'
import type { Checker } from './checker.ts'
import type { Fleet } from './fleet.ts'
import { gateProblem } from './gate-oracle.ts'
import type { Kept } from './memory-store.ts'
import type { World } from './world.ts'

/** Nothing is open but what waits for people. */
export function isQuiet({ promotions, rollouts }: Kept): boolean {
  for (const { state } of rollouts.values()) if (state.phase !== 'done') return false
  for (const { state, dueAt } of promotions.values())
    if (state.phase === 'running' || (state.phase === 'waiting' && dueAt !== null)) return false
  return true
}

/** What must be true once nothing happens any more: all ended, and what is told is what really runs. */
export async function checkEnd(o: {
  readonly world: World
  readonly store: Store & { readonly kept: Kept }
  readonly fleet: Fleet
  readonly policy: Policy
  readonly checker: Checker
}): Promise<void> {
  const { world, store, fleet, policy, checker } = o
  const { kept } = store
  for (const { id, state } of kept.rollouts.values())
    if (state.phase !== 'done') checker.violate('every rollout ends', `${id} is in ${state.phase} for ever`)
  for (const promotion of kept.promotions.values()) {
    const { id, state } = promotion
    if (state.phase === 'running') checker.violate('every rollout ends', `${id} runs for ever`)
    if (state.phase === 'waiting' && gateProblem({ kept, policy, world }, promotion) === undefined)
      checker.violate('every rollout ends', `${id} waits, and nothing is in its way`)
  }
  const { broken } = await store.verifyAudit()
  if (broken !== undefined)
    checker.violate('every change of state has its audit event', `event ${broken.sequence} ${broken.what}`)
  for (const truth of fleet.all()) {
    const { environment, service, weights } = truth
    const history = [...kept.rollouts.values()]
      .filter(one => one.environment === environment && one.service === service)
      .toReversed()
    const serving = servesNow(history)
    const place = `${environment}/${service}`
    if (serving === undefined) {
      if (weights !== undefined)
        checker.violate('what is told is what is', `${place} has users, and nobody knows`)
      continue
    }
    const share = weights?.[serving.color] ?? 0
    // Where nobody answers on either color there is nowhere to send the rest.
    const isDead = COLORS.every(color => fleet.answering(truth, color) === 0)
    const runs = truth.slots[serving.color]?.release
    if (share < (isDead ? 50 : 100) || runs !== serving.release)
      checker.violate(
        'what is told is what is',
        `${place} is said to be served by ${serving.color} with ${serving.release.slice(7, 15)}; ` +
          `blue has ${weights?.blue} %, and ${serving.color} holds ${runs?.slice(7, 15)}`,
      )
  }
}

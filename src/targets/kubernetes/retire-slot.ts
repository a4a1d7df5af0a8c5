import { UserError } from '../../model/user-error.ts'
import type { Slot, Turn } from '../target.ts'
import { markDeployment } from './fence-mark.ts'
import { readFresh } from './read-view.ts'
import { removeLeftovers } from './remove-leftovers.ts'
import type { ServiceView } from './service-view.ts'
import { setReplicas } from './set-replicas.ts'
import { refuseOvertaken, takeTurn } from './take-turn.ts'
import type { TargetMemory } from './target-memory.ts'
import type { TargetParts } from './target-parts.ts'
import { againWhenChanged } from './when-changed.ts'

/** Stops every instance; the Deployment stays, with its release, for a rollback that comes late. */
export async function retireSlot(
  parts: TargetParts,
  memory: TargetMemory,
  { slot, turn }: { readonly slot: Slot; readonly turn: Turn },
): Promise<void> {
  await againWhenChanged(async () => await stop(parts, slot, turn))
  memory.refusals.forget(slot)
}

async function stop(parts: TargetParts, slot: Slot, { fence, signal }: Turn): Promise<void> {
  const view = await readFresh(parts, slot.service, signal)
  refuseOvertaken(view.ledger, slot, fence)
  refuseWithUsers(parts, slot, view)
  const deployment = view.deployments[slot.color]
  // Where nothing was ever done there is no turn to take either.
  if (deployment === undefined && view.ledger === undefined) return
  await takeTurn(parts, { service: slot, ledger: view.ledger, fence, signal })
  if (deployment !== undefined) {
    const { cluster } = parts
    const own = await markDeployment(cluster, { deployment, fence, signal })
    await setReplicas(cluster, { deployment: own, count: 0, signal })
  }
  await removeLeftovers(parts, view, signal)
}

function refuseWithUsers({ way, now }: TargetParts, slot: Slot, view: ServiceView): void {
  const traffic = way.read(view, now())
  const where = `${slot.service} ${slot.color}`
  if (traffic.kind === 'closed') return
  if (traffic.kind === 'unconfirmed') {
    const what = `it is not known yet where users are (${traffic.waitsFor})`
    throw new UserError(where, what, 'wait until the traffic layer shows it')
  }
  const percent = traffic.weights[slot.color]
  if (percent > 0)
    throw new UserError(where, `${percent} % of users are sent there`, 'send them elsewhere first')
}

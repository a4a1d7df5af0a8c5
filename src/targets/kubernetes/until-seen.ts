import { formatWeights, sameWeights } from '../../model/color.ts'

import { ObjectChanged } from './api/cluster.ts'
import { readWatched } from './read-view.ts'
import type { ServiceView } from './service-view.ts'
import type { Learnt, Traffic } from './switching/switch.ts'
import { noteInLedger } from './take-turn.ts'
import type { TargetParts } from './target-parts.ts'
import { type Shift, untilNothing } from './until-nothing.ts'

/** Resolves when the traffic layer shows the weights; fails with `TrafficUnconfirmed` and its words after 5 seconds. */
export async function untilSeen(parts: TargetParts, shift: Shift): Promise<void> {
  await untilNothing(parts, shift, async () => {
    const traffic = await look(parts, shift)
    const isSeen = traffic.kind === 'confirmed' && sameWeights(traffic.weights, shift.weights)
    return isSeen ? undefined : inWords(shift, traffic)
  })
}

async function look(parts: TargetParts, { service, turn: { signal } }: Shift): Promise<Traffic> {
  const { way, cluster } = parts
  const view = await readWatched(parts, service.service, signal)
  const traffic = way.read(view, parts.now())
  if (traffic.kind !== 'unconfirmed') return traffic
  await way.pursue({ cluster, view, signal, now: parts.now(), note: noting(parts, service, view, signal) })
  return traffic
}

/** Who is overtaken meanwhile has nothing to note any more. */
function noting(
  { cluster }: TargetParts,
  service: Shift['service'],
  { ledger: read }: ServiceView,
  signal: AbortSignal,
): (learnt: Learnt) => Promise<void> {
  let ledger = read
  return async learnt => {
    if (ledger === undefined) return
    try {
      ledger = await noteInLedger(cluster, { service, ledger, learnt, signal })
    } catch (error) {
      if (!(error instanceof ObjectChanged)) throw error
    }
  }
}

function inWords({ service, weights }: Shift, traffic: Traffic): string {
  const asked = `${service.environment} ${service.service}: set ${formatWeights(weights)}`
  switch (traffic.kind) {
    case 'closed':
      return `${asked}, and nobody is sent anywhere`
    case 'confirmed':
      return `${asked}, and the cluster shows ${formatWeights(traffic.weights)}`
    case 'unconfirmed':
      return `${asked}, which is not seen in effect yet: ${traffic.waitsFor}`
    default:
      return traffic satisfies never
  }
}

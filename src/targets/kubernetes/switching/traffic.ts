import type { Weights } from '../../../model/color.ts'
import type { Move } from '../ledger.ts'
import type { ServiceView } from '../service-view.ts'
import { presentMove } from './begin-move.ts'
import { fullColor, type LiveTraffic, liveTraffic, stableColor } from './live-traffic.ts'
import type { Traffic } from './switch.ts'
import type { Way } from './way.ts'

export type Shared = Extract<LiveTraffic, { kind: 'shared' }>

/** Nobody knows where users are: as far from any answer as can be. */
const UNKNOWN: Weights = { blue: 50, green: 50 }

export function readTraffic(view: ServiceView, now: number, wayOf: (live: Shared) => Way): Traffic {
  const live = liveTraffic(view)
  if (live.kind === 'closed') return { kind: 'closed' }
  if (live.kind === 'unclear') {
    const weights = view.ledger?.move?.weights ?? UNKNOWN
    return { kind: 'unconfirmed', weights, waitsFor: live.why }
  }
  const { weights } = live
  const move = presentMove(view, weights)
  const waitsFor = insiders(view, live) ?? wayOf(live).missing({ view, move, now })
  if (waitsFor !== undefined) return { kind: 'unconfirmed', weights, waitsFor }
  const moved = live.by === 'selector' && move !== undefined ? timesOf(move) : undefined
  return { kind: 'confirmed', weights, ...(moved === undefined ? {} : { moved }) }
}

/** Whoever calls the service inside of the cluster moves with the last users. */
function insiders(view: ServiceView, { weights, by }: Shared): string | undefined {
  const color = fullColor(weights)
  if (by === 'selector' || color === undefined || stableColor(view) === color) return undefined
  return `Service ${view.service} does not select ${color}, which has all users`
}

function timesOf({ at, newAt, drainedAt, left = [] }: Move): string | undefined {
  if (newAt === undefined || drainedAt === undefined || left.length === 0) return undefined
  return `new connections after ${inSeconds(newAt - at)}, open ones after ${inSeconds(drainedAt - at)}`
}

function inSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
}

import { COLORS, type Color, otherColor } from '../../../model/color.ts'
import { slotName } from '../../../render/names.ts'
import type { Move } from '../ledger.ts'
import type { ServiceView } from '../service-view.ts'
import { instancesServing } from './capacity.ts'
import { readyEndpoints } from './endpoints.ts'
import { readyPods } from './pods.ts'

/** Colors that get more users than they had. */
export function gainingColors({ weights, before }: Pick<Move, 'weights' | 'before'>): readonly Color[] {
  return COLORS.filter(color => weights[color] > (before?.[color] ?? 0))
}

/**
 * What keeps users from a color that would gain some: nobody is ready there, the EndpointSlices that proxies read do not
 * have all who are, or there are fewer than serve them now (which a way back does not wait for).
 */
export function unknownEndpoints(view: ServiceView, move: Move): readonly string[] {
  return gainingColors(move).flatMap(color => {
    const ready = readyPods(view, color).length
    if (ready === 0) return [`${color} has no instance that is ready`]
    const service = slotName(view.service, color)
    const known = readyEndpoints(view, service)[color]
    if (view.services.has(service) && known < ready) {
      return [
        `the EndpointSlices of Service ${service} have ${known} of the ${ready} instances that are ready`,
      ]
    }
    // Who is served by nobody is served better by a few.
    const mayWait = move.isBack !== true && readyPods(view, otherColor(color)).length > 0
    const needed = mayWait ? instancesServing(view, move) : undefined
    return needed?.color === color && ready < needed.count
      ? [`${color} has ${ready} of the ${needed.count} instances that serve users now`]
      : []
  })
}

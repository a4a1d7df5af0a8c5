import { otherColor } from '../../../model/color.ts'
import { slotName } from '../../../render/names.ts'
import { readyEndpoints } from './endpoints.ts'
import { fullColor } from './live-traffic.ts'
import { unknownEndpoints } from './obstacles.ts'
import { hasSettled } from './settling.ts'
import type { Effect, Way } from './way.ts'

/**
 * Nothing tells that a controller has read an Ingress: it has no observed generation, and its status only an address. So
 * it is given a time that is longer than any was seen to need; Traefik takes changes over every 2 seconds by default.
 */
const SETTLE_MILLISECONDS = 2000

/** An Ingress of a class that knows no weights names the Service of the color that has the users. */
export const ingressWay: Way = {
  missing: unsettled,
  obstacles: ({ view, move }) => Promise.resolve(unknownEndpoints(view, move)),
  pursue: async ({ view, now, note }, move) => {
    if (move.newAt === undefined && unsettled({ view, move, now }) === undefined) await note({ newAt: now })
  },
}

function unsettled({ view, move, now }: Effect): string | undefined {
  // Who was there once is there, whether or not somebody answers.
  if (move === undefined || move.newAt !== undefined) return undefined
  const color = fullColor(move.weights) ?? 'blue'
  const service = slotName(view.service, color)
  if (readyEndpoints(view, service)[color] === 0) return `Service ${service} has no endpoint that is ready`
  if (hasSettled({ since: move.at, milliseconds: SETTLE_MILLISECONDS, now })) return undefined
  return `the Ingress controller is given time to leave ${slotName(view.service, otherColor(color))}`
}

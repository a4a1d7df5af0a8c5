import { COLORS, type Color, formatWeights, sameWeights, type Weights } from '../../../model/color.ts'
import { COLOR_LABEL } from '../../../render/kubernetes/labels.ts'
import { slotName } from '../../../render/names.ts'
import { type ClusterObject, nameOf } from '../api/cluster-object.ts'
import type { ServiceView } from '../service-view.ts'
import { isLeftOver, isOwn } from './left-over-routes.ts'
import type { LiveService } from './live-routes.ts'
import { type RuleShares, sharesOf } from './shares.ts'

/** What the objects that send users say, whoever wrote them. */
export type LiveTraffic =
  | { readonly kind: 'closed' }
  /** `by` the routes' own backends, or by the selector of the stable Service: nothing else stands before the pods. */
  | { readonly kind: 'shared'; readonly weights: Weights; readonly by: 'routes' | 'selector' }
  /** They do not say which color users are on. */
  | { readonly kind: 'unclear'; readonly why: string }

/**
 * Where users are sent. Parts that do not sum to 100 are told as what they come to (1 and 1 is half each), provided that
 * it comes to whole percents; what sends users to anything but the two colors, to nobody, or not everybody alike, is no
 * weights at all.
 */
export function liveTraffic(view: ServiceView): LiveTraffic {
  const stable = view.services.get(view.service)
  if (view.routes.length === 0) {
    return stable === undefined ? { kind: 'closed' } : selected(view)
  }
  const rules = view.routes.flatMap(route =>
    sharesOf(route)
      .filter(shares => !isLeftOver(route) || isOwnShare(view.service, shares))
      .map(shares => ({ route, shares })),
  )
  if (rules.length === 0 && view.routes.every(isLeftOver))
    return stable === undefined ? { kind: 'closed' } : selected(view)
  if (rules.length === 0) return unclear(`${namesOf(view.routes)} has no rules any more`)
  const isSelected = rules.every(({ shares }) => isOnly(shares, view.service))
  if (isSelected) return stable === undefined ? { kind: 'closed' } : selected(view)
  return agreed(rules.map(({ route, shares }) => weightsOf(view, route, shares)))
}

/** The color that the stable Service selects. */
export function stableColor({
  services,
  service,
}: Pick<ServiceView, 'services' | 'service'>): Color | undefined {
  const live: LiveService | undefined = services.get(service)
  const color = live?.spec?.selector?.[COLOR_LABEL]
  return COLORS.find(each => each === color)
}

function selected(view: ServiceView): LiveTraffic {
  const color = stableColor(view)
  return color === undefined
    ? unclear(`Service ${view.service} does not select one color: somebody changed it`)
    : { kind: 'shared', weights: allOn(color), by: 'selector' }
}

/** The color that has all users; undefined while they are shared. */
export const fullColor = (weights: Weights): Color | undefined => COLORS.find(color => weights[color] === 100)

const allOn = (color: Color): Weights =>
  color === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 }

const isOnly = (shares: RuleShares, service: string): boolean =>
  'elsewhere' in shares ? false : shares.every(share => share.service === service)

/** What somebody made of a route that is wanted no more says nothing of the users of the service. */
const isOwnShare = (service: string, shares: RuleShares): boolean =>
  !('elsewhere' in shares) && shares.some(share => isOwn(service, { name: share.service }))

function agreed(rules: readonly (Weights | string)[]): LiveTraffic {
  const trouble = rules.find(each => typeof each === 'string')
  if (trouble !== undefined) return unclear(trouble)
  const [first, ...others] = rules.filter(each => typeof each !== 'string')
  if (first === undefined) return unclear('there are no rules')
  const other = others.find(each => !sameWeights(each, first))
  if (other === undefined) return { kind: 'shared', weights: first, by: 'routes' }
  return unclear(`some users have ${formatWeights(first)}, and others ${formatWeights(other)}`)
}

/** What the shares of one rule come to, or in words why they come to nothing. */
export function weightsOf(view: ServiceView, route: ClusterObject, shares: RuleShares): Weights | string {
  const name = nameOf(route)
  if ('elsewhere' in shares) return `${name} sends users to ${shares.elsewhere}`
  const parts = { blue: 0, green: 0 }
  for (const { service, weight } of shares) {
    const color = colorOf(view, service)
    if (color !== undefined) parts[color] += weight
    // Whoever has no share gets nobody.
    else if (weight !== 0) return `${name} sends users to Service ${service}, which is none of the two colors`
  }
  const blue = (100 * parts.blue) / (parts.blue + parts.green)
  if (Number.isNaN(blue)) return `${name} sends users to nobody: every weight is 0`
  return Number.isInteger(blue)
    ? { blue, green: 100 - blue }
    : `${name} has the weights ${parts.blue} and ${parts.green}, which are no whole percents`
}

function colorOf(view: ServiceView, service: string): Color | undefined {
  if (service === view.service) return stableColor(view)
  return COLORS.find(color => slotName(view.service, color) === service)
}

const namesOf = (objects: readonly ClusterObject[]): string => objects.map(nameOf).join(', ')

const unclear = (why: string): LiveTraffic => ({ kind: 'unclear', why })

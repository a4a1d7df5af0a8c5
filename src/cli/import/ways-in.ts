import type { IngressRule } from '../../model/service-spec.ts'
import { ALB_PREFIX, CLASS_ANNOTATION, ingressRules } from './ingress-rules.ts'
import { type NotExpressed, ofObject } from './not-expressed.ts'
import { routeRules } from './route-rules.ts'
import type { FoundRule } from './rule-place.ts'
import type { HttpRoute, Ingress } from './shapes.ts'

/** How users of the namespace come in, in the words of the environment. */
export interface WaysIn {
  readonly kubernetes: {
    readonly switch: 'service' | 'ingress' | 'gateway'
    readonly ingressClass?: string
    readonly gateway?: string
  }
  readonly loadBalancer: { readonly internal?: boolean; readonly group?: string }
  readonly certificate: string | undefined
  /** By the name of the Service. */
  readonly rules: ReadonlyMap<string, readonly IngressRule[]>
  readonly notExpressed: readonly NotExpressed[]
}

/** One way in for the whole environment: the one with more rules; the others are told. */
export function waysIn(ingresses: readonly Ingress[], routes: readonly HttpRoute[]): WaysIn {
  const byIngress = ingresses.map(ingress => ({ ingress, ...ingressRules(ingress) }))
  const byRoute = routes.map(route => ({ route, ...routeRules(route) }))
  const counts = [byIngress, byRoute].map(each => each.flatMap(({ rules }) => rules).length)
  const gateway = (counts[1] ?? 0) > (counts[0] ?? 0)
  const way = gateway ? 'gateway' : (counts[0] ?? 0) > 0 ? 'ingress' : 'service'
  const used = gateway ? byRoute : byIngress
  const ignored = gateway ? ingresses.map(nameOf('Ingress')) : routes.map(nameOf('HTTPRoute'))
  const classes = gateway ? [] : ingresses.flatMap(each => named(classOf(each), each))
  const gateways = gateway ? routes.flatMap(each => named(gatewayOf(each), each)) : []
  const [ingressClass, gatewayName] = [classes, gateways].map(all => mostOf(all.map(({ name }) => name)))
  return {
    kubernetes: {
      switch: way,
      ...(ingressClass === undefined ? {} : { ingressClass }),
      ...(gatewayName === undefined ? {} : { gateway: gatewayName }),
    },
    ...(gateway || ingressClass !== 'alb' ? NO_BALANCER : balancerOf(ingresses)),
    rules: merged(used.flatMap(({ rules }) => rules)),
    notExpressed: [
      ...(gateway
        ? []
        : byIngress.flatMap(({ ingress, missing }) => ofObject(`Ingress ${ingress.metadata.name}`, missing))),
      ...(gateway
        ? byRoute.flatMap(({ route, missing }) => ofObject(`HTTPRoute ${route.metadata.name}`, missing))
        : []),
      ...ignored.map(otherWay(way)),
      ...severalOf('ingress class', classes),
      ...severalOf('Gateway', gateways),
    ],
  }
}

const NO_BALANCER = { loadBalancer: {}, certificate: undefined }

const nameOf =
  (kind: string) =>
  ({ metadata }: Ingress | HttpRoute): string =>
    `${kind} ${metadata.name}`

const otherWay =
  (way: string) =>
  (object: string): NotExpressed => ({
    object,
    field: '',
    why: `users of the environment come in by ${way === 'gateway' ? 'HTTPRoutes' : 'Ingresses'}, and the blueprint has one way for all`,
    advice: 'it goes on leading to the Service; write its rules under `ingress` before you remove it',
  })

interface NamedBy {
  readonly name: string
  readonly object: string
}

const named = (name: string | undefined, object: Ingress | HttpRoute): readonly NamedBy[] =>
  name === undefined
    ? []
    : [{ name, object: nameOf('hostnames' in object.spec ? 'HTTPRoute' : 'Ingress')(object) }]

function severalOf(what: string, given: readonly NamedBy[]): readonly NotExpressed[] {
  const most = mostOf(given.map(({ name }) => name)) ?? ''
  return given
    .filter(({ name }) => name !== most)
    .map(({ name, object }) => ({
      object,
      field: what,
      why: `has the ${what} ${name}, and the environment has one: ${most}`,
      advice: 'it goes on leading to the Service; keep it, or move its hosts',
    }))
}

/** What most have; the first of several. */
function mostOf(values: readonly string[]): string | undefined {
  const counted = [...Map.groupBy(values, each => each)].map(([value, all]) => ({ value, count: all.length }))
  return counted.toSorted((a, b) => b.count - a.count)[0]?.value
}

function merged(rules: readonly FoundRule[]): ReadonlyMap<string, readonly IngressRule[]> {
  const unique = new Map(rules.map(rule => [`${rule.host ?? ''}${rule.path}`, rule]))
  return new Map(
    [...Map.groupBy(unique.values(), ({ service }) => service)].map(([service, own]) => [
      service,
      own.map(({ host, path }) => (host === undefined ? { path } : { host, path })),
    ]),
  )
}

const classOf = ({ metadata, spec }: Ingress): string | undefined =>
  spec.ingressClassName ?? metadata.annotations[CLASS_ANNOTATION]

/** What Ingresses of one environment say together of their load balancer. */
function balancerOf(ingresses: readonly Ingress[]): Pick<WaysIn, 'loadBalancer' | 'certificate'> {
  const said = (name: string) =>
    mostOf(ingresses.flatMap(({ metadata }) => metadata.annotations[`${ALB_PREFIX}${name}`] ?? []))
  const group = said('group.name')
  return {
    loadBalancer: {
      ...(said('scheme') === 'internet-facing' ? {} : { internal: true }),
      ...(group === undefined ? {} : { group }),
    },
    certificate: said('certificate-arn')?.split(',')[0]?.trim(),
  }
}

function gatewayOf({ spec }: HttpRoute): string | undefined {
  const parent = spec.parentRefs.find(({ kind }) => kind === 'Gateway')
  if (parent === undefined) return undefined
  return parent.namespace === undefined ? parent.name : `${parent.namespace}/${parent.name}`
}

import type { ClusterObject } from '../../../targets/kubernetes/api/cluster-object.ts'
import { type DemoCluster, SETUP_KINDS } from './demo-cluster.ts'
import { originOf } from './origin.ts'

/** How users come into the cluster. */
export interface WayIn {
  /** For people: `Gateway infra/public`. */
  readonly name: string
  /** Of the blueprint's `kubernetes`. */
  readonly settings:
    | { readonly switch: 'gateway'; readonly gateway: string }
    | { readonly switch: 'ingress'; readonly ingressClass: string }
  /** Whether users can be shared between two colors. */
  readonly sharesUsers: boolean
  /** Names below it reach this way in. */
  readonly domain: string
  /** Where users reach it, if that is known before anything is routed there. */
  readonly origin: string | undefined
}

export interface WantedWay {
  /** `namespace/name`. */
  readonly gateway: string | undefined
  readonly ingressClass: string | undefined
}

export type FoundWay =
  | { readonly kind: 'found'; readonly way: WayIn }
  | { readonly kind: 'none'; readonly problem: string }

const none = (problem: string): FoundWay => ({ kind: 'none', problem })

/** The way in that was named, or the only one that the cluster has: a Gateway before an IngressClass, for it has weights. */
export async function findWayIn(
  cluster: DemoCluster,
  { gateway, ingressClass }: WantedWay,
  signal: AbortSignal,
): Promise<FoundWay> {
  if (gateway !== undefined && ingressClass !== undefined)
    return none('--gateway and --ingress-class: users come in by one of them; leave the other out')
  if (ingressClass === undefined) {
    const gateways = (await cluster.list(SETUP_KINDS.gateway, signal)) as readonly Gateway[]
    if (gateway !== undefined) return namedGateway(cluster, gateways, gateway)
    const open = gateways.filter(each => openListener(each) !== undefined)
    if (open.length > 1)
      return none(`--gateway: there are several, choose one: ${open.map(fullName).join(', ')}`)
    if (open[0] !== undefined) return { kind: 'found', way: throughGateway(open[0]) }
  }
  const classes = await cluster.list(SETUP_KINDS.ingressClass, signal)
  return throughIngress(cluster, classes.map(nameOf), ingressClass)
}

interface Listener {
  readonly name: string
  readonly protocol: string
  readonly port: number
  readonly hostname?: string
  readonly allowedRoutes?: { readonly namespaces?: { readonly from?: string } }
}

interface Gateway extends ClusterObject {
  readonly spec: { readonly listeners: readonly Listener[] }
  readonly status?: { readonly addresses?: readonly { readonly value: string }[] }
}

const nameOf = ({ metadata }: ClusterObject): string => metadata.name
const fullName = ({ metadata }: ClusterObject): string => `${metadata.namespace}/${metadata.name}`

function namedGateway(
  { name: cluster }: DemoCluster,
  gateways: readonly Gateway[],
  wanted: string,
): FoundWay {
  const found = gateways.find(each => fullName(each) === wanted)
  if (found === undefined) {
    const known = gateways.map(fullName).join(', ')
    return none(`--gateway: ${cluster} has no Gateway ${wanted}; it has ${known === '' ? 'none' : known}`)
  }
  if (openListener(found) !== undefined) return { kind: 'found', way: throughGateway(found) }
  return none(
    `--gateway: no listener of ${wanted} takes the demo’s routes; it needs one with protocol HTTP, allowedRoutes from All namespaces, and no host name or one like *.example.com`,
  )
}

/** Takes routes of namespaces that nobody knows yet, for three names that nobody else has. */
function openListener({ spec }: Gateway): Listener | undefined {
  return spec.listeners.find(
    ({ protocol, hostname, allowedRoutes }) =>
      protocol === 'HTTP' &&
      allowedRoutes?.namespaces?.from === 'All' &&
      (hostname === undefined || hostname.startsWith('*.')),
  )
}

/** Nobody else has names below it, and browsers take them for this machine (RFC 6761). */
const OWN_DOMAIN = 'localhost'

function throughGateway(gateway: Gateway): WayIn {
  const listener = openListener(gateway)
  const address = gateway.status?.addresses?.[0]?.value
  return {
    name: `Gateway ${fullName(gateway)}`,
    settings: { switch: 'gateway', gateway: fullName(gateway) },
    sharesUsers: true,
    domain: listener?.hostname?.slice('*.'.length) ?? OWN_DOMAIN,
    origin: address === undefined ? undefined : originOf(address, listener?.port),
  }
}

const INSTALL =
  'install a controller for Gateways or Ingresses and try again, such as Traefik: helm install traefik traefik --repo https://traefik.github.io/charts --namespace traefik --create-namespace'

function throughIngress({ name: cluster }: DemoCluster, known: readonly string[], wanted?: string): FoundWay {
  const [only] = known
  if (wanted !== undefined && !known.includes(wanted))
    return none(
      `--ingress-class: ${cluster} has no IngressClass ${wanted}; it has ${known.join(', ') || 'none'}`,
    )
  if (only === undefined)
    return none(
      `${cluster} has no way in: neither a Gateway that takes routes of all namespaces nor an IngressClass; ${INSTALL}`,
    )
  if (wanted === undefined && known.length > 1)
    return none(`--ingress-class: there are several, choose one: ${known.join(', ')}`)
  const ingressClass = wanted ?? only
  return {
    kind: 'found',
    way: {
      name: `IngressClass ${ingressClass}`,
      settings: { switch: 'ingress', ingressClass },
      sharesUsers: ingressClass === 'alb',
      domain: OWN_DOMAIN,
      origin: undefined,
    },
  }
}

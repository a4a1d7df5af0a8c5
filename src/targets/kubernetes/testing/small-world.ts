import { isDeepStrictEqual } from 'node:util'
import { COLORS, type Color, type Weights, weightsFor } from '../../../model/color.ts'
import type { Digest } from '../../../model/digest.ts'
import { serviceConfig } from '../../../render/kubernetes/config-maps.ts'
import { deployment } from '../../../render/kubernetes/deployment.ts'
import type { Turn } from '../../target.ts'
import { ledgerData, ledgerName } from '../ledger-object.ts'
import { retireSlot } from '../retire-slot.ts'
import { shiftUsers } from '../shift-users.ts'
import type { HttpRoute, LiveService } from '../switching/live-routes.ts'
import { switchFor } from '../switching/switch-for.ts'
import { closedView, plannedWeb, pod, shifted } from '../switching/testing/live-service.ts'
import { createTargetMemory } from '../target-memory.ts'
import type { TargetParts } from '../target-parts.ts'
import { smallCluster } from './small-cluster.ts'

const RELEASE: Digest = `sha256:${'1'.repeat(64)}`

/** `web` in prod behind a Gateway, with two ready instances of each color, and all users on one. */
export function smallWorld(serving: Color) {
  const web = plannedWeb({ kubernetes: 'switch: gateway, gateway: infra/public' })
  const { environment } = web
  const plan = { ...web.plan, release: { id: RELEASE, artifact: RELEASE } }
  const way = switchFor(environment.route)
  const cluster = smallCluster()
  const warnings: string[] = []
  const began = 1_800_000_000_000
  let at = began + 60_000
  /** Time goes on with every look at it. */
  const now = () => (at += 1000)
  const view = shifted(way, closedView(web), { plan, weights: weightsFor(serving, 100), now: began })
  for (const object of [...view.services.values(), ...view.routes])
    cluster.put(JSON.parse(JSON.stringify(object)))
  for (const color of COLORS) {
    const own = deployment(plan, { color, config: serviceConfig(plan), replicas: 2 })
    cluster.put(JSON.parse(JSON.stringify(own)))
    for (const name of [`${color}-1`, `${color}-2`]) {
      const { metadata, ...rest } = pod(color, name)
      cluster.put({ ...rest, metadata: { ...metadata, annotations: { 'sluice.dev/release': RELEASE } } })
    }
  }
  if (view.ledger?.move === undefined) throw new Error('nobody was sent anywhere')
  const { resourceVersion: _, ...content } = view.ledger
  const move = { ...view.ledger.move, newAt: began + 1000 }
  cluster.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: ledgerName('web'), labels: plan.labels },
    data: ledgerData({ ...content, move }),
  })
  const parts: TargetParts = {
    cluster,
    environment,
    way,
    readSecret: () => Promise.resolve(''),
    verifyImage: () => Promise.resolve(undefined),
    now,
    log: { warn: (facts, message) => void warnings.push(`${message} ${JSON.stringify(facts)}`) },
  }
  const memory = createTargetMemory(cluster, now)
  const service = { environment: environment.environment, service: 'web' }

  /** As the Gateway's controller and the one of EndpointSlices leave it. */
  const settle = () => {
    for (const route of cluster.all('HTTPRoute') as readonly HttpRoute[]) {
      const told = { status: 'True', observedGeneration: route.metadata.generation }
      const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({ type, ...told }))
      const parents = (route.spec?.parentRefs ?? []).map(parentRef => ({ parentRef, conditions }))
      // Whatever changes an object without need would hide that Sluice did not.
      if (!isDeepStrictEqual(route.status, { parents })) cluster.put({ ...route, status: { parents } })
    }
    for (const each of cluster.all('Service') as readonly LiveService[]) cluster.put(sliceOf(each))
  }
  const sliceOf = ({ metadata: { name }, spec }: LiveService) => {
    const selector = Object.entries(spec?.selector ?? {})
    const chosen = cluster
      .all('Pod')
      .filter(({ metadata }) => selector.every(([label, value]) => metadata.labels?.[label] === value))
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, labels: { ...plan.labels, 'kubernetes.io/service-name': name } },
      endpoints: chosen.map(({ metadata }) => ({
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: metadata.name, uid: metadata.uid },
      })),
    }
  }
  settle()
  cluster.after(settle)
  return {
    parts,
    cluster,
    warnings,
    service,
    memory,
    shift: (weights: Weights, turn: Turn) => shiftUsers(parts, { service, weights, turn }),
    retire: (color: Color, turn: Turn) => retireSlot(parts, memory, { slot: { ...service, color }, turn }),
    weights: () => {
      const { spec } = cluster.at('HTTPRoute', 'web') as HttpRoute
      return Object.fromEntries((spec?.rules?.[0]?.backendRefs ?? []).map(each => [each.name, each.weight]))
    },
  }
}

/** The act's number comes last: a later one overtakes. */
export const turnOf = (...fence: Turn['fence']): Turn => ({ fence, signal: AbortSignal.timeout(20_000) })

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { weightsFor } from '../../../model/color.ts'
import { actionAnnotation } from '../../../render/kubernetes/alb-annotations.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { ServiceView } from '../service-view.ts'
import { switchFor } from './switch-for.ts'
import { accepted, closedView, plannedWeb, shifted, withEndpoints } from './testing/live-service.ts'

/** More for a long search: FUZZ_RUNS=50000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2000)

const WAYS = [
  'switch: gateway, gateway: g',
  'switch: ingress',
  'ingressClass: nginx',
  'switch: service, ingressClass: nginx',
]
const ENDED = 3_600_000

const name = fc.constantFrom('web-blue', 'web-green', 'web', 'web-preview', 'shop')
const weight = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(undefined, 1, 33, 50, 100))
const backendRef = fc.record(
  { name, weight, kind: fc.constantFrom('Service', 'Gateway'), namespace: fc.constantFrom('shop', 'other') },
  { requiredKeys: ['name'] },
)
const target = fc.record(
  {
    serviceName: name,
    servicePort: fc.constant(80),
    weight: fc.oneof(weight, fc.constantFrom(-1, 0.5, '100', null)),
  },
  { requiredKeys: [] },
)
const action = fc.oneof(
  fc
    .array(target, { maxLength: 3 })
    .map(targetGroups => JSON.stringify({ type: 'forward', forwardConfig: { targetGroups } })),
  fc.json({ maxDepth: 3 }),
)

/** As somebody would write them who means to share users, below 0 by mistake in the annotation alone: the API server refuses that in a route. */
const pair = fc.integer({ min: -20, max: 120 }).map(blue => [
  { name: 'web-blue', weight: blue },
  { name: 'web-green', weight: 100 - blue },
])
const pairAction = pair.map(each => {
  const targetGroups = each.map(({ name: serviceName, weight: share }) => ({
    serviceName,
    servicePort: 80,
    weight: share,
  }))
  return JSON.stringify({ type: 'forward', forwardConfig: { targetGroups } })
})
const backendPair = pair.filter(each => each.every(({ weight: share }) => share >= 0))

type Edit = (view: ServiceView) => ServiceView

const ofRoutes =
  (change: (route: ClusterObject) => ClusterObject): Edit =>
  view => ({
    ...view,
    routes: view.routes.map(change),
  })

/** What people and other programs do to the objects by which users are sent. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .oneof(
      backendPair.map(each => [each]),
      fc.array(fc.array(backendRef, { maxLength: 3 }), { maxLength: 3 }),
    )
    .map(rules =>
      ofRoutes(route => ({
        ...route,
        spec: { ...Object(route['spec']), rules: rules.map(backendRefs => ({ backendRefs })) },
      })),
    ),
  fc.array(name, { maxLength: 3 }).map(names =>
    ofRoutes(route => ({
      ...route,
      spec: {
        rules: [
          {
            http: {
              paths: names.map(each => ({ backend: { service: { name: each, port: { name: 'http' } } } })),
            },
          },
        ],
      },
    })),
  ),
  fc.oneof(action, pairAction).map(written =>
    ofRoutes(route => ({
      ...route,
      metadata: {
        ...route.metadata,
        annotations: { ...route.metadata.annotations, [actionAnnotation('web')]: written },
      },
    })),
  ),
  fc.constantFrom('blue', 'green', 'red', undefined).map(
    (color): Edit =>
      view => {
        const stable = view.services.get('web')
        if (stable === undefined) return view
        const edited = { ...stable, spec: { selector: { 'sluice.dev/color': color } } }
        return withEndpoints({ ...view, services: new Map([...view.services, ['web', edited]]) })
      },
  ),
  fc.constant<Edit>(view => ({ ...view, routes: [] })),
  fc.constant<Edit>(view => ({ ...view, services: new Map() })),
  fc.constant<Edit>(view => ({ ...view, ledger: undefined })),
  fc.constant<Edit>(view => ({ ...view, routes: [...view.routes, ...view.routes.slice(0, 1)] })),
)

describe('whatever somebody else does to the objects', () => {
  it.each(WAYS)(
    'weights that are confirmed are whole, none is below 0, and they sum to 100 (%s)',
    kubernetes => {
      const web = plannedWeb({ kubernetes })
      const way = switchFor(web.environment.route)
      const start = accepted(
        shifted(way, closedView(web), { plan: web.plan, weights: weightsFor('green', 100), now: 0 }),
      )
      const shares = new Set<number>()
      const property = fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), edits => {
        const view = edits.reduce((before, each) => each(before), start)
        const traffic = way.read(accepted(view), ENDED)
        if (traffic.kind !== 'confirmed') return
        const { blue, green } = traffic.weights
        shares.add(blue)
        expect(blue + green).toBe(100)
        expect([blue, green].every(each => Number.isInteger(each) && each >= 0)).toBe(true)
      })
      fc.assert(property, { numRuns: RUNS })
      // Else nothing was tested.
      expect(shares.size).toBeGreaterThan(kubernetes.includes('nginx') ? 1 : 5)
    },
  )

  it.each(WAYS)('reading and beginning never fail (%s)', kubernetes => {
    const web = plannedWeb({ kubernetes })
    const way = switchFor(web.environment.route)
    const start = shifted(way, closedView(web), { plan: web.plan, weights: weightsFor('blue', 100), now: 0 })
    const property = fc.property(fc.array(edit, { maxLength: 4 }), edits => {
      const view = edits.reduce((before, each) => each(before), start)
      const move = way.begin(view, { weights: weightsFor('green', 100), fence: [1, 2, 1, 1], now: ENDED })
      expect(move.weights).toEqual({ blue: 0, green: 100 })
      const healed = shifted(way, view, { plan: web.plan, weights: move.weights, now: ENDED })
      expect(accepted(healed).routes.length + healed.services.size).toBeGreaterThan(0)
    })
    fc.assert(property, { numRuns: Math.ceil(RUNS / 10) })
  })
})

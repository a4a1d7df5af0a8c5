import { describe, expect, it } from 'vitest'
import { type Weights, weightsFor } from '../../../model/color.ts'
import type { ServiceView } from '../service-view.ts'
import type { HttpRoute } from './live-routes.ts'
import { switchFor } from './switch-for.ts'
import { accepted, applied, closedView, plannedWeb, shifted } from './testing/live-service.ts'
import { pursued } from './testing/pursued.ts'

const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)

function world(kubernetes: string, ingress: string) {
  const web = plannedWeb({ kubernetes, service: `ingress: ${ingress}` })
  const { plan } = web
  const way = switchFor(web.environment.route)
  const onBlue = accepted(shifted(way, closedView(web), { plan, weights: BLUE, now: 0 }))
  const withIngress = (rules: typeof plan.spec.ingress) => ({
    ...plan,
    spec: { ...plan.spec, ingress: rules },
  })
  const moved = async (view: ServiceView, rules: typeof plan.spec.ingress, weights: Weights = GREEN) => {
    const asked = accepted(shifted(way, view, { plan: withIngress(rules), weights, now: 10_000 }))
    return (await pursued(way, asked, 12_000, { list: () => [] })).view
  }
  return { plan, way, onBlue, moved, withIngress }
}

const GATEWAY = 'switch: gateway, gateway: infra/public'
const TWO = '[a.example.com, b.example.com/x]'
const A = { host: 'a.example.com', path: '/' }
const named = ({ routes }: ServiceView) => routes.map(({ metadata }) => metadata.name)
const isMarked = ({ routes }: ServiceView) =>
  routes.map(({ metadata }) => metadata.annotations?.['sluice.dev/left-over'] === 'true')

describe('a route that the release asks for no more', () => {
  it('sends its users where all others are, with its own rules', async () => {
    const { way, onBlue, moved } = world(GATEWAY, TWO)
    const after = await moved(onBlue, [A])
    expect(named(after)).toEqual(['web', 'web.2'])
    expect(isMarked(after)).toEqual([false, true])
    const spec = (after.routes as readonly HttpRoute[])[1]?.spec
    expect(spec).toMatchObject({
      hostnames: ['b.example.com'],
      rules: [
        {
          matches: [{ path: { value: '/x' } }],
          backendRefs: [
            { name: 'web-blue', weight: 0 },
            { name: 'web-green', weight: 100 },
          ],
        },
      ],
    })
    expect(way.read(after, 60_000)).toEqual({ kind: 'confirmed', weights: GREEN })
  })

  it.each([GATEWAY, 'switch: ingress', 'ingressClass: nginx', 'switch: service, ingressClass: nginx'])(
    'sends them even where the release is called by others alone (%s)',
    async kubernetes => {
      const { way, onBlue, moved } = world(kubernetes, 'true')
      const after = await moved(onBlue, [])
      expect(isMarked(after)).toEqual([true])
      expect(way.read(after, 60_000)).toMatchObject({ weights: GREEN })
      expect(JSON.stringify(after.routes[0])).toContain(
        kubernetes.includes('service') ? '"web"' : 'web-green',
      )
    },
  )

  it('may be deleted when its users have moved: the service goes on by its Service', async () => {
    const { way, onBlue, moved } = world(GATEWAY, 'true')
    const after = await moved(onBlue, [])
    expect(way.read({ ...after, routes: [] }, 60_000)).toMatchObject({ kind: 'confirmed', weights: GREEN })
  })

  it('is the release’s own again after a rollback', async () => {
    const { plan, way, onBlue, moved } = world(GATEWAY, TWO)
    const back = accepted(applied(way, await moved(onBlue, [A]), { plan, weights: BLUE }))
    expect(isMarked(back)).toEqual([false, false])
    expect(way.read(back, 60_000)).toEqual({ kind: 'confirmed', weights: BLUE })
  })

  it('is waited for where its Gateway has it, and not where no Gateway takes it any more', async () => {
    const { way, onBlue, moved } = world(GATEWAY, TWO)
    const after = await moved(onBlue, [A])
    const [first, left] = after.routes as readonly HttpRoute[]
    if (first === undefined || left === undefined) throw new Error('there are no two routes')
    const withStatus = (status: string, observedGeneration: number) => {
      const parents = left.status?.parents?.map(parent => ({
        ...parent,
        conditions: parent.conditions?.map(each => ({ ...each, status, observedGeneration })),
      }))
      return way.read({ ...after, routes: [first, { ...left, status: { parents } }] }, 60_000)
    }
    expect(withStatus('True', 1)).toMatchObject({
      waitsFor: 'HTTPRoute web.2: Gateway infra/public has not taken its present state over yet',
    })
    expect(withStatus('False', 2)).toEqual({ kind: 'confirmed', weights: GREEN })
  })

  it('is left alone where Sluice did not make it, and in the rules that somebody gave to another Service', async () => {
    const { way, onBlue, withIngress } = world(GATEWAY, TWO)
    const relabeled = onBlue.routes.map(route => ({
      ...route,
      metadata: { ...route.metadata, labels: { 'app.kubernetes.io/name': 'web' } },
    }))
    const objects = (view: ServiceView) =>
      way.objects(withIngress([A]), GREEN, view).filter(({ kind }) => kind === 'HTTPRoute')
    expect(objects({ ...onBlue, routes: relabeled })).toHaveLength(1)
    const rules = [{ backendRefs: [{ name: 'shop' }] }]
    const given = onBlue.routes.map((route: HttpRoute, index) =>
      index === 0 ? route : { ...route, spec: { ...route.spec, rules } },
    )
    const view = { ...onBlue, routes: given }
    expect((objects(view)[1] as HttpRoute | undefined)?.spec?.rules).toEqual(rules)
    const after = accepted(applied(way, view, { plan: withIngress([A]), weights: GREEN }))
    expect(way.read(after, 60_000)).toEqual({ kind: 'confirmed', weights: GREEN })
  })
})

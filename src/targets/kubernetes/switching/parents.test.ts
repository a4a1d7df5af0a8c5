import { describe, expect, it } from 'vitest'
import { type Weights, weightsFor } from '../../../model/color.ts'
import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import { ObjectChanged } from '../api/cluster.ts'
import type { ServiceView } from '../service-view.ts'
import type { HttpRoute } from './live-routes.ts'
import { switchFor } from './switch-for.ts'
import { accepted, applied, closedView, live, plannedWeb, shifted } from './testing/live-service.ts'
import { pursued, stubCluster } from './testing/pursued.ts'

const web = plannedWeb({ kubernetes: 'switch: gateway, gateway: infra/public' })
const { plan, environment } = web
const way = switchFor(environment.route)
const renamed = switchFor({ ...environment.route, gateway: 'infra/pubilc' })
const BLUE = weightsFor('blue', 100)
const SOME = weightsFor('green', 5)

const onBlue = () => accepted(shifted(way, closedView(web), { plan, weights: BLUE, now: 0 }))

const parentsOf = (routes: readonly KubernetesObject[]) =>
  (routes as readonly HttpRoute[]).flatMap(({ spec }) => (spec?.parentRefs ?? []).map(({ name }) => name))

const told = (name: string, o: { status?: string; generation?: number } = {}) => ({
  parentRef: { namespace: 'infra', name },
  conditions: ['Accepted', 'ResolvedRefs'].map(type => ({
    type,
    status: o.status ?? 'True',
    observedGeneration: o.generation ?? 1,
  })),
})

/** What keeps users from being sent so, and the routes that were attached meanwhile. */
async function asked(
  view: ServiceView,
  weights: Weights,
  o: { readonly by?: typeof way; readonly rollout?: number; readonly fails?: Error } = {},
) {
  const by = o.by ?? renamed
  const attached: KubernetesObject[] = []
  const cluster = {
    ...stubCluster(view),
    apply: (object: KubernetesObject) => {
      attached.push(object)
      return o.fails === undefined ? Promise.resolve(live(object)) : Promise.reject(o.fails)
    },
  }
  const move = by.begin(view, { weights, fence: [1, o.rollout ?? 2, 1, 1], now: 10_000 })
  const obstacles = await by.obstacles({ cluster, view, move, signal: AbortSignal.timeout(10_000) })
  return { obstacles, attached }
}

/** After the routes were attached to both Gateways: the one that is new has said nothing, or what is given. */
async function attachedTo(parents: readonly object[] = [told('public')]): Promise<ServiceView> {
  const view = onBlue()
  const { attached } = await asked(view, SOME)
  return { ...view, routes: attached.map(object => ({ ...live(object), status: { parents } })) }
}

const WORDS =
  'HTTPRoute web: no controller has answered for Gateway infra/pubilc yet, and users still come in by infra/public; ' +
  'correct `kubernetes.gateway`, or let Gateway infra/pubilc take the route'

describe('a Gateway of another name', () => {
  it('is asked to take the route as it is, beside the one by which users come in, before anybody is moved', async () => {
    const { obstacles, attached } = await asked(onBlue(), SOME)
    expect(obstacles).toEqual([WORDS])
    expect(parentsOf(attached)).toEqual(['public', 'pubilc'])
    expect((attached[0] as HttpRoute | undefined)?.spec?.rules).toEqual(
      (onBlue().routes[0] as HttpRoute).spec?.rules,
    )
  })

  it('is asked once, and looked at again where somebody else changed the route meanwhile', async () => {
    expect(await asked(await attachedTo(), SOME)).toEqual({ obstacles: [WORDS], attached: [] })
    const fails = new ObjectChanged('HTTPRoute web has changed')
    expect((await asked(onBlue(), SOME, { fails })).obstacles).toEqual([WORDS])
  })

  it('tells in its own words why it does not take the route', async () => {
    const refused = await attachedTo([told('public'), told('pubilc', { status: 'False' })])
    expect((await asked(refused, SOME)).obstacles).toEqual([
      expect.stringContaining('Gateway infra/pubilc tells Accepted False'),
    ])
  })

  it('takes users over once it has accepted the route; then the other one is dropped', async () => {
    const both = await attachedTo([told('public'), told('pubilc')])
    expect((await asked(both, SOME)).obstacles).toEqual([])
    expect(parentsOf(applied(renamed, both, { plan, weights: SOME }).routes)).toEqual(['pubilc'])
  })

  it('leaves users where they come in whatever is applied, and what they have counts', async () => {
    const view = await attachedTo()
    const again = applied(renamed, view, { plan, weights: SOME })
    expect(parentsOf(again.routes)).toEqual(['public', 'pubilc'])
    const { view: seen } = await pursued(renamed, view, 20_000)
    expect(renamed.read(seen, 60_000)).toEqual({ kind: 'confirmed', weights: BLUE })
    expect(renamed.read(again, 60_000)).toMatchObject({
      waitsFor: 'HTTPRoute web: Gateway infra/public has not taken its present state over yet',
    })
  })

  it('is not waited for on the way back', async () => {
    const some = accepted(shifted(way, onBlue(), { plan, weights: SOME, now: 10_000, rollout: 2 }))
    expect(await asked(some, BLUE)).toEqual({ obstacles: [], attached: [] })
    const back = applied(renamed, some, { plan, weights: BLUE })
    expect(parentsOf(back.routes)).toEqual(['public', 'pubilc'])
    const routes = back.routes.map(route => ({
      ...route,
      status: { parents: [told('public', { generation: route.metadata.generation ?? 0 })] },
    }))
    expect(renamed.read({ ...back, routes }, 60_000)).toEqual({ kind: 'confirmed', weights: BLUE })
  })

  it('does not take a Gateway away that has said nothing yet, and takes one away that refuses the route', () => {
    const [route] = onBlue().routes
    if (route === undefined) throw new Error('there is no route')
    const parents = (status?: string) => {
      const from = status === undefined ? [] : [told('public', { status })]
      const view = { ...onBlue(), routes: [{ ...route, status: { parents: from } }] }
      return parentsOf(applied(renamed, view, { plan, weights: SOME }).routes)
    }
    expect(parents()).toEqual(['public', 'pubilc'])
    expect(parents('False')).toEqual(['pubilc'])
  })

  it('is not waited for where nobody is moved', async () => {
    expect(await asked(onBlue(), BLUE)).toEqual({ obstacles: [], attached: [] })
  })
})

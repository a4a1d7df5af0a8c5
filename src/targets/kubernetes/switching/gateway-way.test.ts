import { describe, expect, it } from 'vitest'
import { type Weights, weightsFor } from '../../../model/color.ts'
import type { ServiceView } from '../service-view.ts'
import type { HttpRoute } from './live-routes.ts'
import { switchFor } from './switch-for.ts'
import {
  accepted,
  applied,
  closedView,
  plannedWeb,
  shifted,
  type ToldCondition,
  withConditions,
} from './testing/live-service.ts'
import { pursued } from './testing/pursued.ts'

const web = plannedWeb({ kubernetes: 'switch: gateway, gateway: infra/public' })
const { plan, environment } = web
const way = switchFor(environment.route)
const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)

/** Users on blue since long ago. */
async function onBlue(): Promise<ServiceView> {
  return await seen(accepted(shifted(way, closedView(web), { plan, weights: BLUE, now: 0 })), 1000)
}

const seen = async (view: ServiceView, now: number): Promise<ServiceView> =>
  (await pursued(way, view, now)).view

const moveTo = async (weights: Weights): Promise<ServiceView> =>
  shifted(way, await onBlue(), { plan, weights, now: 10_000 })

describe('the weights of an HTTPRoute', () => {
  it('are none before users were sent anywhere', () => {
    expect(way.read(closedView(web), 0)).toEqual({ kind: 'closed' })
  })

  it('count once the Gateway has taken over what the route says now, and its proxies had a moment', async () => {
    const asked = await moveTo(weightsFor('green', 20))
    expect(way.read(asked, 10_000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'HTTPRoute web: Gateway infra/public has not taken its present state over yet',
    })
    const taken = await seen(accepted(asked), 10_100)
    expect(way.read(taken, 11_000).kind).toBe('unconfirmed')
    expect(way.read(taken, 11_100)).toEqual({ kind: 'confirmed', weights: { blue: 80, green: 20 } })
  })

  it('count later where the Gateway was slow to take them over', async () => {
    const taken = await seen(accepted(await moveTo(GREEN)), 11_000)
    expect(way.read(taken, 12_900).kind).toBe('unconfirmed')
    expect(way.read(taken, 13_000).kind).toBe('confirmed')
    const late = await seen(accepted(await moveTo(GREEN)), 30_000)
    expect(way.read(late, 34_000).kind).toBe('confirmed')
  })

  it('count where a clock that is ahead of this one noted when the Gateway took them over', async () => {
    const taken = await seen(accepted(await moveTo(GREEN)), 3_600_000)
    expect(way.read(taken, 20_000)).toEqual({ kind: 'confirmed', weights: GREEN })
  })

  it('do not count where no controller answers for the Gateway', async () => {
    const asked = shifted(way, closedView(web), { plan, weights: BLUE, now: 0 })
    expect(way.read(asked, 60_000)).toEqual({
      kind: 'unconfirmed',
      weights: BLUE,
      waitsFor: 'HTTPRoute web: no controller has answered for Gateway infra/public yet',
    })
  })

  it.each<[string, ToldCondition, string]>([
    [
      'refuses the route',
      { type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners', message: 'no listener takes it' },
      'tells Accepted False, NotAllowedByListeners: no listener takes it',
    ],
    [
      'does not find a Service',
      { type: 'ResolvedRefs', status: 'False', reason: 'BackendNotFound', message: 'web-green not found' },
      'tells ResolvedRefs False, BackendNotFound: web-green not found',
    ],
  ])('do not count where the Gateway %s, in its own words', async (_, condition, said) => {
    const others = ['Accepted', 'ResolvedRefs']
      .filter(type => type !== condition.type)
      .map(type => ({ type, status: 'True' }))
    const told = withConditions(await moveTo(GREEN), [condition, ...others])
    expect(way.read(told, 60_000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: `HTTPRoute web: Gateway infra/public ${said}`,
    })
  })

  it('have to be those of every route of the service', async () => {
    const hosts = 'ingress: [a.example.com, b.example.com/x]'
    const two = plannedWeb({ kubernetes: 'switch: gateway, gateway: public', service: hosts })
    const view = accepted(shifted(way, closedView(two), { plan: two.plan, weights: BLUE, now: 0 }))
    expect(view.routes.map(({ metadata }) => metadata.name)).toEqual(['web', 'web.2'])
    const moved = applied(way, view, { plan: two.plan, weights: GREEN })
    const halfMoved = {
      ...moved,
      routes: moved.routes.map((route, index) => (index === 0 ? route : (view.routes[1] ?? route))),
    }
    expect(way.read(accepted(halfMoved), 60_000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'some users have blue 0 %, green 100 %, and others blue 100 %, green 0 %',
    })
  })

  it('are told as they are where somebody else set them', async () => {
    const edited = accepted(applied(way, await onBlue(), { plan, weights: weightsFor('green', 30) }))
    expect(way.read(edited, 60_000)).toEqual({ kind: 'confirmed', weights: { blue: 70, green: 30 } })
  })

  it.each<[string, readonly object[], object]>([
    [
      'what parts come to',
      [ref('web-blue', 1), ref('web-green', 3)],
      { kind: 'confirmed', weights: { blue: 25, green: 75 } },
    ],
    ['one color alone', [ref('web-blue')], { kind: 'confirmed', weights: BLUE }],
    [
      'no whole percents',
      [ref('web-blue', 1), ref('web-green', 2)],
      { kind: 'unconfirmed', waitsFor: 'HTTPRoute web has the weights 1 and 2, which are no whole percents' },
    ],
    [
      'nobody',
      [ref('web-blue', 0), ref('web-green', 0)],
      { kind: 'unconfirmed', waitsFor: 'HTTPRoute web sends users to nobody: every weight is 0' },
    ],
    [
      'somebody else',
      [ref('web-blue', 50), ref('shop', 50)],
      {
        kind: 'unconfirmed',
        waitsFor: 'HTTPRoute web sends users to Service shop, which is none of the two colors',
      },
    ],
    [
      'another namespace',
      [{ ...ref('web-blue'), namespace: 'other' }],
      { kind: 'unconfirmed', waitsFor: 'HTTPRoute web sends users to Service web-blue' },
    ],
    ['nothing', [], { kind: 'unconfirmed', waitsFor: 'HTTPRoute web sends users to no Service' }],
  ])('tell %s where somebody edited the backends', async (_, backendRefs, told) => {
    const view = await onBlue()
    const routes = view.routes.map((route: HttpRoute) => ({
      ...route,
      spec: { ...route.spec, rules: [{ backendRefs }] },
    }))
    expect(way.read(accepted({ ...view, routes }), 60_000)).toMatchObject(told)
  })

  it('move those inside of the cluster, the preview and the autoscaler with the last users only', async () => {
    const scaled = plannedWeb({
      kubernetes: 'switch: gateway, gateway: infra/public',
      service: 'ingress: true, scaling: true',
    })
    const selected = (view: ServiceView, weights: Weights) => {
      const objects = way.objects({ ...scaled.plan, active: 'green' }, weights, view)
      const stable = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'web')
      const preview = objects.find(({ metadata }) => metadata.name === 'web-preview')
      const scaler = objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler')
      return JSON.stringify([stable?.['spec'], preview?.['spec'], scaler?.['spec']]).match(
        /"web-blue"|"web-green"|"blue"|"green"|"Disabled"/g,
      )
    }
    const view = await onBlue()
    expect(selected(view, weightsFor('green', 95))).toEqual(['"blue"', '"green"', '"web-blue"', '"Disabled"'])
    expect(selected(view, GREEN)).toEqual(['"green"', '"blue"', '"web-green"'])
  })

  it('do not count while those inside of the cluster are elsewhere', async () => {
    const all = accepted(await moveTo(GREEN))
    const stable = (await onBlue()).services.get('web')
    if (stable === undefined) throw new Error('there is no Service web')
    const split = { ...all, services: new Map([...all.services, ['web', stable] as const]) }
    expect(way.read(split, 60_000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'Service web does not select green, which has all users',
    })
  })
})

function ref(name: string, weight?: number): object {
  return { group: '', kind: 'Service', name, port: 80, ...(weight === undefined ? {} : { weight }) }
}

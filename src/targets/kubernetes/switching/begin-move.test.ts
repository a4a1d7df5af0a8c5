import { describe, expect, it } from 'vitest'
import { type Weights, weightsFor } from '../../../model/color.ts'
import type { ServiceView } from '../service-view.ts'
import { instancesNeeded, instancesServing } from './capacity.ts'
import { switchFor } from './switch-for.ts'
import { applied, closedView, deploymentOf, live, plannedWeb, pod, shifted } from './testing/live-service.ts'
import { pursued, stubCluster } from './testing/pursued.ts'

const web = plannedWeb({ kubernetes: 'switch: gateway, gateway: g', service: 'ingress: true, scaling: true' })
const { plan, environment } = web
const way = switchFor(environment.route)
const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)

const onBlue = () => shifted(way, closedView(web), { plan, weights: BLUE, now: 0, rollout: 1 })
const move = (
  view: ServiceView,
  weights: Weights,
  o: { rollout?: number; epoch?: number; now?: number } = {},
) => shifted(way, view, { plan, weights, now: o.now ?? 1000, rollout: o.rollout ?? 2, epoch: o.epoch ?? 1 })
const isBack = (view: ServiceView) => view.ledger?.move?.isBack === true

describe('a move', () => {
  it('leaves nobody behind when it opens the service', () => {
    expect(onBlue().ledger?.move).toEqual({ weights: BLUE, epoch: 1, rollout: 1, at: 0 })
  })

  it('knows where users were and which instances they leave', () => {
    expect(move(onBlue(), GREEN).ledger?.move).toEqual({
      weights: GREEN,
      before: BLUE,
      epoch: 1,
      rollout: 2,
      at: 1000,
      left: ['blue-1', 'blue-2'],
    })
  })

  it('goes on when it is asked for again', () => {
    const first = move(onBlue(), GREEN)
    const grown = { ...first, pods: [...first.pods, pod('blue', 'blue-3')] }
    expect(move(grown, GREEN, { now: 9000 }).ledger?.move).toEqual(first.ledger?.move)
  })

  it('begins again where its objects were never applied, or somebody else changed them', () => {
    const first = move(onBlue(), GREEN)
    const edited = {
      ...applied(way, first, { plan, weights: weightsFor('green', 50) }),
      ledger: first.ledger,
    }
    expect(move(edited, GREEN, { now: 9000 }).ledger?.move).toMatchObject({ at: 9000, before: BLUE })
  })

  it('is a way back when the same rollout had sent users the other way, in as many steps as it likes', () => {
    const some = move(onBlue(), weightsFor('green', 20))
    const all = move(some, GREEN)
    expect([some, all].map(isBack)).toEqual([false, false])
    const half = move(all, weightsFor('green', 50))
    const back = move(half, BLUE)
    expect([half, back].map(isBack)).toEqual([true, true])
    expect(isBack(move(back, GREEN))).toBe(false)
    expect(isBack(move(all, BLUE, { rollout: 3 }))).toBe(false)
  })

  it('is no way back where another store counts its rollouts anew and comes to the same number', () => {
    const all = move(onBlue(), GREEN)
    expect(isBack(move(all, BLUE, { epoch: 2 }))).toBe(false)
    expect(isBack(move(all, BLUE))).toBe(true)
  })
})

describe('an autoscaler', () => {
  const grown = (view: ServiceView): ServiceView => ({
    ...view,
    deployments: { ...view.deployments, blue: deploymentOf('blue', 5) },
  })
  const begun = (view: ServiceView, weights: Weights) =>
    way.begin(view, { weights, fence: [1, 2, 1, 1], now: 1000 })

  it('has the new color get as many instances as users have now, before it gets all of them', async () => {
    const view = grown(onBlue())
    const asked = begun(view, GREEN)
    expect(instancesNeeded(view, asked)).toEqual({ color: 'green', count: 5 })
    expect(instancesNeeded(view, begun(view, weightsFor('green', 20)))).toBeUndefined()
    const signal = AbortSignal.timeout(10_000)
    const obstacles = async (of: typeof asked) =>
      await way.obstacles({ cluster: stubCluster(view), view, move: of, signal })
    expect(await obstacles(asked)).toEqual(['green has 2 of the 5 instances that serve users now'])
    expect(await obstacles({ ...asked, isBack: true })).toEqual([])
  })

  it('has nobody taken away from a color that has more', () => {
    const view = onBlue()
    const more = { ...view, deployments: { ...view.deployments, green: deploymentOf('green', 9) } }
    expect(instancesNeeded(more, begun(more, GREEN))).toBeUndefined()
    expect(instancesServing(more, begun(more, GREEN))).toEqual({ color: 'green', count: 2 })
  })

  it('follows whoever scales on with the color that has all users', () => {
    const all = move(onBlue(), GREEN)
    expect(all.autoscaler?.['spec']).toMatchObject({ scaleTargetRef: { name: 'web-green' } })
    const some = move(onBlue(), weightsFor('green', 95))
    expect(some.autoscaler?.['spec']).toMatchObject({
      scaleTargetRef: { name: 'web-blue' },
      behavior: { scaleDown: { selectPolicy: 'Disabled' } },
    })
  })

  it('is removed where the release with all users scales no more: it would scale the one that stands by', async () => {
    const fixed = plannedWeb({ kubernetes: 'switch: gateway, gateway: g' })
    const moved = shifted(way, onBlue(), { plan: fixed.plan, weights: GREEN, now: 0 })
    expect((await pursued(way, moved, 1000)).acts).toEqual(['remove HorizontalPodAutoscaler web'])
    expect((await pursued(way, move(onBlue(), GREEN), 1000)).acts).toEqual([])
  })
})

describe('a service that is replaced in place', () => {
  it('has all users on the color that its Service selects, and nobody is asked to leave', async () => {
    const service = 'ingress: true, rollout: { strategy: rolling }'
    const rolling = plannedWeb({ kubernetes: 'switch: ingress, ingressClass: nginx', service })
    const by = switchFor(rolling.environment.route)
    const closed = { ...closedView(rolling), services: new Map() }
    const open = applied(by, closed, { plan: rolling.plan, weights: BLUE })
    expect([...open.services.keys()]).toEqual(['web'])
    expect(by.read(open, 0)).toEqual({ kind: 'confirmed', weights: BLUE })
    expect((await pursued(by, open, 60_000)).acts).toEqual([])
  })

  it('is understood while it changes over to colors with weights', () => {
    const route = plannedWeb({
      kubernetes: 'switch: gateway, gateway: g',
      service: 'ingress: true, rollout: { strategy: rolling }',
    })
    const before = applied(way, closedView(web), { plan: route.plan, weights: BLUE })
    const told = { ...before, routes: before.routes.map(each => live({ ...each, status: ACCEPTED })) }
    expect(way.read(told, 0)).toEqual({ kind: 'confirmed', weights: BLUE })
    expect(move(told, weightsFor('green', 20)).ledger?.move).toMatchObject({ before: BLUE })
  })
})

const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({ type, status: 'True', observedGeneration: 1 }))
const ACCEPTED = { parents: [{ parentRef: { name: 'g' }, conditions }] }

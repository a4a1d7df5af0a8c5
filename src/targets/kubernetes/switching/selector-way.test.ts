import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { weightsFor } from '../../../model/color.ts'
import type { ServiceView } from '../service-view.ts'
import { REPLACED_ANNOTATION } from './replace-gently.ts'
import { switchFor } from './switch-for.ts'
import { closedView, deploymentOf, plannedWeb, pod, shifted, withEndpoints } from './testing/live-service.ts'
import { type Answers, pursued } from './testing/pursued.ts'

const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)
const web = plannedWeb({ kubernetes: 'switch: service, ingressClass: nginx' })
const { plan, environment } = web
const way = switchFor(environment.route)

/** Pursues until nothing new is learnt, at the moment given. */
async function settled(view: ServiceView, now: number, o: { answers?: Answers; by?: typeof way } = {}) {
  const acts: string[] = []
  let seen = view
  for (;;) {
    const next = await pursued(o.by ?? way, seen, now, o.answers)
    acts.push(...next.acts)
    if (JSON.stringify(next.view.ledger) === JSON.stringify(seen.ledger)) return { view: seen, acts }
    seen = next.view
  }
}

async function onBlue(): Promise<ServiceView> {
  const opened = shifted(way, closedView(web), { plan, weights: BLUE, now: 0 })
  const { view } = await settled((await settled(opened, 100)).view, 2000)
  return view
}

const toGreen = async (): Promise<ServiceView> =>
  (await settled(shifted(way, await onBlue(), { plan, weights: GREEN, now: 10_000 }), 10_100)).view

const without = (view: ServiceView, ...names: readonly string[]): ServiceView =>
  withEndpoints({ ...view, pods: view.pods.filter(({ metadata }) => !names.includes(metadata.name)) })

describe('a switch by the selector of a Service', () => {
  it('is closed before users were sent anywhere, and open to the first ones without waiting for any to leave', async () => {
    expect(way.read(closedView(web), 0)).toEqual({ kind: 'closed' })
    const view = await onBlue()
    expect(view.ledger?.move).toMatchObject({ newAt: 100, drainedAt: 100 })
    expect(way.read(view, 2000)).toEqual({ kind: 'confirmed', weights: BLUE })
  })

  it('has moved new connections once the EndpointSlices hold ready instances of the new color alone', async () => {
    const view = await onBlue()
    const asked = shifted(way, view, { plan, weights: GREEN, now: 10_000 })
    const stale = { ...asked, endpoints: view.endpoints }
    expect(way.read(stale, 10_050)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'the EndpointSlices of Service web have nobody of green who is ready yet',
    })
    expect((await settled(stale, 10_050)).view.ledger?.move).not.toHaveProperty('newAt')
    expect((await settled(asked, 10_100)).view.ledger?.move).toMatchObject({
      newAt: 10_100,
      left: ['blue-1', 'blue-2'],
    })
  })

  it('waits for instances of the old color too that came up after it was begun, until new connections moved', async () => {
    const asked = shifted(way, await onBlue(), { plan, weights: GREEN, now: 10_000 })
    const grown = withEndpoints({ ...asked, pods: [...asked.pods, pod('blue', 'blue-3')] })
    const { view } = await settled(grown, 10_100)
    expect(view.ledger?.move).toMatchObject({ newAt: 10_100, left: ['blue-1', 'blue-2', 'blue-3'] })
    const later = { ...view, pods: [...view.pods, pod('blue', 'blue-4')] }
    expect(way.read(later, 60_000)).toMatchObject({
      waitsFor: '3 of 3 instances of blue may have connections from before',
    })
  })

  it('does not count while an instance that users left may have open connections', async () => {
    const view = await toGreen()
    expect(way.read(view, 10_500)).toMatchObject({
      waitsFor: 'the nodes are given time to send new connections there',
    })
    expect(way.read(view, 60_000)).toEqual({
      kind: 'unconfirmed',
      weights: GREEN,
      waitsFor: '2 of 2 instances of blue may have connections from before',
    })
  })

  it('counts when those are gone, and tells both times', async () => {
    const { view } = await settled(without(await toGreen(), 'blue-1', 'blue-2'), 28_000)
    expect(way.read(view, 28_000)).toEqual({
      kind: 'confirmed',
      weights: GREEN,
      moved: 'new connections after 0.1 s, open ones after 18 s',
    })
  })
})

describe('open connections', () => {
  it('are ended by replacing the instances that have them once, at full capacity', async () => {
    const view = await toGreen()
    expect((await settled(view, 10_900)).acts).toEqual([])
    const { acts, patches } = await pursued(way, view, 11_200)
    expect(acts).toEqual(['patch Deployment web-blue'])
    expect(patches).toEqual([
      {
        spec: {
          template: { metadata: { annotations: { [REPLACED_ANNOTATION]: '1970-01-01T00:00:11.200Z' } } },
        },
      },
    ])
    const replaced = withReplacement(view, 11_200)
    expect((await pursued(way, replaced, 40_000)).acts).toEqual([])
  })

  it('are ended by replacing instances once by a clock that is behind that of the server which began', async () => {
    const began = await toGreen()
    const view = {
      ...began,
      ledger: began.ledger?.move && {
        ...began.ledger,
        move: { ...began.ledger.move, at: 50_000, newAt: 50_100 },
      },
    }
    const { acts, patches } = await pursued(way, view, 20_000)
    expect(acts).toEqual(['patch Deployment web-blue'])
    expect(JSON.stringify(patches)).toContain('1970-01-01T00:00:50.000Z')
    expect((await pursued(way, withReplacement(view, 50_000), 20_250)).acts).toEqual([])
  })

  it('are ended without a successor where none becomes ready for 30 seconds', async () => {
    const replaced = withReplacement(await toGreen(), 11_200)
    expect((await pursued(way, replaced, 41_200)).acts).toEqual(['remove Pod blue-1', 'remove Pod blue-2'])
  })

  it('are given time while successors become ready one after the other, as far as the rollout waits', async () => {
    const successor = withReadyAt('blue-3', 38_000)
    const view = withReplacement(await toGreen(), 11_200)
    const going = { ...view, pods: [...view.pods, successor] }
    expect((await pursued(way, going, 67_000)).acts).toEqual([])
    expect((await pursued(way, going, 68_000)).acts).toEqual(['remove Pod blue-1', 'remove Pod blue-2'])
    // 120 s to shift, of which an instance may need 55 to end.
    const slow = { ...view, pods: [...view.pods, withReadyAt('blue-3', 70_000)] }
    expect((await pursued(way, slow, 75_000)).acts).toEqual(['remove Pod blue-1', 'remove Pod blue-2'])
  })

  it('leave alone what ends already', async () => {
    const view = withReplacement(await toGreen(), 11_200)
    const pods = view.pods.map(each =>
      each.metadata.name === 'blue-1' ? pod('blue', 'blue-1', { ending: true }) : each,
    )
    expect((await pursued(way, { ...view, pods }, 60_000)).acts).toEqual(['remove Pod blue-2'])
  })

  it('of what failed are ended at once when users go back', async () => {
    const back = shifted(way, await toGreen(), { plan, weights: BLUE, now: 20_000 })
    expect(back.ledger?.move).toMatchObject({ isBack: true, left: ['green-1', 'green-2'] })
    const { view } = await settled(back, 20_100)
    expect((await pursued(way, view, 21_100)).acts).toEqual(['remove Pod green-1', 'remove Pod green-2'])
  })

  it('are left alone where somebody sent users back meanwhile', async () => {
    const view = withReplacement(await toGreen(), 11_200)
    const { services } = await onBlue()
    const answers: Answers = { get: (_, name) => services.get(name) }
    expect((await pursued(way, view, 60_000, answers)).acts).toEqual([])
  })
})

describe('an application that lets go by itself', () => {
  const own = plannedWeb({
    kubernetes: 'switch: service, ingressClass: nginx',
    service: 'ingress: true, rollout: { drain: { path: /drain } }',
  })

  async function drained(statusOf: (pod: string) => number) {
    const by = switchFor(environment.route)
    const asked: string[] = []
    const answers: Answers = {
      proxy: ({ to, method, path }) => {
        asked.push(`${method} ${to.name}:${to.port}${path}`)
        return Promise.resolve({ status: statusOf(to.name), headers: {}, body: new PassThrough().end() })
      },
    }
    const opened = (
      await settled(shifted(by, closedView(own), { plan: own.plan, weights: BLUE, now: 0 }), 100)
    ).view
    const moved = (
      await settled(shifted(by, opened, { plan: own.plan, weights: GREEN, now: 10_000 }), 10_100)
    ).view
    const begun = await settled(moved, 11_200, { answers, by })
    const done = await settled(begun.view, 12_000, { answers, by })
    return { asked, acts: [...begun.acts, ...done.acts], traffic: by.read(done.view, 12_000) }
  }

  it('is asked once, instance by instance, and loses none of them', async () => {
    const { asked, acts, traffic } = await drained(() => 204)
    expect(asked).toEqual(['POST blue-1:3000/drain', 'POST blue-2:3000/drain'])
    expect(acts).toEqual([])
    expect(traffic).toEqual({
      kind: 'confirmed',
      weights: GREEN,
      moved: 'new connections after 0.1 s, open ones after 2.0 s',
    })
  })

  it('is replaced where one of its instances refuses', async () => {
    const { acts, traffic } = await drained(name => (name === 'blue-2' ? 503 : 200))
    expect([...new Set(acts)]).toEqual(['patch Deployment web-blue'])
    expect(traffic).toMatchObject({ waitsFor: '1 of 2 instances of blue may have connections from before' })
  })
})

/** After the Deployment was told to replace its instances. */
function withReplacement(view: ServiceView, at: number): ServiceView {
  const blue = deploymentOf('blue', 2, { [REPLACED_ANNOTATION]: new Date(at).toISOString() })
  return { ...view, deployments: { ...view.deployments, blue } }
}

function withReadyAt(name: string, at: number) {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: new Date(at).toISOString() }
  return { ...pod('blue', name), status: { conditions: [ready] } }
}

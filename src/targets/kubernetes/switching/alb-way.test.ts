import { describe, expect, it } from 'vitest'
import { type Weights, weightsFor } from '../../../model/color.ts'
import { actionAnnotation } from '../../../render/kubernetes/alb-annotations.ts'
import type { ClusterObject } from '../api/cluster-object.ts'
import type { ServiceView } from '../service-view.ts'
import type { BalancerState, LoadBalancerReader } from './load-balancer-reader.ts'
import { switchFor } from './switch-for.ts'
import { applied, closedView, live, plannedWeb, shifted } from './testing/live-service.ts'
import { type Pursued, pursued, stubCluster } from './testing/pursued.ts'

const web = plannedWeb({ kubernetes: 'switch: ingress' })
const { plan, environment } = web
const way = switchFor(environment.route)
const BLUE = weightsFor('blue', 100)
const SOME = weightsFor('green', 5)
const MOVED_AT = Date.parse('2026-01-01T10:00:00.700Z')

/** 5 % asked for on top of blue. */
function asked(weights: Weights = SOME): ServiceView {
  const before = shifted(way, closedView(web), { plan, weights: BLUE, now: 0 })
  return shifted(way, before, { plan, weights, now: MOVED_AT })
}

interface Told {
  readonly at: string
  readonly reason?: string
  readonly message?: string
  readonly uid?: string
}

/** An event as the AWS Load Balancer Controller writes it. */
const event = ({ at, reason = 'SuccessfullyReconciled', message = 'Successfully reconciled', uid }: Told) =>
  live({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `web.${at}` },
    involvedObject: { kind: 'Ingress', name: 'web', uid: uid ?? 'Ingress-web' },
    type: reason === 'SuccessfullyReconciled' ? 'Normal' : 'Warning',
    reason,
    message,
    lastTimestamp: `2026-01-01T10:00:${at}Z`,
  })

async function told(events: readonly ClusterObject[], seconds: number): Promise<Pursued> {
  return await pursued(way, asked(), MOVED_AT + seconds * 1000, { list: () => events })
}

describe('the weighted action of an Ingress', () => {
  it('has the documented form, with the share of each color', () => {
    const annotations = asked().routes[0]?.metadata.annotations ?? {}
    expect(JSON.parse(annotations[actionAnnotation('web')] ?? '')).toEqual({
      type: 'forward',
      forwardConfig: {
        targetGroups: [
          { serviceName: 'web-blue', servicePort: 80, weight: 95 },
          { serviceName: 'web-green', servicePort: 80, weight: 5 },
        ],
      },
    })
  })

  it('counts when the controller said that it is reconciled, and from then on without its word', async () => {
    const { view } = await told([event({ at: '01' })], 1)
    expect(view.ledger?.move?.newAt).toBe(MOVED_AT + 1000)
    expect(way.read(view, MOVED_AT + 1000)).toEqual({ kind: 'confirmed', weights: { blue: 95, green: 5 } })
    const later = await pursued(way, view, MOVED_AT + 9_000_000)
    expect(way.read(later.view, MOVED_AT + 9_000_000).kind).toBe('confirmed')
  })

  it.each<[string, readonly ClusterObject[], number]>([
    ['nothing', [], 60],
    ['what it said before', [event({ at: '00', uid: 'older' }), event({ at: '-1' })], 60],
    ['a word of the same second, which may have been before', [event({ at: '00' })], 1],
  ])('does not count on %s', async (_, events, seconds) => {
    const { view } = await told(
      events.filter(each => !String(each['lastTimestamp']).includes('-1Z')),
      seconds,
    )
    expect(way.read(view, MOVED_AT + seconds * 1000)).toEqual({
      kind: 'unconfirmed',
      weights: { blue: 95, green: 5 },
      waitsFor: 'Ingress web: the AWS Load Balancer Controller has not said yet that it took it over',
    })
  })

  it('counts on a word of the same second once it had the time to say another', async () => {
    const { view } = await told([event({ at: '00' })], 2)
    expect(way.read(view, MOVED_AT + 2000).kind).toBe('confirmed')
  })

  it('goes by the clock of the cluster where that is another', async () => {
    const view = asked()
    const managedFields = [{ manager: 'sluice', operation: 'Apply', time: '2026-01-01T09:59:50Z' } as const]
    const routes = view.routes.map(each => ({ ...each, metadata: { ...each.metadata, managedFields } }))
    const early = event({ at: '00' })
    const answers = { list: () => [{ ...early, lastTimestamp: '2026-01-01T09:59:51Z' }] }
    const seen = await pursued(way, { ...view, routes }, MOVED_AT, answers)
    expect(way.read(seen.view, MOVED_AT).kind).toBe('confirmed')
  })

  it('tells the controller’s own words where it fails', async () => {
    const failure = { at: '02', reason: 'FailedDeployModel', message: 'TargetGroupNotFound: gone' }
    const { view } = await told([event({ at: '01' }), event(failure)], 3)
    expect(way.read(view, MOVED_AT + 3000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'Ingress web: FailedDeployModel: TargetGroupNotFound: gone',
    })
  })

  it('does not count where somebody else changed it: nobody knows whether the controller took that over', async () => {
    const { view } = await told([event({ at: '01' })], 1)
    const edited = applied(way, view, { plan, weights: weightsFor('green', 50) })
    expect(way.read(edited, MOVED_AT + 60_000)).toEqual({
      kind: 'unconfirmed',
      weights: { blue: 50, green: 50 },
      waitsFor: 'somebody else changed the weights: Sluice had asked for blue 95 %, green 5 %',
    })
  })

  it.each([
    '{"type":"redirect"}',
    'not JSON',
    '{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web-blue","weight":-5},{"serviceName":"web-green","weight":105}]}}',
    '{"type":"forward","forwardConfig":{"targetGroups":[{"targetGroupARN":"arn:aws:x","weight":100}]}}',
  ])('is no weights where somebody wrote %s', written => {
    const view = asked()
    const routes = view.routes.map(each => ({
      ...each,
      metadata: {
        ...each.metadata,
        annotations: { ...each.metadata.annotations, [actionAnnotation('web')]: written },
      },
    }))
    expect(way.read({ ...view, routes }, MOVED_AT + 60_000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor:
        'Ingress web sends users to no Service of its own: the annotation alb.ingress.kubernetes.io/actions.web was changed',
    })
  })
})

/** A stand-in for the part that reads Elastic Load Balancing: it says what a test has it say. */
const balancerWith = (state: BalancerState | undefined): LoadBalancerReader => ({
  read: () => Promise.resolve(state),
})

const parts = (blue: number, green: number) => [
  { service: 'web-blue', weight: blue },
  { service: 'web-green', weight: green },
]

describe('with access to AWS', () => {
  it('the listener itself counts, whatever the controller said', async () => {
    const events = [event({ at: '01' })]
    const before = switchFor(environment.route, {
      balancer: balancerWith({ rules: [parts(100, 0)], targets: new Map() }),
    })
    const { view } = await pursued(before, asked(), MOVED_AT + 1000, { list: () => events })
    expect(before.read(view, MOVED_AT + 1000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'Ingress web: its listener has blue 100 %, green 0 %',
    })
    const rules = [parts(95, 5), parts(95, 5)]
    const after = switchFor(environment.route, { balancer: balancerWith({ rules, targets: new Map() }) })
    const moved = await pursued(after, view, MOVED_AT + 2000, { list: () => [] })
    expect(after.read(moved.view, MOVED_AT + 2000).kind).toBe('confirmed')
  })

  it('the controller’s own words tell why the listener is not as it should be', async () => {
    const careful = switchFor(environment.route, { balancer: balancerWith(undefined) })
    const failure = { at: '02', reason: 'FailedBuildModel', message: 'no certificate found' }
    const events = [event(failure)]
    const failed = await pursued(careful, asked(), MOVED_AT + 3000, { list: () => events })
    expect(careful.read(failed.view, MOVED_AT + 3000)).toMatchObject({
      waitsFor: 'Ingress web: FailedBuildModel: no certificate found',
    })
    const silent = await pursued(careful, asked(), MOVED_AT + 3000)
    expect(careful.read(silent.view, MOVED_AT + 3000)).toMatchObject({
      waitsFor: 'Ingress web: no rule of a listener was made for it yet',
    })
  })

  it('nobody is sent to instances that the load balancer does not know as healthy', async () => {
    const view = shifted(way, closedView(web), { plan, weights: BLUE, now: 0 })
    const move = way.begin(view, { weights: SOME, fence: [1, 1, 1, 1], now: MOVED_AT })
    const signal = AbortSignal.timeout(10_000)
    const obstacles = async (healthy: number) => {
      const targets = new Map([['web-green', { healthy, registered: 2 }]])
      const careful = switchFor(environment.route, { balancer: balancerWith({ rules: [], targets }) })
      return await careful.obstacles({ cluster: stubCluster(view), view, move, signal })
    }
    expect(await obstacles(1)).toEqual([
      'the load balancer knows 1 of the 2 instances of web-green as healthy',
    ])
    expect(await obstacles(2)).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import { weightsFor } from '../../../model/color.ts'
import { switchFor } from './switch-for.ts'
import { applied, closedView, plannedWeb, pod, shifted, withEndpoints } from './testing/live-service.ts'
import { pursued, stubCluster } from './testing/pursued.ts'

const web = plannedWeb({ kubernetes: 'switch: ingress, ingressClass: traefik' })
const { plan, environment } = web
const way = switchFor(environment.route)
const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)

const onBlue = () => shifted(way, closedView(web), { plan, weights: BLUE, now: 0 })

describe('an Ingress that names one Service', () => {
  it('names the color with the users, and counts after the controller had time to read it', () => {
    const asked = shifted(way, onBlue(), { plan, weights: GREEN, now: 10_000 })
    expect(JSON.stringify(asked.routes[0]?.['spec'])).toContain('"service":{"name":"web-green"')
    expect(way.read(asked, 11_900)).toEqual({
      kind: 'unconfirmed',
      weights: GREEN,
      waitsFor: 'the Ingress controller is given time to leave web-blue',
    })
    expect(way.read(asked, 12_000)).toEqual({ kind: 'confirmed', weights: GREEN })
  })

  it('does not count while nobody behind the Service is ready', () => {
    const view = onBlue()
    const unready = view.pods.map(each =>
      each.metadata.name.startsWith('green') ? pod('green', each.metadata.name, { ready: false }) : each,
    )
    const asked = withEndpoints({
      ...shifted(way, view, { plan, weights: GREEN, now: 10_000 }),
      pods: unready,
    })
    expect(way.read(asked, 60_000)).toMatchObject({
      kind: 'unconfirmed',
      waitsFor: 'Service web-green has no endpoint that is ready',
    })
  })

  it('goes on counting when its instances die: users are there, whether or not somebody answers', async () => {
    const { view } = await pursued(way, shifted(way, onBlue(), { plan, weights: GREEN, now: 0 }), 3000)
    expect(way.read(withEndpoints({ ...view, pods: [] }), 4000)).toEqual({
      kind: 'confirmed',
      weights: GREEN,
    })
  })

  it('cannot share users, and says so rather than send them somewhere', () => {
    expect(() => way.objects(plan, weightsFor('green', 20), onBlue())).toThrow(
      'web sends all users at once: it cannot have blue 80 %, green 20 %',
    )
    const canary = plannedWeb({
      kubernetes: 'switch: gateway, gateway: g',
      service: 'ingress: true, rollout: { strategy: canary }',
    })
    expect(way.problems(canary.plan)).toEqual([
      'rollout.steps: asks for 5 %, and an Ingress of class traefik sends all users at once; write `steps: [100]`, or choose the switch gateway',
    ])
    expect(way.problems(plan)).toEqual([])
  })

  it('is told as it is where somebody else changed it', () => {
    const edited = applied(way, onBlue(), { plan, weights: GREEN })
    expect(way.read(edited, 60_000)).toEqual({ kind: 'confirmed', weights: GREEN })
  })
})

describe('users are not sent to a color', () => {
  const signal = AbortSignal.timeout(10_000)
  const obstacles = async (view: ReturnType<typeof onBlue>) => {
    const move = way.begin(view, { weights: GREEN, fence: [1, 1, 1, 1], now: 10_000 })
    return await way.obstacles({ cluster: stubCluster(view), view, move, signal })
  }

  it('where nobody is ready', async () => {
    const view = onBlue()
    const pods = view.pods.filter(({ metadata }) => metadata.name.startsWith('blue'))
    expect(await obstacles(withEndpoints({ ...view, pods }))).toEqual(['green has no instance that is ready'])
  })

  it('whose ready instances the proxies do not all know yet', async () => {
    const view = onBlue()
    const grown = { ...view, pods: [...view.pods, pod('green', 'green-3')] }
    expect(await obstacles(grown)).toEqual([
      'the EndpointSlices of Service web-green have 2 of the 3 instances that are ready',
    ])
    expect(await obstacles(withEndpoints(grown))).toEqual([])
  })
})

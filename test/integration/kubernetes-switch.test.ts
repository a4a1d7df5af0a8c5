import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Color, weightsFor } from '../../src/model/color.ts'
import type { Observation } from '../../src/model/observation.ts'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import { TrafficUnconfirmed, type Turn } from '../../src/targets/target.ts'
import type { Traefik } from '../harness/cluster/traefik.ts'
import { startTraffic } from '../harness/cluster/traffic.ts'
import { type Cluster, needsCluster, startCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { appWorkload, type OpenedTarget, openTarget, TRAEFIK_ROUTE } from '../harness/kubernetes-target.ts'

const ENVIRONMENT = 'dev'
const PATIENCE_SECONDS = 180
const signal = AbortSignal.timeout(900_000)

/** Acts of one rollout; a way back belongs to the one that it undoes. */
const turnOf = (rollout: number): Turn => ({ fence: [1, rollout, 1, 1], signal })

describe.runIf(needsCluster())('users who are all moved at once', { timeout: 400_000 }, () => {
  let cluster: Cluster
  let traefik: Traefik
  let byIngress: OpenedTarget
  let bySelector: OpenedTarget

  beforeAll(async () => {
    cluster = await startCluster()
    traefik = await cluster.startTraefik()
    const { ingressClass } = traefik
    const open = (namespace: string, way: 'ingress' | 'service') =>
      openTarget(cluster, { namespace, route: { ...TRAEFIK_ROUTE, switch: way, ingressClass } })
    byIngress = await open('by-ingress', 'ingress')
    bySelector = await open('by-selector', 'service')
  }, 300_000)
  afterAll(async () => {
    await byIngress?.close()
    await bySelector?.close()
    await cluster?.stop()
  })

  const observe = ({ target }: OpenedTarget, service: string): Promise<Observation> =>
    target.observe({ environment: ENVIRONMENT, service }, signal)
  const provision = async (
    opened: OpenedTarget,
    o: { readonly service: string; readonly color: Color; readonly spec?: Partial<ServiceSpec> },
  ) => {
    const { service, color, spec = {} } = o
    const workload = await appWorkload(cluster, { service, version: color, spec })
    const slot = { environment: ENVIRONMENT, service, color }
    await opened.target.provision(slot, workload, 2, turnOf(color === 'blue' ? 1 : 2))
    await eventually(
      `${color} is ready`,
      async () => ((await observe(opened, service)).slots[color]?.ready ?? 0) >= 2,
      PATIENCE_SECONDS,
    )
  }
  /** As the engine asks again until it is seen. */
  const shift = async (opened: OpenedTarget, service: string, o: { color: Color; rollout: number }) => {
    const ask = () =>
      opened.target
        .shift({ environment: ENVIRONMENT, service }, weightsFor(o.color, 100), turnOf(o.rollout))
        .then(() => true)
        .catch((error: unknown) => {
          if (error instanceof TrafficUnconfirmed) return false
          throw error
        })
    await eventually(`users are on ${o.color}`, ask, PATIENCE_SECONDS)
    return await observe(opened, service)
  }
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.kubectl(args)
    if (code !== 0) throw new Error(stderr)
    return stdout
  }
  /** Whose processes have not ended. */
  const podsOf = async (service: string, color: Color): Promise<readonly string[]> => {
    const labels = `app.kubernetes.io/name=${service},sluice.dev/color=${color}`
    const running = ['-l', labels, '--field-selector', 'status.phase=Running', '-o', 'name']
    return (await kubectl('get', 'pods', '-n', 'by-selector', ...running)).trim().split('\n')
  }
  const serviceOrigin = async (service: string): Promise<string> =>
    `http://${await kubectl('get', 'service', service, '-n', 'by-selector', '-o', 'jsonpath={.spec.clusterIP}')}`

  it('lose no request when an Ingress names the Service of another color, and back', async () => {
    await provision(byIngress, { service: 'web', color: 'blue' })
    await shift(byIngress, 'web', { color: 'blue', rollout: 1 })
    await provision(byIngress, { service: 'web', color: 'green' })
    const users = { ratePerSecond: 100, connections: 'kept' as const }
    const traffic = await startTraffic({ ...users, url: `${traefik.origin}/web` })
    const { weights, moved } = await shift(byIngress, 'web', { color: 'green', rollout: 2 })
    expect({ weights, moved }).toEqual({ weights: weightsFor('green', 100), moved: undefined })
    const movedAt = Date.now()
    await shift(byIngress, 'web', { color: 'blue', rollout: 2 })
    const { failures, colors, seconds } = await traffic.stop()
    expect(failures).toEqual([])
    expect(colors['green']?.count).toBeGreaterThan(0)
    expect(colors['green']?.first).toBeLessThan(movedAt)
    expect(Object.keys(seconds.at(-1)?.colors ?? {})).toEqual(['blue'])
  })

  it('leave a color with their open connections as well when a selector moves, and lose no request', async () => {
    await provision(bySelector, { service: 'web', color: 'blue' })
    await shift(bySelector, 'web', { color: 'blue', rollout: 1 })
    await provision(bySelector, { service: 'web', color: 'green' })
    const before = await podsOf('web', 'blue')
    const users = { url: await serviceOrigin('web'), ratePerSecond: 100, connections: 'kept' } as const
    const going = await startTraffic(users)
    const { weights, moved } = await shift(bySelector, 'web', { color: 'green', rollout: 2 })
    const movedAt = Date.now()
    const gone = await going.stop()
    expect(gone.failures).toEqual([])
    expect(gone.colors['blue']?.last).toBeLessThan(movedAt)
    expect(weights).toEqual(weightsFor('green', 100))
    expect(moved).toMatch(/^new connections after \d+(\.\d)? s, open ones after \d+(\.\d)? s$/)
    expect((await podsOf('web', 'blue')).filter(name => before.includes(name))).toEqual([])
    expect((await observe(bySelector, 'web')).slots.blue?.ready).toBe(2)
    const coming = await startTraffic(users)
    await shift(bySelector, 'web', { color: 'blue', rollout: 2 })
    const backAt = Date.now()
    const back = await coming.stop()
    expect(back.failures).toEqual([])
    expect(back.colors['green']?.last).toBeLessThan(backAt)
    expect(back.colors['blue']?.count).toBeGreaterThan(0)
  })

  it('are let go of by the application itself where it can, and its instances stay', async () => {
    const said = 'connections let go of'
    const drain = { path: `/log?text=${encodeURIComponent(said)}`, timeoutSeconds: 30 }
    const { spec } = await appWorkload(cluster, { service: 'own', version: 'blue' })
    const draining = { rollout: { ...spec.rollout, drain } }
    await provision(bySelector, { service: 'own', color: 'blue', spec: draining })
    await shift(bySelector, 'own', { color: 'blue', rollout: 1 })
    await provision(bySelector, { service: 'own', color: 'green', spec: draining })
    const before = await podsOf('own', 'blue')
    const { weights } = await shift(bySelector, 'own', { color: 'green', rollout: 2 })
    expect(weights).toEqual(weightsFor('green', 100))
    expect(await podsOf('own', 'blue')).toEqual(before)
    const logs = await Promise.all(before.map(name => kubectl('logs', '-n', 'by-selector', name)))
    expect(logs.map(each => each.split(said).length - 1)).toEqual([1, 1])
  })
})

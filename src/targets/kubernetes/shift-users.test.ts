import { describe, expect, it, vi } from 'vitest'
import { weightsFor } from '../../model/color.ts'
import { selectorOf } from '../../render/kubernetes/labels.ts'
import { RequestRefused } from './api/cluster.ts'
import { KINDS } from './api/cluster-object.ts'
import { readLedger } from './ledger-object.ts'
import type { Deployment } from './live-objects.ts'
import { observeService } from './observe-service.ts'
import { smallWorld, turnOf } from './testing/small-world.ts'

const BLUE = weightsFor('blue', 100)
const GREEN = weightsFor('green', 100)
const WEBHOOK = { status: 400, reason: '', isFinal: true }
const ON_BLUE = { 'web-blue': 100, 'web-green': 0 }

describe('users', () => {
  it('go back after somebody deleted the ledger', async () => {
    const world = smallWorld('green')
    const signal = AbortSignal.timeout(1000)
    await world.cluster.remove({ kind: KINDS.configMap, name: 'web.turn' }, { signal })
    await world.shift(BLUE, turnOf(1, 1, 1, 9))
    expect(world.weights()).toEqual(ON_BLUE)
    expect(world.cluster.at('Service', 'web')).toMatchObject({
      spec: { selector: { 'sluice.dev/color': 'blue' } },
    })
  })

  it('are seen and go back after somebody damaged the ledger, which is written anew', async () => {
    const world = smallWorld('green')
    const ledger = world.cluster.at('ConfigMap', 'web.turn')
    world.cluster.put({ ...ledger, data: { format: '1', ledger: '{"fence":[9,9,9,9]}', checksum: 'mine' } })
    const seen = await observeService(world.parts, world.memory, world.service, AbortSignal.timeout(1000))
    expect(seen.weights).toEqual(GREEN)
    await world.shift(BLUE, turnOf(1, 1, 1, 9))
    expect(world.weights()).toEqual(ON_BLUE)
    expect(readLedger(world.cluster.at('ConfigMap', 'web.turn'))?.fence).toEqual([1, 1, 1, 9])
    expect(world.warnings).toEqual([expect.stringMatching(/^somebody else changed the ledger.*web\.turn/)])
  })

  it('are moved by nobody while another version of Sluice keeps the ledger', async () => {
    const world = smallWorld('green')
    const ledger = world.cluster.at('ConfigMap', 'web.turn')
    const { data } = ledger as { readonly data?: object }
    world.cluster.put({ ...ledger, data: { ...data, format: '2' } })
    await expect(world.shift(BLUE, turnOf(1, 1, 1, 9))).rejects.toThrow(/has the format 2/)
    expect(world.weights()).toEqual({ 'web-blue': 0, 'web-green': 100 })
  })

  it('do not wait for instances on the way back, where somebody refuses any change of their number', async () => {
    const world = smallWorld('blue')
    world.cluster.put({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', labels: selectorOf('web') },
    })
    await world.shift(GREEN, turnOf(1, 2, 1, 1))
    const green = world.cluster.at('Deployment', 'web-green') as Deployment
    world.cluster.put({ ...green, spec: { ...green.spec, replicas: 4 } })
    world.cluster.before(what => {
      if (what.startsWith('scale')) throw new RequestRefused('admission webhook "freeze" denied it', WEBHOOK)
    })
    await world.shift(BLUE, turnOf(1, 2, 1, 2))
    expect(world.weights()).toEqual(ON_BLUE)
    expect(world.warnings).toEqual([expect.stringContaining('admission webhook')])
  })

  it('are sent once the watches say that nothing is in the way; until then nothing is read afresh', async () => {
    const world = smallWorld('blue')
    const slice = world.cluster.at('EndpointSlice', 'web-green-1')
    world.cluster.put({ ...slice, endpoints: [] })
    const waiting = world.shift(GREEN, turnOf(1, 2, 1, 1))
    // Several times all kinds of a view.
    await vi.waitFor(() => expect(world.cluster.looks()).toBeGreaterThan(24), { timeout: 4000 })
    const readings = world.cluster.readings()
    expect(world.weights()).toEqual(ON_BLUE)
    world.cluster.put(slice)
    await waiting
    expect(world.weights()).toEqual({ 'web-blue': 0, 'web-green': 100 })
    expect(readings).toBe(8)
  })
})

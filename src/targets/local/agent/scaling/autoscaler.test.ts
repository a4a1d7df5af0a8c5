import { describe, expect, it } from 'vitest'
import { probeWorkload } from '../../../../../test/harness/probe-workload.ts'
import type { Color, Weights } from '../../../../model/color.ts'
import type { ScalingSpec } from '../../../../model/service-spec.ts'
import type { Measurement } from '../../balancer/balancer.ts'
import type { Provision, Wanted } from '../slot.ts'
import { Autoscaler } from './autoscaler.ts'

const REF = { environment: 'dev', service: 'web' }
const REQUESTS_BY_MINUTE = 100

interface FakeSlot {
  wanted: Wanted | undefined
  replaced: readonly Wanted[]
  readonly readyGroups: readonly number[]
}

/** A service whose instances are ready at once, under so many requests a minute. */
class Rig {
  now = Date.parse('2026-03-02T12:00:00Z')
  weights: Weights | undefined = { blue: 100, green: 0 }
  readonly slots: Record<Color, FakeSlot> = { blue: emptySlot(), green: emptySlot() }
  requests: Record<Color, number> = { blue: 0, green: 0 }
  readonly told: string[] = []
  readonly autoscaler: Autoscaler
  readonly #policy: ScalingSpec | undefined

  constructor(policy: Partial<ScalingSpec> | 'none' = {}) {
    this.#policy =
      policy === 'none'
        ? undefined
        : {
            min: 1,
            max: 10,
            requestsPerTarget: REQUESTS_BY_MINUTE,
            scaleInCooldownSeconds: 300,
            schedules: [],
            ...policy,
          }
    this.autoscaler = new Autoscaler({
      services: () => [{ ref: REF, weights: this.weights, slot: color => this.slots[color] }],
      balancer: { measure: () => ({ blue: this.#measured('blue'), green: this.#measured('green') }) },
      now: () => this.now,
      timing: { periodSeconds: 10, windowSeconds: 60 },
      scale: async ({ color }, count) => this.#scale(color, count),
      tell: line => this.told.push(line),
    })
  }

  provision(color: Color, count: number): void {
    this.slots[color].wanted = { provision: this.#provision(), count }
  }

  count(color: Color): number | undefined {
    return this.slots[color].wanted?.count
  }

  async lookFor(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 10) {
      this.now += 10_000
      await this.autoscaler.look()
    }
  }

  #scale(color: Color, count: number): void {
    const { wanted } = this.slots[color]
    if (wanted !== undefined) this.slots[color].wanted = { ...wanted, count }
  }

  #measured(color: Color): Measurement {
    return { requests: this.requests[color], errors: 0, latency: { counts: [] } }
  }

  #provision(): Provision {
    const digest = `sha256:${'1'.repeat(64)}` as const
    const artifact = { kind: 'bundle', digest, bytes: 1 } as const
    const spec = this.#policy === undefined ? {} : { scaling: this.#policy }
    const workload = probeWorkload({ ...REF, artifact, spec })
    return {
      workload,
      secrets: {},
      command: ['node'],
      bundle: { folder: '/', check: async () => undefined, release: async () => undefined },
    }
  }
}

function emptySlot(): FakeSlot {
  return {
    wanted: undefined,
    replaced: [],
    get readyGroups() {
      return Array.from({ length: this.wanted?.count ?? 0 }, (_, index) => index + 2)
    },
  }
}

describe('the autoscaler', () => {
  it('says in one line what it changed and why, and nothing while nothing changes', async () => {
    const rig = new Rig()
    rig.provision('blue', 1)
    rig.requests = { blue: 350, green: 0 }
    await rig.lookFor(120)
    expect(rig.count('blue')).toBe(4)
    expect(rig.told).toEqual([
      '2026-03-02T12:00:10.000Z dev web blue: 1 to 4 instances: 350 requests a minute and instance, target 100',
    ])
  })

  it('scales in once the load is gone and the cooldown is over', async () => {
    const rig = new Rig()
    rig.provision('blue', 4)
    await rig.lookFor(300)
    expect(rig.count('blue')).toBe(4)
    await rig.lookFor(60)
    expect(rig.count('blue')).toBe(1)
  })

  it('leaves alone what does not scale by itself, and what nobody asked for', async () => {
    const rig = new Rig('none')
    rig.provision('blue', 4)
    rig.requests = { blue: 9000, green: 0 }
    await rig.lookFor(600)
    expect(rig.count('blue')).toBe(4)
    expect(rig.count('green')).toBeUndefined()
  })

  it('keeps the standby and a preview as they are', async () => {
    const rig = new Rig({ min: 2 })
    rig.provision('blue', 3)
    rig.provision('green', 1)
    rig.weights = { blue: 100, green: 0 }
    rig.requests = { blue: 300, green: 900 }
    await rig.lookFor(600)
    expect([rig.count('blue'), rig.count('green')]).toEqual([3, 1])
  })

  it('follows no color before users were sent to one', async () => {
    const rig = new Rig({ min: 2 })
    rig.weights = undefined
    rig.provision('blue', 1)
    await rig.lookFor(600)
    expect(rig.count('blue')).toBe(1)
  })

  it('adds to both colors while users are on both, and takes from none', async () => {
    const rig = new Rig()
    rig.provision('blue', 4)
    rig.provision('green', 4)
    rig.weights = { blue: 90, green: 10 }
    rig.requests = { blue: 500, green: 10 }
    await rig.lookFor(900)
    expect([rig.count('blue'), rig.count('green')]).toEqual([5, 4])
  })

  it('follows the users back when they are taken back, and not what they did before', async () => {
    const rig = new Rig()
    rig.provision('blue', 4)
    rig.provision('green', 6)
    rig.weights = { blue: 0, green: 100 }
    rig.requests = { blue: 0, green: 550 }
    await rig.lookFor(600)
    rig.weights = { blue: 100, green: 0 }
    rig.requests = { blue: 550, green: 0 }
    await rig.lookFor(10)
    expect([rig.count('blue'), rig.count('green')]).toEqual([6, 6])
    rig.requests = { blue: 0, green: 0 }
    await rig.lookFor(290)
    expect(rig.count('blue')).toBe(6)
    await rig.lookFor(60)
    expect([rig.count('blue'), rig.count('green')]).toEqual([1, 6])
  })

  it('does not take the little that a canary got for the load of all users', async () => {
    const rig = new Rig()
    rig.provision('blue', 4)
    rig.provision('green', 4)
    rig.weights = { blue: 90, green: 10 }
    await rig.lookFor(600)
    rig.weights = { blue: 0, green: 100 }
    await rig.lookFor(300)
    expect(rig.count('green')).toBe(4)
  })

  it('begins the cooldown anew with every provision', async () => {
    const rig = new Rig()
    rig.provision('blue', 4)
    await rig.lookFor(250)
    rig.provision('blue', 4)
    await rig.lookFor(300)
    expect(rig.count('blue')).toBe(4)
  })

  it('leaves a slot alone while its release is replaced', async () => {
    const rig = new Rig()
    rig.provision('blue', 4)
    rig.slots.blue.replaced = rig.slots.blue.wanted === undefined ? [] : [rig.slots.blue.wanted]
    await rig.lookFor(600)
    expect(rig.count('blue')).toBe(4)
    rig.slots.blue.replaced = []
    await rig.lookFor(300)
    expect(rig.count('blue')).toBe(4)
  })

  it('begins anew after the machine slept or its clock was set', async () => {
    for (const jump of [3_600_000, -3_600_000]) {
      const rig = new Rig()
      rig.provision('blue', 4)
      await rig.lookFor(290)
      rig.now += jump
      await rig.lookFor(300)
      expect(rig.count('blue')).toBe(4)
      await rig.lookFor(60)
      expect(rig.count('blue')).toBe(1)
    }
  })

  it('changes nothing any more once it is stopped', async () => {
    const rig = new Rig({ min: 3 })
    rig.provision('blue', 1)
    rig.autoscaler.stop()
    await rig.lookFor(60)
    expect(rig.count('blue')).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import { probeWorkload } from '../../../../test/harness/probe-workload.ts'
import type { Workload } from '../../../model/release.ts'
import { type Backend, type Provision, Slot, type SlotInstance } from './slot.ts'

/** An instance that does what a test says. */
class FakeInstance implements SlotInstance {
  readonly id: string
  readonly workload: Workload
  readyOrigin: string | undefined
  hasProcess = true
  readonly group = undefined
  problem: string | undefined
  isAskedToEnd = false
  readonly #onChange: () => void
  readonly #ended = Promise.withResolvers<void>()

  constructor(o: { id: string; workload: Workload; onChange: () => void }) {
    this.id = o.id
    this.workload = o.workload
    this.#onChange = o.onChange
  }

  becomeReady(): void {
    this.readyOrigin = `http://${this.id}`
    this.#onChange()
  }

  suspect(): void {
    this.readyOrigin = undefined
    this.#onChange()
  }

  end(): Promise<void> {
    this.isAskedToEnd = true
    this.readyOrigin = undefined
    return this.#ended.promise
  }

  finish(): void {
    this.hasProcess = false
    this.#ended.resolve()
  }
}

function slotUnderTest(o: { takesTraffic: boolean }) {
  const instances: FakeInstance[] = []
  const released: string[] = []
  let backends: readonly Backend[] = []
  const slot = new Slot({
    color: 'blue',
    takesTraffic: () => o.takesTraffic,
    startInstance: ({ workload }, onChange) => {
      const instance = new FakeInstance({ id: `i${instances.length + 1}`, workload, onChange })
      instances.push(instance)
      return instance
    },
    setBackends: given => {
      backends = given
    },
    onChange: () => undefined,
    onSettled: () => undefined,
  })
  const provisionOf = (name: string): Provision => {
    const digest = `sha256:${name.padStart(64, '0')}` as const
    const artifact = { kind: 'bundle', digest, bytes: 1 } as const
    const workload = { ...probeWorkload({ environment: 'dev', service: 'web', artifact }), release: digest }
    const release = async () => void released.push(name)
    const bundle = { folder: '/', check: async () => undefined, release }
    return { workload, secrets: {}, command: ['node'], bundle }
  }
  const living = () => instances.filter(({ isAskedToEnd }) => !isAskedToEnd).map(({ id }) => id)
  return { slot, instances, released, provisionOf, living, backends: () => backends.map(({ id }) => id) }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

describe('a slot', () => {
  it('sends requests to ready instances only, and to none that is suspected', () => {
    const { slot, instances, provisionOf, backends } = slotUnderTest({ takesTraffic: false })
    slot.want(provisionOf('a'), 2)
    expect(backends()).toEqual([])
    for (const instance of instances) instance.becomeReady()
    expect(backends()).toEqual(['i1', 'i2'])
    slot.suspect('i1')
    expect(backends()).toEqual(['i2'])
    instances[0]?.becomeReady()
    expect(backends()).toEqual(['i1', 'i2'])
  })

  it('ends instances that are not ready first when there are too many', () => {
    const { slot, instances, provisionOf, living } = slotUnderTest({ takesTraffic: true })
    slot.want(provisionOf('a'), 3)
    instances[0]?.becomeReady()
    instances[2]?.becomeReady()
    slot.want(provisionOf('a'), 2)
    expect(living()).toEqual(['i1', 'i3'])
  })

  it('replaces one instance after the other while users are served', () => {
    const { slot, instances, provisionOf, living } = slotUnderTest({ takesTraffic: true })
    slot.want(provisionOf('a'), 2)
    for (const instance of instances) instance.becomeReady()
    slot.want(provisionOf('b'), 2)
    expect(living()).toEqual(['i1', 'i2', 'i3'])
    instances[2]?.becomeReady()
    expect(living()).toEqual(['i2', 'i3', 'i4'])
    instances[3]?.becomeReady()
    expect(living()).toEqual(['i3', 'i4'])
    expect(slot.observe()).toMatchObject({ desired: 2, ready: 2, total: 4 })
  })

  it('never has fewer ready instances than before while it also grows or shrinks', () => {
    for (const count of [1, 2, 4]) {
      const { slot, instances, provisionOf, backends } = slotUnderTest({ takesTraffic: true })
      slot.want(provisionOf('a'), 3)
      for (const instance of instances) instance.becomeReady()
      slot.want(provisionOf('b'), count)
      for (let next = 3; next < 3 + count; next += 1) {
        expect(backends().length).toBeGreaterThanOrEqual(Math.min(3, count))
        instances[next]?.becomeReady()
      }
      expect(backends().length).toBe(count)
    }
  })

  it('replaces everything at once where no users are', () => {
    const { slot, instances, provisionOf, living } = slotUnderTest({ takesTraffic: false })
    slot.want(provisionOf('a'), 2)
    for (const instance of instances) instance.becomeReady()
    slot.want(provisionOf('b'), 2)
    expect(living()).toEqual(['i3', 'i4'])
  })

  it('goes back to instances that still run', () => {
    const { slot, instances, provisionOf, living } = slotUnderTest({ takesTraffic: true })
    slot.want(provisionOf('a'), 2)
    for (const instance of instances) instance.becomeReady()
    slot.want(provisionOf('b'), 2)
    slot.want(provisionOf('a'), 2)
    expect(living()).toEqual(['i1', 'i2'])
  })

  it('gives a bundle back when the last instance of its release has ended, and no sooner', async () => {
    const { slot, instances, provisionOf, released } = slotUnderTest({ takesTraffic: true })
    for (const name of ['a', 'b', 'c']) {
      slot.want(provisionOf(name), 1)
      instances[0]?.becomeReady()
    }
    await settled()
    expect(released).toEqual([])
    instances[1]?.finish()
    instances[2]?.becomeReady()
    instances[0]?.finish()
    await settled()
    expect(released.toSorted()).toEqual(['a', 'b'])
    const retired = slot.retire()
    instances[2]?.finish()
    await retired
    expect(released.toSorted()).toEqual(['a', 'b', 'c'])
    expect(slot.observe()).toBeUndefined()
  })

  it('scales without giving up the bundle that its instances share', async () => {
    const { slot, instances, released, provisionOf, living, backends } = slotUnderTest({ takesTraffic: true })
    slot.want(provisionOf('a'), 1)
    slot.scale(3)
    for (const instance of instances) instance.becomeReady()
    expect(backends()).toEqual(['i1', 'i2', 'i3'])
    slot.scale(1)
    expect(living()).toEqual(['i1'])
    for (const instance of instances.slice(1)) instance.finish()
    await settled()
    expect(released).toEqual([])
    expect(slot.observe()).toMatchObject({ desired: 1, ready: 1, total: 1 })
  })

  it('does not come back to life when it is scaled after it was given up', () => {
    const { slot, instances, provisionOf } = slotUnderTest({ takesTraffic: false })
    slot.want(provisionOf('a'), 1)
    void slot.retire()
    slot.scale(5)
    expect(instances).toHaveLength(1)
  })

  it('gives back at once what it is given again', () => {
    const { slot, provisionOf, released } = slotUnderTest({ takesTraffic: true })
    slot.want(provisionOf('a'), 1)
    slot.want(provisionOf('a'), 2)
    expect(released).toEqual(['a'])
  })
})

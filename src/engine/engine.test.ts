import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { KIM, type Rig, startRig } from '../../test/harness/engine-rig.ts'
import { greenRollout, PLAN } from '../model/testing/world.ts'
import { openMemoryStore } from '../store/sqlite/open-sqlite-store.ts'
import { callMilliseconds } from './drive-rollout.ts'
import type { Store } from './ports.ts'

it('lets a verification take the time of its phase, and everything else half a minute', () => {
  const plan = { ...PLAN, deadlines: { ...PLAN.deadlines, verify: 300 } }
  expect(callMilliseconds(greenRollout({ plan }))).toBe(30_000)
  const verifying = { phase: 'verify', since: 0, attempt: 1 } as const
  expect(callMilliseconds(greenRollout({ plan, state: verifying }))).toBe(300_000)
})

describe('the engine', () => {
  let rig: Rig
  afterEach(() => rig.stop())

  it('pauses before it takes up a rollout again that cannot even be read', async () => {
    const store = await openMemoryStore()
    let reads = 0
    const broken: Store = {
      ...store,
      rollout: async () => {
        reads++
        throw new Error('the disk is gone')
      },
    }
    rig = await startRig({ store: broken })
    const forever = (_milliseconds: number, signal: AbortSignal): Promise<void> =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    Object.assign(rig.parts, { pause: forever })
    await rig.promote(await rig.release('one'), 'dev')
    await rig.until('it was tried', async () => (reads > 0 ? true : undefined))
    for (let turns = 0; turns < 200; turns++) await nextTurn()
    expect(reads).toBe(1)
  })

  it('lets go of a promotion that another process took, and goes on when that one gives it back', async () => {
    rig = await startRig()
    const { id } = await rig.promote(await rig.release('one'), 'dev')
    await rig.ended(id)
    const next = await rig.promote(await rig.release('two'), 'dev')
    await rig.ended(next.id)
    const later = Date.now() + 60_000
    const taken = await rig.store.claim({
      owner: 'other',
      now: later,
      leaseMilliseconds: 600_000,
      except: [],
    })
    expect(taken).toMatchObject({ promotion: next.id })
    await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'bad' })
    for (let turns = 0; turns < 200; turns++) await nextTurn()
    expect((await rig.store.rollout(`${next.id}.web`))?.state.phase).toBe('standby')
    if (taken !== undefined) await rig.store.releaseLease(taken)
    expect((await rig.reaches(`${next.id}.web`, 'done')).state).toMatchObject({ outcome: 'rolled-back' })
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import { CI, KIM, quickSpec, type Rig, startRig } from '../harness/engine-rig.ts'

/** More than a page of any list holds. */
const MANY = 300

let rig: Rig
afterEach(async () => {
  expect((await rig.store.verifyAudit()).broken).toBeUndefined()
  expect(rig.errors).toEqual([])
  await rig.stop()
})

/** In the order of names the last is on the last page of every list. */
const names = Array.from({ length: MANY }, (_, index) => `s${String(index).padStart(3, '0')}`)
const [first = ''] = names

function many(spec: ServiceSpec = patient()): Readonly<Record<string, ServiceSpec>> {
  return Object.fromEntries(names.map(service => [service, spec]))
}

/** Hundreds that begin in the same moment wait for each other. */
function patient(standbySeconds = 3600): ServiceSpec {
  const { rollout, ...spec } = quickSpec()
  const deadlines = {
    ...rollout.deadlines,
    preflight: 60,
    provision: 60,
    verify: 60,
    hold: 60,
    shift: 60,
    retire: 60,
  }
  return { ...spec, rollout: { ...rollout, standbySeconds, deadlines } }
}

async function through(environment: string, release: Awaited<ReturnType<Rig['release']>>): Promise<string> {
  const { id } = await rig.promote(release, environment)
  const state = await rig.until(
    `${id} ends`,
    async () => {
      const seen = (await rig.store.promotion(id))?.state
      return seen?.phase === 'done' ? seen : undefined
    },
    60_000,
  )
  expect(state).toMatchObject({ outcome: 'succeeded' })
  return id
}

const open = async () => (await rig.store.openRollouts()).reduce((sum, { count }) => sum + count, 0)

describe('an environment of 300 services', { timeout: 120_000 }, () => {
  it('shows, counts and takes back every one of them', async () => {
    rig = await startRig()
    const one = await rig.release('one', many())
    const two = await rig.release('two', many())
    await through('dev', one)
    await through('dev', two)
    const { environments } = await rig.plane.status()
    expect(environments[0]?.services.map(({ service }) => service)).toEqual(names)
    expect(
      environments[0]?.services.every(
        ({ active, standby }) => active?.release === two.id && standby?.release === one.id,
      ),
    ).toBe(true)
    expect(await rig.store.openRollouts()).toEqual([{ environment: 'dev', phase: 'standby', count: MANY }])
    const back = await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'two is bad' })
    expect(back).toMatchObject({ ok: true, value: { length: MANY } })
    await rig.until('nobody is on two', async () => ((await open()) === 0 ? true : undefined), 60_000)
    const after = await rig.plane.status()
    expect(after.environments[0]?.services.every(({ active }) => active?.release === one.id)).toBe(true)
  })

  it('remembers that one service was taken back, and which services a release leaves behind', async () => {
    rig = await startRig()
    const one = await rig.release('one', many())
    const two = await rig.release('two', many())
    await through('dev', one)
    const id = await through('dev', two)
    await rig.plane.command({ rollout: `${id}.${first}`, kind: 'rollback', by: KIM, reason: 'slow' })
    await rig.reaches(`${id}.${first}`, 'done')
    expect(await rig.plane.promote({ release: two.id, environment: 'staging', by: KIM })).toMatchObject({
      refusal: { reasons: [{ reason: 'it was taken back in dev' }] },
    })
    expect(await rig.plane.promote({ release: two.id, environment: 'dev', by: CI })).toMatchObject({
      refusal: { reasons: [{ gate: 'retry' }] },
    })
    const few = await rig.release('few', { [first]: patient() })
    const refused = await rig.plane.promote({ release: few.id, environment: 'dev', by: KIM })
    expect(refused).toMatchObject({ refusal: { reasons: { length: MANY - 1 } } })
  })
})

describe('a long history', { timeout: 120_000 }, () => {
  it('hides neither a success, nor who serves, nor the way back', async () => {
    rig = await startRig()
    const services = { web: patient(0) }
    const zero = await rig.release('zero', services)
    const one = await rig.release('one', services)
    await through('dev', zero)
    await through('dev', one)
    await rig.reaches('dev-2.web', 'done')
    rig.target.preflightProblems = () => ['no room']
    const broken = await rig.release('broken', services)
    for (let tried = 0; tried < 210; tried += 1) {
      const { id } = await rig.promote(broken, 'dev')
      await rig.ended(id)
    }
    rig.target.preflightProblems = () => []
    const [dev] = (await rig.plane.status()).environments
    expect(dev?.services).toMatchObject([{ active: { release: one.id } }])
    expect(dev?.services[0]?.active?.since).toBeLessThan(
      (await rig.store.rollout('dev-3.web'))?.createdAt ?? 0,
    )
    expect(await rig.plane.gate({ release: one.id, environment: 'staging', by: KIM })).toMatchObject({
      value: { verdict: 'met' },
    })
    const back = await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'one is bad' })
    expect(back).toMatchObject({ ok: true, value: [{ to: { release: zero.id } }] })
    expect(await rig.ended('dev-213')).toMatchObject({ outcome: 'succeeded' })
  })
})

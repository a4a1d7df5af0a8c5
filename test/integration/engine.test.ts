import { afterEach, describe, expect, it } from 'vitest'
import type { Store } from '../../src/engine/ports.ts'
import { openMemoryStore } from '../../src/store/sqlite/open-sqlite-store.ts'
import {
  CI,
  content,
  environmentPolicy,
  KIM,
  LEE,
  quickSpec,
  type Rig,
  startRig,
} from '../harness/engine-rig.ts'

let rig: Rig
const start = async (options?: Parameters<typeof startRig>[0]): Promise<Rig> => {
  rig = await startRig(options)
  return rig
}

afterEach(async () => {
  expect(await rig.store.verifyAudit()).toMatchObject({ events: expect.any(Number) })
  expect((await rig.store.verifyAudit()).broken).toBeUndefined()
  expect(rig.errors).toEqual([])
  await rig.stop()
})

async function through(environments: readonly string[], release: Awaited<ReturnType<Rig['release']>>) {
  for (const environment of environments) {
    const { id } = await rig.promote(release, environment)
    expect(await rig.ended(id)).toMatchObject({ outcome: 'succeeded' })
  }
}

describe('one release', () => {
  it('goes dev, staging, prod, and each environment serves it', async () => {
    await start()
    const release = await rig.release('one')
    await through(['dev', 'staging', 'prod'], release)
    const status = await rig.plane.status()
    expect(status.environments.map(({ services }) => services[0]?.active?.release)).toEqual([
      release.id,
      release.id,
      release.id,
    ])
    expect(status.environments[2]?.services[0]).toMatchObject({
      health: 'healthy',
      weights: { blue: 100, green: 0 },
    })
  })

  it('never enters an environment past the one before it, and every reason is told', async () => {
    await start()
    const release = await rig.release('one')
    const refused = await rig.plane.promote({ release: release.id, environment: 'prod', by: KIM })
    expect(refused).toMatchObject({
      ok: false,
      refusal: { kind: 'unmet', reasons: [{ gate: 'order', state: 'failed' }] },
    })
    expect(rig.target.acts).toEqual([])
    const { items } = await rig.store.promotions({ environment: 'prod' }, { limit: 5 })
    expect(items).toMatchObject([{ state: { phase: 'done', outcome: 'returned' } }])
  })

  it('is created once, however often its content is given', async () => {
    await start()
    const first = await rig.release('one')
    expect((await rig.release('one')).id).toBe(first.id)
    expect((await rig.store.releases({ limit: 10 })).items).toHaveLength(1)
    expect(await rig.plane.findRelease('latest')).toMatchObject({ value: { id: first.id } })
    expect(await rig.plane.findRelease(first.id.slice(7, 13))).toMatchObject({ value: { id: first.id } })
    expect(await rig.plane.findRelease('zzzz')).toMatchObject({ ok: false, refusal: { kind: 'invalid' } })
  })

  it('is sent back when it lacks a service that users are on', async () => {
    await start()
    await through(['dev'], await rig.release('one', { web: quickSpec(), old: quickSpec() }))
    const renamed = await rig.release('two', { web: quickSpec(), fresh: quickSpec() })
    expect(await rig.plane.promote({ release: renamed.id, environment: 'dev', by: KIM })).toMatchObject({
      refusal: {
        kind: 'unmet',
        reasons: [{ gate: 'release', reason: 'it has no old, which serves users in dev' }],
      },
    })
  })

  it('is refused when it is of another project or names an unknown environment', async () => {
    await start()
    const made = content('one')
    expect(await rig.plane.createRelease({ ...made, project: 'bank' }, KIM)).toMatchObject({ ok: false })
    const strange = { ...made, environments: { ...made.environments, qa: made.environments.dev ?? {} } }
    expect(await rig.plane.createRelease(strange, KIM)).toMatchObject({
      refusal: { what: 'there is no environment qa' },
    })
  })
})

describe('the second release', () => {
  it('takes the other color, goes through the steps and leaves the first standing by', async () => {
    await start()
    const [one, two] = [await rig.release('one'), await rig.release('two')]
    await through(['dev'], one)
    await through(['dev'], two)
    expect(rig.target.acts).toEqual([
      'provision dev/web blue × 2',
      'shift dev/web blue 100 green 0',
      'provision dev/web green × 2',
      'shift dev/web blue 80 green 20',
      'shift dev/web blue 0 green 100',
    ])
    const status = await rig.plane.status()
    expect(status.environments[0]?.services[0]).toMatchObject({
      active: { color: 'green', release: two.id },
      standby: { color: 'blue', release: one.id },
    })
  })

  it('comes back to the standby by one call, traffic first, and the time is measured', async () => {
    await start()
    const [one, two] = [await rig.release('one'), await rig.release('two')]
    await through(['dev'], one)
    await through(['dev'], two)
    rig.target.acts.length = 0
    const answer = await rig.plane.rollback({ environment: 'dev', by: LEE, reason: 'looks wrong' })
    expect(answer).toMatchObject({ ok: true, value: [{ id: 'dev-2.web' }] })
    const { state } = await rig.reaches('dev-2.web', 'done')
    expect(state).toMatchObject({ outcome: 'rolled-back', automatic: false, serving: { release: one.id } })
    expect(rig.target.acts).toEqual(['shift dev/web blue 100 green 0', 'retire dev/web green'])
    expect(state.phase === 'done' && state.rollbackMilliseconds).toBeGreaterThanOrEqual(0)
  })

  it('is taken back by its measurements, and automation does not push it again', async () => {
    await start()
    const [one, two] = [await rig.release('one'), await rig.release('two')]
    await through(['dev'], one)
    await through(['dev'], two)
    rig.target.service({ environment: 'dev', service: 'web' }).measurements = {
      green: { requests: 100, errors: 60 },
    }
    expect((await rig.reaches('dev-2.web', 'done')).state).toMatchObject({
      outcome: 'rolled-back',
      automatic: true,
    })
    expect(await rig.plane.promote({ release: two.id, environment: 'dev', by: CI })).toMatchObject({
      refusal: { reasons: [{ gate: 'retry' }] },
    })
    expect(await rig.plane.promote({ release: two.id, environment: 'staging', by: KIM })).toMatchObject({
      refusal: { reasons: [{ reason: 'it was taken back in dev' }] },
    })
    rig.target.service({ environment: 'dev', service: 'web' }).measurements = {}
    expect(await rig.ended((await rig.promote(two, 'dev', KIM)).id)).toMatchObject({ outcome: 'succeeded' })
  })

  it('ends the standby before it only when it needs the color', async () => {
    await start()
    for (const build of ['one', 'two', 'three']) await through(['dev'], await rig.release(build))
    expect((await rig.store.rollout('dev-2.web'))?.state).toMatchObject({
      phase: 'done',
      outcome: 'succeeded',
    })
    expect(rig.target.acts.slice(-4)).toEqual([
      'retire dev/web blue',
      'provision dev/web blue × 2',
      'shift dev/web blue 20 green 80',
      'shift dev/web blue 100 green 0',
    ])
  })

  it('leaves the standby alone when its preflight fails', async () => {
    await start()
    for (const build of ['one', 'two']) await through(['dev'], await rig.release(build))
    rig.target.preflightProblems = () => ['the bundle is damaged; create the release again']
    const three = await rig.promote(await rig.release('three'), 'dev')
    expect(await rig.ended(three.id)).toMatchObject({
      outcome: 'failed',
      reasons: [expect.stringContaining('damaged')],
    })
    expect((await rig.store.rollout('dev-2.web'))?.state.phase).toBe('standby')
  })
})

describe('going back without a standby', () => {
  it('brings the last good release up before users move, whatever is frozen', async () => {
    const spec = quickSpec()
    const short = { web: { ...spec, rollout: { ...spec.rollout, standbySeconds: 0 } } }
    await start()
    const [one, two] = [await rig.release('one', short), await rig.release('two', short)]
    await through(['dev'], one)
    await through(['dev'], two)
    await rig.reaches('dev-2.web', 'done')
    await rig.plane.declareFreeze({ reason: 'sale' }, KIM)
    rig.target.acts.length = 0
    const answer = await rig.plane.rollback({
      environment: 'dev',
      service: 'web',
      by: KIM,
      reason: 'late trouble',
    })
    expect(answer).toMatchObject({
      ok: true,
      value: [{ id: 'dev-3.web', kind: 'rollback', to: { release: one.id } }],
    })
    expect(await rig.ended('dev-3')).toMatchObject({ outcome: 'succeeded' })
    expect(rig.target.acts.slice(0, 2)).toEqual([
      'provision dev/web blue × 2',
      'shift dev/web blue 100 green 0',
    ])
  })

  it('is refused when there is nothing to go back to', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    expect(await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'x' })).toMatchObject({
      refusal: { kind: 'conflict' },
    })
    expect(
      await rig.plane.rollback({ environment: 'dev', service: 'nope', by: KIM, reason: 'x' }),
    ).toMatchObject({
      refusal: { kind: 'not-found' },
    })
  })
})

describe('a gate', () => {
  const gated = () => [
    environmentPolicy('dev', {
      gate: {
        soakSeconds: 0,
        checks: ['tests'],
        approvals: [{ kind: 'quality', count: 1, roles: ['qa'], expiresSeconds: 3600 }],
        expressions: [],
      },
    }),
  ]

  it('lets a promotion wait, shows why, and begins by itself when the last condition is met', async () => {
    await start({ environments: gated() })
    const release = await rig.release('one')
    const promotion = await rig.promote(release, 'dev')
    expect(promotion.state).toMatchObject({
      phase: 'waiting',
      reasons: [{ gate: 'check' }, { gate: 'approval' }],
    })
    await rig.plane.reportCheck({ release: release.id, name: 'tests', state: 'passed' }, CI)
    const given = await rig.plane.decideApproval(
      { release: release.id, environment: 'dev', kind: 'quality', verdict: 'approved' },
      LEE,
    )
    expect(given.ok).toBe(true)
    expect(await rig.ended(promotion.id)).toMatchObject({ outcome: 'succeeded' })
  })

  it('sends a waiting release back as soon as a check fails', async () => {
    await start({ environments: gated() })
    const release = await rig.release('one')
    const promotion = await rig.promote(release, 'dev')
    await rig.plane.reportCheck(
      { release: release.id, name: 'tests', state: 'failed', url: 'https://ci/7' },
      CI,
    )
    expect(await rig.ended(promotion.id)).toMatchObject({
      outcome: 'returned',
      reasons: expect.arrayContaining(['check tests failed (https://ci/7)']),
    })
  })

  it('refuses the word of the author, of people without the role, and for what nobody asks', async () => {
    await start({ environments: gated() })
    const release = await rig.release('one')
    const word = { release: release.id, environment: 'dev', verdict: 'approved' as const }
    const ada = { kind: 'person' as const, name: 'Ada', roles: ['qa'] }
    expect(await rig.plane.decideApproval({ ...word, kind: 'quality' }, ada)).toMatchObject({
      refusal: { kind: 'forbidden' },
    })
    expect(await rig.plane.decideApproval({ ...word, kind: 'quality' }, KIM)).toMatchObject({
      refusal: { kind: 'forbidden' },
    })
    expect(await rig.plane.decideApproval({ ...word, kind: 'peer' }, LEE)).toMatchObject({
      refusal: { kind: 'invalid' },
    })
  })

  it('counts a word no more once it was taken back', async () => {
    await start({ environments: gated() })
    const release = await rig.release('one')
    const given = await rig.plane.decideApproval(
      { release: release.id, environment: 'dev', kind: 'quality', verdict: 'approved' },
      LEE,
    )
    if (!given.ok) throw new Error('refused')
    expect(await rig.plane.withdrawApproval(given.value.id, KIM)).toMatchObject({
      refusal: { kind: 'forbidden' },
    })
    expect(await rig.plane.withdrawApproval(given.value.id, LEE)).toMatchObject({ ok: true })
    expect(await rig.plane.gate({ release: release.id, environment: 'dev', by: KIM })).toMatchObject({
      value: { verdict: 'waiting', reasons: [{ gate: 'check' }, { reason: 'quality approval: 0 of 1' }] },
    })
  })

  it('is superseded while it waits by a newer promotion', async () => {
    await start({ environments: gated() })
    const first = await rig.promote(await rig.release('one'), 'dev')
    const second = await rig.promote(await rig.release('two'), 'dev')
    expect(await rig.ended(first.id)).toMatchObject({
      outcome: 'superseded',
      reasons: [`${second.id} took its place`],
    })
  })

  it('opens a freeze only by break-glass, with the reason in the audit log', async () => {
    await start()
    const release = await rig.release('one')
    const frozen = await rig.plane.declareFreeze({ environment: 'dev', reason: 'audit week' }, KIM)
    const waiting = await rig.promote(release, 'dev')
    expect(waiting.state).toMatchObject({ phase: 'waiting', reasons: [{ gate: 'freeze' }] })
    const broken = await rig.plane.promote({
      release: release.id,
      environment: 'dev',
      by: KIM,
      breakGlass: { reason: 'outage' },
    })
    if (!broken.ok || !frozen.ok) throw new Error('refused')
    expect(await rig.ended(broken.value.id)).toMatchObject({ outcome: 'succeeded' })
    const events = await rig.store.events(0, 200)
    expect(events.some(({ message }) => message.includes('break-glass: outage'))).toBe(true)
  })

  it('opens for the next release when the one that runs has ended', async () => {
    await start()
    rig.target.becomesReady = () => false
    const first = await rig.promote(await rig.release('one'), 'dev')
    await rig.reaches(`${first.id}.web`, 'provision')
    const second = await rig.promote(await rig.release('two'), 'dev')
    expect(second.state).toMatchObject({ phase: 'waiting', reasons: [{ gate: 'busy' }] })
    rig.target.becomesReady = () => true
    await rig.plane.abortPromotion(first.id, KIM, 'make room')
    expect(await rig.ended(second.id)).toMatchObject({ outcome: 'succeeded' })
  })

  it('opens for those who wait when a freeze is lifted', async () => {
    await start()
    const frozen = await rig.plane.declareFreeze({ environment: 'dev', reason: 'audit week' }, KIM)
    const waiting = await rig.promote(await rig.release('one'), 'dev')
    if (!frozen.ok) throw new Error('refused')
    await rig.plane.liftFreeze(frozen.value.id, KIM)
    expect(await rig.ended(waiting.id)).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('automation', () => {
  it('takes a release on to environments that ask for it', async () => {
    await start({
      environments: [
        environmentPolicy('dev'),
        environmentPolicy('staging', { after: 'dev', promotion: 'automatic' }),
      ],
    })
    await rig.promote(await rig.release('one'), 'dev')
    expect(await rig.ended('staging-1')).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('several services', () => {
  it('switch in the order of `after:`, and a failed one stops the rest', async () => {
    await start()
    const good = { api: quickSpec(), web: quickSpec({ after: ['api'] }) }
    await through(['dev'], await rig.release('one', good))
    const shifts = rig.target.acts.filter(act => act.startsWith('shift'))
    expect(shifts).toEqual(['shift dev/api blue 100 green 0', 'shift dev/web blue 100 green 0'])
    rig.target.becomesReady = ({ service }) => service !== 'api'
    rig.target.acts.length = 0
    const broken = await rig.promote(await rig.release('two', good), 'dev')
    expect(await rig.ended(broken.id)).toMatchObject({ outcome: 'failed' })
    expect(rig.target.acts.filter(act => act.includes('dev/web'))).toEqual([])
  })
})

describe('several services of which one fails late', () => {
  it('takes back those that had switched where the environment asks for it', async () => {
    await start({ environments: [environmentPolicy('dev', { onFailure: 'take-back' })] })
    const services = { api: quickSpec(), web: quickSpec({ after: ['api'] }) }
    await through(['dev'], await rig.release('one', services))
    rig.target.preflightProblems = ({ service }) => (service === 'web' ? ['no room'] : [])
    const { id } = await rig.promote(await rig.release('two', services), 'dev')
    expect(await rig.ended(id)).toMatchObject({ outcome: 'failed' })
    expect((await rig.reaches(`${id}.api`, 'done')).state).toMatchObject({ outcome: 'rolled-back' })
    expect(rig.target.service({ environment: 'dev', service: 'api' }).weights).toEqual({
      blue: 100,
      green: 0,
    })
  })
})

describe('a rolling service', () => {
  it('is replaced in its slot and put back there', async () => {
    await start()
    const spec = quickSpec()
    const rolling = { web: quickSpec({ rollout: { ...spec.rollout, strategy: 'rolling' } }) }
    const [one, two] = [await rig.release('one', rolling), await rig.release('two', rolling)]
    await through(['dev'], one)
    await through(['dev'], two)
    expect(rig.target.acts).toEqual([
      'provision dev/web blue × 2',
      'shift dev/web blue 100 green 0',
      'provision dev/web blue × 2',
    ])
    const back = await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'no' })
    expect(back).toMatchObject({
      ok: true,
      value: [{ kind: 'rollback', to: { color: 'blue', release: one.id } }],
    })
    expect(await rig.ended('dev-3')).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('people', () => {
  const approved = () => {
    const spec = quickSpec()
    return { web: { ...spec, rollout: { ...spec.rollout, approveSwitch: true } } }
  }

  it('open the switch, pause, resume and abort', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    const { id } = await rig.promote(await rig.release('two', approved()), 'dev')
    const rollout = `${id}.web`
    await rig.reaches(rollout, 'approval')
    const say = (kind: 'pause' | 'resume' | 'advance' | 'abort' | 'rollback') =>
      rig.plane.command({ rollout, kind, by: KIM, reason: 'why not' })
    expect(await say('rollback')).toMatchObject({ refusal: { kind: 'conflict' } })
    expect(await say('pause')).toMatchObject({ ok: true })
    expect(await say('advance')).toMatchObject({ refusal: { what: 'kim paused it' } })
    expect(await say('resume')).toMatchObject({ ok: true })
    expect(await say('advance')).toMatchObject({ ok: true })
    expect(await rig.ended(id)).toMatchObject({ outcome: 'succeeded' })
    expect(await say('abort')).toMatchObject({ refusal: { kind: 'conflict' } })
  })

  it('abort a promotion before users are touched', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    const { id } = await rig.promote(await rig.release('two', approved()), 'dev')
    await rig.reaches(`${id}.web`, 'approval')
    expect(await rig.plane.abortPromotion(id, KIM, 'not now')).toMatchObject({ ok: true })
    expect(await rig.ended(id)).toMatchObject({ outcome: 'aborted' })
    expect(rig.target.service({ environment: 'dev', service: 'web' })).toMatchObject({
      weights: { blue: 100, green: 0 },
    })
  })
})

describe('trouble', () => {
  it('goes on after a restart of the engine where it stopped', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    rig.target.becomesReady = () => false
    const { id } = await rig.promote(await rig.release('two'), 'dev')
    await rig.reaches(`${id}.web`, 'provision')
    await rig.restartEngine()
    const { slots } = rig.target.service({ environment: 'dev', service: 'web' })
    await rig.until('green exists', async () => slots.green)
    if (slots.green !== undefined) slots.green = { ...slots.green, ready: 2 }
    expect(await rig.ended(id)).toMatchObject({ outcome: 'succeeded' })
  })

  it('holds while the target cannot be reached and goes on when it can', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    rig.target.becomesReady = () => false
    const { id } = await rig.promote(await rig.release('two'), 'dev')
    await rig.reaches(`${id}.web`, 'provision')
    rig.target.unreachable = true
    rig.target.becomesReady = () => true
    await rig.restartEngine()
    rig.target.unreachable = false
    const { slots } = rig.target.service({ environment: 'dev', service: 'web' })
    if (slots.green !== undefined) slots.green = { ...slots.green, ready: 2 }
    expect(await rig.ended(id)).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('a release that stands by', () => {
  it('is promoted again without two rollouts pulling at the traffic', async () => {
    await start()
    const [one, two] = [await rig.release('one'), await rig.release('two')]
    await through(['dev'], one)
    await through(['dev'], two)
    rig.target.acts.length = 0
    await through(['dev'], one)
    expect(rig.target.acts).toEqual([
      'retire dev/web blue',
      'provision dev/web blue × 2',
      'shift dev/web blue 20 green 80',
      'shift dev/web blue 100 green 0',
    ])
    expect((await rig.reaches('dev-2.web', 'done')).state).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('what serves users', () => {
  it('is known after a rollback took a standby while the next release was on its way', async () => {
    await start()
    const [one, two] = [await rig.release('one'), await rig.release('two')]
    await through(['dev'], one)
    await through(['dev'], two)
    rig.target.preflightProblems = () => {
      throw new Error('no answer')
    }
    const { id } = await rig.promote(await rig.release('three'), 'dev')
    await rig.reaches(`${id}.web`, 'preflight')
    const answer = await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'two is bad' })
    expect(answer).toMatchObject({ ok: true })
    expect(await rig.ended(id)).toMatchObject({ outcome: 'aborted' })
    expect((await rig.reaches('dev-2.web', 'done')).state).toMatchObject({ serving: { release: one.id } })
    rig.target.preflightProblems = () => []
    const status = await rig.plane.status()
    expect(status.environments[0]?.services[0]?.active).toMatchObject({ color: 'blue', release: one.id })
    await through(['dev'], await rig.release('four'))
  })
})

describe('a rollback', () => {
  const short = () => {
    const spec = quickSpec()
    return { web: { ...spec, rollout: { ...spec.rollout, standbySeconds: 0 } } }
  }

  it('goes on when it is asked for again while it brings the good release up', async () => {
    await start()
    for (const build of ['one', 'two']) await through(['dev'], await rig.release(build, short()))
    await rig.reaches('dev-2.web', 'done')
    rig.target.becomesReady = () => false
    await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'bad' })
    await rig.reaches('dev-3.web', 'provision')
    const again = await rig.plane.rollback({ environment: 'dev', by: LEE, reason: 'hurry' })
    expect(again).toMatchObject({ ok: true, value: [{ id: 'dev-3.web' }] })
    const { slots } = rig.target.service({ environment: 'dev', service: 'web' })
    await rig.until('blue exists', async () => slots.blue)
    if (slots.blue !== undefined) slots.blue = { ...slots.blue, ready: 2 }
    expect(await rig.ended('dev-3')).toMatchObject({ outcome: 'succeeded' })
  })

  it('never leads to the release that the rollback before it took away', async () => {
    await start()
    const zero = await rig.release('zero', short())
    await through(['dev'], zero)
    for (const build of ['one', 'two']) await through(['dev'], await rig.release(build, short()))
    await rig.reaches('dev-3.web', 'done')
    await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'two is bad' })
    expect(await rig.ended('dev-4')).toMatchObject({ outcome: 'succeeded' })
    const further = await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'one is bad as well' })
    expect(further).toMatchObject({ ok: true, value: [{ kind: 'rollback', to: { release: zero.id } }] })
    expect(await rig.ended('dev-5')).toMatchObject({ outcome: 'succeeded' })
    expect(await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'and zero' })).toMatchObject({
      refusal: { kind: 'conflict' },
    })
  })

  it('takes the release out of the way onward, however it was done', async () => {
    await start()
    const [one, two] = [await rig.release('one', short()), await rig.release('two', short())]
    await through(['dev'], one)
    await through(['dev'], two)
    await rig.reaches('dev-2.web', 'done')
    await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'two is bad' })
    expect(await rig.ended('dev-3')).toMatchObject({ outcome: 'succeeded' })
    expect(await rig.plane.promote({ release: two.id, environment: 'staging', by: KIM })).toMatchObject({
      refusal: { reasons: [{ reason: 'it was taken back in dev' }] },
    })
    expect(await rig.plane.promote({ release: two.id, environment: 'dev', by: CI })).toMatchObject({
      refusal: { reasons: [{ gate: 'retry' }] },
    })
    await through(['dev', 'staging'], two)
  })

  it('is not lost to a word that comes after it', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    const spec = quickSpec()
    const slow = {
      web: {
        ...spec,
        rollout: {
          ...spec.rollout,
          steps: [
            { percent: 20, bakeSeconds: 600 },
            { percent: 100, bakeSeconds: 0 },
          ],
        },
      },
    }
    const { id } = await rig.promote(await rig.release('two', slow), 'dev')
    const confirmed = await rig.until('20 % are on it', async () => {
      const rollout = await rig.store.rollout(`${id}.web`)
      return rollout?.state.phase === 'shift' && rollout.state.confirmedAt !== undefined ? rollout : undefined
    })
    rig.target.unreachable = true
    const say = (kind: 'advance' | 'abort' | 'rollback') =>
      rig.plane.command({ rollout: confirmed.id, kind, by: KIM, reason: 'why not' })
    expect(await say('rollback')).toMatchObject({ ok: true })
    expect(await say('advance')).toMatchObject({ refusal: { kind: 'conflict' } })
    expect((await rig.store.rollout(confirmed.id))?.request?.kind).toBe('rollback')
    rig.target.unreachable = false
    expect(await rig.ended(id)).toMatchObject({ outcome: 'rolled-back' })
  })

  it('finds every service of an environment that has many', async () => {
    await start()
    const names = Array.from({ length: 60 }, (_, index) => `s${index}`)
    const many = Object.fromEntries(names.map(name => [name, short().web]))
    const one = await rig.release('one', many)
    await through(['dev'], one)
    await through(['dev'], await rig.release('two', many))
    await rig.reaches('dev-2.s0', 'done')
    rig.target.preflightProblems = () => ['no room']
    for (const build of ['three', 'four', 'five']) {
      const { id } = await rig.promote(await rig.release(build, many), 'dev')
      await rig.ended(id)
    }
    rig.target.preflightProblems = () => []
    const answer = await rig.plane.rollback({
      environment: 'dev',
      service: 's0',
      by: KIM,
      reason: 'two is bad',
    })
    expect(answer).toMatchObject({ ok: true, value: [{ to: { release: one.id } }] })
  }, 60_000)
})

describe('a release whose color before is dead', () => {
  it('gets all users at once, since nobody else could serve them', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    const web = rig.target.service({ environment: 'dev', service: 'web' })
    if (web.slots.blue !== undefined) web.slots.blue = { ...web.slots.blue, ready: 0 }
    rig.target.acts.length = 0
    await through(['dev'], await rig.release('two'))
    expect(rig.target.acts).toEqual(['provision dev/web green × 2', 'shift dev/web blue 0 green 100'])
  })
})

describe('between reading and recording', () => {
  const checked = [
    environmentPolicy('dev', {
      gate: { soakSeconds: 0, checks: ['tests'], approvals: [], expressions: [] },
    }),
  ]

  /** A store in which something else happens just before a new promotion gets its number. */
  async function interrupted(first: () => Promise<unknown>): Promise<Store> {
    const store = await openMemoryStore()
    let pending: typeof first | undefined = first
    return {
      ...store,
      async nextPromotionNumber(environment) {
        const happen = pending
        pending = undefined
        await happen?.()
        return store.nextPromotionNumber(environment)
      },
    }
  }

  it('a check that is reported while its release is promoted opens the gate', async () => {
    let report = async (): Promise<unknown> => undefined
    await start({ environments: checked, store: await interrupted(() => report()) })
    const release = await rig.release('one')
    report = () => rig.plane.reportCheck({ release: release.id, name: 'tests', state: 'passed' }, CI)
    const { id } = await rig.promote(release, 'dev')
    expect(await rig.ended(id)).toMatchObject({ outcome: 'succeeded' })
  })

  it('a freeze that is declared while a gate opens keeps it closed', async () => {
    const store = await openMemoryStore()
    let declare = async (): Promise<unknown> => undefined
    const between: Store = {
      ...store,
      async record(changes, entries, lease) {
        if (entries.some(({ kind }) => kind === 'promotion.started')) {
          const happen = declare
          declare = async () => undefined
          await happen()
        }
        return store.record(changes, entries, lease)
      },
    }
    await start({ store: between })
    declare = () => rig.plane.declareFreeze({ environment: 'dev', reason: 'audit week' }, KIM)
    const { id } = await rig.promote(await rig.release('one'), 'dev')
    const state = await rig.until('it waits for the freeze', async () => {
      const present = (await rig.store.promotion(id))?.state
      return present?.phase === 'waiting' && present.reasons.length === 0 ? undefined : present
    })
    expect(state).toMatchObject({ phase: 'waiting', reasons: [{ gate: 'freeze' }] })
    expect(rig.target.acts).toEqual([])
  })

  it('tells in the audit log what a promotion waits for when that changes', async () => {
    await start({ environments: checked })
    const release = await rig.release('one')
    const { id } = await rig.promote(release, 'dev')
    await rig.plane.reportCheck({ release: release.id, name: 'tests', state: 'pending' }, CI)
    const told = await rig.until('it is told', async () =>
      (await rig.store.events(0, 200)).find(({ kind }) => kind === 'promotion.waiting'),
    )
    expect(told).toMatchObject({ promotion: id, message: expect.stringContaining('check tests still runs') })
  })
})

describe('a service that goes back', () => {
  it('keeps its promotion open until it has, so that the next one knows who serves', async () => {
    await start({ environments: [environmentPolicy('dev', { onFailure: 'take-back' })] })
    const services = { api: quickSpec(), web: quickSpec({ after: ['api'] }) }
    await through(['dev'], await rig.release('one', services))
    rig.target.preflightProblems = ({ service }) => (service === 'web' ? ['no room'] : [])
    const { id } = await rig.promote(await rig.release('two', services), 'dev')
    expect(await rig.ended(id)).toMatchObject({ outcome: 'failed' })
    expect((await rig.store.rollout(`${id}.api`))?.state).toMatchObject({ outcome: 'rolled-back' })
  })

  it('is not stopped by another that cannot', async () => {
    await start()
    const spec = quickSpec()
    const brief = quickSpec({ rollout: { ...spec.rollout, standbySeconds: 0 } })
    const services = { api: brief, web: brief }
    await through(['dev'], await rig.release('one', services))
    await through(['dev'], await rig.release('two', services))
    for (const service of ['api', 'web']) await rig.reaches(`dev-2.${service}`, 'done')
    rig.target.preflightProblems = ({ service }) => (service === 'api' ? ['damaged'] : [])
    await rig.plane.rollback({ environment: 'dev', by: KIM, reason: 'bad' })
    expect(await rig.ended('dev-3')).toMatchObject({ outcome: 'failed' })
    expect((await rig.store.rollout('dev-3.web'))?.state).toMatchObject({ outcome: 'succeeded' })
  })

  it('alone is no success of the release that it goes back to', async () => {
    await start()
    const spec = quickSpec()
    const brief = quickSpec({ rollout: { ...spec.rollout, standbySeconds: 0 } })
    const services = { api: brief, web: quickSpec({ after: ['api'] }) }
    await through(['dev'], await rig.release('zero', services))
    rig.target.preflightProblems = ({ service }) => (service === 'web' ? ['no room'] : [])
    const one = await rig.release('one', services)
    expect(await rig.ended((await rig.promote(one, 'dev')).id)).toMatchObject({ outcome: 'failed' })
    rig.target.preflightProblems = () => []
    await through(['dev'], await rig.release('two', services))
    await rig.reaches('dev-3.api', 'done')
    await rig.plane.rollback({ environment: 'dev', service: 'api', by: KIM, reason: 'bad' })
    expect(await rig.ended('dev-4')).toMatchObject({ outcome: 'succeeded' })
    expect((await rig.store.rollout('dev-4.api'))?.to.release).toBe(one.id)
    expect(await rig.plane.promote({ release: one.id, environment: 'staging', by: KIM })).toMatchObject({
      refusal: { reasons: [{ reason: 'it has not succeeded in dev' }] },
    })
  })
})

describe('what cannot be asked', () => {
  it('is no reason to wait beyond the deadline of a verification', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    rig.target.preview = async () => {
      throw new Error('no way to the preview')
    }
    const { rollout, ...spec } = quickSpec()
    const verify = [{ kind: 'command' as const, command: ['true'], timeoutSeconds: 1 }]
    const plan = { ...rollout, verify, deadlines: { ...rollout.deadlines, verify: 1 } }
    const { id } = await rig.promote(await rig.release('two', { web: { ...spec, rollout: plan } }), 'dev')
    expect(await rig.ended(id)).toMatchObject({
      outcome: 'failed',
      reasons: [expect.stringContaining('verification had no answer')],
    })
  })

  it('is not taken for an environment without capacity', async () => {
    await start()
    await through(['dev'], await rig.release('one'))
    const web = rig.target.service({ environment: 'dev', service: 'web' })
    if (web.slots.blue !== undefined) web.slots.blue = { ...web.slots.blue, desired: 5, ready: 5, total: 5 }
    const observe = rig.target.observe
    let failures = 1
    rig.target.observe = (...given) => {
      if (failures-- > 0) throw new Error('no answer')
      return observe(...given)
    }
    await through(['dev'], await rig.release('two'))
    expect(rig.target.acts).toContain('provision dev/web green × 5')
  })
})

describe('an approval', () => {
  it('is the word of a person, never of automation', async () => {
    await start({
      environments: [
        environmentPolicy('dev', {
          gate: {
            soakSeconds: 0,
            checks: [],
            approvals: [{ kind: 'quality', count: 1, roles: ['ci'], expiresSeconds: 3600 }],
            expressions: [],
          },
        }),
      ],
    })
    const { id } = await rig.release('one')
    const word = { release: id, environment: 'dev', kind: 'quality' as const, verdict: 'approved' as const }
    expect(await rig.plane.decideApproval(word, CI)).toMatchObject({ refusal: { kind: 'forbidden' } })
  })
})

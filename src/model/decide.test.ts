import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COLORS } from './color.ts'
import { decide } from './decide.ts'
import { evidenceWanted } from './evidence-wanted.ts'
import { resumed } from './resume.ts'
import { type Rollout, type RolloutRequest, servesNow } from './rollout.ts'
import { sha256 } from './sha256.ts'
import {
  BLUE_RELEASE,
  blueServes,
  emptyWorld,
  evidenceOf,
  firstRollout,
  GREEN_RELEASE,
  greenRollout,
  healthyTraffic,
  PLAN,
  perform,
  runUntil,
  slot,
  turn,
  type World,
} from './testing/world.ts'

const rollback = (at: number): RolloutRequest => ({ kind: 'rollback', by: 'kim', at, reason: 'looks wrong' })
const THIRD_RELEASE = sha256('a release that the store does not know')
const abort = (at: number): RolloutRequest => ({ kind: 'abort', by: 'kim', at, reason: 'not today' })

describe('a rollout that goes well', () => {
  it('goes through every phase and leaves the new color serving', () => {
    const world = blueServes()
    const ended = runUntil(world, greenRollout(), ['done'])
    expect(ended.history.map(({ phase }) => phase)).toEqual([
      'provision',
      'verify',
      'shift',
      'shift',
      'shift',
      'bake',
      'standby',
      'retire',
      'done',
    ])
    expect(ended.state).toMatchObject({ phase: 'done', outcome: 'succeeded', serving: { color: 'green' } })
    expect(world.weights).toEqual({ blue: 0, green: 100 })
    expect(world.slots.blue).toBeUndefined()
  })

  it('brings green up at the present capacity of blue, then goes to what the release asks for', () => {
    const world = blueServes()
    const verified = runUntil(world, greenRollout(), ['verify'])
    expect(world.slots.green?.desired).toBe(3)
    runUntil(world, verified, ['done'])
    expect(world.slots.green?.desired).toBe(2)
  })

  it('leaves the count to the target that scales by itself', () => {
    const world = blueServes()
    runUntil(world, greenRollout({ autoscaled: true }), ['done'])
    expect(world.slots.green?.desired).toBe(3)
  })

  it('keeps blue at full capacity until the standby time is over', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    const since = world.now
    const retiring = runUntil(world, standing, ['retire'])
    expect(world.slots.blue).toMatchObject({ desired: 3, ready: 3 })
    expect(retiring.state.phase).toBe('retire')
    expect(world.now - since).toBeGreaterThanOrEqual(PLAN.standbySeconds * 1000)
  })

  it('bakes each step as long as the plan says', () => {
    const world = blueServes()
    const first = runUntil(world, greenRollout(), ['shift'])
    const begun = world.now
    const baked = runUntil(world, first, ['bake'])
    expect(world.now - begun).toBeGreaterThanOrEqual(10_000)
    const at = world.now
    runUntil(world, baked, ['standby'])
    expect(world.now - at).toBeGreaterThanOrEqual(20_000)
  })

  it('opens the first release of an environment at once and has no standby', () => {
    const world = emptyWorld()
    const ended = runUntil(world, firstRollout(), ['done'])
    expect(ended.state).toMatchObject({
      outcome: 'succeeded',
      serving: { color: 'blue', release: GREEN_RELEASE },
    })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })
})

describe('before users are touched', () => {
  it('ends with every preflight problem and touches nothing', () => {
    const world = { ...blueServes(), preflight: ['the artifact is damaged', 'secret DB is missing'] }
    const ended = runUntil(world, greenRollout(), ['done'])
    expect(ended.state).toMatchObject({
      outcome: 'failed',
      reason: 'the artifact is damaged; secret DB is missing',
    })
    expect(world.slots.green).toBeUndefined()
  })

  it('fails when the target does not answer the preflight in time', () => {
    const world: World = { ...blueServes(), preflight: undefined }
    expect(runUntil(world, greenRollout(), ['done']).state).toMatchObject({ outcome: 'failed' })
  })

  it('takes every instance away again when not all become ready', () => {
    const world = { ...blueServes(), quick: false }
    const ended = runUntil(world, greenRollout(), ['done'])
    expect(ended.state).toMatchObject({
      outcome: 'failed',
      reason: 'instances were not ready in time: 0 of 3 are ready',
    })
    expect(world.slots.green).toBeUndefined()
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  it('tells a crash loop at once instead of waiting for the deadline', () => {
    const world = { ...blueServes(), quick: false }
    const provisioning = turn(world, turn(world, greenRollout()).rollout).rollout
    world.slots.green = { ...slot(GREEN_RELEASE, 3, 0), problem: 'exit code 1: no such module' }
    const { rollout } = turn(world, provisioning)
    expect(rollout.state).toMatchObject({
      phase: 'withdraw',
      reason: expect.stringContaining('no such module'),
    })
  })

  it('asks three times before a verification counts as failed', () => {
    const world = {
      ...blueServes(),
      verification: { passed: false, problems: ['GET /health: status 500, expected 200'] },
    }
    const ended = runUntil(world, greenRollout(), ['done'])
    expect(ended.history.filter(({ phase }) => phase === 'verify')).toHaveLength(1)
    expect(ended.state).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('status 500') })
  })

  it('believes a verification that passes at the third asking', () => {
    const world = { ...blueServes(), verification: { passed: false, problems: ['status 500'] } }
    const verifying = runUntil(world, greenRollout(), ['verify'])
    const asked = turn(world, turn(world, verifying).rollout).rollout
    expect(asked.state).toMatchObject({ phase: 'verify', attempt: 3 })
    world.verification = { passed: true, problems: [] }
    expect(turn(world, asked).rollout.state.phase).toBe('shift')
  })

  it('never sends users to instances that run another artifact than the released one', () => {
    const world = { ...blueServes(), quick: false }
    const provisioning = turn(world, turn(world, greenRollout()).rollout).rollout
    world.slots.green = { ...slot(GREEN_RELEASE, 3), artifact: BLUE_RELEASE }
    const ended = runUntil(world, provisioning, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('was released') })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  it('waits for the standby of the rollout before, and clears what is left in the color', () => {
    const world = { ...blueServes(), priorIsOpen: true }
    world.slots.green = slot(BLUE_RELEASE, 3)
    const provisioning = turn(world, greenRollout()).rollout
    expect(turn(world, provisioning).decision).toMatchObject({ kind: 'wait' })
    world.priorIsOpen = false
    expect(turn(world, provisioning).decision).toMatchObject({
      kind: 'act',
      act: { kind: 'retire', color: 'green' },
    })
  })

  it('never clears a color that users see', () => {
    const world = blueServes()
    const provisioning = turn(world, greenRollout()).rollout
    world.weights = { blue: 0, green: 100 }
    world.slots.green = slot(BLUE_RELEASE, 3)
    const ended = runUntil(world, provisioning, ['done'])
    expect(ended.state).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('changed meanwhile'),
    })
    expect(world.slots.green?.ready).toBe(3)
  })

  it('begins from the color that users are on, even if it runs the very release that was expected in the other', () => {
    const world = blueServes()
    world.weights = { blue: 0, green: 100 }
    world.slots.green = slot(BLUE_RELEASE, 3)
    const { rollout } = turn(world, greenRollout())
    expect(rollout).toMatchObject({ from: { color: 'green', release: BLUE_RELEASE }, to: { color: 'blue' } })
  })

  it('waits for a person to open the switch, and gives up at the deadline', () => {
    const plan = { ...PLAN, approveSwitch: true }
    const world = blueServes()
    const waiting = runUntil(world, greenRollout({ plan }), ['approval'])
    expect(turn(world, waiting).decision.kind).toBe('wait')
    const opened: Rollout = { ...waiting, request: { kind: 'advance', by: 'lee', at: world.now } }
    const { rollout, decision } = turn({ ...world }, opened)
    expect(rollout.state).toMatchObject({ phase: 'shift', step: 0 })
    expect(decision).toMatchObject({ act: { kind: 'shift', weights: { blue: 80, green: 20 } } })
    const ended = runUntil(world, waiting, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'failed', reason: 'nobody opened the switch in time' })
  })
})

describe('while users move', () => {
  const failing = { requests: 100, errors: 30, p95: 10 }
  const fine = { requests: 100, errors: 0, p95: 10 }

  it('looks again before it sends users, since a verification may have taken long', () => {
    const world = blueServes()
    const verifying = runUntil(world, greenRollout(), ['verify'])
    const { rollout, decision } = turn(world, verifying)
    expect(rollout.state.phase).toBe('shift')
    expect(decision).not.toHaveProperty('act')
  })

  it('takes users back as soon as too many requests fail', () => {
    const world = blueServes()
    const shifted = turn(world, runUntil(world, greenRollout(), ['shift'])).rollout
    world.measurements = { blue: fine, green: failing }
    const ended = runUntil(world, shifted, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'rolled-back', automatic: true, serving: { color: 'blue' } })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  it('holds without measurements and takes users back when it has held too long', () => {
    const world: World = { ...blueServes(), measurements: undefined }
    const shifted = runUntil(world, greenRollout(), ['shift'])
    const begun = world.now
    const back = runUntil(world, shifted, ['rollback'])
    expect(back.state).toMatchObject({
      phase: 'rollback',
      reason: expect.stringContaining('no measurements yet'),
    })
    expect(world.now - begun).toBeGreaterThanOrEqual((10 + PLAN.deadlines.hold) * 1000)
  })

  it('does not send users on while an instance is missing', () => {
    const world = blueServes()
    const shifted = runUntil(world, greenRollout(), ['shift'])
    world.slots.green = slot(GREEN_RELEASE, 3, 2)
    const { decision } = turn(world, shifted)
    expect(decision.kind).toBe('wait')
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  it('takes users back when no instance is left', () => {
    const world = blueServes()
    const baking = runUntil(world, greenRollout(), ['bake'])
    world.slots.green = slot(GREEN_RELEASE, 3, 0)
    expect(turn(world, baking).rollout.state.phase).toBe('rollback')
  })

  it('goes back hours later when monitoring sees a serious problem', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    world.now += 90_000
    world.measurements = { green: failing }
    expect(turn(world, standing).rollout.state).toMatchObject({ phase: 'rollback', automatic: true })
  })

  it('holds where it is while paused, but a failing release is taken back all the same', () => {
    const world = blueServes()
    const shifted = turn(world, turn(world, runUntil(world, greenRollout(), ['shift'])).rollout).rollout
    const paused: Rollout = { ...shifted, pausedBy: 'kim' }
    expect(runUntil(world, paused, ['bake', 'done'], 1000).state).toMatchObject({ phase: 'shift', step: 0 })
    world.measurements = { blue: fine, green: failing }
    expect(runUntil(world, paused, ['rollback'], 10).state.phase).toBe('rollback')
  })

  it('puts traffic back where it sent it when somebody else moves it', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    world.weights = { blue: 50, green: 50 }
    expect(turn(world, standing).decision).toMatchObject({
      kind: 'act',
      act: { kind: 'shift', weights: { blue: 0, green: 100 } },
    })
  })

  it('leaves a first release serving when it fails, since there is nothing to go back to', () => {
    const world = emptyWorld()
    const baking = runUntil(world, firstRollout(), ['bake'])
    world.measurements = { blue: failing }
    const ended = runUntil(world, baking, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'failed', serving: { color: 'blue' } })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })
})

describe('a target that scales by itself', () => {
  const autoscaled = (): Rollout => greenRollout({ autoscaled: true })
  const shiftsTo = (percent: number, world: World) => (world.weights?.green ?? 0) >= percent

  it('may scale in as soon as all users are on the new color, through bake and standby', () => {
    const world = blueServes()
    const baking = runUntil(world, autoscaled(), ['bake'])
    world.slots.green = slot(GREEN_RELEASE, 1)
    const standing = runUntil(world, baking, ['standby', 'rollback'])
    expect(standing.state.phase).toBe('standby')
    world.slots.green = slot(GREEN_RELEASE, 2)
    const ended = runUntil(world, standing, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'succeeded' })
    expect(world.slots.green?.desired).toBe(2)
  })

  it('is held to the capacity of the release before until then', () => {
    const world = blueServes()
    const verifying = runUntil(world, autoscaled(), ['verify'])
    world.slots.green = slot(GREEN_RELEASE, 2)
    expect(turn(world, verifying).decision).toMatchObject({ kind: 'wait' })
    world.slots.green = slot(GREEN_RELEASE, 3)
    const shifting = turn(world, runUntil(world, verifying, ['shift'])).rollout
    expect(shiftsTo(20, world)).toBe(true)
    world.slots.green = slot(GREEN_RELEASE, 2)
    runUntil(world, shifting, ['bake'], 30)
    expect(shiftsTo(100, world)).toBe(false)
  })

  it('is not believed where instances that it wants itself are missing, or are none', () => {
    for (const missing of [slot(GREEN_RELEASE, 5, 4), slot(GREEN_RELEASE, 0)]) {
      const world = blueServes()
      const baking = runUntil(world, autoscaled(), ['bake'])
      world.slots.green = missing
      expect(runUntil(world, baking, ['standby', 'rollback']).state.phase).toBe('rollback')
    }
  })

  it('takes fewer instances of one that does not scale for lost', () => {
    const world = blueServes()
    const baking = runUntil(world, greenRollout(), ['bake'])
    world.slots.green = slot(GREEN_RELEASE, 1)
    expect(runUntil(world, baking, ['standby', 'rollback']).state.phase).toBe('rollback')
  })

  it('gives users back to the capacity that the standby kept', () => {
    const world = blueServes()
    const standing = runUntil(world, autoscaled(), ['standby'])
    world.slots.green = slot(GREEN_RELEASE, 1)
    const ended = runUntil(world, { ...standing, request: rollback(world.now) }, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'rolled-back', serving: { color: 'blue' } })
    expect(world.slots.blue).toMatchObject({ desired: 3, ready: 3 })
  })
})

describe('going back', () => {
  it('moves traffic before it touches any instance', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    const { rollout, decision } = turn(world, { ...standing, request: rollback(world.now) })
    expect(rollout.state.phase).toBe('rollback')
    expect(decision).toMatchObject({ act: { kind: 'shift', weights: { blue: 100, green: 0 } } })
    expect(world.slots.green?.ready).toBe(3)
  })

  it('moves traffic after a crash between the record and the act', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    const asked = turn({ ...world }, { ...standing, request: rollback(world.now) }).rollout
    expect(world.weights).toEqual({ blue: 0, green: 100 })
    expect(turn(world, asked).decision).toMatchObject({ kind: 'act', act: { kind: 'shift' } })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  it('does not need the new color to answer', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    delete world.slots.green
    const ended = runUntil(world, { ...standing, request: rollback(world.now) }, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'rolled-back', automatic: false })
  })

  it('measures from the call to confirmed traffic', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    const asked = turn(world, { ...standing, request: rollback(world.now - 40) }).rollout
    expect(runUntil(world, asked, ['done']).state).toMatchObject({ rollbackMilliseconds: 40 })
  })

  it('brings the standby up again before users go back when it has died', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    delete world.slots.blue
    const { rollout, decision } = turn(world, { ...standing, request: rollback(world.now) })
    expect(decision).toMatchObject({
      act: { kind: 'provision', color: 'blue', release: BLUE_RELEASE },
    })
    expect(world.weights).toEqual({ blue: 0, green: 100 })
    expect(runUntil(world, rollout, ['done']).state).toMatchObject({ outcome: 'rolled-back' })
  })

  it('aborts without touching traffic while users are not on it', () => {
    const world = { ...blueServes(), quick: false }
    const provisioning = turn(world, turn(world, greenRollout()).rollout).rollout
    const ended = runUntil(world, { ...provisioning, request: abort(world.now) }, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'aborted', serving: { color: 'blue' } })
    expect(world.slots.green).toBeUndefined()
  })

  it('takes users back when it is aborted half way', () => {
    const world = blueServes()
    const shifted = turn(world, turn(world, runUntil(world, greenRollout(), ['shift'])).rollout).rollout
    expect(world.weights).toEqual({ blue: 80, green: 20 })
    const ended = runUntil(world, { ...shifted, request: abort(world.now) }, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'aborted' })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })
})

describe('rolling, in place', () => {
  const inPlace = (): Rollout => greenRollout({ to: { color: 'blue', release: GREEN_RELEASE } })

  it('replaces the release in its slot without moving weights', () => {
    const world = blueServes()
    const ended = runUntil(world, inPlace(), ['done'])
    expect(ended.state).toMatchObject({
      outcome: 'succeeded',
      serving: { color: 'blue', release: GREEN_RELEASE },
    })
    expect(world.weights).toEqual({ blue: 100, green: 0 })
  })

  it('puts the release before back when the new one fails', () => {
    const world = blueServes()
    const baking = runUntil(world, inPlace(), ['bake'])
    world.measurements = { blue: { requests: 100, errors: 50 } }
    const ended = runUntil(world, baking, ['done'])
    expect(ended.state).toMatchObject({ outcome: 'rolled-back', serving: { release: BLUE_RELEASE } })
    expect(world.slots.blue).toMatchObject({ release: BLUE_RELEASE, ready: 3 })
  })
})

/** A world in which anything may go wrong between two turns of the engine. */
const misfortune = fc.constantFrom(
  'nothing',
  'nothing',
  'nothing',
  'green dies',
  'green half',
  'green heals',
  'errors',
  'silence',
  'good numbers',
  'lost act',
  'time passes',
  'a minute passes',
  'abort',
  'rollback',
  'pause',
  'resume',
  'advance',
  'verification fails',
)

function befall(world: World, rollout: Rollout, event: string): Rollout {
  const { green } = world.slots
  switch (event) {
    case 'green dies':
      if (green) world.slots.green = { ...green, ready: 0 }
      return rollout
    case 'green half':
      if (green) world.slots.green = { ...green, ready: Math.floor(green.desired / 2) }
      return rollout
    case 'green heals':
      if (green) world.slots.green = { ...green, ready: green.desired }
      return rollout
    case 'errors':
      world.measurements = { green: { requests: 50, errors: 40 } }
      return rollout
    case 'silence':
      world.measurements = undefined
      return rollout
    case 'good numbers':
      world.measurements = { green: { requests: 50, errors: 0 } }
      return rollout
    case 'verification fails':
      world.verification = { passed: false, problems: ['no'] }
      return rollout
    case 'time passes':
      world.now += 3000
      return rollout
    case 'a minute passes':
      world.now += 61_000
      return rollout
    case 'abort':
      return { ...rollout, request: abort(world.now) }
    case 'rollback':
      return { ...rollout, request: rollback(world.now) }
    case 'advance':
      return { ...rollout, request: { kind: 'advance', by: 'kim', at: world.now } }
    case 'pause':
      return { ...rollout, pausedBy: 'kim' }
    case 'resume': {
      const { pausedBy: _kim, ...running } = rollout
      return running
    }
    default:
      return rollout
  }
}

/** What must hold whatever happens, checked against each act before it is done. */
function checkAct(world: World, rollout: Rollout, lost: boolean): Rollout {
  const before = structuredClone(world)
  const decision = decide(rollout, evidenceOf(world, rollout), world.now)
  if (decision.kind === 'wait') {
    world.now += 1000
    return rollout
  }
  const { act } = decision
  if (act?.kind === 'shift') {
    expect(act.weights.blue + act.weights.green).toBe(100)
    for (const color of COLORS) {
      const gains = act.weights[color] > (before.weights?.[color] ?? 0)
      if (gains) expect(before.slots[color]?.ready ?? 0).toBeGreaterThan(0)
      if (gains && color === 'green') expect(before.slots.green?.ready).toBe(before.slots.green?.desired)
    }
  }
  if (act?.kind === 'retire') expect(before.weights?.[act.color] ?? 0).toBe(0)
  if (act?.kind === 'retire' && act.color === 'blue') expect(rollout.state.phase).toBe('retire')
  if (act !== undefined && !lost) perform(world, act)
  return decision.kind === 'move' ? decision.rollout : rollout
}

describe('whatever happens', () => {
  it('sends users only to ready instances, keeps blue, never retires what serves, and ends', () => {
    fc.assert(
      fc.property(fc.array(misfortune, { maxLength: 60 }), fc.boolean(), (events, approveSwitch) => {
        const world = blueServes()
        let rollout = greenRollout({ plan: { ...PLAN, approveSwitch } })
        for (const event of events) {
          if (rollout.state.phase === 'done') break
          rollout = checkAct(world, befall(world, rollout, event), event === 'lost act')
          const { blue } = world.slots
          if (!['retire', 'done'].includes(rollout.state.phase)) expect(blue?.ready).toBe(3)
        }
        const { pausedBy: _over, ...resumed } = rollout
        const ended = runUntil(world, resumed, ['done'], 7200)
        expect(ended.state.phase).toBe('done')
        const healthy = ended.state.phase === 'done' && ended.state.serving
        expect(healthy && world.weights?.[healthy.color]).toBe(100)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a pause', () => {
  const firstStep = (world: World): Rollout => runUntil(world, greenRollout(), ['shift'])

  it('holds the first step longer than any deadline, and nothing is late when it goes on', () => {
    const world = blueServes()
    const paused: Rollout = { ...firstStep(world), pausedBy: 'kim' }
    world.now += 3_600_000
    expect(turn(world, paused).decision).toMatchObject({ kind: 'wait', until: null })
    const { decision } = turn(world, resumed(paused, world.now))
    expect(decision).toMatchObject({ act: { kind: 'shift', weights: { blue: 80, green: 20 } } })
  })

  it('holds before anything is touched', () => {
    const world = blueServes()
    const paused = greenRollout({ pausedBy: 'kim' })
    expect(turn(world, paused).decision).toMatchObject({ kind: 'wait', until: null })
    expect(world.slots.green).toBeUndefined()
  })

  it('keeps a switch open that waits for a person', () => {
    const world = blueServes()
    const plan = { ...PLAN, approveSwitch: true }
    const paused: Rollout = { ...runUntil(world, greenRollout({ plan }), ['approval']), pausedBy: 'kim' }
    world.now += 3_600_000
    expect(turn(world, paused).decision).toMatchObject({ kind: 'wait', until: null })
    expect(turn(world, resumed(paused, world.now)).decision).toMatchObject({ kind: 'wait' })
  })

  it('keeps the standby warm', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    world.now += 1_000_000
    expect(turn(world, { ...standing, pausedBy: 'kim' }).decision.kind).toBe('wait')
    expect(turn(world, standing).rollout.state.phase).toBe('retire')
  })

  it('leaves the whole time for a verdict when a bake goes on', () => {
    const world = blueServes()
    const baking = runUntil(world, greenRollout(), ['bake'])
    world.now += 3_600_000
    world.measurements = undefined
    const again = resumed({ ...baking, pausedBy: 'kim' }, world.now)
    expect(turn(world, again).decision).toMatchObject({ kind: 'wait' })
    world.measurements = healthyTraffic()
    expect(turn(world, again).rollout.state.phase).toBe('standby')
  })
})

describe('what else may be in the way', () => {
  it('never takes the standby of the rollout before for its own instances, even of the same release', () => {
    const world = { ...blueServes(), priorIsOpen: true }
    world.slots.green = slot(GREEN_RELEASE, 3)
    const provisioning = turn(world, greenRollout()).rollout
    expect(turn(world, provisioning).decision).toMatchObject({ kind: 'wait' })
    const aborted: Rollout = { ...provisioning, request: abort(world.now) }
    expect(runUntil(world, aborted, ['done']).state).toMatchObject({ outcome: 'aborted' })
    expect(world.slots.green).toMatchObject({ ready: 3 })
  })

  it('ends when the rollout before does not', () => {
    const world = { ...blueServes(), priorIsOpen: true }
    const ended = runUntil(world, greenRollout(), ['done'])
    expect(ended.state).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('did not end') })
    expect(world.slots.green).toBeUndefined()
  })

  it('gives all users to the new color when none of the old one is left to share with', () => {
    const world = blueServes()
    const shifting = runUntil(world, greenRollout(), ['shift'])
    world.slots.blue = slot(BLUE_RELEASE, 3, 0)
    runUntil(world, shifting, ['bake'])
    expect(world.weights).toEqual({ blue: 0, green: 100 })
  })

  it('keeps the standby while users are seen on it and the new color is not whole', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    world.weights = { blue: 50, green: 50 }
    world.slots.green = slot(GREEN_RELEASE, 3, 2)
    world.now += 1_000_000
    expect(turn(world, standing).decision).toMatchObject({ kind: 'wait' })
  })

  const STRANGER = `sha256:${'c'.repeat(64)}` as const

  it('sends nobody on when what served before was replaced by something else', () => {
    const world = blueServes()
    const shifting = runUntil(world, greenRollout(), ['shift'])
    world.slots.blue = slot(STRANGER, 3)
    expect(turn(world, shifting).rollout.state).toMatchObject({
      phase: 'rollback',
      reason: expect.stringContaining('another release'),
    })
  })

  it('takes no color away that users are seen on', () => {
    const world = blueServes()
    const verifying = runUntil(world, greenRollout(), ['verify'])
    const withdrawing = turn(world, { ...verifying, request: abort(world.now) }).rollout
    world.weights = { blue: 50, green: 50 }
    expect(turn(world, withdrawing).decision).toMatchObject({
      act: { kind: 'shift', weights: { blue: 100, green: 0 } },
    })
  })

  it('never sends users back to another release than they came from', () => {
    const world = blueServes()
    const standing = runUntil(world, greenRollout(), ['standby'])
    world.slots.blue = slot(STRANGER, 3)
    const { decision } = turn(world, { ...standing, request: rollback(world.now) })
    expect(decision).toMatchObject({ act: { kind: 'provision', color: 'blue', release: BLUE_RELEASE } })
    expect(world.weights).toEqual({ blue: 0, green: 100 })
  })

  it('gives up going back to a release that does not start any more, and says who serves', () => {
    const world = blueServes()
    const baking = runUntil(world, greenRollout(), ['bake'])
    world.quick = false
    world.slots.blue = { ...slot(BLUE_RELEASE, 3, 0), problem: 'exit code 1' }
    const back = turn(world, { ...baking, request: rollback(world.now) }).rollout
    world.now += 59_000
    expect(turn(world, back).decision.kind).toBe('wait')
    world.now += 1000
    expect(turn(world, back).rollout.state).toMatchObject({
      phase: 'done',
      outcome: 'failed',
      serving: { color: 'green' },
    })
  })

  it('goes on trying to go back while instances are merely starting', () => {
    const world = { ...blueServes(), quick: false }
    const { from, to } = greenRollout()
    world.slots = { blue: slot(BLUE_RELEASE, 3, 0), green: slot(to.release, 3) }
    world.weights = { blue: 0, green: 100 }
    const state = { phase: 'rollback', since: 0, reason: 'x', automatic: true, requestedAt: 0 } as const
    const back = greenRollout({ state: { ...state, outcome: 'rolled-back' } })
    expect(turn(world, back).decision).toMatchObject({ kind: 'wait' })
    world.slots = { blue: slot(BLUE_RELEASE, 0), green: slot(to.release, 3) }
    expect(turn(world, back).decision).toMatchObject({ act: { kind: 'provision', color: from?.color } })
  })

  it('sends users of a color that cannot be brought back to the one that answers', () => {
    const world = { ...blueServes(), quick: false }
    const { to, artifact } = greenRollout()
    world.slots = {
      blue: { ...slot(BLUE_RELEASE, 3, 0), problem: 'exit code 1' },
      green: { ...slot(to.release, 3), artifact },
    }
    world.weights = { blue: 80, green: 20 }
    const state = { phase: 'rollback', since: 0, reason: 'x', automatic: true, requestedAt: 0 } as const
    const back = greenRollout({ state: { ...state, outcome: 'rolled-back' } })
    expect(turn(world, back).decision).toMatchObject({
      act: { kind: 'shift', weights: { blue: 0, green: 100 } },
    })
    world.weights = { blue: 0, green: 100 }
    expect(turn(world, back).rollout.state).toMatchObject({ phase: 'done', serving: { color: 'green' } })
  })

  it('sends nobody back to a color where nobody is ready', () => {
    const world = { ...blueServes(), quick: false }
    const { to } = greenRollout()
    world.slots = { blue: slot(BLUE_RELEASE, 3, 0), green: slot(to.release, 3) }
    world.weights = { blue: 80, green: 20 }
    const since = world.now
    const leaving = greenRollout({ state: { phase: 'withdraw', since, reason: 'x', outcome: 'failed' } })
    expect(turn(world, leaving).decision).toMatchObject({ kind: 'wait' })
    world.now += 60_000
    expect(turn(world, leaving).rollout.state).toMatchObject({ phase: 'done', serving: { color: 'green' } })
  })
})

describe('after a restore', () => {
  it('begins from where all users are seen to be', () => {
    const world = { ...blueServes(), quick: false }
    world.slots = { blue: slot(BLUE_RELEASE, 3), green: slot(THIRD_RELEASE, 4) }
    world.weights = { blue: 0, green: 100 }
    const planned = greenRollout({ state: { phase: 'preflight', since: world.now } })
    expect(turn(world, planned).rollout).toMatchObject({
      state: { phase: 'provision' },
      from: { color: 'green', release: THIRD_RELEASE },
      to: { color: 'blue', release: planned.to.release },
      capacity: 4,
    })
  })

  it('waits for the rollout before where that is still open', () => {
    const world = { ...blueServes(), quick: false, priorIsOpen: true }
    world.slots = { blue: slot(BLUE_RELEASE, 3), green: slot(THIRD_RELEASE, 4) }
    world.weights = { blue: 0, green: 100 }
    const planned = greenRollout({ state: { phase: 'preflight', since: world.now } })
    expect(turn(world, planned).rollout).toMatchObject({ from: planned.from, to: planned.to })
  })
})

describe('the switch', () => {
  it('waits for as many instances as serve by then, and keeps the word that opened it', () => {
    const world = { ...blueServes(), quick: false }
    const { to, artifact } = greenRollout()
    world.slots = { blue: slot(BLUE_RELEASE, 20), green: { ...slot(to.release, 3), artifact } }
    const waiting = greenRollout({
      capacity: 3,
      state: { phase: 'approval', since: world.now },
      request: { kind: 'advance', by: 'kim', at: world.now },
    })
    const grown = turn(world, waiting).rollout
    expect(grown).toMatchObject({ capacity: 20, state: { phase: 'provision' }, request: { kind: 'advance' } })
    expect(turn(world, grown).decision).toMatchObject({
      act: { kind: 'provision', color: 'green', count: 20 },
    })
  })
})

describe('a first release', () => {
  const first = (state: Rollout['state']): Rollout => {
    const { from: _none, ...rollout } = greenRollout({ state })
    return rollout
  }
  const shifting = { phase: 'shift', since: 1_000_000, step: 0 } as const

  it('that fails before users were sent there is taken away, and serves nobody', () => {
    const world = { ...emptyWorld(), quick: false }
    const { to, artifact } = greenRollout()
    world.slots = { green: { ...slot(to.release, 3, 0), artifact, problem: 'exit code 1' } }
    expect(turn(world, first(shifting)).rollout.state).toMatchObject({ phase: 'withdraw', outcome: 'failed' })
    const asked = { ...first(shifting), request: abort(world.now) }
    expect(turn(world, asked).rollout.state).toMatchObject({ phase: 'withdraw', outcome: 'aborted' })
  })

  it('goes on serving when users are found on it while it is taken away', () => {
    const world = { ...emptyWorld(), quick: false }
    const { to, artifact } = greenRollout()
    world.slots = { green: { ...slot(to.release, 3), artifact } }
    world.weights = { blue: 0, green: 100 }
    const leaving = first({ phase: 'withdraw', since: world.now, reason: 'x', outcome: 'failed' })
    expect(turn(world, leaving).rollout.state).toMatchObject({ phase: 'done', serving: to })
  })
})

describe('measurements', () => {
  it('never reach before the moment that traffic moved, nor further than their window', () => {
    const baking = greenRollout({ state: { phase: 'bake', since: 1_000_000 } })
    expect(evidenceWanted(baking, 1_010_000).since).toBe(1_000_000)
    expect(evidenceWanted(baking, 1_100_000).since).toBe(1_040_000)
  })
})

describe('who serves users', () => {
  const done = (outcome: 'aborted' | 'rolled-back', serving: Rollout['to']): Rollout['state'] => ({
    phase: 'done',
    at: 1,
    reason: 'x',
    outcome,
    serving,
  })

  it('is told by the newest rollout that set out to move them', () => {
    const blue = { color: 'blue', release: BLUE_RELEASE } as const
    const green = { color: 'green', release: GREEN_RELEASE } as const
    const takenBack = greenRollout({
      state: done('rolled-back', blue),
      history: [{ phase: 'shift', at: 1, reason: 'x' }],
    })
    const aborted = greenRollout({ from: green, to: blue, state: done('aborted', green) })
    expect(servesNow([aborted, takenBack])).toEqual(blue)
    expect(servesNow([aborted])).toBeUndefined()
  })
})

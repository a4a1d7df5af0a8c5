import { describe, expect, it, onTestFinished } from 'vitest'
import { weightsFor } from '../../src/model/color.ts'
import { decide } from '../../src/model/decide.ts'
import type { Act } from '../../src/model/decision.ts'
import type { Workload } from '../../src/model/release.ts'
import type { Rollout } from '../../src/model/rollout.ts'
import type { ScalingSpec } from '../../src/model/service-spec.ts'
import { greenRollout } from '../../src/model/testing/world.ts'
import type { ScalingTiming } from '../../src/targets/local/agent/scaling/autoscaler.ts'
import type { Slot } from '../../src/targets/target.ts'
import { eventually } from '../harness/eventually.ts'
import { ENVIRONMENT, type LocalAgent, startLocalAgent } from '../harness/local-agent.ts'
import { startLoad } from '../harness/target-contract.ts'

const signal = AbortSignal.timeout(600_000)
const turn = { fence: [1, 1, 1, 1], signal } as const
const BLUE: Slot = { environment: ENVIRONMENT, service: 'web', color: 'blue' }
const QUICK: ScalingTiming = { periodSeconds: 0.2, windowSeconds: 2 }

/** The probe app in blue with all users, and how to ask it. */
async function serve(scaling: Partial<ScalingSpec>) {
  const told: string[] = []
  const local = await startLocalAgent({ inProcess: { scaling: QUICK, tell: line => told.push(line) } })
  onTestFinished(() => local.end())
  const users = await local.users()
  const spec = {
    graceSeconds: 5,
    scaling: { min: 1, max: 3, scaleInCooldownSeconds: 2, schedules: [], ...scaling },
  }
  const workload = await local.workload({ service: 'web', spec })
  await local.target().provision(BLUE, workload, 1, turn)
  await instances(local, 1)
  await local.target().shift(BLUE, weightsFor('blue', 100), turn)
  const ask = async (path: string) => {
    const response = await fetch(`${users}/web${path}`, { signal: AbortSignal.timeout(10_000) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return await response.text()
  }
  return { local, told, ask, workload }
}

/** Waits until so many instances are wanted and ready, and no other is left. */
async function instances(local: LocalAgent, count: number): Promise<void> {
  await eventually(`${count} instances`, async () => {
    const { blue } = (await local.target().observe(BLUE, signal)).slots
    return blue?.desired === count && blue.ready === count && blue.total === count
  })
}

describe('scaling of the local target', { timeout: 90_000 }, () => {
  it('follows requests up to max, and drains what is too many without a failed request', async () => {
    const { local, told, ask } = await serve({ requestsPerTarget: 600 })
    const much = startLoad(() => ask('/'))
    await instances(local, 3)
    expect(told[0]).toMatch(
      /dev web blue: 1 to [23] instances: \d+ requests a minute and instance, target 600$/,
    )
    const busy = await much.stop()
    expect(busy.failures).toEqual([])

    // Four at a time, so that whichever instance goes has one to finish.
    const little = startLoad(() => ask('/?slow=900'))
    await instances(local, 1)
    const calm = await little.stop()
    expect(calm.failures).toEqual([])
    expect(calm.answers.length).toBeGreaterThan(4)
    expect(told.at(-1)).toMatch(/to 1 instances: \d+ requests a minute and instance, target 600$/)
  })

  it('follows the processor time that a whole process group takes', async () => {
    const { local, told, ask } = await serve({ cpu: 70 })
    const load = startLoad(() => ask('/burn?milliseconds=50'))
    await instances(local, 3)
    expect((await load.stop()).failures).toEqual([])
    expect(told[0]).toMatch(/dev web blue: 1 to [23] instances: cpu at \d+ %, target 70 %$/)
    await instances(local, 1)
  })

  it('follows memory', async () => {
    const { local, told } = await serve({ memory: 5 })
    await instances(local, 3)
    expect(told[0]).toMatch(/: memory at \d+ %, target 5 %$/)
  })

  it('keeps to the limits of a schedule', async () => {
    const always = { name: 'always', cron: '* * * * *', timezone: 'Asia/Tokyo', min: 2, max: 2 }
    const { local, told } = await serve({ requestsPerTarget: 600, schedules: [always] })
    await instances(local, 2)
    expect(told).toEqual([expect.stringContaining('at least 2 are wanted by the schedule always')])
  })

  it('comes back with as many instances after a restart', async () => {
    const { local, ask } = await serve({ requestsPerTarget: 600, scaleInCooldownSeconds: 600 })
    const load = startLoad(() => ask('/'))
    await instances(local, 3)
    await load.stop()
    await local.agent().shutDown()
    await local.reconnect()
    await instances(local, 3)
  })

  it('lets a rollout go on while its new color scales in, and its standby keeps what it had', async () => {
    const { local, ask, workload } = await serve({ requestsPerTarget: 600, scaleInCooldownSeconds: 600 })
    const load = startLoad(() => ask('/'))
    await instances(local, 3)
    expect((await load.stop()).failures).toEqual([])

    const scaling = { min: 1, max: 3, requestsPerTarget: 600, scaleInCooldownSeconds: 1, schedules: [] }
    const next = await local.workload({ service: 'web', version: 'two', spec: { scaling } })
    const turns = rolloutOf(local, { from: workload, to: next })
    const baking = await turns.until(({ rollout }) => rollout.state.phase === 'bake')
    expect(baking.green).toBe(3)
    await turns.until(({ green }) => green === 1)
    expect((await turns.until(({ rollout }) => rollout.state.phase !== 'bake')).rollout.state.phase).toBe(
      'standby',
    )

    turns.rollBack()
    const ended = await turns.until(({ rollout }) => rollout.state.phase === 'done')
    expect(ended.rollout.state).toMatchObject({ outcome: 'rolled-back', serving: { color: 'blue' } })
    expect(ended.blue).toBe(3)
    expect(JSON.parse(await ask('/'))).toMatchObject({ version: 'one' })
  })
})

/** A rollout to green, decided as the engine does and done by the real target. */
function rolloutOf(local: LocalAgent, { from, to }: { readonly from: Workload; readonly to: Workload }) {
  const target = local.target()
  let rollout: Rollout = greenRollout({
    from: { color: 'blue', release: from.release },
    to: { color: 'green', release: to.release },
    artifact: to.artifact.digest,
    plan: {
      ...to.spec.rollout,
      steps: [
        { percent: 50, bakeSeconds: 3 },
        { percent: 100, bakeSeconds: 8 },
      ],
      standbySeconds: 600,
    },
    replicas: 1,
    autoscaled: true,
    state: { phase: 'preflight', since: Date.now() },
  })
  const perform = async (act: Act) => {
    if (act.kind === 'shift') return await target.shift(BLUE, act.weights, turn)
    const slot = { ...BLUE, color: act.color }
    if (act.kind === 'retire') return await target.retire(slot, turn)
    await target.provision(slot, act.release === to.release ? to : from, act.count, turn)
  }
  const step = async () => {
    const observation = await target.observe(BLUE, signal)
    const now = Date.now()
    const measurements = await target.measure({ ...BLUE, since: now - 5000, until: now }, signal)
    const verification = { passed: true, problems: [] }
    const decision = decide(rollout, { observation, measurements, preflight: [], verification }, now)
    if (decision.kind === 'move') ({ rollout } = decision)
    if (decision.kind !== 'wait' && decision.act !== undefined) await perform(decision.act)
    const { blue, green } = observation.slots
    return { rollout, blue: blue?.desired, green: green?.desired }
  }
  return {
    async until(isReached: (seen: Awaited<ReturnType<typeof step>>) => boolean) {
      return await eventually('the rollout is there', async () => {
        const seen = await step()
        return isReached(seen) && seen
      })
    },
    rollBack() {
      rollout = {
        ...rollout,
        request: { kind: 'rollback', by: 'kim', at: Date.now(), reason: 'looks wrong' },
      }
    },
  }
}

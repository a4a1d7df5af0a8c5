import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Color, weightsFor } from '../../src/model/color.ts'
import type { SlotObservation } from '../../src/model/observation.ts'
import type { Workload } from '../../src/model/release.ts'
import type { RecordedProcess } from '../../src/targets/local/agent/recorded-process.ts'
import { connectAgent } from '../../src/targets/local/agent-client.ts'
import { type Slot, TargetUnavailable } from '../../src/targets/target.ts'
import { seededRandom } from '../harness/e2e-random.ts'
import { eventually } from '../harness/eventually.ts'
import { instanceGroups, listeningPorts } from '../harness/instance-scan.ts'
import {
  ENVIRONMENT,
  instancePids,
  isRunning,
  type LocalAgent,
  startLocalAgent,
} from '../harness/local-agent.ts'
import { lacks } from '../harness/needs.ts'
import type { ProbeWorkload } from '../harness/probe-workload.ts'
import { startLoad } from '../harness/target-contract.ts'

const signal = AbortSignal.timeout(600_000)
const turn = { fence: [1, 1, 1, 1], signal } as const
const BLUE: Slot = { environment: ENVIRONMENT, service: 'web', color: 'blue' }
const GREEN: Slot = { ...BLUE, color: 'green' }
const tellsProcesses = process.platform === 'linux' || lacks('adoption needs /proc, which only Linux has')

async function slotOf(local: LocalAgent, color: Color): Promise<SlotObservation | undefined> {
  return (await local.target().observe(BLUE, signal)).slots[color]
}

async function untilReady(local: LocalAgent, slot: Slot, count: number): Promise<void> {
  await eventually(`${slot.color} has ${count}`, async () => {
    const seen = await slotOf(local, slot.color)
    return seen?.ready === count && seen.total === count
  })
}

/** An agent with a release in blue that all users are sent to. */
async function serving(o: { count: number; isRevived?: boolean; spec?: ProbeWorkload['spec'] }) {
  const local = await startLocalAgent({ isRevived: o.isRevived ?? false })
  onTestFinished(() => local.end())
  const users = await local.users()
  const workload = await local.workload({ service: 'web', spec: o.spec ?? {} })
  await local.target().provision(BLUE, workload, o.count, turn)
  await untilReady(local, BLUE, o.count)
  await local.target().shift(BLUE, weightsFor('blue', 100), turn)
  const get = async (path = '/') => {
    const response = await fetch(`${users}/web${path}`, { signal: AbortSignal.timeout(5000) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return await response.text()
  }
  return { local, users, workload, get }
}

async function recordsOf(local: LocalAgent) {
  const folder = join(local.folder, 'instances')
  return await Promise.all(
    (await readdir(folder)).map(async name => {
      const path = join(folder, name, 'process.json')
      const recorded: RecordedProcess = JSON.parse(await readFile(path, 'utf8'))
      return { path, recorded, origin: `http://127.0.0.1:${recorded.instance?.port}` }
    }),
  )
}

async function logged(local: LocalAgent): Promise<string> {
  const folder = join(local.folder, 'logs', ENVIRONMENT, 'web')
  const files = await Promise.all((await readdir(folder)).map(name => readFile(join(folder, name), 'utf8')))
  return files.join('')
}

describe.runIf(tellsProcesses)('after kill -9 of the agent', () => {
  it('users are answered again by the very same processes, and the slot can be changed as before', async () => {
    const { local, users, workload, get } = await serving({ count: 3 })
    const before = await instancePids(local.folder, BLUE)
    const preview = await local.target().preview(BLUE, signal)
    const load = startLoad(() => get())
    await local.killAgent()
    const target = await local.reconnect()
    // Whoever connects finds all of it there: nobody waits for a start.
    expect(await slotOf(local, 'blue')).toMatchObject({ desired: 3, ready: 3, total: 3 })
    expect(JSON.parse(await get())).toMatchObject({ color: 'blue' })
    expect(await local.users()).toBe(users)
    expect(await target.preview(BLUE, signal)).toEqual(preview)
    expect(await instancePids(local.folder, BLUE)).toEqual(before)
    await load.stop()

    await target.provision(BLUE, workload, 1, turn)
    await untilReady(local, BLUE, 1)
    await target.provision(BLUE, workload, 2, turn)
    await untilReady(local, BLUE, 2)
    const next = await local.workload({ service: 'web', version: 'two' })
    await target.provision(GREEN, next, 1, turn)
    await untilReady(local, GREEN, 1)
    await target.shift(BLUE, weightsFor('green', 100), turn)
    await target.retire(BLUE, turn)
    await eventually('blue is gone', async () => (await slotOf(local, 'blue')) === undefined)
    expect(await Promise.all(before.map(isRunning))).toEqual([false, false, false])
    expect((await instanceGroups(local.folder)).size).toBe(1)
  })

  it('a target that watches brings the agent back, and users again and again', async () => {
    const { local, get } = await serving({ count: 2, isRevived: true })
    onTestFinished(local.target().watch(() => undefined))
    const before = await instancePids(local.folder, BLUE)
    for (let kill = 0; kill < 3; kill += 1) {
      await killAgentOf(local)
      await eventually('users are served', async () => (await get()) !== '')
    }
    await untilReady(local, BLUE, 2)
    expect(await instancePids(local.folder, BLUE)).toEqual(before)
    await local.reconnect()
  })

  it('no line is lost that was printed while no agent was there', async () => {
    const { local } = await serving({ count: 1 })
    const [instance] = await recordsOf(local)
    await local.killAgent()
    for (let number = 0; number < 200; number += 1) {
      await fetch(`${instance?.origin}/log?text=alone-${number}-`, { signal })
    }
    await local.reconnect()
    const text = await eventually('the last line', async () => {
      const seen = await logged(local)
      return seen.includes('alone-199-') && seen
    })
    expect([...text.matchAll(/stdout alone-(\d+)-\n/g)].map(([, number]) => Number(number))).toEqual(
      Array.from({ length: 200 }, (_, number) => number),
    )
  })

  it('an instance that waits to print goes on once somebody reads again', async () => {
    const { local, get } = await serving({ count: 1 })
    const [instance] = await recordsOf(local)
    await local.killAgent()
    const printing = fetch(`${instance?.origin}/log?times=300&text=${'x'.repeat(2000)}`, { signal })
    await local.reconnect()
    expect((await printing).status).toBe(200)
    await eventually('all is written', async () => (await logged(local)).match(/x{2000}\n/g)?.length === 300)
    expect(await get()).toContain('one')
  })

  it('an instance that died meanwhile is replaced, and the others go on', async () => {
    const { local, get } = await serving({ count: 3 })
    const before = await instancePids(local.folder, BLUE)
    const [victim = 0, ...others] = before
    await local.killAgent()
    process.kill(victim, 'SIGKILL')
    await local.reconnect()
    expect(JSON.parse(await get())).toMatchObject({ color: 'blue' })
    await untilReady(local, BLUE, 3)
    const after = await instancePids(local.folder, BLUE)
    expect(after).toHaveLength(3)
    expect(after).toEqual(expect.arrayContaining(others))
    expect(after).not.toContain(victim)
  })

  it('an instance that dies later is noticed and started again, with all that it had started', async () => {
    const { local, get } = await serving({ count: 2, spec: { config: { MODE: 'forks' } } })
    await local.killAgent()
    await local.reconnect()
    const [victim = 0] = await instancePids(local.folder, BLUE)
    process.kill(victim, 'SIGKILL')
    await eventually('another one takes its place', async () => {
      const pids = await instancePids(local.folder, BLUE)
      return pids.length === 2 && !pids.includes(victim)
    })
    await untilReady(local, BLUE, 2)
    await eventually('nothing of it is left', async () => {
      const groups = await instanceGroups(local.folder)
      return groups.size === 2 && !groups.has(victim)
    })
    expect(await get()).toContain('one')
  })

  it('a process that is not surely the instance is replaced', async () => {
    const { local, get } = await serving({ count: 2 })
    const before = await instancePids(local.folder, BLUE)
    await local.killAgent()
    const [doubtful] = await recordsOf(local)
    if (doubtful === undefined) throw new Error('nothing is recorded')
    await writeFile(doubtful.path, JSON.stringify({ ...doubtful.recorded, start: 'another time' }))
    await local.reconnect()
    await untilReady(local, BLUE, 2)
    await eventually('it is ended', async () => !(await isRunning(doubtful.recorded.pid)))
    const others = before.filter(pid => pid !== doubtful.recorded.pid)
    expect(await instancePids(local.folder, BLUE)).toEqual(expect.arrayContaining(others))
    expect((await instanceGroups(local.folder)).size).toBe(2)
    expect(await get()).toContain('one')
  })

  it('nothing new is started from a bundle that was changed meanwhile', async () => {
    const { local, workload } = await serving({ count: 1 })
    const [pid = 0] = await instancePids(local.folder, BLUE)
    await local.killAgent()
    const bundle = join(local.folder, 'bundles', workload.artifact.digest.slice('sha256:'.length))
    await writeFile(join(bundle, 'added.mjs'), '')
    await local.reconnect()
    process.kill(pid, 'SIGKILL')
    const problem = await eventually('a problem', async () => (await slotOf(local, 'blue'))?.problem)
    expect(problem).toMatch(/has ended/)
    const later = await eventually('another problem', async () => {
      const told = (await slotOf(local, 'blue'))?.problem
      return told?.includes('was changed on the disk') === true && told
    })
    expect(later).toContain('sluice down')
    expect((await instanceGroups(local.folder)).size).toBe(0)
  })

  it('nothing is left over and no port is lost, whenever it is killed', { timeout: 120_000 }, async () => {
    const { local, workload, get } = await serving({ count: 2, isRevived: true })
    onTestFinished(local.target().watch(() => undefined))
    const next = await local.workload({ service: 'web', version: 'two' })
    const load = startLoad(() => get())
    const random = seededRandom(5)
    const { hello } = await agentOf(local)
    const ports = await listeningPorts(hello.pid)
    for (let round = 0; round < 10; round += 1) {
      const { act, again, counts } = planned({ local, workload, next, dice: random() })
      const acting = act().catch(expectAway)
      await new Promise(resolve => setTimeout(resolve, random() * 120))
      await killAgentOf(local)
      await acting
      await eventually('the act is repeated', async () => {
        await again()
        return true
      })
      for (const [slot, count] of counts) {
        await eventually(`${slot.color} has ${count} in round ${round}`, async () => {
          const seen = await slotOf(local, slot.color)
          return count === 0 ? (seen?.total ?? 0) === 0 : seen?.ready === count && seen.total === count
        })
      }
      const total = counts.reduce((sum, [, count]) => sum + count, 0)
      await eventually(`${total} groups in round ${round}`, async () => {
        return (await instanceGroups(local.folder)).size === total
      })
      expect(await get()).toContain('one')
    }
    await load.stop()
    const after = await agentOf(local)
    expect(await listeningPorts(after.hello.pid)).toEqual(ports)
    await local.reconnect()
  })
})

/** One act of an engine, how it is repeated after a crash, and how many instances are there in the end. */
function planned(o: { local: LocalAgent; workload: Workload; next: Workload; dice: number }) {
  const { local, workload, next, dice } = o
  const blue = 1 + Math.floor(dice * 3)
  const isRetired = dice < 0.5
  const act = async () => {
    const target = local.target()
    await target.provision(BLUE, workload, blue, turn)
    if (isRetired) await target.retire(GREEN, turn)
    else await target.provision(GREEN, next, 1, turn)
  }
  const counts: readonly (readonly [Slot, number])[] = [
    [BLUE, blue],
    [GREEN, isRetired ? 0 : 1],
  ]
  return { act, again: act, counts }
}

function expectAway(error: unknown): void {
  expect(error).toBeInstanceOf(TargetUnavailable)
}

async function agentOf(local: LocalAgent) {
  return await eventually('an agent answers', async () => {
    const agent = await connectAgent(local.folder)
    await agent?.close()
    return agent
  })
}

/** kill -9 of whichever agent is there. */
async function killAgentOf(local: LocalAgent): Promise<void> {
  const { hello } = await agentOf(local)
  process.kill(hello.pid, 'SIGKILL')
  await eventually('it is gone', async () => !(await isRunning(hello.pid)))
}

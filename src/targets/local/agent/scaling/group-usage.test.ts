import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../../../test/harness/eventually.ts'
import { groupUsage, parsePs, usageByPs } from './group-usage.ts'

/** A process group of its own: a process that holds 50 MB, and a child of it that burns until it has taken half a second. */
async function groupUnderTest(): Promise<number> {
  const burn = 'while (process.cpuUsage().user < 500_000);'
  const parent = `const held = Buffer.alloc(50e6, 1)
    require('node:child_process').spawn(process.execPath, ['-e', '${burn}']).on('exit', () => console.log(held.length))
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['-e', parent], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid = 0 } = child
  onTestFinished(async () => {
    process.kill(-pid, 'SIGKILL')
    await once(child, 'exit')
  })
  await once(child.stdout, 'data')
  return pid
}

describe('what a process group uses', () => {
  it('counts the processor time of every process, also of one that has ended, and memory', async () => {
    const group = await groupUnderTest()
    const usage = await eventually('the usage', async () => (await groupUsage(new Set([group]))).get(group))
    expect(usage.cpuSeconds).toBeGreaterThan(0.5)
    expect(usage.cpuSeconds).toBeLessThan(10)
    expect(usage.memoryBytes).toBeGreaterThan(50e6)
    expect(usage.memoryBytes).toBeLessThan(500e6)
  })

  it('is much the same by ps', async () => {
    const group = await groupUnderTest()
    const groups = new Set([group])
    const [usage, byPs] = [(await groupUsage(groups)).get(group), (await usageByPs(groups)).get(group)]
    expect(byPs?.memoryBytes).toBeGreaterThan((usage?.memoryBytes ?? Number.POSITIVE_INFINITY) / 2)
    expect(byPs?.cpuSeconds).toBeLessThan(10)
  })

  it('tells nothing of a group that is gone, nor of another one', async () => {
    const group = await groupUnderTest()
    const usage = await groupUsage(new Set([group, 2 ** 30]))
    expect([...usage.keys()]).toEqual([group])
  })

  it.each([
    {
      system: 'Linux',
      text: '  412 00:01:26 17380\n  412 1-02:03:04  1024\n    9 00:00:01 5\n',
      seconds: 93_870,
    },
    { system: 'macOS', text: '  412   1:26.50  17380\n  412 620:00.25   1024\n', seconds: 37_286.75 },
  ])('reads what ps of $system prints', ({ text, seconds }) => {
    expect([...parsePs(text, new Set([412]))]).toEqual([
      [412, { cpuSeconds: seconds, memoryBytes: 18_404 * 1024 }],
    ])
  })
})

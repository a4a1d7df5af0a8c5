import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../../../../test/harness/file-tree.ts'
import { needs } from '../../../../test/harness/needs.ts'
import { endLeftovers, leftFolders } from './leftovers.ts'
import {
  groupHasEnvironment,
  isGroupAlive,
  processStart,
  signalGroup,
  startByPs,
} from './process-identity.ts'

function sleeper(environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
    env: environment,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.pid === undefined) throw new Error('not started')
  return { child, pid: child.pid }
}

describe('a process', () => {
  it('is told from another one by when it started', async () => {
    const { child, pid } = sleeper()
    expect(await processStart(pid)).toBe(await processStart(pid))
    expect(await processStart(pid)).not.toBe(await processStart(process.pid))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await processStart(pid)).toBeUndefined()
    expect(await isGroupAlive(pid)).toBe(false)
  })

  it.runIf(needs('ps', 'apt-get install -y procps'))('is told so by ps as well', async () => {
    expect(await startByPs(process.pid)).toMatch(/\d\d:\d\d:\d\d/)
    expect(await startByPs(2 ** 22 + 1)).toBeUndefined()
  })

  it('is never signalled as a group that would mean everybody', () => {
    for (const group of [0, 1, -1, Number.NaN])
      expect(() => signalGroup(group, 'SIGKILL')).toThrow(RangeError)
  })

  it.runIf(process.platform === 'linux')('is found by what its environment holds', async () => {
    const { pid } = sleeper({ SLUICE_ROOT: '/some/where/root' })
    await expect.poll(() => groupHasEnvironment(pid, 'SLUICE_ROOT=/some/where/')).toBe(true)
    expect(await groupHasEnvironment(pid, 'SLUICE_ROOT=/else/where/')).toBe(false)
  })
})

describe('endLeftovers', () => {
  it('ends what an instance left running, and neither what is kept nor a process that only has its pid', async () => {
    const folder = await temporaryFolder()
    const [mine, stranger, kept] = [sleeper(), sleeper(), sleeper()]
    const record = async (name: string, recorded: unknown) => {
      await mkdir(join(folder, name))
      await writeFile(join(folder, name, 'process.json'), JSON.stringify(recorded))
    }
    await record('dev.web-blue-1', { pid: mine.pid, start: await processStart(mine.pid) })
    await record('dev.web-blue-2', { pid: stranger.pid, start: 'some other time' })
    const ended = once(mine.child, 'exit')
    await record('dev.web-blue-3', { pid: kept.pid, start: await processStart(kept.pid) })
    const names = await leftFolders(folder)
    await endLeftovers({ instancesFolder: folder, names, kept: new Set(['dev.web-blue-3']) })
    await ended
    expect(stranger.child.exitCode).toBeNull()
    expect(await isGroupAlive(stranger.pid)).toBe(true)
    expect(await isGroupAlive(kept.pid)).toBe(true)
    expect(await leftFolders(folder)).toEqual(['dev.web-blue-3'])
  })
})

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { weightsFor } from '../../src/model/color.ts'
import type { Slot } from '../../src/targets/target.ts'
import { eventually } from '../harness/eventually.ts'
import {
  ENVIRONMENT,
  type LocalAgent,
  type LocalAgentOptions,
  startLocalAgent,
} from '../harness/local-agent.ts'
import { lacks } from '../harness/needs.ts'
import { canMakeDisks, makeDisk } from '../harness/small-disk.ts'

const signal = AbortSignal.timeout(600_000)
const turn = { fence: [1, 1, 1, 1], signal } as const
const BLUE: Slot = { environment: ENVIRONMENT, service: 'web', color: 'blue' }
const MEBIBYTE = 1024 ** 2
const tellsMemory = process.platform === 'linux' || lacks('only Linux tells the memory of a process in /proc')

/** One instance that users are sent to. */
async function serving(mode: string, options: LocalAgentOptions = {}) {
  const local = await startLocalAgent(options)
  onTestFinished(() => local.end())
  const users = await local.users()
  const workload = await local.workload({ service: 'web', spec: { config: { MODE: mode } } })
  await local.target().provision(BLUE, workload, 1, turn)
  await eventually('blue is ready', async () => {
    return (await local.target().observe(BLUE, signal)).slots.blue?.ready === 1
  })
  await local.target().shift(BLUE, weightsFor('blue', 100), turn)
  const get = async (path = '/') => {
    const response = await fetch(`${users}/web${path}`, { signal: AbortSignal.timeout(5000) })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return await response.text()
  }
  return { local, get }
}

async function logFiles(local: LocalAgent): Promise<readonly string[]> {
  const folder = join(local.folder, 'logs', ENVIRONMENT, 'web')
  return (await readdir(folder)).map(name => join(folder, name))
}

async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1]) * 1024
}

describe('an instance that prints without end', () => {
  it.runIf(tellsMemory)(
    'fills neither disk nor memory, and users are served',
    { timeout: 120_000 },
    async () => {
      const { local, get } = await serving('floods')
      const sizes = await eventually(
        'its files were turned over',
        async () => {
          expect(await get()).toContain('one')
          const files = await logFiles(local)
          return files.length === 5 && (await Promise.all(files.map(async file => (await stat(file)).size)))
        },
        60,
      )
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10 * MEBIBYTE)
      expect(await residentBytes(local.agent().hello.pid)).toBeLessThan(400 * MEBIBYTE)
    },
  )
})

describe.runIf(canMakeDisks())('an agent whose disk is full', () => {
  it('serves users, says what keeps it from switching, and goes on when there is space', {
    timeout: 120_000,
  }, async () => {
    const disk = await makeDisk(24)
    onTestFinished(() => disk.end())
    const { local, get } = await serving('good', { place: disk.folder })
    const [file = ''] = await logFiles(local)
    disk.fill()
    const shift = async () => await local.target().shift(BLUE, weightsFor('blue', 100), turn)
    const said = await eventually('a switch that is not kept', () =>
      shift().then(
        () => undefined,
        (error: unknown) => String(error),
      ),
    )
    expect(said).toMatch(/the disk of its folder is full \(ENOSPC\); free some space/)
    for (let number = 0; number < 20; number += 1) await get(`/log?times=50&text=${'lost'.repeat(100)}`)
    expect(await get()).toContain('one')
    const { slots } = await local.target().observe(BLUE, signal)
    expect(slots.blue).toMatchObject({ desired: 1, ready: 1 })

    disk.free()
    await shift()
    const text = await eventually('lines are kept again', async () => {
      await get('/log?text=kept')
      const seen = await readFile(file, 'utf8')
      return seen.includes('stdout kept\n') && seen
    })
    expect(text).toMatch(/\n\(\d+ lines could not be written here\)\n/)
  })
})
